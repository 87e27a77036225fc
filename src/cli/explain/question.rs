//! What is asked of each picture, as the command line says it.

use crate::cli::Failure;
use crate::data::shown;
use crate::emotion::{self, Emotion};
use crate::explain::{ColourMap, ExplainError, Look, Method, Request, Target, Versus};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::PathBuf;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct Question {
    /// How evidence is found [default: grad-cam, with --versus finer-cam].
    #[arg(long, value_parser = method_parser())]
    method: Option<Method>,
    /// The layer whose map it is (help lists them) [default: the last ReLU].
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
    /// What the map speaks for: predicted, true (the label in a picture's name, or the one in the run's manifest), or a
    /// class.
    #[arg(long, value_name = "CLASS", default_value = "predicted", value_parser = target)]
    class: Target,
    /// The class that it speaks against: why the one and not the other (finer-cam).
    #[arg(long, value_name = "CLASS", value_parser = class)]
    versus: Option<Emotion>,
    /// With finer-cam: how much of the other class's logit is taken away [default: 1].
    #[arg(long, value_parser = number::<0, 100>, allow_negative_numbers = true)]
    alpha: Option<f64>,
    /// Evidence against the class, too: blue against, red for, whatever --colours says.
    #[arg(long)]
    signed: bool,
    /// The mean of the map of the picture and that of its mirror image.
    #[arg(long)]
    flip: bool,
    /// How evidence is coloured.
    #[arg(long, default_value = "jet", value_parser = colours_parser())]
    colours: ColourMap,
    /// How much of the map lies over the picture, 0 to 1; the rest is the picture.
    #[arg(long, default_value = "0.5", value_parser = number::<0, 1>, allow_negative_numbers = true)]
    opacity: f64,
    /// With integrated-gradients: gradients on the way to the picture [default: 64].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    steps: Option<u16>,
    /// With smooth-grad: noisy copies of the picture [default: 32].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    samples: Option<u16>,
    /// With smooth-grad: the noise's standard deviation as a share of the picture's range [default: 0.15].
    #[arg(long, value_parser = number::<0, 1>, allow_negative_numbers = true)]
    noise: Option<f64>,
    /// With smooth-grad: what the noise is drawn from [default: 0].
    #[arg(long)]
    seed: Option<u64>,
    /// With occlusion: the patch's side in pixels [default: 8].
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u16).range(1..=64))]
    patch: Option<u16>,
    /// With occlusion: pixels from one patch to the next, no more than its side [default: 4].
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u16).range(1..=64))]
    stride: Option<u16>,
}

impl Question {
    /// The request, or why it cannot be meant. `wants_channels`: the layer is also asked for its activations.
    pub fn request(&self, wants_channels: bool) -> Result<Request, Failure> {
        let method = match (self.method, self.versus) {
            (None, Some(_)) => Method::FinerCam,
            (method, _) => method.unwrap_or(Method::GradCam),
        };
        for (option, of, is_given) in [
            ("--versus", Method::FinerCam, self.versus.is_some()),
            ("--alpha", Method::FinerCam, self.alpha.is_some()),
            ("--steps", Method::IntegratedGradients, self.steps.is_some()),
            ("--samples", Method::SmoothGrad, self.samples.is_some()),
            ("--noise", Method::SmoothGrad, self.noise.is_some()),
            ("--seed", Method::SmoothGrad, self.seed.is_some()),
            ("--patch", Method::Occlusion, self.patch.is_some()),
            ("--stride", Method::Occlusion, self.stride.is_some()),
        ] {
            if is_given && method != of {
                return Err(Failure::refused(format!(
                    "{option} belongs to --method {of}, and this is {method}"
                )));
            }
        }
        if let (Target::Class(class), Some(versus)) = (self.class, self.versus)
            && class == versus
        {
            return Err(ExplainError::SameClass(class).into());
        }
        let layer = self.layer.as_deref();
        if layer.is_some_and(|layer| layer != "help") && !method.is_of_layer() && !wants_channels {
            return Err(Failure::refused(format!(
                "{method} looks at the picture's pixels and has no --layer"
            )));
        }
        let usual = Request::default();
        let count = |given: Option<u16>, usual: usize| given.map_or(usual, usize::from);
        let patch = count(self.patch, usual.patch);
        let stride = count(self.stride, usual.stride.min(patch));
        let request = Request {
            method,
            layer: self.layer.clone(),
            target: self.class,
            versus: self.versus.map_or(Versus::RunnerUp, Versus::Class),
            alpha: self.alpha.unwrap_or(usual.alpha),
            flip: self.flip,
            patch,
            stride,
            steps: count(self.steps, usual.steps),
            samples: count(self.samples, usual.samples),
            noise: self.noise.unwrap_or(usual.noise),
            seed: self.seed.unwrap_or(usual.seed),
        };
        request.check()?;
        Ok(request)
    }

    pub fn look(&self) -> Look {
        Look { colours: self.colours, opacity: self.opacity as f32, signed: self.signed }
    }

    /// Where the true class is asked about, it must be known of every picture before any is looked at.
    pub fn refuse_unknown_truth(
        &self,
        pictures: &[PathBuf],
        truths: &[Option<Emotion>],
    ) -> Result<(), Failure> {
        let unknown = pictures.iter().zip(truths).find(|(_, truth)| truth.is_none());
        match unknown {
            Some((path, _)) if self.class == Target::Truth => Err(Failure::refused(format!(
                "what {} truly shows is not known: its name does not end in _<class>, and no manifest of the run has it; name \
                 a class with --class",
                shown(path)
            ))),
            _ => Ok(()),
        }
    }
}

fn method_parser() -> impl TypedValueParser<Value = Method> {
    PossibleValuesParser::new(Method::ALL.map(Method::name))
        .try_map(|name| Method::parse(&name).ok_or("no such method"))
}

fn colours_parser() -> impl TypedValueParser<Value = ColourMap> {
    PossibleValuesParser::new(ColourMap::ALL.map(ColourMap::name))
        .try_map(|name| ColourMap::parse(&name).ok_or("no such colour map"))
}

fn target(name: &str) -> Result<Target, String> {
    match name {
        "predicted" => Ok(Target::Predicted),
        "true" => Ok(Target::Truth),
        _ => match Emotion::parse(name) {
            Some(class) => Ok(Target::Class(class)),
            None => Err(format!("predicted, true and the classes are known: {}", emotion::names())),
        },
    }
}

fn class(name: &str) -> Result<Emotion, String> {
    Emotion::parse(name).ok_or_else(|| format!("the classes are {}", emotion::names()))
}

/// A number within bounds.
fn number<const LOW: u32, const HIGH: u32>(text: &str) -> Result<f64, String> {
    let is_within = |number: &f64| (f64::from(LOW)..=f64::from(HIGH)).contains(number);
    let number = text.parse().ok().filter(is_within);
    number.ok_or_else(|| format!("it must be a number from {LOW} to {HIGH}"))
}

use super::*;
use crate::emotion::Emotion;
use crate::explain::{ExplainError, Method, Target, Versus};

fn refused(request: &Request) -> String {
    let photos = photos(1);
    explainer(&narrow("gimefive-no-bn", 2)).explain(&as_pictures(&photos), request).unwrap_err().to_string()
}

#[test]
fn numbers_outside_their_range_are_refused_in_a_sentence() {
    let ok = Request::default();
    let of = |method| Request { method, ..Request::default() };
    let wrong = [
        (Request { patch: 0, ..ok.clone() }, "patch = 0 is not possible: it must be 1 to 64"),
        (Request { patch: 65, ..ok.clone() }, "patch = 65 is not possible: it must be 1 to 64"),
        (Request { stride: 0, ..ok.clone() }, "stride = 0 is not possible: it must be 1 to 64"),
        (Request { steps: 4097, ..ok.clone() }, "steps = 4097 is not possible: it must be 1 to 4096"),
        (Request { samples: 0, ..ok.clone() }, "samples = 0 is not possible: it must be 1 to 4096"),
        (Request { noise: -0.1, ..ok.clone() }, "noise = -0.1 is not possible: it must be 0 to 1"),
        (Request { noise: f64::NAN, ..ok.clone() }, "noise = NaN is not possible: it must be 0 to 1"),
        (
            Request { alpha: f64::INFINITY, ..ok.clone() },
            "alpha = inf is not possible: it must be a finite number",
        ),
        (Request { alpha: 1e300, ..ok.clone() }, "it must be a finite number"),
        (
            Request { patch: 4, stride: 5, ..of(Method::Occlusion) },
            "a stride of 5 leaves gaps between patches of 4 pixels: take a stride of 4 or less",
        ),
    ];
    for (request, sentence) in wrong {
        let found = refused(&request);
        assert!(found.ends_with(sentence), "{found}");
    }
    assert!(ok.check().is_ok());
}

#[test]
fn a_layer_that_cannot_be_mapped_is_refused_with_those_that_can() {
    let of = |method, layer: &str| Request { method, layer: Some(layer.into()), ..Request::default() };
    let unknown = refused(&of(Method::GradCam, "relu6"));
    assert!(unknown.contains("did you mean 'relu1'?") || unknown.contains("did you mean 'relu"), "{unknown}");
    let flat = refused(&of(Method::GradCam, "features"));
    assert!(flat.contains("no height and width") && flat.contains("conv5, relu5"), "{flat}");
    assert!(refused(&of(Method::Cam, "relu5")).contains("take grad-cam"));
    let pooled = explainer(&gimefive(1, 1));
    let elsewhere = pooled.layer_of(&of(Method::Cam, "relu5")).unwrap_err().to_string();
    assert!(elsewhere.contains("'block5' alone"), "{elsewhere}");
    assert_eq!(
        pooled.layer_of(&Request { method: Method::Cam, ..Request::default() }).unwrap().unwrap(),
        "block5"
    );
    assert_eq!(pooled.layer_of(&Request::default()).unwrap().unwrap(), "relu5");
    assert_eq!(pooled.layer_of(&Request { method: Method::Occlusion, ..Request::default() }).unwrap(), None);
}

#[test]
fn a_class_that_is_not_known_or_held_against_itself_is_refused() {
    assert!(refused(&Request { target: Target::Truth, ..Request::default() }).contains("name a class"));
    let (target, versus) = (Target::Class(Emotion::Fear), Versus::Class(Emotion::Fear));
    let same = refused(&Request { target, versus, method: Method::FinerCam, ..Request::default() });
    assert!(same.contains("against itself"), "{same}");
    // Other methods hold nothing against it.
    let other = Request { target, versus, ..Request::default() };
    assert_eq!(explain(&explainer(&gimefive(1, 1)), &photos(1), &other)[0].class, Emotion::Fear);
}

#[test]
fn the_true_class_is_each_pictures_own() {
    let (explainer, photos) = (trained("plain"), photos(2));
    let truths = [Emotion::Disgust, Emotion::Sadness];
    let pictures: Vec<Picture> =
        photos.iter().zip(truths).map(|(pixels, truth)| Picture { pixels, truth: Some(truth) }).collect();
    let request = Request { target: Target::Truth, ..Request::default() };
    let found = explainer.explain(&pictures, &request).unwrap();
    for (i, truth) in truths.into_iter().enumerate() {
        let named = Request { target: Target::Class(truth), ..Request::default() };
        let alone = &explain(&explainer, &photos[i..=i], &named)[0];
        assert_eq!(found[i].class, truth);
        assert!(error(found[i].map.values(), alone.map.values()) < 1e-5);
    }
}

#[test]
fn what_is_no_longer_wanted_is_given_up_between_passes() {
    let (explainer, photos) = (trained("vgg"), photos(1));
    for method in [Method::Occlusion, Method::IntegratedGradients, Method::SmoothGrad] {
        let request = Request { method, samples: 64, ..Request::default() };
        let asked = std::cell::Cell::new(0);
        let wanted = || {
            asked.set(asked.get() + 1);
            asked.get() < 3
        };
        let found = explainer.explain_wanted(&as_pictures(&photos), &request, &wanted);
        assert!(matches!(found, Err(ExplainError::GivenUp)), "{method}");
        assert_eq!(asked.get(), 3, "{method}: nothing is done after the answer");
    }
    let never = explainer.explain_wanted(&as_pictures(&photos), &Request::default(), &|| false);
    assert!(matches!(never, Err(ExplainError::GivenUp)));
}

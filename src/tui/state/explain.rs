//! Why the network says of one picture what it says: the chosen row of the scores, asked about with one method, at one
//! layer, for one class.

mod acts;
#[cfg(test)]
pub(crate) mod tests;

use super::pictures::{PictureKey, Pictures, Seen};
use super::scores::Row;
use super::{Screen, State};
use crate::data::Photo;
use crate::emotion::Emotion;
use crate::explain::{self, ColourMap, Curves, Explanation, Look, Method, Target, Versus};
use crate::model::LayerShape;
use crate::run::{RunFolder, State as RunState};
use crate::tui::action::Tab;
use crate::tui::message::{Effect, RunEntry};
use std::sync::Arc;

/// Channels of a page.
pub const CHANNELS: usize = 32;
/// Pictures that were made and may be shown again.
const MOST_KEPT: usize = 24;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Look(Box<Request>),
    /// What was asked for is no longer wanted.
    Nothing,
}

/// One picture, what is asked about it, and how the answer is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub key: PictureKey,
    /// What the picture shows, where that is known.
    pub truth: Option<Emotion>,
    pub wish: Wish,
    pub shades: Shades,
    pub panel: Panel,
}

/// What is asked about a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    pub method: Choice,
    /// The last ReLU where none is named.
    pub layer: Option<String>,
    pub target: Target,
    pub versus: Versus,
    /// The mean of the picture's map and of its mirror image's.
    pub mirror: bool,
}

/// A method; Grad-CAM unless another one is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice(pub Method);

impl Default for Choice {
    fn default() -> Self {
        Self(Method::GradCam)
    }
}

impl Wish {
    pub fn request(&self) -> explain::Request {
        explain::Request {
            method: self.method.0,
            layer: self.layer.clone().filter(|_| self.method.0.is_of_layer() && self.method.0 != Method::Cam),
            target: self.target,
            versus: self.versus,
            flip: self.mirror,
            ..explain::Request::default()
        }
    }
}

/// How a map becomes a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shades {
    pub colours: ColourMap,
    /// Of the heat in the overlay, 0 to 100.
    pub percent: u8,
    pub signed: bool,
}

impl Default for Shades {
    fn default() -> Self {
        let Look { colours, opacity, signed } = Look::default();
        Self { colours, percent: (opacity * 100.0).round() as u8, signed }
    }
}

impl Shades {
    pub fn look(self) -> Look {
        Look { colours: self.colours, opacity: f32::from(self.percent) / 100.0, signed: self.signed }
    }
}

/// What stands beside the words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Panel {
    /// Picture, heat and overlay.
    #[default]
    Maps,
    /// How the probability falls and rises as what the map ranks highest is taken away and given back.
    Curves,
    /// The layer's channels, a page of them.
    Activations { page: usize },
    /// The training pictures that are most alike to the network.
    Nearest,
}

/// A picture and its PNG.
pub type Made = (Photo, Vec<u8>);

/// What came of it.
#[derive(Debug)]
pub enum Report {
    /// It takes a while: what is being done.
    Busy(Box<Request>, String),
    /// The answer, or why there is none, as a sentence.
    Found(Box<Request>, Result<Box<Found>, String>),
}

/// An answer.
#[derive(Debug, PartialEq)]
pub struct Found {
    pub explanation: Explanation,
    /// Where a map can be, in order.
    pub layers: Vec<LayerShape>,
    /// The methods that are defined on the network.
    pub methods: Vec<Method>,
    /// The share of the map in the parts of a face that the class moves, none where there is no evidence; and the share
    /// of the picture that they take.
    pub energy: (Option<f64>, f64),
    pub content: Content,
}

impl Found {
    /// Nothing speaks for the class.
    pub fn is_without_evidence(&self) -> bool {
        self.explanation.map.is_zero()
    }
}

/// What a panel shows.
#[derive(Debug, PartialEq)]
pub enum Content {
    /// Picture, heat and overlay.
    Maps([Made; 3]),
    Curves(Box<Faith>),
    Activations(Channels, Made),
    /// The most alike first.
    Nearest(Vec<Alike>),
}

/// Which channels of a layer are shown, of how many; the most active first.
#[derive(Clone, Debug, PartialEq)]
pub struct Channels {
    pub layer: String,
    /// The numbers and means of those that are shown.
    pub shown: Vec<(usize, f32)>,
    /// The place of the first of them.
    pub first: usize,
    pub count: usize,
    /// How many stand beside each other.
    pub columns: usize,
}

/// A training picture that is like the one that is explained.
#[derive(Clone, Debug, PartialEq)]
pub struct Alike {
    pub key: PictureKey,
    pub label: Emotion,
    /// Cosine of the angle between the features, -1 to 1.
    pub similarity: f32,
}

/// How faithful a map is to the network, beside one that knows nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Faith {
    pub map: Curves,
    pub random: Curves,
}

/// An answer with its pictures as the terminal has them.
#[derive(Debug)]
pub struct Answer {
    pub explanation: Explanation,
    pub layers: Vec<LayerShape>,
    pub energy: (Option<f64>, f64),
    pub shown: Shown,
}

/// What a panel shows, with pictures that are known to the terminal.
#[derive(Debug)]
pub enum Shown {
    Maps([Arc<Seen>; 3]),
    /// With a number of its own, by which a chart knows its curves again.
    Curves(Box<Faith>, u64),
    Activations(Channels, Arc<Seen>),
    Nearest(Vec<Alike>),
}

/// A row of the table of scores and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    pub row: Row,
    pub place: usize,
}

/// One picture and why it is taken for what.
#[derive(Debug, Default)]
pub struct Explain {
    wish: Wish,
    shades: Shades,
    panel: Panel,
    /// Where the way out leads to.
    from: Option<Tab>,
    /// The method from before finer-cam was asked for.
    before_rival: Choice,
    /// The run that the screen was last about.
    run: Option<RunFolder>,
    asked: Option<(Box<Request>, Subject, Stamp)>,
    /// An answer is on its way.
    waits: bool,
    busy: Option<String>,
    answer: Option<(Box<Request>, Subject, Result<Answer, String>)>,
    /// Where a map can be in the network of the run, and the layer that was looked at last.
    layers: Vec<String>,
    layer: Option<String>,
    /// The methods that are defined on the network of the run; none while that is not known.
    methods: Vec<Method>,
    /// What was made, the newest first.
    kept: Vec<Arc<Seen>>,
    answers: u64,
}

/// When this changes, the run may have other weights.
type Stamp = (RunState, Option<u64>);

/// What there is to show.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// What is shown, which is the picture before until the answer about the chosen one has come; none before there is
    /// any.
    pub subject: Option<&'a Subject>,
    /// With what it is an answer to.
    pub answer: Option<(&'a Request, Result<&'a Answer, &'a str>)>,
    /// What is being done.
    pub busy: Option<&'a str>,
}

impl Explain {
    /// What is known of a run.
    pub fn view(&self, run: &RunFolder) -> View<'_> {
        let asked = self.asked.as_ref().filter(|(request, ..)| request.key.run == *run);
        let answer = self.answer.as_ref().filter(|(request, ..)| request.key.run == *run);
        let busy = self.busy.as_deref();
        let is_other = |(request, ..): &&(Box<Request>, Subject, _)| {
            asked.is_some_and(|(wanted, ..)| wanted.key != request.key)
        };
        // What takes long is not waited for before another picture: its name with the maps of the one before would lie.
        let answer = answer.filter(|answer| busy.is_none() || !is_other(answer));
        match answer {
            Some((request, subject, result)) => {
                let result = result.as_ref().map_err(String::as_str);
                View { subject: Some(subject), answer: Some((request, result)), busy }
            }
            None => View { subject: asked.map(|(_, subject, _)| subject), answer: None, busy },
        }
    }

    /// The pictures of others that are to be seen.
    pub(super) fn pictures(&self) -> Vec<PictureKey> {
        match &self.answer {
            Some((_, _, Ok(Answer { shown: Shown::Nearest(alike), .. }))) => {
                alike.iter().map(|alike| alike.key.clone()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The picture as the terminal may have it already.
    fn seen(&mut self, (photo, png): Made, pictures: &mut Pictures) -> Arc<Seen> {
        let seen = match self.kept.iter().position(|kept| kept.photo == photo) {
            Some(at) => self.kept.remove(at),
            None => pictures.made(photo, png),
        };
        self.kept.insert(0, Arc::clone(&seen));
        self.kept.truncate(MOST_KEPT);
        seen
    }

    fn want_nothing(&mut self) -> Option<Effect> {
        (self.asked, self.busy) = (None, None);
        std::mem::take(&mut self.waits).then_some(Effect::Explain(Order::Nothing))
    }

    fn adopt(&mut self, found: Found, pictures: &mut Pictures) -> Answer {
        let Found { explanation, layers, methods, energy, content } = found;
        self.methods = methods;
        self.layers = layers.iter().map(|layer| layer.name.clone()).collect();
        self.layer = explanation.layer.clone().or(self.layer.take());
        let shown = match content {
            Content::Maps(made) => Shown::Maps(made.map(|made| self.seen(made, pictures))),
            Content::Curves(faith) => {
                self.answers += 1;
                Shown::Curves(faith, self.answers)
            }
            Content::Activations(channels, made) => Shown::Activations(channels, self.seen(made, pictures)),
            Content::Nearest(alike) => Shown::Nearest(alike),
        };
        Answer { explanation, layers, energy, shown }
    }
}

impl State {
    pub(super) fn take_explain(&mut self, report: Report) -> bool {
        let explain = &mut self.explain;
        let asked = explain.asked.as_ref().map(|(request, ..)| request);
        match report {
            Report::Busy(request, words) if asked == Some(&request) => {
                let words = Some(words);
                let is_new = explain.busy != words;
                explain.busy = words;
                is_new
            }
            Report::Found(request, found) if asked == Some(&request) => {
                let Some((_, subject, _)) = explain.asked.clone() else { return false };
                (explain.waits, explain.busy) = (false, None);
                let found = found.map(|found| explain.adopt(*found, &mut self.pictures));
                explain.answer = Some((request, subject, found));
                true
            }
            // Of an order before.
            _ => false,
        }
    }

    /// The chosen row names no picture, or there is none, as far as that is known.
    fn has_nothing_to_explain(&self) -> bool {
        let chosen = self.scores.row(self.scores.position());
        match (self.scores.seen(), chosen) {
            (Some(Err(_)), _) => true,
            (_, Some(row)) => row.line.content.is_err(),
            (Some(Ok(seen)), None) => seen.is_complete && seen.counts.shown == 0,
            (None, None) => false,
        }
    }

    /// What the screen shows and nobody has asked for yet.
    pub(super) fn ask_explain(&mut self) -> Option<Effect> {
        let visible = self.screen == Screen::Run && self.tab == Tab::Explain;
        let Some(entry) = self.current().filter(|_| visible) else {
            return self.explain.want_nothing();
        };
        let (run, stamp) = (entry.folder.clone(), stamp(entry));
        if self.explain.run.as_ref() != Some(&run) {
            // Another network may have other layers.
            (self.explain.wish.layer, self.explain.layer) = (None, None);
            self.explain.layers.clear();
            self.explain.methods.clear();
            self.explain.run = Some(run);
        }
        self.pictures.want(self.explain.pictures());
        if self.has_nothing_to_explain() {
            // The picture before would pass for the one that was chosen.
            self.explain.answer = None;
            return self.explain.want_nothing();
        }
        let place = self.scores.position();
        let row = self.scores.row(place)?.clone();
        let key = self.scores.picture(place)?;
        let truth = row.line.content.as_ref().ok()?.label;
        let explain = &mut self.explain;
        let Explain { wish, shades, panel, .. } = explain;
        let request = Box::new(Request { key, truth, wish: wish.clone(), shades: *shades, panel: *panel });
        let asked = (request.clone(), Subject { row, place }, stamp);
        if explain.asked.as_ref() == Some(&asked) {
            return None;
        }
        explain.asked = Some(asked);
        explain.waits = true;
        Some(Effect::Explain(Order::Look(request)))
    }
}

fn stamp(entry: &RunEntry) -> Stamp {
    (entry.state, entry.valid_accuracy.map(f64::to_bits))
}

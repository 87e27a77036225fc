//! What keys do where a picture is explained.

use super::{Answer, CHANNELS, Choice, Explain, Panel, Shown};
use crate::emotion::Emotion;
use crate::explain::{Method, Target, Versus};
use crate::tui::action::{Action, Tab};
use crate::tui::message::{Effect, Export};
use crate::tui::state::State;
use std::sync::Arc;

/// Of the heat in an overlay, in percent.
const STEP: u8 = 10;

impl State {
    /// Opens the explanation of the chosen picture; the way out leads back here.
    pub(in crate::tui::state) fn open_explain(&mut self) {
        if self.tab != Tab::Explain {
            self.explain.from = Some(self.tab);
            self.tab = Tab::Explain;
        }
    }

    /// Back to where one came from; `false` where that is not known.
    pub(in crate::tui::state) fn close_explain(&mut self) -> bool {
        let from = self.explain.from.take();
        self.tab = from.unwrap_or(self.tab);
        from.is_some()
    }

    pub(in crate::tui::state) fn act_in_explain(&mut self, action: Action) -> Vec<Effect> {
        let explain = &mut self.explain;
        match action {
            Action::PageUp | Action::PageDown if explain.turn(action == Action::PageDown) => {}
            Action::Left => return self.act_in_scores(Action::Up),
            Action::Right => return self.act_in_scores(Action::Down),
            Action::NextMethod => explain.next_method(1),
            Action::PreviousMethod => explain.next_method(Method::ALL.len() - 1),
            Action::NextClass => explain.next_class(true),
            Action::PreviousClass => explain.next_class(false),
            Action::NextRival => explain.next_rival(true),
            Action::PreviousRival => explain.next_rival(false),
            Action::HeatMore => explain.shades.percent = (explain.shades.percent + STEP).min(100),
            Action::HeatLess => explain.shades.percent = explain.shades.percent.saturating_sub(STEP),
            Action::NextColours => explain.shades.colours = explain.shades.colours.next(),
            Action::Signed => explain.shades.signed = !explain.shades.signed,
            Action::Mirror => explain.wish.mirror = !explain.wish.mirror,
            Action::NextView => explain.panel = explain.panel.next(),
            Action::NextLayer => self.next_layer(true),
            Action::PreviousLayer => self.next_layer(false),
            Action::NextSplit => self.next_split(),
            Action::Export => return self.export_explained().into_iter().collect(),
            action if self.move_in_scores(action) => {}
            _ => return self.act_on_run(action),
        }
        Vec::new()
    }

    fn next_layer(&mut self, forward: bool) {
        let explain = &mut self.explain;
        let sentence = match explain.wish.method.0 {
            Method::Cam => "cam is defined on one layer alone".into(),
            method if !method.is_of_layer() => format!("{method} looks at the pixels and not at a layer"),
            _ => {
                explain.next_layer(forward);
                return;
            }
        };
        self.say(sentence, false);
    }

    fn export_explained(&mut self) -> Option<Effect> {
        let run = self.current()?.folder.clone();
        let view = self.explain.view(&run);
        let (subject, (request, Ok(answer))) = (view.subject?, view.answer?) else { return None };
        let what = answer.explanation.layer.as_deref().unwrap_or("pixels");
        let (stem, pictures) = match &answer.shown {
            Shown::Maps(seen) => (format!("{}-{what}", request.wish.method.0), seen.to_vec()),
            Shown::Activations(channels, seen) => {
                let page = channels.first / CHANNELS + 1;
                (format!("activations-{page}"), vec![Arc::clone(seen)])
            }
            Shown::Curves(..) | Shown::Nearest(_) => {
                self.say("there is nothing to write here: v leads to the maps".into(), false);
                return None;
            }
        };
        let split = self.scores.split();
        let line = subject.row.line.line;
        let stem = format!("explain-{split}-{line}-{stem}");
        let pictures = pictures.iter().map(|seen| seen.photo.clone()).collect();
        Some(Effect::Export(Export::Pictures { folder: run, stem, pictures }))
    }
}

impl Explain {
    fn next_method(&mut self, by: usize) {
        let here = Method::ALL.iter().position(|method| *method == self.wish.method.0).unwrap_or(0);
        let others = (1..=Method::ALL.len()).map(|step| Method::ALL[(here + step * by) % Method::ALL.len()]);
        let is_defined = |method: &Method| self.methods.is_empty() || self.methods.contains(method);
        self.wish.method = others.into_iter().find(is_defined).map_or(self.wish.method, Choice);
    }

    fn next_layer(&mut self, forward: bool) {
        let last = self.layers.len().saturating_sub(1);
        let looked_at = self.wish.layer.as_ref().or(self.layer.as_ref());
        let Some(here) = self.layers.iter().position(|layer| Some(layer) == looked_at) else { return };
        let next = if forward { (here + 1).min(last) } else { here.saturating_sub(1) };
        self.wish.layer = self.layers.get(next).cloned();
    }

    fn next_class(&mut self, forward: bool) {
        let classes = Emotion::ALL.map(Target::Class);
        let all = [&[Target::Predicted, Target::Truth][..], &classes].concat();
        self.wish.target = next_of(&all, &self.wish.target, forward);
        if let (Target::Class(class), Versus::Class(rival)) = (self.wish.target, self.wish.versus)
            && class == rival
        {
            // A class against itself says nothing.
            self.wish.versus = Versus::RunnerUp;
        }
    }

    /// From no rival over the runner-up to each class but the one that is asked about, and round again.
    fn next_rival(&mut self, forward: bool) {
        let asked = self.class();
        let classes = Emotion::ALL.into_iter().filter(|class| Some(*class) != asked);
        let rivals = classes.map(|class| Some(Versus::Class(class)));
        let all: Vec<Option<Versus>> = [None, Some(Versus::RunnerUp)].into_iter().chain(rivals).collect();
        let is_held = self.wish.method.0 == Method::FinerCam;
        match next_of(&all, &is_held.then_some(self.wish.versus), forward) {
            None => self.wish.method = self.before_rival,
            Some(rival) => {
                if !is_held {
                    self.before_rival = self.wish.method;
                }
                (self.wish.method, self.wish.versus) = (Choice(Method::FinerCam), rival);
            }
        }
    }

    /// The class that is asked about, as far as it is known.
    fn class(&self) -> Option<Emotion> {
        let (request, subject, _) = self.asked.as_ref()?;
        match self.wish.target {
            Target::Predicted => subject.row.line.content.as_ref().ok().map(|scored| scored.prediction()),
            Target::Truth => request.truth,
            Target::Class(class) => Some(class),
        }
    }

    /// Turns a page; `false` where the panel has none.
    fn turn(&mut self, forward: bool) -> bool {
        let Panel::Activations { page } = &mut self.panel else { return false };
        let pages = match &self.answer {
            Some((_, _, Ok(Answer { shown: Shown::Activations(channels, _), .. }))) => {
                channels.count.div_ceil(CHANNELS)
            }
            _ => 1,
        };
        let next = if forward { *page + 1 } else { page.saturating_sub(1) };
        *page = next.min(pages.saturating_sub(1));
        true
    }
}

impl Panel {
    fn next(self) -> Self {
        match self {
            Self::Maps => Self::Curves,
            Self::Curves => Self::Activations { page: 0 },
            Self::Activations { .. } => Self::Nearest,
            Self::Nearest => Self::Maps,
        }
    }
}

/// The one after this, or before it, round and round; the first where it is none of them.
fn next_of<T: Clone + PartialEq>(all: &[T], this: &T, forward: bool) -> T {
    let by = if forward { 1 } else { all.len() - 1 };
    let next = all.iter().position(|one| one == this).map_or(0, |here| (here + by) % all.len());
    all[next].clone()
}

//! Where the network looked, epoch by epoch, in place of the charts.

use super::pictures::Seen;
use super::{Screen, State};
use crate::data::Photo;
use crate::emotion::Emotion;
use crate::run::RunFolder;
use crate::tui::action::{Action, Tab};
use crate::tui::graphics::Protocol;
use crate::tui::message::Effect;
use crate::tui::screens;
use std::sync::Arc;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Look, and look again while the run may go on. Another `number` stands for another order: what is asked for once
    /// more is answered once more.
    Look { number: u64, request: Request },
    /// What was asked for is no longer wanted.
    Nothing,
}

/// Some probes of a run after an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub run: RunFolder,
    /// The newest one where none is named.
    pub epoch: Option<u32>,
    /// The first probe and how many.
    pub first: usize,
    pub count: usize,
    /// With heat over the pictures.
    pub pictures: bool,
}

/// What came of it; no find of a run without a timeline.
#[derive(Debug)]
pub struct Report {
    pub request: Request,
    pub found: Result<Option<Found>, String>,
}

/// Probes of a timeline after an epoch. All texts are printable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    pub method: String,
    pub layer: String,
    /// All that there are.
    pub epochs: Vec<u32>,
    /// That of the maps; `None` as long as there is none.
    pub epoch: Option<u32>,
    pub step: u64,
    /// How many probes there are.
    pub probes: usize,
    /// The first of those below.
    pub first: usize,
    pub shown: Vec<ShownProbe>,
}

/// A probe and what the network says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownProbe {
    pub path: String,
    pub truth: Emotion,
    pub prediction: Emotion,
    /// Of the truth, 0 to 1.
    pub probability: f32,
    /// Share of the evidence where the expression shows, 0 to 1.
    pub energy: Option<f64>,
    /// The picture under its heat, and the same as PNG, on the way here; taken out of what is kept.
    pub overlay: Option<(Photo, Vec<u8>)>,
}

/// What is shown of the timeline.
#[derive(Debug, Default)]
pub struct Timeline {
    is_open: bool,
    /// The epoch that is wished for; the newest one, whichever that is, where none is.
    epoch: Option<u32>,
    first: usize,
    /// The run that all this is about.
    run: Option<RunFolder>,
    asked: Option<Request>,
    orders: u64,
    answer: Option<(RunFolder, Result<Option<Kept>, String>)>,
}

/// What was found, and its pictures as they are shown.
#[derive(Debug)]
pub struct Kept {
    pub found: Found,
    /// In the order of the shown probes.
    pub seen: Vec<Option<Arc<Seen>>>,
}

impl Timeline {
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    /// What is known of a run's timeline; `None` while that is on its way.
    pub fn shown(&self, run: &RunFolder) -> Option<Result<Option<&Kept>, &str>> {
        let (of, answer) = self.answer.as_ref()?;
        (of == run).then(|| answer.as_ref().map(Option::as_ref).map_err(String::as_str))
    }

    fn kept(&self) -> Option<&Kept> {
        self.answer.as_ref()?.1.as_ref().ok()?.as_ref()
    }

    pub(super) fn close(&mut self) -> bool {
        std::mem::take(&mut self.is_open)
    }

    /// Along the epochs; at the last one it stays with the newest.
    fn step(&mut self, action: Action) {
        let Some(epochs) = self.kept().map(|kept| &kept.found.epochs) else { return };
        let Some(last) = epochs.len().checked_sub(1) else { return };
        let here = self.epoch.map_or(last, |epoch| epochs.iter().rposition(|it| *it <= epoch).unwrap_or(0));
        let far = (epochs.len() / 10).max(2);
        let to = match action {
            Action::Left => here.saturating_sub(1),
            Action::FarLeft => here.saturating_sub(far),
            Action::Right => here + 1,
            Action::FarRight => here + far,
            Action::First => 0,
            _ => last,
        };
        self.epoch = if to >= last { None } else { epochs.get(to).copied() };
    }

    /// To other probes, where there is no room for all.
    fn turn(&mut self, back: bool, on_page: usize) {
        let Some(probes) = self.kept().map(|kept| kept.found.probes) else { return };
        self.first = match back {
            true => self.first.saturating_sub(on_page),
            false if self.first + on_page < probes => self.first + on_page,
            false => self.first,
        };
    }
}

impl State {
    /// Opens the timeline at the epoch of the cursor, or closes it.
    pub(super) fn switch_timeline(&mut self) {
        if self.timeline.close() {
            return;
        }
        self.timeline.is_open = true;
        self.timeline.epoch = self.epoch_at_cursor();
    }

    pub(super) fn act_in_timeline(&mut self, action: Action) -> Vec<Effect> {
        use Action::{Down, FarLeft, FarRight, First, Last, Left, PageDown, PageUp, Right, Up};
        match action {
            Left | Right | FarLeft | FarRight | First | Last => self.timeline.step(action),
            Up | PageUp | Down | PageDown => {
                let on_page = self.probes_on_page();
                self.timeline.turn(matches!(action, Up | PageUp), on_page);
            }
            _ => return self.act_on_run(action),
        }
        Vec::new()
    }

    /// How many probes there is room for.
    fn probes_on_page(&self) -> usize {
        let probes = self.timeline.kept().map(|kept| kept.found.probes);
        screens::timeline::on_page(self, probes.unwrap_or(2 * crate::emotion::CLASSES))
    }

    pub(super) fn take_timeline(&mut self, report: Report) -> bool {
        let Report { request, found } = report;
        if self.timeline.asked.as_ref() != Some(&request) {
            return false;
        }
        let before = self.timeline.kept().map(|kept| kept.seen.clone()).unwrap_or_default();
        if let Ok(Some(Found { probes, first, .. })) = found
            && first >= probes
        {
            // There are fewer probes than there were.
            self.timeline.first = 0;
        }
        let kept = found.map(|found| found.map(|found| self.kept(found, &before)));
        let is_new = match (&self.timeline.answer, &kept) {
            (Some((run, Ok(Some(a)))), Ok(Some(b))) => {
                *run != request.run || a.found != b.found || !same(&a.seen, &b.seen)
            }
            (Some((run, Ok(None))), Ok(None)) => *run != request.run,
            (Some((run, Err(a))), Err(b)) => *run != request.run || a != b,
            _ => true,
        };
        self.timeline.answer = Some((request.run, kept));
        is_new
    }

    /// A picture of which nothing has changed is not sent again.
    fn kept(&mut self, mut found: Found, before: &[Option<Arc<Seen>>]) -> Kept {
        let overlays: Vec<_> = found.shown.iter_mut().map(|probe| probe.overlay.take()).collect();
        let seen = overlays.into_iter().enumerate().map(|(place, overlay)| {
            let (photo, png) = overlay?;
            let same = before.get(place).and_then(Option::as_ref).filter(|seen| seen.photo == photo);
            Some(same.cloned().unwrap_or_else(|| self.pictures.made(photo, png)))
        });
        let seen = seen.collect();
        Kept { found, seen }
    }

    /// What the screen shows and nobody has asked for yet.
    pub(super) fn ask_timeline(&mut self) -> Option<Effect> {
        let is_visible = self.screen == Screen::Run && self.tab == Tab::Charts && self.timeline.is_open;
        let Some(run) = self.current().map(|entry| entry.folder.clone()) else {
            return self.want_no_timeline();
        };
        if self.timeline.run.as_ref() != Some(&run) {
            let asked = self.timeline.asked.take();
            let orders = self.timeline.orders;
            self.timeline = Timeline { asked, orders, run: Some(run.clone()), ..Timeline::default() };
            return self.want_no_timeline();
        }
        if !is_visible {
            return self.want_no_timeline();
        }
        let count = self.probes_on_page();
        // Another size of the terminal has other pages.
        self.timeline.first = self.timeline.first / count.max(1) * count.max(1);
        let request = Request {
            run,
            epoch: self.timeline.epoch,
            first: self.timeline.first,
            count,
            pictures: self.pictures.abilities.protocol() != Protocol::Off,
        };
        if self.timeline.asked.as_ref() == Some(&request) {
            return None;
        }
        self.timeline.asked = Some(request.clone());
        self.timeline.orders += 1;
        Some(Effect::Timeline(Order::Look { number: self.timeline.orders, request }))
    }

    fn want_no_timeline(&mut self) -> Option<Effect> {
        self.timeline.asked.take().map(|_| Effect::Timeline(Order::Nothing))
    }
}

fn same(a: &[Option<Arc<Seen>>], b: &[Option<Arc<Seen>>]) -> bool {
    let version = |seen: &Option<Arc<Seen>>| seen.as_ref().map(|seen| seen.version);
    a.iter().map(version).eq(b.iter().map(version))
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;

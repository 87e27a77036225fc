//! Reading a search again and again: what cannot have changed is not read anew.

use super::fates::Fates;
use super::ranking::{judge, order};
use super::rows::Rows;
use super::statuses::{Seen, Stamp, look};
use super::time_left::Pace;
use super::{Counts, Overview, RunSeen, SearchSummary};
use crate::config::MonitoredMetric;
use crate::data::printable;
use crate::run::{State, id_parts};
use crate::search::{EngineKind, Plan, Record, Sampler, Search, SearchError, SearchFolder, SearchState};
use std::collections::HashMap;
use std::sync::Arc;

/// Reads a search's overview whenever it is asked to. The plan is read again only after it has grown, and the status of
/// a run that has ended only after it was resumed.
#[derive(Debug)]
pub struct OverviewReader {
    folder: SearchFolder,
    /// Of what the rows were made from.
    stamps: Option<Stamps>,
    terms: Terms,
    record: Result<Record, String>,
    seen: HashMap<u64, Seen>,
    overview: Arc<Overview>,
}

/// Of the plan, the search's file and its base; and whether there was a record, which the search is not understood
/// without.
type Stamps = ([Option<Stamp>; 3], bool);

/// What the search's file and plan say, beside the rows.
#[derive(Debug, Default)]
struct Terms {
    retries: u32,
    /// Of the Slurm engine.
    throttle: Option<usize>,
    planned: u64,
    problem: Option<String>,
}

impl OverviewReader {
    /// Of a search that is looked at for the first time.
    pub fn new(folder: &SearchFolder) -> Self {
        let overview = Overview { summary: unread(folder), axes: Vec::new(), rows: Vec::new() };
        Self {
            folder: folder.clone(),
            stamps: None,
            terms: Terms::default(),
            record: Err(String::new()),
            seen: HashMap::new(),
            overview: Arc::new(overview),
        }
    }

    /// The search as it is now; the very same [`Arc`] as the time before where nothing has changed.
    ///
    /// # Errors
    /// As of [`Overview::read`].
    pub fn read(&mut self) -> Result<Arc<Overview>, SearchError> {
        if !self.folder.path().is_dir() {
            let path = self.folder.path();
            return Err(SearchError::read(path)(std::io::ErrorKind::NotFound.into()));
        }
        let mut record = Record::read(&self.folder).map_err(|error| error.to_string());
        let files = [self.folder.plan(), self.folder.file(), self.folder.base()];
        let stamps = Some((files.map(|file| Stamp::of(&file)), record.is_ok()));
        let replanned = self.stamps != stamps;
        if replanned {
            self.replan();
            self.stamps = stamps;
        }
        let state = record.as_ref().map_or(SearchState::Lost, Record::observed_state);
        if let Ok(record) = &mut record {
            // Only who wants to know whether the supervisor lives looks at it.
            record.heartbeat = 0.0;
        }
        let metric = self.overview.summary.metric;
        let (seen, unlisted) = match look(&self.folder, self.terms.planned, metric, &self.seen) {
            Ok(seen) => (seen, None),
            Err(error) => (std::mem::take(&mut self.seen), Some(error.to_string())),
        };
        let problem = self.problem(&record, state, unlisted);
        let summary = &self.overview.summary;
        let same = summary.state == state && summary.problem == problem && self.record == record;
        if replanned || !same || self.seen != seen {
            (self.record, self.seen) = (record, seen);
            self.update(state, problem);
        }
        Ok(Arc::clone(&self.overview))
    }

    /// Reads what is searched, and makes the rows of it.
    fn replan(&mut self) {
        let overview = Arc::make_mut(&mut self.overview);
        self.terms = Terms::default();
        self.seen.clear();
        let search = Search::of_folder(&self.folder);
        let summary = &mut overview.summary;
        overview.axes = match search {
            Ok(search) => {
                self.terms.retries = search.retries;
                self.terms.throttle = search.slurm.as_ref().and_then(|slurm| slurm.throttle);
                summary.name = printable(&search.name).into_owned();
                summary.sampler = sampler_name(search.sampler);
                summary.metric = search.metric;
                search.axes
            }
            Err(error) => {
                self.terms.problem = Some(error.to_string());
                Vec::new()
            }
        };
        let mut rows = Rows::new(&self.folder, std::mem::take(&mut overview.axes));
        match Plan::lines(&self.folder) {
            Ok(lines) => {
                for line in lines {
                    match line {
                        Ok(run) => rows.add(run),
                        Err(error) => {
                            self.terms.problem = Some(error.to_string());
                            break;
                        }
                    }
                }
            }
            Err(error) => self.terms.problem = Some(error.to_string()),
        }
        self.terms.planned = rows.planned;
        (overview.axes, overview.rows) = rows.finish();
    }

    fn problem(
        &self,
        record: &Result<Record, String>,
        state: SearchState,
        unlisted: Option<String>,
    ) -> Option<String> {
        let of_record = match record {
            Err(error) => Some(error.clone()),
            Ok(record) => record.problem.clone().or_else(|| {
                (state == SearchState::Lost)
                    .then(|| "its supervisor is gone without having said why; --resume goes on".into())
            }),
        };
        let problem = self.terms.problem.clone().or(unlisted).or(of_record)?;
        Some(printable(&problem).into_owned())
    }

    /// Puts what the record and the runs say into the overview.
    fn update(&mut self, state: SearchState, problem: Option<String>) {
        let overview = Arc::make_mut(&mut self.overview);
        let record = self.record.as_ref().ok();
        let fate = Fates { state, record, retries: self.terms.retries };
        let mut counts = Counts::default();
        let mut pace = Pace::default();
        for row in &mut overview.rows {
            for run in &mut row.runs {
                let seen = self.seen.get(&run.number);
                show(run, seen);
                let given_up = fate.given_up(run.number);
                if let Some(reason) = given_up.filter(|_| is_unbegun(run.state)) {
                    run.state = Some(State::Failed);
                    run.reason = Some(printable(reason).into_owned());
                }
                fate.of(run.number, seen).count(seen, &mut counts, &mut pace);
            }
            judge(row);
        }
        let metric = overview.summary.metric;
        overview.rows.sort_by(|a, b| order(metric, a, b));
        let summary = &mut overview.summary;
        (summary.state, summary.problem, summary.counts) = (state, problem, counts);
        summary.best = overview.rows.first().and_then(|row| row.mean);
        summary.engine = record.map_or(EngineKind::Local, |record| record.engine);
        let asked = record.and_then(|record| record.throttle);
        summary.throttle = match summary.engine {
            EngineKind::Local => asked,
            EngineKind::Slurm => asked.or(self.terms.throttle),
        };
        pace.at_once = at_once(summary, record);
        let goes_on = matches!(state, SearchState::Planned | SearchState::Running);
        summary.seconds_left = if goes_on { pace.seconds_left() } else { None };
    }
}

/// How many runs are trained at once, as far as it is known; the running ones are so many at least.
fn at_once(summary: &SearchSummary, record: Option<&Record>) -> usize {
    let slots = record.map_or(0, |record| record.slots.len());
    match (summary.engine, summary.throttle) {
        (EngineKind::Local, Some(throttle)) => slots.min(throttle),
        (EngineKind::Local, None) => slots,
        (EngineKind::Slurm, throttle) => throttle.unwrap_or_default(),
    }
}

fn sampler_name(sampler: Sampler) -> &'static str {
    match sampler {
        Sampler::Grid => "grid",
        Sampler::Random { .. } => "random",
        Sampler::Asha { .. } => "asha",
    }
}

/// What is known of a search without opening a file of it.
fn unread(folder: &SearchFolder) -> SearchSummary {
    let id = folder.id();
    let (created, name) = id_parts(&id).unwrap_or((0.0, &id));
    SearchSummary {
        folder: folder.clone(),
        created,
        name: printable(name).into_owned(),
        id: printable(&id).into_owned(),
        state: SearchState::Lost,
        engine: EngineKind::Local,
        sampler: "unknown",
        metric: MonitoredMetric::ValidAccuracy,
        counts: Counts::default(),
        throttle: None,
        seconds_left: None,
        best: None,
        problem: None,
    }
}

/// Whether a run says of itself only that it is still to come.
fn is_unbegun(state: Option<State>) -> bool {
    matches!(state, None | Some(State::Queued | State::Preempted))
}

fn show(run: &mut RunSeen, seen: Option<&Seen>) {
    let Some(seen) = seen else {
        (run.state, run.reason, run.value, run.test_accuracy) = (None, None, None, None);
        (run.epoch, run.epochs, run.halved) = (0, 0, false);
        return;
    };
    run.state = Some(seen.state);
    run.reason.clone_from(&seen.reason);
    (run.epoch, run.epochs, run.halved) = (seen.epoch, seen.epochs, seen.halved);
    (run.value, run.test_accuracy) = (seen.value, seen.test_accuracy);
}

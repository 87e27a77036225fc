//! The file of a search: TOML, unknown fields refused, every error with its line.

use super::axes;
use super::conditions;
use super::{LocalEngine, Sampler, Search, SlurmEngine};
use crate::config::{self, ConfigError, MonitoredMetric, RunConfig, explain, newlines_before};
use crate::data::{printable, shown};
use crate::device::DeviceChoice;
use crate::search::SearchError;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table};

/// A search's file, understood as far as it can be without its base.
pub(super) struct SearchFile<'a> {
    text: &'a str,
    path: PathBuf,
    written: Written,
    /// Where each axis stands in the text, in bytes.
    axis_places: BTreeMap<String, usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Option<Spanned<String>>,
    base: Option<Spanned<String>>,
    #[serde(default)]
    sampler: SamplerName,
    trials: Option<Spanned<i64>>,
    sampler_seed: Option<Spanned<i64>>,
    metric: Option<MonitoredMetric>,
    seeds: Option<Spanned<Vec<i64>>>,
    retries: Option<Spanned<i64>>,
    asha: Option<Spanned<Asha>>,
    #[serde(default)]
    axes: Table,
    #[serde(default)]
    conditions: Vec<Spanned<WrittenCondition>>,
    #[serde(default)]
    engine: Engines,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SamplerName {
    #[default]
    Grid,
    Random,
    Asha,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asha {
    eta: Option<Spanned<i64>>,
    min_epochs: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenCondition {
    pub when: Table,
    pub skip: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Engines {
    local: Option<WrittenLocal>,
    slurm: Option<WrittenSlurm>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrittenLocal {
    slots: Option<Spanned<Slots>>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a device, or a list of devices as in [\"cuda:0\", \"cuda:1\"]")]
enum Slots {
    One(String),
    Several(Vec<String>),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrittenSlurm {
    throttle: Option<Spanned<i64>>,
    sbatch: Vec<String>,
    setup: String,
    poll_seconds: Option<Spanned<f64>>,
}

const POLL_SECONDS: f64 = 15.0;
/// Draws of a sampler and values of a list: more is a typing error.
const MOST_TRIALS: i64 = 1_000_000_000;

impl<'a> SearchFile<'a> {
    /// Reads the text; `path` names it in errors, and what it names stands beside it.
    pub fn read(text: &'a str, path: &Path) -> Result<Self, SearchError> {
        // Fails only without a current folder; what follows names the path then.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let written = toml::from_str(text).map_err(|error| {
            let reason = explain(error.message());
            match error.span() {
                Some(span) => refusal(text, &path, span.start, reason),
                None => SearchError::content(&path, reason),
            }
        })?;
        Ok(Self { axis_places: axis_places(text), text, path, written })
    }

    /// The config that every run is made from.
    pub fn base(&self) -> Result<RunConfig, SearchError> {
        let Some(base) = &self.written.base else {
            let reason = "base is missing: the config that every run is made from, as in base = \"../gimefive-rafdb.toml\"";
            return Err(self.refusal(None, reason));
        };
        let path = self.path.parent().unwrap_or(Path::new("")).join(base.get_ref());
        config::from_file(&path, &[]).map_err(|error| match error {
            ConfigError::Read { .. } => self.refusal(
                Some(base.span().start),
                format!("{error}; base is taken from where this file stands"),
            ),
            // It has named the file.
            ConfigError::Syntax { .. } => error.into(),
            error => self.refusal(Some(base.span().start), format!("its base, {}: {error}", shown(&path))),
        })
    }

    /// The search over `base`.
    pub fn search(&self, base: RunConfig) -> Result<Search, SearchError> {
        let sampler = self.sampler()?;
        let axes = axes::read(&self.written.axes, sampler == Sampler::Grid, self)?;
        let conditions = conditions::read(&self.written.conditions, &axes, self)?;
        let metric = self.written.metric.unwrap_or(base.train.early_stopping.metric);
        let retries = self.whole(&self.written.retries, "retries", 0..=100)?;
        let search = Search {
            name: self.name()?,
            file: self.path.clone(),
            seeds: self.seeds(&base)?,
            base,
            sampler,
            metric,
            retries: retries.unwrap_or(1) as u32,
            axes,
            conditions,
            local: self.local()?,
            slurm: self.slurm()?,
        };
        conditions::check(&search, &self.written.conditions, self)?;
        if search.axes.is_empty() && search.seeds.len() == 1 {
            let reason = "there is nothing to search: give [axes] a field with its values, as in \"train.learning_rate\" = [0.01, 0.001], or seeds more than one";
            return Err(self.refusal(None, reason));
        }
        Ok(search)
    }

    /// An error at a place of the text.
    pub fn refusal(&self, position: Option<usize>, reason: impl Display) -> SearchError {
        match position {
            Some(position) => refusal(self.text, &self.path, position, reason),
            None => SearchError::content(&self.path, reason),
        }
    }

    /// An error about an axis.
    pub fn refused_axis(&self, field: &str, reason: impl Display) -> SearchError {
        self.refusal(self.axis_places.get(field).copied(), reason)
    }

    /// Where an axis stands in the text.
    pub fn axis_place(&self, field: &str) -> usize {
        self.axis_places.get(field).copied().unwrap_or(usize::MAX)
    }

    fn name(&self) -> Result<String, SearchError> {
        let Some(name) = &self.written.name else {
            let stem = self.path.file_stem().unwrap_or_default().to_string_lossy();
            let letter = |c: char| if is_plain(c) { c } else { '-' };
            let name: String = stem.chars().map(letter).take(LONGEST_NAME).collect();
            return Ok(if name.is_empty() { "search".into() } else { name });
        };
        let text = name.get_ref();
        if !text.is_empty() && text.len() <= LONGEST_NAME && text.chars().all(is_plain) {
            return Ok(text.clone());
        }
        let reason =
            format!("name = \"{text}\" is not possible: it must be 1 to 64 letters, digits, '-', '_' or '.'");
        Err(self.refusal(Some(name.span().start), reason))
    }

    fn sampler(&self) -> Result<Sampler, SearchError> {
        let written = &self.written;
        if let Some(asha) = written.asha.as_ref().filter(|_| written.sampler != SamplerName::Asha) {
            let reason = "[asha] means nothing to this sampler: write sampler = \"asha\", or take it out";
            return Err(self.refusal(Some(asha.span().start), reason));
        }
        let trials = self.whole(&written.trials, "trials", 1..=MOST_TRIALS)?;
        let seed = self.whole(&written.sampler_seed, "sampler_seed", 0..=i64::MAX)?.unwrap_or(0);
        if written.sampler == SamplerName::Grid {
            let Some(trials) = &written.trials else { return Ok(Sampler::Grid) };
            let reason = "trials means nothing to a grid, which takes every point: write sampler = \"random\" or \"asha\", or take it out";
            return Err(self.refusal(Some(trials.span().start), reason));
        }
        let Some(trials) = trials else {
            return Err(
                self.refusal(None, "trials is missing: how many points shall be drawn, as in trials = 50")
            );
        };
        let trials = usize::try_from(trials).unwrap_or(usize::MAX);
        if written.sampler == SamplerName::Random {
            return Ok(Sampler::Random { trials, seed });
        }
        let none = Asha::default();
        let asha = written.asha.as_ref().map_or(&none, Spanned::get_ref);
        let eta = self.whole(&asha.eta, "asha.eta", 2..=1000)?.unwrap_or(3) as u32;
        let min_epochs = self.whole(&asha.min_epochs, "asha.min_epochs", 1..=100_000)?.unwrap_or(2) as usize;
        Ok(Sampler::Asha { trials, seed, eta, min_epochs })
    }

    fn seeds(&self, base: &RunConfig) -> Result<Vec<u64>, SearchError> {
        let Some(written) = &self.written.seeds else { return Ok(vec![base.train.seed]) };
        let refused = |reason: String| Err(self.refusal(Some(written.span().start), reason));
        let mut seeds: Vec<u64> = Vec::new();
        for &seed in written.get_ref() {
            let Ok(seed) = u64::try_from(seed) else {
                return refused(format!("seeds cannot hold {seed}: they must be at least 0"));
            };
            if seeds.contains(&seed) {
                return refused(format!("seeds has {seed} twice: the same run would be trained twice"));
            }
            seeds.push(seed);
        }
        if seeds.is_empty() {
            return refused(
                "seeds is empty: without a seed there is no run; take it out for that of the base".into(),
            );
        }
        Ok(seeds)
    }

    fn local(&self) -> Result<Option<LocalEngine>, SearchError> {
        let Some(written) = &self.written.engine.local else { return Ok(None) };
        let Some(slots) = &written.slots else { return Ok(Some(LocalEngine { slots: Vec::new() })) };
        let refused = |reason: String| Err(self.refusal(Some(slots.span().start), reason));
        let slots = match slots.get_ref() {
            Slots::One(slot) => std::slice::from_ref(slot),
            Slots::Several(slots) => slots,
        };
        if slots.is_empty() {
            return refused("slots is empty: name a device, or take it out for every GPU once".into());
        }
        let mut devices = Vec::with_capacity(slots.len());
        for slot in slots {
            match slot.parse() {
                Ok(device @ (DeviceChoice::Cpu | DeviceChoice::Cuda(_))) => devices.push(device.to_string()),
                _ => {
                    return refused(format!(
                        "slots cannot hold \"{slot}\": a slot is cpu, cuda:0, cuda:1 and so on"
                    ));
                }
            }
        }
        Ok(Some(LocalEngine { slots: devices }))
    }

    fn slurm(&self) -> Result<Option<SlurmEngine>, SearchError> {
        let Some(written) = &self.written.engine.slurm else { return Ok(None) };
        let throttle = self.whole(&written.throttle, "engine.slurm.throttle", 1..=1_000_000)?;
        let poll_seconds = written.poll_seconds.as_ref().map_or(POLL_SECONDS, |poll| *poll.get_ref());
        if !(0.05..=3600.0).contains(&poll_seconds) {
            let position = written.poll_seconds.as_ref().map(|poll| poll.span().start);
            let reason = format!(
                "engine.slurm.poll_seconds = {poll_seconds} is not possible: it must be 0.05 to 3600 seconds"
            );
            return Err(self.refusal(position, reason));
        }
        Ok(Some(SlurmEngine {
            throttle: throttle.map(|most| most as usize),
            sbatch: written.sbatch.clone(),
            setup: written.setup.clone(),
            poll_seconds,
        }))
    }

    /// A whole number that is not below 0, where it is given.
    fn whole(
        &self,
        written: &Option<Spanned<i64>>,
        field: &str,
        possible: RangeInclusive<i64>,
    ) -> Result<Option<u64>, SearchError> {
        let Some(written) = written else { return Ok(None) };
        let value = *written.get_ref();
        match u64::try_from(value) {
            Ok(whole) if possible.contains(&value) => Ok(Some(whole)),
            _ => {
                let must = match *possible.end() {
                    i64::MAX => format!("at least {}", possible.start()),
                    end => format!("{} to {end}", possible.start()),
                };
                let reason = format!("{field} = {value} is not possible: it must be {must}");
                Err(self.refusal(Some(written.span().start), reason))
            }
        }
    }
}

const LONGEST_NAME: usize = 64;

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.".contains(c)
}

fn refusal(text: &str, path: &Path, position: usize, reason: impl Display) -> SearchError {
    let place = format!("{}, line {}", shown(path), newlines_before(text, position) + 1);
    let reason = printable(&reason.to_string()).into_owned();
    ConfigError::Syntax { place, reason }.into()
}

/// Where each axis stands, by its field. The table itself is sorted by name.
fn axis_places(text: &str) -> BTreeMap<String, usize> {
    let mut places = BTreeMap::new();
    if let Ok(whole) = DeTable::parse(text)
        && let Some(axes) = whole.get_ref().get("axes")
        && let DeValue::Table(axes) = axes.get_ref()
    {
        collect_places("", axes, &mut places);
    }
    places
}

fn collect_places(before: &str, table: &DeTable<'_>, places: &mut BTreeMap<String, usize>) {
    for (key, value) in table {
        let field = format!("{before}{}", key.get_ref());
        match value.get_ref() {
            DeValue::Table(inner) if axes::is_section(&field) => {
                collect_places(&format!("{field}."), inner, places);
            }
            _ => {
                // Of an axis that stands there twice, the second is the one too many.
                let place = places.entry(field).or_default();
                *place = key.span().start.max(*place);
            }
        }
    }
}

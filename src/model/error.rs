use crate::data::{nearest, printable, shown};
use std::path::PathBuf;

/// Why a network could not be built, cut, saved or loaded: one sentence each, with the cure.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("there is no network named '{name}'{nearest}; the networks are {known}", nearest = did_you_mean(.nearest))]
    UnknownArchitecture { name: String, nearest: Option<String>, known: String },
    #[error("{field} is not a field of '{arch}'; {fields}")]
    FieldDoesNotApply { arch: String, field: &'static str, fields: String },
    #[error("{field} = {value} is not possible for '{arch}': it must be {must}")]
    Value { arch: String, field: &'static str, value: String, must: String },
    #[error(
        "this network would have {parameters} parameters, more than the {limit} that mien builds: choose a smaller width or depth"
    )]
    TooLarge { parameters: usize, limit: usize },
    #[error("this network has no layer '{name}'{nearest}; its layers are {known}", nearest = did_you_mean(.nearest))]
    UnknownStage { name: String, nearest: Option<String>, known: String },
    #[error("cannot read the weights {}: {source}", shown(path))]
    Read { path: PathBuf, source: std::io::Error },
    #[error("cannot write the weights {}: {source}; check the folder and the free space", shown(path))]
    Write { path: PathBuf, source: std::io::Error },
    #[error("{} is not a weights file mien can read: {reason}", shown(path))]
    NotWeights { path: PathBuf, reason: String },
    #[error(
        "{} wants to run code: {what}; nothing was run. Save only the weights, torch.save(model.state_dict(), ...), and load that",
        shown(path)
    )]
    WantsToRunCode { path: PathBuf, what: String },
    #[error("the weights in {} do not fit '{arch}': {reason}", shown(path))]
    DoNotFit { path: PathBuf, arch: String, reason: String },
    #[error(
        "cannot tell which network the weights in {} belong to ({reason}); name it with --arch",
        shown(path)
    )]
    UnknownOrigin { path: PathBuf, reason: String },
}

impl ModelError {
    pub(super) fn unknown_stage(name: &str, known: &[String]) -> Self {
        Self::UnknownStage {
            name: visible(name),
            nearest: nearest(name, known.iter().map(String::as_str)).map(Into::into),
            known: known.join(", "),
        }
    }
}

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!(", did you mean '{name}'?")).unwrap_or_default()
}

/// Text from a file or a command line for a sentence: printable and not too long.
pub(super) fn visible(text: &str) -> String {
    const LONGEST: usize = 120;
    let text = printable(text);
    let mut shown: String = text.chars().take(LONGEST).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

use super::{Arguments, Outcome};
use std::path::Path;

pub(super) fn run(_search: &str, _arguments: &Arguments, _runs: &Path) -> Outcome {
    Err(super::not_yet("search"))
}

pub(super) fn resume(_search: &str, _arguments: &Arguments, _runs: &Path) -> Outcome {
    Err(super::not_yet("--resume"))
}

pub(super) fn supervise(_search: &str, _runs: &Path) -> Outcome {
    Err(super::not_yet("--supervise"))
}

pub(super) fn stop(_search: &str, _json: bool, _runs: &Path) -> Outcome {
    Err(super::not_yet("--stop"))
}

pub(super) fn throttle(_search: &str, _most: usize, _runs: &Path) -> Outcome {
    Err(super::not_yet("--throttle"))
}

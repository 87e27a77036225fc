use super::Outcome;
use std::path::Path;

pub(super) fn list(_runs: &Path, _json: bool) -> Outcome {
    Err(super::not_yet("the list"))
}

pub(super) fn run(_search: &str, _json: bool, _runs: &Path) -> Outcome {
    Err(super::not_yet("--show"))
}

pub(super) fn promote(_search: &str, _config: &Path, _runs: &Path) -> Outcome {
    Err(super::not_yet("--promote"))
}

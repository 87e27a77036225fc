use super::{Arguments, Outcome};
use std::path::Path;

pub(super) fn run(_search: &str, _arguments: &Arguments, _runs: &Path) -> Outcome {
    Err(super::not_yet("--dry-run"))
}

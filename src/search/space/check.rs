//! Whether every run of a search is one that can be trained.

use super::Search;
use super::file::SearchFile;
use crate::search::SearchError;

pub(super) fn check(_search: &Search, _file: &SearchFile) -> Result<(), SearchError> {
    Ok(())
}

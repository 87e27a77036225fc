//! Which errors refuse an order before any work (exit code 2), and which are work that failed (exit code 1).

use crate::config::ConfigError;
use crate::data::DataError;
use crate::device::DeviceError;
use crate::evaluate::EvaluateError;
use crate::explain::ExplainError;
use crate::model::ModelError;
use crate::run::RunError;
use crate::search::SearchError;
use crate::train::TrainError;
use crate::tui::DashboardError;
use std::fmt::Display;
use std::io::ErrorKind;

/// Why a command ended badly; the sentence goes to stderr.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The command line or the config was refused before any work: exit code 2.
    Refused(String),
    /// The work failed: exit code 1.
    Failed(String),
}

pub(super) type Outcome = Result<(), Failure>;

impl Failure {
    pub fn refused(why: impl Display) -> Self {
        Self::Refused(why.to_string())
    }

    pub fn failed(why: impl Display) -> Self {
        Self::Failed(why.to_string())
    }

    fn of(is_refusal: bool, why: impl Display) -> Self {
        if is_refusal { Self::refused(why) } else { Self::failed(why) }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::refused(error)
    }
}

impl From<DeviceError> for Failure {
    fn from(error: DeviceError) -> Self {
        Self::refused(error)
    }
}

impl From<SearchError> for Failure {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Run(error) => error.into(),
            SearchError::Train(error) => error.into(),
            error => Self::of(error.is_refusal(), error),
        }
    }
}

impl From<EvaluateError> for Failure {
    fn from(error: EvaluateError) -> Self {
        Self::failed(error)
    }
}

impl From<DataError> for Failure {
    fn from(error: DataError) -> Self {
        Self::of(is_wrong_folder(&error), error)
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        Self::of(is_wrong_model(&error), error)
    }
}

impl From<ExplainError> for Failure {
    fn from(error: ExplainError) -> Self {
        let is_refusal = match &error {
            ExplainError::UnknownLayer { .. } | ExplainError::Flat { .. } => true,
            ExplainError::NoCam { .. } | ExplainError::CamLayer { .. } => true,
            ExplainError::NoTruth | ExplainError::SameClass(_) => true,
            ExplainError::Value { .. } | ExplainError::Gaps { .. } => true,
            ExplainError::Model(error) => is_wrong_model(error),
            _ => false,
        };
        Self::of(is_refusal, error)
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Self::of(is_wrong_run(&error), error)
    }
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        let is_refusal = match &error {
            TrainError::Config(_) | TrainError::Device(_) => true,
            TrainError::Data(error) => is_wrong_folder(error),
            TrainError::Model(error) => is_wrong_model(error),
            TrainError::Run(error) => is_wrong_run(error),
            TrainError::None { .. } | TrainError::TooFew { .. } => true,
            TrainError::NothingToWatch { .. } | TrainError::NoProbe { .. } => true,
            TrainError::OtherData { .. } => true,
            _ => false,
        };
        Self::of(is_refusal, error)
    }
}

impl From<DashboardError> for Failure {
    fn from(error: DashboardError) -> Self {
        Self::of(matches!(error, DashboardError::NoTerminal), error)
    }
}

/// The folder that was named is not what the command works on; a row or a disk that is bad shows while working.
fn is_wrong_folder(error: &DataError) -> bool {
    matches!(error, DataError::NoManifest { .. } | DataError::Source { .. } | DataError::Occupied { .. })
}

/// The network or the weights that were named cannot be meant; a disk that fails is another matter.
fn is_wrong_model(error: &ModelError) -> bool {
    match error {
        ModelError::Read { source, .. } => matches!(
            source.kind(),
            ErrorKind::NotFound
                | ErrorKind::NotADirectory
                | ErrorKind::IsADirectory
                | ErrorKind::PermissionDenied
        ),
        ModelError::Write { .. } => false,
        _ => true,
    }
}

/// There is no such run, or its state does not allow what was asked.
fn is_wrong_run(error: &RunError) -> bool {
    matches!(
        error,
        RunError::Config(_)
            | RunError::NotARun { .. }
            | RunError::NoSuchRun { .. }
            | RunError::Ambiguous { .. }
            | RunError::Locked { .. }
            | RunError::State { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::{Method, Request};

    #[test]
    fn a_folder_without_a_manifest_is_refused_and_a_full_disk_a_failure() {
        let none = || DataError::NoManifest { root: "/x".into() };
        let full = || DataError::NoRoom { path: "/x".into(), needed: 1 };
        assert!(matches!(Failure::from(none()), Failure::Refused(_)));
        assert!(matches!(Failure::from(TrainError::from(none())), Failure::Refused(_)));
        let no_probe = TrainError::NoProbe { path: "none.png".into(), root: "/x".into() };
        assert!(matches!(Failure::from(no_probe), Failure::Refused(_)));
        assert!(matches!(Failure::from(full()), Failure::Failed(_)));
        assert!(matches!(Failure::from(TrainError::from(full())), Failure::Failed(_)));
    }

    #[test]
    fn numbers_that_nothing_can_be_explained_with_are_refused_and_weights_that_diverged_are_a_failure() {
        for request in [
            Request { steps: 0, ..Request::default() },
            Request { alpha: f64::NAN, ..Request::default() },
            Request { method: Method::Occlusion, patch: 4, stride: 5, ..Request::default() },
        ] {
            let refusal = request.check().map_err(Failure::from);
            assert!(matches!(refusal, Err(Failure::Refused(_))), "{request:?}: {refusal:?}");
        }
        assert!(matches!(Failure::from(ExplainError::NotFinite), Failure::Failed(_)));
    }

    #[test]
    fn weights_that_are_not_there_are_refused_and_a_disk_that_fails_is_a_failure() {
        let read = |kind: ErrorKind| ModelError::Read { path: "/x".into(), source: kind.into() };
        assert!(matches!(Failure::from(read(ErrorKind::NotFound)), Failure::Refused(_)));
        assert!(matches!(Failure::from(read(ErrorKind::Other)), Failure::Failed(_)));
    }
}

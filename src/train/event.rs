use std::path::PathBuf;

/// What a trainer says while it works. It never draws: whoever listens does.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Started {
        run: String,
        folder: PathBuf,
        epoch: usize,
        epochs: usize,
        step: usize,
        steps: usize,
    },
    /// After every `log_steps` steps, means over them. Rates are pictures a second of the training steps alone.
    Progress {
        epoch: usize,
        step: usize,
        steps: usize,
        loss: f64,
        accuracy: f64,
        rate: f64,
        eta_seconds: f64,
    },
    /// An epoch's end. Accuracies are shares; `test` only where the config looks at it each epoch.
    Epoch {
        epoch: usize,
        train: Means,
        valid: Option<Means>,
        test: Option<Means>,
        best: bool,
    },
    /// A sentence for the log.
    Note(String),
}

/// Mean loss and accuracy over some pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Means {
    pub loss: f64,
    pub accuracy: f64,
}

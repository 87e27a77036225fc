use crate::evaluate::EvaluateError;
use crate::model::ModelError;

/// Why there is no explanation: one sentence each, with the cure.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    #[error("{network} has no layer '{layer}'{nearest}; heat maps can be of {known}", nearest = did_you_mean(.nearest))]
    UnknownLayer { network: String, layer: String, nearest: Option<String>, known: String },
    #[error(
        "'{layer}' has no height and width, so that there is nothing to map; heat maps can be of {known}"
    )]
    Flat { layer: String, known: String },
    #[error(
        "cam is defined only where global average pooling and one linear layer are the whole head, which {network}'s is not: \
         take grad-cam or hires-cam, which equal cam where it exists"
    )]
    NoCam { network: String },
    #[error("cam is defined on '{only}' alone, the layer before the pooling, and not on '{layer}'")]
    CamLayer { layer: String, only: String },
    #[error("the true class of a picture is asked about, and it is not known: name a class")]
    NoTruth,
    #[error("finer-cam asks why {0} and not another class: {0} against itself says nothing")]
    SameClass(crate::emotion::Emotion),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    #[error("the device failed while gradients were computed: {0}")]
    Device(String),
    #[error("the gradients are not finite: the weights have diverged")]
    NotFinite,
    #[error("the explanation was given up: it is no longer wanted")]
    GivenUp,
}

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!(", did you mean '{name}'?")).unwrap_or_default()
}

use serde::{Deserialize, Serialize};

/// Which network: a name of the zoo or `plain`. The other fields shape a plain network, or override the
/// numbers of a zoo name; absent means "as the name has it". All apply to the plain family, `width` to every
/// network, and a field that means nothing to a family is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Architecture {
    pub arch: String,
    /// Blocks, each halving height and width of the 64x64 picture: 1 to 6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<usize>,
    /// Channels of the first block; each further block doubles them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<usize>,
    /// Linear layers of the head on c channels: 1 is c-6, 2 is c-2c-6, 3 is c-2c-c-6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fc_depth: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_norm: Option<bool>,
    /// Squeeze-and-excitation after the first block's activation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub se: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pooling: Option<Pooling>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conv_dropout: Option<ConvDropout>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fc_dropout: Option<f64>,
}

impl Default for Architecture {
    fn default() -> Self {
        Self {
            arch: "gimefive".into(),
            depth: None,
            width: None,
            fc_depth: None,
            batch_norm: None,
            se: None,
            pooling: None,
            conv_dropout: None,
            fc_dropout: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pooling {
    Max,
    Avg,
}

/// A number: after every block but the last. A list: one number per block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ConvDropout {
    AllButLast(f64),
    PerBlock(Vec<f64>),
}

//! The named networks, and how a name with overriding fields becomes a plan.

use super::architecture::{Architecture, ConvDropout, Pooling};
use super::error::ModelError;
use super::families::{self, Plain};
use super::plan::Plan;
use crate::data::nearest;

/// A network with a name.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// As a config's `model.arch` spells it.
    pub name: &'static str,
    /// One line for people who choose.
    pub about: &'static str,
    family: Family,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Family {
    Plain { depth: usize, batch_norm: bool, se: bool, dropout: BlockDropout },
    Residual,
    Vgg,
    ResNet([usize; 4]),
    FaceNet10,
}

/// Where a preset drops channels' outputs; a depth that overrides the preset's keeps the habit.
#[derive(Clone, Copy, Debug, PartialEq)]
enum BlockDropout {
    Nowhere,
    AllButLast(f64),
    Everywhere(f64),
}

pub(super) const WIDTH: usize = 64;
const FC_DROPOUT: f64 = 0.5;
/// 1.6 GB of weights: a network beyond it is a typing error, and would take the machine's memory.
const MOST_PARAMETERS: usize = 400_000_000;

const PRESETS: [Preset; 12] = [
    Preset {
        name: "gimefive",
        about: "the paper's best: 5 conv blocks with batch norm and dropout",
        family: Family::Plain {
            depth: 5,
            batch_norm: true,
            se: false,
            dropout: BlockDropout::AllButLast(0.2),
        },
    },
    Preset {
        name: "gimefive-no-dropout",
        about: "gimefive without dropout in the blocks (the paper's 15 layers)",
        family: Family::Plain { depth: 5, batch_norm: true, se: false, dropout: BlockDropout::Nowhere },
    },
    Preset {
        name: "gimefive-no-bn",
        about: "gimefive without batch norm and block dropout (the paper's 10 layers)",
        family: Family::Plain { depth: 5, batch_norm: false, se: false, dropout: BlockDropout::Nowhere },
    },
    Preset {
        name: "gimefive-se",
        about: "5 blocks, squeeze-and-excitation in the first (the paper's 16 layers)",
        family: Family::Plain { depth: 5, batch_norm: true, se: true, dropout: BlockDropout::Nowhere },
    },
    Preset {
        name: "baseline",
        about: "4 blocks, dropout after each (the paper's 13 layers)",
        family: Family::Plain {
            depth: 4,
            batch_norm: true,
            se: false,
            dropout: BlockDropout::Everywhere(0.2),
        },
    },
    Preset {
        name: "gimefive-6",
        about: "6 blocks, up to 2048 channels (the paper's 17 layers)",
        family: Family::Plain { depth: 6, batch_norm: true, se: false, dropout: BlockDropout::Nowhere },
    },
    Preset {
        name: "gimefive-res",
        about: "5 residual blocks up to 2048 channels (the paper's 25 layers)",
        family: Family::Residual,
    },
    Preset {
        name: "vgg",
        about: "6 convs, two to a batch norm, and a large classifier",
        family: Family::Vgg,
    },
    Preset {
        name: "resnet18",
        about: "ResNet-18 without the stem's max-pool",
        family: Family::ResNet([2, 2, 2, 2]),
    },
    Preset {
        name: "resnet34",
        about: "ResNet-34 without the stem's max-pool",
        family: Family::ResNet([3, 4, 6, 3]),
    },
    Preset {
        name: "facenet10",
        about: "residual on one grey channel, below gimefive's count; CAM is exact on it",
        family: Family::FaceNet10,
    },
    Preset {
        name: "plain",
        about: "any plain network by its numbers; without any it is gimefive",
        family: Family::Plain {
            depth: 5,
            batch_norm: true,
            se: false,
            dropout: BlockDropout::AllButLast(0.2),
        },
    },
];

/// Every named network: the paper's ten, ours, and `plain`, which is made from numbers.
pub fn zoo() -> &'static [Preset] {
    &PRESETS
}

/// The plan of an architecture.
///
/// # Errors
/// An unknown name (with the nearest known one), a field that the family does not have, an impossible value, or a
/// network too large to build.
pub(super) fn plan(architecture: &Architecture) -> Result<Plan, ModelError> {
    let preset = preset(&architecture.arch)?;
    refuse_foreign_fields(architecture, preset.family)?;
    let width = checked(architecture, "width", architecture.width.unwrap_or(WIDTH), 1..=1024)?;
    let fc_depth =
        |default| checked(architecture, "fc_depth", architecture.fc_depth.unwrap_or(default), 1..=3);
    let fc_dropout = probability(architecture, "fc_dropout", architecture.fc_dropout.unwrap_or(FC_DROPOUT))?;
    let plan = match preset.family {
        Family::Plain { depth, batch_norm, se, dropout } => {
            let depth = checked(architecture, "depth", architecture.depth.unwrap_or(depth), 1..=6)?;
            families::plain(&Plain {
                depth,
                width,
                fc_depth: fc_depth(3)?,
                batch_norm: architecture.batch_norm.unwrap_or(batch_norm),
                se: architecture.se.unwrap_or(se),
                pooling: architecture.pooling.unwrap_or(Pooling::Max),
                conv_dropout: block_dropouts(architecture, depth, dropout)?,
                fc_dropout,
            })
        }
        Family::Residual => {
            let blocks = checked(architecture, "depth", architecture.depth.unwrap_or(5), 1..=6)?;
            families::residual(blocks, width, fc_depth(3)?, fc_dropout)
        }
        Family::Vgg => {
            let conv_dropout = match &architecture.conv_dropout {
                None => 0.2,
                Some(ConvDropout::AllButLast(p)) => probability(architecture, "conv_dropout", *p)?,
                Some(ConvDropout::PerBlock(_)) => {
                    return Err(value_error(architecture, "conv_dropout", "a list", "one number".into()));
                }
            };
            families::vgg(width, conv_dropout, fc_dropout)
        }
        Family::ResNet(blocks) => families::resnet(blocks, width),
        Family::FaceNet10 => families::facenet10(width),
    };
    let parameters = plan.parameters();
    if parameters > MOST_PARAMETERS {
        return Err(ModelError::TooLarge { parameters, limit: MOST_PARAMETERS });
    }
    Ok(plan)
}

/// The architecture with every field that its network has: those that are not given as the name has them, those that
/// mean nothing to the network absent. Values are not checked.
///
/// # Errors
/// An unknown name.
pub fn resolved(architecture: &Architecture) -> Result<Architecture, ModelError> {
    let family = preset(&architecture.arch)?.family;
    let has = |field| fields(family).contains(&field);
    let given = architecture.clone();
    let (depth, batch_norm, se, habit) = match family {
        Family::Plain { depth, batch_norm, se, dropout } => (depth, batch_norm, se, dropout),
        Family::Vgg => (5, true, false, BlockDropout::AllButLast(0.2)),
        _ => (5, true, false, BlockDropout::Nowhere),
    };
    let depth = given.depth.unwrap_or(depth);
    let conv_dropout = given.conv_dropout.unwrap_or_else(|| match habit {
        BlockDropout::Nowhere => ConvDropout::AllButLast(0.0),
        BlockDropout::AllButLast(p) => ConvDropout::AllButLast(p),
        BlockDropout::Everywhere(p) => ConvDropout::PerBlock(vec![p; depth.clamp(1, 6)]),
    });
    Ok(Architecture {
        arch: given.arch,
        depth: has("depth").then_some(depth),
        width: has("width").then(|| given.width.unwrap_or(WIDTH)),
        fc_depth: has("fc_depth").then(|| given.fc_depth.unwrap_or(3)),
        batch_norm: has("batch_norm").then(|| given.batch_norm.unwrap_or(batch_norm)),
        se: has("se").then(|| given.se.unwrap_or(se)),
        pooling: has("pooling").then(|| given.pooling.unwrap_or(Pooling::Max)),
        conv_dropout: has("conv_dropout").then_some(conv_dropout),
        fc_dropout: has("fc_dropout").then(|| given.fc_dropout.unwrap_or(FC_DROPOUT)),
    })
}

fn preset(name: &str) -> Result<&'static Preset, ModelError> {
    PRESETS.iter().find(|preset| preset.name == name).ok_or_else(|| ModelError::UnknownArchitecture {
        name: crate::model::error::visible(name),
        nearest: nearest(name, PRESETS.iter().map(|preset| preset.name)).map(Into::into),
        known: PRESETS.map(|preset| preset.name).join(", "),
    })
}

/// The fields of [`Architecture`] that shape a family, in their order there.
fn fields(family: Family) -> &'static [&'static str] {
    match family {
        Family::Plain { .. } => {
            &["depth", "width", "fc_depth", "batch_norm", "se", "pooling", "conv_dropout", "fc_dropout"]
        }
        Family::Residual => &["depth", "width", "fc_depth", "fc_dropout"],
        Family::Vgg => &["width", "conv_dropout", "fc_dropout"],
        Family::ResNet(_) | Family::FaceNet10 => &["width"],
    }
}

fn refuse_foreign_fields(architecture: &Architecture, family: Family) -> Result<(), ModelError> {
    let given = [
        ("depth", architecture.depth.is_some()),
        ("width", architecture.width.is_some()),
        ("fc_depth", architecture.fc_depth.is_some()),
        ("batch_norm", architecture.batch_norm.is_some()),
        ("se", architecture.se.is_some()),
        ("pooling", architecture.pooling.is_some()),
        ("conv_dropout", architecture.conv_dropout.is_some()),
        ("fc_dropout", architecture.fc_dropout.is_some()),
    ];
    let known = fields(family);
    match given.into_iter().find(|(field, is_given)| *is_given && !known.contains(field)) {
        None => Ok(()),
        Some((field, _)) => Err(ModelError::FieldDoesNotApply {
            arch: architecture.arch.clone(),
            field,
            fields: format!(
                "{} {}; every field applies to the plain family",
                known.join(", "),
                if known.len() == 1 { "is its only one" } else { "are" }
            ),
        }),
    }
}

/// One probability for each block.
fn block_dropouts(
    architecture: &Architecture,
    depth: usize,
    habit: BlockDropout,
) -> Result<Vec<f64>, ModelError> {
    let all_but_last = |p| {
        let mut list = vec![p; depth];
        list[depth - 1] = 0.0; // depth was checked to be at least 1
        list
    };
    let list = match &architecture.conv_dropout {
        Some(ConvDropout::AllButLast(p)) => all_but_last(*p),
        Some(ConvDropout::PerBlock(list)) if list.len() == depth => list.clone(),
        Some(ConvDropout::PerBlock(list)) => {
            let value = format!("a list of {}", list.len());
            let must = format!("one number, or a list of {depth}: one for each block");
            return Err(value_error(architecture, "conv_dropout", value, must));
        }
        None => match habit {
            BlockDropout::Nowhere => vec![0.0; depth],
            BlockDropout::AllButLast(p) => all_but_last(p),
            BlockDropout::Everywhere(p) => vec![p; depth],
        },
    };
    list.iter().try_for_each(|&p| probability(architecture, "conv_dropout", p).map(drop))?;
    Ok(list)
}

fn probability(architecture: &Architecture, field: &'static str, value: f64) -> Result<f64, ModelError> {
    if (0.0..1.0).contains(&value) {
        return Ok(value);
    }
    Err(value_error(architecture, field, value, "at least 0 and below 1".into()))
}

fn checked(
    architecture: &Architecture,
    field: &'static str,
    value: usize,
    range: std::ops::RangeInclusive<usize>,
) -> Result<usize, ModelError> {
    if range.contains(&value) {
        return Ok(value);
    }
    let must = format!("{} to {}", range.start(), range.end());
    Err(value_error(architecture, field, value, must))
}

fn value_error(
    architecture: &Architecture,
    field: &'static str,
    value: impl ToString,
    must: String,
) -> ModelError {
    ModelError::Value { arch: architecture.arch.clone(), field, value: value.to_string(), must }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::summary;

    #[test]
    fn a_name_and_what_it_stands_for_are_the_same_network() {
        for preset in zoo() {
            let by_name = Architecture { arch: preset.name.into(), ..Architecture::default() };
            let full = resolved(&by_name).unwrap();
            assert_eq!(summary(&full).unwrap(), summary(&by_name).unwrap(), "{}", preset.name);
            let table = toml::Table::try_from(&full).unwrap();
            assert_eq!(table.len(), fields(preset.family).len() + 1, "{}", preset.name);
        }
        let shallow = Architecture { depth: Some(2), arch: "baseline".into(), ..Architecture::default() };
        assert_eq!(resolved(&shallow).unwrap().conv_dropout, Some(ConvDropout::PerBlock(vec![0.2; 2])));
        assert!(resolved(&Architecture { arch: "none".into(), ..shallow }).is_err());
    }
}

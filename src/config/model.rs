use super::error::{ConfigError, check};
use crate::model::{Architecture, ConvDropout};

/// Ranges only; whether the name exists is the zoo's to say.
pub(super) fn validate(model: &Architecture) -> Result<(), ConfigError> {
    if let Some(depth) = model.depth {
        check((1..=6).contains(&depth), "model.depth", depth, "1 to 6 (64x64 halves six times)")?;
    }
    if let Some(width) = model.width {
        check((1..=1024).contains(&width), "model.width", width, "1 to 1024 channels")?;
        check(
            model.se != Some(true) || width >= 16,
            "model.width",
            width,
            "at least 16 with se = true (the squeeze divides by 16)",
        )?;
    }
    if let Some(depth) = model.fc_depth {
        check((1..=3).contains(&depth), "model.fc_depth", depth, "1, 2 or 3")?;
    }
    let probabilities = match &model.conv_dropout {
        None => &[][..],
        Some(ConvDropout::AllButLast(p)) => std::slice::from_ref(p),
        Some(ConvDropout::PerBlock(list)) => list,
    };
    for &p in probabilities {
        check((0.0..1.0).contains(&p), "model.conv_dropout", p, "at least 0 and below 1")?;
    }
    if let Some(p) = model.fc_dropout {
        check((0.0..1.0).contains(&p), "model.fc_dropout", p, "at least 0 and below 1")?;
    }
    Ok(())
}

use super::error::{ConfigError, check};
use crate::data::Augmentation;

pub(super) fn validate(augmentation: &Augmentation) -> Result<(), ConfigError> {
    for (field, probability) in [
        ("augment.flip", augmentation.flip),
        ("augment.rotate.probability", augmentation.rotate.probability),
        ("augment.crop.probability", augmentation.crop.probability),
        ("augment.scale.probability", augmentation.scale.probability),
        ("augment.brightness.probability", augmentation.brightness.probability),
        ("augment.erase.probability", augmentation.erase.probability),
    ] {
        check((0.0..=1.0).contains(&probability), field, probability)?;
    }
    let degrees = augmentation.rotate.degrees;
    check((0.0..=180.0).contains(&degrees), "augment.rotate.degrees", degrees)?;
    let padding = augmentation.crop.padding;
    check(padding <= 32, "augment.crop.padding", padding)?;
    let range = augmentation.scale.range;
    check((0.0..1.0).contains(&range), "augment.scale.range", range)?;
    let range = augmentation.brightness.range;
    check((0.0..=1.0).contains(&range), "augment.brightness.range", range)?;
    let [low, high] = augmentation.erase.scale;
    check(0.0 < low && low <= high && high < 1.0, "augment.erase.scale", format!("[{low}, {high}]"))
}

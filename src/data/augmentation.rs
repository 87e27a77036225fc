use serde::{Deserialize, Serialize};

/// What is done to a training picture; each part happens or not, picture by picture, as a function
/// of (seed, epoch, index). All off by default but the flip, as in the paper's final recipe.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Augmentation {
    /// Probability of a horizontal mirror image.
    pub flip: f64,
    pub rotate: Rotate,
    pub crop: Crop,
    pub scale: Scale,
    pub brightness: Brightness,
    pub erase: Erase,
}

impl Default for Augmentation {
    fn default() -> Self {
        Self {
            flip: 0.5,
            rotate: Rotate::default(),
            crop: Crop::default(),
            scale: Scale::default(),
            brightness: Brightness::default(),
            erase: Erase::default(),
        }
    }
}

/// A rotation about the centre by an angle drawn from -degrees..degrees; the border is black.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rotate {
    pub probability: f64,
    pub degrees: f64,
}

impl Default for Rotate {
    fn default() -> Self {
        Self { probability: 0.0, degrees: 5.0 }
    }
}

/// A 64x64 window at a random place of the picture after `padding` black pixels on each side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Crop {
    pub probability: f64,
    pub padding: u32,
}

impl Default for Crop {
    fn default() -> Self {
        Self { probability: 0.0, padding: 8 }
    }
}

/// An enlargement about the centre by a factor drawn from 1-range..1+range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scale {
    pub probability: f64,
    pub range: f64,
}

impl Default for Scale {
    fn default() -> Self {
        Self { probability: 0.0, range: 0.1 }
    }
}

/// All grey levels times a factor drawn from 1-range..1+range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Brightness {
    pub probability: f64,
    pub range: f64,
}

impl Default for Brightness {
    fn default() -> Self {
        Self { probability: 0.0, range: 0.2 }
    }
}

/// A rectangle set to black whose area is `scale[0]..scale[1]` of the picture and whose aspect ratio is
/// 0.3..1/0.3 (Zhong et al., "Random Erasing Data Augmentation", arXiv 1708.04896).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Erase {
    pub probability: f64,
    pub scale: [f64; 2],
}

impl Default for Erase {
    fn default() -> Self {
        Self { probability: 0.0, scale: [0.02, 0.25] }
    }
}

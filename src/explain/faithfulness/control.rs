//! Maps that look at neither the picture nor the network: a method that is no better says nothing of either.

use crate::data::{Draws, PIXELS, SIDE};
use crate::explain::HeatMap;

/// Keeps these draws apart from others of the same seed.
const STREAM: u64 = u64::from_be_bytes(*b"random m");

/// Each of the 64 x 64 pixels a number of its own, uniform in 0..1.
pub fn random_map(seed: u64) -> HeatMap {
    let mut draws = Draws::new(&[STREAM, seed]);
    HeatMap::new(SIDE, (0..PIXELS).map(|_| draws.uniform() as f32).collect())
}

/// Highest in the middle of the 64 x 64 pixels, falling evenly to all sides with a deviation of a quarter of the picture.
pub fn centred_gaussian() -> HeatMap {
    let middle = (SIDE - 1) as f32 / 2.0;
    let deviation = SIDE as f32 / 4.0;
    let value = |x: usize, y: usize| {
        let (x, y) = ((x as f32 - middle) / deviation, (y as f32 - middle) / deviation);
        (-(x * x + y * y) / 2.0).exp()
    };
    HeatMap::new(SIDE, (0..PIXELS).map(|i| value(i % SIDE, i / SIDE)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_map_is_uniform_and_its_seeds_own() {
        let map = random_map(3);
        assert_eq!((map.width(), map.height()), (64, 64));
        assert_eq!(map, random_map(3));
        assert_ne!(map, random_map(4));
        let mean = map.values().iter().sum::<f32>() / 4096.0;
        // The deviation of the mean of 4096 uniform numbers is 0.0045.
        assert!((mean - 0.5).abs() < 0.02, "{mean}");
        assert!(map.values().iter().all(|value| (0.0..=1.0).contains(value)));
    }

    #[test]
    fn the_centred_map_is_highest_in_the_middle_and_the_same_from_all_sides() {
        let map = centred_gaussian();
        let at = |x: usize, y: usize| map.values()[64 * y + x];
        assert_eq!(map, map.flipped());
        assert!((0..64).all(|y| (0..64).all(|x| at(x, y) == at(y, x) && at(x, y) <= at(31, 31))));
        // One deviation from the middle.
        assert!((at(48, 31) - (-0.5f32 * (16.5 * 16.5 + 0.25) / 256.0).exp()).abs() < 1e-6);
    }
}

//! The order of a picture's pixels by what a map says of them.

use crate::data::{Draws, PIXELS, SIDE};
use crate::explain::HeatMap;
use std::sync::LazyLock;

/// The pixels from the one that speaks most for the class to the one that speaks most against it: the map before its
/// ReLU, enlarged to 64 x 64. Equal values follow a shuffled order that is always the same, so that no side of the
/// picture gains by a map that does not decide.
pub(super) fn order(map: &HeatMap) -> Vec<usize> {
    let map = map.resized(SIDE, SIDE);
    // A sum with 0 makes one zero of the two that a total order tells apart.
    let value = |pixel: usize| map.values().get(pixel).map_or(0.0, |value| value + 0.0);
    let mut order = TIES.clone();
    order.sort_by(|a, b| value(*b).total_cmp(&value(*a)));
    order
}

static TIES: LazyLock<Vec<usize>> = LazyLock::new(|| {
    let mut order: Vec<usize> = (0..PIXELS).collect();
    Draws::new(&[u64::from_be_bytes(*b"the ties")]).shuffle(&mut order);
    order
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_value_comes_first_and_the_lowest_last() {
        let values: Vec<f32> = (0..PIXELS).map(|i| ((i * 37) % PIXELS) as f32 - 2000.0).collect();
        let found = order(&HeatMap::new(SIDE, values.clone()));
        assert!(found.windows(2).all(|pair| values[pair[0]] > values[pair[1]]));
    }

    #[test]
    fn a_map_that_does_not_decide_favours_no_side() {
        let found = order(&HeatMap::new(2, vec![-1.0; 4]));
        let half = &found[..PIXELS / 2];
        let share = |is_in: &dyn Fn(usize, usize) -> bool| {
            half.iter().filter(|&&i| is_in(i % SIDE, i / SIDE)).count() as f64 / half.len() as f64
        };
        // Of 2048 draws a half, give or take 0.011.
        for share in [share(&|x, _| x < 32), share(&|_, y| y < 32), share(&|x, y| (x < 32) == (y < 32))] {
            assert!((share - 0.5).abs() < 0.04, "{share}");
        }
        let zeros = (0..PIXELS).map(|i| if i % SIDE < 32 { 0.0 } else { -0.0 });
        assert_eq!(order(&HeatMap::new(SIDE, zeros.collect())), found, "the two zeros are equal");
        let mut all = found.clone();
        all.sort_unstable();
        assert_eq!(all, (0..PIXELS).collect::<Vec<_>>());
    }
}

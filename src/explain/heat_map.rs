//! A map of evidence over a picture.

/// How much each place speaks for a class, rows first, as the method's formula gives it: before ReLU and normalisation.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl HeatMap {
    /// Of so many columns; values that do not fill a last row are left out.
    pub fn new(width: usize, mut values: Vec<f32>) -> Self {
        let height = values.len().checked_div(width).unwrap_or(0);
        values.truncate(width * height);
        Self { width, height, values }
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn height(&self) -> usize {
        self.height
    }

    /// Rows first.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Nothing speaks for the class: after ReLU the map is zero everywhere.
    pub fn is_zero(&self) -> bool {
        self.values.iter().all(|value| *value <= 0.0)
    }

    /// After ReLU, scaled so that the lowest value is 0 and the highest 1. A map without positive evidence is 0 everywhere,
    /// one that is the same positive number everywhere is 1 everywhere; never NaN.
    pub fn normalised(&self) -> Self {
        let positive: Vec<f32> = self.values.iter().map(|value| value.max(0.0)).collect();
        let low = positive.iter().copied().fold(f32::INFINITY, f32::min);
        let high = positive.iter().copied().fold(0.0, f32::max);
        let scaled = |value: f32| match (high > 0.0, high > low) {
            (true, true) => (value - low) / (high - low),
            (is_positive, _) => f32::from(is_positive),
        };
        Self { values: positive.into_iter().map(scaled).collect(), ..*self }
    }

    /// With its signs, scaled so that the largest size is 1: evidence for the class above 0, against it below.
    pub fn signed(&self) -> Self {
        let largest = self.values.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
        // Not by the inverse, which the smallest numbers do not have.
        let divisor = if largest > 0.0 { largest } else { 1.0 };
        Self { values: self.values.iter().map(|value| value / divisor).collect(), ..*self }
    }

    /// Bilinear between the centres of the cells, as pictures are enlarged; beyond the outermost centres the outermost
    /// values go on.
    pub fn resized(&self, width: usize, height: usize) -> Self {
        if (width, height) == (self.width, self.height) || self.values.is_empty() {
            return self.clone();
        }
        let (columns, rows) = (between(self.width, width), between(self.height, height));
        let mut values = Vec::with_capacity(width * height);
        for &(above, below, down) in &rows {
            let row = |y: usize| &self.values[y * self.width..][..self.width];
            let (above, below) = (row(above), row(below));
            values.extend(columns.iter().map(|&(left, right, along)| {
                let top = above[left] * (1.0 - along) + above[right] * along;
                let bottom = below[left] * (1.0 - along) + below[right] * along;
                top * (1.0 - down) + bottom * down
            }));
        }
        Self { width, height, values }
    }

    /// Left and right exchanged.
    pub fn flipped(&self) -> Self {
        let rows = self.values.chunks_exact(self.width.max(1));
        Self { values: rows.flat_map(|row| row.iter().rev().copied()).collect(), ..*self }
    }

    /// The mean of two maps of one size.
    pub fn mean(&self, other: &Self) -> Self {
        let values = self.values.iter().zip(&other.values).map(|(a, b)| (a + b) / 2.0).collect();
        Self { values, ..*self }
    }
}

/// For each place of the result the two places it lies between, and how near it is to the second, 0 to 1.
fn between(from: usize, to: usize) -> Vec<(usize, usize, f32)> {
    let scale = from as f32 / to as f32;
    let place = |i: usize| {
        let at = ((i as f32 + 0.5) * scale - 0.5).clamp(0.0, (from - 1) as f32);
        let before = at as usize;
        (before, (before + 1).min(from - 1), at - before as f32)
    };
    (0..to).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_normalised_map_goes_from_0_to_1_and_is_never_nan() {
        let map = |values: &[f32]| HeatMap::new(2, values.to_vec()).normalised().values().to_vec();
        assert_eq!(map(&[-3.0, 0.0, 1.0, 2.0]), [0.0, 0.0, 0.5, 1.0]);
        assert_eq!(map(&[2.0, 4.0, 3.0, 2.0]), [0.0, 1.0, 0.5, 0.0]);
        assert_eq!(map(&[-1.0, -2.0, 0.0, -0.5]), [0.0; 4]);
        assert_eq!(map(&[0.25; 4]), [1.0; 4]);
        assert_eq!(HeatMap::new(2, vec![-4.0, 2.0]).signed().values(), [-1.0, 0.5]);
        assert_eq!(HeatMap::new(2, vec![0.0, 0.0]).signed().values(), [0.0, 0.0]);
        assert_eq!(HeatMap::new(2, vec![0.0, 1e-42]).signed().values(), [0.0, 1.0]);
        assert_eq!(map(&[0.0, 1e-42, 0.0, 1e-42]), [0.0, 1.0, 0.0, 1.0]);
        assert!(HeatMap::new(2, vec![-1.0, 0.0]).is_zero() && !HeatMap::new(2, vec![-1.0, 0.1]).is_zero());
    }

    #[test]
    fn an_enlarged_map_is_linear_between_the_centres_of_its_cells() {
        let map = HeatMap::new(2, vec![0.0, 1.0, 2.0, 3.0]).resized(4, 4);
        let row = |y: usize| &map.values()[4 * y..][..4];
        assert_eq!(row(0), [0.0, 0.25, 0.75, 1.0]);
        assert_eq!(row(1), [0.5, 0.75, 1.25, 1.5]);
        assert_eq!(row(3), [2.0, 2.25, 2.75, 3.0]);
    }

    #[test]
    fn flipping_twice_changes_nothing() {
        let map = HeatMap::new(3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(map.flipped().values(), [3.0, 2.0, 1.0, 6.0, 5.0, 4.0]);
        assert_eq!(map.flipped().flipped(), map);
    }
}

//! Noisy linear imputation (ROAD, arXiv 2202.00449, section 4.2): removed pixels as a smooth continuation of those that are
//! left, so that the shape of what was removed tells the network nothing.

use crate::data::{Draws, PIXELS, SIDE};

/// The paper's deviation of the noise, as a share of the grey levels' range.
const NOISE: f64 = 0.01;

/// The paper's weights of a pixel's eight neighbours; they sum to 1.
const DIRECT: f64 = 1.0 / 6.0;
const DIAGONAL: f64 = 1.0 / 12.0;

/// A grid with a rim of one place, so that every pixel has eight neighbours.
const WIDTH: usize = SIDE + 2;
const PLACES: usize = WIDTH * WIDTH;

/// The picture with its removed pixels filled in, and noise on those. `removed` has a place for each pixel; at least one
/// must be left.
pub(super) fn imputed(pixels: &[u8], removed: &[bool], noise: &mut Draws) -> Vec<u8> {
    let filled = filled(pixels, removed);
    let level = |pixel: usize| match removed[pixel] {
        true => (filled[pixel] + NOISE * 255.0 * noise.normal()).round().clamp(0.0, 255.0) as u8,
        false => pixels[pixel],
    };
    (0..PIXELS).map(level).collect()
}

/// The solution of: each removed pixel is the weighted mean of its neighbours, removed ones among them. At the picture's
/// edge the mean is of those that are there. The matrix is symmetric and positive definite (a Laplacian with the pixels
/// that are left as its border), so that conjugate gradients solve it.
fn filled(pixels: &[u8], removed: &[bool]) -> Vec<f64> {
    let mut known = vec![0.0; PLACES];
    (0..PIXELS).filter(|&pixel| !removed[pixel]).for_each(|p| known[place(p)] = f64::from(pixels[p]));
    let left = removed.iter().filter(|removed| !**removed).count().max(1);
    let mean = known.iter().sum::<f64>() / left as f64;

    let laplacian = Laplacian::new(removed);
    // Minus what the known pixels pull with: in the matrix they would stand at the other side.
    let mut pulled = laplacian.times(&known);
    pulled.iter_mut().for_each(|value| *value = -*value);
    // Begun at the mean of what is left, where most of the way is done.
    let start = laplacian.is_unknown.iter().map(|is_unknown| is_unknown * mean).collect();
    let solution = laplacian.solve(&pulled, start);
    let level = |pixel: usize| if removed[pixel] { solution[place(pixel)] } else { f64::from(pixels[pixel]) };
    (0..PIXELS).map(level).collect()
}

fn place(pixel: usize) -> usize {
    (pixel / SIDE + 1) * WIDTH + pixel % SIDE + 1
}

/// The matrix over the grid with a rim. Vectors are 0 wherever nothing is unknown; that way whole rows are computed
/// without a question.
struct Laplacian {
    /// 1 where a pixel was removed, else 0.
    is_unknown: Vec<f64>,
    /// There, the sum of the weights of the neighbours that are in the picture.
    weight: Vec<f64>,
}

impl Laplacian {
    fn new(removed: &[bool]) -> Self {
        let mut inside = vec![0.0; PLACES];
        let mut is_unknown = vec![0.0; PLACES];
        for pixel in 0..PIXELS {
            inside[place(pixel)] = 1.0;
            is_unknown[place(pixel)] = f64::from(u8::from(removed[pixel]));
        }
        let neighbours = Self { is_unknown: is_unknown.clone(), weight: vec![0.0; PLACES] }.times(&inside);
        Self { is_unknown, weight: neighbours.into_iter().map(|value| -value).collect() }
    }

    /// For each unknown place its weight times its value, less the weighted sum of its eight neighbours.
    fn times(&self, x: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; PLACES];
        for row in 1..=SIDE {
            let at = |row: usize| &x[WIDTH * row..][..WIDTH];
            let (above, here, below) = (at(row - 1), at(row), at(row + 1));
            let (weight, is_unknown) =
                (&self.weight[WIDTH * row..][..WIDTH], &self.is_unknown[WIDTH * row..][..WIDTH]);
            let product = &mut product[WIDTH * row..][..WIDTH];
            for i in 1..=SIDE {
                let direct = here[i - 1] + here[i + 1] + above[i] + below[i];
                let diagonal = above[i - 1] + above[i + 1] + below[i - 1] + below[i + 1];
                product[i] = weight[i] * here[i] - is_unknown[i] * (DIRECT * direct + DIAGONAL * diagonal);
            }
        }
        product
    }

    /// Conjugate gradients (Hestenes and Stiefel, 1952), from x on, until no grey level can change any more.
    fn solve(&self, right: &[f64], mut x: Vec<f64>) -> Vec<f64> {
        let mut residual: Vec<f64> =
            right.iter().zip(self.times(&x)).map(|(right, left)| right - left).collect();
        let mut direction = residual.clone();
        let mut before = dot(&residual, &residual);
        for _ in 0..PIXELS {
            if before <= TOLERANCE * TOLERANCE {
                break;
            }
            let along = self.times(&direction);
            let step = before / dot(&direction, &along);
            x.iter_mut().zip(&direction).for_each(|(x, direction)| *x += step * direction);
            residual.iter_mut().zip(&along).for_each(|(residual, along)| *residual -= step * along);
            let after = dot(&residual, &residual);
            let turn = after / before;
            direction.iter_mut().zip(&residual).for_each(|(d, residual)| *d = residual + turn * *d);
            before = after;
        }
        x
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Of the residual's length, in grey levels. The smallest eigenvalue is about 0.001 where all but a corner is removed, so
/// that the levels are right to a hundredth there and far better elsewhere.
const TOLERANCE: f64 = 1e-5;

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern() -> Vec<u8> {
        (0..PIXELS).map(|i| ((i * 7919) ^ (i >> 5)) as u8).collect()
    }

    /// What the authors' own code gives (pytorch-grad-cam 1.5.7's copy, solved by SciPy): two masks, the filled levels of
    /// seven pixels, and the sum of all.
    #[test]
    fn filled_pixels_are_those_of_the_papers_authors() {
        let scattered: Vec<bool> = (0..PIXELS).map(|i| i * 37 % 100 < 90).collect();
        let corner: Vec<bool> = (0..PIXELS).map(|i| i % SIDE < 50 && i / SIDE < 58).collect();
        let expected = [
            (
                scattered,
                [101.8587, 179.3475, 135.0053, 107.1204, 168.7124, 72.0605, 159.6244],
                522_955.339_971,
            ),
            (corner, [129.9735, 208.0, 130.0899, 130.3041, 133.7326, 62.0, 110.0], 529_692.701_956),
        ];
        for (removed, levels, sum) in expected {
            let found = filled(&pattern(), &removed);
            for (pixel, level) in [0, 63, 1000, 2015, 2600, 4032, 4095].into_iter().zip(levels) {
                assert!((found[pixel] - level).abs() < 1e-3, "{pixel}: {} and {level}", found[pixel]);
            }
            assert!((found.iter().sum::<f64>() - sum).abs() < 0.5, "{}", found.iter().sum::<f64>());
        }
    }

    #[test]
    fn a_hole_in_a_ramp_is_filled_with_the_ramp() {
        let ramp: Vec<u8> = (0..PIXELS).map(|i| (2 * (i % SIDE) + i / SIDE) as u8).collect();
        let in_hole =
            |x: usize, y: usize| (10..50).contains(&x) && (5..60).contains(&y) && (x, y) != (30, 30);
        let removed: Vec<bool> = (0..PIXELS).map(|i| in_hole(i % SIDE, i / SIDE)).collect();
        for (found, level) in filled(&ramp, &removed).iter().zip(&ramp) {
            assert!((found - f64::from(*level)).abs() < 1e-4, "{found} and {level}");
        }
    }

    #[test]
    fn noise_is_on_what_was_removed_and_nowhere_else() {
        let removed: Vec<bool> = (0..PIXELS).map(|i| i % 2 == 0).collect();
        let found = imputed(&[100; PIXELS], &removed, &mut Draws::new(&[1]));
        let kept = found.iter().zip(&removed).filter(|(_, removed)| !**removed);
        assert!(kept.clone().count() == PIXELS / 2 && kept.clone().all(|(level, _)| *level == 100));
        let noise: Vec<f64> = (0..PIXELS).step_by(2).map(|i| f64::from(found[i]) - 100.0).collect();
        let deviation = (noise.iter().map(|value| value * value).sum::<f64>() / noise.len() as f64).sqrt();
        // 2.55, and a little for the rounding.
        assert!((2.4..2.75).contains(&deviation), "{deviation}");
    }

    #[test]
    fn one_pixel_that_is_left_fills_all_and_none_left_ends() {
        let mut removed = vec![true; PIXELS];
        removed[700] = false;
        let mut pixels = pattern();
        pixels[700] = 31;
        assert!(filled(&pixels, &removed).iter().all(|level| (level - 31.0).abs() < 1e-3));
        removed[700] = true;
        assert!(filled(&pixels, &removed).iter().all(|level| level.is_finite()));
    }
}

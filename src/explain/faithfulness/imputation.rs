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
    let unknown: Vec<Unknown> = (0..PIXELS).filter(|&pixel| removed[pixel]).map(Unknown::of).collect();
    let mut known = vec![0.0; PLACES];
    (0..PIXELS).filter(|&pixel| !removed[pixel]).for_each(|p| known[place(p)] = f64::from(pixels[p]));
    let pulled: Vec<f64> = unknown.iter().map(|unknown| around(&known, unknown.place)).collect();

    // Begun at the mean of what is left, where most of the way is done.
    let left = (PIXELS - unknown.len()).max(1);
    let mean = known.iter().sum::<f64>() / left as f64;
    let mut solution = vec![0.0; PLACES];
    unknown.iter().for_each(|unknown| solution[unknown.place] = mean);
    solve(&unknown, &pulled, &mut solution);

    let level = |pixel: usize| if removed[pixel] { solution[place(pixel)] } else { f64::from(pixels[pixel]) };
    (0..PIXELS).map(level).collect()
}

/// A removed pixel.
struct Unknown {
    /// In the grid with a rim.
    place: usize,
    /// The sum of the weights of the neighbours that are there.
    weight: f64,
}

impl Unknown {
    fn of(pixel: usize) -> Self {
        let is_inside = |at: usize, by: isize| (0..SIDE as isize).contains(&(at as isize + by));
        let weight = |x: isize, y: isize| match (x, y) {
            _ if !is_inside(pixel % SIDE, x) || !is_inside(pixel / SIDE, y) => 0.0,
            (0, 0) => 0.0,
            (0, _) | (_, 0) => DIRECT,
            _ => DIAGONAL,
        };
        let weight = (-1..=1).flat_map(|y| (-1..=1).map(move |x| weight(x, y))).sum();
        Self { place: place(pixel), weight }
    }
}

fn place(pixel: usize) -> usize {
    (pixel / SIDE + 1) * WIDTH + pixel % SIDE + 1
}

/// The weighted sum of a place's neighbours.
fn around(grid: &[f64], at: usize) -> f64 {
    let (above, below) = (at - WIDTH, at + WIDTH);
    let direct = grid[at - 1] + grid[at + 1] + grid[above] + grid[below];
    let diagonal = grid[above - 1] + grid[above + 1] + grid[below - 1] + grid[below + 1];
    DIRECT * direct + DIAGONAL * diagonal
}

/// Conjugate gradients (Hestenes and Stiefel, 1952) for `weight_i x_i - around(x)_i = pulled_i`, from the solution that is
/// given. x lives on the grid and is 0 wherever nothing is unknown. It ends where no grey level can change any more.
fn solve(unknown: &[Unknown], pulled: &[f64], x: &mut [f64]) {
    let applied = |grid: &[f64]| -> Vec<f64> {
        unknown.iter().map(|u| u.weight * grid[u.place] - around(grid, u.place)).collect()
    };
    let square = |vector: &[f64]| -> f64 { vector.iter().map(|value| value * value).sum() };
    let mut residual: Vec<f64> =
        pulled.iter().zip(applied(x)).map(|(pulled, value)| pulled - value).collect();
    let mut direction = vec![0.0; PLACES];
    unknown.iter().zip(&residual).for_each(|(u, value)| direction[u.place] = *value);
    let mut before = square(&residual);
    for _ in 0..unknown.len() {
        if before <= TOLERANCE * TOLERANCE {
            return;
        }
        let along = applied(&direction);
        let curvature: f64 = unknown.iter().zip(&along).map(|(u, value)| direction[u.place] * value).sum();
        let step = before / curvature;
        for ((u, residual), along) in unknown.iter().zip(&mut residual).zip(&along) {
            x[u.place] += step * direction[u.place];
            *residual -= step * along;
        }
        let after = square(&residual);
        for (u, residual) in unknown.iter().zip(&residual) {
            direction[u.place] = residual + after / before * direction[u.place];
        }
        before = after;
    }
}

/// Of the residual's length, in grey levels. The smallest eigenvalue is about 0.001 where all but a corner is removed.
const TOLERANCE: f64 = 1e-6;

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

//! What is not the face: the background, and how the light and the camera make grey levels of it all.

use super::canvas::{Canvas, Point, ellipse};
use crate::data::{Draws, PIXELS, SIDE};

/// A wall of one grey with a few round things before it.
pub(super) fn background(draws: &mut Draws) -> Canvas {
    let mut canvas = Canvas::new(draws.uniform() as f32);
    for _ in 0..draws.below(6) {
        let mut coordinate = || draws.between(0.0, SIDE as f64) as f32;
        let (centre, radii) =
            ([coordinate(), coordinate()], [4.0 + coordinate() / 3.0, 4.0 + coordinate() / 3.0]);
        canvas.fill(&ellipse(centre, radii), draws.uniform() as f32);
    }
    canvas
}

/// Light, blur, noise, and grey levels in the end.
pub(super) fn expose(mut canvas: Canvas, draws: &mut Draws) -> Vec<u8> {
    let light = Light::draw(draws);
    let middle = SIDE as f32 / 2.0;
    canvas.all(|[x, y], level| {
        let along = ((x - middle) * light.direction[0] + (y - middle) * light.direction[1]) / middle;
        level * (1.0 + 0.5 * light.strength * along)
    });
    let sharp = canvas.pixels();
    let at = |x: usize, y: usize| sharp[y.min(SIDE - 1) * SIDE + x.min(SIDE - 1)];
    (0..PIXELS)
        .map(|i| {
            let (x, y) = (i % SIDE, i / SIDE);
            let around = [at(x.saturating_sub(1), y), at(x + 1, y), at(x, y.saturating_sub(1)), at(x, y + 1)];
            let blurred = sharp[i] * (1.0 - light.blur) + around.iter().sum::<f32>() / 4.0 * light.blur;
            let level = 0.5 + (blurred - 0.5) * light.contrast + light.brightness;
            let level = level + light.noise * draws.normal() as f32;
            (level.clamp(0.0, 1.0) * 255.0).round() as u8
        })
        .collect()
}

/// How the picture was taken.
#[derive(Clone, Copy, Debug)]
struct Light {
    /// The direction from which it is lighter, as a unit vector, and by how much from side to side.
    direction: Point,
    strength: f32,
    contrast: f32,
    brightness: f32,
    /// Deviation of the noise in each pixel.
    noise: f32,
    /// Share of a pixel that comes from its neighbours.
    blur: f32,
}

impl Light {
    fn draw(draws: &mut Draws) -> Self {
        let (sin, cos) = draws.between(0.0, std::f64::consts::TAU).sin_cos();
        Self {
            direction: [cos as f32, sin as f32],
            strength: draws.between(0.0, 0.6) as f32,
            contrast: draws.between(0.6, 1.1) as f32,
            brightness: draws.between(-0.12, 0.12) as f32,
            noise: draws.between(0.005, 0.035) as f32,
            blur: if draws.chance(0.3) { draws.between(0.0, 0.4) as f32 } else { 0.0 },
        }
    }
}

//! A small rasteriser: filled outlines and strokes of grey, drawn four times as fine as the picture and then
//! averaged, which smooths every edge.

use crate::data::{PIXELS, SIDE};

/// x to the right and y down.
pub(super) type Point = [f32; 2];

/// Cells of the canvas along a pixel's side.
const FINE: usize = 4;
const WIDTH: usize = SIDE * FINE;

/// Grey levels, 0 black to 1 white, in fine cells. Outlines are given in pixels.
pub(super) struct Canvas {
    levels: Vec<f32>,
    crossings: Vec<(f32, i32)>,
}

impl Canvas {
    pub fn new(level: f32) -> Self {
        Self { levels: vec![level; WIDTH * WIDTH], crossings: Vec::new() }
    }

    /// Fills the outline, whose last point is joined to the first, with one level.
    pub fn fill(&mut self, outline: &[Point], level: f32) {
        self.paint(outline, |_, _| level);
    }

    /// Fills with a level that `paint` makes of the place (in pixels) and the level that is there.
    pub fn paint(&mut self, outline: &[Point], paint: impl Fn(Point, f32) -> f32) {
        let cells = |row: usize, span: std::ops::Range<usize>, levels: &mut [f32]| {
            for x in span {
                let level = &mut levels[row * WIDTH + x];
                *level = paint([place(x), place(row)], *level);
            }
        };
        spans(outline, &mut self.crossings, |row, span| cells(row, span, &mut self.levels));
    }

    /// Fills the part of the outline that lies inside `clip`.
    pub fn fill_within(&mut self, clip: &[Point], outline: &[Point], level: f32) {
        let mut inside = vec![false; WIDTH * WIDTH];
        spans(clip, &mut self.crossings, |row, span| inside[row * WIDTH..][span].fill(true));
        spans(outline, &mut self.crossings, |row, span| {
            let run = row * WIDTH + span.start..row * WIDTH + span.end;
            for (to, inside) in self.levels[run.clone()].iter_mut().zip(&inside[run]) {
                if *inside {
                    *to = level;
                }
            }
        });
    }

    /// Applies `change` to every cell: its place in pixels and its level.
    pub fn all(&mut self, change: impl Fn(Point, f32) -> f32) {
        for (at, level) in self.levels.iter_mut().enumerate() {
            *level = change([place(at % WIDTH), place(at / WIDTH)], *level);
        }
    }

    /// The picture: each pixel is the mean of its cells.
    pub fn pixels(&self) -> Vec<f32> {
        let mut pixels = vec![0.0; PIXELS];
        for (row, cells) in self.levels.chunks_exact(WIDTH).enumerate() {
            for (x, cells) in cells.chunks_exact(FINE).enumerate() {
                pixels[row / FINE * SIDE + x] += cells.iter().sum::<f32>() / (FINE * FINE) as f32;
            }
        }
        pixels
    }
}

/// The middle of a cell, in pixels.
fn place(cell: usize) -> f32 {
    (cell as f32 + 0.5) / FINE as f32
}

/// Calls `span` for every run of cells whose middle is inside the outline (by non-zero winding, so that a
/// stroke that overlaps itself has no holes).
fn spans(
    outline: &[Point],
    crossings: &mut Vec<(f32, i32)>,
    mut span: impl FnMut(usize, std::ops::Range<usize>),
) {
    let cell = |coordinate: f32| (coordinate * FINE as f32 - 0.5).ceil().clamp(0.0, WIDTH as f32) as usize;
    let (low, high) =
        outline.iter().fold((f32::MAX, f32::MIN), |(low, high), p| (low.min(p[1]), high.max(p[1])));
    for row in cell(low)..cell(high) {
        let y = place(row);
        crossings.clear();
        for (a, b) in outline.iter().zip(outline.iter().cycle().skip(1)) {
            if (a[1] <= y) != (b[1] <= y) {
                let x = a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]);
                crossings.push((x, if b[1] > a[1] { 1 } else { -1 }));
            }
        }
        crossings.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut winding = 0;
        for pair in crossings.windows(2) {
            winding += pair[0].1;
            if winding != 0 {
                let run = cell(pair[0].0)..cell(pair[1].0);
                if !run.is_empty() {
                    span(row, run);
                }
            }
        }
    }
}

/// The outline of an ellipse, as a polygon of 32 corners.
pub(super) fn ellipse(centre: Point, radii: Point) -> Vec<Point> {
    (0..32)
        .map(|i| {
            let (sin, cos) = (i as f32 / 32.0 * std::f32::consts::TAU).sin_cos();
            [centre[0] + radii[0] * cos, centre[1] + radii[1] * sin]
        })
        .collect()
}

/// The outline of a line along the points whose width goes evenly from one value to another, with round ends.
pub(super) fn stroke(points: &[Point], widths: [f32; 2]) -> Vec<Point> {
    const CAP: usize = 6;
    let n = points.len();
    if n < 2 {
        return Vec::new();
    }
    let direction = |i: usize| {
        let (a, b) = (points[i.saturating_sub(1)], points[(i + 1).min(n - 1)]);
        let (x, y) = (b[0] - a[0], b[1] - a[1]);
        let length = x.hypot(y).max(1e-6);
        [x / length, y / length]
    };
    let radius = |i: usize| 0.5 * (widths[0] + (widths[1] - widths[0]) * i as f32 / (n - 1) as f32);
    // A point of the outline: `turn` quarter turns away from the line's direction.
    let around = |i: usize, turn: f32| {
        let ([x, y], r) = (direction(i), radius(i));
        let (sin, cos) = (turn * std::f32::consts::FRAC_PI_2).sin_cos();
        [points[i][0] + r * (x * cos - y * sin), points[i][1] + r * (x * sin + y * cos)]
    };
    let cap = |i: usize, from: f32| (1..CAP).map(move |k| around(i, from + 2.0 * k as f32 / CAP as f32));
    let mut outline: Vec<Point> = (0..n).map(|i| around(i, -1.0)).collect();
    outline.extend(cap(n - 1, -1.0));
    outline.extend((0..n).rev().map(|i| around(i, 1.0)));
    outline.extend(cap(0, 1.0));
    outline
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(canvas: &Canvas) -> f32 {
        canvas.pixels().iter().sum()
    }

    #[test]
    fn a_square_covers_its_pixels_and_parts_of_pixels_exactly() {
        let mut canvas = Canvas::new(0.0);
        canvas.fill(&[[2.0, 3.0], [5.5, 3.0], [5.5, 4.0], [2.0, 4.0]], 1.0);
        let pixels = canvas.pixels();
        assert_eq!(pixels[3 * SIDE + 1..3 * SIDE + 7], [0.0, 1.0, 1.0, 1.0, 0.5, 0.0]);
        assert_eq!(area(&canvas), 3.5);
    }

    #[test]
    fn ellipses_and_strokes_have_their_areas() {
        let mut canvas = Canvas::new(0.0);
        canvas.fill(&ellipse([32.0, 32.0], [20.0, 10.0]), 1.0);
        let expected = std::f32::consts::PI * 200.0;
        assert!((area(&canvas) / expected - 1.0).abs() < 0.01, "{}", area(&canvas));
        let mut canvas = Canvas::new(0.0);
        canvas.fill(&stroke(&[[10.0, 10.0], [20.0, 10.0], [30.0, 10.0]], [4.0, 4.0]), 1.0);
        let expected = 80.0 + std::f32::consts::PI * 4.0;
        assert!((area(&canvas) / expected - 1.0).abs() < 0.02, "{}", area(&canvas));
    }

    #[test]
    fn what_overlaps_itself_has_no_hole_and_what_is_outside_is_cut_off() {
        let mut canvas = Canvas::new(0.0);
        let corner = stroke(&[[10.0, 10.0], [20.0, 10.0], [20.0, 11.0], [10.0, 11.0]], [6.0, 6.0]);
        canvas.fill(&corner, 1.0);
        assert_eq!(canvas.pixels()[10 * SIDE + 15], 1.0);
        canvas.fill(&[[-1e6, -1e6], [1e6, -1e6], [1e6, 1e6], [-1e6, 1e6]], 1.0);
        assert_eq!(area(&canvas), PIXELS as f32);
        canvas.fill(&[], 0.0);
        canvas.fill(&[[f32::NAN, 1.0], [3.0, f32::NAN], [9.0, 9.0]], 1.0);
    }

    #[test]
    fn a_clip_keeps_the_outside_as_it_was() {
        let mut canvas = Canvas::new(0.0);
        let square = |side: f32| [[0.0, 0.0], [side, 0.0], [side, side], [0.0, side]];
        canvas.fill_within(&square(4.0), &square(10.0), 1.0);
        assert_eq!(area(&canvas), 16.0);
    }
}

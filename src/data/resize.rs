//! Antialiased bilinear reduction and enlargement of a square, to the bit as Pillow's `BILINEAR` does it: a
//! triangle filter whose support grows with the reduction, in fixed point, first along rows, then along
//! columns, rounded to a grey level in between.

use super::SIDE;

/// Bits behind the point of a weight: 32 less 8 for a sample and 2 for sums that leave 0..255.
const POINT: u32 = 32 - 8 - 2;

/// Weights for one source side and the rows in between, kept from picture to picture.
#[derive(Default)]
pub(super) struct Resizer {
    side: usize,
    /// For each of the SIDE results: the first source sample, and where its weights are in `weights`.
    spans: Vec<(usize, std::ops::Range<usize>)>,
    weights: Vec<i32>,
    rows: Vec<u8>,
}

/// A square window of an interleaved picture.
pub(super) struct Window<'a> {
    pub samples: &'a [u8],
    /// Samples from one row to the next.
    pub stride: usize,
    /// The sample where the window begins.
    pub start: usize,
    /// Width and height in pixels.
    pub side: usize,
}

impl Resizer {
    /// Writes the window as SIDE x SIDE pixels of `CHANNELS` samples to `out`, which must hold them.
    pub fn square<const CHANNELS: usize>(&mut self, window: &Window, out: &mut [u8]) {
        if self.side != window.side {
            self.weigh(window.side);
        }
        let row_length = SIDE * CHANNELS;
        self.rows.clear();
        self.rows.resize(window.side * row_length, 0);
        for (y, row) in self.rows.chunks_exact_mut(row_length).enumerate() {
            let begin = window.start + y * window.stride;
            let source = &window.samples[begin..begin + window.side * CHANNELS];
            for (pixel, (first, span)) in row.chunks_exact_mut(CHANNELS).zip(&self.spans) {
                let mut sums = [1i32 << (POINT - 1); CHANNELS];
                let weights = &self.weights[span.clone()];
                let samples = source[first * CHANNELS..].chunks_exact(CHANNELS);
                for (sample, weight) in samples.zip(weights) {
                    for (sum, value) in sums.iter_mut().zip(sample) {
                        *sum += i32::from(*value) * weight;
                    }
                }
                for (to, sum) in pixel.iter_mut().zip(sums) {
                    *to = level(sum);
                }
            }
        }
        for (to, (first, span)) in out.chunks_exact_mut(row_length).zip(&self.spans) {
            let mut sums = [1i32 << (POINT - 1); SIDE * 3];
            let sums = &mut sums[..row_length];
            let rows = self.rows[first * row_length..].chunks_exact(row_length);
            for (row, weight) in rows.zip(&self.weights[span.clone()]) {
                for (sum, value) in sums.iter_mut().zip(row) {
                    *sum += i32::from(*value) * weight;
                }
            }
            for (to, sum) in to.iter_mut().zip(sums) {
                *to = level(*sum);
            }
        }
    }

    /// The weights of a triangle of support max(1, side / SIDE) around each result's centre; they sum to 1.
    fn weigh(&mut self, side: usize) {
        self.side = side;
        self.spans.clear();
        self.weights.clear();
        let scale = side as f64 / SIDE as f64;
        let support = scale.max(1.0);
        let mut exact = Vec::new();
        for result in 0..SIDE {
            let centre = (result as f64 + 0.5) * scale;
            // Both ends are cut off towards zero, as a C cast does.
            let first = (centre - support + 0.5).max(0.0) as usize;
            let end = ((centre + support + 0.5) as usize).min(side);
            exact.clear();
            exact.extend((first..end).map(|x| {
                let distance = (x as f64 - centre + 0.5) / support;
                (1.0 - distance.abs()).max(0.0)
            }));
            let total: f64 = exact.iter().sum();
            let begin = self.weights.len();
            let one = f64::from(1u32 << POINT);
            self.weights.extend(exact.iter().map(|w| (w / total * one + 0.5) as i32));
            self.spans.push((first, begin..self.weights.len()));
        }
    }
}

fn level(sum: i32) -> u8 {
    (sum >> POINT).clamp(0, 255) as u8
}

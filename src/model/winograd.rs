//! 3x3 convolutions on the CPU by F(2x2, 3x3) of Lavin and Gray (arXiv 1509.09308): a tile of 2x2 outputs takes 16
//! multiplications for each pair of channels, not 36.
//!
//! With d a 4x4 patch of the input and g a kernel: y = A' [(G g G') * (B' d B)] A, where * is elementwise. Summed over the
//! channels, each of the 16 elements is a matrix product of its own, kernels by tiles. What follows a convolution (bias,
//! batch normalisation, ReLU, pooling) is done on its rows while they are in the cache.
//!
//! Numbers do not depend on how many pictures come together, nor on the threads.

use rayon::prelude::*;

/// The widest picture, in pixels.
pub(super) const WIDEST: usize = 64;

/// A convolution at stride 1 with a border of one zero, and what follows it. Height and width are even.
pub(super) struct Layer<'a> {
    pub inputs: usize,
    pub outputs: usize,
    pub height: usize,
    pub width: usize,
    pub kernels: &'a Kernels,
    pub bias: Option<&'a [f32]>,
    pub norm: Option<Norm>,
    pub relu: bool,
    /// Maximum of 2x2, stride 2.
    pub pool: bool,
}

/// Kernels made ready to multiply, G g G' of each: 16 numbers for 9.
pub(super) struct Kernels {
    inputs: usize,
    /// `[outputs, stride]`, of which the first `[16, inputs]` are in use.
    values: Vec<f32>,
}

/// (x - mean) / deviation * weight + bias, each by channel.
pub(super) struct Norm {
    pub mean: Vec<f32>,
    pub deviation: Vec<f32>,
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
}

/// Elements of a transformed tile.
const ELEMENTS: usize = 16;
/// Tiles that are multiplied together, and outputs: what they take stays in a core's cache.
const TILES: usize = 256;
const OUTPUTS: usize = 64;
/// Rows of matrices start this much further, off the powers of two that share one place in the cache.
const OFFSET: usize = 16;
/// Tiles in a row of the widest picture.
const ACROSS: usize = WIDEST / 2;

/// `[batch, inputs, height, width]` -> `[batch, outputs, height, width]`, half as high and wide after pooling.
pub(super) fn forward(layer: &Layer, x: &[f32]) -> Vec<f32> {
    let batch = x.len() / (layer.inputs * layer.height * layer.width).max(1);
    let groups = layer.groups(batch);
    let mut y = vec![0.0; batch * layer.outputs * layer.plane()];
    let pieces = layer.pieces(&groups, &mut y);
    assert_eq!(layer.kernels.inputs, layer.inputs);
    groups.into_par_iter().zip(pieces).for_each_init(Vec::new, |tiles, (group, pieces)| {
        let stride = group.tiles(layer) + OFFSET;
        tiles.resize(layer.inputs * ELEMENTS * stride, 0.0);
        tiles.par_chunks_mut(ELEMENTS * stride).enumerate().for_each(|(channel, tiles)| {
            group.transform(layer, x, channel, tiles, stride);
        });
        // What blocks write to is used again: fresh memory costs a single picture more than the arithmetic.
        pieces.into_par_iter().enumerate().for_each_init(Vec::new, |products, (block, pieces)| {
            let first = block * OUTPUTS;
            let outputs = OUTPUTS.min(layer.outputs - first);
            let kernels = &layer.kernels.values[first * layer.kernel_stride()..];
            products.resize(ELEMENTS * outputs * stride, 0.0);
            multiply(layer, kernels, tiles, products, outputs, group.tiles(layer), stride);
            group.finish(layer, products, first, outputs, stride, pieces);
        });
    });
    y
}

impl Kernels {
    /// Of `[outputs, inputs, 3, 3]`.
    pub fn new(kernels: &[f32], inputs: usize) -> Self {
        let length = (inputs * 9).max(1);
        let mut transformed = Self { inputs, values: Vec::new() };
        transformed.values.resize(kernels.len() / length * transformed.stride(), 0.0);
        transformed
            .values
            .par_chunks_mut(ELEMENTS * inputs + OFFSET)
            .zip(kernels.par_chunks(length))
            .for_each(|(transformed, kernels)| transform_kernels(kernels, transformed, inputs));
        transformed
    }

    fn stride(&self) -> usize {
        ELEMENTS * self.inputs + OFFSET
    }
}

/// Rows of tiles that are multiplied together: of some whole pictures, or a part of one.
struct Group {
    pictures: std::ops::Range<usize>,
    rows: std::ops::Range<usize>,
}

impl Layer<'_> {
    fn across(&self) -> usize {
        self.width / 2
    }

    fn down(&self) -> usize {
        self.height / 2
    }

    /// Numbers that a row of tiles gives, for one picture and output.
    fn row(&self) -> usize {
        if self.pool { self.across() } else { 2 * self.width }
    }

    fn plane(&self) -> usize {
        self.down() * self.row()
    }

    fn kernel_stride(&self) -> usize {
        self.kernels.stride()
    }

    fn groups(&self, batch: usize) -> Vec<Group> {
        let rows = (TILES / self.across()).max(1);
        let down = self.down();
        if rows >= down {
            let pictures = rows / down;
            let group = |first| Group { pictures: first..(first + pictures).min(batch), rows: 0..down };
            return (0..batch).step_by(pictures).map(group).collect();
        }
        let parts = |picture| {
            (0..down).step_by(rows).map(move |first| Group {
                pictures: picture..picture + 1,
                rows: first..(first + rows).min(down),
            })
        };
        (0..batch).flat_map(parts).collect()
    }

    /// The output by group and block of outputs; within these by picture, then by output.
    fn pieces<'y>(&self, groups: &[Group], y: &'y mut [f32]) -> Vec<Vec<Vec<&'y mut [f32]>>> {
        let blocks = self.outputs.div_ceil(OUTPUTS);
        let mut pieces: Vec<Vec<Vec<&mut [f32]>>> =
            groups.iter().map(|_| (0..blocks).map(|_| Vec::new()).collect()).collect();
        let Some(first) = groups.first() else { return pieces };
        let (pictures, rows) = (first.pictures.len(), first.rows.len());
        let parts = self.down().div_ceil(rows);
        for (i, plane) in y.chunks_mut(self.plane()).enumerate() {
            let (picture, output) = (i / self.outputs, i % self.outputs);
            for (part, piece) in plane.chunks_mut(rows * self.row()).enumerate() {
                pieces[picture / pictures * parts + part][output / OUTPUTS].push(piece);
            }
        }
        pieces
    }
}

fn transform_kernels(kernels: &[f32], transformed: &mut [f32], inputs: usize) {
    const LANES: usize = 8;
    for first in (0..inputs).step_by(LANES) {
        let count = LANES.min(inputs - first);
        let mut g = [[0.0; LANES]; 9];
        for (lane, kernel) in kernels[first * 9..][..count * 9].chunks_exact(9).enumerate() {
            for (g, value) in g.iter_mut().zip(kernel) {
                g[lane] = *value;
            }
        }
        let [left, middle, right] =
            [0, 1, 2].map(|column| spread(&g[column], &g[3 + column], &g[6 + column]));
        for (row, ((left, middle), right)) in left.iter().zip(&middle).zip(&right).enumerate() {
            let elements = spread(left, middle, right);
            for (column, element) in elements.iter().enumerate() {
                let start = (4 * row + column) * inputs + first;
                transformed[start..][..count].copy_from_slice(&element[..count]);
            }
        }
    }
}

/// G (a, b, c)'.
fn spread<const N: usize>(a: &[f32; N], b: &[f32; N], c: &[f32; N]) -> [[f32; N]; 4] {
    let mut spread = [*a, [0.0; N], [0.0; N], *c];
    for i in 0..N {
        let outer = 0.5 * (a[i] + c[i]);
        spread[1][i] = outer + 0.5 * b[i];
        spread[2][i] = outer - 0.5 * b[i];
    }
    spread
}

/// For each of the 16 elements kernels `[outputs, inputs]` by tiles `[inputs, tiles]`, into `[16, outputs, tiles]`.
fn multiply(
    layer: &Layer,
    kernels: &[f32],
    tiles: &[f32],
    products: &mut [f32],
    outputs: usize,
    count: usize,
    stride: usize,
) {
    // A product of one column takes another path whose sums have another order; the columns of the offset are free.
    let count = count.next_multiple_of(8);
    let (inputs, kernel_stride, tile_stride) = (layer.inputs, layer.kernel_stride(), ELEMENTS * stride);
    assert!(count <= stride && tiles.len() >= inputs * tile_stride);
    assert!(kernels.len() >= outputs * kernel_stride && products.len() >= ELEMENTS * outputs * stride);
    for (element, products) in products.chunks_exact_mut(outputs * stride).take(ELEMENTS).enumerate() {
        // SAFETY: the lengths asserted above hold every index: kernels up to (outputs - 1) * kernel_stride + 16 * inputs,
        // tiles up to (inputs - 1) * 16 * stride + 15 * stride + count, products up to (outputs - 1) * stride + count.
        // The three do not overlap, and `products` alone is written.
        unsafe {
            gemm::gemm(
                outputs,
                count,
                inputs,
                products.as_mut_ptr(),
                1,
                stride as isize,
                false,
                kernels.as_ptr().add(element * inputs),
                1,
                kernel_stride as isize,
                tiles.as_ptr().add(element * stride),
                1,
                tile_stride as isize,
                0.0,
                1.0,
                false,
                false,
                false,
                gemm::Parallelism::None,
            );
        }
    }
}

impl Group {
    fn tiles(&self, layer: &Layer) -> usize {
        self.pictures.len() * self.rows.len() * layer.across()
    }

    /// B' d B of one channel's tiles: `[16, tiles]`.
    fn transform(&self, layer: &Layer, x: &[f32], channel: usize, tiles: &mut [f32], stride: usize) {
        let (across, plane) = (layer.across(), layer.height * layer.width);
        let mut start = 0;
        for picture in self.pictures.clone() {
            let plane = &x[(picture * layer.inputs + channel) * plane..][..plane];
            for row in self.rows.clone() {
                // A patch is columns 2t - 1 to 2t + 2 of the picture. Apart, its odd columns and its even ones lie side by
                // side: odd[t], even[t], odd[t + 1], even[t + 1].
                let mut odd = [[0.0; ACROSS + 1]; 4];
                let mut even = [[0.0; ACROSS + 1]; 4];
                for line in 0..4 {
                    // The line above the first is as empty as the one below the last.
                    let line_of_picture = (2 * row + line).wrapping_sub(1);
                    if line_of_picture < layer.height {
                        let values = &plane[line_of_picture * layer.width..][..layer.width];
                        let (odd, even) = (&mut odd[line][1..=across], &mut even[line][..across]);
                        for ((odd, even), pair) in odd.iter_mut().zip(even).zip(values.chunks_exact(2)) {
                            (*even, *odd) = (pair[0], pair[1]);
                        }
                    }
                }
                for (element, (a, b, sign)) in
                    [(0, 2, -1.0), (1, 2, 1.0), (2, 1, -1.0), (1, 3, -1.0)].into_iter().enumerate()
                {
                    let odd = combined(&odd[a], &odd[b], sign);
                    let even = combined(&even[a], &even[b], sign);
                    let mut write = |column: usize, first: &[f32], second: &[f32], sign: f32| {
                        let tiles = &mut tiles[(4 * element + column) * stride + start..][..across];
                        for ((tile, a), b) in tiles.iter_mut().zip(&first[..across]).zip(&second[..across]) {
                            *tile = a + sign * b;
                        }
                    };
                    write(0, &odd, &odd[1..], -1.0);
                    write(1, &even, &odd[1..], 1.0);
                    write(2, &odd[1..], &even, -1.0);
                    write(3, &even, &even[1..], -1.0);
                }
                start += across;
            }
        }
    }

    /// A' m A of a block of outputs, and what follows the convolution.
    fn finish(
        &self,
        layer: &Layer,
        products: &[f32],
        first: usize,
        outputs: usize,
        stride: usize,
        pieces: Vec<&mut [f32]>,
    ) {
        let (across, rows) = (layer.across(), self.rows.len());
        for (i, piece) in pieces.into_iter().enumerate() {
            let (picture, output) = (i / outputs, i % outputs);
            for (row, piece) in piece.chunks_exact_mut(layer.row()).enumerate() {
                let start = output * stride + (picture * rows + row) * across;
                let element = |element: usize| &products[element * outputs * stride + start..][..across];
                let mut quarters = inverse(element, across);
                layer.follow(&mut quarters, across, first + output);
                write(&quarters, across, layer.pool, piece);
            }
        }
    }
}

type Lane = [f32; ACROSS];

fn combined(a: &[f32; ACROSS + 1], b: &[f32; ACROSS + 1], sign: f32) -> [f32; ACROSS + 1] {
    let mut combined = *a;
    for (value, b) in combined.iter_mut().zip(b) {
        *value += sign * b;
    }
    combined
}

/// Of a row of tiles the outputs at the upper left, upper right, lower left, lower right.
fn inverse<'a>(element: impl Fn(usize) -> &'a [f32], across: usize) -> [Lane; 4] {
    let mut upper = [[0.0; ACROSS]; 4];
    let mut lower = [[0.0; ACROSS]; 4];
    for column in 0..4 {
        let [a, b, c, d] = [0, 4, 8, 12].map(|row| &element(row + column)[..across]);
        let (upper, lower) = (&mut upper[column][..across], &mut lower[column][..across]);
        for i in 0..across {
            upper[i] = a[i] + b[i] + c[i];
            lower[i] = b[i] - c[i] - d[i];
        }
    }
    let mut quarters = [[0.0; ACROSS]; 4];
    for (half, sums) in [upper, lower].iter().enumerate() {
        let [a, b, c, d] = [0, 1, 2, 3].map(|column| &sums[column][..across]);
        let (left, right) = quarters[2 * half..].split_at_mut(1);
        let (left, right) = (&mut left[0][..across], &mut right[0][..across]);
        for i in 0..across {
            left[i] = a[i] + b[i] + c[i];
            right[i] = b[i] - c[i] - d[i];
        }
    }
    quarters
}

impl Layer<'_> {
    /// Bias, batch normalisation and ReLU, number by number as the layers do them one after another.
    fn follow(&self, quarters: &mut [Lane; 4], across: usize, output: usize) {
        if let Some(bias) = self.bias {
            let bias = bias[output];
            for quarter in quarters.iter_mut() {
                quarter[..across].iter_mut().for_each(|y| *y += bias);
            }
        }
        if let Some(norm) = &self.norm {
            let (mean, deviation) = (norm.mean[output], norm.deviation[output]);
            let (weight, bias) = (norm.weight[output], norm.bias[output]);
            for quarter in quarters.iter_mut() {
                quarter[..across].iter_mut().for_each(|y| *y = (*y - mean) / deviation * weight + bias);
            }
        }
        if self.relu {
            for quarter in quarters.iter_mut() {
                // Not a number stays what it is: weights that diverged must not look healthy.
                quarter[..across].iter_mut().for_each(|y| *y = if y.is_nan() || *y > 0.0 { *y } else { 0.0 });
            }
        }
    }
}

fn write([a, b, c, d]: &[Lane; 4], across: usize, pool: bool, y: &mut [f32]) {
    if pool {
        let larger = |a: f32, b: f32| if b > a || b.is_nan() { b } else { a };
        for (i, y) in y.iter_mut().take(across).enumerate() {
            *y = larger(larger(larger(a[i], b[i]), c[i]), d[i]);
        }
        return;
    }
    let (upper, lower) = y.split_at_mut(2 * across);
    for (line, [left, right]) in [(upper, [a, b]), (lower, [c, d])] {
        for ((pair, left), right) in line.chunks_exact_mut(2).zip(left).zip(right) {
            (pair[0], pair[1]) = (*left, *right);
        }
    }
}

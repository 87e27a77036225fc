use burn::tensor::{Device, Tensor, TensorData};

/// Height and width of every picture a network sees.
pub(super) const SIDE: usize = 64;

/// ImageNet's mean of red, green and blue in 0..1, which the paper's networks subtract.
pub const NORMALISATION_MEAN: [f32; 3] = [0.485, 0.456, 0.406];
/// ImageNet's standard deviation of red, green and blue in 0..1, which the paper's networks divide by.
pub const NORMALISATION_STD: [f32; 3] = [0.229, 0.224, 0.225];

/// Grey pictures of 64x64 bytes, one after another, as a network's input `[batch, 3, 64, 64]`: the grey repeated
/// three times, each channel normalised. One byte a pixel becomes one number on the way to the device; the
/// repetition is done there. Bytes after the last whole picture are not looked at.
///
/// On a device with autodiff the result is a constant: no gradients flow into it.
pub fn input(pixels: &[u8], device: &Device) -> Tensor<4> {
    let batch = pixels.len() / (SIDE * SIDE);
    let grey: Vec<f32> =
        pixels[..batch * SIDE * SIDE].iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
    normalised(Tensor::from_data(TensorData::new(grey, [batch, 1, SIDE, SIDE]), device))
}

/// Grey pictures in 0..1, `[batch, 1, 64, 64]`, as a network's input `[batch, 3, 64, 64]`; gradients flow back to the
/// grey.
pub fn normalised(grey: Tensor<4>) -> Tensor<4> {
    let device = grey.device();
    let channel = |values: [f32; 3]| Tensor::<1>::from_floats(values, &device).reshape([1, 3, 1, 1]);
    (grey - channel(NORMALISATION_MEAN)) / channel(NORMALISATION_STD) // [batch, 3, 64, 64]
}

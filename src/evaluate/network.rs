//! A network's probabilities for pictures.

use super::error::EvaluateError;
use crate::data::{Dataset, PIXELS};
use crate::emotion::CLASSES;
use crate::model::{self, Network};
use burn::prelude::Device;

/// Pictures scored in one pass, wherever a split is scored: another number may change the last bits of a score.
pub const BATCH: usize = 64;

/// Softmax probabilities of pictures of a data set, one row per index, in the order of the classes. The network is
/// the one that evaluates (`valid()`, or on a device without autodiff).
///
/// # Errors
/// Where the device fails, or the logits are not six per picture.
pub fn network_scores(
    network: &Network,
    dataset: &Dataset,
    indices: &[usize],
    batch: usize,
    device: &Device,
) -> Result<Vec<[f32; CLASSES]>, EvaluateError> {
    network_scores_with(network, dataset, indices, batch, device, &mut |_| {})
}

/// As [`network_scores`], and tells how many pictures are done after each batch.
pub fn network_scores_with(
    network: &Network,
    dataset: &Dataset,
    indices: &[usize],
    batch: usize,
    device: &Device,
    progress: &mut dyn FnMut(usize),
) -> Result<Vec<[f32; CLASSES]>, EvaluateError> {
    let pictures = indices.iter().map(|index| dataset.pixels(*index));
    picture_scores(network, pictures, batch, device, progress)
}

/// As [`network_scores_with`], of any pictures of 64 x 64 grey levels each.
///
/// Every pass has the same number of pictures, a short last one filled up with black: on a GPU each new shape
/// costs a search for the fastest kernels.
pub fn picture_scores<'a>(
    network: &Network,
    pictures: impl Iterator<Item = &'a [u8]>,
    batch: usize,
    device: &Device,
    progress: &mut dyn FnMut(usize),
) -> Result<Vec<[f32; CLASSES]>, EvaluateError> {
    let batch = batch.max(1);
    let mut pictures = pictures.peekable();
    let mut scores = Vec::with_capacity(pictures.size_hint().0);
    let mut pixels = vec![0; batch * PIXELS];
    while pictures.peek().is_some() {
        let mut filled = 0;
        for (place, picture) in pixels.chunks_exact_mut(PIXELS).zip(&mut pictures) {
            // A picture of another size cannot come from a pack; it would count as black where it is short.
            let length = picture.len().min(PIXELS);
            place[..length].copy_from_slice(&picture[..length]);
            place[length..].fill(0);
            filled += 1;
        }
        pixels[filled * PIXELS..].fill(0);
        let logits = logits(network, &pixels, batch, device)?;
        if logits[..filled * CLASSES].iter().any(|logit| !logit.is_finite()) {
            return Err(EvaluateError::NotFinite);
        }
        scores.extend(logits.chunks_exact(CLASSES).take(filled).map(softmax));
        progress(scores.len());
    }
    Ok(scores)
}

/// One pass; `[batch * 6]`, picture by picture.
fn logits(
    network: &Network,
    pixels: &[u8],
    batch: usize,
    device: &Device,
) -> Result<Vec<f32>, EvaluateError> {
    let failed = |what: String| EvaluateError::Logits { what, batch };
    let data = network
        .forward(model::input(pixels, device))
        .try_into_data()
        .map_err(|error| failed(format!("an error ({error})")))?;
    let logits: Vec<f32> = data.try_into_vec_as().map_err(|error| failed(format!("an error ({error})")))?;
    if logits.len() != batch * CLASSES {
        return Err(failed(format!("{} numbers", logits.len())));
    }
    Ok(logits)
}

/// Probabilities of six logits. In f64, so that the sum is 1 to the last bit of an f32 and no order of summation
/// on a device shows.
pub(crate) fn softmax(logits: &[f32]) -> [f32; CLASSES] {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut powers = [0.0f64; CLASSES];
    for (power, logit) in powers.iter_mut().zip(logits) {
        *power = (f64::from(*logit) - f64::from(highest)).exp();
    }
    let sum: f64 = powers.iter().sum();
    powers.map(|power| (power / sum) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Architecture;

    fn small() -> (Network, Device) {
        let device = Device::flex();
        let architecture = Architecture {
            arch: "plain".into(),
            depth: Some(2),
            width: Some(4),
            fc_depth: Some(1),
            ..Architecture::default()
        };
        (Network::new(&architecture, 3, &device).unwrap(), device)
    }

    fn pictures(count: usize) -> Vec<Vec<u8>> {
        (0..count).map(|i| (0..PIXELS).map(|p| (p * (i + 3) / 7 % 251) as u8).collect()).collect()
    }

    fn scored(network: &Network, pictures: &[Vec<u8>], batch: usize, device: &Device) -> Vec<[f32; CLASSES]> {
        let pictures = pictures.iter().map(Vec::as_slice);
        picture_scores(network, pictures, batch, device, &mut |_| {}).unwrap()
    }

    #[test]
    fn a_short_last_batch_gives_the_scores_that_a_full_one_gives() {
        let (network, device) = small();
        let pictures = pictures(7);
        let together = scored(&network, &pictures, 7, &device);
        let apart = scored(&network, &pictures, 3, &device);
        assert_eq!((together.len(), apart.len()), (7, 7));
        for (a, b) in together.iter().flatten().zip(apart.iter().flatten()) {
            assert!((a - b).abs() < 1e-5, "{a} and {b}");
        }
        assert!(together[0] != together[1], "the pictures are told apart");
    }

    #[test]
    fn scores_are_probabilities_and_progress_counts_pictures() {
        let (network, device) = small();
        let pictures = pictures(5);
        let mut done = Vec::new();
        let scores =
            picture_scores(&network, pictures.iter().map(Vec::as_slice), 2, &device, &mut |n| done.push(n))
                .unwrap();
        assert_eq!(done, [2, 4, 5]);
        for row in scores {
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn no_pictures_have_no_scores() {
        let (network, device) = small();
        assert_eq!(scored(&network, &[], 4, &device), Vec::<[f32; CLASSES]>::new());
    }

    #[test]
    fn large_logits_do_not_overflow() {
        assert_eq!(softmax(&[1000.0, 0.0, 0.0, 0.0, 0.0, -1000.0]), [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let third = softmax(&[-500.0, -500.0, -500.0, -9000.0, -9000.0, -9000.0]);
        assert!((third[0] - 1.0 / 3.0).abs() < 1e-7);
        assert!(softmax(&[f32::NAN; CLASSES])[0].is_nan());
    }
}

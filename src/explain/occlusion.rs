//! Occlusion sensitivity (Zeiler and Fergus, arXiv 1311.2901, section 4.2).

use super::evidence::Asked;
use super::passes::Passes;
use super::{ExplainError, HeatMap, Request};
use crate::data::{PIXELS, SIDE};
use crate::emotion::CLASSES;
use crate::model::NORMALISATION_MEAN;

/// How far what is asked about falls as a grey patch moves over each picture (64 x 64 grey levels in 0..1): a map of 64 x
/// 64, each pixel the mean of the patches that cover it, below 0 where greying it speaks for the class.
///
/// The grey is the one that normalisation turns into 0, the mean of its three channels, as in the paper, whose pictures
/// have the mean picture taken away.
pub(super) fn maps(
    passes: &Passes,
    pictures: &[Vec<f32>],
    request: &Request,
    ask: impl FnOnce(&[f32]) -> Result<Vec<Asked>, ExplainError>,
) -> Result<(Vec<Asked>, Vec<HeatMap>), ExplainError> {
    let corners = corners(request.patch, request.stride);
    let patches = corners.len() * corners.len();
    let corner = |patch: usize| (corners[patch % corners.len()], corners[patch / corners.len()]);
    let grey = NORMALISATION_MEAN.iter().sum::<f32>() / 3.0;
    // Each picture as it is, then with each patch: in passes of one size what a patch does not change stays to the bit.
    let logits = passes.logits(pictures.len() * (patches + 1), |row, place| {
        place.copy_from_slice(&pictures[row / (patches + 1)]);
        if let Some(patch) = (row % (patches + 1)).checked_sub(1) {
            cover(place, corner(patch), request.patch, |level| *level = grey);
        }
    })?;
    let whole: Vec<f32> = logits.iter().step_by(patches + 1).flatten().copied().collect();
    let asked = ask(&whole)?;
    let of_picture = logits.chunks_exact(patches + 1).zip(&asked);
    let maps = of_picture.map(|(logits, asked)| {
        let y = |logits: &[f32; CLASSES]| asked.score(logits);
        let mut sums = vec![(0.0, 0.0); PIXELS];
        for (patch, occluded) in logits[1..].iter().enumerate() {
            let drop = y(&logits[0]) - y(occluded);
            cover(&mut sums, corner(patch), request.patch, |(sum, count)| {
                *sum += drop;
                *count += 1.0;
            });
        }
        HeatMap::new(SIDE, sums.into_iter().map(|(sum, count): (f32, f32)| sum / count.max(1.0)).collect())
    });
    let maps = maps.collect();
    Ok((asked, maps))
}

/// Where patches begin along one side: a stride apart, and one more that ends at the edge where they do not reach it.
fn corners(patch: usize, stride: usize) -> Vec<usize> {
    let last = SIDE.saturating_sub(patch);
    let mut corners: Vec<usize> = (0..=last).step_by(stride.max(1)).collect();
    if corners.last() != Some(&last) {
        corners.push(last);
    }
    corners
}

/// Visits a picture's places under a patch.
fn cover<T>(places: &mut [T], (left, top): (usize, usize), patch: usize, mut visit: impl FnMut(&mut T)) {
    for row in places.chunks_exact_mut(SIDE).skip(top).take(patch) {
        row.iter_mut().skip(left).take(patch).for_each(&mut visit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_reach_every_pixel() {
        assert_eq!(corners(8, 4).len(), 15);
        assert_eq!(corners(10, 7), [0, 7, 14, 21, 28, 35, 42, 49, 54]);
        assert_eq!(corners(64, 64), [0]);
        for patch in 1..=SIDE {
            for stride in 1..=patch {
                let mut covered = [false; SIDE];
                corners(patch, stride).iter().for_each(|&at| covered[at..at + patch].fill(true));
                assert_eq!(covered, [true; SIDE], "{patch}, {stride}");
            }
        }
    }
}

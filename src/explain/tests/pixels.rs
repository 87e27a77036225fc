use super::*;
use crate::emotion::{CLASSES, Emotion};
use crate::explain::{Method, Target};

fn logits(explainer: &Explainer, photo: &[u8]) -> Vec<f32> {
    let input = crate::model::input(photo, &Device::flex());
    explainer.network().forward(input).into_data().try_to_vec().unwrap()
}

/// Of the class that changes most on the way: a share of almost nothing would measure the steps alone.
#[test]
fn integrated_gradients_sum_to_what_the_picture_adds_to_black() {
    let photos = photos(1);
    for explainer in [trained("plain"), trained("residual"), explainer(&gimefive(2, 3))] {
        let (black, logits) = (logits(&explainer, &[0; PIXELS]), logits(&explainer, &photos[0]));
        let added = |class: Emotion| logits[class.index()] - black[class.index()];
        let mut classes = Emotion::ALL;
        classes.sort_by(|a, b| added(*b).abs().total_cmp(&added(*a).abs()));
        let target = Target::Class(classes[0]);
        let request =
            Request { method: Method::IntegratedGradients, steps: 256, target, ..Request::default() };
        let map = explain(&explainer, &photos, &request).remove(0).map;
        let sum: f64 = map.values().iter().map(|part| f64::from(*part)).sum();
        let expected = f64::from(added(classes[0]));
        assert!((sum / expected - 1.0).abs() < 0.01, "{sum} and {expected}");
        let has = |sign: f32| map.values().iter().any(|part| part * sign > 0.0);
        assert!(has(1.0) && has(-1.0), "parts have signs");
    }
}

#[test]
fn black_pixels_have_no_part() {
    let mut photos = photos(1);
    photos[0][..2048].fill(0);
    let request = Request { method: Method::IntegratedGradients, steps: 3, ..Request::default() };
    let found = &explain(&trained("vgg"), &photos, &request)[0];
    assert!(found.map.values()[..2048].iter().all(|part| *part == 0.0));
    assert!(found.map.values()[2048..].iter().any(|part| *part != 0.0));
}

#[test]
fn occlusion_is_the_drop_of_the_logit_under_each_patch() {
    let (explainer, photos) = (trained("plain"), photos(1));
    let request = Request {
        method: Method::Occlusion,
        target: Target::Class(Emotion::Surprise),
        patch: 32,
        stride: 32,
        ..Request::default()
    };
    let map = explain(&explainer, &photos, &request).remove(0).map;
    assert_eq!((map.width(), map.height()), (64, 64));
    let y = |photo: &[u8]| logits(&explainer, photo)[Emotion::Surprise.index()];
    for (left, top) in [(0, 0), (32, 0), (0, 32), (32, 32)] {
        let mut occluded = photos[0].clone();
        for row in occluded.chunks_mut(64).skip(top).take(32) {
            // The nearest grey level to the one of 0.449: off by a thousandth.
            row[left..left + 32].fill(114);
        }
        let drop = y(&photos[0]) - y(&occluded);
        let found = map.values()[top * 64 + left];
        assert!((found - drop).abs() < 0.02 * drop.abs().max(0.05), "{found} and {drop}");
        let inside = (top..top + 32).flat_map(|row| &map.values()[row * 64 + left..][..32]);
        assert!(inside.copied().all(|value| value == found));
    }
}

#[test]
fn a_pixel_under_many_patches_gets_their_mean() {
    let (explainer, photos) = (trained("vgg"), photos(1));
    let of = |patch, stride| Request { method: Method::Occlusion, patch, stride, ..Request::default() };
    let apart = explain(&explainer, &photos, &of(32, 32)).remove(0).map;
    let over = explain(&explainer, &photos, &of(32, 16)).remove(0).map;
    // The corners are under one patch alone, which both have.
    for corner in [0, 63, 63 * 64, 63 * 64 + 63] {
        assert_eq!(over.values()[corner], apart.values()[corner]);
    }
    let row = |x: usize| over.values()[x];
    assert!(
        (row(20) - (row(0) + middle(&explainer, &photos)) / 2.0).abs() < 1e-6,
        "two patches lie over column 20"
    );
}

/// What the patch in the middle of the upper edge takes away: the map's columns 16..32 are under it and the left one,
/// 32..48 under it and the right one.
fn middle(explainer: &Explainer, photos: &[Vec<u8>]) -> f32 {
    let request = Request { method: Method::Occlusion, patch: 32, stride: 16, ..Request::default() };
    let map = explain(explainer, photos, &request).remove(0).map;
    2.0 * map.values()[40] - map.values()[63]
}

#[test]
fn a_patch_on_what_is_grey_already_takes_nothing_away() {
    // Where all is as dark as the patch within rounding, the drop is that of rounding.
    let photos = vec![vec![114; PIXELS]];
    let request = Request { method: Method::Occlusion, ..Request::default() };
    let found = &explain(&trained("plain"), &photos, &request)[0];
    assert!(found.map.values().iter().all(|drop| drop.abs() < 1e-2), "{:?}", found.map);
}

#[test]
fn smooth_grad_without_noise_is_the_size_of_the_gradient() {
    let (explainer, photos) = (trained("resnet"), photos(1));
    let of = |samples, noise, seed| {
        let method = Method::SmoothGrad;
        let request = Request { method, samples, noise, seed, ..Request::default() };
        explain(&explainer, &photos, &request).remove(0).map
    };
    let gradient = of(1, 0.0, 0);
    assert!(gradient.values().iter().all(|size| *size >= 0.0) && !gradient.is_zero());
    assert!(error(of(3, 0.0, 1).values(), gradient.values()) < 1e-5, "copies without noise are alike");
    assert_eq!(of(3, 0.2, 1), of(3, 0.2, 1));
    assert_ne!(of(3, 0.2, 1), of(3, 0.2, 2), "the seed is heard");
    assert_ne!(of(3, 0.2, 1), of(4, 0.2, 1));
}

/// Three channels are one grey level: moving it moves all of them.
#[test]
fn the_gradient_of_a_pixel_is_that_of_its_grey_level() {
    let explainer = trained("plain");
    let photo = photos(1).remove(0);
    let class = Emotion::Anger;
    let method = Method::SmoothGrad;
    let request =
        Request { method, samples: 1, noise: 0.0, target: Target::Class(class), ..Request::default() };
    let map = explain(&explainer, std::slice::from_ref(&photo), &request).remove(0).map;
    let steepest = map.values().iter().copied().fold(0.0, f32::max);
    let mut places: Vec<usize> = (0..PIXELS).collect();
    places.sort_by(|a, b| map.values()[*b].total_cmp(&map.values()[*a]));
    let mut compared = 0;
    for place in places.into_iter().take(16) {
        let y = |change: i16| {
            let mut photo = photo.clone();
            photo[place] = photo[place].saturating_add_signed(change as i8);
            logits(&explainer, &photo)[class.index()]
        };
        let (right, left) = ((y(1) - y(0)) * 255.0, (y(0) - y(-1)) * 255.0);
        if (right - left).abs() < 0.02 * steepest {
            compared += 1;
            let size = ((right + left) / 2.0).abs();
            assert!((size - map.values()[place]).abs() < 0.02 * steepest, "{size}, {}", map.values()[place]);
        }
    }
    assert!(compared >= 4, "{compared}");
    assert_eq!(logits(&explainer, &photo).len(), CLASSES);
}

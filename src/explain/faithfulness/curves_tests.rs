use super::*;
use crate::explain::random_map;
use crate::model::{Architecture, Network};
use burn::prelude::Device;

fn ramp() -> Vec<u8> {
    (0..PIXELS).map(|i| (i % SIDE * 4) as u8).collect()
}

#[test]
fn the_area_under_a_step_is_where_it_steps() {
    // 1 until a half, then 0: the trapezium of the step itself counts a half.
    assert_eq!(area(&[1.0, 1.0, 0.0, 0.0, 0.0]), 0.375);
    assert_eq!(area(&[0.25; 9]), 0.25);
    assert_eq!(area(&[0.0, 1.0]), 0.5);
    assert_eq!((area(&[]), area(&[0.5])), (0.0, 0.5));
}

#[test]
fn a_step_deletes_and_inserts_its_share_of_the_pixels_in_order() {
    let pixels = ramp();
    // The last row first.
    let order: Vec<usize> = (0..PIXELS).rev().collect();
    let pictures = Curves::pictures(&pixels, &order, 4);
    assert_eq!(pictures.len(), 9);
    assert_eq!(pictures[0], pixels);
    let quarter = PIXELS / 4;
    assert_eq!(pictures[1][..3 * quarter], pixels[..3 * quarter]);
    assert_eq!(pictures[1][3 * quarter..], [GREY; PIXELS / 4]);
    assert_eq!(pictures[4], [GREY; PIXELS]);
    assert_eq!(pictures[5], blurred(&pixels));
    assert_eq!(pictures[6][3 * quarter..], pixels[3 * quarter..]);
    assert_eq!(pictures[6][..3 * quarter], blurred(&pixels)[..3 * quarter]);
    // Seven steps do not divide the pixels; all go all the same.
    assert_eq!(Curves::pictures(&pixels, &order, 7)[7], [GREY; PIXELS]);
}

#[test]
fn both_curves_touch_the_whole_picture() {
    let curves = Curves::of(&[0.9, 0.5, 0.1, 0.2, 0.7]);
    assert_eq!(curves.deletion, [0.9, 0.5, 0.1]);
    assert_eq!(curves.insertion, [0.2, 0.7, 0.9]);
    assert!((curves.deletion_auc() - 0.5).abs() < 1e-12 && (curves.insertion_auc() - 0.625).abs() < 1e-12);
}

#[test]
fn a_blur_keeps_what_is_flat_and_spreads_a_point_evenly() {
    assert_eq!(blurred(&[77; PIXELS]), [77; PIXELS]);
    let mut pixels = vec![0; PIXELS];
    for i in [31, 32] {
        pixels[SIDE * 31 + i] = 255;
        pixels[SIDE * 32 + i] = 255;
    }
    let found = blurred(&pixels);
    // 4 x 255 / (2 pi 25): a little less where the four points stand.
    assert!((6..=7).contains(&found[SIDE * 31 + 31]), "{}", found[SIDE * 31 + 31]);
    let at = |x: usize, y: usize| found[SIDE * y + x];
    assert!((0..SIDE).all(|y| (0..SIDE).all(|x| at(x, y) == at(y, x) && at(x, y) == at(63 - x, y))));
}

fn explainer() -> Explainer {
    let device = Device::flex();
    let architecture = Architecture {
        arch: "plain".into(),
        depth: Some(2),
        width: Some(4),
        fc_depth: Some(1),
        ..Architecture::default()
    };
    Explainer::new("plain", &Network::new(&architecture, 3, &device).unwrap(), &device)
}

#[test]
fn curves_begin_and_end_with_what_the_network_says_of_whole_pictures() {
    let explainer = explainer();
    let pixels = ramp();
    let curves = explainer.curves(&pixels, &random_map(1), Emotion::Fear, 9, &|| true).unwrap();
    assert_eq!((curves.deletion.len(), curves.insertion.len()), (10, 10));
    let of = |pixels: Vec<u8>| explainer.probabilities(&[pixels], Emotion::Fear).unwrap()[0];
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-6, "{a} and {b}");
    near(curves.deletion[0], of(pixels.clone()));
    near(curves.deletion[9], of(vec![GREY; PIXELS]));
    near(curves.insertion[0], of(blurred(&pixels)));
    assert_eq!(curves.insertion[9], curves.deletion[0]);
}

#[test]
fn curves_that_are_no_longer_wanted_are_given_up() {
    let given_up = explainer().curves(&ramp(), &random_map(1), Emotion::Fear, 9, &|| false);
    assert!(matches!(given_up, Err(ExplainError::GivenUp)));
}

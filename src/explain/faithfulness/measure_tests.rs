use super::super::{Places, planted};
use super::*;
use crate::explain::{FacePart, Method, Regions, Target};

/// What the planted network says of its whole picture, and of one without white.
const WITH: f64 = 0.985;
const WITHOUT: f64 = 1.0 / 6.0;

fn request(target: Target) -> Request {
    Request { method: Method::GradCam, layer: Some("relu1".into()), target, ..Request::default() }
}

fn subjects(pixels: &[Vec<u8>]) -> Vec<Subject<'_>> {
    let around = |pixels: &[u8]| {
        let white = |i: &usize| pixels[*i] == 255;
        let first = (0..PIXELS).find(white).unwrap();
        let (x, y) = ((first % SIDE) as u32, (first / SIDE) as u32);
        let side = planted::PATCH as u32;
        Regions::known(vec![(FacePart::Mouth, [x, y, x + side, y + side])])
    };
    pixels
        .iter()
        .map(|pixels| Subject {
            picture: Picture { pixels, truth: None },
            places: Places::Known(around(pixels)),
        })
        .collect()
}

fn measured(pixels: &[Vec<u8>], target: Target) -> Measured {
    let all = &mut |_| {};
    measure(&planted::explainer(), &subjects(pixels), &[request(target)], 5, all, &|| true).unwrap()
}

fn mean(found: &Faithfulness, metric: Metric) -> f64 {
    let i = Metric::ALL.iter().position(|other| *other == metric).unwrap();
    found.metrics[i].unwrap().mean
}

#[test]
fn a_map_of_the_decisive_pixels_has_the_values_that_can_be_computed_by_hand() {
    let found = &measured(&planted::pictures(2), Target::Predicted).methods[0];
    assert_eq!(found.zero, 0);
    let near = |metric, expected: f64| {
        let value = mean(found, metric);
        assert!((value - expected).abs() < 0.01, "{}: {value} and {expected}", metric.name());
    };
    // The patch is the first of 16 parts: with it all is gone, with it all is there.
    near(Metric::Deletion, (WITH / 2.0 + WITHOUT * 15.5) / 16.0);
    near(Metric::Insertion, (WITHOUT / 2.0 + WITH * 15.5) / 16.0);
    near(Metric::AverageDrop, 0.0);
    near(Metric::Increase, 0.0);
    // Filled in from around the patch there is no white; filled in from the patch there is at least as much.
    assert!((0.40..0.42).contains(&mean(found, Metric::Road)), "{}", mean(found, Metric::Road));
    let own = found.energy[5].unwrap();
    assert!(own.mean > 0.99 && own.count == 2, "{own:?}");
    assert_eq!(found.energy[0], None);
}

#[test]
fn a_map_of_the_decisive_pixels_is_better_than_the_controls_by_every_metric() {
    let found = measured(&planted::pictures(3), Target::Predicted);
    for control in &found.controls {
        for metric in [Metric::Deletion, Metric::Insertion, Metric::AverageDrop, Metric::Road] {
            let (map, control) = (mean(&found.methods[0], metric), mean(control, metric));
            let better = if metric.is_higher_better() { map > control } else { map < control };
            assert!(better, "{}: {map} and {control}", metric.name());
        }
        assert!(control.energy[5].unwrap().mean < 0.5);
    }
    // A random map has of a place what the place takes.
    let (share, random) = (found.shares[5].unwrap(), found.controls[0].energy[5].unwrap());
    assert!((share - 1.0 / 16.0).abs() < 1e-9 && (random.mean - share).abs() < 0.01, "{random:?}");
}

#[test]
fn a_map_without_evidence_is_counted_and_left_out_of_energy_alone() {
    // Nothing in the picture speaks for surprise.
    let found = &measured(&planted::pictures(2), Target::Class(Emotion::Surprise)).methods[0];
    assert_eq!(found.zero, 2);
    assert!(found.energy.iter().all(Option::is_none));
    assert!(found.metrics.iter().all(|metric| metric.unwrap().count == 2));
    // It hides the whole picture, and surprise gains as happiness loses.
    assert_eq!((mean(found, Metric::AverageDrop), mean(found, Metric::Increase)), (0.0, 1.0));
}

#[test]
fn a_map_that_hides_everything_drops_the_score_to_that_of_a_black_picture() {
    let explainer = planted::explainer();
    let pixels = planted::picture(20, 20);
    let black = HeatMap::new(2, vec![-1.0; 4]);
    assert_eq!(masked(&pixels, &black), [0; PIXELS]);
    let pictures = changed(&pixels, &black, &[1]);
    assert_eq!(pictures.len(), PASSES);
    let scores = scored(&explainer, &[pictures]).unwrap();
    let of_class: Vec<f64> = scores[0].iter().map(|scores| f64::from(scores[0])).collect();
    let drop = metrics(&of_class)[2];
    assert!((drop - (WITH - WITHOUT) / WITH).abs() < 0.01, "{drop}");
}

#[test]
fn the_same_seed_gives_the_same_on_any_number_of_threads() {
    let pixels = planted::pictures(1);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| measured(&pixels, Target::Predicted))
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn equal_pictures_are_scored_once_and_stand_in_their_places() {
    let explainer = planted::explainer();
    let (a, b) = (planted::picture(0, 0), vec![114; PIXELS]);
    let scores = scored(&explainer, &[vec![a.clone(), b.clone()], vec![b, a]]).unwrap();
    assert_eq!((scores[0][0], scores[0][1]), (scores[1][1], scores[1][0]));
    assert_ne!(scores[0][0], scores[0][1]);
}

#[test]
fn what_is_no_longer_wanted_is_given_up() {
    let pixels = planted::pictures(1);
    let explainer = planted::explainer();
    let requests = [request(Target::Predicted)];
    let given_up = measure(&explainer, &subjects(&pixels), &requests, 1, &mut |_| {}, &|| false);
    assert!(matches!(given_up, Err(ExplainError::GivenUp)));
}

use super::*;

fn off() -> Augmentation {
    Augmentation { flip: 0.0, ..Augmentation::default() }
}

fn picture() -> Vec<u8> {
    (0..PIXELS).map(|i| ((i % SIDE) * 3 + (i / SIDE) + 1) as u8).collect()
}

fn augmented(how: &Augmentation, seed: u64, epoch: usize, index: usize) -> Vec<u8> {
    let mut out = vec![7; PIXELS];
    augment(&picture(), &mut out, how, seed, epoch, index);
    out
}

fn everything() -> Augmentation {
    Augmentation {
        flip: 0.5,
        rotate: Rotate { probability: 0.5, degrees: 15.0 },
        crop: Crop { probability: 0.5, padding: 8 },
        scale: Scale { probability: 0.5, range: 0.2 },
        brightness: Brightness { probability: 0.5, range: 0.3 },
        erase: Erase { probability: 0.5, ..Erase::default() },
    }
}

/// How many of `n` pictures are not as they were.
fn changed(how: &Augmentation, n: usize) -> usize {
    (0..n).filter(|i| augmented(how, 1, 1, *i) != picture()).count()
}

#[test]
fn nothing_on_changes_nothing() {
    assert_eq!(changed(&off(), 200), 0);
}

#[test]
fn a_flip_is_the_exact_mirror_image() {
    let flipped = augmented(&Augmentation { flip: 1.0, ..off() }, 3, 4, 5);
    let original = picture();
    for y in 0..SIDE {
        for x in 0..SIDE {
            assert_eq!(flipped[y * SIDE + x], original[y * SIDE + SIDE - 1 - x]);
        }
    }
}

#[test]
fn probabilities_are_what_the_draws_follow() {
    let half = changed(&Augmentation { flip: 0.5, ..off() }, 4000);
    assert!((1850..2150).contains(&half), "{half}");
    let fifth =
        changed(&Augmentation { brightness: Brightness { probability: 0.2, range: 0.3 }, ..off() }, 4000);
    assert!((680..920).contains(&fifth), "{fifth}");
    let always = Augmentation { erase: Erase { probability: 1.0, scale: [0.1, 0.2] }, ..off() };
    assert_eq!(changed(&always, 500), 500);
}

#[test]
fn the_result_is_a_function_of_seed_epoch_and_index() {
    let how = everything();
    assert_eq!(augmented(&how, 1, 2, 3), augmented(&how, 1, 2, 3));
    let differ = |key: fn(usize) -> (u64, usize, usize)| {
        let results: std::collections::HashSet<_> = (0..100)
            .map(|i| {
                let (seed, epoch, index) = key(i);
                augmented(&how, seed, epoch, index)
            })
            .collect();
        assert!(results.len() > 80, "{}", results.len());
    };
    differ(|i| (i as u64, 2, 3));
    differ(|i| (1, i, 3));
    differ(|i| (1, 2, i));
}

#[test]
fn turning_one_part_on_leaves_the_draws_of_the_others() {
    let flip = Augmentation { flip: 0.5, ..off() };
    let dark = Augmentation { brightness: Brightness { probability: 1.0, range: 0.0 }, ..flip };
    // A brightness factor of 1 changes nothing, so the flips must be the same ones.
    assert!((0..200).all(|i| augmented(&flip, 9, 1, i) == augmented(&dark, 9, 1, i)));
}

#[test]
fn a_crop_is_an_exact_window_of_the_padded_picture() {
    let how = Augmentation { crop: Crop { probability: 1.0, padding: 8 }, ..off() };
    let original = picture();
    let mut offsets = std::collections::HashSet::new();
    for index in 0..2000 {
        let cropped = augmented(&how, 1, 1, index);
        // No level of the picture is 0, so the window's place shows.
        let column = |x: usize| (0..SIDE).any(|y| cropped[y * SIDE + x] != 0);
        let row = |y: usize| cropped[y * SIDE..][..SIDE].iter().any(|v| *v != 0);
        let place = |filled: &dyn Fn(usize) -> bool| match (0..SIDE).position(filled).unwrap() {
            0 => SIDE as isize - 1 - (0..SIDE).rposition(filled).unwrap() as isize,
            left => -(left as isize),
        };
        let (dx, dy) = (place(&column), place(&row));
        for (i, level) in cropped.iter().enumerate() {
            let (x, y) = ((i % SIDE) as isize + dx, (i / SIDE) as isize + dy);
            let inside = (0..SIDE as isize).contains(&x) && (0..SIDE as isize).contains(&y);
            let expected = if inside { original[y as usize * SIDE + x as usize] } else { 0 };
            assert_eq!(*level, expected);
        }
        offsets.insert((dx, dy));
    }
    assert_eq!(offsets.iter().map(|(dx, _)| *dx).min(), Some(-8));
    assert_eq!(offsets.iter().map(|(dx, _)| *dx).max(), Some(8));
    assert!(offsets.len() > 270, "of 17 x 17 places, {}", offsets.len());
}

#[test]
fn an_erased_part_is_one_black_rectangle_of_the_asked_area() {
    let how = Augmentation { erase: Erase { probability: 1.0, scale: [0.05, 0.25] }, ..off() };
    let mut shares = Vec::new();
    for index in 0..500 {
        let erased = augmented(&how, 1, 1, index);
        let black: Vec<usize> = (0..PIXELS).filter(|i| erased[*i] == 0).collect();
        let extent = |part: fn(usize) -> usize| {
            let (low, high) = (black.iter().map(|i| part(*i)).min(), black.iter().map(|i| part(*i)).max());
            high.unwrap() - low.unwrap() + 1
        };
        assert_eq!(extent(|i| i % SIDE) * extent(|i| i / SIDE), black.len());
        shares.push(black.len() as f64 / PIXELS as f64);
    }
    assert!(shares.iter().all(|share| (0.045..0.26).contains(share)));
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    assert!((0.12..0.18).contains(&mean), "{mean}");
}

#[test]
fn brightness_multiplies_and_saturates() {
    let how = Augmentation { brightness: Brightness { probability: 1.0, range: 0.5 }, ..off() };
    let original = picture();
    let factors: Vec<f64> = (0..500)
        .map(|index| {
            let out = augmented(&how, 1, 1, index);
            let factor = f64::from(out[100]) / f64::from(original[100]);
            for (to, from) in out.iter().zip(&original) {
                assert!((f64::from(*to) - (f64::from(*from) * factor).min(255.0)).abs() < 2.5);
            }
            factor
        })
        .collect();
    assert!(factors.iter().all(|f| (0.49..1.51).contains(f)));
    assert!(factors.iter().any(|f| *f < 0.6) && factors.iter().any(|f| *f > 1.4));
}

#[test]
fn a_rotation_keeps_the_centre_and_blackens_corners() {
    let flat = vec![200; PIXELS];
    let how = Augmentation { rotate: Rotate { probability: 1.0, degrees: 30.0 }, ..off() };
    let mut corners = 0;
    for index in 0..200 {
        let mut out = vec![0; PIXELS];
        augment(&flat, &mut out, &how, 1, 1, index);
        assert_eq!(out[32 * SIDE + 32], 200);
        corners += usize::from(out[0] == 0);
    }
    assert!(corners > 150, "{corners}");
}

#[test]
fn a_quarter_turn_moves_every_pixel_to_its_place() {
    let from: Square = picture().try_into().unwrap();
    let mut to = [0; PIXELS];
    turn(&from, &mut to, std::f64::consts::FRAC_PI_2, 1.0);
    for y in 0..SIDE {
        for x in 1..SIDE - 1 {
            assert!(to[y * SIDE + x].abs_diff(from[(SIDE - 1 - x) * SIDE + y]) <= 1, "{x}, {y}");
        }
    }
}

#[test]
fn a_scale_enlarges_or_reduces_about_the_centre() {
    let from: Square = std::array::from_fn(|i| u8::from(i % SIDE >= 16 && i % SIDE < 48) * 200);
    let width = |factor: f64| {
        let mut to = [0; PIXELS];
        turn(&from, &mut to, 0.0, factor);
        to[32 * SIDE..][..SIDE].iter().filter(|level| **level >= 100).count()
    };
    assert_eq!((width(1.0), width(1.5), width(0.5)), (32, 48, 16));
}

#[test]
fn slices_of_a_wrong_length_are_copied_not_read_beyond() {
    let mut out = [9; 10];
    augment(&[1, 2, 3], &mut out, &everything(), 1, 1, 1);
    assert_eq!(out, [1, 2, 3, 9, 9, 9, 9, 9, 9, 9]);
}

#[test]
fn no_setting_makes_it_panic() {
    let mut out = vec![0; PIXELS];
    for extreme in [f64::NAN, f64::INFINITY, -1e300, 1e300, 0.0] {
        let how = Augmentation {
            flip: extreme,
            rotate: Rotate { probability: 1.0, degrees: extreme },
            crop: Crop { probability: 1.0, padding: u32::MAX },
            scale: Scale { probability: 1.0, range: extreme },
            brightness: Brightness { probability: 1.0, range: extreme },
            erase: Erase { probability: 1.0, scale: [extreme, extreme] },
        };
        (0..50).for_each(|index| augment(&picture(), &mut out, &how, 1, 1, index));
    }
}

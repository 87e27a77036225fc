use super::*;

/// Writes a sheet of faces, a row for each class, for people to look at: run with `--ignored`.
#[test]
#[ignore = "writes a picture for people to look at"]
fn a_sheet_of_faces() {
    const COLUMNS: usize = 16;
    let mut sheet = image::GrayImage::new((COLUMNS * SIDE) as u32, (6 * SIDE) as u32);
    for emotion in Emotion::ALL {
        for column in 0..COLUMNS {
            let face = face::draw(emotion, &[42, 0, emotion.index() as u64, column as u64]);
            for (i, level) in face.pixels.iter().enumerate() {
                let (x, y) = (column * SIDE + i % SIDE, emotion.index() * SIDE + i / SIDE);
                sheet.put_pixel(x as u32, y as u32, image::Luma([*level]));
            }
        }
    }
    let path = std::env::temp_dir().join("mien-faces.png");
    image::imageops::resize(
        &sheet,
        sheet.width() * 3 / 2,
        sheet.height() * 3 / 2,
        image::imageops::FilterType::Nearest,
    )
    .save(path)
    .unwrap();
}

/// Pixels and class of `count` faces of each class.
fn faces(split: Split, count: u64) -> (Vec<Vec<f32>>, Vec<usize>) {
    let mut faces: Vec<_> = (0..6 * count)
        .into_par_iter()
        .map(|i| {
            let (class, number) = ((i % 6) as usize, i / 6);
            let face = face::draw(Emotion::ALL[class], &[1, split as u64, class as u64, number]);
            (face.pixels.iter().map(|level| f32::from(*level)).collect::<Vec<f32>>(), class)
        })
        .collect();
    // Each picture to mean 0 and deviation 1, so that light alone does not hinder the classifier.
    for (pixels, _) in &mut faces {
        let mean = pixels.iter().sum::<f32>() / pixels.len() as f32;
        let deviation = (pixels.iter().map(|p| (p - mean).powi(2)).sum::<f32>() / pixels.len() as f32).sqrt();
        pixels.iter_mut().for_each(|p| *p = (*p - mean) / deviation.max(1.0));
    }
    faces.into_iter().unzip()
}

/// Softmax regression on the pixels: full-batch gradient steps with momentum and a small L2. Gives the best test
/// accuracy met on the way, which flatters it.
fn linear_accuracy(
    train: &(Vec<Vec<f32>>, Vec<usize>),
    test: &(Vec<Vec<f32>>, Vec<usize>),
    l2: f32,
) -> (f64, f64) {
    let logits = |weights: &[Vec<f32>], pixels: &[f32]| -> Vec<f32> {
        weights
            .iter()
            .map(|w| w.iter().zip(pixels).map(|(w, p)| w * p).sum::<f32>() + w[pixels.len()])
            .collect()
    };
    let accuracy = |weights: &[Vec<f32>], set: &(Vec<Vec<f32>>, Vec<usize>)| {
        let right = set.0.par_iter().zip(&set.1).filter(|(pixels, class)| {
            let logits = logits(weights, pixels);
            (0..6).max_by(|a, b| logits[*a].total_cmp(&logits[*b])) == Some(**class)
        });
        right.count() as f64 / set.1.len() as f64
    };
    let n = train.0[0].len();
    let mut weights = vec![vec![0.0f32; n + 1]; 6];
    let mut velocity = weights.clone();
    let mut best = 0.0f64;
    for step in 0..120 {
        let errors: Vec<Vec<f32>> = (train.0.par_iter().zip(&train.1))
            .map(|(pixels, class)| {
                let logits = logits(&weights, pixels);
                let most = logits.iter().copied().fold(f32::MIN, f32::max);
                let sum: f32 = logits.iter().map(|l| (l - most).exp()).sum();
                (0..6).map(|c| (logits[c] - most).exp() / sum - f32::from(c == *class)).collect()
            })
            .collect();
        weights.par_iter_mut().zip(&mut velocity).enumerate().for_each(|(c, (weights, velocity))| {
            let mut gradient = vec![0.0f32; n + 1];
            for (pixels, error) in train.0.iter().zip(&errors) {
                gradient.iter_mut().zip(pixels).for_each(|(g, p)| *g += error[c] * p);
                gradient[n] += error[c];
            }
            for ((w, v), g) in weights.iter_mut().zip(velocity).zip(gradient) {
                *v = 0.9 * *v - 0.002 * (g / train.0.len() as f32 + l2 * *w);
                *w += *v;
            }
        });
        if step % 10 == 9 {
            best = best.max(accuracy(&weights, test));
        }
    }
    (best, accuracy(&weights, train))
}

#[test]
fn the_classes_are_not_told_apart_by_a_linear_classifier() {
    let (train, test) = (faces(Split::Train, 200), faces(Split::Test, 50));
    for l2 in [0.001, 0.1, 1.0] {
        let (test, train) = linear_accuracy(&train, &test, l2);
        println!("l2 {l2}: test {test:.3}, train {train:.3}");
        assert!(train > 0.9, "it was trained: {train}");
        assert!((0.2..0.6).contains(&test), "{test}");
    }
}

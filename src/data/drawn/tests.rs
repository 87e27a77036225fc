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
/// accuracy met on the way, which flatters it, and the last train accuracy.
fn linear_accuracy(
    train: &(Vec<Vec<f32>>, Vec<usize>),
    test: &(Vec<Vec<f32>>, Vec<usize>),
    l2: f32,
) -> [f64; 2] {
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
    for step in 0..150 {
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
                *v = 0.9 * *v - 0.004 * (g / train.0.len() as f32 + l2 * *w);
                *w += *v;
            }
        });
        if step % 10 == 9 {
            best = best.max(accuracy(&weights, test));
        }
    }
    [best, accuracy(&weights, train)]
}

#[test]
fn the_classes_are_not_told_apart_by_a_linear_classifier() {
    let (train, test) = (faces(Split::Train, 200), faces(Split::Test, 50));
    let [best, learned] = linear_accuracy(&train, &test, 0.01);
    println!("softmax regression on the pixels: test {best:.3}, train {learned:.3}");
    assert!(learned > 0.9, "it was trained: {learned}");
    assert!((0.2..0.6).contains(&best), "{best}");
}

/// Every file below a folder, by name.
fn files(root: &Path) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    let files =
        walkdir::WalkDir::new(root).into_iter().map(Result::unwrap).filter(|f| f.file_type().is_file());
    files
        // The pack knows the times of the pictures' files, which differ.
        .filter(|file| file.file_name() != "pack.mien")
        .map(|file| (file.path().strip_prefix(root).unwrap().into(), std::fs::read(file.path()).unwrap()))
        .collect()
}

fn write(out: &Path, per_class: usize, seed: u64) -> DrawnSet {
    write_set(out, per_class, seed, &mut |_, _| {}).unwrap()
}

#[test]
fn the_same_seed_draws_the_same_bytes_and_another_seed_others() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    assert_eq!(write(folders[0].path(), 8, 5), DrawnSet { train: 48, test: 12 });
    write(folders[1].path(), 8, 5);
    write(folders[2].path(), 8, 6);
    let [a, b, c] = folders.each_ref().map(|folder| files(folder.path()));
    assert_eq!(a.len(), 62);
    assert!(a == b);
    let pictures = a.iter().filter(|(path, _)| path.extension().is_some_and(|end| end == "png"));
    assert!(pictures.into_iter().all(|(path, bytes)| c[path] != *bytes));
}

#[test]
fn a_drawn_set_opens_with_its_counts_and_every_picture_is_another() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), 8, 5);
    let dataset = Dataset::open(folder.path()).unwrap();
    assert_eq!((dataset.decoded(), dataset.counts()), (0, [[8; 6], [0; 6], [2; 6]]));
    let digests: std::collections::HashSet<_> = (0..dataset.len()).map(|i| *dataset.digest(i)).collect();
    assert_eq!(digests.len(), 60);
    let face = face::draw(Emotion::Happiness, &[5, 0, 0, 3]);
    assert_eq!(dataset.pixels(3), face.pixels, "PNG keeps what was drawn");
}

#[test]
fn a_smaller_set_is_the_beginning_of_a_larger_one_and_replaces_it_whole() {
    let (small, large) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(small.path(), 4, 5);
    write(large.path(), 8, 5);
    let (few, many) = (files(small.path()), files(large.path()));
    assert!(
        few.iter().filter(|(path, _)| path.starts_with("train")).all(|(path, bytes)| many[path] == *bytes)
    );
    write(large.path(), 4, 5);
    assert!(files(large.path()) == few);
}

#[test]
fn a_folder_that_holds_anything_else_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("manifest.csv"), "path,label,split\nmy.png,fear,train\n").unwrap();
    std::fs::write(folder.path().join("my.png"), "mine").unwrap();
    let before = files(folder.path());
    let refusal = write_set(folder.path(), 1, 1, &mut |_, _| {}).unwrap_err().to_string();
    assert!(refusal.contains("is not empty and holds no set that was drawn earlier"), "{refusal}");
    assert!(files(folder.path()) == before);
    // Not even where it pretends to be drawn: what is not named as ours stays.
    std::fs::write(folder.path().join("regions.csv"), "").unwrap();
    write(folder.path(), 1, 1);
    assert_eq!(std::fs::read(folder.path().join("my.png")).unwrap(), b"mine");
    assert!(is_drawn(Path::new("test/fear/00001.png")));
    for path in ["../fear/00001.png", "/train/fear/00001.png", "train/fear/me.png", "train/00001.png"] {
        assert!(!is_drawn(Path::new(path)), "{path}");
    }
}

#[test]
fn regions_lie_in_the_picture_and_are_the_ones_that_carry_the_class() {
    for emotion in Emotion::ALL {
        for number in 0..200 {
            let face = face::draw(emotion, &[9, emotion.index() as u64, number]);
            assert!(!face.regions.is_empty());
            for Region { name, bounds: [x0, y0, x1, y1] } in face.regions {
                assert!(x0 < x1 && x1 <= 64 && y0 < y1 && y1 <= 64, "{emotion} {name}");
                assert!(x1 - x0 >= 4 && y1 - y0 >= 3, "{emotion} {name} is {} x {}", x1 - x0, y1 - y0);
            }
        }
    }
}

#[test]
fn what_tells_two_expressions_apart_lies_in_the_regions() {
    for number in 0..60 {
        let faces = [Emotion::Surprise, Emotion::Fear].map(|emotion| face::draw(emotion, &[3, number]));
        let inside = |i: usize| {
            let (x, y) = ((i % SIDE) as u32, (i / SIDE) as u32);
            faces.iter().flat_map(|face| &face.regions).any(|region| {
                let [x0, y0, x1, y1] = region.bounds;
                (x0..x1).contains(&x) && (y0..y1).contains(&y)
            })
        };
        let difference = |i: &usize| f64::from(faces[0].pixels[*i].abs_diff(faces[1].pixels[*i]));
        let all: f64 = (0..SIDE * SIDE).map(|i| difference(&i)).sum();
        let within: f64 = (0..SIDE * SIDE).filter(|i| inside(*i)).map(|i| difference(&i)).sum();
        assert!(within > 0.85 * all, "face {number}: {within} of {all}");
    }
}

#[test]
fn the_regions_of_a_drawn_set_are_read_back_by_picture() {
    let folder = tempfile::tempdir().unwrap();
    assert!(regions(folder.path()).is_none());
    let root = folder.path().join("faces");
    write_set(&root, 4, 1, &mut |_, _| {}).unwrap();
    let regions = regions(&root).unwrap();
    let set = Dataset::open(&root).unwrap();
    assert_eq!(regions.len(), set.len());
    for i in 0..set.len() {
        let parts = &regions[&set.entry(i).path];
        assert!(parts.iter().any(|(part, [left, top, right, bottom])| {
            part == "mouth" && left < right && top < bottom && *bottom <= SIDE as u32
        }));
    }
}

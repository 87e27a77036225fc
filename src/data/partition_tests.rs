use super::*;

/// Labels and digests of pictures, as a seeded draw has them; `copies` of 10 pictures repeat an earlier one.
fn pictures(n: usize, copies: usize, seed: u64) -> Vec<(Emotion, Digest)> {
    let mut draws = Draws::new(&[seed]);
    let mut all: Vec<(Emotion, Digest)> = Vec::new();
    for i in 0..n {
        let class = [0, 0, 0, 0, 1, 2, 3, 4, 5][draws.below(9)];
        let emotion = Emotion::ALL[class];
        let digest = if i > 0 && draws.below(10) < copies {
            all[draws.below(i)].1
        } else {
            blake3::hash(&draws.bits().to_le_bytes()).into()
        };
        all.push((emotion, digest));
    }
    all
}

fn cut_all(pictures: &[(Emotion, Digest)], fraction: f64, seed: u64) -> (Vec<usize>, Vec<usize>) {
    let pictures = pictures
        .iter()
        .enumerate()
        .map(|(index, (label, digest))| Picture { index, label: *label, digest, in_test: false })
        .collect();
    cut(pictures, fraction, seed)
}

#[test]
fn each_class_gives_its_share_to_within_one_picture_and_duplicates_stay_together() {
    for seed in 0..40 {
        let pictures = pictures(300 + 10 * seed as usize, (seed % 4) as usize, seed);
        for fraction in [0.05, 0.1, 0.25, 0.5] {
            let (train, valid) = cut_all(&pictures, fraction, seed);
            let mut all = [train.clone(), valid.clone()].concat();
            all.sort_unstable();
            assert_eq!(all, (0..pictures.len()).collect::<Vec<_>>(), "every picture is on exactly one side");
            for emotion in Emotion::ALL {
                let count =
                    |side: &[usize]| side.iter().filter(|i| pictures[**i].0 == emotion).count() as f64;
                let share = (count(&train) + count(&valid)) * fraction;
                assert!((count(&valid) - share).abs() <= 1.0, "{emotion}: {} of {share}", count(&valid));
            }
            let held_back: std::collections::HashSet<_> = valid.iter().map(|i| pictures[*i].1).collect();
            assert!(train.iter().all(|i| !held_back.contains(&pictures[*i].1)));
        }
    }
}

#[test]
fn duplicates_are_held_back_as_often_as_other_pictures() {
    let pictures = pictures(4000, 3, 5);
    let mut sizes: HashMap<Digest, usize> = HashMap::new();
    pictures.iter().for_each(|(_, digest)| *sizes.entry(*digest).or_default() += 1);
    let (_, valid) = cut_all(&pictures, 0.2, 1);
    let copies = |i: &&usize| sizes[&pictures[**i].1] > 1;
    let all = (0..pictures.len()).filter(|i| sizes[&pictures[*i].1] > 1).count();
    let share = valid.iter().filter(copies).count() as f64 / all as f64;
    assert!((0.14..0.26).contains(&share), "{share}");
}

#[test]
fn the_cut_depends_on_the_pictures_and_the_seed_not_on_their_order() {
    let pictures = pictures(500, 2, 9);
    let names = |pictures: &[(Emotion, Digest)], side: &[usize]| {
        let mut names: Vec<Digest> = side.iter().map(|i| pictures[*i].1).collect();
        names.sort_unstable();
        names
    };
    let mut shuffled = pictures.clone();
    Draws::new(&[4]).shuffle(&mut shuffled);
    let a = names(&pictures, &cut_all(&pictures, 0.1, 42).1);
    let b = names(&shuffled, &cut_all(&shuffled, 0.1, 42).1);
    let c = names(&pictures, &cut_all(&pictures, 0.1, 43).1);
    assert_eq!(a, b);
    assert_ne!(a, c);
}

#[test]
fn a_picture_that_stands_in_the_test_set_is_not_selected_by() {
    let pictures = pictures(400, 0, 3);
    let marked = |index: usize| index.is_multiple_of(3);
    let rows = pictures
        .iter()
        .enumerate()
        .map(|(index, (label, digest))| Picture { index, label: *label, digest, in_test: marked(index) })
        .collect();
    let (_, valid) = cut(rows, 0.3, 1);
    assert!(valid.len() > 100 && valid.iter().all(|i| !marked(*i)));
}

#[test]
fn a_class_never_loses_its_last_picture() {
    let all: Vec<_> = (0..3u8).map(|i| (Emotion::ALL[usize::from(i)], blake3::hash(&[i]).into())).collect();
    assert_eq!(cut_all(&all, 0.9, 1), (vec![0, 1, 2], vec![]));
    assert_eq!(cut_all(&[], 0.5, 1), (vec![], vec![]));
}

#[test]
fn an_epoch_sees_every_picture_once_in_an_order_of_its_own() {
    let indices: Vec<usize> = (100..400).collect();
    let first = epoch_order(&indices, 42, 1);
    assert_eq!(first, epoch_order(&indices, 42, 1));
    assert_ne!(first, epoch_order(&indices, 42, 2));
    assert_ne!(first, epoch_order(&indices, 43, 1));
    let mut sorted = first;
    sorted.sort_unstable();
    assert_eq!(sorted, indices);
}

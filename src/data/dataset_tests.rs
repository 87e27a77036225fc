use super::*;
use image::{GrayImage, Luma};
use std::fs;

/// A folder of pictures of one level each, with a manifest.
struct Faces {
    root: tempfile::TempDir,
    cache: tempfile::TempDir,
}

impl Faces {
    /// `rows`: name, level, label, split.
    fn new(rows: &[(&str, u8, &str, &str)]) -> Self {
        let faces = Self { root: tempfile::tempdir().unwrap(), cache: tempfile::tempdir().unwrap() };
        let mut text = String::from("path,label,split\n");
        for (name, level, label, split) in rows {
            faces.draw(name, *level);
            text += &format!("{name},{label},{split}\n");
        }
        fs::write(faces.manifest(), text).unwrap();
        faces
    }

    fn six() -> Self {
        Self::new(&[
            ("a.png", 10, "happiness", "train"),
            ("b.png", 20, "fear", "train"),
            ("c.png", 30, "anger", "valid"),
            ("d.png", 40, "sad", "test"),
            ("e.png", 50, "4", "test"),
            ("f.png", 60, "surprise", "train"),
        ])
    }

    fn draw(&self, name: &str, level: u8) {
        GrayImage::from_pixel(64, 64, Luma([level])).save(self.root.path().join(name)).unwrap();
    }

    fn manifest(&self) -> PathBuf {
        self.root.path().join("manifest.csv")
    }

    fn pack(&self) -> PathBuf {
        self.root.path().join("pack.mien")
    }

    fn places(&self) -> [PathBuf; 2] {
        [self.pack(), self.cache.path().join("packs/faces.mien")]
    }

    fn try_open(&self) -> Result<Dataset, DataError> {
        Dataset::open_at(self.root.path(), &self.places(), &mut |_, _| {})
    }

    fn open(&self) -> Dataset {
        self.try_open().unwrap()
    }
}

fn levels(dataset: &Dataset) -> Vec<u8> {
    (0..dataset.len())
        .map(|i| {
            assert!(
                dataset.pixels(i).iter().all(|v| *v == dataset.pixels(i)[0])
                    && dataset.pixels(i).len() == 4096
            );
            dataset.pixels(i)[0]
        })
        .collect()
}

#[test]
fn a_second_start_reads_no_picture() {
    let faces = Faces::six();
    let first = faces.open();
    assert_eq!((first.len(), first.decoded()), (6, 6));
    assert_eq!(levels(&first), [10, 20, 30, 40, 50, 60]);
    let second = faces.open();
    assert_eq!(second.decoded(), 0);
    assert_eq!(levels(&second), levels(&first));
    assert_eq!(second.fingerprint(), first.fingerprint());
    assert_eq!(second.label(4), Emotion::Disgust);
    assert_eq!(second.picture_path(1), faces.root.path().join("b.png"));
    assert_eq!(second.indices(Split::Test), [3, 4]);
    assert_eq!(second.counts(), [[1, 1, 0, 0, 0, 1], [0, 0, 0, 1, 0, 0], [0, 0, 1, 0, 1, 0]]);
}

#[test]
fn a_changed_picture_is_packed_again_even_under_an_old_time() {
    let faces = Faces::six();
    let before = faces.open().fingerprint().to_string();
    let old = fs::metadata(faces.root.path().join("b.png")).unwrap().modified().unwrap();
    faces.draw("b.png", 21);
    fs::File::options()
        .append(true)
        .open(faces.root.path().join("b.png"))
        .unwrap()
        .set_modified(old)
        .unwrap();
    let after = faces.open();
    assert_eq!((after.decoded(), levels(&after)[1]), (6, 21));
    assert_ne!(after.fingerprint(), before);
}

#[test]
fn a_changed_manifest_is_packed_again() {
    let faces = Faces::six();
    let before = faces.open().fingerprint().to_string();
    let text = fs::read_to_string(faces.manifest()).unwrap();
    fs::write(faces.manifest(), text.replace("b.png,fear,train", "b.png,anger,train")).unwrap();
    let after = faces.open();
    assert_eq!((after.decoded(), after.label(1)), (6, Emotion::Anger));
    assert_ne!(after.fingerprint(), before);
}

#[test]
fn a_torn_foreign_or_damaged_pack_is_made_again() {
    let faces = Faces::six();
    let expected = levels(&faces.open());
    let whole = fs::read(faces.pack()).unwrap();
    let with_byte = |at: usize| {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        damaged
    };
    let damaged = [
        vec![],
        b"a foreign file".to_vec(),
        whole[..50].to_vec(),
        whole[..whole.len() - 1].to_vec(),
        [whole.clone(), vec![0]].concat(),
        with_byte(9),
        with_byte(16),
        with_byte(40),
        with_byte(70),
        with_byte(100),
        with_byte(4096 + 5000),
        with_byte(whole.len() - 1),
    ];
    for (case, bytes) in damaged.into_iter().enumerate() {
        fs::remove_file(faces.pack()).unwrap();
        fs::write(faces.pack(), bytes).unwrap();
        let again = faces.open();
        assert_eq!((again.decoded(), levels(&again)), (6, expected.clone()), "case {case}");
        assert_eq!(fs::read(faces.pack()).unwrap(), whole);
    }
    let left: Vec<_> = fs::read_dir(faces.root.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert_eq!(left.len(), 8, "no half-written file is left: {left:?}");
}

#[test]
fn missing_and_unreadable_pictures_are_skipped_named_and_taken_when_they_come() {
    let faces = Faces::six();
    fs::remove_file(faces.root.path().join("c.png")).unwrap();
    fs::write(faces.root.path().join("a.png"), "no picture").unwrap();
    for decoded in [4, 0] {
        let dataset = faces.open();
        assert_eq!((dataset.len(), dataset.decoded()), (4, decoded));
        assert_eq!(levels(&dataset), [20, 40, 50, 60]);
        let named: Vec<_> =
            dataset.skipped().iter().map(|s| (s.path.to_str().unwrap(), s.reason.as_str())).collect();
        assert_eq!(named, [("a.png", "neither a JPG nor a PNG"), ("c.png", "there is no such file")]);
    }
    faces.draw("c.png", 30);
    assert_eq!(levels(&faces.open()), [20, 30, 40, 50, 60]);
}

#[test]
fn a_bad_row_is_an_error_that_names_the_file_and_the_line() {
    let faces = Faces::new(&[("a.png", 1, "happiness", "train"), ("b.png", 2, "neutral", "train")]);
    let error = faces.try_open().unwrap_err().to_string();
    assert!(error.contains("manifest.csv, line 3: unknown label 'neutral'"), "{error}");
}

#[test]
fn where_the_folder_cannot_be_written_to_the_pack_goes_to_the_cache() {
    let faces = Faces::six();
    // Stands for a read-only folder, which root could write to all the same.
    fs::create_dir(faces.pack()).unwrap();
    assert_eq!(faces.open().decoded(), 6);
    assert!(faces.places()[1].is_file());
    assert_eq!(faces.open().decoded(), 0);
}

#[test]
fn where_no_pack_can_be_written_a_sentence_says_so() {
    let faces = Faces::six();
    fs::create_dir(faces.pack()).unwrap();
    fs::write(faces.cache.path().join("packs"), "in the way").unwrap();
    let error = faces.try_open().unwrap_err().to_string();
    assert!(error.contains("cannot write") && error.contains("pack.mien"), "{error}");
}

#[test]
fn a_set_that_was_moved_keeps_its_fingerprint() {
    let (a, b) = (Faces::six(), Faces::six());
    assert_eq!(a.open().fingerprint(), b.open().fingerprint());
}

#[test]
fn a_manifest_without_rows_is_an_empty_set() {
    let faces = Faces::new(&[]);
    assert!(faces.open().is_empty());
    assert!(faces.open().partition(0.1, 1).train.is_empty());
}

#[test]
fn more_pictures_than_one_chunk_stay_in_order() {
    let faces = Faces::new(&[("a.png", 10, "fear", "train"), ("b.png", 20, "fear", "train")]);
    let names: Vec<&str> =
        (0..9000).map(|i| if i % 1000 == 7 { "gone.png" } else { ["a.png", "b.png"][i % 2] }).collect();
    let rows: String = names.iter().map(|name| format!("{name},fear,train\n")).collect();
    fs::write(faces.manifest(), format!("path,label,split\n{rows}")).unwrap();
    let mut seen = Vec::new();
    let dataset =
        Dataset::open_at(faces.root.path(), &faces.places(), &mut |done, of| seen.push((done, of))).unwrap();
    assert_eq!((dataset.len(), dataset.skipped().len()), (8991, 9));
    assert!(
        (0..dataset.len()).all(|i| {
            dataset.pixels(i)[0] == if dataset.entry(i).path.ends_with("a.png") { 10 } else { 20 }
        })
    );
    assert_eq!(seen, [(0, 9000), (4096, 9000), (8192, 9000), (9000, 9000)]);
    assert_eq!(faces.open().fingerprint(), dataset.fingerprint());
}

#[test]
fn the_manifests_valid_rows_are_used_only_where_nothing_is_cut() {
    let faces = Faces::six();
    let dataset = faces.open();
    let whole = Partition { train: vec![0, 1, 5], valid: vec![2], test: vec![3, 4] };
    assert_eq!(dataset.partition(0.0, 1), whole);
    assert_eq!(dataset.partition(f64::NAN, 1), whole);
    let cut = dataset.partition(0.5, 1);
    assert!(!cut.valid.contains(&2) && !cut.train.contains(&2) && cut.test == [3, 4]);
}

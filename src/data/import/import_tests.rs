use super::*;
use image::{GrayImage, Luma};
use std::collections::BTreeMap;
use std::fs;

struct Source(tempfile::TempDir);

impl Source {
    /// A tree of pictures, each of its own level; names ending in `!` are files that are no picture.
    fn new(names: &[&str]) -> Self {
        let source = Self(tempfile::tempdir().unwrap());
        for (i, name) in names.iter().enumerate() {
            let path = source.at(name.trim_end_matches('!'));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match name.ends_with('!') {
                true => fs::write(path, "no picture").unwrap(),
                false => GrayImage::from_pixel(64, 64, Luma([i as u8 + 1])).save(path).unwrap(),
            }
        }
        source
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Imports to a new folder beside the pictures.
    fn import(&self) -> (tempfile::TempDir, Imported) {
        let out = tempfile::tempdir().unwrap();
        let imported = import(self.0.path(), out.path(), &mut |_, _| {}).unwrap();
        (out, imported)
    }

    fn refusal(&self, out: &Path) -> String {
        import(self.0.path(), out, &mut |_, _| {}).unwrap_err().to_string()
    }
}

/// Path (relative to the source), label and split of every picture of a set.
fn rows(out: &Path, source: &Source) -> Vec<(String, &'static str, &'static str)> {
    let dataset = Dataset::open(out).unwrap();
    assert_eq!(dataset.decoded(), 0, "the import has packed already");
    let root = source.0.path().canonicalize().unwrap();
    let mut rows: Vec<_> = (0..dataset.len())
        .map(|i| {
            let path = dataset.picture_path(i);
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_string();
            (name, dataset.label(i).name(), dataset.entry(i).split.name())
        })
        .collect();
    rows.sort();
    rows
}

fn row(path: &str, label: &'static str, split: &'static str) -> (String, &'static str, &'static str) {
    (path.into(), label, split)
}

fn reasons(imported: &Imported) -> BTreeMap<String, usize> {
    let mut reasons = BTreeMap::new();
    imported.skipped.iter().for_each(|s| *reasons.entry(s.reason.clone()).or_default() += 1);
    reasons
}

#[test]
fn class_folders_with_splits_are_found() {
    let source = Source::new(&[
        "DATA/train/happy/a.png",
        "DATA/train/Angry/b_1.png",
        "DATA/test/fear/c.PNG",
        "readme.txt!",
    ]);
    let (out, imported) = source.import();
    assert_eq!((imported.layout, imported.imported), ("class folders", 3));
    assert!(imported.notes.is_empty() && imported.skipped.is_empty(), "{imported:?}");
    assert_eq!(
        rows(out.path(), &source),
        [
            row("DATA/test/fear/c.PNG", "fear", "test"),
            row("DATA/train/Angry/b_1.png", "anger", "train"),
            row("DATA/train/happy/a.png", "happiness", "train"),
        ]
    );
}

#[test]
fn without_splits_all_is_train_and_that_is_said() {
    let source = Source::new(&["happy/a.png", "sad/b.png"]);
    let (out, imported) = source.import();
    assert!(imported.notes[0].contains("all pictures are in train"), "{imported:?}");
    assert_eq!(
        rows(out.path(), &source),
        [row("happy/a.png", "happiness", "train"), row("sad/b.png", "sadness", "train")]
    );
    let source = Source::new(&["train/happy/a.png", "sad/b.png"]);
    assert!(source.import().1.notes[0].contains("folders: 1; these are in train"));
}

#[test]
fn name_suffixes_are_found_and_index_the_classes() {
    let names: Vec<String> = (0..6).map(|i| format!("train/{i}7_{i}.png")).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.extend(["test/1_5.png", "valid/2_0.png", "test/3_6.png"]);
    let source = Source::new(&names);
    let (out, imported) = source.import();
    assert_eq!((imported.layout, imported.imported), ("name suffix", 8));
    assert_eq!(imported.splits, [[1; 6], [1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1]]);
    assert_eq!(reasons(&imported), BTreeMap::from([("unknown label '6'".into(), 1)]));
    assert!(rows(out.path(), &source).contains(&row("train/37_3.png", "anger", "train")));
}

#[test]
fn what_has_no_place_among_the_six_is_skipped_named_and_counted() {
    let source = Source::new(&[
        "train/happy/a.png",
        "train/neutral/b.png",
        "train/neutral/c.png",
        "train/fear/broken.jpg!",
        "train/fear/d.gif!",
        "stray.png",
    ]);
    let (out, imported) = source.import();
    assert_eq!(imported.imported, 1);
    let expected = [
        ("unknown label 'neutral'", 2),
        ("neither a JPG nor a PNG", 1),
        ("'gif' is neither JPG nor PNG", 1),
        ("not in the layout 'class folders'", 1),
    ];
    assert_eq!(reasons(&imported), expected.map(|(reason, n)| (reason.to_string(), n)).into());
    // The broken one is not in the manifest, so that it is not told again at each start.
    assert!(Dataset::open(out.path()).unwrap().skipped().is_empty());
    assert_eq!(rows(out.path(), &source).len(), 1);
}

#[test]
fn originals_stay_as_they_are_and_are_named_relative_where_they_lie_below() {
    let source = Source::new(&["raw/train/happy/a.png"]);
    let before = fs::read(source.at("raw/train/happy/a.png")).unwrap();
    import(&source.at("raw"), source.0.path(), &mut |_, _| {}).unwrap();
    let manifest = fs::read_to_string(source.at("manifest.csv")).unwrap();
    assert_eq!(manifest, "path,label,split\nraw/train/happy/a.png,happiness,train\n");
    assert_eq!(fs::read(source.at("raw/train/happy/a.png")).unwrap(), before);
    let (out, _) = source.import();
    let manifest = fs::read_to_string(out.path().join("manifest.csv")).unwrap();
    let absolute = source.0.path().canonicalize().unwrap().join("raw/train/happy/a.png");
    assert!(manifest.contains(absolute.to_str().unwrap()), "{manifest}");
}

#[test]
fn an_earlier_import_is_replaced_and_a_folder_of_other_things_is_refused() {
    let source = Source::new(&["happy/a.png"]);
    let (out, _) = source.import();
    import(source.0.path(), out.path(), &mut |_, _| {}).unwrap();

    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("thesis.tex"), "x").unwrap();
    assert!(source.refusal(other.path()).contains("is not empty and holds no manifest.csv of ours"));
    fs::write(other.path().join("manifest.csv"), "file;class\n").unwrap();
    assert!(source.refusal(other.path()).contains("its manifest.csv is not one of ours"));
    assert_eq!(fs::read(other.path().join("manifest.csv")).unwrap(), b"file;class\n");
    // Nor is a foreign manifest replaced where the pictures themselves lie.
    fs::write(source.at("manifest.csv"), "file;class\n").unwrap();
    assert!(source.refusal(source.0.path()).contains("its manifest.csv is not one of ours"));
}

#[test]
fn a_tree_in_no_known_layout_is_answered_with_the_known_ones_and_nothing_is_written() {
    let out = tempfile::tempdir().unwrap();
    let new = out.path().join("new");
    for (names, words) in [
        (&["train/1/a.png", "b.png"][..], "holds 2 pictures in no known layout"),
        (&["a.txt!"][..], "holds no JPG or PNG"),
    ] {
        let refusal = Source::new(names).refusal(&new);
        assert!(refusal.contains(words), "{refusal}");
        assert!(refusal.contains("class folders: ") && refusal.contains("name suffix: "), "{refusal}");
        assert!(!new.exists());
    }
    let refusal = Source::new(&["happy/a.jpg!"]).refusal(&new);
    assert!(
        refusal.contains("none of the 1 pictures can be read") && refusal.contains("happy/a.jpg"),
        "{refusal}"
    );
    assert!(!new.join("manifest.csv").exists());
    let gone = import(Path::new("/no/such/folder"), &new, &mut |_, _| {}).unwrap_err().to_string();
    assert!(gone.contains("/no/such/folder"), "{gone}");
}

#[test]
fn hidden_files_and_an_out_folder_within_the_source_are_not_looked_at() {
    let source = Source::new(&["happy/a.png", "happy/._a.png", ".cache/happy/c.png", "out/happy/d.png"]);
    fs::write(source.at("out/manifest.csv"), "path,label,split\n").unwrap();
    let imported = import(source.0.path(), &source.at("out"), &mut |_, _| {}).unwrap();
    assert_eq!((imported.imported, imported.skipped.len()), (1, 0));
}

#[test]
fn links_are_followed_and_a_circle_of_them_ends() {
    let elsewhere = Source::new(&["b.png"]);
    let source = Source::new(&["happy/a.png"]);
    std::os::unix::fs::symlink(elsewhere.0.path(), source.at("fear")).unwrap();
    std::os::unix::fs::symlink(source.0.path(), source.at("happy/loop")).unwrap();
    let (out, imported) = source.import();
    assert_eq!(imported.imported, 2);
    assert!(imported.skipped[0].reason.contains("a link that leads back"), "{imported:?}");
    assert_eq!(Dataset::open(out.path()).unwrap().len(), 2);
}

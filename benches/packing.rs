//! How fast pictures become a pack, and how fast a pack opens: `cargo bench --bench packing`. The pictures are
//! drawn into a temporary folder: 64x64 JPGs in colour, of about the size and detail of the published sets'.

use divan::counter::ItemsCount;
use mien::data::{Augmentation, Dataset, PIXELS, SIDE, augment};
use std::path::Path;
use std::sync::LazyLock;

const PICTURES: usize = 12_000;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_pictures(folder.path());
    folder
});

fn main() {
    LazyLock::force(&FOLDER);
    divan::main();
}

fn write_pictures(root: &Path) {
    let mut manifest = String::from("path,label,split\n");
    for i in 0..PICTURES {
        // Smooth shapes with some noise.
        let picture = image::RgbImage::from_fn(SIDE as u32, SIDE as u32, |x, y| {
            let (x, y, i) = (f64::from(x), f64::from(y), i as f64);
            let wave = 60.0 * (x / (5.0 + i % 7.0)).sin() * (y / (4.0 + i % 5.0)).cos();
            let noise = ((x * 12.9898 + y * 78.233 + i).sin() * 43758.5453).fract() * 12.0;
            let level = |offset: f64| (120.0 + offset + wave + noise) as u8;
            image::Rgb([level(30.0), level(0.0), level(-20.0)])
        });
        let path = format!("{i:05}.jpg");
        let mut file = std::io::BufWriter::new(std::fs::File::create(root.join(&path)).expect("a new file"));
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut file, 90)
            .encode_image(&picture)
            .expect("a JPG can be written");
        manifest += &format!("{path},{},{}\n", i % 6, if i % 5 == 0 { "test" } else { "train" });
    }
    std::fs::write(root.join("manifest.csv"), manifest).expect("a manifest can be written");
}

/// Decodes all JPGs on all cores and writes the pack.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn first_start(bencher: divan::Bencher) {
    bencher
        .counter(ItemsCount::new(PICTURES))
        .with_inputs(|| {
            let _ = std::fs::remove_file(FOLDER.path().join("pack.mien"));
        })
        .bench_values(|()| {
            let dataset = Dataset::open(FOLDER.path()).expect("the set opens");
            assert_eq!(dataset.decoded(), PICTURES);
        });
}

/// Finds the pack, compares it with the files' states and checks its pixels.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn second_start(bencher: divan::Bencher) {
    Dataset::open(FOLDER.path()).expect("the set opens");
    bencher.counter(ItemsCount::new(PICTURES)).bench(|| {
        let dataset = Dataset::open(FOLDER.path()).expect("the set opens");
        assert_eq!(dataset.decoded(), 0);
    });
}

#[divan::bench(args = ["flip", "rotate, scale, crop"])]
fn augmentation(bencher: divan::Bencher, kind: &str) {
    let mut how = Augmentation { flip: 0.5, ..Augmentation::default() };
    if kind != "flip" {
        how.rotate.probability = 1.0;
        how.scale.probability = 1.0;
        how.crop.probability = 1.0;
    }
    let pixels: Vec<u8> = (0..PIXELS).map(|i| (i % 251) as u8).collect();
    let mut out = vec![0; PIXELS];
    let mut index = 0;
    bencher.counter(ItemsCount::new(1usize)).bench_local(|| {
        index += 1;
        augment(&pixels, divan::black_box(&mut out), &how, 42, 1, index);
    });
}

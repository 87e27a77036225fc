//! The table of scores over a million rows. `cargo bench --bench scores`.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use mien::emotion::Emotion;
use mien::evaluate::{Arrangement, ScoreFile, SortBy};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::LazyLock;

const ROWS: usize = 1_000_000;
/// Rows in view at 220x60.
const VIEW: usize = 52;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    write(&folder.path().join("test.csv")).expect("a temporary folder can be written");
    folder
});

fn main() {
    divan::main();
}

/// As mien writes it: full precision, 118 bytes a row.
fn write(path: &Path) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let classes = Emotion::ALL.map(Emotion::name);
    writeln!(file, "filepath,{},label,prediction,confidence", classes.join(","))?;
    for row in 0..ROWS {
        let mut scores = [0.0f32; 6];
        for (class, score) in scores.iter_mut().enumerate() {
            *score = ((row * 7919 + class * 104_729) % 99_991 + 1) as f32;
        }
        let sum: f32 = scores.iter().sum();
        let best = (0..6).fold(0, |best, class| if scores[class] > scores[best] { class } else { best });
        write!(file, "test/{}/{row:07}.png", classes[row % 6])?;
        for score in scores {
            write!(file, ",{:?}", score / sum)?;
        }
        writeln!(file, ",{},{},{:?}", classes[row % 6], classes[best], scores[best] / sum)?;
    }
    file.flush()
}

fn open() -> ScoreFile {
    ScoreFile::open(&FOLDER.path().join("test.csv")).expect("it was just written")
}

fn scanned() -> ScoreFile {
    let mut file = open();
    while file.advance().expect("it was just written") {}
    file.arrange();
    file
}

fn by_confidence() -> Arrangement {
    Arrangement { by: SortBy::Confidence, descending: true, ..Arrangement::default() }
}

/// From the file's name to the rows of the first view.
#[divan::bench]
fn first_page_of_a_million_rows(bencher: Bencher) {
    open();
    bencher.counter(ItemsCount::new(VIEW)).bench(|| open().page(0..VIEW).map(|page| page.len()));
}

#[divan::bench]
fn a_page_in_the_middle(bencher: Bencher) {
    let mut file = scanned();
    bencher.counter(ItemsCount::new(VIEW)).bench_local(|| {
        let middle = ROWS / 2 + 17;
        file.page(middle..middle + VIEW).map(|page| page.len())
    });
}

/// Its rows stand all over the file.
#[divan::bench]
fn a_page_in_the_middle_of_a_sorted_table(bencher: Bencher) {
    let mut file = scanned();
    file.arrange_by(&by_confidence());
    file.arrange();
    bencher.counter(ItemsCount::new(VIEW)).bench_local(|| {
        let middle = ROWS / 2 + 17;
        file.page(middle..middle + VIEW).map(|page| page.len())
    });
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn scan_of_a_million_rows(bencher: Bencher) {
    let cost = scanned().cost();
    bencher.counter(BytesCount::new(cost.bytes)).counter(ItemsCount::new(cost.records)).bench(scanned);
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn sort_by_confidence(bencher: Bencher) {
    let mut file = scanned();
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| {
        file.arrange_by(&Arrangement::default());
        file.arrange_by(&by_confidence());
        file.arrange();
        file.counts().shown
    });
}

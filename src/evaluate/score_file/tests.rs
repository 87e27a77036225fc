use super::*;
use crate::emotion::Emotion::{self, Anger, Disgust, Fear};
use crate::evaluate::{Decimals, Query, Scores, scores_to};
use std::io::Write;

const HEADER: &str = "filepath,happiness,surprise,sadness,anger,disgust,fear,label,prediction,confidence\n";

/// A file of so many rows: names count, truths go round, every third is taken for disgust with a confidence that grows
/// with `row * 7919 % rows`.
fn rows(count: usize) -> Scores {
    let row = |row: usize| {
        let mut scores = [0.01; 6];
        let truth = Emotion::ALL[row % 6];
        let predicted = if row.is_multiple_of(3) { Disgust } else { truth };
        scores[predicted.index()] = 0.5 + (row * 7919 % count) as f32 / count as f32 * 0.4;
        ScoreRow { path: format!("test/{:07}.png", row), scores, label: Some(truth) }
    };
    Scores { rows: (0..count).map(row).collect() }
}

struct Folder {
    folder: tempfile::TempDir,
}

impl Folder {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("test.csv")
    }

    fn write(&self, content: impl AsRef<[u8]>) -> ScoreFile {
        std::fs::write(self.path(), content).unwrap();
        ScoreFile::open(&self.path()).unwrap()
    }

    fn write_rows(&self, scores: &Scores) -> ScoreFile {
        let mut bytes = Vec::new();
        scores_to(&mut bytes, scores, Decimals::Full).unwrap();
        self.write(bytes)
    }
}

fn read_all(file: &mut ScoreFile) {
    while file.advance().unwrap() {}
    file.arrange();
}

fn by(by: SortBy, descending: bool, query: &str) -> Arrangement {
    Arrangement { query: Query::parse(query).unwrap(), by, descending }
}

/// The paths of a page, or the lines of rows that could not be read.
fn names(file: &mut ScoreFile, places: Range<usize>) -> Vec<String> {
    let name = |line: ScoreLine| line.content.map_or(format!("line {}", line.line), |row| row.path);
    file.page(places).unwrap().into_iter().map(name).collect()
}

fn arranged(file: &mut ScoreFile, arrangement: &Arrangement) -> Vec<String> {
    file.arrange_by(arrangement);
    read_all(file);
    names(file, 0..usize::MAX)
}

#[test]
fn the_first_page_takes_apart_its_rows_and_no_others() {
    let folder = Folder::new();
    let scores = rows(100_000);
    let mut file = folder.write_rows(&scores);
    let page = file.page(0..50).unwrap();
    let read: Vec<_> = page.iter().map(|line| line.content.clone().unwrap()).collect();
    assert_eq!(read, scores.rows[..50]);
    assert_eq!(page[49].line, 51);
    let cost = file.cost();
    assert_eq!((cost.seeks, cost.records), (1, 51), "the header and the rows");
    assert!(cost.bytes <= 256 << 10, "{cost:?}");
    assert_eq!(file.counts().rows, 50);
}

#[test]
fn a_scan_reads_every_byte_and_row_once_and_goes_on_behind_the_first_page() {
    let folder = Folder::new();
    let mut file = folder.write_rows(&rows(20_000));
    file.page(0..50).unwrap();
    read_all(&mut file);
    let length = std::fs::metadata(folder.path()).unwrap().len();
    assert_eq!(file.cost(), Cost { seeks: 1, bytes: length, records: 20_001 });
    assert_eq!((file.counts().rows, file.progress()), (20_000, 1.0));
}

#[test]
fn a_page_deep_in_the_file_is_one_place_and_its_blocks() {
    let folder = Folder::new();
    let scores = rows(20_000);
    let mut file = folder.write_rows(&scores);
    read_all(&mut file);
    let before = file.cost();
    let page = file.page(17_011..17_061).unwrap();
    assert_eq!(page[0].content.as_ref().unwrap(), &scores.rows[17_011]);
    assert_eq!((page.len(), page[49].line), (50, 17_062));
    let cost = file.cost();
    assert_eq!(cost.seeks - before.seeks, 1);
    assert!(cost.records - before.records <= 50 + BLOCK_ROWS as u64);
    assert!(cost.bytes - before.bytes <= 20_000);
}

#[test]
fn sorting_by_what_the_index_has_reads_nothing_again() {
    let folder = Folder::new();
    let scores = rows(5000);
    let mut file = folder.write_rows(&scores);
    read_all(&mut file);
    let before = file.cost();
    for (sort, query) in [
        (SortBy::Confidence, ""),
        (SortBy::Truth, "wrong"),
        (SortBy::Correct, "conf>0.7"),
        (SortBy::Place, "pred:fear"),
    ] {
        file.arrange_by(&by(sort, true, query));
        assert!(file.is_read(), "{query}");
        file.arrange();
    }
    assert_eq!(file.cost(), before);
    file.arrange_by(&by(SortBy::Confidence, true, ""));
    file.arrange();
    let page = file.page(0..40).unwrap();
    let cost = file.cost();
    assert!(cost.seeks - before.seeks <= 40 && cost.records - before.records <= 40 * BLOCK_ROWS as u64);
    let mut expected: Vec<&ScoreRow> = scores.rows.iter().collect();
    expected.sort_by(|a, b| b.confidence().total_cmp(&a.confidence()));
    let found: Vec<_> = page.iter().map(|line| line.content.as_ref().unwrap()).collect();
    assert_eq!(found, expected[..40]);
}

#[test]
fn a_filter_by_name_reads_the_file_once_more_and_can_be_given_up() {
    let folder = Folder::new();
    let mut file = folder.write_rows(&rows(20_000));
    read_all(&mut file);
    let before = file.cost();
    file.arrange_by(&by(SortBy::Place, false, "00123"));
    assert!(!file.is_read());
    file.advance().unwrap();
    let some = file.cost().records - before.records;
    assert!(some <= SLICE_ROWS as u64, "one slice at a time: {some}");
    // Another filter: what was read for the one before is not needed any more, and is not read to its end.
    assert_eq!(arranged(&mut file, &by(SortBy::Place, false, "TEST/001999")).len(), 10);
    assert_eq!(file.cost().records - before.records, some + 20_000 + 32);
    // A page of it, another order, a narrower condition: nothing of the names is read again.
    let before = file.cost().records;
    file.arrange_by(&by(SortBy::Confidence, true, "test/001999 wrong"));
    assert!(file.is_read());
    file.arrange();
    assert_eq!((file.counts().shown, file.cost().records), (3, before));
}

#[test]
fn names_are_looked_at_while_the_scan_goes_on() {
    let folder = Folder::new();
    let mut file = folder.write_rows(&rows(20_000));
    file.advance().unwrap();
    let known = file.counts().rows;
    assert!(known > 100 && known < 10_000);
    file.arrange_by(&by(SortBy::Place, false, "00"));
    read_all(&mut file);
    assert_eq!(file.counts().shown, 20_000);
    let blocks = known as u64;
    assert!(file.cost().records <= 20_001 + blocks, "only what was known is read again");
}

#[test]
fn every_order_is_that_of_a_plain_stable_sort() {
    let folder = Folder::new();
    let mut scores = rows(500);
    scores.rows[7].label = None;
    scores.rows[7].path = "zzz.png".into();
    scores.rows.swap(3, 300);
    for row in 0..5 {
        scores.rows[row + 20].path = "same.png".into();
    }
    let mut file = folder.write_rows(&scores);
    for sort in SortBy::ALL {
        for descending in [false, true] {
            let found = arranged(&mut file, &by(sort, descending, ""));
            let mut expected: Vec<(usize, &ScoreRow)> = scores.rows.iter().enumerate().collect();
            expected.sort_by(|(i, a), (j, b)| {
                let order = match sort {
                    SortBy::Place => i.cmp(j),
                    SortBy::Path => a.path.cmp(&b.path),
                    SortBy::Score(emotion) => a.scores[emotion.index()].total_cmp(&b.scores[emotion.index()]),
                    SortBy::Confidence => a.confidence().total_cmp(&b.confidence()),
                    SortBy::Prediction => a.prediction().cmp(&b.prediction()),
                    // Without a truth at the end, whichever way round.
                    SortBy::Truth | SortBy::Correct if a.label.is_none() || b.label.is_none() => {
                        return a.label.is_none().cmp(&b.label.is_none());
                    }
                    SortBy::Truth => a.label.cmp(&b.label),
                    SortBy::Correct => a.correct().cmp(&b.correct()),
                };
                if descending { order.reverse() } else { order }
            });
            let expected: Vec<&str> = expected.into_iter().map(|(_, row)| row.path.as_str()).collect();
            assert_eq!(found, expected, "{sort:?} {descending}");
        }
    }
}

#[test]
fn filters_keep_what_they_say() {
    let folder = Folder::new();
    let scores = rows(3000);
    let mut file = folder.write_rows(&scores);
    let mut found = |query: &str| arranged(&mut file, &by(SortBy::Place, false, query)).len();
    let count = |keep: &dyn Fn(&ScoreRow) -> bool| scores.rows.iter().filter(|row| keep(row)).count();
    assert_eq!(found("wrong"), count(&|row| row.correct() == Some(false)));
    assert_eq!(found("right conf>0.6"), count(&|row| row.correct() == Some(true) && row.confidence() > 0.6));
    let cell = count(&|row| row.label == Some(Anger) && row.prediction() == Disgust);
    assert!(cell > 0);
    assert_eq!(found("truth:anger prediction:disgust"), cell);
    assert_eq!(found("fear>0.3"), count(&|row| row.scores[Fear.index()] > 0.3));
    assert_eq!(
        found("anger<0.3 name:0001"),
        count(&|row| row.scores[Anger.index()] < 0.3 && row.path.contains("0001"))
    );
    assert_eq!(found("nothing"), 0);
    assert_eq!(found("truth:anger prediction:disgust"), cell, "the words before it are forgotten");
    assert_eq!(found("conf>=0"), scores.rows.len());
}

#[test]
fn a_filter_without_words_is_not_held_to_the_words_of_the_one_before() {
    let folder = Folder::new();
    let mut file = folder.write_rows(&rows(600));
    let wrong = arranged(&mut file, &by(SortBy::Place, false, "wrong")).len();
    assert_eq!(arranged(&mut file, &by(SortBy::Place, false, "wrong 0000003")).len(), 1);
    assert_eq!(arranged(&mut file, &by(SortBy::Place, false, "wrong")).len(), wrong);
    assert_eq!(arranged(&mut file, &by(SortBy::Path, true, "conf>0")).len(), 600);
}

#[test]
fn an_entry_of_the_index_has_less_than_six_bytes() {
    let folder = Folder::new();
    let mut file = folder.write_rows(&rows(30_000));
    read_all(&mut file);
    let bytes = file.index.bytes() as f64 / 30_000.0;
    assert!((5.0..6.0).contains(&bytes), "{bytes}");
}

#[test]
fn rows_that_are_none_are_shown_with_line_and_reason_and_cost_no_others() {
    let folder = Folder::new();
    let text = format!(
        "{HEADER}a_3.png,0,0,0,1,0,0,,anger,1\n\
         torn,0.1,0.2\n\
         \n\
         b.png,0,0,0,1,0,many,fear,anger,1\n\
         c.png,0,0,0,1,0,0,neutral,anger,1\n\
         \"never closed.png,0,0,0,1,0,0,fear,anger,1\n\
         d.png,0,0,0,1,0,0,fear,anger,1\n\
         e.png,0,0,0,1,0,0,fear,anger,\"1\n\
         f\u{1b}[2J.png,0,0,0,1,0,0,fear,anger,1"
    );
    let mut file = folder.write(text);
    // Whether rows are met by the scan or by going back to them, they are the same.
    let scanned = file.page(0..100).unwrap();
    read_all(&mut file);
    assert_eq!(file.page(0..100).unwrap(), scanned);
    let told = |line: &ScoreLine| match &line.content {
        Ok(row) => format!("{} {}", line.line, row.path),
        Err(Unreadable { reason, text }) => format!("{}! {reason}: {text}", line.line),
    };
    let told: Vec<String> = scanned.iter().map(told).collect();
    assert_eq!(
        told,
        [
            "2 a_3.png",
            "3! it has 3 fields, the first line has 10: torn,0.1,0.2",
            "5! fear is 'many', not a number from 0 to 1: b.png,0,0,0,1,0,many,fear,anger,1",
            "6! label is 'neutral'; happiness, surprise, sadness, anger, disgust, fear are known: c.png,0,0,0,1,0,0,neutral,anger,1",
            "7! it has 1 fields, the first line has 10: \"never closed.png,0,0,0,1,0,0,fear,anger,1",
            "8 d.png",
            "9! it is longer than 65536 bytes, or has a quote that is not closed: e.png,0,0,0,1,0,0,fear,anger,\"1",
            "10 f\u{1b}[2J.png",
        ]
    );
    let counts = file.counts();
    assert_eq!((counts.rows, counts.unreadable, counts.labelled, counts.wrong), (8, 5, 3, 2));
    assert_eq!(arranged(&mut file, &by(SortBy::Place, false, "unreadable")).len(), 5);
    for sort in SortBy::ALL.into_iter().filter(|sort| *sort != SortBy::Place) {
        for descending in [false, true] {
            let last = arranged(&mut file, &by(sort, descending, "")).split_off(3);
            assert_eq!(last, ["line 3", "line 5", "line 6", "line 7", "line 9"], "{sort:?}");
        }
    }
}

#[test]
fn quotes_line_ends_marks_and_columns_are_read_as_they_may_be_written() {
    let folder = Folder::new();
    let full = "x\u{feff}y \"q\", z\nnext.png";
    let quoted = full.replace('"', "\"\"");
    let mark = "\u{feff}";
    for (text, paths) in [
        (
            format!(
                "{mark}fear,anger,filepath,disgust,more,sadness,surprise,happiness\r\n1,0,a.png,0,,0,0,0\r\n0,0,b.png,0,,1,0,0\r\n"
            ),
            vec!["a.png", "b.png"],
        ),
        (
            format!("{HEADER}\"{quoted}\",0,0,0,0,0,1,,fear,1\nb.png,0,0,0,0,0,1,,fear,1\n"),
            vec![full, "b.png"],
        ),
        (format!("{HEADER}a.png,0,0,0,0,0,1,,fear,1\r\rb.png,0,0,0,0,0,1,,fear,1"), vec!["a.png", "b.png"]),
        (HEADER.to_string(), vec![]),
        (HEADER.trim_end().to_string(), vec![]),
    ] {
        let mut file = folder.write(&text);
        read_all(&mut file);
        assert_eq!(names(&mut file, 0..10), paths, "{text:?}");
        assert_eq!(file.counts().unreadable, 0);
    }
}

#[test]
fn a_quote_that_is_never_closed_costs_one_row_in_a_long_file_and_a_line_without_end_one() {
    let folder = Folder::new();
    let mut text = HEADER.to_string();
    let row = |name: &str| format!("{name}.png,0,0,0,0,0,1,,fear,1\n");
    for i in 0..3000 {
        text += &row(&i.to_string());
        if i == 1000 {
            text += &format!("\"{}", row("open"));
        }
        if i == 2000 {
            text += &format!("{}\n", "x".repeat(3 * LONGEST + (600 << 10)));
        }
    }
    let mut file = folder.write(text);
    read_all(&mut file);
    let counts = file.counts();
    assert_eq!((counts.rows, counts.unreadable), (3002, 2));
    assert_eq!(names(&mut file, 1001..1004), ["line 1003", "1001.png", "1002.png"]);
    assert_eq!(names(&mut file, 2001..2004), ["2000.png", "line 2004", "2001.png"]);
    assert_eq!(names(&mut file, 3001..3010), ["2999.png"]);
}

#[test]
fn what_has_no_end_of_line_in_a_terabyte_is_read_a_little_at_a_time() {
    let folder = Folder::new();
    for content in [String::new(), format!("{HEADER}a.png,0,0,0,0,0,1,,fear,1\n")] {
        std::fs::write(folder.path(), &content).unwrap();
        // Zeros that take no room.
        let file = std::fs::OpenOptions::new().write(true).open(folder.path()).unwrap();
        file.set_len(1 << 40).unwrap();
        let Ok(mut file) = ScoreFile::open(&folder.path()) else {
            assert!(content.is_empty());
            continue;
        };
        assert_eq!(names(&mut file, 0..50), ["a.png", "line 3"]);
        for _ in 0..3 {
            assert!(file.advance().unwrap());
        }
        assert!(file.cost().bytes < 8 << 20, "{:?}", file.cost());
        assert_eq!(names(&mut file, 0..50).len(), 2);
    }
}

#[test]
fn more_rows_than_any_set_has_pictures_are_refused() {
    let folder = Folder::new();
    let mut file = folder.write(HEADER.to_string() + &"x\n".repeat(MOST_ROWS + 1));
    let error = loop {
        match file.advance() {
            Ok(more) => assert!(more),
            Err(error) => break error.to_string(),
        }
    };
    assert!(error.contains("more than 150000 rows"), "{error}");
    assert_eq!(file.counts().rows, MOST_ROWS);
}

#[test]
fn what_is_no_scores_file_is_told_in_one_sentence() {
    let folder = Folder::new();
    let open = |content: &[u8]| {
        std::fs::write(folder.path(), content).unwrap();
        ScoreFile::open(&folder.path()).map(|_| ()).unwrap_err().to_string()
    };
    assert!(open(b"").contains("test.csv, line 1: it is empty"), "{}", open(b""));
    for content in
        [&b"path,happiness\n1,2\n"[..], &[0xff; 300_000], b"\xef\xbb\xbf", b"\n\n\n", b"\"", &[0; 70_000]]
    {
        let error = open(content);
        assert!(error.contains("line 1: there is no column 'filepath'"), "{error}");
    }
    std::fs::remove_file(folder.path()).unwrap();
    assert!(ScoreFile::open(&folder.path()).map(|_| ()).unwrap_err().to_string().contains("cannot read"));
    let pipe = folder.path();
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    assert!(ScoreFile::open(&pipe).is_err(), "a pipe is not waited for");
}

#[test]
fn a_file_that_grows_or_is_replaced_is_another_one_and_one_cut_short_is_told() {
    let folder = Folder::new();
    let mut file = folder.write_rows(&rows(5000));
    read_all(&mut file);
    assert!(file.is_current());
    let mut more = std::fs::OpenOptions::new().append(true).open(folder.path()).unwrap();
    more.write_all(b"x\n").unwrap();
    assert!(!file.is_current());
    assert_eq!(file.page(4990..5010).unwrap().len(), 10, "what was there can still be seen");
    more.set_len(1000).unwrap();
    let error = file.page(4990..5000).unwrap_err().to_string();
    assert!(error.contains("test.csv") && error.contains("shorter"), "{error}");
    let mut file = ScoreFile::open(&folder.path()).unwrap();
    more.set_len(500).unwrap();
    read_all(&mut file);
    assert!(!file.is_current());
    std::fs::remove_file(folder.path()).unwrap();
    assert!(!file.is_current());
}

#[test]
fn no_bytes_make_it_panic() {
    let folder = Folder::new();
    let whole = format!("{HEADER}\"a\"\"b\",0,0,0,0,0,1,,fear,1\nb.png,0,0,0,0,0,1,,fear,1\n");
    for seed in 0..400u64 {
        let mut bytes = whole.clone().into_bytes();
        let mut state = seed;
        for _ in 0..1 + seed % 5 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = HEADER.len() + (state >> 33) as usize % (bytes.len() - HEADER.len());
            bytes[at] = [b'"', b',', b'\n', b'\r', 0xff, 0][(state >> 20) as usize % 6];
        }
        let mut file = folder.write(&bytes);
        read_all(&mut file);
        let scanned = file.counts().rows;
        assert_eq!(file.page(0..100).unwrap().len(), scanned, "{:?}", String::from_utf8_lossy(&bytes));
        file.arrange_by(&by(SortBy::Path, true, ""));
        read_all(&mut file);
        assert_eq!(file.page(0..100).unwrap().len(), scanned);
    }
}

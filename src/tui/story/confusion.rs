//! The confusion, on its own and beside the comparison, which shares its widgets and its exports.

use super::*;

#[tokio::test]
async fn the_confusion_as_counts_and_as_shares() {
    snapshots(&[
        ("jj\n3", "macro F1", "confusion_counts"),
        ("v", "row % (recall)", "confusion_rows"),
        ("vllll", "column % (precision)", "confusion_columns"),
        ("s", "of 15", "confusion_valid"),
    ])
    .await;
}

/// The smallest terminal, without colours and with nothing but ASCII.
#[tokio::test]
async fn confusion_and_comparison_on_the_smallest_terminal() {
    const POOR: Theme = Theme::new(Depth::Mono, false);
    let mut story = Story::begin((60, 16)).await;
    story.press("jj\n3>>>>");
    story.shows("happ -> disg: 19").await;
    let confusion = story.picture_in(&POOR);
    give_faces_and_weights(&story.state.current().unwrap().folder.clone());
    story.press("m");
    story.shows("for the predicted class").await;
    story.press(".");
    let maps = story.picture_in(&POOR);
    let off = crate::tui::graphics::Abilities::from_environment(crate::tui::settings::Images::Off, |_| None);
    let before = std::mem::replace(&mut story.state.pictures.abilities, off);
    let words = story.picture_in(&POOR);
    story.state.pictures.abilities = before;
    story.press("m");
    story.press("\x1bkc\t");
    story.shows("27 broken").await;
    let compare = story.picture_in(&POOR);
    assert!([&confusion, &maps, &compare].iter().all(|shown| shown.is_ascii()), "{confusion}{maps}{compare}");
    insta::assert_snapshot!("atlas_60x16", maps);
    insta::assert_snapshot!("atlas_without_pictures_60x16", words);
    insta::assert_snapshot!("confusion_60x16", confusion);
    insta::assert_snapshot!("compare_60x16", compare);
}

#[tokio::test]
async fn an_export_stands_in_the_runs_folder_and_reads_back() {
    use crate::evaluate::{CHART_SIZE, Change};
    let mut story = Story::begin((120, 40)).await;
    let runs = story.folder.path().join("runs");
    story.press("jj\n3");
    story.shows("macro F1").await;
    story.press("E");
    story.shows("confusion-test.png beside it").await;
    let run = runs.join("20260114-181502-faces-1a2b");
    let mut table = csv::Reader::from_path(run.join("confusion-test.csv")).unwrap();
    let first = table.records().next().unwrap().unwrap();
    assert_eq!(first, vec!["happiness", "10", "0", "0", "1", "19", "0"]);
    let chart = image::open(run.join("confusion-test.png")).unwrap();
    assert_eq!((chart.width(), chart.height()), CHART_SIZE);

    story.press("\x1bkc\t");
    story.shows("27 broken").await;
    story.press("E");
    story.shows("wrote 27 pictures").await;
    let name = format!("compare-test-{}-20260114-181502-faces-1a2b.csv", Change::Broken.name());
    let mut list = csv::Reader::from_path(runs.join("20260115-090730-faces-slow-3c4d").join(name)).unwrap();
    let rows: Vec<csv::StringRecord> = list.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 27);
    assert!(rows.iter().all(|row| row[1] == row[2] && row[1] != row[4]), "A is right and B wrong");
}

#[tokio::test]
async fn without_an_evaluation_the_scores_are_counted_and_without_both_it_is_said() {
    let mut story = Story::begin((80, 24)).await;
    let run = story.folder.path().join("runs/20260114-181502-faces-1a2b");
    fs::remove_file(run.join("evaluation.json")).unwrap();
    story.press("jj\n3");
    story.shows("counted from scores/test.csv").await;
    story.shows("accuracy 80.0 % 74.4-85.6").await;
    story.press("K");
    story.shows("has no checkpoint").await;
    fs::remove_dir_all(run.join("scores")).unwrap();
    story.press("K");
    story.shows("is not evaluated yet").await;
    fs::write(run.join("evaluation.json"), "{\"test\":").unwrap();
    story.press("23");
    story.shows("anew").await;
}

//! Why one picture is taken for what, from the confusion on.

use super::*;

/// From a cell of the confusion over its pictures to one of them, and to what speaks for and against it.
#[tokio::test]
async fn from_a_confusion_to_why_one_picture_is_taken_for_another_class() {
    for size in [(60, 16), (80, 24), (120, 40)] {
        let mut story = Story::begin(size).await;
        story.press("jj");
        let run = story.state.current().unwrap().folder.clone();
        story.press("\n3>>>>");
        story.shows("1 charts").await;
        story.shows("19").await;
        story.press("\n");
        story.shows("19 with truth:happiness").await;
        story.press("\n");
        story.shows("Enter why").await;
        story.press("\n");
        story.shows("has no model.safetensors").await;
        give_untrained_weights(&run);
        story.press("\x1b\n");
        story.shows("there is no such file").await;
        give_pictures(&run);
        story.press("\x1b\n");
        story.shows("grad-cam · relu4").await;
        assert!(story.picture().contains("happiness taken for disgust"), "{}", story.picture());
        assert!(story.picture().contains("w why not") && story.picture().contains("q runs"));
        story.press(">");
        story.shows("2/19").await;
        for (keys, text) in [
            ("w", "and not"),
            ("W[", "bn4"),
            ("[[", "block3"),
            ("v", "insertion"),
            ("v", "channels 1 to 32"),
            ("v", "manifest.csv"),
            ("vt", "for happiness"),
        ] {
            story.press(keys);
            story.shows(text).await;
        }
        story.press("E");
        story.shows("wrote").await;
        let png = fs::read_dir(run.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let names: Vec<String> = png.map(|name| name.to_string_lossy().into_owned()).collect();
        assert!(
            names.iter().any(|name| name.starts_with("explain-test-") && name.ends_with(".png")),
            "{names:?}"
        );
        story.press("\x1b");
        story.shows("row 2, line").await;
        story.press("\x1b\x1b");
        story.shows("macro F1").await;
        story.press("4q");
        story.shows("3 runs").await;
    }
}

/// A picture whose file is gone, and pictures that are like it: from the pack.
#[tokio::test]
async fn pictures_like_one_are_those_that_it_was_trained_on() {
    let mut story = Story::begin((120, 40)).await;
    story.press("jj");
    let run = story.state.current().unwrap().folder.clone();
    let root = run.path().join("faces");
    crate::data::drawn::write_set(&root, 6, 7, &mut |_, _| {}).unwrap();
    let config = fs::read_to_string(run.config()).unwrap();
    fs::write(run.config(), config.replace("root = \"faces\"", &format!("root = {root:?}"))).unwrap();
    give_untrained_weights(&run);
    let set = crate::data::Dataset::open(&root).unwrap();
    let test = set.indices(crate::data::Split::Test);
    let path = set.entry(test[0]).path.clone();
    let row = crate::evaluate::ScoreRow {
        path: path.to_str().unwrap().into(),
        scores: [0.1, 0.2, 0.3, 0.25, 0.05, 0.1],
        label: Some(set.label(test[0])),
    };
    let scores = crate::evaluate::Scores { rows: vec![row] };
    crate::evaluate::write_scores(&run.scores("test"), &scores, crate::evaluate::Decimals::Full).unwrap();
    story.press("\n4");
    story.shows("grad-cam").await;
    story.press("vvv");
    story.shows("training pictures most like it").await;
    fs::remove_file(root.join(&path)).unwrap();
    story.press("vm");
    story.shows("grad-cam++ · relu4").await;
}

//! The mean maps of a confusion: made, shown and kept.

use super::*;

#[tokio::test]
async fn the_mean_maps_of_a_confusion_are_made_shown_and_kept() {
    for size in SIZES {
        let mut story = Story::begin(size).await;
        story.press("jj");
        let run = story.state.current().unwrap().folder.clone();
        story.press("\n3m");
        story.shows("this run has no").await;
        story.press("m");
        give_faces_and_weights(&run);
        for (keys, text, name) in [
            ("m", "mean maps for the predicted class", "atlas"),
            (".", "pictures have changed since", "atlas_mistake"),
            ("M", "mean maps for the true class", "atlas_true"),
        ] {
            story.press(keys);
            story.shows(text).await;
            let picture = story.picture();
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), picture);
        }
        story.press("E");
        story.shows("wrote ").await;
        assert!(run.path().join("atlas-test-true.png").is_file());
        // Without weights only what is kept could be shown, and nobody can say whose it is.
        fs::remove_file(run.model()).unwrap();
        story.press("M");
        story.shows("this run has no").await;
        story.press("m");
        story.shows("macro F1").await;
    }
}

#[tokio::test]
async fn why_there_are_no_mean_maps_can_be_read_to_its_end() {
    let mut story = Story::begin((80, 24)).await;
    story.press("jj");
    let run = story.state.current().unwrap().folder.clone();
    give_faces_and_weights(&run);
    let weights = fs::read(run.model()).unwrap();
    fs::write(run.model(), &weights[..weights.len() / 2]).unwrap();
    story.press("\n3m");
    story.shows("there are no mean maps").await;
    let picture = story.picture();
    assert!(picture.contains("again") && !picture.contains("share of"), "{picture}");
}

//! The table of scores, with pictures and without, and with whatever stands in its files.

use super::*;

/// Takes in what the tasks send until the chosen picture is there, if it has a place.
async fn with_picture(story: &mut Story) {
    loop {
        let scores = &story.state.scores;
        let chosen = scores.picture(scores.position());
        let has_place = screens::scores::shows_picture(story.state.size, scores.is_large);
        let Some(key) = chosen.filter(|_| has_place) else { return };
        if story.state.pictures.find(&key).is_some() {
            return;
        }
        let message = tokio::time::timeout(PATIENCE, story.messages.recv()).await.unwrap().unwrap();
        story.tell(message);
    }
}

#[tokio::test]
async fn from_the_table_of_scores_to_one_picture() {
    for size in SIZES {
        let mut story = Story::begin(size).await;
        story.press("jj");
        give_pictures(&story.state.current().unwrap().folder.clone());
        for (keys, text, name) in [
            ("\n2", "180 pictures", "scores"),
            ("w", "only the wrong ones", "scores_wrong"),
            ("/ truth:h pred:disg\n", "19 with wrong truth:h pred:disg", "scores_filtered"),
            ("o", "↓", "scores_sorted"),
            ("\n", "row 1, line", "scores_picture"),
            ("\x1b\x1bs", "72 pictures", "scores_valid"),
        ] {
            story.press(keys);
            story.shows(text).await;
            with_picture(&mut story).await;
            let picture = story.picture();
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), picture);
        }
    }
}

#[tokio::test]
async fn scores_that_come_change_and_go_while_they_are_shown_are_told() {
    let mut story = Story::begin((100, 30)).await;
    let run = story.state.current().unwrap().folder.clone();
    let (path, kept) = (run.scores("test"), run.path().join("kept.csv"));
    fs::rename(&path, &kept).unwrap();
    fs::remove_file(run.scores("valid")).unwrap();
    story.press("\n2");
    story.shows("this run has no scores yet").await;
    fs::rename(&kept, &path).unwrap();
    story.shows("180 pictures").await;
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.clone() + "torn,0.1\n").unwrap();
    story.shows("test.csv has changed and is read anew").await;
    story.shows("1 unreadable").await;
    story.press("G");
    story.shows("line 182: it has 2 fields, the first").await;
    fs::write(&path, "what,ever\n1,2\n").unwrap();
    story.shows("line 1: there is no column 'filepath'").await;
    fs::write(&path, "").unwrap();
    story.shows("it is empty").await;
    fs::write(&path, text).unwrap();
    story.shows("180 pictures").await;
}

#[tokio::test]
async fn hostile_names_stay_in_their_column_and_reach_no_terminal() {
    let mut story = Story::begin((120, 40)).await;
    let run = story.state.current().unwrap().folder.clone();
    let names = [
        "\x1b[2J\x1b]0;title\x07.png".to_string(),
        "abc\u{202e}gnp.exe\u{2066}".into(),
        format!("{}end-of-it.png", "long/".repeat(800)),
        "表情認識".repeat(20),
        "e\u{301}".repeat(4000),
        "שלום עולם.png".into(),
        "a, \"quoted\"\nname\r\n.png".into(),
    ];
    let row = |path: &String| crate::evaluate::ScoreRow {
        path: path.clone(),
        scores: [0.1, 0.2, 0.3, 0.25, 0.05, 0.1],
        label: Some(crate::emotion::Emotion::Fear),
    };
    let scores = crate::evaluate::Scores { rows: names.iter().map(row).collect() };
    crate::evaluate::write_scores(&run.scores("test"), &scores, crate::evaluate::Decimals::Full).unwrap();
    story.press("\n2");
    story.shows("7 pictures").await;
    for keys in ["", "j", "j", "j", "j", "j", "j", "\n", "^"] {
        story.press(keys);
        let picture = story.picture();
        assert!(!picture.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "{picture}");
        for line in picture.lines() {
            assert!(unicode_width::UnicodeWidthStr::width(line) <= 120, "{line}");
        }
        if !story.state.scores.is_large {
            assert_eq!(picture.matches("fear      sadness").count(), 7, "{picture}");
        }
    }
}

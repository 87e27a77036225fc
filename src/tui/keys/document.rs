//! The part of `docs/keys.md` that is made from the table.

use super::table::{ALL, BINDINGS, TEXT};
use super::{Binding, Place};
use std::fmt::Write;
use std::path::Path;

const BEGIN: &str = "<!-- From here on made from the table of keys; a test rewrites it. -->\n";
const REWRITE: &str = "UPDATE_DOCS=1 cargo test --release --no-default-features --lib keys::document";

/// A table of keys for everywhere and one for each place.
fn tables() -> String {
    let most = (ALL & !TEXT).count_ones() * 2 / 3;
    let is_general = |row: &&Binding| row.places.count_ones() > most;
    let mut text = String::from(
        "\n## `[everywhere]`\n\nIn all or most places, as far as there is something to move in.\n\n",
    );
    table(&mut text, BINDINGS.iter().filter(is_general));
    for place in Place::ALL {
        let rows = BINDINGS.iter().filter(|row| row.is_in(place) && !is_general(row));
        write!(text, "\n## `[{}]`: {}\n\n", place.name(), about(place)).unwrap();
        table(&mut text, rows);
    }
    text
}

fn table<'a>(text: &mut String, rows: impl Iterator<Item = &'a Binding>) {
    text.push_str("| keys | action | what it does |\n|---|---|---|\n");
    for row in rows {
        let keys: Vec<String> = row.keys.iter().map(|key| format!("`{}`", key.name())).collect();
        writeln!(text, "| {} | `{}` | {} |", keys.join(" "), row.action.name(), row.about).unwrap();
    }
}

fn about(place: Place) -> &'static str {
    match place {
        Place::Runs => "the list of runs",
        Place::Charts => "the charts of a run",
        Place::Timeline => "where the network looked, epoch by epoch",
        Place::Scores => "the scores of a run's pictures",
        Place::Confusion => "the confusion of a run",
        Place::Explain => "why a picture is taken for what",
        Place::Lines => "the config and the log of a run",
        Place::Compare => "two runs beside each other",
        Place::System => "the machine",
        Place::Searches => "the list of searches",
        Place::Search => "one search",
        Place::NewSearch => "the form for a new search",
        Place::Launch => "the form for a new run",
        Place::Help => "the help",
        Place::Question => "a question with yes and no",
        Place::Prompt => "a line that is being typed at the bottom",
        Place::Field => "a field of the form that is being edited",
    }
}

#[test]
fn the_document_says_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/keys.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (by_hand, _) = text.split_once(BEGIN).expect("docs/keys.md has lost the line before its tables");
    let expected = format!("{by_hand}{BEGIN}{}", tables());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).unwrap();
        return;
    }
    assert!(text == expected, "docs/keys.md is not what the table says; rewrite it: {REWRITE}");
}

#[test]
fn the_settings_document_shows_the_defaults_of_every_field() {
    use crate::tui::settings::Settings;
    let [text] = &examples("docs/settings.md")[..] else { panic!("one block of settings") };
    let file = toml::de::DeTable::parse(text).unwrap();
    let (settings, problems) = Settings::understand(file.get_ref());
    assert_eq!((&settings, &problems[..]), (&Settings::default(), &[][..]));
    let Settings { frames_per_second: None, .. } = settings else { panic!("it has a default now") };
    assert_eq!(file.get_ref().len(), 8, "and frames_per_second, which has none");
}

/// The parts of a document between ```` ```toml ```` and ```` ``` ````.
fn examples(document: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let text = std::fs::read_to_string(path).unwrap();
    text.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap().into()).collect()
}

#[test]
fn the_examples_of_the_document_are_understood() {
    let examples = examples("docs/keys.md");
    assert!(!examples.is_empty());
    for example in examples {
        let file = toml::de::DeTable::parse(&example).unwrap();
        let (keys, problems) = super::lay_over(file.get_ref());
        assert_eq!(problems, [], "{example}");
        assert_ne!(keys, super::Keys::default(), "{example}");
    }
}

//! What a user wrote down: `config.toml` and `keys.toml` in mien's folder among the configuration of the user (XDG). What
//! cannot be understood is left as it comes and told: a broken file must not keep anyone from looking at runs.

use super::keys;
use super::settings::Settings;
use crate::config::newlines_before;
use crate::data::{printable, read_small_text, shown};
use etcetera::BaseStrategy;
use std::io::ErrorKind;
use std::path::Path;
use toml::Spanned;
use toml::de::DeTable;

/// What is wrong at one place of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// In bytes.
    pub at: usize,
    /// A part of a sentence that the file and the line stand before.
    pub text: String,
}

/// The settings and keys of the user; those of nobody where there is no home folder.
pub(super) fn read() -> Settings {
    match etcetera::choose_base_strategy() {
        Ok(strategy) => read_in(&strategy.config_dir().join("mien")),
        Err(_) => Settings::default(),
    }
}

fn read_in(folder: &Path) -> Settings {
    let mut told = Vec::new();
    let mut settings = understood(&folder.join("config.toml"), Settings::understand, &mut told);
    settings.keys = understood(&folder.join("keys.toml"), keys::lay_over, &mut told);
    settings.problems = told;
    settings
}

/// What a file says, and one sentence in `told` on all that is wrong with it.
fn understood<T: Default>(
    path: &Path,
    understand: impl Fn(&DeTable) -> (T, Vec<Problem>),
    told: &mut Vec<String>,
) -> T {
    let text = match read_small_text(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return T::default(),
        Err(error) => {
            told.push(format!("cannot read {}: {error}", shown(path)));
            return T::default();
        }
    };
    let (value, mut problems) = match DeTable::parse(&text).map(Spanned::into_inner) {
        Ok(table) => understand(&table),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            (T::default(), vec![Problem { at, text: error.message().trim().replace('\n', ", ") }])
        }
    };
    problems.sort_by_key(|problem| problem.at);
    let parts = problems.iter().map(|problem| {
        format!("line {}: {}", newlines_before(&text, problem.at) + 1, printable(&problem.text))
    });
    let parts: Vec<String> = parts.collect();
    if !parts.is_empty() {
        told.push(format!("{}, {}", shown(path), parts.join("; ")));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::action::Action;
    use crate::tui::keys::Place;
    use crate::tui::settings::Background;

    fn read(files: &[(&str, &str)]) -> (Settings, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        (read_in(folder.path()), folder)
    }

    #[test]
    fn without_files_everything_is_as_it_comes() {
        assert_eq!(read(&[]).0, Settings::default());
    }

    #[test]
    fn both_files_are_heeded() {
        let (settings, _) =
            read(&[("config.toml", "background = 'light'\n"), ("keys.toml", "[runs]\nstop = 'Q'\n")]);
        assert_eq!((settings.background, settings.problems.len()), (Background::Light, 0));
        assert_eq!(settings.keys.key_for(Place::Runs, Action::Stop), Some("Q"));
    }

    #[test]
    fn all_that_is_wrong_is_told_with_file_and_line_and_the_rest_counts() {
        let (settings, folder) = read(&[
            ("config.toml", "bakground = 'light'\nbell = true\nmouse = 'of'\n"),
            ("keys.toml", "[runs]\nstop = 'Q'\ndelte = 'x'\n"),
        ]);
        assert!(settings.bell && settings.mouse);
        assert_eq!(settings.keys.key_for(Place::Runs, Action::Stop), Some("Q"));
        let path = |name| folder.path().join(name).display().to_string();
        let [config, keys] = &settings.problems[..] else { panic!("{:?}", settings.problems) };
        let begins =
            format!("{}, line 1: no such field 'bakground'; did you mean 'background'?", path("config.toml"));
        assert!(config.starts_with(&begins), "{config}");
        assert!(config.contains("; line 3: mouse: "), "{config}");
        let whole = format!(
            "{}, line 3: there is no action 'delte' in [runs]; did you mean 'delete'?",
            path("keys.toml")
        );
        assert_eq!(*keys, whole);
    }

    #[test]
    fn a_file_that_is_no_toml_or_cannot_be_read_is_told_and_nothing_of_it_counts() {
        let (settings, folder) = read(&[("config.toml", "bell = true\nmouse =\n")]);
        assert_eq!(settings.problems.len(), 1);
        assert!(settings.problems[0].contains("config.toml, line 2: "), "{:?}", settings.problems);
        assert_eq!(Settings { problems: Vec::new(), ..settings }, Settings::default());
        std::fs::create_dir(folder.path().join("keys.toml")).unwrap();
        std::fs::write(folder.path().join("config.toml"), b"\xff").unwrap();
        let told = read_in(folder.path()).problems;
        assert!(told[0].contains("UTF-8") && told[1].contains("keys.toml"), "{told:?}");
    }

    #[test]
    fn what_a_file_says_is_printable_when_it_is_told() {
        let (settings, _) = read(&[("config.toml", "\"\\u001b]0;x\\u0007\" = 1\n")]);
        assert!(settings.problems[0].contains("no such field"), "{:?}", settings.problems);
        assert!(!settings.problems[0].contains(char::is_control), "{:?}", settings.problems);
    }
}

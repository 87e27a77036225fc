//! What a user wants of the keys, laid over the table. What cannot be understood, or would make a key mean two things or
//! lock someone in, is left as the table has it, and told.

use super::key::Key;
use super::table::{ALL, RUN, TEXT};
use super::{Binding, Keys, LEAVES, Place};
use crate::data::nearest;
use crate::tui::action::Action;
use crate::tui::user_files::Problem;
use std::borrow::Cow;
use std::cmp::Reverse;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A section of the file and the places it is about. A narrower one goes over a wider one.
#[derive(Clone, Copy, Debug)]
struct Section {
    name: &'static str,
    places: u32,
}

/// The keys that an action shall have in a section's places.
#[derive(Debug)]
struct Wish {
    section: Section,
    action: Action,
    keys: Vec<Key>,
    /// Where it stands in the file, in bytes.
    at: usize,
}

/// A row and the wish that it comes from, by its number.
type Row = (Binding, Option<usize>);

/// The keys as the table and then the file have them, and what of the file was left out.
pub(in crate::tui) fn lay_over(file: &DeTable) -> (Keys, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut wishes = wishes(file, &mut problems);
    wishes.sort_by_key(|wish| Reverse(wish.section.places.count_ones()));
    loop {
        let rows = laid(&wishes);
        let Some((refused, problem)) = clash(&rows, &wishes).or_else(|| no_way_out(&rows, &wishes)) else {
            return (Keys { rows: rows.into_iter().map(|(row, _)| row).collect() }, problems);
        };
        problems.push(problem);
        let mut number = 0..;
        wishes.retain(|_| number.next().is_some_and(|number| !refused.contains(&number)));
    }
}

fn sections() -> impl Iterator<Item = Section> {
    let wide = [("everywhere", ALL & !TEXT), ("run", RUN)];
    let places = Place::ALL.map(|place| (place.name(), place.bit()));
    wide.into_iter().chain(places).map(|(name, places)| Section { name, places })
}

fn wishes(file: &DeTable, problems: &mut Vec<Problem>) -> Vec<Wish> {
    let mut wishes = Vec::new();
    let mut tell = |at: usize, text: String| problems.push(Problem { at, text });
    for (name, value) in file {
        let at = name.span().start;
        let name: &str = name.get_ref();
        let Some(section) = sections().find(|section| section.name == name) else {
            tell(at, no_section(name));
            continue;
        };
        let DeValue::Table(actions) = value.get_ref() else {
            tell(at, format!("'{name}' is a section: write [{name}] on a line of its own, actions below it"));
            continue;
        };
        for (name, value) in actions {
            let at = name.span().start;
            let wish = action(name.get_ref(), section)
                .and_then(|action| Ok(Wish { section, action, keys: keys(value, action, section)?, at }));
            match wish {
                Ok(wish) => wishes.push(wish),
                Err(text) => tell(at, text),
            }
        }
    }
    wishes
}

fn no_section(name: &str) -> String {
    match nearest(name, sections().map(|section| section.name)) {
        Some(known) => format!("there is no section [{name}]; did you mean [{known}]?"),
        None => {
            let names: Vec<&str> = sections().map(|section| section.name).collect();
            format!("there is no section [{name}]; there are {}", names.join(", "))
        }
    }
}

fn action(name: &str, section: Section) -> Result<Action, String> {
    let rows = super::table::BINDINGS.iter();
    let here = || rows.clone().filter(|row| row.places & section.places != 0).map(|row| row.action);
    if let Some(action) = here().find(|action| action.name() == name) {
        return Ok(action);
    }
    let elsewhere = rows.clone().filter(|row| row.action.name() == name).fold(0, |all, row| all | row.places);
    if elsewhere != 0 {
        let places = Place::ALL.into_iter().filter(|place| elsewhere & place.bit() != 0);
        let places: Vec<String> = places.map(|place| format!("[{}]", place.name())).collect();
        return Err(format!("'{name}' does nothing in [{}]; it does in {}", section.name, places.join(", ")));
    }
    Err(match nearest(name, here().map(Action::name)) {
        Some(known) => format!("there is no action '{name}' in [{}]; did you mean '{known}'?", section.name),
        None => format!("there is no action '{name}'; docs/keys.md has their names"),
    })
}

fn keys(value: &Spanned<DeValue>, action: Action, section: Section) -> Result<Vec<Key>, String> {
    let text = |value: &DeValue| match value {
        DeValue::String(text) => Ok(text.to_string()),
        _ => {
            Err(format!("'{}' takes a key or a list of keys, as \"x\" or [\"x\", \"ctrl-x\"]", action.name()))
        }
    };
    let texts = match value.get_ref() {
        DeValue::Array(values) => {
            values.iter().map(|value| text(value.get_ref())).collect::<Result<_, _>>()?
        }
        value => vec![text(value)?],
    };
    let mut keys: Vec<Key> = Vec::new();
    for text in texts {
        let key = Key::parse(&text)?;
        if key == LEAVES && action != Action::Leave {
            return Err("'ctrl-c' leaves the dashboard and means nothing else".into());
        }
        if section.places & TEXT != 0 && matches!(key, Key::Char(_)) {
            return Err(format!(
                "'{text}' is typed as text in [{}]: take a key with ctrl or alt",
                section.name
            ));
        }
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    if action == Action::Leave && !keys.contains(&LEAVES) {
        keys.push(LEAVES);
    }
    Ok(keys)
}

/// The table with the wishes over it, in their order.
fn laid(wishes: &[Wish]) -> Vec<Row> {
    let mut rows: Vec<Row> = super::table::BINDINGS.iter().map(|row| (row.clone(), None)).collect();
    for (number, wish) in wishes.iter().enumerate() {
        lay(&mut rows, wish, number);
    }
    give_way(&mut rows);
    rows.retain(|(row, _)| row.places != 0);
    rows
}

/// A row of the table that has a wished key among others goes without it there.
fn give_way(rows: &mut Vec<Row>) {
    let wished = rows.iter().filter(|(_, wish)| wish.is_some()).map(|(row, _)| row);
    let wished: Vec<(u32, Key)> =
        wished.flat_map(|row| row.keys.iter().map(|key| (row.places, *key))).collect();
    for (places, key) in wished {
        let gives_way = |(row, wish): &Row| {
            wish.is_none() && row.places & places != 0 && row.keys.len() > 1 && row.keys.contains(&key)
        };
        while let Some(i) = rows.iter().position(gives_way) {
            let row = &rows[i].0;
            let keys: Vec<Key> = row.keys.iter().copied().filter(|other| *other != key).collect();
            let shown: Vec<&str> = row.shown.split(' ').filter(|word| *word != key.shown()).collect();
            let shown = if shown.is_empty() { keys[0].shown() } else { Cow::Owned(shown.join(" ")) };
            let places_left = row.places & !places;
            let new = Binding { places: row.places & places, keys: Cow::Owned(keys), shown, ..row.clone() };
            rows[i].0.places = places_left;
            rows.insert(i + 1, (new, None));
        }
    }
}

/// Takes the action's rows out of the section's places, and puts one with the wished keys in for each place: where there
/// were two, the one that the footer hints at.
fn lay(rows: &mut Vec<Row>, wish: &Wish, number: usize) {
    let mut left = wish.section.places;
    let concerned = |row: &Binding| row.action == wish.action && row.places & wish.section.places != 0;
    let mut order: Vec<usize> = (0..rows.len()).filter(|&i| concerned(&rows[i].0)).collect();
    order.sort_by_key(|&i| rows[i].0.hint.is_empty());
    let mut new: Vec<(usize, Binding)> = Vec::new();
    for i in order {
        let row = &mut rows[i].0;
        let places = row.places & left;
        left &= !places;
        row.places &= !wish.section.places;
        if places != 0 {
            let shown: Vec<_> = wish.keys.iter().map(|key| key.shown()).collect();
            let keys = Cow::Owned(wish.keys.clone());
            new.push((i, Binding { places, keys, shown: Cow::Owned(shown.join(" ")), ..row.clone() }));
        }
    }
    // From the end, so that the places of the others stay.
    new.sort_by_key(|(i, _)| Reverse(*i));
    for (i, row) in new {
        rows.insert(i + 1, (row, Some(number)));
    }
}

/// The wishes that make a key mean two things in one place.
fn clash(rows: &[Row], wishes: &[Wish]) -> Option<(Vec<usize>, Problem)> {
    for (i, (row, wish)) in rows.iter().enumerate() {
        for (other, others_wish) in &rows[..i] {
            let both = row.places & other.places;
            let key = row.keys.iter().find(|key| other.keys.contains(key));
            let (Some(place), Some(key), true) = (
                Place::ALL.into_iter().find(|place| both & place.bit() != 0),
                key,
                row.action != other.action,
            ) else {
                continue;
            };
            let refused: Vec<usize> = [*wish, *others_wish].into_iter().flatten().collect();
            let at = refused.iter().map(|&number| wishes[number].at).max()?;
            let (key, place) = (key.name(), place.name());
            let text = match (wish, others_wish) {
                (Some(_), Some(_)) => {
                    let (one, two) = (other.action.name(), row.action.name());
                    format!("'{key}' would be both '{one}' and '{two}' in [{place}]")
                }
                (wish, _) => {
                    let there = if wish.is_some() { other.action } else { row.action }.name();
                    format!("'{key}' is '{there}' in [{place}]: give '{there}' another key, or none with []")
                }
            };
            return Some((refused, Problem { at, text }));
        }
    }
    None
}

/// The wishes that leave a place without a key that leads out of it.
fn no_way_out(rows: &[Row], wishes: &[Wish]) -> Option<(Vec<usize>, Problem)> {
    let leads_out = |action| matches!(action, Action::Out | Action::Back);
    let is_open = |place: &Place| {
        rows.iter().any(|(row, _)| row.is_in(*place) && leads_out(row.action) && !row.keys.is_empty())
    };
    // From the runs nothing but the way out of the dashboard leads on, and that one is fixed.
    let closed = Place::ALL.into_iter().find(|place| *place != Place::Runs && !is_open(place))?;
    let concerned = |wish: &Wish| leads_out(wish.action) && wish.section.places & closed.bit() != 0;
    let refused: Vec<usize> = (0..wishes.len()).filter(|&number| concerned(&wishes[number])).collect();
    let at = refused.iter().map(|&number| wishes[number].at).max()?;
    let text = format!("no key would lead out of [{}]: leave 'out' one", closed.name());
    Some((refused, Problem { at, text }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    fn read(text: &str) -> (Keys, Vec<String>) {
        let file = DeTable::parse(text).unwrap();
        let (keys, problems) = lay_over(file.get_ref());
        (keys, problems.into_iter().map(|problem| problem.text).collect())
    }

    fn understood(text: &str) -> Keys {
        let (keys, problems) = read(text);
        assert_eq!(problems, Vec::<String>::new(), "{text}");
        keys
    }

    /// What is told of a file that changes nothing.
    fn refused(text: &str) -> String {
        let (keys, problems) = read(text);
        assert_eq!(keys, Keys::default(), "{text}");
        problems.join(" | ")
    }

    fn does(keys: &Keys, place: Place, key: &str) -> Option<Action> {
        let (code, modifiers) = match Key::parse(key).unwrap() {
            Key::Char(c) => (KeyCode::Char(c), KeyModifiers::NONE),
            Key::Ctrl(c) => (KeyCode::Char(c), KeyModifiers::CONTROL),
            Key::Alt(c) => (KeyCode::Char(c), KeyModifiers::ALT),
            Key::Code(code) => (code, KeyModifiers::NONE),
        };
        keys.action(place, KeyEvent::new(code, modifiers))
    }

    #[test]
    fn an_empty_file_changes_nothing() {
        assert_eq!(understood(""), Keys::default());
    }

    #[test]
    fn a_users_keys_take_the_place_of_the_tables() {
        let keys = understood("[runs]\ndelete = 'ctrl-d'\n[scores]\nonly-wrong = ['W', 'alt-w']\n");
        assert_eq!(does(&keys, Place::Runs, "ctrl-d"), Some(Action::Delete));
        assert_eq!(does(&keys, Place::Runs, "D"), None);
        assert_eq!(does(&keys, Place::Scores, "alt-w"), Some(Action::OnlyWrong));
        assert_eq!(does(&keys, Place::Scores, "w"), None);
        assert_eq!(keys.key_for(Place::Runs, Action::Delete), Some("Ctrl-d"));
        let row = keys.bindings(Place::Scores).find(|row| row.action == Action::OnlyWrong).unwrap();
        assert_eq!((row.shown.as_ref(), row.hint), ("W Alt-w", "wrong"));
        assert_eq!(keys.bindings(Place::Charts).count(), Keys::default().bindings(Place::Charts).count());
    }

    #[test]
    fn two_keys_can_be_swapped() {
        let keys = understood("[runs]\ndelete = 'x'\nstop = 'D'\n");
        assert_eq!(does(&keys, Place::Runs, "x"), Some(Action::Delete));
        assert_eq!(does(&keys, Place::Runs, "D"), Some(Action::Stop));
        assert_eq!(does(&keys, Place::Charts, "x"), Some(Action::Stop), "other places are as they were");
    }

    #[test]
    fn a_narrower_section_goes_over_a_wider_one() {
        let text = "[charts]\npage-down = 'ctrl-x'\n[everywhere]\npage-down = 'ctrl-d'\n[run]\npage-down = 'ctrl-v'\n";
        let keys = understood(text);
        for (place, key) in [
            (Place::Runs, "ctrl-d"),
            (Place::System, "ctrl-d"),
            (Place::Lines, "ctrl-v"),
            (Place::Charts, "ctrl-x"),
            (Place::Prompt, "page-down"),
        ] {
            assert_eq!(does(&keys, place, key), Some(Action::PageDown), "{place:?}");
            assert_eq!(keys.bindings(place).filter(|row| row.action == Action::PageDown).count(), 1);
        }
        assert_eq!(does(&keys, Place::Charts, "ctrl-v"), None);
    }

    #[test]
    fn a_key_that_is_one_of_several_goes_over() {
        let keys = understood("[runs]\nfilter = 'ctrl-f'\nstop = 'k'\n[charts]\nenter = '='\n");
        assert_eq!(does(&keys, Place::Runs, "ctrl-f"), Some(Action::Filter));
        assert_eq!(does(&keys, Place::Runs, "page-down"), Some(Action::PageDown));
        assert_eq!(does(&keys, Place::Charts, "ctrl-f"), Some(Action::PageDown));
        assert_eq!(does(&keys, Place::Runs, "k"), Some(Action::Stop));
        let up = keys.bindings(Place::Runs).find(|row| row.action == Action::Up).unwrap();
        assert_eq!(up.shown, "↑");
        let zoom = keys.bindings(Place::Charts).find(|row| row.action == Action::ZoomIn).unwrap();
        assert_eq!((zoom.shown.as_ref(), &zoom.keys[..]), ("+", &[Key::Char('+')][..]));
    }

    #[test]
    fn a_key_can_be_taken_away() {
        let keys = understood("[run]\nstop = []\n");
        assert_eq!(does(&keys, Place::Charts, "x"), None);
        assert!(keys.bindings(Place::Charts).all(|row| row.action != Action::Stop));
        assert_eq!(does(&keys, Place::Runs, "x"), Some(Action::Stop));
    }

    #[test]
    fn a_key_with_two_meanings_is_refused_and_the_rest_counts() {
        let (keys, problems) = read("[runs]\ndelete = 'x'\nmark = 'm'\n");
        assert_eq!(problems, ["'x' is 'stop' in [runs]: give 'stop' another key, or none with []"]);
        assert_eq!(does(&keys, Place::Runs, "m"), Some(Action::Mark));
        assert_eq!(does(&keys, Place::Runs, "x"), Some(Action::Stop));
        assert_eq!(does(&keys, Place::Runs, "D"), Some(Action::Delete));
        assert_eq!(
            refused("[runs]\ndelete = 'z'\nstop = 'z'\n"),
            "'z' would be both 'stop' and 'delete' in [runs]"
        );
        assert_eq!(
            refused("[everywhere]\ndown = 'w'\n"),
            "'w' is 'only-wrong' in [scores]: give 'only-wrong' another key, or none with []"
        );
        // Half of a swap that cannot be made: neither half is.
        let told = refused("[runs]\ndelete = 'x'\nstop = 'no key'\n");
        assert!(told.contains("there is no key 'no key'") && told.contains("'x' is 'stop'"), "{told}");
    }

    #[test]
    fn unknown_names_are_told_with_the_nearest() {
        for (text, told) in [
            ("[rums]\nstop = 'a'\n", "there is no section [rums]; did you mean [runs]?"),
            ("[runs]\ndelte = 'a'\n", "there is no action 'delte' in [runs]; did you mean 'delete'?"),
            ("[charts]\ndelete = 'a'\n", "'delete' does nothing in [charts]; it does in [runs]"),
            ("[runs]\ndelete = 'pageup'\n", "there is no key 'pageup'; did you mean 'page-up'?"),
            (
                "[runs]\ndelete = 3\n",
                "'delete' takes a key or a list of keys, as \"x\" or [\"x\", \"ctrl-x\"]",
            ),
            ("runs = 'x'\n", "'runs' is a section: write [runs] on a line of its own, actions below it"),
        ] {
            assert_eq!(refused(text), told);
        }
        assert!(refused("[qqq]\n").contains("there are everywhere, run, runs, charts"));
    }

    #[test]
    fn nobody_is_locked_in() {
        assert_eq!(
            refused("[runs]\nstop = 'ctrl-c'\n"),
            "'ctrl-c' leaves the dashboard and means nothing else"
        );
        let keys = understood("[everywhere]\nleave = 'ctrl-q'\n");
        assert_eq!(does(&keys, Place::Runs, "ctrl-q"), Some(Action::Leave));
        let none = understood("[everywhere]\nleave = []\n");
        assert!(Place::ALL.into_iter().all(|place| does(&none, place, "ctrl-c") == Some(Action::Leave)));
        assert_eq!(refused("[question]\nout = []\n"), "no key would lead out of [question]: leave 'out' one");
        assert_eq!(refused("[prompt]\nout = []\n"), "no key would lead out of [prompt]: leave 'out' one");
        let told = refused("[everywhere]\nout = []\nback = []\n");
        assert!(told.starts_with("no key would lead out of [charts]"), "{told}");
        // One of the two is enough.
        assert_eq!(does(&understood("[run]\nout = []\n"), Place::Charts, "q"), Some(Action::Back));
    }

    #[test]
    fn letters_stay_text_where_text_is_typed() {
        let told = refused("[prompt]\nout = 'q'\n");
        assert_eq!(told, "'q' is typed as text in [prompt]: take a key with ctrl or alt");
        let keys = understood(
            "[prompt]\nout = ['ctrl-g', 'esc']\n[everywhere]\nup = 'y'\n[question]\nconfirm = 'ctrl-y'\n",
        );
        assert_eq!(does(&keys, Place::Prompt, "ctrl-g"), Some(Action::Out));
        assert_eq!(does(&keys, Place::Prompt, "y"), Some(Action::Insert('y')));
    }
}

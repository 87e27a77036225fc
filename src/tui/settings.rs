//! What a user wants of the dashboard, whatever the run: `config.toml` and `keys.toml` in mien's folder among the
//! configuration of the user. `docs/settings.md` describes them.

use super::keys::Keys;
use super::state::Axis;
use super::user_files::{self, Problem};
use crate::config::explain;
use serde::Deserialize;
use serde::de::{Deserializer, Error, Unexpected};
use toml::Spanned;
use toml::de::DeTable;

/// Which way pictures go to the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Images {
    /// The best that the terminal says it can.
    #[default]
    Auto,
    Kitty,
    Sixel,
    #[value(name = "iterm2")]
    Iterm2,
    /// Two pixels a cell, as text.
    Blocks,
    Off,
}

/// Which background colours are chosen for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Background {
    /// As the terminal says, dark where it says nothing.
    #[default]
    Auto,
    Dark,
    Light,
}

/// How many colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colours {
    /// As the terminal says.
    #[default]
    Auto,
    None,
    Sixteen,
    Palette,
    True,
}

/// Which symbols are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SymbolSet {
    /// As the locale and the terminal say.
    #[default]
    Auto,
    Unicode,
    Ascii,
}

/// What a user wants of the dashboard, whatever the run.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub images: Images,
    pub background: Background,
    pub colours: Colours,
    pub symbols: SymbolSet,
    pub mouse: bool,
    /// Rings when a run ends.
    pub bell: bool,
    /// The weight of the past in curves when the dashboard starts: 0 up to, not including, 1.
    #[serde(deserialize_with = "weight")]
    pub smoothing: f64,
    /// What the x axis counts when the dashboard starts.
    pub x_axis: Axis,
    /// At most; without it 10 over SSH and 30 else.
    #[serde(deserialize_with = "frames")]
    pub frames_per_second: Option<u32>,
    #[serde(skip)]
    pub keys: Keys,
    /// What of the user's files could not be understood, a sentence a file.
    #[serde(skip)]
    pub problems: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            images: Images::Auto,
            background: Background::Auto,
            colours: Colours::Auto,
            symbols: SymbolSet::Auto,
            mouse: true,
            bell: false,
            smoothing: 0.0,
            x_axis: Axis::Step,
            frames_per_second: None,
            keys: Keys::default(),
            problems: Vec::new(),
        }
    }
}

impl Settings {
    /// Those of the user. What cannot be understood is as it comes, and stands in [`Settings::problems`].
    pub fn of_user() -> Self {
        user_files::read()
    }

    /// What `config.toml` says, field by field, and what of it is wrong.
    pub(super) fn understand(file: &DeTable) -> (Self, Vec<Problem>) {
        let mut good = DeTable::new();
        let mut problems = Vec::new();
        for (key, value) in file {
            let alone = DeTable::from_iter([(key.clone(), value.clone())]);
            match from_table(alone) {
                Ok(_) => {
                    good.insert(key.clone(), value.clone());
                }
                Err(error) => {
                    let unknown = error.message().starts_with("unknown field");
                    let field = if unknown { String::new() } else { format!("{}: ", key.get_ref()) };
                    let text = field + &explain(error.message());
                    problems.push(Problem { at: key.span().start, text });
                }
            }
        }
        // Good ones alone are good together: no field depends on another.
        (from_table(good).unwrap_or_default(), problems)
    }
}

fn from_table(table: DeTable) -> Result<Settings, toml::de::Error> {
    Settings::deserialize(toml::de::Deserializer::from(Spanned::new(0..0, table)))
}

impl<'de> Deserialize<'de> for Colours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// `colours = 256` is as good as `colours = "256"`.
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected auto, none, 16, 256 or truecolor")]
        enum Written {
            Number(i64),
            Name(String),
        }
        let name = match Written::deserialize(deserializer)? {
            Written::Number(number) => number.to_string(),
            Written::Name(name) => name,
        };
        match name.as_str() {
            "auto" => Ok(Self::Auto),
            "none" => Ok(Self::None),
            "16" => Ok(Self::Sixteen),
            "256" => Ok(Self::Palette),
            "truecolor" => Ok(Self::True),
            _ => Err(D::Error::unknown_variant(&name, &["auto", "none", "16", "256", "truecolor"])),
        }
    }
}

fn weight<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let weight = f64::deserialize(deserializer)?;
    if (0.0..1.0).contains(&weight) {
        return Ok(weight);
    }
    Err(D::Error::invalid_value(Unexpected::Float(weight), &"a number from 0 to 0.99"))
}

fn frames<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let frames = i64::deserialize(deserializer)?;
    match u32::try_from(frames) {
        Ok(count @ 1..=60) => Ok(Some(count)),
        _ => Err(D::Error::invalid_value(Unexpected::Signed(frames), &"a number from 1 to 60")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Settings, Vec<String>) {
        let (settings, problems) = Settings::understand(DeTable::parse(text).unwrap().get_ref());
        (settings, problems.into_iter().map(|problem| problem.text).collect())
    }

    #[test]
    fn every_field_is_heeded() {
        let text = "images = 'sixel'\nbackground = 'light'\ncolours = 16\nsymbols = 'ascii'\nmouse = false\nbell = true\n\
                    smoothing = 0.6\nx_axis = 'time'\nframes_per_second = 5\n";
        let expected = Settings {
            images: Images::Sixel,
            background: Background::Light,
            colours: Colours::Sixteen,
            symbols: SymbolSet::Ascii,
            mouse: false,
            bell: true,
            smoothing: 0.6,
            x_axis: Axis::Time,
            frames_per_second: Some(5),
            ..Settings::default()
        };
        assert_eq!(read(text), (expected, Vec::new()));
        assert_eq!(read("colours = '256'\nsmoothing = 0\n").0.colours, Colours::Palette);
    }

    #[test]
    fn what_is_wrong_is_told_and_the_other_fields_count() {
        for (line, told) in [
            ("imags = 'auto'", "no such field 'imags'; did you mean 'images'?"),
            ("images = 'sixl'", "images: no such value 'sixl'; did you mean 'sixel'?"),
            ("colours = 8", "colours: no such value '8'; known are auto, none, 16, 256, truecolor"),
            ("colours = true", "colours: expected auto, none, 16, 256 or truecolor"),
            ("background = 3", "background: expected a text in quotes"),
            ("mouse = 1", "mouse: invalid type: integer `1`, expected a boolean"),
            (
                "smoothing = 1",
                "smoothing: invalid value: floating point `1.0`, expected a number from 0 to 0.99",
            ),
            ("smoothing = nan", "smoothing: invalid value"),
            (
                "frames_per_second = 0",
                "frames_per_second: invalid value: integer `0`, expected a number from 1 to 60",
            ),
            ("keys = 'x'", "no such field 'keys'"),
        ] {
            let (settings, problems) = read(&format!("bell = true\n{line}\nx_axis = 'epoch'\n"));
            assert_eq!(
                settings,
                Settings { bell: true, x_axis: Axis::Epoch, ..Settings::default() },
                "{line}"
            );
            assert_eq!(problems.len(), 1, "{line}: {problems:?}");
            assert!(problems[0].starts_with(told), "{line}: {problems:?}");
        }
    }
}

//! What a person types to see some rows of the scores: parts of names, and conditions like `truth:anger` and
//! `conf>0.9`.

use crate::data::nearest;
use crate::emotion::{CLASSES, Emotion};

/// The bit for rows whose truth is not known, behind those of the classes.
const NO_TRUTH: u8 = 1 << CLASSES;

/// Which rows are wanted. All of the conditions have to hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Parts of the name, in lower case.
    words: Vec<String>,
    /// A bit a class; `None` is any.
    truth: Option<u8>,
    prediction: Option<u8>,
    outcomes: Vec<Outcome>,
    bounds: Vec<Bound>,
}

/// Its numbers are never NaN.
impl Eq for Query {}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Right,
    Wrong,
    Unreadable,
}

/// A score on one side of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bound {
    /// `None` is the confidence.
    of: Option<Emotion>,
    side: Side,
    number: f32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// What stands before the sign of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Name,
    Truth,
    Prediction,
    Score(Option<Emotion>),
}

const FIELDS: [(&str, Field); 10] = [
    ("truth", Field::Truth),
    ("label", Field::Truth),
    ("prediction", Field::Prediction),
    ("pred", Field::Prediction),
    ("predicted", Field::Prediction),
    ("conf", Field::Score(None)),
    ("confidence", Field::Score(None)),
    ("name", Field::Name),
    ("path", Field::Name),
    ("file", Field::Name),
];

impl Query {
    /// Reads words with blanks between them. A word without a sign is a part of the name, but for `wrong`, `right` and
    /// `unreadable`.
    ///
    /// # Errors
    /// One sentence: which field is not known and which one may be meant, or what a field takes.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut query = Self::default();
        for word in text.split_whitespace() {
            match word.find([':', '=', '<', '>']) {
                Some(at) => query.add_condition(word, at)?,
                None => query.add_word(word),
            }
        }
        Ok(query)
    }

    /// The part of a text that is being typed which can be understood already: without its last word where that is no
    /// condition yet, or may become one.
    pub fn finished(text: &str) -> &str {
        let start = text.trim_end_matches(|letter: char| !letter.is_whitespace()).len();
        let word = &text[start..];
        if word.is_empty() {
            return text;
        }
        let fields = FIELDS.into_iter().map(|(name, _)| name).chain(Emotion::ALL.map(Emotion::name));
        let mut beginnings = fields.chain(["wrong", "right", "unreadable"]);
        if Self::parse(word).is_err() || beginnings.any(|known| known.starts_with(word)) {
            return &text[..start];
        }
        text
    }

    fn add_word(&mut self, word: &str) {
        match word {
            "wrong" => self.outcomes.push(Outcome::Wrong),
            "right" => self.outcomes.push(Outcome::Right),
            "unreadable" => self.outcomes.push(Outcome::Unreadable),
            part => self.words.push(part.to_lowercase()),
        }
    }

    fn add_condition(&mut self, word: &str, at: usize) -> Result<(), String> {
        let name = &word[..at];
        let rest = &word[at..];
        let (sign, value) = rest.split_at(if rest[1..].starts_with('=') { 2 } else { 1 });
        let (name, is_not) = match name.strip_suffix('!') {
            Some(name) if sign == "=" => (name, true),
            _ => (name, false),
        };
        let is = matches!(sign, ":" | "=");
        let classes = || classes(name, value).map(|bits| if is_not { !bits } else { bits });
        match field(name)? {
            Field::Name if is && !is_not => {
                self.words.extend((!value.is_empty()).then(|| value.to_lowercase()));
            }
            Field::Truth if is => self.truth = Some(classes()? & self.truth.unwrap_or(u8::MAX)),
            Field::Prediction if is => {
                self.prediction = Some(classes()? & self.prediction.unwrap_or(u8::MAX));
            }
            Field::Score(of) => {
                let side = match sign {
                    ">" => Side::Above,
                    ">=" => Side::AtLeast,
                    "<" => Side::Below,
                    "<=" => Side::AtMost,
                    _ => return Err(format!("{name} takes < or >, as in {name}>0.9")),
                };
                self.bounds.push(Bound { of, side, number: number(name, value)? });
            }
            Field::Name => return Err(format!("{name} takes a colon, as in {name}:0012")),
            _ => return Err(format!("{name} takes a colon, as in {name}:anger")),
        }
        Ok(())
    }

    pub(super) fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Parts that the name must have, in lower case.
    pub(super) fn words(&self) -> &[String] {
        &self.words
    }

    /// The classes whose scores have to be known.
    pub(super) fn scores(&self) -> [bool; CLASSES] {
        Emotion::ALL.map(|emotion| self.bounds.iter().any(|bound| bound.of == Some(emotion)))
    }

    /// Whether all conditions but those on the name hold. A row without a prediction is one that could not be read.
    pub(super) fn passes(
        &self,
        truth: Option<Emotion>,
        prediction: Option<Emotion>,
        confidence: f32,
        score: impl Fn(Emotion) -> f32,
    ) -> bool {
        let bit = |class: Option<Emotion>| class.map_or(NO_TRUTH, |class| 1 << class.index());
        let comes_out = |outcome: &Outcome| match (outcome, prediction) {
            (Outcome::Unreadable, _) => prediction.is_none(),
            (Outcome::Right, Some(predicted)) => truth == Some(predicted),
            (Outcome::Wrong, Some(predicted)) => truth.is_some_and(|truth| truth != predicted),
            (Outcome::Right | Outcome::Wrong, None) => false,
        };
        // Rows that could not be read are seen only where they are asked for.
        (prediction.is_some() || !self.outcomes.is_empty())
            && self.outcomes.iter().all(comes_out)
            && self.truth.is_none_or(|wanted| wanted & bit(truth) != 0 && prediction.is_some())
            && self.prediction.is_none_or(|wanted| wanted & bit(prediction) != 0)
            && self.bounds.iter().all(|bound| bound.holds(bound.of.map_or(confidence, &score)))
    }
}

impl Bound {
    fn holds(&self, score: f32) -> bool {
        match self.side {
            Side::Above => score > self.number,
            Side::AtLeast => score >= self.number,
            Side::Below => score < self.number,
            Side::AtMost => score <= self.number,
        }
    }
}

fn field(name: &str) -> Result<Field, String> {
    let known = FIELDS.into_iter().find(|(known, _)| *known == name).map(|(_, field)| field);
    let class = || Emotion::ALL.into_iter().find(|emotion| emotion.name() == name);
    if let Some(field) = known.or_else(|| class().map(|emotion| Field::Score(Some(emotion)))) {
        return Ok(field);
    }
    let names = FIELDS.into_iter().map(|(name, _)| name).chain(Emotion::ALL.map(Emotion::name));
    Err(match nearest(name, names) {
        Some(nearest) => format!("there is no field '{name}'; is {nearest} meant?"),
        None if name.is_empty() => "a field stands right before the sign, as in conf>0.9".into(),
        None => {
            format!("there is no field '{name}'; there are truth, prediction, conf, name and the classes")
        }
    })
}

/// A bit a class: several may stand with commas between them, each may be cut short.
fn classes(name: &str, value: &str) -> Result<u8, String> {
    let mut bits = 0;
    for part in value.split(',') {
        let part = part.to_lowercase();
        let found = match Emotion::parse(&part) {
            Some(emotion) => 1 << emotion.index(),
            None if matches!(part.as_str(), "none" | "unknown") && name != "prediction" => NO_TRUTH,
            None => Emotion::ALL
                .into_iter()
                .filter(|emotion| !part.is_empty() && emotion.name().starts_with(&part))
                .fold(0, |bits, emotion| bits | 1 << emotion.index()),
        };
        if found == 0 {
            return Err(format!("{name} is one of {}", crate::emotion::names()));
        }
        bits |= found;
    }
    Ok(bits)
}

fn number(name: &str, value: &str) -> Result<f32, String> {
    let (digits, unit) = value.strip_suffix('%').map_or((value, 1.0), |digits| (digits, 100.0));
    let number = digits.parse().ok().map(|number: f32| number / unit);
    number
        .filter(|number| (0.0..=1.0).contains(number))
        .ok_or_else(|| format!("{name} is a number from 0 to 1, as in {name}>0.9"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Emotion::{Anger, Disgust, Fear, Happiness, Sadness};

    /// Whether a row passes: its truth, its prediction, its confidence; anger's score is 0.3.
    fn passes(text: &str, truth: Option<Emotion>, prediction: Option<Emotion>, confidence: f32) -> bool {
        let score = |emotion| if emotion == Anger { 0.3 } else { 0.0 };
        Query::parse(text).unwrap().passes(truth, prediction, confidence, score)
    }

    #[test]
    fn conditions_have_to_hold_all() {
        let row = |text| passes(text, Some(Anger), Some(Disgust), 0.8);
        for text in [
            "",
            "wrong",
            "truth:anger",
            "truth=angry prediction:disgust conf>0.7 conf<0.9",
            "truth:ang pred:d",
            "truth:fear,anger",
            "truth!=fear prediction!=anger,fear",
            "confidence>=80% conf<=.8",
            "anger>0.2 anger<0.4 fear<=0",
            "name:",
        ] {
            assert!(row(text), "{text}");
        }
        for text in [
            "right",
            "truth:fear",
            "truth:none",
            "truth!=anger",
            "prediction:anger",
            "conf>0.8",
            "conf<0.8",
            "anger>0.3",
            "truth:anger truth:fear",
            "wrong conf>0.9",
            "unreadable",
            "wrong right",
            "right wrong",
        ] {
            assert!(!row(text), "{text}");
        }
    }

    #[test]
    fn rows_without_a_truth_are_neither_right_nor_wrong_and_unreadable_ones_are_nothing() {
        for (text, passing) in [("", true), ("right", false), ("wrong", false), ("truth:none", true)] {
            assert_eq!(passes(text, None, Some(Happiness), 0.5), passing, "{text}");
        }
        for (text, passing) in [
            ("wrong", false),
            ("conf<2%", false),
            ("unreadable", true),
            ("unreadable wrong", false),
            ("unreadable truth:none", false),
            ("unreadable prediction:fear", false),
            ("unreadable conf<1", false),
        ] {
            assert_eq!(passes(text, None, None, f32::NAN), passing, "{text}");
        }
        assert!(passes("right", Some(Fear), Some(Fear), 0.5));
    }

    #[test]
    fn words_are_parts_of_the_name_in_any_case() {
        let query = Query::parse("Test/ name:0012 path=Wrong").unwrap();
        assert_eq!(query.words(), ["test/", "0012", "wrong"]);
        assert!(!query.is_everything() && Query::parse("  ").unwrap().is_everything());
    }

    #[test]
    fn a_word_that_is_being_typed_counts_once_it_can_be_no_other() {
        for (text, finished) in [
            ("", ""),
            ("00", "00"),
            ("tr", ""),
            ("x tru", "x "),
            ("x truth:", "x "),
            ("x truth:a", "x truth:a"),
            ("conf>", ""),
            ("conf>0.9 wron", "conf>0.9 "),
            ("conf>0.9 wrong ", "conf>0.9 wrong "),
            ("表 情", "表 情"),
            ("表\u{3000}tr", "表\u{3000}"),
        ] {
            assert_eq!(Query::finished(text), finished, "{text}");
        }
    }

    #[test]
    fn only_the_scores_in_conditions_are_asked_for() {
        let query = Query::parse("sadness>0.1 conf>0.2 x").unwrap();
        assert_eq!(query.scores(), Emotion::ALL.map(|emotion| emotion == Sadness));
    }

    #[test]
    fn errors_name_the_nearest_field_or_what_it_takes() {
        for (text, said) in [
            ("thruth:anger", "is truth meant?"),
            ("angr>0.3", "is anger meant?"),
            ("Conf>0.3", "is conf meant?"),
            ("zzz:1", "there are truth, prediction, conf, name and the classes"),
            ("conf>many", "conf is a number from 0 to 1, as in conf>0.9"),
            ("conf>1.5", "from 0 to 1"),
            ("conf>nan", "from 0 to 1"),
            ("conf:0.5", "conf takes < or >"),
            ("truth>anger", "truth takes a colon, as in truth:anger"),
            ("name<x", "name takes a colon"),
            ("truth:neutral", "truth is one of happiness"),
            ("truth:", "truth is one of happiness"),
            (">0.5", "a field stands right before the sign"),
            ("表:1", "there is no field '表'"),
        ] {
            let error = Query::parse(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}

//! What is typed to see only some of the runs: words such as `vgg night`, and conditions such as `state:lost lr<0.01
//! valid>80%`. A run is shown where all of them are true.

mod condition;
mod fields;
mod values;
mod words;

pub use values::Values;

use super::message::RunEntry;
use condition::Condition;
use words::Word;

/// Words and conditions, understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    words: Vec<Word>,
    conditions: Vec<Condition>,
    /// A condition whose value is still to be typed.
    unfinished: Option<String>,
}

/// What matching needs and keeps from one run to the next.
#[derive(Debug, Default)]
pub struct Scratch {
    matcher: nucleo_matcher::Matcher,
    letters: Vec<char>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
    Unequal,
    /// A part of a text; of a number, the same as `=`.
    Has,
}

/// The longer ones first, as they begin like the shorter ones.
const OPERATORS: [(&str, Operator); 8] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("!=", Operator::Unequal),
    ("==", Operator::Equal),
    ("<", Operator::Less),
    (">", Operator::More),
    ("=", Operator::Equal),
    (":", Operator::Has),
];

impl Query {
    /// Understands what was typed; a sentence where that cannot be done.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut query = Self::default();
        let terms = terms(text);
        let count = terms.len();
        for (i, term) in terms.into_iter().enumerate() {
            match term {
                Term::Word { text, whole: false } if (1..count - 1).contains(&i) && is(&text, "and") => {}
                Term::Word { text, whole: false } if (1..count - 1).contains(&i) && is(&text, "or") => {
                    return Err("there is no 'or': all of it must be true".into());
                }
                Term::Condition { field, value, .. } if field.starts_with('!') => {
                    return Err(format!("type {}!={value}", field.trim_start_matches('!')));
                }
                Term::Word { text, whole } => query.words.push(Word::new(&text, whole)),
                Term::Condition { field, operator, value } if value.is_empty() => {
                    // The name is looked at already, so that a wrong one is told before the value is typed.
                    fields::find(&field)?;
                    query.unfinished = Some(format!("{field}{} needs a value", sign(operator)));
                }
                Term::Condition { field, operator, value } => {
                    query.conditions.push(Condition::new(&field, operator, &value)?);
                }
            }
        }
        Ok(query)
    }

    /// Why the query is not whole yet, as a sentence; what there is of it counts already.
    pub fn unfinished(&self) -> Option<&str> {
        self.unfinished.as_deref()
    }

    /// It asks for something that lists do not know: the config or the results.
    pub fn needs_values(&self) -> bool {
        self.conditions.iter().any(Condition::needs_values)
    }

    /// Which runs pass changes as time passes.
    pub fn needs_time(&self) -> bool {
        self.conditions.iter().any(Condition::needs_time)
    }

    /// Whether a run is one of those that are meant; `now` is unix seconds. What is not known of it is not true of it.
    pub fn passes(&self, run: &RunEntry, values: Option<&Values>, now: f64, scratch: &mut Scratch) -> bool {
        // Conditions cost less.
        self.conditions.iter().all(|condition| condition.is_true(run, values, now))
            && self.words.iter().all(|word| word.is_in(run, scratch))
    }
}

fn is(text: &str, word: &str) -> bool {
    text.eq_ignore_ascii_case(word)
}

fn sign(operator: Operator) -> &'static str {
    OPERATORS.iter().find(|(_, of)| *of == operator).map_or("", |(sign, _)| sign)
}

#[derive(Debug, PartialEq)]
enum Term {
    Word {
        text: String,
        /// It stood in quotes: its letters stand beside each other.
        whole: bool,
    },
    Condition {
        field: String,
        operator: Operator,
        value: String,
    },
}

/// Takes the text apart at blanks. Quotes keep blanks together; blanks may stand around an operator, but for `:`.
fn terms(text: &str) -> Vec<Term> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (left, quoted, after) = piece(rest, true);
        let spaced = after.trim_start();
        let operator = operator_at(after)
            .or_else(|| operator_at(spaced).filter(|(_, operator, _)| *operator != Operator::Has))
            .filter(|_| !quoted && !left.is_empty());
        rest = match operator {
            Some((_, Operator::Has, value)) if left == "cuda" => {
                // The name of a device and no condition.
                let (number, _, after) = piece(value, false);
                found.push(Term::Word { text: format!("{left}:{number}"), whole: true });
                after
            }
            Some((_, operator, value)) => {
                let value = if operator == Operator::Has { value } else { value.trim_start() };
                let (value, _, after) = piece(value, false);
                found.push(Term::Condition { field: left, operator, value });
                after
            }
            None if left.is_empty() && !quoted => {
                // It begins with an operator, which is a part of a word then.
                let (word, quoted, after) = piece(rest, false);
                found.push(Term::Word { text: word, whole: quoted });
                after
            }
            None => {
                if !left.is_empty() {
                    found.push(Term::Word { text: left, whole: quoted });
                }
                after
            }
        }
        .trim_start();
    }
    found
}

fn operator_at(text: &str) -> Option<(&'static str, Operator, &str)> {
    OPERATORS.into_iter().find_map(|(sign, operator)| Some((sign, operator, text.strip_prefix(sign)?)))
}

/// The text up to a blank (and an operator, if that `ends` it) without quotes, whether there were any, and what follows.
/// A quote that is still open reaches to the end.
fn piece(text: &str, ends: bool) -> (String, bool, &str) {
    let (mut kept, mut quoted, mut open) = (String::new(), false, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => (open, quoted) = (!open, true),
            _ if open => kept.push(c),
            _ if c.is_whitespace() => return (kept, quoted, &text[at..]),
            _ if ends && operator_at(&text[at..]).is_some() => return (kept, quoted, &text[at..]),
            _ => kept.push(c),
        }
    }
    (kept, quoted, "")
}

#[cfg(test)]
mod tests;

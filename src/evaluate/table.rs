//! An evaluation as text for a terminal or a file.

use super::bootstrap::Interval;
use super::evaluation::Evaluation;
use crate::emotion::Emotion;
use std::fmt::Write;
use std::io::IsTerminal;

/// Whether text carries colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Plain,
    /// The terminal's own sixteen, so that its theme holds.
    Ansi,
}

/// Off-diagonal cells with at least this share of their row are a confusion worth seeing.
const NOTABLE: f64 = 0.1;

impl Colour {
    /// Colours on a terminal, unless `NO_COLOR` is set (<https://no-color.org>) or the terminal is a dumb one.
    pub fn of_stdout() -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        if std::io::stdout().is_terminal() && !refused && !dumb { Self::Ansi } else { Self::Plain }
    }

    /// The text between the codes of a style; widths are the caller's, before the codes.
    fn paint(self, style: &str, text: &str) -> String {
        match self {
            Self::Plain => text.into(),
            Self::Ansi => format!("\x1b[{style}m{text}\x1b[0m"),
        }
    }
}

const BOLD: &str = "1";
const DIM: &str = "2";
const RIGHT: &str = "1;32";
const WRONG: &str = "31";

/// Metrics with intervals, classes, confusion counts: at most 78 columns wide, each line ended.
pub fn table(evaluation: &Evaluation, split: &str, colour: Colour) -> String {
    let mut text = String::new();
    let noun = if evaluation.count == 1 { "picture" } else { "pictures" };
    line(&mut text, &colour.paint(BOLD, &format!("{split}: {} {noun}", evaluation.count)));
    line(&mut text, "");
    metrics(&mut text, evaluation);
    line(&mut text, "");
    classes(&mut text, evaluation, colour);
    line(&mut text, "");
    confusion(&mut text, evaluation, colour);
    text
}

fn metrics(text: &mut String, evaluation: &Evaluation) {
    let intervals = evaluation.intervals;
    for (name, value, interval) in [
        ("accuracy", evaluation.accuracy, intervals.accuracy),
        ("balanced accuracy", evaluation.balanced_accuracy, intervals.balanced_accuracy),
        ("macro F1", evaluation.macro_f1, intervals.macro_f1),
    ] {
        let interval = interval.map(|Interval(low, high)| {
            format!("   95 % of resamples: {:.1} to {:.1} %", low * 100.0, high * 100.0)
        });
        line(text, &format!("{name:<27}{:>8}{}", percent(value), interval.unwrap_or_default()));
    }
    line(text, &format!("{:<27}{:>8}", "calibration error (ECE)", percent(evaluation.ece)));
    for (name, value) in [("neg. log-likelihood (NLL)", evaluation.nll), ("Brier score", evaluation.brier)] {
        let value = value.map_or("-".into(), |value| format!("{value:.3}  "));
        line(text, &format!("{name:<27}{value:>8}"));
    }
}

fn classes(text: &mut String, evaluation: &Evaluation, colour: Colour) {
    let header = format!("{:<11}{:>10}{:>10}{:>10}{:>10}", "class", "precision", "recall", "F1", "pictures");
    line(text, &colour.paint(BOLD, &header));
    for class in &evaluation.classes {
        let (precision, recall, f1) = (percent(class.precision), percent(class.recall), percent(class.f1));
        let row =
            format!("{:<11}{precision:>10}{recall:>10}{f1:>10}{:>10}", class.emotion.name(), class.support);
        line(text, &row);
    }
    let absent: Vec<&str> = evaluation.absent().into_iter().map(Emotion::name).collect();
    if !absent.is_empty() {
        let them = if absent.len() == 1 { "it weighs" } else { "they weigh" };
        line(text, &format!("No picture of {} here: {them} in no mean recall.", absent.join(", ")));
    }
}

fn confusion(text: &mut String, evaluation: &Evaluation, colour: Colour) {
    let names: String = Emotion::ALL.map(|emotion| format!("{:>10}", emotion.name())).concat();
    line(text, &colour.paint(BOLD, &format!("{:<11}{names}", "truth\\said")));
    for truth in Emotion::ALL {
        let mut row = format!("{:<11}", truth.name());
        let support = evaluation.confusion.support(truth) as f64;
        for said in Emotion::ALL {
            let count = evaluation.confusion.get(truth, said);
            let cell = format!("{:>10}", if count == 0 { ".".into() } else { count.to_string() });
            row += &match (count, truth == said) {
                (0, _) => colour.paint(DIM, &cell),
                (_, true) => colour.paint(RIGHT, &cell),
                (_, false) if count as f64 >= NOTABLE * support => colour.paint(WRONG, &cell),
                _ => cell,
            };
        }
        line(text, &row);
    }
}

fn percent(value: Option<f64>) -> String {
    value.map_or("-".into(), |value| format!("{:.1} %", value * 100.0))
}

fn line(text: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{}", line.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::evaluate;

    fn evaluation() -> Evaluation {
        let sure = |of: usize| {
            let mut scores = [0.02f32; 6];
            scores[of] = 0.9;
            scores
        };
        let mut probabilities = vec![sure(3); 8];
        probabilities.extend([sure(4), sure(4), sure(0)]);
        let mut labels = vec![Emotion::Anger; 9];
        labels.extend([Emotion::Disgust, Emotion::Happiness]);
        evaluate(&probabilities, &labels)
    }

    #[test]
    fn plain_text_says_everything_without_codes() {
        let text = table(&evaluation(), "test", Colour::Plain);
        assert!(!text.contains('\x1b'));
        assert!(text.starts_with("test: 11 pictures\n"), "{text}");
        assert!(text.contains(&format!("{:<27}  90.9 %   95 % of resamples: ", "accuracy")), "{text}");
        assert!(text.contains("anger         100.0 %    88.9 %    94.1 %         9\n"), "{text}");
        assert!(text.contains("No picture of surprise, sadness, fear here"), "{text}");
        assert!(
            text.contains("anger               .         .         .         8         1         .\n"),
            "{text}"
        );
        assert!(text.lines().all(|line| line.chars().count() <= 78), "{text}");
    }

    #[test]
    fn colours_change_nothing_but_colours() {
        let ansi = table(&evaluation(), "test", Colour::Ansi);
        assert!(ansi.contains("\x1b[31m         1\x1b[0m"), "{ansi}");
        let mut bare = String::new();
        let mut parts = ansi.split("\x1b[");
        bare += parts.next().unwrap();
        for part in parts {
            bare += part.split_once('m').unwrap().1;
        }
        let plain = table(&evaluation(), "test", Colour::Plain);
        let trimmed = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        assert_eq!(trimmed(&bare), trimmed(&plain));
    }

    #[test]
    fn an_empty_split_is_a_table_of_dashes() {
        let text = table(&evaluate(&[], &[]), "valid", Colour::Plain);
        assert!(text.contains(&format!("{:<27}       -\n", "accuracy")), "{text}");
        assert!(!text.contains("NaN"), "{text}");
    }
}

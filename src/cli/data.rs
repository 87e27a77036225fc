use super::output::{grouped, print};
use super::progress::pictures;
use super::{Failure, Outcome};
use crate::data::{self, Dataset, Skipped, Split, printable, shown};
use crate::emotion::{CLASSES, Emotion};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Makes and looks at data sets.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Import(Import),
    Stats(Stats),
    Synth(Synth),
}

/// Makes a data set of a folder of pictures: writes manifest.csv and the pack, leaves the pictures as they are.
///
/// Layouts: folders named after their class (happy/a.jpg, train/anger/b.png), or names that end in the class
/// (17_0.jpg; 0 to 5 are happiness, surprise, sadness, anger, disgust, fear); both with or without train, valid
/// and test folders. Without these, all pictures are in train.
#[derive(Debug, clap::Args)]
struct Import {
    /// The folder of pictures.
    #[arg(value_name = "SRC")]
    source: PathBuf,
    /// The data set's folder; made if need be.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// One JSON document on stdout.
    #[arg(long)]
    json: bool,
}

/// Counts a data set's pictures by class and split.
#[derive(Debug, clap::Args)]
struct Stats {
    /// The folder that holds manifest.csv.
    #[arg(value_name = "DIR")]
    root: PathBuf,
    /// One JSON document on stdout.
    #[arg(long)]
    json: bool,
}

/// Draws a set of faces: needs no data.
#[derive(Debug, clap::Args)]
struct Synth {
    /// The data set's folder; made if need be.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Training pictures of each class; there is a quarter as many to test with.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    per_class: u32,
    /// The same seed draws the same faces.
    #[arg(long, value_name = "S", default_value_t = 42)]
    seed: u64,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    let text = match arguments.command {
        Command::Import(arguments) => import(&arguments)?,
        Command::Stats(arguments) => stats(&arguments)?,
        Command::Synth(arguments) => synth(&arguments)?,
    };
    print(&text)
}

fn import(arguments: &Import) -> Result<String, Failure> {
    let done = data::import(&arguments.source, &arguments.out, &mut pictures("reading pictures"))?;
    if arguments.json {
        #[derive(serde::Serialize)]
        struct Document<'a> {
            imported: usize,
            layout: &'a str,
            notes: &'a [String],
            skipped: Vec<SkippedFile<'a>>,
            splits: Splits<'a>,
        }
        return line(&Document {
            imported: done.imported,
            layout: done.layout,
            notes: &done.notes,
            skipped: done.skipped.iter().map(SkippedFile::of).collect(),
            splits: Splits(&done.splits),
        });
    }
    let mut text = format!(
        "imported {} pictures ({}) into {}\n",
        grouped(done.imported),
        done.layout,
        shown(&arguments.out)
    );
    text += &table(&done.splits);
    for note in &done.notes {
        let _ = writeln!(text, "note: {}", printable(note));
    }
    Ok(text + &skipped_text(&done.skipped))
}

fn stats(arguments: &Stats) -> Result<String, Failure> {
    let dataset = Dataset::open_with(&arguments.root, &mut pictures("reading pictures"))?;
    let counts = dataset.counts();
    if arguments.json {
        #[derive(serde::Serialize)]
        struct Document<'a> {
            splits: Splits<'a>,
            total: usize,
            skipped: Vec<SkippedFile<'a>>,
            fingerprint: &'a str,
        }
        return line(&Document {
            splits: Splits(&counts),
            total: dataset.len(),
            skipped: dataset.skipped().iter().map(SkippedFile::of).collect(),
            fingerprint: dataset.fingerprint(),
        });
    }
    let mut text = format!("{}: {} pictures\n", shown(dataset.root()), grouped(dataset.len()));
    text += &table(&counts);
    Ok(text + &skipped_text(dataset.skipped()))
}

fn synth(arguments: &Synth) -> Result<String, Failure> {
    let per_class = arguments.per_class as usize;
    let drawn =
        data::drawn::write_set(&arguments.out, per_class, arguments.seed, &mut pictures("drawing faces"))?;
    let out = shown(&arguments.out);
    Ok(format!(
        "drew {} faces to train on and {} to test with into {out}\n",
        grouped(drawn.train),
        grouped(drawn.test)
    ))
}

/// A skipped file; a name that is not UTF-8 is shown as far as it is.
#[derive(serde::Serialize)]
struct SkippedFile<'a> {
    path: std::borrow::Cow<'a, str>,
    reason: &'a str,
}

impl<'a> SkippedFile<'a> {
    fn of(skipped: &'a Skipped) -> Self {
        Self { path: skipped.path.to_string_lossy(), reason: &skipped.reason }
    }
}

/// Counts by split and class as `{"train":{"happiness":..},..}`, in their orders.
struct Splits<'a>(&'a [[usize; CLASSES]; 3]);

impl Serialize for Splits<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        for (split, counts) in Split::ALL.iter().zip(self.0) {
            map.serialize_entry(split.name(), &Classes(counts))?;
        }
        map.end()
    }
}

struct Classes<'a>(&'a [usize; CLASSES]);

impl Serialize for Classes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer
            .collect_map(Emotion::ALL.iter().zip(self.0).map(|(emotion, count)| (emotion.name(), count)))
    }
}

fn line(document: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(document).map(|text| text + "\n").map_err(Failure::failed)
}

/// Classes down, splits across: counts, shares of the split, and a bar of the class's share of all pictures.
fn table(counts: &[[usize; CLASSES]; 3]) -> String {
    const BAR: usize = 24;
    let totals = counts.map(|classes| classes.iter().sum::<usize>());
    let shown: Vec<usize> = (0..3).filter(|split| totals[*split] > 0).collect();
    let of_class = |class: usize| counts.iter().map(|classes| classes[class]).sum::<usize>();
    let most = (0..CLASSES).map(of_class).max().unwrap_or(0).max(1);
    let mut text = format!("{:<10}", "");
    for split in &shown {
        let _ = write!(text, "{:>10}        ", Split::ALL[*split]);
    }
    let _ = writeln!(text, "{:>10}", "all");
    for emotion in Emotion::ALL {
        let class = emotion.index();
        let _ = write!(text, "{emotion:<10}");
        for split in &shown {
            let count = counts[*split][class];
            let share = 100.0 * count as f64 / totals[*split] as f64;
            let _ = write!(text, "{:>10} {share:>5.1} %", grouped(count));
        }
        let bar = "█".repeat((of_class(class) * BAR).div_ceil(most));
        let _ = writeln!(text, "{:>10}  {bar}", grouped(of_class(class)));
    }
    let _ = write!(text, "{:<10}", "all");
    for split in &shown {
        let _ = write!(text, "{:>10}        ", grouped(totals[*split]));
    }
    let _ = writeln!(text, "{:>10}", grouped(totals.iter().sum()));
    text
}

/// The reasons, most frequent first, each with its count and the first of the files.
fn skipped_text(skipped: &[Skipped]) -> String {
    const NAMED: usize = 5;
    if skipped.is_empty() {
        return String::new();
    }
    let mut reasons: BTreeMap<&str, Vec<&Path>> = BTreeMap::new();
    for Skipped { path, reason } in skipped {
        reasons.entry(reason).or_default().push(path);
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, paths)| std::cmp::Reverse(paths.len()));
    let mut text = format!("skipped {}\n", grouped(skipped.len()));
    for (reason, paths) in reasons {
        let _ = writeln!(text, "  {} x {}", grouped(paths.len()), printable(reason));
        for path in paths.iter().take(NAMED) {
            let _ = writeln!(text, "      {}", shown(path));
        }
        if paths.len() > NAMED {
            let _ = writeln!(text, "      and {} more (--json names all)", grouped(paths.len() - NAMED));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_counts_shares_and_bars_of_the_splits_that_have_pictures() {
        let text = table(&[[3000, 1000, 0, 0, 0, 0], [0; 6], [1, 1, 0, 0, 0, 0]]);
        assert!(!text.contains("valid"), "{text}");
        let happiness = text.lines().nth(1).unwrap();
        assert!(happiness.contains("3,000  75.0 %") && happiness.contains(&"█".repeat(24)), "{text}");
        let surprise = text.lines().nth(2).unwrap();
        assert!(surprise.ends_with(&"█".repeat(9)) && surprise.contains("50.0 %"), "{text}");
        assert!(text.lines().last().unwrap().contains("4,002"), "{text}");
    }

    #[test]
    fn skipped_files_are_counted_by_reason_and_named_without_escape_sequences() {
        let skip = |i: usize, reason: &str| Skipped {
            path: format!("\u{1b}[2J{i}.jpg").into(),
            reason: reason.into(),
        };
        let mut skipped: Vec<_> = (0..7).map(|i| skip(i, "unknown label 'neutral'")).collect();
        skipped.push(skip(9, "the file is empty"));
        let text = skipped_text(&skipped);
        assert!(text.starts_with("skipped 8\n  7 x unknown label 'neutral'\n"), "{text}");
        assert!(text.contains("and 2 more") && text.contains("1 x the file is empty"), "{text}");
        assert!(!text.contains('\u{1b}'));
    }
}

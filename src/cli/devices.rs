use super::Outcome;
use super::output::{print, print_json};
use crate::device::{self, DeviceReport, Probe};
use std::fmt::Write;

/// What can train here, and what is missing where CUDA cannot.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// One line of JSON.
    #[arg(long)]
    json: bool,
    /// Looks at CUDA in this process, which may not survive it; the other commands do so in a child.
    #[arg(long, hide = true, value_name = "cuda|cuda:N")]
    probe: Option<Probe>,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    match arguments.probe {
        Some(what) => print_json(&device::probe(what)),
        None if arguments.json => print_json(&device::survey()),
        None => print(&table(&device::survey())),
    }
}

/// A line for each device, and under an unusable one what is missing.
fn table(reports: &[DeviceReport]) -> String {
    const INDENT: usize = 10;
    const WIDTH: usize = 100;
    let mut text = String::new();
    for report in reports {
        let verdict = if report.usable { "usable" } else { "not usable" };
        let mut facts = vec![report.name.clone()];
        facts.extend(
            report.threads.map(|threads| format!("{threads} thread{}", if threads == 1 { "" } else { "s" })),
        );
        facts.extend(memory(report));
        facts.extend(report.utilization.map(|percent| format!("{percent} % busy")));
        // Writing to a string does not fail.
        let _ = writeln!(text, "{:<INDENT$}{verdict:<12}{}", report.device, facts.join(", "));
        for line in report.reason.iter().flat_map(|reason| wrapped(reason, WIDTH - INDENT)) {
            let _ = writeln!(text, "{:INDENT$}{line}", "");
        }
    }
    text
}

fn memory(report: &DeviceReport) -> Option<String> {
    let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    let total = gib(report.memory_total_bytes?);
    Some(match report.memory_free_bytes {
        Some(free) => format!("{:.1} of {total:.1} GiB free", gib(free)),
        None => format!("{total:.1} GiB"),
    })
}

/// Lines of at most `width` characters; a longer word, which may be a command or a path, stays whole.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_stands_under_its_device_and_is_wrapped() {
        let mut report = device::cpu_report();
        report.usable = false;
        report.device = "cuda:0".into();
        report.reason = Some("word ".repeat(40));
        let text = table(&[report]);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("cuda:0    not usable  "), "{text}");
        assert_eq!(lines.len(), 4);
        assert!(
            lines[1..].iter().all(|line| line.starts_with("          word") && line.len() <= 100),
            "{text}"
        );
    }

    #[test]
    fn a_word_longer_than_the_line_stays_whole() {
        assert_eq!(wrapped("a 123456789 b", 5), ["a", "123456789", "b"]);
    }
}

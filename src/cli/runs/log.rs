use crate::cli::Outcome;
use crate::cli::output::{note, print};
use crate::run::{LogReader, RunFolder, observe};
use std::time::Duration;

const INTERVAL: Duration = Duration::from_millis(300);

/// Prints a run's log, and with `follow` goes on until the run has ended.
pub(super) fn log(folder: &RunFolder, follow: bool) -> Outcome {
    let mut reader = LogReader::from_start(folder);
    loop {
        // Looked at before the log is read, so that the last lines of a run that ends now are not missed.
        let state = observe(folder).state;
        drain(&mut reader)?;
        if !follow {
            return Ok(());
        }
        if !state.is_active() {
            note(format_args!("{} is {state}", folder.id()));
            return Ok(());
        }
        std::thread::sleep(INTERVAL);
    }
}

fn drain(reader: &mut LogReader) -> Outcome {
    loop {
        let lines = reader.read()?;
        if lines.is_empty() {
            return Ok(());
        }
        print(&(lines.join("\n") + "\n"))?;
    }
}

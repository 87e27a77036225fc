//! The script that Slurm runs for each task of an array.

use super::list::Files;
use crate::search::{SearchError, SearchFolder, SlurmEngine};
use std::fmt::Write;
use std::path::Path;

/// A minute before its time is over, mien is told, and writes a checkpoint.
const SIGNAL: &str = "B:USR2@60";

/// What decides how a job is submitted and waited for is mien's to say.
const OURS: [&str; 8] = ["--array", "-a", "--clusters", "-M", "--parsable", "--test-only", "--wait", "-W"];

/// Looks at what stands in a search's file, before anything is made of it.
///
/// # Errors
/// Where an option is none, or is one that mien itself gives.
pub(super) fn check(engine: &SlurmEngine) -> Result<(), SearchError> {
    for option in &engine.sbatch {
        let refused = |why: &str| {
            let shown = crate::data::printable(option);
            Err(SearchError::Refused(format!("engine.slurm.sbatch: '{shown}' {why}")))
        };
        if !option.starts_with('-') || option.contains(['\n', '\r', '\0']) {
            return refused("is no option of sbatch: one a string, as \"--gres=gpu:1\"");
        }
        let name = option.split(['=', ' ', '\t']).next().unwrap_or(option);
        if OURS.contains(&name) {
            return refused("is mien's own to say: take it out");
        }
    }
    Ok(())
}

/// The script's text. The user's options come after ours: of two that contradict each other, Slurm takes the later.
///
/// # Errors
/// Where a path has characters that Slurm cannot be told.
pub(super) fn text(
    engine: &SlurmEngine,
    folder: &SearchFolder,
    files: &Files,
    program: &Path,
) -> Result<String, SearchError> {
    let mut text = String::from("#!/bin/bash\n");
    let output = folder.slurm();
    let ours = [
        format!("--job-name={}", quoted_for_slurm(&folder.id())),
        format!(
            "--output={}",
            quoted_for_slurm(&format!("{}/%A_%a.out", in_words(&output)?.replace('%', "%%")))
        ),
        "--open-mode=append".into(),
        format!("--signal={SIGNAL}"),
        "--requeue".into(),
    ];
    for option in ours.iter().chain(&engine.sbatch) {
        let _ = writeln!(text, "#SBATCH {option}");
    }
    let (program, runs) = (quoted(in_words(program)?), quoted(in_words(&folder.runs())?));
    let search = quoted(in_words(folder.path())?);
    let _ = write!(
        text,
        "\n{}\nexec {program} --runs {runs} search {search} --task {}:\"$SLURM_ARRAY_TASK_ID\"\n",
        engine.setup.trim_end(),
        quoted(&files.name),
    );
    Ok(text)
}

/// Slurm takes a backslash in a file's name for an order, and lines for lines.
fn in_words(path: &Path) -> Result<&str, SearchError> {
    let text = path.to_str().filter(|text| !text.contains(|c: char| c == '\\' || c.is_control()));
    text.ok_or_else(|| {
        let shown = crate::data::shown(path);
        SearchError::Refused(format!(
            "Slurm cannot be told the path {shown}: move it to one without special characters"
        ))
    })
}

/// In the quotes of a `#SBATCH` line.
fn quoted_for_slurm(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// In the shell's quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::folder::tests::search_folder;
    use std::process::Command;

    fn engine(sbatch: &[&str], setup: &str) -> SlurmEngine {
        let sbatch = sbatch.iter().map(|option| option.to_string()).collect();
        SlurmEngine { throttle: None, sbatch, setup: setup.into(), poll_seconds: 1.0 }
    }

    #[test]
    fn the_users_options_and_lines_stand_unchanged_behind_ours() {
        let (_keep, folder) = search_folder("tiny");
        let engine = engine(&["--partition=gpu", "--comment='two words'"], "module load cuda\nexport A=1\n");
        let files = Files::next(&folder).unwrap();
        let text = text(&engine, &folder, &files, Path::new("/opt/mien")).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "#!/bin/bash");
        assert_eq!(lines[1], format!("#SBATCH --job-name=\"{}\"", folder.id()));
        assert_eq!(
            lines[3..8],
            [
                "#SBATCH --open-mode=append",
                "#SBATCH --signal=B:USR2@60",
                "#SBATCH --requeue",
                "#SBATCH --partition=gpu",
                "#SBATCH --comment='two words'",
            ]
        );
        assert_eq!(lines[9..11], ["module load cuda", "export A=1"]);
        assert!(lines[11].starts_with("exec '/opt/mien' --runs '"), "{text}");
        assert!(lines[11].ends_with(" --task '1.txt':\"$SLURM_ARRAY_TASK_ID\""), "{text}");
    }

    #[test]
    fn the_shell_gets_every_path_in_one_piece() {
        let (keep, _) = search_folder("tiny");
        let odd = keep.path().join("it's $HOME `x` \"q\" ü");
        let record = crate::search::Record::new("f".into());
        let base = crate::config::RunConfig::default();
        let folder = SearchFolder::create(&odd, "tiny", "", &base, &record, |_| Ok(())).unwrap();
        let files = Files::next(&folder).unwrap();
        let mut script = text(&engine(&[], ""), &folder, &files, Path::new("/bin/echo")).unwrap();
        script = script.replace("exec '/bin/echo'", "printf '%s\\n'");
        let said =
            Command::new("bash").args(["-c", &script]).env("SLURM_ARRAY_TASK_ID", "7").output().unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        let expected =
            ["--runs", odd.to_str().unwrap(), "search", folder.path().to_str().unwrap(), "--task", "1.txt:7"];
        assert_eq!(said.lines().collect::<Vec<_>>(), expected);
        assert!(script.contains("it's $HOME `x` \\\"q\\\" ü/"), "{script}");
    }

    #[test]
    fn a_path_that_slurm_would_misread_is_refused() {
        for path in ["/a\\b", "/a\nb"] {
            assert!(in_words(Path::new(path)).unwrap_err().to_string().contains("cannot be told"), "{path}");
        }
    }

    #[test]
    fn options_that_are_none_or_mien_s_own_are_refused_by_name() {
        for option in ["", "gpu", "# x", "--a\nrm -rf x", "--array=1-3", "-a 1", "-W", "--wait"] {
            let error = check(&engine(&["--time=1", option], "")).unwrap_err().to_string();
            assert!(error.starts_with("engine.slurm.sbatch: '"), "{error}");
        }
        check(&engine(&["-p gpu", "--account=x", "-A x", "--wait-all-nodes=1"], "")).unwrap();
    }
}

//! The parent's side of a probe: a child that answers, dies, or hangs.

use super::probe::{Probe, ProbeAnswer, STAGE};
use super::report::one_line;
use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// A cold kernel compiles in seconds on an idle machine; a loaded one with a slow disk takes its time.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

/// The probe of this very program.
pub(super) fn ask(what: Probe) -> Result<ProbeAnswer, String> {
    let program = std::env::current_exe().map_err(|error| {
        format!("this program cannot find itself to look at CUDA in a child process ({error})")
    })?;
    let mut command = Command::new(program);
    let (variable, order) = super::GPU_ORDER;
    command.args(["devices", "--probe", &what.to_string()]).env(variable, order);
    run(command, PATIENCE)
}

/// Runs a command that shall print a [`ProbeAnswer`] on one line. However it ends, the error is one sentence.
fn run(mut command: Command, patience: Duration) -> Result<ProbeAnswer, String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("the child process that looks at CUDA did not start ({error})"))?;
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let Some(status) = wait(&mut child, patience) else {
        // A driver that hangs may hold even a killed process; it is left behind rather than waited for.
        let _ = child.kill();
        thread::spawn(move || child.wait());
        return Err(format!(
            "CUDA gave no answer within {} s{}: try again when the machine is less busy, and see whether nvidia-smi \
             answers",
            patience.as_secs_f32(),
            stage(&text(&stderr))
        ));
    };
    let (stdout, stderr) = (text(&stdout), text(&stderr));
    let line = stdout.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    match serde_json::from_str(line) {
        Ok(answer) if status.success() => Ok(answer),
        _ => Err(format!(
            "the process that tried CUDA {}{}{}",
            ending(status),
            stage(&stderr),
            last_words(&stderr).map(|words| format!(": {words}")).unwrap_or_default()
        )),
    }
}

/// The child's end, or `None` where it is still there after `patience`.
fn wait(child: &mut Child, patience: Duration) -> Option<ExitStatus> {
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if start.elapsed() < patience => thread::sleep(Duration::from_millis(10)),
            Ok(None) | Err(_) => return None,
        }
    }
}

/// Reads a pipe in a thread, so that a talkative child never blocks on a full one.
fn collect(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    if let Some(mut pipe) = pipe {
        thread::spawn(move || {
            let mut block = [0; 4096];
            while let Ok(n @ 1..) = pipe.read(&mut block) {
                if sender.send(block[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
    }
    receiver
}

/// What came until the pipe closed; a pipe that someone else holds open is given a second.
fn text(receiver: &mpsc::Receiver<Vec<u8>>) -> String {
    let until = Instant::now() + Duration::from_secs(1);
    let mut bytes = Vec::new();
    while let Ok(block) = receiver.recv_timeout(until.saturating_duration_since(Instant::now())) {
        bytes.extend(block);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn ending(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("was ended by signal {signal}");
    }
    match status.code() {
        Some(0) => "ended without an answer".into(),
        Some(code) => format!("ended with exit code {code}"),
        None => "ended without an answer".into(),
    }
}

/// ` while <the last stage it named>`.
fn stage(stderr: &str) -> String {
    let last = stderr.lines().rev().find_map(|line| line.strip_prefix(STAGE));
    last.map(|stage| format!(" while {}", one_line(stage))).unwrap_or_default()
}

/// The first line that is not a stage: a panic's place and message come before its backtrace.
fn last_words(stderr: &str) -> Option<String> {
    const LENGTH: usize = 300;
    let said: Vec<&str> = stderr.lines().filter(|line| !line.starts_with(STAGE)).collect();
    let words = one_line(&said.join(" "));
    let cut: String = words.chars().take(LENGTH).collect();
    match cut.is_empty() {
        true => None,
        false if cut.len() < words.len() => Some(cut + "…"),
        false => Some(cut),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, patience: Duration) -> Result<ProbeAnswer, String> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        run(command, patience)
    }

    fn shell_at_leisure(script: &str) -> Result<ProbeAnswer, String> {
        shell(script, PATIENCE)
    }

    #[test]
    fn the_last_line_is_the_answer_whatever_was_said_before() {
        let answer =
            shell_at_leisure(r#"echo hello; echo noise >&2; echo '{"missing":["a driver"]}'"#).unwrap();
        assert_eq!(answer.missing, ["a driver"]);
    }

    #[test]
    fn a_crash_is_told_with_its_signal_and_the_stage_it_came_in() {
        let error = shell_at_leisure("echo 'mien-probe: compiling' >&2; kill -SEGV $$").unwrap_err();
        assert_eq!(error, "the process that tried CUDA was ended by signal 11 while compiling");
    }

    #[test]
    fn a_panic_is_told_with_its_message_free_of_control_characters() {
        let error = shell_at_leisure(r"printf 'no \033[2Jdriver\nat all\n' >&2; exit 101").unwrap_err();
        assert_eq!(error, "the process that tried CUDA ended with exit code 101: no [2Jdriver at all");
    }

    #[test]
    fn an_answer_of_a_child_that_failed_does_not_count() {
        assert!(shell_at_leisure("echo '{}'; exit 3").unwrap_err().contains("exit code 3"));
        assert!(shell_at_leisure("echo nonsense").unwrap_err().contains("ended without an answer"));
    }

    #[test]
    fn a_child_that_hangs_is_given_up() {
        let error =
            shell("echo 'mien-probe: waiting' >&2; exec sleep 60", Duration::from_millis(300)).unwrap_err();
        assert!(error.starts_with("CUDA gave no answer within 0.3 s while waiting"), "{error}");
    }

    #[test]
    fn a_talkative_child_does_not_block() {
        let script = "i=0; while [ $i -lt 3000 ]; do echo a line that is repeated very often indeed; i=$((i+1)); done >&2; echo '{}'";
        assert_eq!(shell_at_leisure(script), Ok(ProbeAnswer::default()));
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error() {
        assert!(run(Command::new("/nowhere/mien"), PATIENCE).unwrap_err().contains("did not start"));
    }
}

//! What holds for every command: exit codes, pipes that nobody reads, text that a terminal must not obey.

use crate::folder::{Workplace, mien, status};
use predicates::prelude::*;
use predicates::str::contains;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

/// A pipe whose reader has gone.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn an_unknown_command_is_refused_with_exit_code_2() {
    mien().arg("tarin").assert().code(2);
}

#[test]
fn completions_name_the_commands_in_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = mien().args(["completions", shell]).assert().success();
        script.stdout(contains("evaluate").and(contains("completions")));
    }
    mien().args(["completions", "csh"]).assert().code(2);
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    for arguments in [&["models"][..], &["completions", "bash"], &["models", "vgg", "--json"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mien"));
        let ended = command.args(arguments).stdout(closed()).status().unwrap();
        assert_eq!(ended.code(), Some(0), "{arguments:?}");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_mien"));
    let refused = command.args(["train", "absent.toml"]).stderr(closed()).status().unwrap();
    assert_eq!(refused.code(), Some(2));
}

#[test]
fn a_run_goes_on_when_nobody_listens_any_more() {
    let place = Workplace::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_mien"));
    command.arg("--runs").arg(place.runs()).arg("train").arg(&place.config);
    command.args(["--set", "train.epochs=2"]).env_remove("SLURM_JOB_ID");
    let ended = command.stdout(closed()).stderr(closed()).status().unwrap();
    assert_eq!(ended.code(), Some(0));
    assert_eq!(status(&place.only_run())["state"], "finished");
}

#[test]
fn escape_sequences_of_names_and_files_do_not_reach_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = "\u{1b}]0;x\u{7}\u{202e}";
    let config = folder.path().join(format!("{hostile}.toml"));
    fs::write(&config, format!("name = 'a'\n'{}' = 1\n", hostile.replace('\u{7}', ""))).unwrap();
    let absent = folder.path().join(format!("{hostile}absent.toml"));
    for arguments in [
        vec!["train".as_ref(), config.as_os_str()],
        vec!["train".as_ref(), absent.as_os_str()],
        vec!["evaluate".as_ref(), OsStr::new(hostile)],
        vec!["runs".as_ref(), "list".as_ref(), "--runs".as_ref(), OsStr::new(hostile)],
        vec!["models".as_ref(), OsStr::new(hostile)],
    ] {
        let said = mien().current_dir(folder.path()).args(&arguments).output().unwrap();
        let said = String::from_utf8(said.stderr).unwrap();
        assert!(said.starts_with("mien: "), "{arguments:?}: {said:?}");
        assert!(!said.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{arguments:?}: {said:?}");
    }
}

#[test]
fn a_folder_whose_name_is_not_utf_8_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join(OsStr::from_bytes(b"caf\xe9"));
    let run = runs.join("20260101-000000-a-0001");
    fs::create_dir_all(&run).unwrap();
    fs::write(run.join("status.json"), r#"{"state":"finished","epoch":1,"step":1,"steps":1,"heartbeat":1}"#)
        .unwrap();
    for arguments in [&["runs", "list", "--json"][..], &["runs", "show", "latest", "--json"]] {
        mien().arg("--runs").arg(&runs).args(arguments).assert().success().stdout(contains("caf\u{fffd}"));
    }
}

#[test]
fn data_below_a_folder_whose_name_is_not_utf_8_is_refused_before_there_is_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join(OsStr::from_bytes(b"caf\xe9"));
    fs::create_dir(&here).unwrap();
    fs::write(here.join("a.toml"), "[data]\nroot = \"faces\"\n").unwrap();
    let refused = mien().current_dir(&here).args(["train", "a.toml"]).assert().code(2);
    refused.stderr(contains("data.root").and(contains("UTF-8")));
    assert!(!here.join("runs").exists());
}

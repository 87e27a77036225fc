use std::path::Path;

/// The command that starts the same run, in pieces that belong on one line, each quoted for a shell.
pub fn command(runs: &str, config: &Path, sets: &[String]) -> Vec<String> {
    let config = config.display().to_string();
    // Or else it is taken for an option.
    let config = if config.starts_with('-') { format!("./{config}") } else { config };
    let mut pieces = vec!["mien".to_string()];
    if runs != "runs" {
        pieces.push(format!("--runs {}", quoted(runs)));
    }
    pieces.push("train".into());
    pieces.push(quoted(&config));
    pieces.extend(sets.iter().map(|set| format!("--set {}", quoted(set))));
    pieces.push("--detach".into());
    pieces
}

/// One word for a POSIX shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_shell_reads_back_what_was_meant() {
        let words = [
            "a b",
            "it's",
            "$HOME",
            "`id`",
            "x=[0.1, 0.2]",
            "",
            "a\"b",
            "~/x",
            "é表",
            "*",
            "\\",
            "plain.toml",
        ];
        for word in words {
            let script = format!("printf %s {}", quoted(word));
            let output = Command::new("/bin/sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), word, "{script}");
        }
    }

    #[test]
    fn the_command_names_the_runs_only_where_they_are_elsewhere() {
        let sets = ["train.epochs=2".to_string(), "model.conv_dropout=[0.1, 0]".into()];
        let text = command("runs", Path::new("configs/a.toml"), &sets).join(" ");
        let sets = "--set train.epochs=2 --set 'model.conv_dropout=[0.1, 0]'";
        assert_eq!(text, format!("mien train configs/a.toml {sets} --detach"));
        let text = command("/my runs", Path::new("-a.toml"), &[]).join(" ");
        assert_eq!(text, "mien --runs '/my runs' train ./-a.toml --detach");
    }
}

use std::path::Path;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

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

/// The pieces on lines of at most `width` cells that a shell reads as one command, wherever they had to be broken.
pub fn lines(pieces: &[String], width: usize) -> Vec<String> {
    // Room for the sign that the command goes on.
    let room = width.saturating_sub(2).max(8);
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.last_mut().filter(|line| line.width() + 1 + piece.width() <= room) {
            Some(line) => *line += &format!(" {piece}"),
            None => {
                if let Some(line) = lines.last_mut() {
                    line.push_str(" \\");
                }
                let indent = if lines.is_empty() || piece.width() + 2 > room { "" } else { "  " };
                lines.extend(broken(&format!("{indent}{piece}"), room));
            }
        }
    }
    lines
}

/// A piece on as many lines as it needs. Within quotes a backslash would be a letter, so they are closed first; blanks
/// before the rest of a word would end it.
fn broken(piece: &str, room: usize) -> Vec<String> {
    let (mut lines, mut line, mut open, mut escaped) = (Vec::new(), String::new(), false, false);
    for c in piece.chars() {
        if line.width() + c.width().unwrap_or(0) > room && !escaped {
            // A path rather between its folders.
            let seam = line.rfind(['/', '=', ' ']).map_or(0, |at| at + 1);
            let is_good = seam > line.len() / 2 && !line[seam..].contains(['\'', '\\']);
            let rest = line.split_off(if is_good { seam } else { line.len() });
            line.push_str(if open { "'\\" } else { "\\" });
            lines.push(std::mem::take(&mut line));
            line.extend(open.then_some('\''));
            line.push_str(&rest);
        }
        line.push(c);
        (open, escaped) = (open ^ (c == '\'' && !escaped), c == '\\' && !open && !escaped);
    }
    lines.push(line);
    lines
}

/// One word for a POSIX shell.
pub fn quoted(word: &str) -> String {
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
    fn a_shell_reads_the_same_command_however_it_is_broken_into_lines() {
        let sets = [
            "model.conv_dropout=[0.1, 0, 0.2, 0.3]".to_string(),
            r"data.root=/it's a\b/表表表表表表表".into(),
        ];
        let pieces =
            command("/my runs of this year", Path::new("runs/20261124-150037-demo-3e95/config.toml"), &sets);
        let words = |text: &str| {
            let script = format!("set -- {}; printf '%s\\n' \"$@\"", text);
            String::from_utf8(Command::new("/bin/sh").args(["-c", &script]).output().unwrap().stdout).unwrap()
        };
        let whole = words(&pieces.join(" "));
        assert_eq!(whole.lines().count(), 10, "{whole}");
        for width in 12..140 {
            let lines = lines(&pieces, width);
            assert!(lines.iter().all(|line| line.width() <= width), "{width}: {lines:?}");
            assert_eq!(words(&lines.join("\n")), whole, "{width}: {lines:?}");
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

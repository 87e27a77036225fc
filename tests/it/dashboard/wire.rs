//! What goes over the line, byte by byte: the program's own sequences and printable text, and nothing else.

/// Fails at the first thing in `raw` that is none of what the dashboard itself sends.
///
/// Text and colours stand in frames, between the marks of a synchronized update, and nothing else does; modes and
/// questions to the terminal stand between frames.
pub fn is_clean(raw: &[u8]) {
    let text = std::str::from_utf8(raw).unwrap_or_else(|error| {
        panic!("no UTF-8 at {}: {:?}", error.valid_up_to(), around(raw, error.valid_up_to()))
    });
    let mut rest = text;
    let (mut in_frame, mut on_screen) = (false, false);
    while let Some(first) = rest.chars().next() {
        let at = text.len() - rest.len();
        let fail = |why: &str| -> ! { panic!("{why} at {at}: {:?}", around(raw, at)) };
        let length = match first {
            '\x1b' => {
                let sequence = sequence(rest).unwrap_or_else(|| fail("a sequence that never ends"));
                match sequence {
                    "\x1b[?2026h" => in_frame = true,
                    "\x1b[?2026l" => in_frame = false,
                    "\x1b[?1049h" => on_screen = true,
                    "\x1b[?1049l" => on_screen = false,
                    _ if in_frame && draws(sequence) => {}
                    _ if !in_frame && asks_or_sets(sequence) => {}
                    _ => fail("a sequence that is not ours"),
                }
                sequence.len()
            }
            '\r' if rest.starts_with("\r\n") => 2,
            c if is_disorderly(c) => fail("a character that no terminal should get"),
            // The terminal's own echo, before the program has it.
            c if in_frame || !on_screen => c.len_utf8(),
            _ => fail("text outside of a frame"),
        };
        rest = &rest[length..];
    }
}

/// Frames in `raw`.
pub fn frames(raw: &[u8]) -> usize {
    raw.windows(8).filter(|window| *window == b"\x1b[?2026h").count()
}

/// The control sequence at the beginning of `text`.
fn sequence(text: &str) -> Option<&str> {
    let inside = text.get(2..)?;
    let length = match text.as_bytes()[1] {
        b'[' => inside.find(|c: char| ('@'..='~').contains(&c))? + 1,
        // Strings end with ST.
        b']' | b'_' | b'P' => inside.find("\x1b\\")? + 2,
        _ => 0,
    };
    Some(&text[..2 + length])
}

/// Colours, moves and blanks.
fn draws(sequence: &str) -> bool {
    let Some(inside) = sequence.strip_prefix("\x1b[") else { return false };
    if matches!(inside, "2J" | "K" | "?25h" | "?25l" | "C") {
        return true;
    }
    let (parameters, last) = inside.split_at(inside.len() - 1);
    let mut numbers = parameters.split(';').map(str::parse::<u16>);
    match last {
        "m" => are_colours(parameters),
        "H" => parameters.split(';').count() == 2 && numbers.all(|number| number.is_ok_and(|n| n > 0)),
        "C" | "X" => parameters.split(';').count() == 1 && numbers.all(|number| number.is_ok_and(|n| n > 0)),
        _ => false,
    }
}

fn are_colours(parameters: &str) -> bool {
    let numbers: Option<Vec<u8>> = parameters.split(';').map(|number| number.parse().ok()).collect();
    let Some(numbers) = numbers else { return false };
    let mut rest = &numbers[..];
    while !rest.is_empty() {
        rest = match rest {
            [38 | 48, 5, _, rest @ ..] | [38 | 48, 2, _, _, _, rest @ ..] => rest,
            [0..=4 | 7 | 9 | 30..=37 | 39..=47 | 49 | 90..=97 | 100..=107, rest @ ..] => rest,
            _ => return false,
        };
    }
    true
}

/// What the program sends when it takes and gives back the terminal, and what it asks it then.
fn asks_or_sets(sequence: &str) -> bool {
    const MODES: [&str; 9] = [
        "\x1b[2J",
        "\x1b[0m",
        "\x1b[?25h",
        "\x1b[?25l",
        "\x1b[?2004l",
        "\x1b[?1000h",
        "\x1b[?1000l",
        "\x1b[?1006h",
        "\x1b[?1006l",
    ];
    const QUESTIONS: [&str; 5] =
        ["\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\", "\x1b[>q", "\x1b[16t", "\x1b[c", "\x1b[5n"];
    MODES.contains(&sequence) || QUESTIONS.contains(&sequence)
}

/// Control characters, and those that change the direction or hide.
fn is_disorderly(c: char) -> bool {
    let marks = ['\u{200b}'..='\u{200f}', '\u{202a}'..='\u{202e}', '\u{2066}'..='\u{2069}'];
    c.is_control() || c == '\u{feff}' || marks.iter().any(|marks| marks.contains(&c))
}

fn around(raw: &[u8], at: usize) -> String {
    String::from_utf8_lossy(&raw[at.saturating_sub(40)..(at + 60).min(raw.len())]).into_owned()
}

#[test]
fn what_is_not_the_dashboards_own_is_found() {
    let frame = |inside: &str| format!("\x1b[?1049h\x1b[?2026h{inside}\x1b[?2026l\x1b[?1049l");
    let is_found = |raw: String| std::panic::catch_unwind(|| is_clean(raw.as_bytes())).is_err();
    for clean in ["\x1b[2;9H7", "\x1b[1;38;5;32mloss\x1b[3C表e\u{301}\x1b[K\r\nשלום", "\x1b[12X"] {
        assert!(!is_found(frame(clean)), "{clean:?}");
    }
    for foul in [
        "\x07",
        "\x1b[5m",
        "\x1b[6n",
        "\x1b]52;c;eA==\x1b\\",
        "\x1bc",
        "\u{9b}2J",
        "\u{202e}",
        "\r",
        "\x1b[2",
    ] {
        assert!(is_found(frame(foul)), "{foul:?}");
    }
    assert!(is_found("\x1b[?1049htext".into()));
}

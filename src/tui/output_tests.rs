use super::*;
use ratatui::Terminal;
use ratatui::style::Style;

const SIZE: Size = Size { width: 60, height: 12 };

fn frame(terminal: &mut Terminal<Output<Vec<u8>>>, texts: &[(u16, u16, &str, Style)]) -> Vec<u8> {
    let done = terminal.draw(|frame| {
        for (x, y, text, style) in texts {
            frame.buffer_mut().set_stringn(*x, *y, text, usize::from(SIZE.width - x), *style);
        }
    });
    done.unwrap();
    std::mem::take(&mut terminal.backend_mut().writer)
}

fn terminal() -> Terminal<Output<Vec<u8>>> {
    Terminal::new(Output::new(Vec::new(), SIZE)).unwrap()
}

#[test]
fn a_terminal_shows_what_was_drawn_frame_after_frame() {
    let words = ["loss", "     ", "                    ", "⠉⣿⡄", "e\u{301}", "─────", "0.1234", "●"];
    // Half of a wide letter under another text is nothing that a screen would draw.
    let wide = ["表情", "    ", "ab", "認"];
    let colours = [Color::Reset, Color::Red, Color::DarkGray, Color::Indexed(172), Color::Rgb(1, 2, 3)];
    let modifiers =
        [Modifier::empty(), Modifier::BOLD, Modifier::REVERSED, Modifier::BOLD | Modifier::UNDERLINED];
    let mut dice = 1u64;
    let mut roll = |sides: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) as usize % sides
    };
    let mut terminal = terminal();
    let mut seen = vt100::Parser::new(SIZE.height, SIZE.width, 0);
    let mut texts: Vec<(u16, u16, &str, Style)> = Vec::new();
    for _ in 0..200 {
        for _ in 0..roll(12) {
            let style = Style::new()
                .fg(colours[roll(5)])
                .bg(colours[roll(9).min(4) * usize::from(roll(4) == 0)])
                .add_modifier(modifiers[roll(4)]);
            texts.push(match roll(12) as u16 {
                row @ 9.. => (roll(28) as u16 * 2, row, wide[roll(wide.len())], style),
                row => (roll(60) as u16, row, words[roll(words.len())], style),
            });
        }
        if texts.len() > 60 {
            texts.drain(..roll(50));
        }
        seen.process(&frame(&mut terminal, &texts));
        let mut expected = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 60, 12));
        for (x, y, text, style) in &texts {
            expected.set_stringn(*x, *y, text, usize::from(SIZE.width - x), *style);
        }
        compare(&expected, seen.screen());
    }
}

fn compare(expected: &ratatui::buffer::Buffer, seen: &vt100::Screen) {
    let mut covered = 0;
    for y in 0..SIZE.height {
        for x in 0..SIZE.width {
            if covered > 0 {
                covered -= 1;
                continue;
            }
            let (cell, shown) = (&expected[(x, y)], seen.cell(y, x).unwrap());
            covered = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
            let contents = if shown.has_contents() { shown.contents() } else { " " };
            assert_eq!(contents, cell.symbol(), "at {x}, {y}");
            assert_eq!(shown.bgcolor(), colour_of(cell.bg), "background at {x}, {y}");
            assert_eq!(shown.inverse(), cell.modifier.contains(Modifier::REVERSED), "at {x}, {y}");
            assert_eq!(shown.underline(), cell.modifier.contains(Modifier::UNDERLINED), "at {x}, {y}");
            if cell.symbol() != " " {
                assert_eq!(shown.fgcolor(), colour_of(cell.fg), "at {x}, {y}");
                assert_eq!(shown.bold(), cell.modifier.contains(Modifier::BOLD), "at {x}, {y}");
            }
        }
    }
}

fn colour_of(colour: Color) -> vt100::Color {
    match colour {
        Color::Red => vt100::Color::Idx(1),
        Color::DarkGray => vt100::Color::Idx(8),
        Color::Indexed(n) => vt100::Color::Idx(n),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        _ => vt100::Color::Default,
    }
}

#[test]
fn a_frame_is_one_synchronized_update_and_no_change_is_no_byte() {
    let mut terminal = terminal();
    let texts = [(3, 1, "0.4123", Style::new().fg(Color::Indexed(32)))];
    let first = frame(&mut terminal, &texts);
    assert!(first.starts_with(BEGIN) && first.ends_with(END));
    assert!(frame(&mut terminal, &texts).is_empty());
    let texts = [(3, 1, "0.4127", Style::new().fg(Color::Indexed(32)))];
    // The pen still has the colour: only a move within the row and the digit.
    assert_eq!(frame(&mut terminal, &texts), [BEGIN, b"\x1b[2;9H7", END].concat().as_slice());
}

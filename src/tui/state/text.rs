use crate::tui::action::Action;
use unicode_width::UnicodeWidthChar;

/// Longer input than any path or list of overrides that a person types.
const LONGEST: usize = 2000;

/// One line that is being typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextLine {
    text: String,
    /// The byte before which letters go in; always at the beginning of a letter or at the end.
    cursor: usize,
}

impl TextLine {
    /// A line with the cursor at its end.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// What of the line can be seen in `width` cells so that the cursor is among them, and the cursor's cell.
    pub fn view(&self, width: usize) -> (&str, u16) {
        let (mut start, mut used) = (self.cursor, 0);
        for (at, c) in self.text[..self.cursor].char_indices().rev() {
            let cells = c.width().unwrap_or(0);
            // The cursor may stand behind the last letter and needs a cell there.
            if used + cells >= width.max(1) {
                break;
            }
            (start, used) = (at, used + cells);
        }
        (&self.text[start..], used as u16)
    }

    /// Types, erases, moves the cursor; `false` where the action is about something else.
    pub fn act(&mut self, action: Action) -> bool {
        match action {
            Action::Insert(c) => self.insert(c),
            Action::Erase => self.erase_from(self.letter_before()),
            Action::EraseWord => self.erase_from(self.word_before()),
            Action::EraseLine => *self = Self::default(),
            Action::Left => self.cursor = self.letter_before(),
            Action::Right => {
                let next = self.text[self.cursor..].chars().next();
                self.cursor += next.map_or(0, char::len_utf8);
            }
            Action::First => self.cursor = 0,
            Action::Last => self.cursor = self.text.len(),
            _ => return false,
        }
        true
    }

    fn insert(&mut self, c: char) {
        // What comes from keys may be pasted, so it is judged as what comes from files.
        let mut letter = [0; 4];
        let kept = crate::run::printable(c.encode_utf8(&mut letter)).len();
        if kept > 0 && self.text.len() + kept <= LONGEST {
            self.text.insert(self.cursor, c);
            self.cursor += c.len_utf8();
        }
    }

    fn erase_from(&mut self, start: usize) {
        self.text.replace_range(start..self.cursor, "");
        self.cursor = start;
    }

    fn letter_before(&self) -> usize {
        self.text[..self.cursor].char_indices().next_back().map_or(0, |(at, _)| at)
    }

    fn word_before(&self) -> usize {
        let before = self.text[..self.cursor].trim_end();
        before.char_indices().rfind(|(_, c)| c.is_whitespace()).map_or(0, |(at, c)| at + c.len_utf8())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_in_and_out_where_the_cursor_is() {
        let mut line = TextLine::new("表 ab");
        for action in [Action::Left, Action::Insert('x'), Action::First, Action::Right, Action::Insert('情')]
        {
            assert!(line.act(action));
        }
        assert_eq!(line.text(), "表情 axb");
        line.act(Action::Erase);
        assert_eq!(line.text(), "表 axb");
        line.act(Action::Last);
        line.act(Action::EraseWord);
        assert_eq!(line.text(), "表 ");
        line.act(Action::EraseWord);
        assert_eq!(line.text(), "");
        for action in [Action::Erase, Action::EraseWord, Action::Left, Action::Right] {
            assert!(line.act(action));
        }
        assert!(!line.act(Action::Enter));
    }

    #[test]
    fn the_part_of_a_long_line_with_the_cursor_is_seen() {
        let mut line = TextLine::new("表情認識 and more");
        assert_eq!(line.view(40), ("表情認識 and more", 17));
        assert_eq!(line.view(5), ("more", 4));
        line.act(Action::First);
        assert_eq!(line.view(5), ("表情認識 and more", 0));
        assert_eq!(TextLine::default().view(0), ("", 0));
    }
}

/// Longer input than any path or list of overrides that a person types.
const LONGEST: usize = 2000;

/// One line that is being typed; the cursor is at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextLine {
    text: String,
}

impl TextLine {
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn insert(&mut self, c: char) {
        // What comes from keys may be pasted, so it is judged as what comes from files.
        let mut letter = [0; 4];
        let kept = crate::run::printable(c.encode_utf8(&mut letter)).len();
        if kept > 0 && self.text.len() + kept <= LONGEST {
            self.text.push(c);
        }
    }

    pub fn erase(&mut self) {
        self.text.pop();
    }

    pub fn erase_word(&mut self) {
        let kept = self.text.trim_end().rfind(char::is_whitespace).map_or(0, |at| at + 1);
        // `rfind` gives the start of a character; a wide blank is longer than one byte.
        let kept = (kept..=self.text.len()).find(|&at| self.text.is_char_boundary(at)).unwrap_or(0);
        self.text.truncate(kept);
    }

    pub fn clear(&mut self) {
        self.text.clear();
    }
}

//! Looks through a pickle for what it would have Python import, without running any of it.
//!
//! A pickle is a program: it may name any function and call it. One that holds tensors names only the handful of
//! torch's own that rebuild tensors; anything else is refused before the file is read further.

use std::collections::HashMap;
use std::rc::Rc;

/// Why a pickle is not read.
#[derive(Debug, PartialEq)]
pub(super) enum Refusal {
    /// It names something that is not on the list.
    Runs(String),
    Broken(String),
}

/// Walks one pickle to its end and gives back what follows it.
pub(super) fn scan(bytes: &[u8]) -> Result<&[u8], Refusal> {
    let mut walk = Walk { bytes, memo: HashMap::new(), newest: [const { None }; 2] };
    while walk.step()? {}
    Ok(walk.bytes)
}

fn allowed(module: &str, name: &str) -> bool {
    match module {
        "collections" => name == "OrderedDict",
        "torch._utils" => {
            matches!(
                name,
                "_rebuild_tensor"
                    | "_rebuild_tensor_v2"
                    | "_rebuild_tensor_v3"
                    | "_rebuild_parameter"
                    | "_rebuild_parameter_with_state"
            )
        }
        "torch._tensor" => name == "_rebuild_from_type_v2",
        "torch.nn.parameter" => name == "Parameter",
        "torch.storage" => matches!(name, "UntypedStorage" | "TypedStorage"),
        "torch" => {
            matches!(name, "Tensor" | "Size" | "device")
                || name.strip_suffix("Storage").is_some_and(|kind| STORAGES.contains(&kind))
                || DTYPES.contains(&name)
        }
        _ => false,
    }
}

const STORAGES: [&str; 11] =
    ["Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool", "Untyped"];
const DTYPES: [&str; 9] =
    ["float16", "bfloat16", "float32", "float64", "int64", "int32", "int16", "int8", "uint8"];

/// The place in a pickle, and what is known of the two newest things on its stack: whether each is a string.
///
/// A string is kept once, however often the memo is told to: it may be as long as the file.
struct Walk<'a> {
    bytes: &'a [u8],
    memo: HashMap<u64, Option<Rc<str>>>,
    newest: [Option<Rc<str>>; 2],
}

impl<'a> Walk<'a> {
    /// One instruction; `false` at the end of the pickle.
    fn step(&mut self) -> Result<bool, Refusal> {
        match self.byte()? {
            b'.' => return Ok(false),
            b'c' | b'i' => {
                let (module, name) = (self.line()?, self.line()?);
                self.import(&module, &name)?;
            }
            // Two strings made before: module and name.
            0x93 => match std::mem::take(&mut self.newest) {
                [Some(module), Some(name)] => self.import(&module, &name)?,
                _ => return Err(Refusal::Runs("something whose name it computes".into())),
            },
            0x82..=0x84 => return Err(Refusal::Runs("an entry of Python's extension registry".into())),
            // Strings, with the width of their length.
            b'U' | 0x8c => self.string(1)?,
            b'T' | b'X' => self.string(4)?,
            0x8d => self.string(8)?,
            b'V' | b'S' => {
                let text = self.line()?;
                self.push(Some(text.into()));
            }
            // The memo: kept by number, kept as the next, brought back.
            b'q' => self.remember(1)?,
            b'r' => self.remember(4)?,
            b'p' => {
                let index = self.line_number()?;
                self.memo.insert(index, self.newest[1].clone());
            }
            0x94 => {
                let index = self.memo.len() as u64;
                self.memo.insert(index, self.newest[1].clone());
            }
            b'h' => self.recall(1)?,
            b'j' => self.recall(4)?,
            b'g' => {
                let index = self.line_number()?;
                self.push_remembered(index);
            }
            // Nothing happens on the stack: protocol and frame.
            0x80 => self.skip(1)?,
            0x95 => self.skip(8)?,
            // Numbers and bytes: a value of fixed width, of counted width, or to the end of the line.
            b'K' => self.value(1)?,
            b'M' => self.value(2)?,
            b'J' => self.value(4)?,
            b'G' => self.value(8)?,
            b'C' | 0x8a => self.counted(1)?,
            b'B' | 0x8b => self.counted(4)?,
            0x8e | 0x96 => self.counted(8)?,
            b'F' | b'I' | b'L' | b'P' => {
                self.line()?;
                self.push(None);
            }
            // Work on the stack alone: marks, tuples, lists, dicts, sets, calls of what was imported.
            b'('
            | b'0'
            | b'1'
            | b'2'
            | b'N'
            | b'Q'
            | b'R'
            | b'a'
            | b'b'
            | b'd'
            | b'}'
            | b'e'
            | b'l'
            | b']'
            | b'o'
            | b's'
            | b't'
            | b')'
            | b'u'
            | 0x81
            | 0x85..=0x89
            | 0x8f..=0x92 => self.push(None),
            other => {
                return Err(Refusal::Broken(format!("its pickle has an unknown instruction {other:#04x}")));
            }
        }
        Ok(true)
    }

    fn import(&mut self, module: &str, name: &str) -> Result<(), Refusal> {
        if !allowed(module, name) {
            return Err(Refusal::Runs(format!("{module}.{name}")));
        }
        self.push(None);
        Ok(())
    }

    fn push(&mut self, text: Option<Rc<str>>) {
        self.newest.swap(0, 1);
        self.newest[1] = text;
    }

    fn remember(&mut self, width: usize) -> Result<(), Refusal> {
        let index = self.number(width)?;
        self.memo.insert(index, self.newest[1].clone());
        Ok(())
    }

    fn recall(&mut self, width: usize) -> Result<(), Refusal> {
        let index = self.number(width)?;
        self.push_remembered(index);
        Ok(())
    }

    fn push_remembered(&mut self, index: u64) {
        let text = self.memo.get(&index).cloned().flatten();
        self.push(text);
    }

    fn string(&mut self, width: usize) -> Result<(), Refusal> {
        let length = self.number(width)?;
        let text = Rc::from(String::from_utf8_lossy(self.take(length)?));
        self.push(Some(text));
        Ok(())
    }

    fn counted(&mut self, width: usize) -> Result<(), Refusal> {
        let length = self.number(width)?;
        self.take(length)?;
        self.push(None);
        Ok(())
    }

    fn value(&mut self, width: u64) -> Result<(), Refusal> {
        self.take(width)?;
        self.push(None);
        Ok(())
    }

    fn skip(&mut self, width: u64) -> Result<(), Refusal> {
        self.take(width).map(drop)
    }

    fn byte(&mut self) -> Result<u8, Refusal> {
        Ok(self.take(1)?[0])
    }

    /// Little-endian.
    fn number(&mut self, width: usize) -> Result<u64, Refusal> {
        let bytes = self.take(width as u64)?;
        Ok(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn line_number(&mut self) -> Result<u64, Refusal> {
        self.line()?.trim().parse().map_err(|_| Refusal::Broken("its pickle has a broken number".into()))
    }

    fn line(&mut self) -> Result<String, Refusal> {
        let end = self.bytes.iter().position(|byte| *byte == b'\n').ok_or_else(cut_off)?;
        let line = String::from_utf8_lossy(&self.bytes[..end]).into_owned();
        self.bytes = &self.bytes[end + 1..];
        Ok(line)
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], Refusal> {
        let count = usize::try_from(count).map_err(|_| cut_off())?;
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or_else(cut_off)?;
        self.bytes = rest;
        Ok(taken)
    }
}

fn cut_off() -> Refusal {
    Refusal::Broken("it is cut off; copy or download it again".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(what: &str) -> Result<&'static [u8], Refusal> {
        Err(Refusal::Runs(what.into()))
    }

    #[test]
    fn a_call_of_anything_but_torchs_own_is_refused_by_name() {
        assert_eq!(scan(b"\x80\x02cos\nsystem\nU\x02ls\x85R."), runs("os.system"));
        assert_eq!(scan(b"(S'ls'\nios\nsystem\n."), runs("os.system"));
        assert_eq!(scan(b"\x80\x02ctorch\nload\n."), runs("torch.load"));
        assert_eq!(scan(b"\x80\x02ctorch\nEvilStorage\n."), runs("torch.EvilStorage"));
        assert_eq!(scan(b"\x80\x02\x82\x01."), runs("an entry of Python's extension registry"));
    }

    #[test]
    fn a_name_put_together_from_strings_is_found() {
        assert_eq!(scan(b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93."), runs("os.system"));
        // Both strings are brought back from the memo.
        let recalled = b"\x80\x04\x8c\x02os\x940\x8c\x06system\x940h\x00h\x01\x93.";
        assert_eq!(scan(recalled), runs("os.system"));
        // A computed name cannot be known.
        assert_eq!(
            scan(b"\x80\x04\x8c\x0bcollections)R\x8c\x0bOrderedDict\x93."),
            runs("something whose name it computes")
        );
    }

    #[test]
    fn what_follows_a_pickle_of_tensors_is_given_back() {
        let pickle = b"\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01X\x01\x00\x00\x00aq\x02K\x05s.rest";
        assert_eq!(scan(pickle), Ok(&b"rest"[..]));
        let new =
            b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00\x8c\x05torch\x94\x8c\x0cFloatStorage\x94\x93.";
        assert_eq!(scan(new), Ok(&b""[..]));
    }

    #[test]
    fn a_pickle_cut_anywhere_is_broken_and_nothing_panics() {
        let whole = b"\x80\x02ccollections\nOrderedDict\nq\x00)RX\x01\x00\x00\x00a\x8a\x02\x01\x01K\x05s.";
        for end in 0..whole.len() {
            assert!(matches!(scan(&whole[..end]), Err(Refusal::Broken(_))), "{end}");
        }
        for byte in 0..=255u8 {
            let _ = scan(&[byte, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, b'.']);
        }
    }
}

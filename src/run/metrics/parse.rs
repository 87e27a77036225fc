//! Lines to columns, without a copy of any key or text: `serde_json` reads each line straight into the columns.

use super::MetricSplit;
use super::columns::{At, MetricsSlice};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use std::borrow::Cow;
use std::fmt;

/// Parses whole lines into `slice`; lines that are not rows of metrics are counted there.
pub(super) fn parse_lines(lines: &[u8], slice: &mut MetricsSlice) {
    // Reused from row to row.
    let mut values = Vec::new();
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', lines).chain(Some(lines.len())) {
        let line = lines[start..end].trim_ascii();
        start = (end + 1).min(lines.len());
        if !line.is_empty() {
            parse_line(line, &mut values, slice);
        }
    }
}

fn parse_line<'a>(line: &'a [u8], values: &mut Vec<(Cow<'a, [u8]>, f64)>, slice: &mut MetricsSlice) {
    values.clear();
    let mut json = serde_json::Deserializer::from_slice(line);
    let head = RowSeed { values }.deserialize(&mut json).and_then(|head| json.end().map(|()| head));
    let Ok(Head { split: Some(split), step: Some(step), epoch, time }) = head else {
        slice.skipped += 1;
        return;
    };
    slice.rows += 1;
    let at = At { step, epoch, time };
    let columns = &mut slice.splits[split as usize];
    columns.begin_row(at);
    for (position, (key, value)) in values.iter().enumerate() {
        columns.push(position, key, at, *value);
    }
}

/// The fields of a row that are not metrics.
#[derive(Default)]
struct Head {
    split: Option<MetricSplit>,
    step: Option<u64>,
    epoch: u32,
    time: f64,
}

struct RowSeed<'s, 'de> {
    values: &'s mut Vec<(Cow<'de, [u8]>, f64)>,
}

impl<'de> DeserializeSeed<'de> for RowSeed<'_, 'de> {
    type Value = Head;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Head, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_, 'de> {
    type Value = Head;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Head, A::Error> {
        let mut head = Head::default();
        while let Some(Key(key)) = map.next_key()? {
            match key.as_ref() {
                b"seq" => _ = map.next_value::<IgnoredAny>()?,
                b"step" => head.step = map.next_value::<Number>()?.0.and_then(whole),
                b"epoch" => {
                    let epoch = map.next_value::<Number>()?.0.and_then(whole);
                    head.epoch = epoch.and_then(|epoch| u32::try_from(epoch).ok()).unwrap_or_default();
                }
                b"time" => head.time = map.next_value::<Number>()?.0.unwrap_or_default(),
                b"split" => head.split = map.next_value::<SplitName>()?.0,
                _ => {
                    if let Number(Some(value)) = map.next_value()? {
                        self.values.push((key, value));
                    }
                }
            }
        }
        Ok(head)
    }
}

/// A step beyond 2^53 would not be a step.
fn whole(number: f64) -> Option<u64> {
    (number.fract() == 0.0 && (0.0..9e15).contains(&number)).then_some(number as u64)
}

/// A key's bytes: they are checked to be UTF-8 only when a series is made of them.
struct Key<'de>(Cow<'de, [u8]>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_bytes<E: Error>(self, key: &'de [u8]) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_bytes<E: Error>(self, key: &[u8]) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_vec())))
            }
        }
        deserializer.deserialize_bytes(KeyVisitor)
    }
}

/// A number, NaN for null, `None` for anything else.
struct Number(Option<f64>);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;
        impl<'de> Visitor<'de> for NumberVisitor {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Number, E> {
                Ok(Number(Some(value)))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Number, E> {
                Ok(Number(Some(value as f64)))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Number, E> {
                Ok(Number(Some(value as f64)))
            }

            fn visit_unit<E: Error>(self) -> Result<Number, E> {
                Ok(Number(Some(f64::NAN)))
            }

            fn visit_bool<E: Error>(self, _: bool) -> Result<Number, E> {
                Ok(Number(None))
            }

            fn visit_str<E: Error>(self, _: &str) -> Result<Number, E> {
                Ok(Number(None))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Number, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Number(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Number, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Number(None))
            }
        }
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct SplitName(Option<MetricSplit>);

impl<'de> Deserialize<'de> for SplitName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SplitVisitor;
        impl Visitor<'_> for SplitVisitor {
            type Value = SplitName;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a split")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<SplitName, E> {
                Ok(SplitName(MetricSplit::parse(name)))
            }
        }
        deserializer.deserialize_str(SplitVisitor)
    }
}

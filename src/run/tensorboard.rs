//! The same metrics for TensorBoard: `events.out.tfevents.<unix seconds>.<host>`.
//!
//! The file is a sequence of TFRecords, each a protobuf of TensorFlow's `Event` (`tensorflow/core/util/event.proto`). The
//! four kinds of fields that are needed are encoded here.

use super::append::AppendFile;
use super::{Machine, MetricRow, RunError, RunFolder, unix_seconds};
use std::fs;

const PREFIX: &str = "events.out.tfevents.";

/// An events file of this trainer; a resumed run has several, which TensorBoard reads in the order of their
/// names.
#[derive(Debug)]
pub(super) struct EventsFile {
    file: AppendFile,
}

impl EventsFile {
    /// Begins a file behind those that are there. `purge_step` makes TensorBoard forget that step and all after it.
    pub(super) fn create(folder: &RunFolder, purge_step: Option<u64>) -> Result<Self, RunError> {
        let host = Machine::here().host.unwrap_or_default();
        let host: String = host
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '-' })
            .collect();
        let now = unix_seconds();
        // Two starts in one second, or a clock set back: the new file's name must still come last.
        let seconds = newest(folder).map_or(now as u64, |newest| (now as u64).max(newest + 1));
        let mut file = AppendFile::open(&folder.path().join(format!("{PREFIX}{seconds:010}.{host}")))?;
        let version = Message::default().double(1, now).bytes(3, b"brain.Event:2");
        file.append(&record(&version.0))?;
        if let Some(step) = purge_step {
            const START: u64 = 1;
            let session = Message::default().varint(1, START);
            file.append(&record(&Message::default().double(1, now).varint(2, step).bytes(7, &session.0).0))?;
        }
        Ok(Self { file })
    }

    /// Adds a row as one event with a scalar `split/key` for each value.
    pub(super) fn append(&mut self, row: &MetricRow) -> Result<(), RunError> {
        let mut summary = Message::default();
        for (key, value) in &row.values {
            let tag = format!("{}/{key}", row.split);
            let scalar = Message::default().bytes(1, tag.as_bytes()).float(2, *value as f32);
            summary = summary.bytes(1, &scalar.0);
        }
        if summary.0.is_empty() {
            return Ok(());
        }
        let event = Message::default().double(1, row.time).varint(2, row.step).bytes(5, &summary.0);
        self.file.append(&record(&event.0))
    }
}

/// The time in the name of the events file that TensorBoard reads last.
fn newest(folder: &RunFolder) -> Option<u64> {
    let names =
        fs::read_dir(folder.path()).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names
        .filter_map(|name| name.strip_prefix(PREFIX)?.split('.').next()?.parse().ok())
        // A name of ten digits at most: a later time would no longer sort behind.
        .filter(|&seconds: &u64| seconds < 9_999_999_999)
        .max()
}

/// A protobuf message as it grows.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    const VARINT: u64 = 0;
    const FIXED64: u64 = 1;
    const LENGTH: u64 = 2;
    const FIXED32: u64 = 5;

    fn tag(&mut self, field: u64, kind: u64) {
        self.raw_varint(field << 3 | kind);
    }

    fn raw_varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn varint(mut self, field: u64, value: u64) -> Self {
        self.tag(field, Self::VARINT);
        self.raw_varint(value);
        self
    }

    fn double(mut self, field: u64, value: f64) -> Self {
        self.tag(field, Self::FIXED64);
        self.0.extend(value.to_le_bytes());
        self
    }

    fn float(mut self, field: u64, value: f32) -> Self {
        self.tag(field, Self::FIXED32);
        self.0.extend(value.to_le_bytes());
        self
    }

    fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        self.tag(field, Self::LENGTH);
        self.raw_varint(value.len() as u64);
        self.0.extend(value);
        self
    }
}

/// A TFRecord: length, its checksum, the data, its checksum.
fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let mut record = Vec::with_capacity(data.len() + 16);
    record.extend(length);
    record.extend(masked_crc(&length).to_le_bytes());
    record.extend(data);
    record.extend(masked_crc(data).to_le_bytes());
    record
}

/// CRC-32C, rotated and shifted so that a record may hold records.
fn masked_crc(data: &[u8]) -> u32 {
    crc32c::crc32c(data).rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::folder;
    use crate::run::{MetricSplit, MetricsWriter};

    /// CRC-32C bit by bit, after its definition.
    fn crc(data: &[u8]) -> u32 {
        let mut crc = !0u32;
        for byte in data {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { crc >> 1 ^ 0x82F6_3B78 } else { crc >> 1 };
            }
        }
        !crc
    }

    fn masked(data: &[u8]) -> u32 {
        let crc = u64::from(crc(data));
        // The two parts of the rotation have no bit in common.
        (((crc >> 15) + (crc << 17) + 0xa282_ead8) & 0xffff_ffff) as u32
    }

    #[derive(Debug, Clone, PartialEq)]
    enum Value {
        Number(u64),
        Double(f64),
        Float(f32),
        Bytes(Vec<u8>),
    }

    fn varint(data: &mut &[u8]) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = data[0];
            *data = &data[1..];
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return value;
            }
        }
    }

    fn take<'a>(data: &mut &'a [u8], length: usize) -> &'a [u8] {
        let (taken, rest) = data.split_at(length);
        *data = rest;
        taken
    }

    fn message(mut data: &[u8]) -> Vec<(u64, Value)> {
        let mut fields = Vec::new();
        while !data.is_empty() {
            let tag = varint(&mut data);
            let value = match tag & 7 {
                0 => Value::Number(varint(&mut data)),
                1 => Value::Double(f64::from_le_bytes(take(&mut data, 8).try_into().unwrap())),
                2 => {
                    let length = varint(&mut data) as usize;
                    Value::Bytes(take(&mut data, length).to_vec())
                }
                5 => Value::Float(f32::from_le_bytes(take(&mut data, 4).try_into().unwrap())),
                kind => panic!("wire type {kind}"),
            };
            fields.push((tag >> 3, value));
        }
        fields
    }

    fn events(path: &std::path::Path) -> Vec<Vec<(u64, Value)>> {
        let content = fs::read(path).unwrap();
        let mut data = &content[..];
        let mut events = Vec::new();
        while !data.is_empty() {
            let length = take(&mut data, 8);
            assert_eq!(take(&mut data, 4), masked(length).to_le_bytes());
            let body = take(&mut data, u64::from_le_bytes(length.try_into().unwrap()) as usize);
            assert_eq!(take(&mut data, 4), masked(body).to_le_bytes());
            events.push(message(body));
        }
        events
    }

    fn files(folder: &RunFolder) -> Vec<std::path::PathBuf> {
        let mut paths: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.file_name().unwrap().to_str().unwrap().starts_with(PREFIX));
        paths.sort();
        paths
    }

    #[test]
    fn an_independent_reader_finds_version_and_scalars() {
        let (_keep, folder) = folder("a");
        let mut writer = MetricsWriter::open(&folder, 1).unwrap();
        let row =
            writer.append(2, 300, MetricSplit::Train, &[("loss", 0.5), ("accuracy", f64::NAN)]).unwrap();
        let events = events(&files(&folder)[0]);
        assert_eq!(events.len(), 2);
        assert!(matches!(events[0][0], (1, Value::Double(time)) if (time - row.time).abs() < 60.0));
        assert_eq!(events[0][1], (3, Value::Bytes(b"brain.Event:2".to_vec())));
        assert_eq!(events[1][..2], [(1, Value::Double(row.time)), (2, Value::Number(300))]);
        let (5, Value::Bytes(summary)) = &events[1][2] else { panic!("no summary") };
        let scalars: Vec<_> = message(summary)
            .into_iter()
            .map(|(field, value)| match value {
                Value::Bytes(scalar) if field == 1 => message(&scalar),
                other => panic!("{other:?}"),
            })
            .collect();
        let loss = vec![(1, Value::Bytes(b"train/loss".to_vec())), (2, Value::Float(0.5))];
        assert_eq!(scalars[0], loss);
        assert!(matches!(scalars[1][1], (2, Value::Float(value)) if value.is_nan()));
    }

    #[test]
    fn a_resume_begins_a_later_file_that_purges_from_its_first_step() {
        let (_keep, folder) = folder("a");
        for next_step in [1, 5, 3] {
            let mut writer = MetricsWriter::open(&folder, next_step).unwrap();
            writer.append(1, next_step, MetricSplit::Train, &[("loss", 1.0)]).unwrap();
        }
        let files = files(&folder);
        assert_eq!(files.len(), 3);
        assert_eq!(events(&files[0]).len(), 2, "nothing to purge in a new run");
        for (file, step) in [(&files[1], 5), (&files[2], 3)] {
            let start = &events(file)[1];
            assert_eq!(start[1], (2, Value::Number(step)));
            assert_eq!(start[2], (7, Value::Bytes(vec![0x08, 0x01])));
        }
    }

    #[test]
    fn the_checksum_is_the_published_one() {
        // RFC 3720, B.4: 32 bytes of zeros.
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc(&[0; 32]), 0x8a91_36aa);
    }
}

//! A picture file becomes SIDE x SIDE grey levels: decoded, cut to the middle square, resized, then grey. EXIF
//! (rotation included) and alpha are ignored, as the published preparation ignored them.

use super::printable;
use super::resize::{Resizer, Window};
use super::shown::bytes;
use super::{DataError, PIXELS, SIDE};
use image::{DynamicImage, ImageDecoder, ImageReader};
use std::fs::{File, OpenOptions};
use std::io::{Cursor, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// More than any camera's picture; what claims more is a mistake or an attack on the memory.
const MOST_PIXELS: usize = 1 << 26;
const MOST_BYTES: u64 = 1 << 28;

/// What is known of a file without reading it; another stamp means that the file may have changed. The
/// change time is in it because a file may be replaced by one of equal size and modification time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp([i64; 5]);

impl Stamp {
    fn of(file: &std::fs::Metadata) -> Self {
        Self([file.size() as i64, file.mtime(), file.mtime_nsec(), file.ctime(), file.ctime_nsec()])
    }

    /// The stamp of the file that the path leads to, links followed; none where there is no such file.
    pub fn at(path: &Path) -> Option<Self> {
        std::fs::metadata(path).ok().map(|file| Self::of(&file))
    }

    pub(super) fn bytes(self) -> [u8; 40] {
        let mut all = [0; 40];
        for (to, part) in all.chunks_exact_mut(8).zip(self.0) {
            to.copy_from_slice(&part.to_le_bytes());
        }
        all
    }
}

/// Reads pictures one after the other, with buffers that are kept.
#[derive(Default)]
pub(super) struct PictureReader {
    file: Vec<u8>,
    samples: Vec<u8>,
    resizer: Resizer,
}

/// A decoded picture whose samples lie in the reader's buffer.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub width: usize,
    pub height: usize,
    /// 1: grey; 3: red, green, blue.
    pub channels: usize,
}

impl PictureReader {
    /// Writes the picture's PIXELS grey levels, rows first, to `out`, which must be that long. The stamp is of
    /// the file that was read; the error is a reason without the path.
    pub fn read(&mut self, path: &Path, out: &mut [u8]) -> (Option<Stamp>, Result<(), String>) {
        let (file, stamp) = match open(path) {
            Ok(opened) => opened,
            Err((stamp, reason)) => return (stamp, Err(reason)),
        };
        let grey = self.slurp(file, stamp).and_then(|()| self.decode()).map(|shape| self.grey(shape, out));
        (Some(stamp), grey)
    }

    /// Decodes the whole picture as it is; its samples are in [`PictureReader::samples`] then. Stamp and error as in
    /// [`PictureReader::read`].
    pub fn read_whole(&mut self, path: &Path) -> (Option<Stamp>, Result<Shape, String>) {
        match open(path) {
            Ok((file, stamp)) => (Some(stamp), self.slurp(file, stamp).and_then(|()| self.decode())),
            Err((stamp, reason)) => (stamp, Err(reason)),
        }
    }

    /// Of the picture that was read last, rows first.
    pub fn samples(&self) -> &[u8] {
        &self.samples
    }

    fn slurp(&mut self, file: File, stamp: Stamp) -> Result<(), String> {
        let size = stamp.0[0] as u64;
        if size == 0 {
            return Err("the file is empty".into());
        }
        if size > MOST_BYTES {
            return Err(format!("the file is too large for a picture ({})", bytes(size)));
        }
        self.file.clear();
        self.file.reserve(size as usize);
        // Not to the end: one call less for each file, and one that grows meanwhile has another stamp.
        file.take(size).read_to_end(&mut self.file).map_err(|error| format!("cannot be read: {error}"))?;
        Ok(())
    }

    fn decode(&mut self) -> Result<Shape, String> {
        let Self { file, samples, .. } = self;
        // A decoder's own mistakes on a strange file must cost one picture, not the program.
        std::panic::catch_unwind(AssertUnwindSafe(|| {
            if file.starts_with(&[0xff, 0xd8]) { jpeg(file, samples) } else { png(file, samples) }
        }))
        .unwrap_or_else(|_| Err("the decoder gave up on this file".into()))
    }

    fn grey(&mut self, shape: Shape, out: &mut [u8]) {
        let Shape { width, height, channels } = shape;
        let side = width.min(height);
        let start = ((height - side) / 2 * width + (width - side) / 2) * channels;
        let window = Window { samples: &self.samples, stride: width * channels, start, side };
        match (channels, (width, height) == (SIDE, SIDE)) {
            (1, true) => out.copy_from_slice(&self.samples[..PIXELS]),
            (1, false) => self.resizer.square::<1>(&window, out),
            (_, true) => luma(&self.samples[..PIXELS * 3], out),
            (_, false) => {
                let mut square = [0; PIXELS * 3];
                self.resizer.square::<3>(&window, &mut square);
                luma(&square, out);
            }
        }
    }
}

/// Reads one picture as SIDE * SIDE grey levels, rows first: cut to the middle square, resized to SIDE with
/// Pillow's antialiased BILINEAR, then Pillow's L.
pub fn read_picture(path: &Path) -> Result<Vec<u8>, DataError> {
    let mut out = vec![0; PIXELS];
    match PictureReader::default().read(path, &mut out).1 {
        Ok(()) => Ok(out),
        Err(reason) => Err(DataError::Picture { path: path.into(), reason }),
    }
}

/// Opens a regular file; a pipe or a device must not block or fill the memory.
fn open(path: &Path) -> Result<(File, Stamp), (Option<Stamp>, String)> {
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    let cannot = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_string(),
        _ => format!("cannot be opened: {error}"),
    };
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(nonblocking)
        .open(path)
        .map_err(|error| (Stamp::at(path), cannot(error)))?;
    let metadata = file.metadata().map_err(|error| (None, cannot(error)))?;
    let stamp = Stamp::of(&metadata);
    match metadata.is_file() {
        true => Ok((file, stamp)),
        false => Err((Some(stamp), "this is not a file".into())),
    }
}

/// Pillow's L, to the bit: ITU-R 601-2 weights in 16-bit fixed point.
fn luma(rgb: &[u8], out: &mut [u8]) {
    for (to, pixel) in out.iter_mut().zip(rgb.chunks_exact(3)) {
        let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
        *to = ((19595 * r + 38470 * g + 7471 * b + 32768) >> 16) as u8;
    }
}

fn sized(width: usize, height: usize) -> Result<(), String> {
    if width == 0 || height == 0 {
        return Err("the picture has no pixels".into());
    }
    match width.checked_mul(height) {
        Some(pixels) if pixels <= MOST_PIXELS => Ok(()),
        _ => Err(format!("{width} x {height} pixels are too many; the most is {MOST_PIXELS}")),
    }
}

fn jpeg(file: &[u8], samples: &mut Vec<u8>) -> Result<Shape, String> {
    let wrong = |error: zune_jpeg::errors::DecodeErrors| {
        format!("not a JPG that can be decoded: {}", printable(&error.to_string()))
    };
    // The decoder fills what is missing with grey; a network would learn that.
    if !is_complete(file) {
        return Err("the JPG is cut off before its end".into());
    }
    let options = DecoderOptions::default().set_max_width(MOST_PIXELS).set_max_height(MOST_PIXELS);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(wrong)?;
    let (width, height) = decoder.dimensions().ok_or("the JPG names no size")?;
    sized(width, height)?;
    let (space, channels) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (ColorSpace::Luma, 1),
        _ => (ColorSpace::RGB, 3),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(space));
    samples.clear();
    samples.resize(width * height * channels, 0);
    decoder.decode_into(samples).map_err(wrong)?;
    Ok(Shape { width, height, channels })
}

/// Whether an end marker stands somewhere behind the header of the first scan. Within a scan it cannot stand
/// by chance; before it (in an embedded preview) it can, so the segments are stepped over.
fn is_complete(file: &[u8]) -> bool {
    const SCAN: u8 = 0xda;
    let mut rest = file.get(2..).unwrap_or_default();
    loop {
        // Fill bytes and stray bytes between segments are stepped over as decoders do.
        let Some(at) = rest.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff))
        else {
            return false;
        };
        let marker = rest[at + 1];
        rest = &rest[at + 2..];
        if matches!(marker, 0x01 | 0xd0..=0xd8) {
            continue;
        }
        let [high, low, ..] = *rest else { return false };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let Some(next) = rest.get(length.max(2)..) else { return false };
        rest = next;
        if marker == SCAN {
            return rest.windows(2).rev().any(|pair| pair == [0xff, 0xd9]);
        }
    }
}

fn png(file: &[u8], samples: &mut Vec<u8>) -> Result<Shape, String> {
    let not_a_picture = "neither a JPG nor a PNG".to_string();
    let reader =
        ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|_| not_a_picture.clone())?;
    if reader.format() != Some(image::ImageFormat::Png) {
        return Err(not_a_picture);
    }
    let wrong = |error: image::ImageError| {
        format!("not a PNG that can be decoded: {}", printable(&error.to_string()))
    };
    let decoder = reader.into_decoder().map_err(wrong)?;
    let (width, height) = decoder.dimensions();
    let (width, height) = (width as usize, height as usize);
    sized(width, height)?;
    let picture = DynamicImage::from_decoder(decoder).map_err(wrong)?;
    samples.clear();
    let channels = match &picture {
        DynamicImage::ImageLuma8(grey) => keep::<1, 1>(grey, samples),
        DynamicImage::ImageLumaA8(grey) => keep::<2, 1>(grey, samples),
        DynamicImage::ImageRgb8(rgb) => keep::<3, 3>(rgb, samples),
        DynamicImage::ImageRgba8(rgba) => keep::<4, 3>(rgba, samples),
        DynamicImage::ImageLuma16(grey) => keep_high::<1, 1>(grey, samples),
        DynamicImage::ImageLumaA16(grey) => keep_high::<2, 1>(grey, samples),
        DynamicImage::ImageRgb16(rgb) => keep_high::<3, 3>(rgb, samples),
        DynamicImage::ImageRgba16(rgba) => keep_high::<4, 3>(rgba, samples),
        _ => return Err("the PNG's samples are of an unknown kind".into()),
    };
    Ok(Shape { width, height, channels })
}

/// Of each pixel's `FROM` samples, the first `TO`; alpha stands behind the colours.
fn keep<const FROM: usize, const TO: usize>(from: &[u8], to: &mut Vec<u8>) -> usize {
    to.extend(from.chunks_exact(FROM).flat_map(|pixel| &pixel[..TO]));
    TO
}

/// As [`keep`] for 16-bit samples, of which Pillow takes the high byte.
fn keep_high<const FROM: usize, const TO: usize>(from: &[u16], to: &mut Vec<u8>) -> usize {
    to.extend(from.chunks_exact(FROM).flat_map(|pixel| &pixel[..TO]).map(|sample| (sample >> 8) as u8));
    TO
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;

//! A picture as people look at it: whole and in its colours, where a network sees a grey square.

use super::decode::{PictureReader, Shape, Stamp};
use super::{DataError, SIDE};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use std::path::Path;

/// Grey levels or red, green and blue, rows first.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    width: usize,
    height: usize,
    /// 1: grey; 3: red, green, blue.
    channels: usize,
    samples: Vec<u8>,
}

impl Photo {
    /// Reads a picture; a side that is longer than `most` pixels is brought down to that, and the other with it.
    pub fn read(path: &Path, most: usize) -> Result<Self, DataError> {
        Self::read_stamped(path, most).1
    }

    /// As [`Photo::read`], with the stamp of the file that was read.
    pub fn read_stamped(path: &Path, most: usize) -> (Option<Stamp>, Result<Self, DataError>) {
        let mut reader = PictureReader::default();
        let (stamp, shape) = reader.read_whole(path);
        let photo = shape.map(|Shape { width, height, channels }| {
            let (to_width, to_height) = within(width, height, most);
            let samples = averaged(reader.samples(), (width, height), (to_width, to_height), channels);
            Self { width: to_width, height: to_height, channels, samples }.without_equal_channels()
        });
        (stamp, photo.map_err(|reason| DataError::Picture { path: path.into(), reason }))
    }

    /// A picture of a pack: SIDE * SIDE grey levels.
    pub fn from_grey(levels: &[u8]) -> Self {
        let mut samples = levels.to_vec();
        samples.resize(SIDE * SIDE, 0);
        Self { width: SIDE, height: SIDE, channels: 1, samples }
    }

    /// A picture of `width` columns of red, green and blue, as a heat map over a face is; rows that are not whole are
    /// left out. `None` where nothing is left.
    pub fn from_rgb(width: usize, samples: &[u8]) -> Option<Self> {
        let row = width.checked_mul(3).filter(|row| *row > 0)?;
        let height = samples.len() / row;
        (height > 0).then(|| Self { width, height, channels: 3, samples: samples[..height * row].to_vec() })
    }

    /// In pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// In pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Red, green and blue of a pixel within the picture.
    pub fn rgb(&self, x: usize, y: usize) -> [u8; 3] {
        let at = (y * self.width + x) * self.channels;
        match self.samples[at..at + self.channels] {
            [red, green, blue] => [red, green, blue],
            _ => [self.samples[at]; 3],
        }
    }

    /// The picture in another size, each pixel the mean of the area below it; at least one pixel.
    pub fn resized(&self, width: usize, height: usize) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        let samples = averaged(&self.samples, (self.width, self.height), (width, height), self.channels);
        Self { width, height, channels: self.channels, samples }
    }

    /// As the `image` crate has it.
    pub fn to_image(&self) -> image::DynamicImage {
        let buffer = image::RgbImage::from_fn(self.width as u32, self.height as u32, |x, y| {
            image::Rgb(self.rgb(x as usize, y as usize))
        });
        buffer.into()
    }

    /// As a PNG for slow lines: colours have 64 levels, which hardly shows and is a third smaller; grey keeps all.
    pub fn png(&self) -> Vec<u8> {
        let mut png = Vec::new();
        let coarse: Vec<u8>;
        let samples = match self.channels {
            1 => &self.samples,
            _ => {
                coarse = self.samples.iter().map(|sample| sample & 0xfc | 2).collect();
                &coarse
            }
        };
        let colour = if self.channels == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
        let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::Adaptive);
        let written = encoder.write_image(samples, self.width as u32, self.height as u32, colour);
        // Memory takes all that is written to it; what fails all the same is no picture.
        written.map(|()| png).unwrap_or_default()
    }

    /// How much memory its pixels take.
    pub fn bytes(&self) -> usize {
        self.samples.len()
    }

    /// Grey in three channels is grey in one.
    fn without_equal_channels(self) -> Self {
        let is_grey =
            self.channels == 3 && self.samples.chunks_exact(3).all(|p| p[0] == p[1] && p[1] == p[2]);
        if !is_grey {
            return self;
        }
        let samples = self.samples.iter().copied().step_by(3).collect();
        Self { channels: 1, samples, ..self }
    }
}

impl std::fmt::Debug for Photo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Photo({} x {}, {} channels)", self.width, self.height, self.channels)
    }
}

/// The largest size with both sides at most `most` and in their proportion.
fn within(width: usize, height: usize, most: usize) -> (usize, usize) {
    let longest = width.max(height);
    if longest <= most {
        return (width, height);
    }
    let shorter = |side: usize| (side as f64 * most as f64 / longest as f64).round().max(1.0) as usize;
    (shorter(width), shorter(height))
}

/// Each sample of the result is the mean of the area that it covers.
fn averaged(samples: &[u8], from: (usize, usize), to: (usize, usize), channels: usize) -> Vec<u8> {
    if from == to {
        return samples[..to.0 * to.1 * channels].to_vec();
    }
    let (columns, rows) = (spans(from.0, to.0), spans(from.1, to.1));
    let mut result = Vec::with_capacity(to.0 * to.1 * channels);
    let mut sums = vec![0.0; to.0 * channels];
    for row in &rows {
        sums.fill(0.0);
        for (y, share) in row.parts() {
            let line = &samples[y * from.0 * channels..][..from.0 * channels];
            for (sums, column) in sums.chunks_exact_mut(channels).zip(&columns) {
                for (x, part) in column.parts() {
                    for (sum, sample) in sums.iter_mut().zip(&line[x * channels..]) {
                        *sum += share * part * f32::from(*sample);
                    }
                }
            }
        }
        result.extend(sums.iter().map(|sum| (sum + 0.5) as u8));
    }
    result
}

/// The samples that one sample of the result covers: all of those between the first and the last, and parts of these.
struct Span {
    first: usize,
    last: usize,
    of_first: f32,
    of_last: f32,
    whole: f32,
}

impl Span {
    fn parts(&self) -> impl Iterator<Item = (usize, f32)> + '_ {
        (self.first..=self.last).map(|at| {
            let share = match at {
                at if at == self.first => self.of_first,
                at if at == self.last => self.of_last,
                _ => self.whole,
            };
            (at, share)
        })
    }
}

fn spans(from: usize, to: usize) -> Vec<Span> {
    let length = from as f64 / to as f64;
    let span = |i: usize| {
        let (start, end) = (i as f64 * length, (i + 1) as f64 * length);
        let first = (start as usize).min(from - 1);
        let last = ((end - 1e-9).ceil() as usize).saturating_sub(1).clamp(first, from - 1);
        let of_first = (end.min((first + 1) as f64) - start) / length;
        let of_last = (end - last as f64) / length;
        let of_first = if first == last { 1.0 } else { of_first };
        Span { first, last, of_first: of_first as f32, of_last: of_last as f32, whole: (1.0 / length) as f32 }
    };
    (0..to).map(span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient(width: usize, height: usize) -> Photo {
        let samples: Vec<u8> = (0..width * height)
            .flat_map(|i| [(i % width * 255 / width) as u8, (i / width * 255 / height) as u8, 40])
            .collect();
        Photo::from_rgb(width, &samples).unwrap()
    }

    fn saved(photo: &Photo) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        std::fs::write(&path, photo.png()).unwrap();
        (folder, path)
    }

    #[test]
    fn a_picture_keeps_its_shape_and_its_colours() {
        let photo = gradient(30, 20);
        let (_folder, path) = saved(&photo);
        let read = Photo::read(&path, 128).unwrap();
        let differ = read.samples.iter().zip(&photo.samples).map(|(a, b)| a.abs_diff(*b)).max();
        assert!((read.width(), read.height()) == (30, 20) && differ <= Some(2), "{differ:?}");
        let small = Photo::read(&path, 15).unwrap();
        assert_eq!((small.width(), small.height()), (15, 10));
        let [red, green, blue] = small.rgb(7, 5);
        assert!((115..=129).contains(&red) && (126..=141).contains(&green) && blue.abs_diff(40) <= 2);
        let line = Photo::read(&saved(&gradient(3000, 1)).1, 128).unwrap();
        assert_eq!((line.width(), line.height()), (128, 1));
    }

    #[test]
    fn a_mean_is_exact_and_a_flat_picture_stays_flat() {
        let photo = Photo::from_rgb(2, &[0, 0, 0, 100, 50, 200, 100, 50, 200, 0, 0, 0]).unwrap();
        assert_eq!(photo.resized(1, 1).rgb(0, 0), [50, 25, 100]);
        let flat = Photo::from_grey(&[77; SIDE * SIDE]);
        for (width, height) in [(1, 1), (28, 28), (63, 65), (200, 7)] {
            let resized = flat.resized(width, height);
            assert!(
                (0..height).all(|y| (0..width).all(|x| resized.rgb(x, y) == [77; 3])),
                "{width} x {height}"
            );
        }
    }

    #[test]
    fn grey_is_sent_as_grey() {
        let grey: Vec<u8> = (0..64 * 64).flat_map(|i| [(i * 7 % 251) as u8; 3]).collect();
        let in_colours = Photo::from_rgb(64, &grey).unwrap();
        let (_folder, path) = saved(&in_colours);
        let read = Photo::read(&path, 64).unwrap();
        assert!(read.bytes() == 64 * 64 && read.png().len() < in_colours.png().len());
        assert_eq!(read.rgb(0, 0), [2; 3]);
    }

    #[test]
    fn what_is_no_picture_is_a_sentence_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let torn = folder.path().join("torn.png");
        let png = gradient(64, 64).png();
        std::fs::write(&torn, &png[..png.len() / 2]).unwrap();
        let huge = folder.path().join("huge.png");
        let mut header = png.clone();
        // Width and height of the header chunk; its checksum is then wrong, too.
        header[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
        std::fs::write(&huge, header).unwrap();
        for path in [torn, huge, folder.path().into(), folder.path().join("none.png"), "/dev/zero".into()] {
            let error = Photo::read(&path, 128).unwrap_err().to_string();
            assert!(error.starts_with(path.to_str().unwrap()) && !error.contains('\n'), "{error}");
        }
    }
}

use super::*;
use image::{GrayImage, ImageBuffer, Luma, Rgb, RgbImage, Rgba};
use std::path::PathBuf;

/// A pattern without symmetry, that the reference numbers were made from too.
fn level(x: u32, y: u32, channel: u32) -> u8 {
    ((x * 7 + y * 13 + channel * 61 + (x * y) % 31 * 5) % 256) as u8
}

fn colours(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| Rgb([0, 1, 2].map(|channel| level(x, y, channel))))
}

fn greys(width: u32, height: u32) -> GrayImage {
    GrayImage::from_fn(width, height, |x, y| Luma([level(x, y, 0)]))
}

fn hash(pixels: &[u8]) -> u64 {
    pixels.iter().fold(0, |sum: u64, v| sum.wrapping_mul(31).wrapping_add(u64::from(*v)))
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn reason(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.write(name, bytes);
        let sentence = read_picture(&path).unwrap_err().to_string();
        assert!(sentence.starts_with(&path.display().to_string()), "{sentence}");
        sentence
    }
}

fn encoded(picture: impl Into<DynamicImage>, format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn a_jpeg() -> Vec<u8> {
    encoded(colours(64, 64), image::ImageFormat::Jpeg)
}

#[test]
fn crop_resize_and_grey_are_pillows_to_the_bit() {
    // Pillow 13: crop the middle square, resize((64, 64), BILINEAR), convert("L").
    let expected = [
        (64, 64, 3246693955611965794, 8793570419383379407),
        (100, 80, 6655146959562925538, 1824087660129784770),
        (40, 48, 1182074905213626221, 7937175911652252461),
        (201, 131, 5126990062369390194, 14807698711541203725),
        (1, 1, 7120391302418661376, 0),
        (65, 64, 3246693955611965794, 8793570419383379407),
        (640, 480, 1325164259171750729, 15484657883953418011),
        (37, 500, 14820174814862397300, 11758150315136198303),
    ];
    let folder = Folder::new();
    for (width, height, colour, grey) in expected {
        let path = folder.write("a.png", &encoded(colours(width, height), image::ImageFormat::Png));
        assert_eq!(hash(&read_picture(&path).unwrap()), colour, "{width} x {height} in colour");
        let path = folder.write("b.png", &encoded(greys(width, height), image::ImageFormat::Png));
        assert_eq!(hash(&read_picture(&path).unwrap()), grey, "{width} x {height} in grey");
    }
}

#[test]
fn one_reader_reads_pictures_of_all_sizes_and_failures_in_turn() {
    let folder = Folder::new();
    let paths = [(100, 80), (64, 64), (40, 48), (100, 80)]
        .map(|(w, h)| folder.write(&format!("{w}.png"), &encoded(colours(w, h), image::ImageFormat::Png)));
    let broken = folder.write("broken.jpg", &a_jpeg()[..300]);
    let mut reader = PictureReader::default();
    for path in paths {
        let mut out = vec![0; PIXELS];
        assert!(reader.read(&path, &mut out).1.is_ok());
        assert_eq!(out, read_picture(&path).unwrap());
        assert!(reader.read(&broken, &mut out).1.is_err());
    }
}

#[test]
fn alpha_is_ignored_and_of_16_bits_the_high_ones_are_taken() {
    let folder = Folder::new();
    let plain =
        read_picture(&folder.write("a.png", &encoded(colours(64, 64), image::ImageFormat::Png))).unwrap();
    let clear = ImageBuffer::from_fn(64, 64, |x, y| {
        Rgba([level(x, y, 0), level(x, y, 1), level(x, y, 2), (x * 4) as u8])
    });
    let path = folder.write("b.png", &encoded(clear, image::ImageFormat::Png));
    assert_eq!(read_picture(&path).unwrap(), plain);
    let deep = ImageBuffer::from_fn(64, 64, |x, y| {
        Rgb([0, 1, 2].map(|channel| u16::from(level(x, y, channel)) << 8 | 0xf0))
    });
    let path = folder.write("c.png", &encoded(deep, image::ImageFormat::Png));
    assert_eq!(read_picture(&path).unwrap(), plain);
}

#[test]
fn a_grey_jpeg_stays_grey_and_a_colour_jpeg_becomes_pillows_l() {
    let folder = Folder::new();
    let flat = |picture: DynamicImage| {
        let path = folder.write("a.jpg", &encoded(picture, image::ImageFormat::Jpeg));
        read_picture(&path).unwrap()
    };
    let grey = flat(GrayImage::from_pixel(64, 64, Luma([93])).into());
    assert!(grey.iter().all(|v| v.abs_diff(93) <= 1), "{:?}", &grey[..4]);
    // The ITU-R 709 grey of the image crate would be 130.
    let orange = flat(RgbImage::from_pixel(64, 64, Rgb([230, 110, 30])).into());
    assert!(orange.iter().all(|v| v.abs_diff(137) <= 1), "{:?}", &orange[..4]);
}

#[test]
fn what_is_no_whole_picture_is_refused_with_a_reason() {
    let folder = Folder::new();
    assert!(folder.reason("empty.jpg", b"").contains("the file is empty"));
    assert!(folder.reason("text.jpg", b"this is no picture\n").contains("neither a JPG nor a PNG"));
    let whole = a_jpeg();
    for end in [2, 10, 300, whole.len() / 2, whole.len() - 20, whole.len() - 2] {
        let reason = folder.reason("cut.jpg", &whole[..end]);
        assert!(reason.contains("cut off"), "{end}: {reason}");
    }
    let png = encoded(colours(64, 64), image::ImageFormat::Png);
    assert!(folder.reason("cut.png", &png[..png.len() / 2]).contains("not a PNG that can be decoded"));
    let mut garbage = whole.clone();
    garbage[2..200].fill(0x55);
    assert!(read_picture(&folder.write("garbage.jpg", &garbage)).is_err());
}

#[test]
fn the_end_of_an_embedded_preview_does_not_make_a_cut_jpeg_whole() {
    let whole = a_jpeg();
    let preview =
        [&[0xff, 0xd8][..], &[0xff, 0xe1, 0, 8, 0xff, 0xd8, 0xff, 0xd9, 0, 0], &whole[2..]].concat();
    let folder = Folder::new();
    assert!(read_picture(&folder.write("a.jpg", &preview)).is_ok());
    assert!(folder.reason("b.jpg", &preview[..preview.len() - 40]).contains("cut off"));
}

#[test]
fn bytes_behind_the_end_of_a_jpeg_do_no_harm() {
    let folder = Folder::new();
    let plain = read_picture(&folder.write("a.jpg", &a_jpeg())).unwrap();
    let longer = [a_jpeg(), b"trailing bytes".to_vec()].concat();
    assert_eq!(read_picture(&folder.write("b.jpg", &longer)).unwrap(), plain);
}

#[test]
fn a_picture_that_claims_an_absurd_size_is_refused_before_memory_is_taken() {
    let folder = Folder::new();
    let mut jpeg = a_jpeg();
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].fill(0xff);
    assert!(folder.reason("bomb.jpg", &jpeg).contains("65535 x 65535 pixels are too many"));
    let mut png = encoded(colours(64, 64), image::ImageFormat::Png);
    png[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let checksum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&checksum.to_be_bytes());
    assert!(folder.reason("bomb.png", &png).contains("60000 x 60000 pixels are too many"));
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[test]
fn folders_pipes_and_missing_files_are_refused_without_waiting() {
    let folder = Folder::new();
    let refused = |path: &Path| read_picture(path).unwrap_err().to_string();
    assert!(refused(folder.0.path()).contains("this is not a file"));
    assert!(refused(&folder.0.path().join("gone.jpg")).contains("there is no such file"));
    let pipe = folder.0.path().join("pipe.jpg");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    assert!(refused(&pipe).contains("this is not a file"));
}

#[test]
fn no_byte_that_is_changed_can_make_the_reader_panic() {
    let whole = a_jpeg();
    let folder = Folder::new();
    let mut draws = crate::data::Draws::new(&[1]);
    for _ in 0..300 {
        let mut bytes = whole.clone();
        for _ in 0..1 + draws.below(8) {
            let at = draws.below(bytes.len());
            bytes[at] = draws.bits() as u8;
        }
        // Whether it can be decoded or not: an answer, never a panic.
        let _ = read_picture(&folder.write("a.jpg", &bytes));
    }
}

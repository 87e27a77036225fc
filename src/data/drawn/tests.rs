use super::*;

/// Writes a sheet of faces, a row for each class, for people to look at: run with `--ignored`.
#[test]
#[ignore = "writes a picture for people to look at"]
fn a_sheet_of_faces() {
    const COLUMNS: usize = 16;
    let mut sheet = image::GrayImage::new((COLUMNS * SIDE) as u32, (6 * SIDE) as u32);
    for emotion in Emotion::ALL {
        for column in 0..COLUMNS {
            let face = face::draw(emotion, &[42, 0, emotion.index() as u64, column as u64]);
            for (i, level) in face.pixels.iter().enumerate() {
                let (x, y) = (column * SIDE + i % SIDE, emotion.index() * SIDE + i / SIDE);
                sheet.put_pixel(x as u32, y as u32, image::Luma([*level]));
            }
        }
    }
    let path = std::env::temp_dir().join("mien-faces.png");
    image::imageops::resize(
        &sheet,
        sheet.width() * 3 / 2,
        sheet.height() * 3 / 2,
        image::imageops::FilterType::Nearest,
    )
    .save(path)
    .unwrap();
}

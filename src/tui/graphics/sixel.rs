//! Sixels, by ratatui-image: pixels are sent as they are to be seen, so the picture is scaled first. It takes
//! milliseconds, and is done beside the loop.

use crate::data::Photo;
use image::imageops::FilterType;
use ratatui::layout::Size;
use ratatui_image::protocol::sixel::Sixel;

/// Draws the picture over so many columns and rows of cells of this size from where the cursor is. `None` where it cannot
/// be encoded.
pub(crate) fn encode(photo: &Photo, (columns, rows): (u16, u16), cell: (u16, u16)) -> Option<Vec<u8>> {
    let (width, height) = (u32::from(columns) * u32::from(cell.0), u32::from(rows) * u32::from(cell.1));
    let picture = photo.to_image().resize_exact(width, height, FilterType::Triangle);
    // tmux that knows sixels takes them for itself, so that nothing is to be wrapped.
    let sixel = Sixel::new(picture, Size { width: columns, height: rows }, false).ok()?;
    Some(sixel.data.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_encoded_in_the_size_of_its_cells() {
        let photo = Photo::from_grey(&[120; 64 * 64]);
        let sixel = String::from_utf8(encode(&photo, (8, 4), (10, 20)).unwrap()).unwrap();
        assert!(sixel.contains("\x1bP") && sixel.ends_with("\x1b\\"), "{sixel:?}");
        assert!(sixel.contains(";80;80"), "its raster attributes: {sixel:?}");
    }
}

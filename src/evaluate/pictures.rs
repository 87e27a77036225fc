//! Which files are pictures to be scored, and in which order.

use crate::data::Skipped;
use std::cmp::Ordering;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// The pictures that files and folders stand for: a file is taken as it is, a folder for every png, jpg and jpeg
/// below it in natural order (`2.jpg` before `10.jpg`), hidden ones left out. Paths begin as they were given. Second:
/// what could not be looked at.
///
/// # Errors
/// A path that is not there.
pub fn pictures_under(paths: &[PathBuf]) -> Result<(Vec<PathBuf>, Vec<Skipped>), Skipped> {
    let mut pictures = Vec::new();
    let mut skipped = Vec::new();
    for path in paths {
        match std::fs::metadata(path) {
            Err(error) => {
                return Err(Skipped { path: path.clone(), reason: format!("cannot be read: {error}") });
            }
            Ok(kind) if kind.is_dir() => walk(path, &mut pictures, &mut skipped),
            Ok(_) => pictures.push(path.clone()),
        }
    }
    Ok((pictures, skipped))
}

fn walk(folder: &Path, pictures: &mut Vec<PathBuf>, skipped: &mut Vec<Skipped>) {
    let by_name = |a: &walkdir::DirEntry, b: &walkdir::DirEntry| natural(a.file_name(), b.file_name());
    let hidden = |name: &OsStr| name.as_encoded_bytes().starts_with(b".");
    // The folder itself may be called `.` or `.cache`: it was asked for.
    let walk = WalkDir::new(folder).min_depth(1).follow_links(true).sort_by(by_name).into_iter();
    for entry in walk.filter_entry(|entry| !hidden(entry.file_name())) {
        match entry {
            Ok(entry) if entry.file_type().is_file() && is_picture(entry.path()) => {
                pictures.push(entry.into_path());
            }
            Ok(_) => {}
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_path_buf();
                let reason = match error.io_error() {
                    Some(error) => format!("cannot be looked at: {error}"),
                    None => "it is a link to a folder above it".into(),
                };
                skipped.push(Skipped { path, reason });
            }
        }
    }
}

fn is_picture(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    ["png", "jpg", "jpeg"].contains(&ending.as_str())
}

/// Numbers inside names compare as numbers; of names equal in that sense (`1`, `01`) the bytes decide.
fn natural(a: &OsStr, b: &OsStr) -> Ordering {
    let (mut left, mut right) = (a.as_encoded_bytes(), b.as_encoded_bytes());
    while let ([x, ..], [y, ..]) = (left, right) {
        let order = if x.is_ascii_digit() && y.is_ascii_digit() {
            let (first, second) = (number(&mut left), number(&mut right));
            first.len().cmp(&second.len()).then_with(|| first.cmp(second))
        } else {
            (left, right) = (&left[1..], &right[1..]);
            x.cmp(y)
        };
        if order.is_ne() {
            return order;
        }
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

/// Takes the digits in front, and gives them without leading zeros.
fn number<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(length);
    *text = rest;
    let zeros = digits.iter().take_while(|byte| **byte == b'0').count();
    &digits[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = ["b1", "a10", "a2", "a02", "a", "a2b", "a100000000000000000000000000"];
        names.sort_by(|a, b| natural(OsStr::new(a), OsStr::new(b)));
        assert_eq!(names, ["a", "a02", "a2", "a2b", "a10", "a100000000000000000000000000", "b1"]);
    }

    #[test]
    fn a_folder_stands_for_its_pictures_and_a_file_for_itself() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for sub in ["faces/10", "faces/9", "faces/.hidden"] {
            std::fs::create_dir_all(at(sub)).unwrap();
        }
        for file in
            ["faces/10/a.jpg", "faces/9/b.PNG", "faces/9/notes.txt", "faces/.hidden/c.jpg", "faces/z.jpeg"]
        {
            std::fs::write(at(file), "").unwrap();
        }
        std::fs::write(at("any.thing"), "").unwrap();
        let (pictures, skipped) = pictures_under(&[at("any.thing"), at("faces")]).unwrap();
        let expected = ["any.thing", "faces/9/b.PNG", "faces/10/a.jpg", "faces/z.jpeg"].map(at);
        assert_eq!(pictures, expected);
        assert!(skipped.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_a_circle_is_skipped_by_name() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("circle")).unwrap();
        let (pictures, skipped) = pictures_under(&[folder.path().into()]).unwrap();
        assert!(pictures.is_empty());
        assert!(skipped[0].path.ends_with("circle"), "{skipped:?}");
    }

    #[test]
    fn a_path_that_is_not_there_is_refused() {
        let error = pictures_under(&["/nowhere/face.jpg".into()]).unwrap_err();
        assert_eq!(error.path, Path::new("/nowhere/face.jpg"));
    }
}

use super::{Label, Layout, Picture};
use crate::data::Split;
use crate::emotion::Emotion;

/// A folder for each class, within folders for the splits or without.
pub(super) const LAYOUT: Layout = Layout {
    name: "class folders",
    about: "pictures in folders named after their class (happy/a.jpg, train/anger/b.png, test/fear/c.jpg)",
    label,
};

/// The nearest folder that names a class. Folders named by digits are not taken: published sets number the
/// classes differently (RAF-DB's 1 is surprise, its 4 happiness).
fn label(picture: &Picture) -> Label {
    let folders = picture.path.parent().into_iter().flat_map(|folder| folder.components());
    let names: Vec<String> =
        folders.map(|folder| folder.as_os_str().to_string_lossy().into_owned()).collect();
    let is_digits = |name: &str| name.trim().bytes().all(|byte| byte.is_ascii_digit());
    let class = |name: &String| if is_digits(name) { None } else { Emotion::parse(name) };
    match (names.iter().rev().find_map(class), names.last()) {
        (Some(emotion), _) => Label::Known(emotion),
        (None, Some(name)) if Split::parse(name).is_none() => Label::Unknown(name.clone()),
        _ => Label::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label_of(path: &str) -> Label {
        label(&Picture { path: path.into(), split: None })
    }

    #[test]
    fn the_nearest_folder_that_names_a_class_is_the_label() {
        assert_eq!(label_of("happy/a.jpg"), Label::Known(Emotion::Happiness));
        assert_eq!(label_of("DATASET/train/Anger/person 7/a_4.jpg"), Label::Known(Emotion::Anger));
        assert_eq!(label_of("train/neutral/a.jpg"), Label::Unknown("neutral".into()));
        assert_eq!(label_of("train/a.jpg"), Label::None);
        assert_eq!(label_of("a.jpg"), Label::None);
    }

    #[test]
    fn a_folder_named_by_a_digit_is_no_class() {
        assert_eq!(label_of("train/1/a.jpg"), Label::Unknown("1".into()));
    }
}

use super::{Label, Layout, Picture};
use crate::emotion::Emotion;

/// The label is the end of the file's name.
pub(super) const LAYOUT: Layout = Layout {
    name: "name suffix",
    about: "names that end in the class (17_0.jpg is happiness, 0 to 5 in the order happiness, surprise, \
            sadness, anger, disgust, fear; or 17_anger.jpg), with or without train, valid and test folders",
    label,
};

/// What stands behind the last underscore: a class's index or its name. Long numbers (`test_0001.jpg`) are
/// numbers of pictures, not of classes.
fn label(picture: &Picture) -> Label {
    let stem = picture.path.file_stem().unwrap_or_default().to_string_lossy();
    match stem.rsplit_once('_') {
        None => Label::None,
        Some((_, end)) if end.len() > 1 && end.bytes().all(|byte| byte.is_ascii_digit()) => Label::None,
        Some((_, end)) => match Emotion::parse(end) {
            Some(emotion) => Label::Known(emotion),
            None => Label::Unknown(end.into()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label_of(path: &str) -> Label {
        label(&Picture { path: path.into(), split: None })
    }

    #[test]
    fn the_end_of_the_name_is_the_label() {
        assert_eq!(label_of("train/17_0.jpg"), Label::Known(Emotion::Happiness));
        assert_eq!(label_of("test_0001_aligned_5.jpg"), Label::Known(Emotion::Fear));
        assert_eq!(label_of("17_anger.png"), Label::Known(Emotion::Anger));
        assert_eq!(label_of("17_6.jpg"), Label::Unknown("6".into()));
        assert_eq!(label_of("train_0001.jpg"), Label::None);
        assert_eq!(label_of("17.jpg"), Label::None);
    }
}

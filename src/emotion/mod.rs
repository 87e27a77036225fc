//! The six classes: their order, names and colours. Everything that is an index of a class is an
//! index into [`Emotion::ALL`](crate::emotion::Emotion::ALL).

use std::fmt;

/// How many classes there are, and so how many logits every network gives.
pub const CLASSES: usize = 6;

/// One of the paper's six emotions, in the order of the networks' outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Emotion {
    Happiness,
    Surprise,
    Sadness,
    Anger,
    Disgust,
    Fear,
}

impl Emotion {
    pub const ALL: [Self; CLASSES] =
        [Self::Happiness, Self::Surprise, Self::Sadness, Self::Anger, Self::Disgust, Self::Fear];

    /// The class's position in a network's output, 0..6.
    pub const fn index(self) -> usize {
        self as usize
    }

    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Happiness => "happiness",
            Self::Surprise => "surprise",
            Self::Sadness => "sadness",
            Self::Anger => "anger",
            Self::Disgust => "disgust",
            Self::Fear => "fear",
        }
    }

    /// Reads a class as data sets spell it: the name, a common variant of it (`happy`, `Angry`),
    /// or the index as a digit.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "0" | "happiness" | "happy" | "joy" => Some(Self::Happiness),
            "1" | "surprise" | "surprised" => Some(Self::Surprise),
            "2" | "sadness" | "sad" => Some(Self::Sadness),
            "3" | "anger" | "angry" => Some(Self::Anger),
            "4" | "disgust" | "disgusted" => Some(Self::Disgust),
            "5" | "fear" | "fearful" => Some(Self::Fear),
            _ => None,
        }
    }

    /// A colour that stays apart from the other five for colour-blind people (after Okabe and Ito,
    /// "Color Universal Design", 2008), as red, green, blue.
    pub const fn colour(self) -> [u8; 3] {
        match self {
            Self::Happiness => [240, 228, 66],
            Self::Surprise => [230, 159, 0],
            Self::Sadness => [86, 180, 233],
            Self::Anger => [213, 94, 0],
            Self::Disgust => [0, 158, 115],
            Self::Fear => [204, 121, 167],
        }
    }
}

impl fmt::Display for Emotion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The names in order, for sentences that say what would have been accepted.
pub fn names() -> String {
    Emotion::ALL.map(Emotion::name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_found_again_by_its_index_and_its_name() {
        for (i, emotion) in Emotion::ALL.into_iter().enumerate() {
            assert_eq!(emotion.index(), i);
            assert_eq!(Emotion::from_index(i), Some(emotion));
            assert_eq!(Emotion::parse(emotion.name()), Some(emotion));
            assert_eq!(Emotion::parse(&i.to_string()), Some(emotion));
        }
        assert_eq!(Emotion::from_index(CLASSES), None);
        assert_eq!(Emotion::parse("neutral"), None);
    }
}

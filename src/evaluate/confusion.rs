use crate::emotion::{CLASSES, Emotion};
use serde::{Deserialize, Serialize};

/// Counts of pictures: rows are the truth, columns the prediction, both in the order of [`Emotion::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confusion(pub [[u64; CLASSES]; CLASSES]);

/// One class against the other five. `None` is 0/0, which says that there was nothing to measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassMetrics {
    #[serde(rename = "class", with = "class_name")]
    pub emotion: Emotion,
    /// Share of the pictures called so that are so; `None` where the class was never predicted.
    pub precision: Option<f64>,
    /// Share of the class's pictures that were found; `None` where the class has no picture.
    pub recall: Option<f64>,
    /// 2 tp / (2 tp + fp + fn); `None` where the class is neither there nor predicted.
    pub f1: Option<f64>,
    /// Pictures of this class.
    pub support: u64,
    /// Pictures called so.
    pub predicted: u64,
}

impl Confusion {
    pub fn add(&mut self, truth: Emotion, prediction: Emotion) {
        self.0[truth.index()][prediction.index()] += 1;
    }

    pub fn get(&self, truth: Emotion, prediction: Emotion) -> u64 {
        self.0[truth.index()][prediction.index()]
    }

    pub fn total(&self) -> u64 {
        sum(self.0.iter().flatten())
    }

    pub fn correct(&self) -> u64 {
        sum((0..CLASSES).map(|i| &self.0[i][i]))
    }

    /// Pictures of a class.
    pub fn support(&self, truth: Emotion) -> u64 {
        sum(&self.0[truth.index()])
    }

    /// Pictures called a class.
    pub fn predicted(&self, prediction: Emotion) -> u64 {
        sum(self.0.iter().map(|row| &row[prediction.index()]))
    }

    /// 0..=1; `None` without pictures.
    pub fn accuracy(&self) -> Option<f64> {
        ratio(self.correct(), self.total())
    }

    /// The mean recall of the classes that have pictures, 0..=1 (scikit-learn's `balanced_accuracy_score`).
    pub fn balanced_accuracy(&self) -> Option<f64> {
        mean(Emotion::ALL.into_iter().filter_map(|emotion| self.recall(emotion)))
    }

    /// The mean F1 of the classes that are there or were predicted, 0..=1 (scikit-learn's `f1_score` with
    /// `average="macro"`).
    pub fn macro_f1(&self) -> Option<f64> {
        mean(Emotion::ALL.into_iter().filter_map(|emotion| self.f1(emotion)))
    }

    pub fn recall(&self, emotion: Emotion) -> Option<f64> {
        ratio(self.get(emotion, emotion), self.support(emotion))
    }

    pub fn precision(&self, emotion: Emotion) -> Option<f64> {
        ratio(self.get(emotion, emotion), self.predicted(emotion))
    }

    pub fn f1(&self, emotion: Emotion) -> Option<f64> {
        let right = self.get(emotion, emotion);
        ratio(right.saturating_mul(2), self.support(emotion).saturating_add(self.predicted(emotion)))
    }

    /// The six classes in order.
    pub fn classes(&self) -> [ClassMetrics; CLASSES] {
        Emotion::ALL.map(|emotion| ClassMetrics {
            emotion,
            precision: self.precision(emotion),
            recall: self.recall(emotion),
            f1: self.f1(emotion),
            support: self.support(emotion),
            predicted: self.predicted(emotion),
        })
    }
}

/// A file may claim counts beyond all numbers of pictures.
fn sum<'a>(counts: impl IntoIterator<Item = &'a u64>) -> u64 {
    counts.into_iter().fold(0, |sum, count| sum.saturating_add(*count))
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

mod class_name {
    use crate::emotion::{self, Emotion};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(emotion: &Emotion, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(emotion.name())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Emotion, D::Error> {
        let text = String::deserialize(deserializer)?;
        Emotion::parse(&text).ok_or_else(|| {
            D::Error::custom(format!("no such class '{text}': {} are known", emotion::names()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_that_is_not_there_does_not_weigh_in_the_means() {
        let mut confusion = Confusion::default();
        for (truth, prediction, count) in [
            (Emotion::Happiness, Emotion::Happiness, 8),
            (Emotion::Happiness, Emotion::Sadness, 2),
            (Emotion::Sadness, Emotion::Sadness, 3),
            (Emotion::Sadness, Emotion::Happiness, 1),
        ] {
            for _ in 0..count {
                confusion.add(truth, prediction);
            }
        }
        assert_eq!(confusion.accuracy(), Some(11.0 / 14.0));
        assert_eq!(confusion.balanced_accuracy(), Some((0.8 + 0.75) / 2.0));
        let f1 = (16.0 / 19.0 + 6.0 / 9.0) / 2.0;
        assert!((confusion.macro_f1().unwrap() - f1).abs() < 1e-15);
        assert_eq!(confusion.recall(Emotion::Fear), None);
        assert_eq!(confusion.f1(Emotion::Fear), None);
    }

    #[test]
    fn a_class_predicted_but_absent_weighs_in_macro_f1_only() {
        let mut confusion = Confusion::default();
        confusion.add(Emotion::Anger, Emotion::Anger);
        confusion.add(Emotion::Anger, Emotion::Fear);
        assert_eq!(confusion.balanced_accuracy(), Some(0.5));
        assert_eq!(confusion.f1(Emotion::Fear), Some(0.0));
        assert_eq!(confusion.macro_f1(), Some((2.0 / 3.0) / 2.0));
    }

    #[test]
    fn without_pictures_nothing_is_measured() {
        let confusion = Confusion::default();
        assert_eq!(
            (confusion.accuracy(), confusion.balanced_accuracy(), confusion.macro_f1()),
            (None, None, None)
        );
    }
}

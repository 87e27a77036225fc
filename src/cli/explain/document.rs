//! An explanation as a line for people and as JSON.

use crate::data::shown;
use crate::emotion::Emotion;
use crate::explain::{Explanation, HeatMap, Look, Request};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::path::Path;

/// `a_3.png: happiness 93.1 % (truth anger); grad-cam at relu5 for happiness`.
pub(super) fn line(
    path: &Path,
    truth: Option<Emotion>,
    request: &Request,
    explanation: &Explanation,
) -> String {
    let percent = explanation.scores[explanation.prediction.index()] * 100.0;
    let mut line = format!("{}: {} {percent:.1} %", shown(path), explanation.prediction);
    if let Some(truth) = truth {
        line += &format!(" (truth {truth})");
    }
    line += &format!("; {}", request.method);
    if let Some(layer) = &explanation.layer {
        line += &format!(" at {layer}");
    }
    line += &format!(" for {}", explanation.class);
    if let Some(versus) = explanation.versus {
        line += &format!(" and not {versus}");
    }
    if explanation.map.is_zero() {
        line += ": no positive evidence";
    }
    line
}

/// An element of what `--json` prints.
#[derive(serde::Serialize)]
pub(super) struct Document {
    path: String,
    prediction: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    truth: Option<&'static str>,
    scores: ByClass,
    method: &'static str,
    /// Null for methods of pixels.
    layer: Option<String>,
    class: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    versus: Option<&'static str>,
    /// Rows of numbers from 0 to 1; with signs from -1 to 1.
    map: Vec<Vec<f32>>,
    signed: bool,
    zero: bool,
}

impl Document {
    pub fn of(
        path: &Path,
        truth: Option<Emotion>,
        request: &Request,
        look: Look,
        explanation: &Explanation,
    ) -> Self {
        let map = if look.signed { explanation.map.signed() } else { explanation.map.normalised() };
        Self {
            path: path.to_string_lossy().into_owned(),
            prediction: explanation.prediction.name(),
            truth: truth.map(Emotion::name),
            scores: ByClass(explanation.scores),
            method: request.method.name(),
            layer: explanation.layer.clone(),
            class: explanation.class.name(),
            versus: explanation.versus.map(Emotion::name),
            map: rows(&map),
            signed: look.signed,
            zero: explanation.map.is_zero(),
        }
    }
}

fn rows(map: &HeatMap) -> Vec<Vec<f32>> {
    map.values().chunks(map.width().max(1)).map(<[f32]>::to_vec).collect()
}

/// Scores under the names of their classes, in the order of the classes.
struct ByClass([f32; crate::emotion::CLASSES]);

impl Serialize for ByClass {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (emotion, score) in Emotion::ALL.iter().zip(self.0) {
            map.serialize_entry(emotion.name(), &score)?;
        }
        map.end()
    }
}

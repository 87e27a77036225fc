//! What a run says of where its network looks.

use super::error::{ConfigError, check};
use crate::model::Summary;
use serde::{Deserialize, Serialize};

/// Probe pictures at most, and of each class.
const MOST_PROBES: usize = 96;
const MOST_OF_A_CLASS: usize = 16;

/// Which pictures are explained after each epoch, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExplainConfig {
    pub probes: Probes,
    pub method: ProbeMethod,
    /// By name; empty: the last ReLU with height and width.
    pub layer: String,
    /// The share of the maps' evidence in the expression's region is a metric.
    pub energy: bool,
}

impl Default for ExplainConfig {
    fn default() -> Self {
        Self {
            probes: Probes::OfEachClass(2),
            method: ProbeMethod::GradCam,
            layer: String::new(),
            energy: true,
        }
    }
}

/// The pictures whose maps are kept, epoch by epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a whole number, or a list of paths as in [\"test/anger/7.png\"]")]
pub enum Probes {
    /// So many of each class; 0: none.
    OfEachClass(usize),
    /// These, as the manifest has them.
    Paths(Vec<String>),
}

/// Methods of one backward pass: the others take dozens of passes a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeMethod {
    GradCam,
    #[serde(rename = "grad-cam++")]
    GradCamPlusPlus,
    HiresCam,
    #[serde(rename = "xgrad-cam")]
    XGradCam,
    LayerCam,
}

impl ExplainConfig {
    pub(super) fn validate(&self, network: &Summary) -> Result<(), ConfigError> {
        let (possible, told) = match &self.probes {
            Probes::OfEachClass(count) => (*count <= MOST_OF_A_CLASS, count.to_string()),
            Probes::Paths(paths) => {
                ((1..=MOST_PROBES).contains(&paths.len()), format!("{} pictures", paths.len()))
            }
        };
        check(possible, "explain.probes", told)?;
        let mut layers = network.layers.iter().filter(|layer| layer.output[1] > 1).map(|layer| &layer.name);
        if self.layer.is_empty() || layers.clone().any(|layer| *layer == self.layer) {
            return Ok(());
        }
        let known: Vec<&str> = layers.by_ref().map(String::as_str).collect();
        Err(ConfigError::Value {
            field: "explain.layer".into(),
            value: self.layer.clone(),
            must: format!(
                "empty, or a layer of {} with height and width: {}",
                network.name,
                known.join(", ")
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{RunConfig, from_text};

    fn read(explain: &str) -> Result<RunConfig, String> {
        let text = format!("[data]\nroot = \"/faces\"\n[explain]\n{explain}\n");
        from_text(&text, "a.toml", "a", &[]).map_err(|error| error.to_string())
    }

    #[test]
    fn probes_are_a_number_or_paths() {
        assert_eq!(read("").unwrap().explain, ExplainConfig::default());
        assert_eq!(read("probes = 0").unwrap().explain.probes, Probes::OfEachClass(0));
        let paths = read("probes = [\"test/a.png\"]\nlayer = \"conv5\"").unwrap().explain;
        assert_eq!(paths.probes, Probes::Paths(vec!["test/a.png".into()]));
        for explain in ["probes = 17", "probes = []", "probes = true", "probes = -1"] {
            let refused = read(explain).unwrap_err();
            assert!(refused.contains("number") || refused.contains("0 to 16"), "{explain}: {refused}");
        }
    }

    #[test]
    fn a_layer_that_the_network_does_not_have_is_refused_with_those_it_has() {
        for layer in ["conv9", "linear1"] {
            let refused = read(&format!("layer = \"{layer}\"")).unwrap_err();
            assert!(refused.starts_with(&format!("explain.layer = {layer} is not possible")), "{refused}");
            assert!(refused.contains("gimefive") && refused.contains("relu5"), "{refused}");
        }
    }

    #[test]
    fn a_config_from_before_there_were_explanations_is_read() {
        let text = "name = \"old\"\n[data]\nroot = \"/faces\"\n";
        assert_eq!(from_text(text, "a", "a", &[]).unwrap().explain, ExplainConfig::default());
    }
}

//! The child's side: looks at CUDA and answers with one line of JSON.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a build without CUDA answers.
pub(crate) const NO_CUDA: &str = "this build has no CUDA: build without --no-default-features";

/// Stands before a stage's name on the child's stderr, so that the parent can say where a child died.
pub(super) const STAGE: &str = "mien-probe:";

/// What a child shall do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// `cuda`: driver, compiler, headers, the list of GPUs. A second or two.
    List,
    /// `cuda:N`: that, and a first operation on GPU N, whose kernels are compiled then.
    Use(usize),
}

impl FromStr for Probe {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "cuda" => Ok(Self::List),
            _ => text
                .strip_prefix("cuda:")
                .and_then(|n| n.parse().ok())
                .map(Self::Use)
                .ok_or_else(|| format!("'{text}' cannot be probed: cuda and cuda:N can")),
        }
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List => f.write_str("cuda"),
            Self::Use(n) => write!(f, "cuda:{n}"),
        }
    }
}

/// The child's one line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProbeAnswer {
    /// The visible GPUs in the order of `cuda:N`.
    pub gpus: Vec<Gpu>,
    /// What is missing, each a clause that ends in the way to get it. Empty: all went well.
    pub missing: Vec<String>,
}

/// What the driver and NVML say about a GPU.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gpu {
    pub name: String,
    pub uuid: Option<String>,
    pub pci: Option<String>,
    pub memory_total_bytes: Option<u64>,
    pub memory_free_bytes: Option<u64>,
    /// Per cent.
    pub utilization: Option<u32>,
}

/// Looks at CUDA **in this process**, which may not survive it: for `mien devices --probe` alone.
pub fn probe(what: Probe) -> ProbeAnswer {
    #[cfg(feature = "cuda")]
    return super::cuda::probe(what);
    #[cfg(not(feature = "cuda"))]
    {
        let _ = what;
        ProbeAnswer { gpus: Vec::new(), missing: vec![NO_CUDA.into()] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probes_name_is_read_back() {
        for probe in [Probe::List, Probe::Use(0), Probe::Use(12)] {
            assert_eq!(probe.to_string().parse(), Ok(probe));
        }
        assert!("cpu".parse::<Probe>().unwrap_err().contains("'cpu'"));
    }

    #[test]
    fn an_answer_may_leave_fields_out() {
        let answer: ProbeAnswer = serde_json::from_str(r#"{"gpus":[{"name":"A"}]}"#).unwrap();
        assert_eq!((answer.gpus[0].name.as_str(), answer.missing.len()), ("A", 0));
    }
}

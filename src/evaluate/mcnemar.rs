//! Whether two networks differ, by the pictures on which only one of them is right.

use serde::Serialize;
use statrs::distribution::{Binomial, ChiSquared, ContinuousCDF, DiscreteCDF};

/// With fewer pictures than this that tell the two apart, the exact distribution is taken.
const FEW: u64 = 25;

/// McNemar's test of two networks on the same pictures ("Note on the sampling error of the difference between correlated
/// proportions or percentages", Psychometrika 12, 1947).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct McNemar {
    /// Pictures on which only the second network is right.
    pub fixed: u64,
    /// Pictures on which only the first network is right.
    pub broken: u64,
    /// How likely a difference as large or larger is between networks that are equally often right, 0..=1.
    pub p: f64,
    pub method: Method,
}

/// Where the probability comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The binomial distribution, two-sided.
    Exact,
    /// Chi-squared with one degree of freedom and Edwards' continuity correction.
    ChiSquared,
}

impl McNemar {
    pub fn new(fixed: u64, broken: u64) -> Self {
        let apart = fixed + broken;
        let method = if apart < FEW { Method::Exact } else { Method::ChiSquared };
        let p = match method {
            _ if apart == 0 => 1.0,
            Method::Exact => exact(fixed.min(broken), apart),
            Method::ChiSquared => chi_squared(fixed.abs_diff(broken), apart),
        };
        Self { fixed, broken, p, method }
    }
}

/// Twice the probability that at most `less` of `apart` fair coins show heads.
fn exact(less: u64, apart: u64) -> f64 {
    // A half is a probability, so there is such a distribution.
    Binomial::new(0.5, apart).map_or(1.0, |coins| (2.0 * coins.cdf(less)).min(1.0))
}

fn chi_squared(difference: u64, apart: u64) -> f64 {
    // As R has it: what is no difference is not corrected to one.
    let corrected = difference.saturating_sub(1) as f64;
    let statistic = corrected * corrected / apart as f64;
    ChiSquared::new(1.0).map_or(1.0, |squares| squares.sf(statistic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_those_of_statsmodels() {
        // statsmodels 0.15.0 (scipy 1.17.1): mcnemar([[100, broken], [fixed, 50]], exact=..., correction=True).pvalue
        for (broken, fixed, method, p) in [
            (12, 6, Method::Exact, 0.237_884_521_484_375),
            (1, 9, Method::Exact, 0.021_484_375),
            (0, 5, Method::Exact, 0.0625),
            (3, 3, Method::Exact, 1.0),
            (8, 16, Method::Exact, 0.151_589_632_034_301_76),
            (0, 1, Method::Exact, 1.0),
            (24, 0, Method::Exact, 1.192_092_895_507_812_5e-7),
            (20, 5, Method::ChiSquared, 0.005_110_260_660_855_866),
            (15, 10, Method::ChiSquared, 0.423_710_797_166_793_6),
            (40, 22, Method::ChiSquared, 0.030_849_999_436_874_987),
            (300, 210, Method::ChiSquared, 8.114_728_133_520_214e-5),
        ] {
            let test = McNemar::new(fixed, broken);
            assert_eq!(test.method, method, "{broken} and {fixed}");
            assert!((test.p / p - 1.0).abs() < 1e-9, "{broken} and {fixed}: {} where {p} was due", test.p);
        }
    }

    #[test]
    fn networks_that_nothing_tells_apart_are_equal() {
        assert_eq!(McNemar::new(0, 0).p, 1.0);
        assert_eq!(McNemar::new(40, 40).p, 1.0);
        assert!(McNemar::new(1_000_000, 0).p < 1e-12);
    }
}

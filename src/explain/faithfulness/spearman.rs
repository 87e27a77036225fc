//! Rank correlation.

/// Spearman's: Pearson's correlation of the ranks, equal values sharing the mean of theirs; -1 to 1. `None` where one side
/// has no order, and where the two are not of one length.
pub(super) fn spearman(a: &[f32], b: &[f32]) -> Option<f64> {
    if a.len() != b.len() || a.is_empty() {
        return None;
    }
    let (a, b) = (ranks(a), ranks(b));
    // The mean of the ranks, whatever is tied.
    let mean = (a.len() as f64 + 1.0) / 2.0;
    let product =
        |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum() };
    let spread = (product(&a, &a) * product(&b, &b)).sqrt();
    (spread > 0.0).then(|| (product(&a, &b) / spread).clamp(-1.0, 1.0))
}

/// From 1; equal values share the mean of theirs.
fn ranks(values: &[f32]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for equal in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = below as f64 + (equal.len() as f64 + 1.0) / 2.0;
        equal.iter().for_each(|&i| ranks[i] = rank);
        below += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_order_counts() {
        let a = [1.0, 5.0, -3.0, 40.0];
        assert_eq!(spearman(&a, &[0.1, 0.2, 0.0, 0.3]), Some(1.0));
        assert_eq!(spearman(&a, &a.map(|value: f32| -value.powi(3))), Some(-1.0));
        // 1 - 6 sum(d^2) / (n (n^2 - 1)) with d = 0, 1, 1, 0, 0
        assert_eq!(spearman(&[1.0, 2.0, 3.0, 4.0, 5.0], &[1.0, 3.0, 2.0, 4.0, 5.0]), Some(0.9));
    }

    #[test]
    fn equal_values_share_their_ranks() {
        assert_eq!(ranks(&[7.0, 1.0, 7.0, 7.0, 9.0]), [3.0, 1.0, 3.0, 3.0, 5.0]);
        // scipy.stats.spearmanr([1, 2, 2, 3], [1, 2, 3, 4])
        let found = spearman(&[1.0, 2.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert!((found - 0.948_683_298_050_513_8).abs() < 1e-12, "{found}");
    }

    #[test]
    fn what_has_no_order_has_no_correlation() {
        assert_eq!(spearman(&[0.0; 4], &[1.0, 2.0, 3.0, 4.0]), None);
        assert_eq!(spearman(&[1.0, 2.0], &[1.0]), None);
        assert_eq!(spearman(&[], &[]), None);
    }
}

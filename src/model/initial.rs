//! PyTorch's default initial weights, from a generator of our own.

/// The parameter `key` of a network begun from `seed`: `count` numbers, uniform in +-1/sqrt(fan_in).
///
/// That is `torch.nn.Conv2d`'s and `Linear`'s default for weights and biases alike. Every parameter has a stream
/// of its own, named by its key, so its first values follow from (seed, key) alone: the device, the order of
/// layers and the other parameters have no part in them.
pub(super) fn uniform(seed: u64, key: &str, count: usize, fan_in: usize) -> Vec<f32> {
    let bound = 1.0 / (fan_in.max(1) as f32).sqrt();
    let mut state = mix(seed ^ key_hash(key));
    (0..count)
        .map(|_| {
            state = state.wrapping_add(GOLDEN);
            // The upper 24 bits are all that an f32 in 0..1 can hold.
            let unit = (mix(state) >> 40) as f32 / (1u64 << 24) as f32;
            (2.0 * unit - 1.0) * bound
        })
        .collect()
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The output function of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// 2014).
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// FNV-1a, 64 bits.
fn key_hash(key: &str) -> u64 {
    key.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fill_the_interval_evenly() {
        let values = uniform(42, "conv1.weight", 100_000, 27);
        let bound = 1.0 / 27f32.sqrt();
        assert!(values.iter().all(|v| v.abs() <= bound));
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / values.len() as f32;
        // Uniform in +-b: mean 0, variance b^2/3; 100,000 draws give the mean to about b/550.
        assert!(mean.abs() < bound / 100.0, "{mean}");
        assert!((variance * 3.0 / (bound * bound) - 1.0).abs() < 0.02, "{variance}");
    }

    #[test]
    fn seed_and_key_each_choose_the_values() {
        let first = uniform(1, "conv1.weight", 8, 9);
        assert_eq!(first, uniform(1, "conv1.weight", 8, 9));
        assert_eq!(first[..4], uniform(1, "conv1.weight", 4, 9)[..]);
        assert_ne!(first, uniform(2, "conv1.weight", 8, 9));
        assert_ne!(first, uniform(1, "conv1.bias", 8, 9));
    }
}

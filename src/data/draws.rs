//! Random numbers that are a function of their key alone: the same on every machine and with every version
//! of every crate, so that a resumed run sees the same pictures.

use std::f64::consts::TAU;

/// The odd constant of the golden ratio, as SplitMix64 counts with it.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014), started from a
/// key of several numbers, such as (seed, epoch, index).
#[derive(Clone, Debug)]
pub struct Draws(u64);

impl Draws {
    /// Two keys that differ anywhere give unrelated streams.
    pub fn new(key: &[u64]) -> Self {
        let mut state = mix(key.len() as u64);
        for part in key {
            state = mix(state.wrapping_add(GOLDEN) ^ mix(part.wrapping_add(GOLDEN)));
        }
        Self(state)
    }

    /// 64 uniform bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// Uniform in 0..1, on a grid of 2^-53.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in low..high (high itself only where rounding gives it).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// True with this probability: never at 0, always at 1.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Uniform in 0..count, and 0 where count is 0. The bias of the multiplication is below count / 2^64.
    pub fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.bits()) * count as u128) >> 64) as usize
    }

    /// Normal with mean 0 and deviation 1 (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (TAU * self.uniform()).cos()
    }

    /// Fisher and Yates: every order is as likely as every other.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// SplitMix64's finaliser: a bijection of 64 bits in which every input bit moves about half of the output.
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_splitmix64() {
        // The first three numbers of the reference implementation for seed 1234567.
        let mut draws = Draws(1_234_567);
        assert_eq!(draws.bits(), 6_457_827_717_110_365_317);
        assert_eq!(draws.bits(), 3_203_168_211_198_807_973);
        assert_eq!(draws.bits(), 9_817_491_932_198_370_423);
    }

    #[test]
    fn every_part_of_the_key_counts() {
        let first = |key: &[u64]| Draws::new(key).bits();
        let streams =
            [first(&[]), first(&[0]), first(&[0, 0]), first(&[1, 0]), first(&[0, 1]), first(&[1, 1])];
        for (i, a) in streams.iter().enumerate() {
            assert!(streams[i + 1..].iter().all(|b| a != b));
        }
    }

    #[test]
    fn draws_have_the_moments_of_their_distributions() {
        let n = 100_000;
        let mut draws = Draws::new(&[7]);
        let mean = (0..n).map(|_| draws.uniform()).sum::<f64>() / n as f64;
        assert!((mean - 0.5).abs() < 0.005, "{mean}");
        let normals: Vec<f64> = (0..n).map(|_| draws.normal()).collect();
        let variance = normals.iter().map(|x| x * x).sum::<f64>() / n as f64;
        assert!((variance - 1.0).abs() < 0.02, "{variance}");
        let mut faces = [0usize; 6];
        (0..n).for_each(|_| faces[draws.below(6)] += 1);
        assert!(faces.iter().all(|f| f.abs_diff(n / 6) < 600), "{faces:?}");
    }

    #[test]
    fn probabilities_0_and_1_are_never_and_always() {
        let mut draws = Draws::new(&[3]);
        assert!((0..10_000).all(|_| !draws.chance(0.0) && draws.chance(1.0)));
        assert_eq!(draws.below(0), 0);
        assert_eq!(draws.below(1), 0);
    }

    #[test]
    fn a_shuffle_keeps_every_item() {
        let mut items: Vec<usize> = (0..100).collect();
        Draws::new(&[1]).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}

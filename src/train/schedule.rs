use crate::config::{ScheduleKind, TrainConfig};
use std::f64::consts::PI;

/// The learning rate as a function of the step.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    kind: ScheduleKind,
    peak: f64,
    steps: usize,
    /// Steps between two drops of `step`.
    every: usize,
    factor: f64,
}

/// Share of the steps in which one-cycle rises, the divisor of its first rate, and that of its last one
/// (PyTorch's `OneCycleLR` defaults, after Smith and Topin, arXiv 1708.07120).
const RISE: f64 = 0.3;
const FIRST_DIVISOR: f64 = 25.0;
const LAST_DIVISOR: f64 = 25.0 * 1e4;

impl Schedule {
    pub fn new(config: &TrainConfig, steps_per_epoch: usize) -> Self {
        Self {
            kind: config.schedule,
            peak: config.learning_rate,
            steps: steps_per_epoch * config.epochs,
            every: steps_per_epoch * config.step_epochs,
            factor: config.step_factor,
        }
    }

    /// The rate of a step, counted from 0 to the planned number of steps.
    pub fn rate(&self, step: usize) -> f64 {
        let last = (self.steps.max(2) - 1) as f64;
        let done = (step as f64 / last).min(1.0);
        match self.kind {
            ScheduleKind::Constant => self.peak,
            ScheduleKind::Cosine => anneal(self.peak, 0.0, step as f64 / self.steps.max(1) as f64),
            ScheduleKind::Step => self.peak * self.factor.powf((step / self.every.max(1)) as f64),
            ScheduleKind::OneCycle if done < RISE => {
                anneal(self.peak / FIRST_DIVISOR, self.peak, done / RISE)
            }
            ScheduleKind::OneCycle => {
                anneal(self.peak, self.peak / LAST_DIVISOR, (done - RISE) / (1.0 - RISE))
            }
        }
    }
}

/// Half a cosine from `from` at 0 to `to` at 1.
fn anneal(from: f64, to: f64, done: f64) -> f64 {
    to + (from - to) * (1.0 + (PI * done).cos()) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(kind: ScheduleKind) -> Schedule {
        let config = TrainConfig {
            schedule: kind,
            learning_rate: 0.1,
            epochs: 10,
            step_epochs: 3,
            ..Default::default()
        };
        Schedule::new(&config, 10)
    }

    #[test]
    fn constant_stays() {
        assert_eq!(schedule(ScheduleKind::Constant).rate(99), 0.1);
    }

    #[test]
    fn cosine_falls_from_the_rate_to_almost_nothing_and_is_half_in_the_middle() {
        let cosine = schedule(ScheduleKind::Cosine);
        assert_eq!(cosine.rate(0), 0.1);
        assert!((cosine.rate(50) - 0.05).abs() < 1e-12);
        assert!(cosine.rate(99) < 1e-4 && cosine.rate(99) > 0.0);
        assert!((0..99).all(|step| cosine.rate(step + 1) < cosine.rate(step)));
    }

    #[test]
    fn step_drops_by_the_factor_after_each_so_many_epochs() {
        let step = schedule(ScheduleKind::Step);
        assert_eq!(step.rate(29), 0.1);
        assert!((step.rate(30) - 0.01).abs() < 1e-12);
        assert!((step.rate(60) - 0.001).abs() < 1e-12);
    }

    #[test]
    fn one_cycle_rises_to_the_rate_and_falls_below_its_start() {
        let cycle = schedule(ScheduleKind::OneCycle);
        assert!((cycle.rate(0) - 0.1 / 25.0).abs() < 1e-12);
        let peak = (0..100).map(|step| cycle.rate(step)).fold(0.0, f64::max);
        assert!((peak - 0.1).abs() < 1e-3);
        assert!(cycle.rate(99) < 1e-6);
    }
}

use crate::config::{EarlyStopping, MonitoredMetric};
use serde::{Deserialize, Serialize};

/// The best epoch so far, and how long ago it was. Part of a checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// The watched metric's best value and its epoch, counted from 1; none before the first epoch's end.
    pub value: Option<f64>,
    pub epoch: usize,
    pub epochs_without_improvement: usize,
}

impl Best {
    /// Takes an epoch's value in; says whether it is the best so far.
    pub fn take(&mut self, metric: MonitoredMetric, value: f64, epoch: usize) -> bool {
        if self.value.is_none_or(|best| metric.improves(value, best)) {
            *self = Self { value: Some(value), epoch, epochs_without_improvement: 0 };
            return true;
        }
        self.epochs_without_improvement += 1;
        false
    }

    /// Whether patience is at its end: more epochs without improvement than it allows.
    pub fn exhausts(&self, stopping: &EarlyStopping) -> bool {
        stopping.enabled && self.epochs_without_improvement > stopping.patience
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn training_stops_when_the_epochs_without_improvement_exceed_the_patience() {
        let stopping = EarlyStopping { enabled: true, patience: 2, ..Default::default() };
        let mut best = Best::default();
        let stops: Vec<bool> = [0.5, 0.6, 0.6, 0.55, 0.4]
            .iter()
            .enumerate()
            .map(|(i, &accuracy)| {
                best.take(stopping.metric, accuracy, i + 1);
                best.exhausts(&stopping)
            })
            .collect();
        assert_eq!(stops, [false, false, false, false, true]);
        assert_eq!((best.epoch, best.value), (2, Some(0.6)));
        assert!(!best.exhausts(&EarlyStopping { enabled: false, ..stopping }));
    }

    #[test]
    fn a_smaller_loss_is_better() {
        let mut best = Best::default();
        assert!(best.take(MonitoredMetric::ValidLoss, 1.0, 1));
        assert!(!best.take(MonitoredMetric::ValidLoss, 1.1, 2));
        assert!(best.take(MonitoredMetric::ValidLoss, 0.9, 3));
    }
}

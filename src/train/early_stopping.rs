use super::event::Means;
use crate::config::{EarlyStopping, MonitoredMetric};
use serde::{Deserialize, Serialize};

/// The best epoch so far, and how long ago it was. Part of a checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// The watched metric's best value and its epoch, counted from 1; none before the first epoch's end.
    pub value: Option<f64>,
    /// The best epoch's validation accuracy, 0..=1.
    pub accuracy: Option<f64>,
    /// The best epoch's validation loss.
    pub loss: Option<f64>,
    pub epoch: usize,
    pub epochs_without_improvement: usize,
}

impl Best {
    /// Takes an epoch's validation in; says whether it is the best so far. Without validation the last epoch is.
    pub fn take(&mut self, metric: MonitoredMetric, valid: Option<Means>, epoch: usize) -> bool {
        let value = valid.map(|means| match metric {
            MonitoredMetric::ValidAccuracy => means.accuracy,
            MonitoredMetric::ValidLoss => means.loss,
        });
        let improves = match (value, self.value) {
            (Some(value), Some(best)) => metric.improves(value, best),
            _ => true,
        };
        if improves {
            let (accuracy, loss) = (valid.map(|means| means.accuracy), valid.map(|means| means.loss));
            *self = Self { value, accuracy, loss, epoch, epochs_without_improvement: 0 };
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
                best.take(stopping.metric, Some(Means { loss: 1.0, accuracy }), i + 1);
                best.exhausts(&stopping)
            })
            .collect();
        assert_eq!(stops, [false, false, false, false, true]);
        assert_eq!((best.epoch, best.value), (2, Some(0.6)));
        assert!(!best.exhausts(&EarlyStopping { enabled: false, ..stopping }));
    }

    #[test]
    fn a_smaller_loss_is_better_and_both_of_the_best_epoch_are_kept() {
        let mut best = Best::default();
        let mut take = |loss, accuracy, epoch| {
            best.take(MonitoredMetric::ValidLoss, Some(Means { loss, accuracy }), epoch)
        };
        assert!(take(1.0, 0.5, 1));
        assert!(!take(1.1, 0.6, 2));
        assert!(take(0.9, 0.4, 3));
        assert_eq!((best.value, best.accuracy, best.loss), (Some(0.9), Some(0.4), Some(0.9)));
        let mut best = Best::default();
        best.take(MonitoredMetric::ValidAccuracy, Some(Means { loss: 2.0, accuracy: 0.5 }), 1);
        best.take(MonitoredMetric::ValidAccuracy, Some(Means { loss: 1.0, accuracy: 0.4 }), 2);
        assert_eq!(
            (best.value, best.loss),
            (Some(0.5), Some(2.0)),
            "of the best epoch, not the smallest one"
        );
    }

    #[test]
    fn without_validation_the_last_epoch_is_the_best() {
        let mut best = Best::default();
        assert!(best.take(MonitoredMetric::ValidAccuracy, None, 1));
        assert!(best.take(MonitoredMetric::ValidAccuracy, None, 2));
        assert_eq!((best.epoch, best.value), (2, None));
    }
}

use std::collections::VecDeque;

/// One quantity over the last minutes, as means over equal stretches of time: what is drawn from it changes once a
/// stretch and not with every value.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    stretch: f64,
    capacity: usize,
    /// Number, sum and count of values; numbers rise strictly.
    stretches: VecDeque<(i64, f64, u32)>,
}

impl History {
    /// Keeps the last `capacity` stretches of so many seconds.
    pub fn new(stretch: f64, capacity: usize) -> Self {
        Self { stretch: stretch.max(1e-3), capacity: capacity.max(1), stretches: VecDeque::new() }
    }

    /// Takes in a value of a time, unix seconds; one from before the newest stretch is left out.
    pub fn push(&mut self, time: f64, value: f64) {
        let number = (time / self.stretch).floor() as i64;
        match self.stretches.back_mut() {
            Some((newest, sum, count)) if *newest == number => {
                *sum += value;
                *count += 1;
            }
            Some((newest, ..)) if *newest > number => {}
            _ => {
                self.stretches.push_back((number, value, 1));
                if self.stretches.len() > self.capacity {
                    self.stretches.pop_front();
                }
            }
        }
    }

    /// The means of the last `count` stretches, oldest first; `None` where nothing was seen.
    pub fn last(&self, count: usize) -> Vec<Option<f64>> {
        let Some((newest, ..)) = self.stretches.back() else { return vec![None; count] };
        let first = newest - count as i64;
        let mut means = vec![None; count];
        for (number, sum, values) in &self.stretches {
            if let Some(mean) = usize::try_from(number - first - 1).ok().and_then(|i| means.get_mut(i)) {
                *mean = Some(sum / f64::from(*values));
            }
        }
        means
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_stretch_become_their_mean_and_gaps_stay_gaps() {
        let mut history = History::new(10.0, 4);
        for (time, value) in [(100.0, 1.0), (105.0, 3.0), (111.0, 4.0), (139.0, 8.0), (120.0, 99.0)] {
            history.push(time, value);
        }
        assert_eq!(history.last(5), [None, Some(2.0), Some(4.0), None, Some(8.0)]);
        assert_eq!(history.last(2), [None, Some(8.0)]);
        for i in 0..100 {
            history.push(200.0 + 10.0 * f64::from(i), 5.0);
        }
        assert_eq!(history.last(9).iter().flatten().count(), 4, "older ones are forgotten");
        assert_eq!(History::new(1.0, 3).last(2), [None, None]);
    }
}

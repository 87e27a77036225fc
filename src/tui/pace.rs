use std::time::{Duration, Instant};

/// How often frames are drawn: a bucket that fills at the rate of the line. Data leave some of it for keys, so that a
/// key is answered at once also while a run pours in.
#[derive(Debug)]
pub(crate) struct Pace {
    interval: Duration,
    tokens: f64,
    filled: Instant,
    last: Instant,
}

/// So many frames may follow each other at once, as when someone types.
const CAPACITY: f64 = 6.0;
const KEPT_FOR_KEYS: f64 = 3.0;
/// A curve that is still being read changes its axes with almost every frame, each of which costs a repaint.
const LOADING: Duration = Duration::from_millis(400);

/// Why a frame is to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// More of a long run has been read, and the rest will be here soon.
    Loading,
    Data,
    /// A key was pressed, or what it asked for begins to come.
    Key,
}

impl Pace {
    /// At most so many frames a second; where nobody said, ten on a slow line and thirty else.
    pub(crate) fn new(frames: Option<u32>, remote: bool, now: Instant) -> Self {
        let frames = frames.unwrap_or(if remote { 10 } else { 30 });
        let interval = Duration::from_secs(1) / frames.max(1);
        Self { interval, tokens: CAPACITY, filled: now, last: now }
    }

    /// How long a frame has to wait.
    pub(crate) fn wait(&mut self, need: Need, now: Instant) -> Duration {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.filled = now;
        self.tokens = (self.tokens + passed / self.interval.as_secs_f64()).min(CAPACITY);
        let least = 1.0 + if need == Need::Key { 0.0 } else { KEPT_FOR_KEYS };
        let loading = match need {
            Need::Loading => LOADING.saturating_sub(now.saturating_duration_since(self.last)),
            Need::Data | Need::Key => Duration::ZERO,
        };
        // The small rest is rounding, not worth a wake-up.
        let short = least - self.tokens;
        if short < 1e-6 { loading } else { self.interval.mul_f64(short).max(loading) }
    }

    /// A frame was drawn.
    pub(crate) fn drawn(&mut self, now: Instant) {
        self.last = now;
        self.tokens = (self.tokens - 1.0).max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames drawn within `seconds` when there always is a need.
    fn frames(limit: Option<u32>, need: Need, seconds: f64) -> usize {
        let start = Instant::now();
        let (mut pace, mut now, mut frames) = (Pace::new(limit, true, start), start, 0);
        while now < start + Duration::from_secs_f64(seconds) {
            match pace.wait(need, now) {
                Duration::ZERO => {
                    pace.drawn(now);
                    frames += 1;
                }
                wait => now += wait,
            }
        }
        frames
    }

    #[test]
    fn a_slow_line_gets_ten_frames_a_second() {
        assert!((98..=106).contains(&frames(None, Need::Key, 10.0)));
        assert!((98..=106).contains(&frames(None, Need::Data, 10.0)));
        assert!((24..=26).contains(&frames(None, Need::Loading, 10.0)));
        assert!((19..=26).contains(&frames(Some(2), Need::Key, 10.0)));
    }

    #[test]
    fn a_key_need_not_wait_for_data() {
        let now = Instant::now();
        let mut pace = Pace::new(None, true, now);
        while pace.wait(Need::Data, now).is_zero() {
            pace.drawn(now);
        }
        assert!(pace.wait(Need::Key, now).is_zero());
    }
}

//! Wall clocks that err, and what is true of them.

use crate::dice::Dice;
use crate::scenario::Clocks;
use core::time::Duration;
use countersign::{Moment, SKEW, Timestamp};

/// What the right time is when a world begins, in milliseconds since 1970.
const START_MS: i64 = 1_790_000_000_000;

/// One host's wall clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    /// What it shows when it starts, in milliseconds.
    first_ms: i64,
    /// When it started.
    since: Moment,
    drift_ppm: i64,
    stepped_ms: i64,
    /// When it last did not go on as it should.
    jumped: Option<Moment>,
    /// When it last went back.
    went_back: Option<Moment>,
    /// By how much it was set back, in all, in milliseconds.
    set_back_ms: u64,
}

impl Clock {
    /// A clock that errs as such clocks do.
    pub(crate) fn drawn(faults: &Clocks, dice: &mut Dice) -> Self {
        let offset = signed(dice, faults.offset);
        let drift_ppm = i64::from(faults.drift_ppm);
        let drift = i64::try_from(dice.below(u64::from(faults.drift_ppm).saturating_mul(2).saturating_add(1)));
        Self::new(START_MS.saturating_add(offset), drift.unwrap_or(0).saturating_sub(drift_ppm))
    }

    /// A clock that is fast by this.
    pub(crate) fn fast_by(ahead: Duration) -> Self {
        Self::new(START_MS.saturating_add(i64::try_from(ahead.as_millis()).unwrap_or(i64::MAX)), 0)
    }

    /// No clock: time since the start, as if that had been in 1970.
    pub(crate) const fn none() -> Self {
        Self::new(0, 0)
    }

    const fn new(first_ms: i64, drift_ppm: i64) -> Self {
        Self {
            first_ms,
            since: Moment::from_micros(0),
            drift_ppm,
            stepped_ms: 0,
            jumped: None,
            went_back: None,
            set_back_ms: 0,
        }
    }

    /// What it shows.
    pub(crate) fn wall(&self, now: Moment) -> Timestamp {
        let elapsed_us = i64::try_from(now.since(self.since).as_micros()).unwrap_or(i64::MAX);
        let drifted_us = elapsed_us.checked_div(1_000_000).unwrap_or(0).saturating_mul(self.drift_ppm);
        let elapsed_ms = elapsed_us.saturating_add(drifted_us).checked_div(1_000).unwrap_or(0);
        let shown = self.first_ms.saturating_add(elapsed_ms).saturating_add(self.stepped_ms);
        Timestamp::from_millis(u64::try_from(shown).unwrap_or(0))
    }

    pub(crate) fn step(&mut self, now: Moment, by_ms: i64) {
        self.stepped_ms = self.stepped_ms.saturating_add(by_ms);
        self.jumped = Some(now);
        if by_ms < 0 {
            self.went_back = Some(now);
            self.set_back_ms = self.set_back_ms.saturating_add(by_ms.unsigned_abs());
        }
    }

    /// Shows what it showed at its first start, and goes on from there.
    pub(crate) const fn restore(&mut self, now: Moment) {
        self.since = now;
        self.stepped_ms = 0;
        self.jumped = Some(now);
        self.went_back = Some(now);
    }

    /// Whether it has been going on as it should since then.
    pub(crate) fn is_steady_since(&self, then: Moment) -> bool {
        self.jumped.is_none_or(|at| at < then)
    }

    /// Whether it was ever set back.
    pub(crate) const fn was_set_back(&self) -> bool {
        self.set_back_ms > 0
    }

    /// Whether it was set back so far, in all, that who goes by it may not know a timestamp that it has used.
    pub(crate) fn was_set_back_beyond_skew(&self) -> bool {
        Duration::from_millis(self.set_back_ms) > SKEW
    }

    /// Whether it went back so lately that it may have stored timestamps that are still to come.
    pub(crate) fn went_back_lately(&self, now: Moment) -> bool {
        self.went_back.is_some_and(|at| now.since(at) < SKEW.saturating_mul(2))
    }
}

/// What is true of a host's clock and memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Condition {
    pub(crate) clock: Clock,
    /// Its memory was lost, or there are two of it: it may not know its last timestamp.
    pub(crate) may_forget: bool,
}

/// Whether two clocks are so far apart that a handshake may fail for it.
pub(crate) fn are_apart(one: Timestamp, other: Timestamp) -> bool {
    one.as_millis().abs_diff(other.as_millis()) > APART_MS
}

/// Less than the skew, as datagrams take their time.
const APART_MS: u64 = 100_000;

/// An amount up to `most`, either way, in milliseconds.
pub(crate) fn signed(dice: &mut Dice, most: Duration) -> i64 {
    let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX).min(1 << 50);
    let drawn = dice.below(most.saturating_mul(2).saturating_add(1));
    i64::try_from(drawn).unwrap_or(0).saturating_sub(i64::try_from(most).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clock shows its start, what has passed, its drift and its steps; restored, it shows its start again.
    #[test]
    fn a_clock_drifts_steps_and_is_restored() {
        let mut clock = Clock::new(1_000_000, 100);
        let later = Moment::from_micros(10_000_000_000);
        assert_eq!(clock.wall(later), Timestamp::from_millis(1_000_000 + 10_000_000 + 1_000));
        clock.step(later, -400_000);
        assert_eq!(clock.wall(later), Timestamp::from_millis(1_000_000 + 10_000_000 + 1_000 - 400_000));
        assert!(!clock.is_steady_since(later) && clock.went_back_lately(later));
        clock.restore(later);
        assert_eq!(clock.wall(later), Timestamp::from_millis(1_000_000));
        assert!(!clock.went_back_lately(later.plus(Duration::from_secs(240))));
    }
}

//! A token bucket in integers: a burst, then so many a second (CS-INIT-08).

use crate::limits::Limits;
use countersign::Moment;

#[derive(Debug)]
pub(crate) struct Bucket {
    tokens: u32,
    filled: Moment,
}

impl Bucket {
    pub(crate) const fn full(limits: &Limits, now: Moment) -> Self {
        Self { tokens: limits.challenge_burst, filled: now }
    }

    /// Takes a token, if there is one.
    pub(crate) fn take(&mut self, limits: &Limits, now: Moment) -> bool {
        let micros_a_token = 1_000_000_u64.checked_div(limits.challenges_per_second.into()).unwrap_or(u64::MAX).max(1);
        let waited = now.as_micros().saturating_sub(self.filled.as_micros());
        let earned = waited.checked_div(micros_a_token).unwrap_or(0);
        self.filled =
            Moment::from_micros(self.filled.as_micros().saturating_add(earned.saturating_mul(micros_a_token)));
        let earned = u32::try_from(earned).unwrap_or(u32::MAX);
        self.tokens = self.tokens.saturating_add(earned).min(limits.challenge_burst);
        if self.tokens == limits.challenge_burst {
            self.filled = now; // a full bucket saves nothing up
        }
        let taken = self.tokens.checked_sub(1);
        self.tokens = taken.unwrap_or(0);
        taken.is_some()
    }
}

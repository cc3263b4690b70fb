//! Timers and limits, as in `spec/limits.md`, which says what an endpoint may choose; the rest is there for tests.

use core::time::Duration;
use countersign::DEADLINE;

/// What an endpoint allows itself and others.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// How long an initiator waits for a Verdict; 60 s at most.
    pub deadline: Duration,
    /// The first interval of retransmission.
    pub retransmit_first: Duration,
    /// The longest interval of retransmission.
    pub retransmit_max: Duration,
    /// Retries answered at once between two expiries of the timer.
    pub retries_per_expiry: u32,
    /// Challenges checked at once.
    pub challenge_burst: u32,
    /// Challenges checked in a second after that.
    pub challenges_per_second: u32,
    /// How long a half-open entry, a kept Verdict and an unconfirmed session last, from the Challenge.
    pub half_open_lifetime: Duration,
    /// Half-open entries above which a Hello needs a cookie.
    pub half_open_before_cookies: usize,
    /// Entries in the responder's table, of every kind, and open sessions together.
    pub entries_max: usize,
    /// How long beyond its deadline an initiator confirms.
    pub confirm_grace: Duration,
    /// Handshakes that wait for one responder.
    pub queue_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            deadline: DEADLINE,
            retransmit_first: Duration::from_secs(1),
            retransmit_max: Duration::from_secs(4),
            retries_per_expiry: 2,
            challenge_burst: 16,
            challenges_per_second: 8,
            half_open_lifetime: Duration::from_secs(120),
            half_open_before_cookies: 1_024,
            entries_max: 65_536,
            confirm_grace: Duration::from_secs(60),
            queue_max: 64,
        }
    }
}

/// Why limits make no sense.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LimitsError {
    /// Responders accept no Response that was under way for longer.
    #[error("the deadline is {}s: it must be between 1s and 60s", .0.as_secs())]
    Deadline(Duration),
    /// Something would never be sent, or without pause.
    #[error("the retransmission intervals must rise from at least 1 ms")]
    Retransmission,
    /// A responder would forget a handshake that its initiator may still be busy with.
    #[error("half-open entries must last at least {}s: the longest deadline and the confirm grace", .0.as_secs())]
    HalfOpenLifetime(Duration),
    /// No Challenge would ever be checked.
    #[error("at least one Challenge a second must be checked, and 1,000,000 at most")]
    Challenges,
}

impl Limits {
    /// Checks that they make sense together (CS-INIT-14).
    ///
    /// # Errors
    /// [`LimitsError`].
    pub fn check(&self) -> Result<(), LimitsError> {
        if self.deadline > DEADLINE || self.deadline < Duration::from_secs(1) {
            return Err(LimitsError::Deadline(self.deadline));
        }
        if self.retransmit_first < Duration::from_millis(1) || self.retransmit_max < self.retransmit_first {
            return Err(LimitsError::Retransmission);
        }
        let longest = DEADLINE.saturating_add(self.confirm_grace);
        if self.half_open_lifetime < longest {
            return Err(LimitsError::HalfOpenLifetime(longest));
        }
        if self.challenge_burst == 0 || !(1..=1_000_000).contains(&self.challenges_per_second) {
            return Err(LimitsError::Challenges);
        }
        Ok(())
    }
}

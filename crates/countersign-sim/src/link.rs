//! A link: loss, duplication, reordering and delay, in integers.

use crate::dice::Dice;
use core::time::Duration;

/// What the network does to a datagram.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LinkProfile {
    /// Lost, so many copies in a million.
    pub loss: u32,
    /// Doubled, so many in a million; each copy may still be lost.
    pub duplicate: u32,
    /// The shortest way.
    pub delay_min: Duration,
    /// What the way may take longer: each copy draws its own, so that datagrams overtake each other.
    pub jitter: Duration,
}

impl Default for LinkProfile {
    fn default() -> Self {
        Self {
            loss: 50_000,
            duplicate: 20_000,
            delay_min: Duration::from_millis(10),
            jitter: Duration::from_millis(100),
        }
    }
}

impl LinkProfile {
    /// What becomes of a datagram: one copy or two, and how long each takes, or `None` for one that is lost.
    pub(crate) fn copies(&self, dice: &mut Dice) -> Vec<Option<Duration>> {
        let copies = if dice.chance(self.duplicate) { 2 } else { 1 };
        (0..copies).map(|_| (!dice.chance(self.loss)).then(|| self.delay(dice))).collect()
    }

    fn delay(&self, dice: &mut Dice) -> Duration {
        let jitter = u64::try_from(self.jitter.as_micros()).unwrap_or(u64::MAX);
        self.delay_min.saturating_add(Duration::from_micros(dice.below(jitter.saturating_add(1))))
    }
}

//! A link: loss, duplication, reordering and delay, in integers.

use crate::dice::Dice;
use core::time::Duration;

/// What the network does to a datagram.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LinkProfile {
    /// Lost, so many in a million.
    pub loss: u32,
    /// Delivered twice, so many in a million.
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
    /// How long each copy that arrives takes: none, one or two.
    pub(crate) fn copies(&self, dice: &mut Dice) -> impl Iterator<Item = Duration> {
        let lost = dice.chance(self.loss);
        let twice = dice.chance(self.duplicate);
        let (first, second) = (self.delay(dice), self.delay(dice));
        let first = (!lost).then_some(first);
        first.into_iter().chain((!lost && twice).then_some(second))
    }

    fn delay(&self, dice: &mut Dice) -> Duration {
        let jitter = u64::try_from(self.jitter.as_micros()).unwrap_or(u64::MAX);
        self.delay_min.saturating_add(Duration::from_micros(dice.below(jitter.saturating_add(1))))
    }
}

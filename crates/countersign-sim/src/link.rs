//! A link, one way: loss, bursts of loss, duplication, corruption, delay and overtaking, in integers.

use crate::dice::Dice;
use crate::scenario::micros;
use core::time::Duration;
use countersign::Moment;
use countersign::wire::DATAGRAM_BYTES_MAX;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the network does to a datagram.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct LinkProfile {
    /// Lost, each on its own, so many copies in a million.
    pub loss: u32,
    /// Loss in bursts, beside that.
    pub burst: Option<Burst>,
    /// Doubled, so many in a million; each copy may still be lost.
    pub duplicate: u32,
    /// One bit changed, so many copies in a million.
    pub corrupt: u32,
    /// May arrive before a datagram that was sent earlier, so many copies in a million; the others wait for their turn.
    pub overtake: u32,
    /// The largest datagram that gets through, in bytes.
    pub mtu: u16,
    /// How long the way takes.
    pub delay: Delay,
}

/// Loss in bursts, after Gilbert (1960) and Elliott (1963): the link is good or bad, for exponentially distributed times.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Burst {
    /// How much of the time it is bad, in a million.
    pub share: u32,
    /// How long a bad time lasts, in the mean.
    #[serde(with = "micros")]
    #[schemars(with = "u64")]
    pub mean: Duration,
    /// Lost in a bad time, so many copies in a million.
    pub loss: u32,
}

/// How long the way takes.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Delay {
    /// Anything between the two, alike.
    Uniform {
        /// The shortest.
        #[serde(with = "micros")]
        #[schemars(with = "u64")]
        min: Duration,
        /// The longest.
        #[serde(with = "micros")]
        #[schemars(with = "u64")]
        max: Duration,
    },
    /// The shortest, and something exponentially distributed.
    Exponential {
        /// The shortest.
        #[serde(with = "micros")]
        #[schemars(with = "u64")]
        min: Duration,
        /// What is added to it, in the mean.
        #[serde(with = "micros")]
        #[schemars(with = "u64")]
        mean: Duration,
    },
    /// As measured: so many in a million take no longer than so many microseconds; straight lines between. From 0 to
    /// 1,000,000, rising.
    Quantiles(Vec<(u32, u64)>),
}

impl Default for LinkProfile {
    fn default() -> Self {
        Self {
            loss: 0,
            burst: None,
            duplicate: 0,
            corrupt: 0,
            overtake: CERTAIN,
            mtu: u16::try_from(DATAGRAM_BYTES_MAX).expect("a datagram has at most 1,200 bytes"),
            delay: Delay::Uniform { min: Duration::from_millis(10), max: Duration::from_millis(110) },
        }
    }
}

/// All in a million.
pub(crate) const CERTAIN: u32 = 1_000_000;

/// What becomes of one copy of a datagram.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    Arrives { at: Moment, flip: Option<Flip>, overtakes: bool },
    Lost,
    LostInBurst,
    TooBig,
}

/// One bit that is not as it was.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(expecting = "a byte and a bit of it")]
pub struct Flip {
    /// In which byte.
    pub byte: u16,
    /// Which, 0 being the lowest.
    pub bit: u8,
}

impl Flip {
    pub(crate) fn apply(self, datagram: &[u8]) -> Vec<u8> {
        let mut copy = datagram.to_vec();
        if let Some(byte) = copy.get_mut(usize::from(self.byte)) {
            *byte ^= 1_u8.checked_shl(self.bit.into()).unwrap_or(0);
        }
        copy
    }
}

/// One way between two hosts.
#[derive(Debug)]
pub(crate) struct Link {
    dice: Dice,
    is_bad: bool,
    /// When the weather changes, if there are bursts.
    turns: Moment,
    /// When the last of what was sent arrives.
    last: Moment,
}

impl Link {
    pub(crate) fn new(dice: Dice) -> Self {
        Self { dice, is_bad: true, turns: Moment::default(), last: Moment::default() }
    }

    /// What becomes of a datagram that is sent now: of its one copy, or of both.
    pub(crate) fn carry(&mut self, profile: &LinkProfile, now: Moment, bytes: usize) -> (Fate, Option<Fate>) {
        let is_bad = profile.burst.is_some_and(|burst| self.is_bad(burst, now));
        let twice = self.dice.chance(profile.duplicate);
        let first = self.fate(profile, now, bytes, is_bad);
        (first, twice.then(|| self.fate(profile, now, bytes, is_bad)))
    }

    fn fate(&mut self, profile: &LinkProfile, now: Moment, bytes: usize, is_bad: bool) -> Fate {
        if bytes > usize::from(profile.mtu) {
            return Fate::TooBig;
        }
        if is_bad && profile.burst.is_some_and(|burst| self.dice.chance(burst.loss)) {
            return Fate::LostInBurst;
        }
        if self.dice.chance(profile.loss) {
            return Fate::Lost;
        }
        let flip = self.dice.chance(profile.corrupt).then(|| {
            let byte = u16::try_from(self.dice.index(bytes)).unwrap_or(0);
            Flip { byte, bit: u8::try_from(self.dice.below(8)).unwrap_or(0) }
        });
        let arrives = now.plus(profile.delay.draw(&mut self.dice));
        let may_overtake = self.dice.chance(profile.overtake);
        let at = if may_overtake { arrives } else { arrives.max(self.last) };
        let overtakes = at < self.last;
        self.last = self.last.max(at);
        Fate::Arrives { at, flip, overtakes }
    }

    /// Lets the weather change as often as it did since it was last looked at.
    fn is_bad(&mut self, burst: Burst, now: Moment) -> bool {
        let good = u64::from(CERTAIN.saturating_sub(burst.share));
        let bad_us = u64::try_from(burst.mean.as_micros()).unwrap_or(u64::MAX);
        let good_us = bad_us.saturating_mul(good).checked_div(burst.share.into()).unwrap_or(u64::MAX);
        if self.turns == Moment::default() {
            // As if it had always been there.
            self.is_bad = !self.dice.chance(burst.share);
        }
        while self.turns <= now {
            self.is_bad = !self.is_bad;
            let mean = Duration::from_micros(if self.is_bad { bad_us } else { good_us });
            let lasts = self.dice.exponential(mean).max(Duration::from_micros(1));
            self.turns = self.turns.plus(lasts);
        }
        self.is_bad
    }
}

impl Delay {
    /// The shortest that it can be.
    #[must_use]
    pub fn min(&self) -> Duration {
        match self {
            Self::Uniform { min, .. } | Self::Exponential { min, .. } => *min,
            Self::Quantiles(points) => Duration::from_micros(points.first().map_or(0, |(_, at)| *at)),
        }
    }

    /// The longest that it can be, or for the exponential one hardly ever is.
    pub(crate) fn max(&self) -> Duration {
        match self {
            Self::Uniform { max, .. } => *max,
            Self::Exponential { min, mean } => min.saturating_add(mean.saturating_mul(20)),
            Self::Quantiles(points) => Duration::from_micros(points.last().map_or(0, |(_, at)| *at)),
        }
    }

    fn draw(&self, dice: &mut Dice) -> Duration {
        match self {
            Self::Uniform { min, max } => {
                let span = u64::try_from(max.saturating_sub(*min).as_micros()).unwrap_or(u64::MAX);
                min.saturating_add(Duration::from_micros(dice.below(span.saturating_add(1))))
            }
            Self::Exponential { min, mean } => min.saturating_add(dice.exponential(*mean)),
            Self::Quantiles(points) => Duration::from_micros(between(points, dice.below(CERTAIN.into()))),
        }
    }
}

/// The value at a rank, on the straight line between the two points around it.
fn between(points: &[(u32, u64)], rank: u64) -> u64 {
    let above = points.iter().position(|(share, _)| u64::from(*share) > rank);
    let above = above.unwrap_or(points.len().saturating_sub(1));
    let (Some((high_rank, high)), Some((low_rank, low))) = (points.get(above), points.get(above.saturating_sub(1)))
    else {
        return 0;
    };
    let width = u64::from(high_rank.saturating_sub(*low_rank)).max(1);
    let along = rank.saturating_sub((*low_rank).into()).min(width);
    let rise = u128::from(high.saturating_sub(*low)).saturating_mul(along.into()).checked_div(width.into());
    low.saturating_add(u64::try_from(rise.unwrap_or(0)).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Stream;

    fn link() -> Link {
        Link::new(Dice::new(3, Stream::Link(1, 2)))
    }

    /// Bursts lose the share that they should, in runs as long as they should be.
    #[test]
    fn bursts_last_and_lose_as_they_should() {
        let burst = Burst { share: 300_000, mean: Duration::from_secs(1), loss: CERTAIN };
        let profile = LinkProfile { burst: Some(burst), ..LinkProfile::default() };
        let mut link = link();
        let millis = 20_000_000_u64;
        let lost: Vec<bool> = (1..millis / 10)
            .map(|tick| link.carry(&profile, Moment::from_micros(tick * 10_000), 100).0 == Fate::LostInBurst)
            .collect();
        let count = lost.iter().filter(|lost| **lost).count();
        let bursts = lost.windows(2).filter(|pair| !pair[0] && pair[1]).count();
        assert!((29..=31).contains(&(count * 100 / lost.len())), "{count} of {}", lost.len());
        assert!((95..=106).contains(&(count / bursts)), "in ticks of 10 ms: {}", count / bursts);
    }

    /// What may not overtake arrives in order; what may, now and then does not.
    #[test]
    fn only_what_may_overtake_does() {
        for (overtake, expected) in [(0, false), (CERTAIN, true)] {
            let profile = LinkProfile { overtake, ..LinkProfile::default() };
            let mut link = link();
            let overtook = (1..1_000).any(|tick| {
                let fate = link.carry(&profile, Moment::from_micros(tick * 1_000), 100).0;
                matches!(fate, Fate::Arrives { overtakes: true, .. })
            });
            assert_eq!(overtook, expected);
        }
    }

    /// A table of quantiles gives its own points, and straight lines between.
    #[test]
    fn delays_follow_the_quantiles_given() {
        let points = [(0, 1_000), (500_000, 2_000), (990_000, 10_000), (1_000_000, 50_000)];
        let values = [0, 250_000, 500_000, 745_000, 990_000, 999_999].map(|rank| between(&points, rank));
        assert_eq!(values, [1_000, 1_500, 2_000, 6_000, 10_000, 49_996]);
    }

    /// What is larger than the way bears is lost, and nothing else.
    #[test]
    fn only_what_is_larger_than_the_mtu_is_too_big() {
        let profile = LinkProfile { mtu: 500, ..LinkProfile::default() };
        let fates = [500, 501].map(|bytes| link().carry(&profile, Moment::default(), bytes).0);
        assert!(matches!(fates, [Fate::Arrives { .. }, Fate::TooBig]));
    }
}

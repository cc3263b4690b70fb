//! Whether a scenario that no file was read for makes sense: one in a trace or in a report, which anybody may have written.

use super::hosts::{COUNT_MAX, DRIFT_PPM_MAX};
use super::network::MTU_MIN;
use super::units::{LONGEST, MILLIONTHS};
use super::{Clocks, Cloned, Restarts, Scenario};
use crate::link::{Delay, LinkProfile};
use core::time::Duration;

impl Scenario {
    /// What of it a file could not say, if there is such a thing. Its population and its limits are not looked at.
    pub(crate) fn nonsense(&self) -> Option<&'static str> {
        let links = [&self.up, &self.down];
        let clocks = [&self.client_clocks, &self.server_clocks];
        let restarts = [&self.client_restarts, &self.server_restarts];
        None.or_else(|| (!self.shares().all(|share| share <= MILLIONTHS)).then_some("a share is more than all"))
            .or_else(|| (!self.durations().all(|it| it <= LONGEST)).then_some("a time is longer than 100,000 h"))
            .or_else(|| links.into_iter().find_map(link))
            .or_else(|| clocks.into_iter().find_map(clock))
            .or_else(|| restarts.into_iter().flatten().find_map(|restarts| self.restarts(restarts)))
            .or_else(|| self.clones())
            .or_else(|| self.rhythms())
            .or_else(|| self.counts())
    }

    fn shares(&self) -> impl Iterator<Item = u32> {
        let links = [&self.up, &self.down];
        let of_links = links.into_iter().flat_map(|link| {
            let burst = link.burst.map_or([0, 0], |burst| [burst.share, burst.loss]);
            [link.loss, link.duplicate, link.corrupt, link.overtake].into_iter().chain(burst)
        });
        let others = [
            self.rebinding.handshake,
            self.rebinding.session,
            self.client_clocks.none,
            self.server_clocks.none,
            self.stores.failures,
            self.noise.mutated,
            self.noise.replayed,
        ];
        of_links.chain(others).chain(self.partitions.iter().map(|partition| partition.clients))
    }

    fn durations(&self) -> impl Iterator<Item = Duration> {
        let of_links = [&self.up, &self.down].into_iter().flat_map(|link| {
            let delay = match &link.delay {
                Delay::Uniform { min, max: other } | Delay::Exponential { min, mean: other } => vec![*min, *other],
                Delay::Quantiles(points) => points.iter().map(|(_, us)| Duration::from_micros(*us)).collect(),
            };
            delay.into_iter().chain(link.burst.map(|burst| burst.mean))
        });
        let clocks = [self.client_clocks, self.server_clocks];
        let of_clocks = clocks.into_iter().flat_map(|clocks| [clocks.offset, clocks.step_every, clocks.step]);
        let restarts = [self.client_restarts, self.server_restarts].into_iter().flatten();
        let of_restarts = restarts.flat_map(|restarts| [restarts.every, restarts.down]);
        let of_partitions = self.partitions.iter().flat_map(|partition| [partition.every, partition.lasts]);
        let (noise, limits) = (&self.noise, &self.limits);
        let others = [
            self.stores.latency,
            noise.junk_every,
            noise.replay_within,
            noise.strangers_every,
            limits.retransmit_first,
            limits.retransmit_max,
            limits.half_open_lifetime,
            limits.confirm_grace,
        ];
        of_links.chain(of_clocks).chain(of_restarts).chain(of_partitions).chain(others)
    }

    fn restarts(&self, restarts: &Restarts) -> Option<&'static str> {
        // Where an adversary crashes the hosts, nothing else does.
        let is_drawn = self.adversary.is_none();
        (is_drawn && (restarts.every < Duration::from_millis(10) || restarts.down >= restarts.every))
            .then_some("hosts crash more often than they are up")
    }

    fn clones(&self) -> Option<&'static str> {
        let clones = self.clones?;
        let there = match clones.of {
            Cloned::Responders => self.population.servers,
            Cloned::Initiators => self.population.clients,
        };
        (clones.machines > there).then_some("more machines are cloned than there are")
    }

    /// What comes again and again.
    fn rhythms(&self) -> Option<&'static str> {
        let is_too_fast = |pause: Duration| !pause.is_zero() && pause < Duration::from_millis(1);
        let heals = self.partitions.iter().all(|it| it.lasts < it.every);
        let noise = [self.noise.junk_every, self.noise.strangers_every];
        if !heals {
            return Some("a partition never heals");
        }
        noise.into_iter().any(is_too_fast).then_some("there is more noise than one piece in 1 ms")
    }

    fn counts(&self) -> Option<&'static str> {
        let limits = &self.limits;
        let counts = [limits.entries_max, limits.half_open_before_cookies, limits.queue_max];
        let most = usize::try_from(COUNT_MAX).unwrap_or(usize::MAX);
        (counts.into_iter().any(|count| count > most) || limits.retries_per_expiry > COUNT_MAX)
            .then_some("a limit is more than 1,000,000")
    }
}

fn link(link: &LinkProfile) -> Option<&'static str> {
    if link.mtu < MTU_MIN {
        return Some("mtu is less than 300");
    }
    if link.burst.is_some_and(|burst| burst.share == 0 || burst.mean < Duration::from_millis(1)) {
        return Some("bursts are shorter than 1 ms, or never come");
    }
    let makes_sense = match &link.delay {
        Delay::Uniform { min, max } => min <= max,
        Delay::Exponential { .. } => true,
        Delay::Quantiles(points) => {
            let ends = (points.first().map(|point| point.0), points.last().map(|point| point.0));
            let rises = points.iter().zip(points.iter().skip(1)).all(|(one, next)| one.0 < next.0 && one.1 <= next.1);
            ends == (Some(0), Some(MILLIONTHS)) && rises
        }
    };
    (!makes_sense).then_some("the shortest delay is not the shortest")
}

fn clock(clocks: &Clocks) -> Option<&'static str> {
    if clocks.drift_ppm > DRIFT_PPM_MAX {
        return Some("drift_ppm is more than 100,000");
    }
    let is_too_fast = !clocks.step_every.is_zero() && clocks.step_every < Duration::from_millis(10);
    is_too_fast.then_some("a clock steps more often than every 10 ms")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adversary::Realm;

    /// What a file says makes sense, and so does every world of an adversary.
    #[test]
    fn what_comes_with_the_laboratory_makes_sense() {
        let realms = Realm::ALL.into_iter().map(Realm::scenario);
        for scenario in Scenario::shipped().into_iter().chain(realms).chain([Scenario::default()]) {
            assert_eq!(scenario.nonsense(), None, "{}", scenario.name);
        }
    }
}

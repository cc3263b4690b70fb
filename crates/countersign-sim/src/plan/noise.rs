//! The noise: junk, forged copies, replays, strangers who say Hello and nothing more. Blind: it aims at nothing.

use super::Plan;
use crate::act::Nature;
use crate::explored::Explored;
use crate::host::HostId;
use crate::junk;
use crate::queue::Next;
use crate::stage::Stage;
use crate::todo::{Delivery, Flight, Todo};
use core::time::Duration;
use countersign::{Defences, Moment};
use std::rc::Rc;

/// The longest that a forged copy is under way.
const FORGED_US_MAX: u64 = 100_000;

impl Plan {
    pub(super) fn make_noise<D: Defences>(&mut self, stage: &mut Stage<D>, flight: &Rc<Flight>) {
        let noise = self.scenario.noise;
        if self.is_noisy && noise.mutated > 0 && self.junk.chance(noise.mutated) {
            stage.tally.met(Explored::Junk);
            self.forge(stage.now, flight);
        }
        if noise.replayed > 0 && self.replays.chance(noise.replayed) {
            stage.tally.met(Explored::Replays);
            self.replay(stage.now, flight, noise.replay_within);
        }
    }

    /// Every other forged copy comes from somewhere else than its original.
    fn forge(&mut self, now: Moment, flight: &Rc<Flight>) {
        let from = if self.junk.below(2) == 0 { flight.name.from } else { self.anyone() };
        let Some(flip) = junk::flip(&mut self.junk, &flight.bytes) else { return };
        let delay = Duration::from_micros(self.junk.below(FORGED_US_MAX));
        let (flight, to) = (Rc::clone(flight), flight.to);
        let delivery = Delivery { flight, to, from, flip: Some(flip), nature: Nature::Forged };
        self.arrive(now.plus(delay), Todo::Deliver(delivery));
    }

    /// Half of what is replayed goes where it went before; the rest elsewhere, or from elsewhere.
    fn replay(&mut self, now: Moment, flight: &Rc<Flight>, within: Duration) {
        let within_us = u64::try_from(within.as_micros()).unwrap_or(u64::MAX);
        let delay = Duration::from_micros(self.replays.below(within_us.saturating_add(1)));
        let other = HostId(u16::try_from(self.replays.below(self.hosts.into())).unwrap_or(0));
        let (from, to) = match self.replays.below(4) {
            0 => (flight.name.from, other),
            1 => (other, flight.to),
            _ => (flight.name.from, flight.to),
        };
        let delivery = Delivery { flight: Rc::clone(flight), to, from, flip: None, nature: Nature::Replayed };
        self.arrive(now.plus(delay), Todo::Deliver(delivery));
    }

    pub(super) fn random_junk(&mut self, at: Moment) -> Todo {
        self.queue.push(at.plus(self.scenario.noise.junk_every), Next::Junk);
        let (from, to) = (self.anyone(), self.anyone());
        Todo::Junk { to, from, bytes: junk::random(&mut self.junk).into() }
    }

    /// A well-formed Hello by somebody who never answers: a handshake attempt, so in both twins.
    pub(super) fn stranger(&mut self, at: Moment) -> Todo {
        self.queue.push(at.plus(self.scenario.noise.strangers_every), Next::Stranger);
        let server = self.roles.servers.get(self.strangers.index(self.roles.servers.len()));
        let to = server.copied().unwrap_or_default();
        let mut bytes = vec![0; 224];
        let (head, _) = bytes.split_at_mut(82);
        head.copy_from_slice(&self.strangers.bytes(82));
        let start: [u8; 2] = [1, 1];
        let suites: [u8; 8] = [1, 0, 0, 0, 0, 0, 0, 0];
        head.iter_mut().zip(start).for_each(|(to, from)| *to = from);
        head.iter_mut().skip(42).zip(suites).for_each(|(to, from)| *to = from);
        Todo::Stranger { to, bytes: bytes.into() }
    }

    fn anyone(&mut self) -> HostId {
        HostId(u16::try_from(self.junk.below(self.hosts.into())).unwrap_or(0))
    }
}

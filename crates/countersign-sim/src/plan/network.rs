//! What becomes of each datagram that a host sends.

use super::Plan;
use crate::act::Nature;
use crate::dice::{Dice, Stream};
use crate::explored::Explored;
use crate::host::HostId;
use crate::link::{Fate, Link};
use crate::queue::Next;
use crate::scenario::{Cloned, Cuts};
use crate::stage::Stage;
use crate::todo::{Delivery, Flight, Todo};
use countersign::{Defences, Moment};
use std::rc::Rc;

const RECORD: u8 = 7;

impl Plan {
    /// Draws the fate of a datagram, and the noise that it gives rise to. Returns how many copies will arrive.
    pub(super) fn carry<D: Defences>(&mut self, stage: &mut Stage<D>, flight: &Rc<Flight>) -> usize {
        let (from, to, now) = (flight.name.from, flight.to, stage.now);
        // Nobody listens to the copy of a machine.
        if self.clones(Cloned::Responders).any(|(clone, _)| clone == from) {
            return 0;
        }
        let is_up = self.is_client(from);
        let seed = self.seed;
        let scenario = Rc::clone(&self.scenario);
        let profile = if is_up { &scenario.up } else { &scenario.down };
        let link =
            self.links.entry((from, to)).or_insert_with(|| Link::new(Dice::new(seed, Stream::Link(from.0, to.0))));
        let (first, second) = link.carry(profile, now, flight.bytes.len());
        if second.is_some() {
            stage.tally.met(Explored::Duplicated);
        }
        let is_cut = self.is_cut(now, from, to);
        let mut copies = 0_usize;
        for fate in [Some(first), second].into_iter().flatten() {
            let arrives = if is_cut {
                stage.tally.met(Explored::CutOff);
                stage.observer.cut_off(&flight.name);
                None
            } else {
                self.copy(stage, flight, fate)
            };
            let is_corrupted = matches!(fate, Fate::Arrives { flip: Some(_), .. });
            stage.observer.carried(&flight.name, now, arrives, is_corrupted);
            copies = copies.saturating_add(usize::from(arrives.is_some()));
        }
        self.make_noise(stage, flight);
        if is_up {
            self.rebind(now, from, flight.name.kind == RECORD);
        }
        copies
    }

    fn copy<D: Defences>(&mut self, stage: &mut Stage<D>, flight: &Rc<Flight>, fate: Fate) -> Option<Moment> {
        let met = match fate {
            Fate::Arrives { at, flip, overtakes } => {
                if flip.is_some() {
                    stage.tally.met(Explored::Corrupted);
                }
                if overtakes {
                    stage.tally.met(Explored::Overtaken);
                }
                let (from, to) = (flight.name.from, flight.to);
                let delivery = Delivery { flight: Rc::clone(flight), to, from, flip, nature: Nature::Carried };
                self.arrive(at, Todo::Deliver(delivery));
                return Some(at);
            }
            Fate::Lost => Explored::Lost,
            Fate::LostInBurst => Explored::LostInBurst,
            Fate::TooBig => Explored::TooBig,
        };
        stage.tally.met(met);
        None
    }

    /// A client's address changes after it has sent something.
    fn rebind(&mut self, now: Moment, client: HostId, in_session: bool) {
        let rebinding = self.scenario.rebinding;
        let often = if in_session { rebinding.session } else { rebinding.handshake };
        if often > 0 && self.dice(Stream::Rebinding, client).chance(often) {
            self.queue.push(now, Next::Do(Todo::Rebind { client }));
        }
    }

    /// Whether a partition stands between two hosts at this moment. Each comes at the end of its period.
    fn is_cut(&self, now: Moment, from: HostId, to: HostId) -> bool {
        let is_up = self.is_client(from);
        let client = if is_up { from } else { to };
        (0_u64..).zip(&self.scenario.partitions).any(|(which, partition)| {
            let every_us = u64::try_from(partition.every.as_micros()).unwrap_or(u64::MAX);
            let lasts_us = u64::try_from(partition.lasts.as_micros()).unwrap_or(u64::MAX);
            let episode = now.as_micros().checked_div(every_us).unwrap_or(0);
            let phase_us = now.as_micros().checked_rem(every_us).unwrap_or(0);
            let is_on = phase_us >= every_us.saturating_sub(lasts_us);
            let is_way = match partition.cuts {
                Cuts::Both => true,
                Cuts::Up => is_up,
                Cuts::Down => !is_up,
            };
            // The same for all datagrams of one episode.
            let seed = self.seed ^ episode.rotate_left(24) ^ which.rotate_left(56);
            is_on && is_way && Dice::new(seed, Stream::Partition(client.0)).chance(partition.clients)
        })
    }

    pub(super) fn is_client(&self, host: HostId) -> bool {
        // Servers, the look-alike and the thief come first; then clients, the stranger, and clones of either.
        let before = self.roles.clients.first().is_none_or(|first| host < *first);
        !before && host != self.roles.stranger && !self.clones(Cloned::Responders).any(|(clone, _)| clone == host)
    }
}

//! Datagrams that reach a host.

use super::{Notice, Stage};
use crate::act::HandshakeNumber;
use crate::host::{HostId, PORT};
use crate::todo::Delivery;
use countersign::wire::Kind;
use countersign::{Defences, Moment, Work};
use countersign_endpoint::Dropped;

impl<D: Defences> Stage<D> {
    pub(crate) fn deliver(&mut self, delivery: &Delivery) {
        let flight = &delivery.flight;
        if !self.is_there(delivery.to, (delivery.to == flight.to).then_some(flight.to_port)) {
            return;
        }
        let changed = delivery.flip.map(|flip| flip.apply(&flight.bytes));
        let bytes = changed.as_deref().unwrap_or(&flight.bytes);
        if delivery.is_junk() {
            self.take_junk(delivery.from, delivery.sent_from(), delivery.to, bytes);
            return;
        }
        self.about = flight.name.handshake;
        let is_again = flight.is_taken.get() && delivery.to == flight.to && delivery.flip.is_none();
        let is_astray = delivery.to != flight.to && !self.observer.is_meant_for(&flight.name, delivery.to);
        self.observer.arriving(self.now, delivery, bytes);
        let before = self.notices.len();
        let result = self.hand_over(delivery.from, delivery.sent_from(), delivery.to, bytes, false);
        let sent = self.drain(delivery.to);
        if is_again || is_astray {
            let acted = self.notices.get(before..).unwrap_or_default().iter().any(Notice::is_progress);
            self.observer.arrived_again(self.now, delivery.to, acted);
        }
        if result.is_ok() && delivery.to == flight.to && delivery.flip.is_none() {
            flight.is_taken.set(true);
        }
        if delivery.is_genuine() {
            self.observer.arrived(self.now, delivery, bytes, &self.conditions);
        }
        self.observer.answered(self.now, delivery.to, bytes.len(), sent);
    }

    pub(crate) fn deliver_junk(&mut self, from: HostId, to: HostId, bytes: &[u8]) {
        if self.is_there(to, None) {
            self.take_junk(from, PORT, to, bytes);
        }
    }

    pub(crate) fn deliver_strangers(&mut self, to: HostId, bytes: &[u8]) {
        if !self.is_there(to, None) {
            return;
        }
        let stranger = self.roles.stranger;
        self.observer.strange_hello(bytes, self.about);
        let _ = self.hand_over(stranger, PORT, to, bytes, false);
        let sent = self.drain(to);
        self.observer.answered(self.now, to, bytes.len(), sent);
    }

    /// What the adversary has made reaches a host. It may be in order: then the host may take it.
    pub(crate) fn deliver_forged(
        &mut self,
        about: HandshakeNumber,
        from: HostId,
        to: HostId,
        at: Moment,
        bytes: &[u8],
    ) {
        self.now = self.now.max(at);
        self.about = about;
        if !self.is_there(to, None) {
            return;
        }
        self.observer.forged(self.now, to, bytes, self.about);
        let result = self.hand_over(from, PORT, to, bytes, false);
        match result {
            Ok(()) => self.observer.forgery_taken(self.now, bytes),
            Err(_) => self.observer.refused_forgery(),
        }
        let sent = self.drain(to);
        self.observer.answered(self.now, to, bytes.len(), sent);
    }

    fn take_junk(&mut self, from: HostId, from_port: u16, to: HostId, bytes: &[u8]) {
        self.about = HandshakeNumber(0);
        let result = self.hand_over(from, from_port, to, bytes, true);
        let sent = self.drain(to);
        self.observer.junk(self.now, to, result, sent);
    }

    /// Whether a host is up, and where the datagram looks for it.
    fn is_there(&mut self, to: HostId, port: Option<u16>) -> bool {
        if to == self.roles.stranger {
            return false;
        }
        let Some(machine) = self.machines.get(usize::from(to.0)) else { return false };
        let why = if machine.endpoint.is_none() {
            "the host is down"
        } else if port.is_some_and(|port| port != machine.port) {
            "nobody is at this address any more"
        } else {
            return true;
        };
        self.notices.push(Notice::Missed { to, why });
        false
    }

    fn hand_over(&mut self, from: HostId, from_port: u16, to: HostId, bytes: &[u8], junk: bool) -> Result<(), Dropped> {
        self.digest.enter(self.now, to.0, b'<', bytes);
        self.observer.handing((from, from_port), bytes);
        let before = Work::done();
        let result = self
            .with_endpoint(to, |endpoint, now| endpoint.handle_datagram(now, from.address(from_port), bytes))
            .unwrap_or(Err(Dropped::NoSuchRole));
        self.observer.has_worked(bytes, result, Work::since(before));
        self.observer.handed(self.now, to, bytes, result);
        self.notices.push(Notice::Arrived { from, to, kind: Kind::of(bytes).ok(), result, junk });
        result
    }
}

//! What an adversary changes: whose keys it holds, and what it made.

use super::Observer;
use super::wire::{self, CHALLENGE, HELLO};
use crate::act::HandshakeNumber;
use crate::cast::Part;
use crate::claims::Claim;
use crate::host::HostId;
use crate::run::{Fate, Run, SidBytes};
use countersign::Moment;

impl Observer {
    /// The adversary holds a host's long-term key: nothing is claimed of who has that key, from now on.
    pub(crate) fn compromised(&mut self, host: HostId) {
        match self.part(host) {
            Some(Part::Server(expected)) => {
                self.known_keys.insert(expected.identity().key);
            }
            Some(Part::Client { device, .. }) => {
                self.known_keys.insert(*device);
            }
            Some(Part::LookAlike | Part::Thief | Part::Stranger) | None => {}
        }
        // Whoever has a key has it under every name.
        for (at, part) in (0_u16..).zip(&self.parts) {
            if matches!(part, Part::Server(expected) if self.known_keys.contains(&expected.identity().key)) {
                self.compromised.insert(HostId(at));
            }
        }
    }

    /// The adversary has a key of its own.
    pub(crate) fn knows_key(&mut self, key: [u8; 32]) {
        self.known_keys.insert(key);
    }

    /// A datagram of the adversary's is about to reach a host.
    pub(crate) fn forged(&mut self, at: Moment, to: HostId, bytes: &[u8], number: HandshakeNumber) {
        self.now = at;
        self.is_pristine = false;
        self.meddle(bytes);
        match wire::header(bytes) {
            Some((HELLO, sid_i)) => {
                // With another cookie it is the same Hello.
                let is_same = |run: &&mut Run| wire::without_cookie(&run.hello).eq(wire::without_cookie(bytes));
                let server = self.original(to);
                match self.runs.get_mut(&sid_i).filter(is_same) {
                    Some(run) => {
                        self.is_pristine = true;
                        run.hello_arrived |= run.intent.server == server;
                    }
                    None => self.strange_hello(bytes, number),
                }
            }
            Some((CHALLENGE, sid_i)) => {
                if let Some(run) = self.runs.get_mut(&sid_i).filter(|run| run.client == to && !run.impostor_seen) {
                    run.impostor_seen = true;
                    self.ledger.premise(Claim::A3);
                }
            }
            Some(_) | None => {}
        }
    }

    /// A host has taken one for what it seems to be.
    pub(crate) fn forgery_taken(&mut self, at: Moment, bytes: &[u8]) {
        let Some((CHALLENGE, sid_i)) = wire::header(bytes) else { return };
        if let Some(sid_r) = wire::sid_r(bytes) {
            self.forged.entry(sid_r).or_default().insert(sid_i);
            self.keep(at, sid_r);
        }
    }

    /// Notes which run a datagram of the adversary's is about, by its session id or by those that it names.
    fn meddle(&mut self, bytes: &[u8]) {
        let Some((kind, sid)) = wire::header(bytes) else { return };
        self.meddled.insert(sid);
        self.meddled.extend(self.challenges.get(&sid).map(|of| of.sid_i));
        self.meddled.extend(self.forged.get(&sid).into_iter().flatten());
        if kind == CHALLENGE
            && let Some(of) = wire::sid_r(bytes).and_then(|sid_r| self.challenges.get(&sid_r))
        {
            self.meddled.insert(of.sid_i);
        }
    }

    /// Whether the adversary has said something about this run.
    pub(super) fn is_meddled(&self, sid_i: SidBytes) -> bool {
        self.meddled.contains(&sid_i)
    }

    /// A7: one of its forgeries was refused.
    pub(crate) fn refused_forgery(&mut self) {
        self.ledger.premise(Claim::A7);
    }

    /// The adversary can make a responder's cookies, until the responder starts again.
    pub(crate) fn knows_cookies_of(&mut self, host: HostId) {
        self.known_cookies.insert(host);
    }

    /// A6: whether a client's handshake, just accepted, is to stay secret.
    pub(crate) fn is_secret(&self, sid_i: &SidBytes) -> bool {
        self.runs.get(sid_i).is_some_and(|run| !self.compromised.contains(&run.intent.server))
    }

    /// A6: the adversary can follow such a handshake.
    pub(crate) fn overheard(&mut self, at: Moment) {
        let what = || "the adversary has the secret of a handshake that was accepted".to_owned();
        self.ledger.violated(Claim::A6, "secrecy", at, what);
    }

    /// The run of this client's to which a Challenge of the adversary's belongs.
    pub(super) fn forged_for(&self, sid_r: SidBytes, client: HostId) -> Option<SidBytes> {
        let is_clients = |sid_i: &SidBytes| self.runs.get(sid_i).is_some_and(|run| run.client == client);
        self.forged.get(&sid_r)?.iter().copied().find(is_clients)
    }

    /// A6: with new loot the adversary has gone back to such a handshake, recorded before the theft.
    pub(crate) fn looked_back(&mut self, at: Moment, is_heard: bool) {
        self.ledger.premise(Claim::A6);
        if is_heard {
            self.overheard(at);
        }
    }

    /// Whether a Response is meant for a responder whose key the adversary holds.
    pub(super) fn is_for_adversary(&mut self, sid_r: SidBytes, from: HostId, bytes: usize) -> bool {
        // The adversary may have given a Challenge the session id of one that a responder made, and that never arrived.
        let made = self.challenges.get(&sid_r).map(|of| of.sid_i);
        let has_arrived = |run: &Run| run.client == from && run.challenges_arrived.contains(&sid_r);
        let arrived = made.filter(|sid_i| self.runs.get(sid_i).is_some_and(has_arrived));
        let sid_i = arrived.or_else(|| self.forged_for(sid_r, from)).or(made);
        let Some(run) = sid_i.and_then(|sid_i| self.runs.get_mut(&sid_i)) else { return false };
        let is = run.client == from && self.compromised.contains(&run.intent.server);
        if is {
            run.response_bytes = bytes;
            run.responded.insert(sid_r);
        }
        is
    }

    /// Whether a run with such a responder has come to its end; if so, there is no more to say of it.
    pub(super) fn ends_with_adversary(&mut self, sid_i: SidBytes, client: HostId, fate: Fate) -> bool {
        let Some(run) = self.runs.get_mut(&sid_i) else { return false };
        if run.client != client || !self.compromised.contains(&run.intent.server) {
            return false;
        }
        run.fate = fate;
        self.no_longer_under_way(client, sid_i);
        true
    }
}

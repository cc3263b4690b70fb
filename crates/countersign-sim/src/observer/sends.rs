//! What hosts send.

use super::wire::{self, CHALLENGE, HELLO, RECORD, REFUSAL_BYTES, RESPONSE, RETRY, VERDICT};
use super::{Observer, name};
use crate::act::{DatagramName, HandshakeNumber};
use crate::cast::Part;
use crate::claims::Claim;
use crate::clock::Condition;
use crate::host::{Address, HostId};
use crate::report::bump;
use crate::run::{Admission, Challenged, SidBytes};
use countersign::{Moment, Timestamp};

impl Observer {
    /// A host has sent a datagram, in the course of this handshake. Returns what it is to be called.
    pub(crate) fn sent(
        &mut self,
        at: Moment,
        from: HostId,
        to: Address,
        about: HandshakeNumber,
        bytes: &[u8],
        conditions: &[Condition],
    ) -> DatagramName {
        self.now = at;
        let Some((kind, sid)) = wire::header(bytes) else {
            let nth = self.count(about, from, 0);
            return DatagramName { from, handshake: about, kind: 0, nth };
        };
        let first = match kind {
            HELLO => self.sent_hello(at, from, sid, bytes),
            RETRY => self.sent_retry(at, from, to, sid, bytes),
            CHALLENGE => self.sent_challenge(at, from, sid, bytes),
            RESPONSE => {
                self.claim_sent(from, bytes);
                self.sent_response(at, from, sid, bytes.len(), conditions)
            }
            VERDICT => self.sent_verdict(at, from, sid, bytes.len()),
            RECORD => self.sent_record(at, from, to, sid, bytes),
            _ => true,
        };
        self.check_box(at, from, kind, sid, bytes);
        if !first {
            bump(&mut self.repeats);
        }
        let handshake = self.number_of(kind, from, sid).unwrap_or(about);
        self.look_for_names(at, from, handshake, bytes);
        DatagramName { from, handshake, kind, nth: self.count(handshake, from, kind) }
    }

    /// Which handshake a datagram belongs to.
    fn number_of(&self, kind: u8, from: HostId, sid: SidBytes) -> Option<HandshakeNumber> {
        let by_responder = || self.challenges.get(&sid).map(|of| of.sid_i).or_else(|| self.forged_for(sid, from));
        let sid_i = match kind {
            RESPONSE => by_responder()?,
            RECORD => by_responder().unwrap_or(sid),
            _ => sid,
        };
        self.runs.get(&sid_i).map(|run| run.number).or_else(|| self.strange.get(&sid_i).copied())
    }

    fn sent_hello(&mut self, at: Moment, from: HostId, sid: SidBytes, bytes: &[u8]) -> bool {
        let is_victims = from == self.roles.victim;
        let Some(run) = self.runs.get_mut(&sid) else { return true };
        let first = count(&mut run.sent.hellos);
        run.nonce = wire::nonce_i(bytes);
        if is_victims || self.is_played {
            run.hello = bytes.to_vec();
        }
        if let Some(nonce) = run.nonce.filter(|_| first) {
            self.fresh_nonce(at, from, nonce);
        }
        self.check_retries(at, from, sid, first);
        first
    }

    fn sent_retry(&mut self, at: Moment, from: HostId, to: Address, sid: SidBytes, bytes: &[u8]) -> bool {
        self.note_cookie(at, from, to, bytes);
        if let Some(run) = self.runs.get_mut(&sid).filter(|run| run.intent.server == from) {
            bump(&mut run.sent.answers);
        }
        true
    }

    fn sent_challenge(&mut self, at: Moment, from: HostId, sid_i: SidBytes, bytes: &[u8]) -> bool {
        let Some(sid_r) = wire::sid_r(bytes) else { return true };
        let is_clone = self.original(from) != from;
        self.check_made(at, from, sid_r);
        match self.challenges.get_mut(&sid_r) {
            Some(known) => {
                if known.server != from {
                    known.also = Some(from);
                }
                let same = known.sid_i == sid_i;
                let then = Timestamp::from_millis(known.time_r);
                let excused = is_clone || self.may_repeat(from, then);
                self.fresh(same || excused, at, from, "used a session id for two handshakes");
            }
            None => {
                let time_r = wire::time_r(bytes).unwrap_or(0);
                let transcript = self.transcript(bytes);
                let of =
                    Challenged { server: from, also: None, sid_i, is_pristine: self.is_pristine, time_r, transcript };
                self.challenges.insert(sid_r, of);
                self.keep(at, sid_r);
                if let Some(nonce) = wire::nonce_r(bytes) {
                    self.fresh_nonce(at, from, nonce);
                }
            }
        }
        let is_victims = self.runs.get(&sid_i).is_some_and(|run| run.client == self.roles.victim);
        let Some(run) = self.runs.get_mut(&sid_i) else { return true };
        if run.intent.server != from {
            return true;
        }
        if is_victims {
            run.challenge = bytes.to_vec();
        }
        bump(&mut run.sent.answers);
        count(&mut run.sent.challenges)
    }

    /// A3: a Response goes out only after the very responder that is meant has answered this very Hello.
    fn sent_response(
        &mut self,
        at: Moment,
        from: HostId,
        sid_r: SidBytes,
        bytes: usize,
        conditions: &[Condition],
    ) -> bool {
        let challenge = self.challenges.get(&sid_r).copied();
        let forged = self.forged.get(&sid_r).into_iter().flatten();
        let mut named = challenge.iter().map(|of| &of.sid_i).chain(forged);
        if named.any(|sid_i| self.repeated.contains(sid_i)) {
            return true;
        }
        if self.is_for_adversary(sid_r, from, bytes) {
            return true;
        }
        let by = challenge.map(|of| self.original(of.server));
        let parts = &self.parts;
        let run = challenge.and_then(|of| Some((of, self.runs.get_mut(&of.sid_i)?)));
        let Some((of, run)) = run else {
            self.ledger.violated(Claim::A3, "response", at, || {
                format!("{} answered a Challenge that nobody made", name(parts, from))
            });
            return true;
        };
        let genuine = by == Some(run.intent.server) && run.client == from && run.challenges_arrived.contains(&sid_r);
        self.ledger.check(Claim::A3, "response", genuine, at, || {
            format!("{} answered {}'s Challenge, not the one it meant", name(parts, from), name(parts, of.server))
        });
        let robbed = of.server == self.roles.thief;
        self.ledger.check(Claim::A6, "posing", !robbed, at, || {
            format!("{} took somebody with its own key for its server", name(parts, from))
        });
        run.responded.insert(sid_r);
        run.response_bytes = bytes;
        let first = count(&mut run.sent.responses);
        if first {
            self.check_clock(at, of.sid_i, &of, conditions);
        }
        first
    }

    /// A7: a Verdict is not larger than the Response that it answers. A8: every refusal has one size and one price.
    fn sent_verdict(&mut self, at: Moment, from: HostId, sid: SidBytes, bytes: usize) -> bool {
        if self.refusing.take_if(|refusing| *refusing == from).is_some() {
            self.ledger.premise(Claim::A8);
            let parts = &self.parts;
            self.ledger.check(Claim::A8, "one size", bytes == REFUSAL_BYTES, at, || {
                format!("{} refused in {bytes} bytes", name(parts, from))
            });
            self.check_work(at, from);
        }
        let server = self.original(from);
        let Some(run) = self.runs.get_mut(&sid) else { return true };
        let fits = bytes <= run.response_bytes;
        self.ledger.check(Claim::A7, "amplification", fits, at, || {
            format!("a Verdict of {bytes} bytes answers a smaller Response")
        });
        // One that comes before the client's own claim answers somebody else's.
        run.is_answered_by_clone |= run.intent.server == server && server != from;
        if run.intent.server != from || run.response_arrived.is_none() {
            return true;
        }
        count(&mut run.sent.verdicts)
    }

    /// A record bears the session id of whoever gets it, and a counter that rises.
    fn sent_record(&mut self, at: Moment, from: HostId, to: Address, sid: SidBytes, bytes: &[u8]) -> bool {
        if self.is_played && self.namesakes(from, sid).count() > 1 {
            self.namesakes(from, sid).for_each(|of| bump(&mut of.records_sent));
            return true;
        }
        let by_responder = self.peers.get(&sid).filter(|(server, _)| *server == from).map(|(_, sid_r)| *sid_r);
        let sid_r = by_responder.unwrap_or(sid);
        let Some(admission) = self.admissions.get_mut(&sid_r) else { return true };
        let last = if by_responder.is_some() {
            bump(&mut admission.records_sent);
            &mut admission.last_counter_r
        } else if from == admission.client {
            &mut admission.last_counter_i
        } else {
            return true;
        };
        let counter = wire::counter(bytes);
        let rises = last.is_none_or(|last| counter > Some(last));
        *last = counter.max(*last);
        let excused = self.repeated.contains(&admission.agreement.terms.sid_i.0);
        self.fresh(rises || excused, at, from, "sealed two records under one counter");
        if by_responder.is_some() {
            self.check_address(at, from, to, sid_r);
        }
        self.check_keystream(at, from, sid_r, bytes);
        true
    }

    /// The sessions of a responder that go by this session id of their initiators. If there are several, the adversary has
    /// taken that of another, and nobody can see to which of them a record belongs.
    fn namesakes(&mut self, server: HostId, sid_i: SidBytes) -> impl Iterator<Item = &mut Admission> {
        let is_it = move |of: &&mut Admission| of.server == server && of.agreement.terms.sid_i.0 == sid_i;
        self.admissions.values_mut().filter(is_it)
    }

    /// A10: no cleartext says who sent it, nor whom it is for.
    fn look_for_names(&mut self, at: Moment, from: HostId, about: HandshakeNumber, bytes: &[u8]) {
        if !matches!(self.part(from), Some(Part::Client { .. } | Part::Server(_))) {
            return;
        }
        let run = self.numbers.get(&about).and_then(|sid| self.runs.get(sid));
        let ends = run.into_iter().flat_map(|run| [run.client, run.intent.server]).chain([from]);
        let reveals = ends.into_iter().any(|end| self.is_named(end, bytes));
        self.ledger.premise(Claim::A10);
        let parts = &self.parts;
        self.ledger.check(Claim::A10, "cleartext", !reveals, at, || {
            format!("{} sent its own name or key in the clear, or its peer's", name(parts, from))
        });
    }

    fn is_named(&self, host: HostId, bytes: &[u8]) -> bool {
        let (name, key) = match self.part(host) {
            Some(Part::Client { user, device, .. }) => (user, device),
            Some(Part::Server(expected)) => (&expected.identity().name, &expected.identity().key),
            Some(Part::LookAlike | Part::Thief | Part::Stranger) | None => return false,
        };
        wire::contains(bytes, name.as_bytes()) || wire::contains(bytes, key)
    }
}

/// Counts, and says whether it was the first.
const fn count(counter: &mut u64) -> bool {
    *counter = counter.saturating_add(1);
    *counter == 1
}

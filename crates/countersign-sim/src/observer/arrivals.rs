//! What reaches hosts, and whether they act on it as they should.

use super::wire::{self, CHALLENGE, HELLO, RECORD, RESPONSE, VERDICT};
use super::{Observer, PATIENCE, name};
use crate::cast::Part;
use crate::claims::Claim;
use crate::clock::Condition;
use crate::host::HostId;
use crate::run::{Fate, SidBytes};
use crate::todo::Delivery;
use countersign::Moment;
use countersign_endpoint::Dropped;

impl Observer {
    /// A datagram is about to be handed to a host.
    pub(crate) fn arriving(&mut self, at: Moment, delivery: &Delivery, bytes: &[u8]) {
        self.is_pristine = delivery.is_pristine();
        self.answers_before = 0;
        let (from, to) = (delivery.flight.name.from, delivery.to);
        // A clone of a server's is that server.
        let (server, at_server) = (self.original(from), self.original(to));
        if !self.is_pristine {
            return;
        }
        self.seen_by(to, server, bytes);
        if to != delivery.flight.to && !self.is_meant_for(&delivery.flight.name, to) {
            return;
        }
        let Some((kind, sid)) = wire::header(bytes) else { return };
        if kind == RECORD {
            self.answers_before = self.admissions.get(&sid).map_or(0, |admission| admission.records_sent);
        }
        let sid_i = self.sid_i(kind, sid);
        let is_pristine = |sid_r: &SidBytes| self.challenges.get(sid_r).is_some_and(|of| of.is_pristine);
        let answers = (kind == CHALLENGE).then(|| wire::sid_r(bytes)).flatten().filter(is_pristine);
        // A clone does not know what its original has begun.
        let made_here = self.challenges.get(&sid).is_some_and(|of| of.server == to || of.also == Some(to));
        let is_meddled = self.is_meddled(sid_i);
        let Some(run) = self.runs.get_mut(&sid_i) else { return };
        let (by_client, by_server) =
            (from == run.client && at_server == run.intent.server, to == run.client && server == run.intent.server);
        match kind {
            HELLO if by_client => {
                run.hello_arrived = true;
                self.answers_before = run.sent.answers;
            }
            RESPONSE if by_client && made_here => {
                run.response_arrived = run.response_arrived.or(Some(at));
                self.answers_before = run.sent.verdicts;
            }
            CHALLENGE if by_server && run.fate == Fate::UnderWay => run.challenges_arrived.extend(answers),
            VERDICT if by_server && at < run.deadline && !run.verdict_arrived => {
                run.verdict_arrived = true;
                if run.intent.entitled && run.is_complete() && !is_meddled {
                    self.ledger.premise(Claim::A9);
                }
            }
            _ => {}
        }
    }

    /// A Challenge of somebody else's than the one that is meant.
    fn seen_by(&mut self, to: HostId, from: HostId, bytes: &[u8]) {
        let Some((CHALLENGE, sid)) = wire::header(bytes) else { return };
        let Some(run) = self.runs.get_mut(&sid) else { return };
        if to == run.client && from != run.intent.server && !run.impostor_seen {
            run.impostor_seen = true;
            self.ledger.premise(Claim::A3);
            if from == self.roles.thief && to == self.roles.victim {
                self.ledger.premise(Claim::A6);
            }
        }
    }

    /// A9: what has just been handed over in time has been acted on.
    pub(crate) fn arrived(&mut self, at: Moment, delivery: &Delivery, bytes: &[u8], conditions: &[Condition]) {
        let (from, to) = (delivery.flight.name.from, delivery.to);
        let Some((kind, sid)) = wire::header(bytes).filter(|_| from != self.roles.stranger) else { return };
        if kind == RECORD {
            self.record_arrived(at, to, sid, wire::counter(bytes));
            return;
        }
        let sid_i = self.sid_i(kind, sid);
        let Some(run) = self.runs.get(&sid_i).filter(|_| !self.is_meddled(sid_i)) else { return };
        if self.roles.rogues.contains(&run.intent.server) || self.compromised.contains(&run.intent.server) {
            return;
        }
        let (by_client, by_server) =
            (from == run.client && to == run.intent.server, to == run.client && from == run.intent.server);
        let is_over = run.fate != Fate::UnderWay;
        let crashed = [run.client, run.intent.server].into_iter().any(|host| self.has_crashed_since(host, run.begun));
        let in_time = at < run.deadline && !crashed;
        let acted = match kind {
            HELLO if by_client => {
                let has_no_room = self.full.contains(&to) && run.sent.challenges == 0;
                run.sent.answers > self.answers_before || has_no_room
            }
            // The first is answered once the store has spoken, and each repeat of it at once.
            RESPONSE
                if by_client
                    && self.answers_before > 0
                    && at < run.begun.plus(self.limits.half_open_lifetime)
                    && !self.has_crashed_since(to, run.begun) =>
            {
                run.sent.verdicts > self.answers_before
            }
            CHALLENGE
                if by_server
                    && in_time
                    && wire::sid_r(bytes).is_some_and(|sid| run.challenges_arrived.contains(&sid)) =>
            {
                is_over || run.sent.responses > 0
            }
            VERDICT if by_server && in_time && run.intent.entitled => {
                run.fate == Fate::Accepted
                    || self.may_be_stale(run, conditions) && matches!(run.fate, Fate::Replaced | Fate::Stale)
                    || is_over && !self.clocks_agree(run, at, conditions)
            }
            VERDICT if by_server && in_time => is_over,
            _ => return,
        };
        let parts = &self.parts;
        self.ledger.check(Claim::A9, "acted", acted, at, || {
            format!("{} did nothing with message {kind} of its own handshake", name(parts, to))
        });
    }

    /// A9: the first record that reaches a responder confirms; and as long as the initiator does not know, each draws one.
    fn record_arrived(&mut self, at: Moment, to: HostId, sid: SidBytes, counter: Option<u64>) {
        let lapses = self.limits.half_open_lifetime.saturating_sub(self.limits.deadline).saturating_sub(PATIENCE);
        let crashed = self.crashed.get(&to).copied();
        let sid_i = self.admissions.get(&sid).map(|admission| admission.agreement.terms.sid_i.0);
        let is_meddled = [Some(sid), sid_i].into_iter().flatten().any(|sid| self.is_meddled(sid));
        let Some(admission) = self.admissions.get_mut(&sid).filter(|admission| admission.server == to) else { return };
        let is_new = counter.is_some_and(|counter| admission.counters.insert(counter));
        let in_time = !admission.hung_up
            && !is_meddled
            && !self.repeated.contains(&admission.agreement.terms.sid_i.0)
            && at < admission.at.plus(lapses)
            && crashed.is_none_or(|crashed| crashed < admission.at);
        let answered = admission.initiator_knows || admission.records_sent > self.answers_before;
        let acted = admission.confirmed && answered;
        let parts = &self.parts;
        self.ledger.check(Claim::A9, "confirmed", !is_new || !in_time || acted, at, || {
            format!("{} took an initiator's record for nothing", name(parts, to))
        });
    }

    /// A4: a datagram has reached a host that had acted on it, or one that it was not meant for.
    pub(crate) fn arrived_again(&mut self, at: Moment, to: HostId, acted: bool) {
        self.ledger.premise(Claim::A4);
        let parts = &self.parts;
        self.ledger.check(Claim::A4, "replay", !acted, at, || {
            format!("{} acted on a datagram that was not for it, or not for the first time", name(parts, to))
        });
    }

    /// A7: junk was refused, and nothing was sent for it.
    pub(crate) fn junk(&mut self, at: Moment, to: HostId, result: Result<(), Dropped>, sent_bytes: usize) {
        let parts = &self.parts;
        self.ledger.check(Claim::A7, "junk", result.is_err() && sent_bytes == 0, at, || {
            format!("{} took junk for something, and sent {sent_bytes} bytes", name(parts, to))
        });
        if result.is_err() {
            self.ledger.premise(Claim::A7);
        }
    }

    /// A7: a responder sends at most as many bytes as a datagram brought.
    pub(crate) fn answered(&mut self, at: Moment, host: HostId, brought_bytes: usize, sent_bytes: usize) {
        let is_server = matches!(self.part(host), Some(Part::Server(_)));
        let parts = &self.parts;
        self.ledger.check(Claim::A7, "amplification", !is_server || sent_bytes <= brought_bytes, at, || {
            format!("{} answered {brought_bytes} bytes with {sent_bytes}", name(parts, host))
        });
    }

    /// The initiator's session id of the run that a message belongs to.
    fn sid_i(&self, kind: u8, sid: SidBytes) -> SidBytes {
        if kind == RESPONSE { self.challenges.get(&sid).map_or(sid, |of| of.sid_i) } else { sid }
    }
}

//! The observer knows who everybody is and sees every byte and event. It checks the claims at every step.
//!
//! Who is who, what was sent and what arrived, it knows by itself: it reads types, session ids and nonces off the wire at
//! the offsets of the specification. From the code under test it takes what each side says that it agreed on, to compare
//! it with the other side's word and with the truth.

use crate::cast::{HostId, Part, Standing};
use crate::claims::{Claim, Ledger};
use crate::run::{Admission, Fate, Intent, Run, SidBytes};
use countersign::wire::Reason;
use countersign::{Agreement, Moment, Name};
use countersign_endpoint::{Dropped, Event, Limits, Outcome};
use std::collections::{BTreeMap, VecDeque};

#[derive(Debug)]
pub(crate) struct Observer {
    parts: Vec<Part>,
    limits: Limits,
    runs: BTreeMap<SidBytes, Run>,
    /// Which run each Challenge answers, and whose it is.
    challenges: BTreeMap<SidBytes, (HostId, SidBytes)>,
    admissions: BTreeMap<SidBytes, Admission>,
    /// Which responder's session each initiator's belongs to.
    peers: BTreeMap<SidBytes, (HostId, SidBytes)>,
    /// How many answers the message that is being handed over has had before.
    answers_before: u64,
    /// What to forget, and when: memory stays flat however long the run.
    forget: VecDeque<(Moment, SidBytes)>,
    pub(crate) ledger: Ledger,
    /// Handshake datagrams sent more than once.
    pub(crate) repeats: u64,
}

/// A responder that asks its store answers within this time.
const PATIENCE: core::time::Duration = core::time::Duration::from_secs(1);

/// No handshake is spoken of for longer than this.
const MEMORY: core::time::Duration = core::time::Duration::from_secs(300);

impl Observer {
    pub(crate) const fn new(parts: Vec<Part>, limits: Limits) -> Self {
        Self {
            parts,
            limits,
            runs: BTreeMap::new(),
            challenges: BTreeMap::new(),
            admissions: BTreeMap::new(),
            peers: BTreeMap::new(),
            answers_before: 0,
            forget: VecDeque::new(),
            ledger: Ledger::new(),
            repeats: 0,
        }
    }

    /// A client's Hello is about to go out under this session id.
    pub(crate) fn begun(&mut self, at: Moment, client: HostId, sid: SidBytes, intent: Intent, deadline: Moment) {
        while let Some((_, old)) = self.forget.pop_front_if(|(when, _)| *when <= at) {
            self.runs.remove(&old);
            self.challenges.remove(&old);
            self.admissions.remove(&old);
            self.peers.remove(&old);
        }
        self.forget.push_back((at.plus(MEMORY), sid));
        self.runs.insert(sid, Run::begun(at, client, intent, deadline));
    }

    /// A host has sent a datagram.
    pub(crate) fn sent(&mut self, at: Moment, from: HostId, bytes: &[u8]) {
        let Some((kind, sid)) = header(bytes) else { return };
        let first = match kind {
            HELLO => self.sent_hello(at, from, sid, bytes),
            RETRY => self.runs.get_mut(&sid).is_none_or(|run| {
                run.sent.answers = run.sent.answers.saturating_add(1);
                true
            }),
            CHALLENGE => self.sent_challenge(at, from, sid, bytes),
            RESPONSE => self.sent_response(at, from, sid, bytes.len()),
            VERDICT => self.sent_verdict(at, sid, bytes.len()),
            RECORD => self.sent_record(sid),
            _ => true,
        };
        if !first {
            self.repeats = self.repeats.saturating_add(1);
        }
    }

    fn sent_hello(&mut self, at: Moment, from: HostId, sid: SidBytes, bytes: &[u8]) -> bool {
        let Some(run) = self.runs.get_mut(&sid) else { return true };
        if let Some(Part::Client { user, device, .. }) = self.parts.get(usize::from(from.0)) {
            let reveals = contains(bytes, user.as_bytes()) || contains(bytes, device);
            self.ledger.check(Claim::A3, !reveals, at, || format!("the Hello of {user} names the user or the device"));
        }
        run.nonce = slice(bytes, 10);
        count(&mut run.sent.hellos)
    }

    fn sent_challenge(&mut self, at: Moment, from: HostId, sid: SidBytes, bytes: &[u8]) -> bool {
        if let Some(sid_r) = slice(bytes, 10)
            && self.challenges.insert(sid_r, (from, sid)).is_none()
        {
            self.forget.push_back((at.plus(MEMORY), sid_r));
        }
        let Some(run) = self.runs.get_mut(&sid) else { return true };
        run.sent.answers = run.sent.answers.saturating_add(1);
        count(&mut run.sent.challenges)
    }

    /// A3: a Response goes out only after the very responder that is meant has answered this very Hello.
    fn sent_response(&mut self, at: Moment, from: HostId, sid_r: SidBytes, bytes: usize) -> bool {
        let challenge = self.challenges.get(&sid_r).copied();
        let run = challenge.and_then(|(server, sid_i)| Some((server, self.runs.get_mut(&sid_i)?)));
        let Some((server, run)) = run else {
            self.ledger
                .violated(Claim::A3, at, || format!("{} answered a Challenge that nobody made", self.parts.name(from)));
            return true;
        };
        let genuine = server == run.intent.server && run.client == from && run.challenges_arrived.contains(&sid_r);
        self.ledger.check(Claim::A3, genuine, at, || {
            format!("{} answered {}'s Challenge, not the one it meant", self.parts.name(from), self.parts.name(server))
        });
        run.responded.insert(sid_r);
        run.response_bytes = bytes;
        count(&mut run.sent.responses)
    }

    /// A7: a Verdict is not larger than the Response that it answers.
    fn sent_verdict(&mut self, at: Moment, sid: SidBytes, bytes: usize) -> bool {
        let Some(run) = self.runs.get_mut(&sid) else { return true };
        let fits = bytes <= run.response_bytes;
        self.ledger.check(Claim::A7, fits, at, || format!("a Verdict of {bytes} bytes answers a smaller Response"));
        count(&mut run.sent.verdicts)
    }

    /// A record of a responder bears the initiator's session id.
    fn sent_record(&mut self, sid: SidBytes) -> bool {
        if let Some((_, sid_r)) = self.peers.get(&sid)
            && let Some(admission) = self.admissions.get_mut(sid_r)
        {
            admission.records_sent = admission.records_sent.saturating_add(1);
        }
        true
    }

    /// A datagram is about to be handed to a host.
    pub(crate) fn arriving(&mut self, at: Moment, from: HostId, to: HostId, bytes: &[u8]) {
        let Some((kind, sid)) = header(bytes) else { return };
        if kind == RECORD {
            self.answers_before = self.admissions.get(&sid).map_or(0, |admission| admission.records_sent);
        }
        let sid_i = self.sid_i(kind, sid);
        let Some(run) = self.runs.get_mut(&sid_i) else { return };
        let (by_client, by_server) =
            (from == run.client && to == run.intent.server, to == run.client && from == run.intent.server);
        match kind {
            HELLO if by_client => {
                run.hello_arrived = true;
                self.answers_before = run.sent.answers;
            }
            RESPONSE if by_client => {
                run.response_arrived = run.response_arrived.or(Some(at));
                self.answers_before = run.sent.verdicts;
            }
            CHALLENGE if by_server && run.fate == Fate::UnderWay => run.challenges_arrived.extend(slice(bytes, 10)),
            CHALLENGE if to == run.client && !by_server && !run.impostor_seen => {
                run.impostor_seen = true;
                self.ledger.premise(Claim::A3);
            }
            VERDICT if by_server && at < run.deadline && !run.verdict_arrived => {
                run.verdict_arrived = true;
                if run.intent.entitled && run.is_complete() {
                    self.ledger.premise(Claim::A9);
                }
            }
            _ => {}
        }
    }

    /// A9: what has just been handed over in time has been acted on.
    pub(crate) fn arrived(&mut self, at: Moment, from: HostId, to: HostId, bytes: &[u8]) {
        let Some((kind, sid)) = header(bytes) else { return };
        if kind == RECORD {
            self.record_arrived(at, to, sid, slice(bytes, 10).map(u64::from_be_bytes));
            return;
        }
        let Some(run) = self.runs.get(&self.sid_i(kind, sid)) else { return };
        let (by_client, by_server) =
            (from == run.client && to == run.intent.server, to == run.client && from == run.intent.server);
        let is_over = run.fate != Fate::UnderWay;
        let may_be_stale = run.store_failed && matches!(run.fate, Fate::Replaced | Fate::Stale);
        let acted = match kind {
            HELLO if by_client => run.sent.answers > self.answers_before,
            // The first is answered once the store has spoken, and each repeat of it at once.
            RESPONSE if by_client && self.answers_before > 0 && at < run.begun.plus(self.limits.half_open_lifetime) => {
                run.sent.verdicts > self.answers_before
            }
            CHALLENGE if by_server && at < run.deadline => is_over || run.sent.responses > 0,
            VERDICT if by_server && at < run.deadline && run.intent.entitled => {
                run.fate == Fate::Accepted || may_be_stale
            }
            VERDICT if by_server && at < run.deadline => is_over,
            _ => return,
        };
        self.ledger.check(Claim::A9, acted, at, || {
            format!("{} did nothing with message {kind} of its own handshake", self.parts.name(to))
        });
    }

    /// A9: the first record that reaches a responder confirms; and as long as the initiator does not know, each draws one.
    fn record_arrived(&mut self, at: Moment, to: HostId, sid: SidBytes, counter: Option<u64>) {
        let lapses = self.limits.half_open_lifetime.saturating_sub(self.limits.deadline).saturating_sub(PATIENCE);
        let Some(admission) = self.admissions.get_mut(&sid).filter(|admission| admission.server == to) else { return };
        let is_new = counter.is_some_and(|counter| admission.counters.insert(counter));
        let in_time = at < admission.at.plus(lapses);
        let answered = admission.initiator_knows || admission.records_sent > self.answers_before;
        let acted = admission.confirmed && answered;
        self.ledger.check(Claim::A9, !is_new || !in_time || acted, at, || {
            format!("{} took an initiator's record for nothing", self.parts.name(to))
        });
    }

    /// A host's endpoint has said something.
    pub(crate) fn event(&mut self, at: Moment, host: HostId, sid: Option<SidBytes>, event: &Event) {
        match event {
            Event::Admitted { agreement, .. } => self.admitted(at, host, agreement),
            Event::Accepted { agreement, .. } => self.accepted(at, host, agreement),
            Event::Ended { outcome, .. } => {
                if let Some(sid) = sid {
                    self.ended(at, sid, *outcome);
                }
            }
            Event::Confirmed { session } => {
                let admission = self.admissions.get_mut(&session.0).filter(|admission| admission.server == host);
                if let Some(admission) = admission {
                    admission.confirmed = true;
                } else if let Some((_, sid_r)) = self.peers.get(&session.0)
                    && let Some(admission) = self.admissions.get_mut(sid_r)
                {
                    admission.initiator_knows = true;
                }
            }
            Event::Begun { .. }
            | Event::Suspicious { .. }
            | Event::Denied { .. }
            | Event::Data { .. }
            | Event::Closed { .. } => {}
        }
    }

    /// A2: the user's enrolled device ran this very handshake with this responder, and it is accepted once.
    fn admitted(&mut self, at: Moment, server: HostId, agreement: &Agreement) {
        self.ledger.premise(Claim::A2);
        let terms = &agreement.terms;
        let sid_r = terms.sid_r.0;
        let challenge = self.challenges.get(&sid_r).copied();
        let holds = self.runs.get_mut(&terms.sid_i.0).is_some_and(|run| {
            let is_device = match self.parts.get(usize::from(run.client.0)) {
                Some(Part::Client { user, device, standing, .. }) => {
                    *user == terms.user && *device == terms.device && *standing == Standing::Enrolled
                }
                Some(Part::Server(_) | Part::LookAlike | Part::Stranger) | None => false,
            };
            is_device
                && !core::mem::replace(&mut run.admitted, true)
                && run.intent.entitled
                && run.intent.server == server
                && run.nonce == Some(terms.nonce_i)
                && run.responded.contains(&sid_r)
                && challenge == Some((server, terms.sid_i.0))
                && terms.wanted == run.intent.wanted
                && agreement.granted == run.intent.wanted
        });
        let user = &terms.user;
        self.ledger
            .check(Claim::A2, holds, at, || format!("{user} was accepted in a handshake it did not run, or twice"));
        let agreement = Box::new(agreement.clone());
        self.admissions.insert(sid_r, Admission::new(server, agreement, at));
        self.forget.push_back((at.plus(MEMORY), sid_r));
    }

    /// A1: the responder that was meant accepted this very handshake, on the same terms, and it is matched once.
    fn accepted(&mut self, at: Moment, client: HostId, agreement: &Agreement) {
        self.ledger.premise(Claim::A1);
        let terms = &agreement.terms;
        let run = self.runs.get_mut(&terms.sid_i.0);
        let run = run.filter(|run| run.client == client && run.fate == Fate::UnderWay);
        let admission = self.admissions.get_mut(&terms.sid_r.0);
        let holds = run.as_ref().zip(admission).is_some_and(|(run, admission)| {
            let first = !core::mem::replace(&mut admission.matched, true);
            let meant = match self.parts.get(usize::from(admission.server.0)) {
                Some(Part::Server(expected)) => *expected.identity() == terms.responder,
                Some(Part::LookAlike | Part::Client { .. } | Part::Stranger) | None => false,
            };
            first && meant && admission.server == run.intent.server && *admission.agreement == *agreement
        });
        self.ledger.check(Claim::A1, holds, at, || {
            format!("{} accepted what its responder did not, or not on these terms", self.parts.name(client))
        });
        let Some(run) = run else { return };
        run.fate = Fate::Accepted;
        self.peers.insert(terms.sid_i.0, (run.intent.server, terms.sid_r.0));
        let complete = run.is_complete();
        self.ledger.check(Claim::A9, complete, at, || "an initiator accepted without a Verdict".to_owned());
    }

    /// A9: a handshake that ended with nothing had no Verdict in time, or was not entitled to another one.
    fn ended(&mut self, at: Moment, sid: SidBytes, outcome: Outcome) {
        let Some(run) = self.runs.get_mut(&sid) else { return };
        let is_stale = matches!(outcome, Outcome::Refused(Reason::Stale(_)));
        run.fate = if is_stale { Fate::Stale } else { Fate::Ended };
        let excused = is_stale && run.store_failed;
        let fair = !run.intent.entitled || run.intent.via != run.intent.server || !run.verdict_arrived || excused;
        self.ledger.check(Claim::A9, fair, at, || format!("an honest handshake ended with {outcome:?}"));
        let answered = run.sent.verdicts > 0 || run.response_arrived.is_none_or(|arrived| arrived.plus(PATIENCE) > at);
        self.ledger.check(Claim::A9, answered || run.store_failed, at, || {
            "a Response that arrived was never answered".to_owned()
        });
        let explained = match outcome {
            Outcome::Impostor => run.impostor_seen,
            Outcome::Refused(_) => run.verdict_arrived,
            Outcome::Clock { .. } => !run.challenges_arrived.is_empty(),
            Outcome::TimedOut | Outcome::NotBegun(_) => true,
        };
        self.ledger.check(Claim::A9, explained, at, || format!("nothing that happened explains {outcome:?}"));
        let waited = at.since(run.begun).as_secs().checked_div(self.limits.retransmit_max.as_secs()).unwrap_or(0);
        let persistent = run.sent.hellos.saturating_add(run.sent.responses) >= waited;
        self.ledger.check(Claim::A9, persistent, at, || "an initiator did not repeat itself".to_owned());
    }

    /// The responder's session that belongs to an initiator's.
    pub(crate) fn peer_of(&self, sid_i: SidBytes) -> Option<(HostId, SidBytes)> {
        self.peers.get(&sid_i).copied()
    }

    /// A1: whether both sides of a confirmed session export the same.
    pub(crate) fn same_keys(&mut self, at: Moment, client: HostId, same: bool) {
        self.ledger.check(Claim::A1, same, at, || {
            format!("{} and its responder have accepted, with different keys", self.parts.name(client))
        });
    }

    /// A9: nothing has come to an end for longer than any handshake may wait and last.
    pub(crate) fn stuck(&mut self, at: Moment) {
        self.ledger.violated(Claim::A9, at, || "handshakes that are under way do not end".to_owned());
    }

    /// A store failed while it was asked about this user.
    pub(crate) fn store_failed(&mut self, user: &Name) {
        let parts = &self.parts;
        let is_users = |client: HostId| match parts.get(usize::from(client.0)) {
            Some(Part::Client { user: own, .. }) => own == user,
            Some(Part::Server(_) | Part::LookAlike | Part::Stranger) | None => false,
        };
        for run in self.runs.values_mut().filter(|run| run.fate == Fate::UnderWay && is_users(run.client)) {
            run.store_failed = true;
        }
    }

    /// A7: junk was refused, and nothing was sent for it.
    pub(crate) fn junk(&mut self, at: Moment, to: HostId, result: Result<(), Dropped>, sent_bytes: usize) {
        self.ledger.check(Claim::A7, result.is_err() && sent_bytes == 0, at, || {
            format!("{} took junk for something, and sent {sent_bytes} bytes", self.parts.name(to))
        });
        if result.is_err() {
            self.ledger.premise(Claim::A7);
        }
    }

    /// A7: a responder sends at most as many bytes as a datagram brought.
    pub(crate) fn answered(&mut self, at: Moment, host: HostId, brought_bytes: usize, sent_bytes: usize) {
        let is_server = matches!(self.parts.get(usize::from(host.0)), Some(Part::Server(_)));
        self.ledger.check(Claim::A7, !is_server || sent_bytes <= brought_bytes, at, || {
            format!("{} answered {brought_bytes} bytes with {sent_bytes}", self.parts.name(host))
        });
    }

    /// A run gave way to another under the same deadline, as its timestamp was found stored already.
    pub(crate) fn replaced(&mut self, at: Moment, sid: SidBytes) {
        let Some(run) = self.runs.get_mut(&sid) else { return };
        run.fate = Fate::Replaced;
        let failed = run.store_failed;
        self.ledger.check(Claim::A9, failed, at, || "a handshake began again without need".to_owned());
    }

    /// The initiator's session id of the run that a message belongs to.
    fn sid_i(&self, kind: u8, sid: SidBytes) -> SidBytes {
        if kind == RESPONSE { self.challenges.get(&sid).map_or(sid, |(_, sid_i)| *sid_i) } else { sid }
    }
}

trait Names {
    fn name(&self, host: HostId) -> String;
}

impl Names for Vec<Part> {
    fn name(&self, host: HostId) -> String {
        match self.get(usize::from(host.0)) {
            Some(Part::Server(expected)) => expected.identity().name.to_string(),
            Some(Part::Client { user, .. }) => Name::to_string(user),
            Some(Part::LookAlike) => "the look-alike".to_owned(),
            Some(Part::Stranger) | None => "a stranger".to_owned(),
        }
    }
}

const HELLO: u8 = 1;
const RETRY: u8 = 2;
const CHALLENGE: u8 = 3;
const RESPONSE: u8 = 4;
const VERDICT: u8 = 5;
const RECORD: u8 = 7;

/// The type and the first session id of a datagram, by the observer's own reading.
fn header(bytes: &[u8]) -> Option<(u8, SidBytes)> {
    Some((*bytes.get(1)?, slice(bytes, 2)?))
}

fn slice<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// Counts, and says whether it was the first.
const fn count(counter: &mut u64) -> bool {
    *counter = counter.saturating_add(1);
    *counter == 1
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

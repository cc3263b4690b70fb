//! The observer knows who everybody is and sees every byte and event. It checks the claims at every step.
//!
//! It judges by what the hosts did, never by what the code under test thought of it: it reads types, session ids and
//! nonces off the wire by itself, at the offsets of the specification.

use crate::cast::{HostId, Part, Standing};
use crate::claims::{Claim, Ledger};
use countersign::{Agreement, Clearances, Moment, Name};
use countersign_endpoint::{Dropped, Event, Outcome};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What a client set out to do, and what should come of it.
#[derive(Clone, Debug)]
pub struct Intent {
    /// The server meant.
    pub server: HostId,
    /// Where the datagrams go: to the server, unless the client was lured elsewhere.
    pub via: HostId,
    /// What is wanted.
    pub wanted: Clearances,
    /// Whether the servers should let it in.
    pub entitled: bool,
}

pub(crate) type SidBytes = [u8; 8];

/// One Hello of a client, and what became of it.
#[derive(Debug)]
struct Run {
    client: HostId,
    intent: Intent,
    deadline: Moment,
    nonce: Option<[u8; 32]>,
    sent: Sends,
    hello_arrived: bool,
    /// Genuine Challenges that arrived, by the session id of the responder.
    challenges_arrived: BTreeSet<SidBytes>,
    impostor_seen: bool,
    response_arrived: Option<Moment>,
    verdict_arrived: bool,
    over: bool,
    accepted: bool,
}

/// How often each message of a run was sent.
#[derive(Clone, Copy, Debug, Default)]
struct Sends {
    hellos: u64,
    answers: u64,
    challenges: u64,
    responses: u64,
    verdicts: u64,
}

/// A responder's acceptance, until the initiator's is matched with it, once.
#[derive(Debug)]
struct Admission {
    server: HostId,
    agreement: Box<Agreement>,
    matched: bool,
}

#[derive(Debug)]
pub(crate) struct Observer {
    parts: Vec<Part>,
    runs: BTreeMap<SidBytes, Run>,
    /// Which run each Challenge answers, and whose it is.
    challenges: BTreeMap<SidBytes, (HostId, SidBytes)>,
    admissions: BTreeMap<SidBytes, Admission>,
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
    pub(crate) const fn new(parts: Vec<Part>) -> Self {
        Self {
            parts,
            runs: BTreeMap::new(),
            challenges: BTreeMap::new(),
            admissions: BTreeMap::new(),
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
        }
        self.forget.push_back((at.plus(MEMORY), sid));
        let run = Run {
            client,
            intent,
            deadline,
            nonce: None,
            sent: Sends::default(),
            hello_arrived: false,
            challenges_arrived: BTreeSet::new(),
            impostor_seen: false,
            response_arrived: None,
            verdict_arrived: false,
            over: false,
            accepted: false,
        };
        self.runs.insert(sid, run);
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
            RESPONSE => self.sent_response(at, from, sid),
            VERDICT => self.runs.get_mut(&sid).is_none_or(|run| count(&mut run.sent.verdicts)),
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
    fn sent_response(&mut self, at: Moment, from: HostId, sid_r: SidBytes) -> bool {
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
        count(&mut run.sent.responses)
    }

    /// A datagram is about to be handed to a host.
    pub(crate) fn arriving(&mut self, at: Moment, from: HostId, to: HostId, bytes: &[u8]) {
        let Some((kind, sid)) = header(bytes) else { return };
        match kind {
            HELLO => self.of_server(sid, to, |run| run.hello_arrived = true),
            RESPONSE => {
                if let Some((_, sid_i)) = self.challenges.get(&sid).copied() {
                    self.of_server(sid_i, to, |run| run.response_arrived = run.response_arrived.or(Some(at)));
                }
            }
            CHALLENGE => {
                let Some(run) = self.runs.get_mut(&sid).filter(|run| run.client == to && !run.over) else { return };
                if from == run.intent.server {
                    run.challenges_arrived.extend(slice(bytes, 10));
                } else if !run.impostor_seen {
                    run.impostor_seen = true;
                    self.ledger.premise(Claim::A3);
                }
            }
            VERDICT => {
                if let Some(run) = self.runs.get_mut(&sid).filter(|run| run.client == to) {
                    run.verdict_arrived |= from == run.intent.server && at <= run.deadline;
                }
            }
            _ => {}
        }
    }

    /// A9: what has just been handed over in time has been acted on.
    pub(crate) fn arrived(&mut self, at: Moment, from: HostId, to: HostId, bytes: &[u8]) {
        let Some((kind, sid)) = header(bytes) else { return };
        let Some(run) = self.runs.get(&sid).filter(|run| at <= run.deadline) else { return };
        let genuine = from == run.intent.server && to == run.client;
        let acted = match kind {
            HELLO if to == run.intent.server => run.sent.answers > 0,
            CHALLENGE if genuine => run.over || run.sent.responses > 0,
            VERDICT if genuine => run.over || run.sent.responses == 0,
            _ => return,
        };
        self.ledger.check(Claim::A9, acted, at, || {
            format!("{} did nothing with message {kind} of its own handshake", self.parts.name(to))
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
            Event::Begun { .. }
            | Event::Suspicious { .. }
            | Event::Denied { .. }
            | Event::Confirmed { .. }
            | Event::Data { .. }
            | Event::Closed { .. } => {}
        }
    }

    /// A2: the user's enrolled device ran this very handshake with this responder, and it is accepted once.
    fn admitted(&mut self, at: Moment, server: HostId, agreement: &Agreement) {
        self.ledger.premise(Claim::A2);
        let terms = &agreement.terms;
        let sid_r = terms.sid_r.0;
        let run = self.runs.get(&terms.sid_i.0);
        let holds = run.is_some_and(|run| {
            let is_device = match self.parts.get(usize::from(run.client.0)) {
                Some(Part::Client { user, device, standing, .. }) => {
                    *user == terms.user && *device == terms.device && *standing == Standing::Enrolled
                }
                Some(Part::Server(_) | Part::LookAlike | Part::Stranger) | None => false,
            };
            is_device
                && run.intent.server == server
                && run.nonce == Some(terms.nonce_i)
                && run.sent.responses > 0
                && self.challenges.get(&sid_r) == Some(&(server, terms.sid_i.0))
                && terms.wanted == run.intent.wanted
                && agreement.granted.is_subset_of(&run.intent.wanted)
                && run.intent.entitled
        });
        let user = &terms.user;
        self.ledger.check(Claim::A2, holds, at, || format!("{user} was accepted in a handshake it did not run"));
        let admission = Admission { server, agreement: Box::new(agreement.clone()), matched: false };
        let once = self.admissions.insert(sid_r, admission).is_none();
        self.ledger.check(Claim::A2, once, at, || format!("{user} was accepted twice in one handshake"));
        self.forget.push_back((at.plus(MEMORY), sid_r));
    }

    /// A1: the responder that was meant accepted this very handshake, on the same terms, and it is matched once.
    fn accepted(&mut self, at: Moment, client: HostId, agreement: &Agreement) {
        self.ledger.premise(Claim::A1);
        let terms = &agreement.terms;
        let Some(run) = self.runs.get_mut(&terms.sid_i.0) else { return };
        run.over = true;
        run.accepted = true;
        let admission = self.admissions.get_mut(&terms.sid_r.0);
        let holds = admission.is_some_and(|admission| {
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
        let complete = run.hello_arrived
            && !run.challenges_arrived.is_empty()
            && run.response_arrived.is_some()
            && run.verdict_arrived;
        self.ledger.check(Claim::A9, complete, at, || "an initiator accepted without a Verdict".to_owned());
        if run.intent.entitled && complete {
            self.ledger.premise(Claim::A9);
        }
    }

    /// A9: a handshake that ended with nothing had no Verdict in time, or was not entitled to another one.
    fn ended(&mut self, at: Moment, sid: SidBytes, outcome: Outcome) {
        let Some(run) = self.runs.get_mut(&sid) else { return };
        run.over = true;
        let fair = !run.intent.entitled || run.intent.via != run.intent.server || !run.verdict_arrived;
        self.ledger.check(Claim::A9, fair, at, || format!("an honest handshake ended with {outcome:?}"));
        let answered = run.sent.verdicts > 0 || run.response_arrived.is_none_or(|arrived| arrived.plus(PATIENCE) > at);
        self.ledger.check(Claim::A9, answered, at, || "a Response that arrived was never answered".to_owned());
        let explained = match outcome {
            Outcome::Impostor => run.impostor_seen,
            Outcome::Refused(_) => run.verdict_arrived,
            Outcome::Clock { .. } => !run.challenges_arrived.is_empty(),
            Outcome::TimedOut | Outcome::NotBegun(_) => true,
        };
        self.ledger.check(Claim::A9, explained, at, || format!("nothing that happened explains {outcome:?}"));
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

    /// A run gave way to another under the same deadline.
    pub(crate) fn replaced(&mut self, sid: SidBytes) {
        if let Some(run) = self.runs.get_mut(&sid) {
            run.over = true;
        }
    }

    fn of_server(&mut self, sid: SidBytes, to: HostId, note: impl FnOnce(&mut Run)) {
        if let Some(run) = self.runs.get_mut(&sid).filter(|run| run.intent.server == to) {
            note(run);
        }
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

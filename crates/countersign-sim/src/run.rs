//! One handshake, as the observer follows it.

use crate::act::{DatagramName, HandshakeNumber, Nature};
use crate::host::{Address, HostId};
use crate::report::Arrow;
use countersign::{Agreement, Clearances, Moment, Timestamp};
use countersign_endpoint::Limits;
use std::collections::BTreeSet;

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

/// A Challenge that a responder made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Challenged {
    pub(crate) server: HostId,
    /// A clone of it that has made the same.
    pub(crate) also: Option<HostId>,
    pub(crate) sid_i: SidBytes,
    /// It answers a Hello as its initiator sent it.
    pub(crate) is_pristine: bool,
    /// The responder's timestamp, in milliseconds.
    pub(crate) time_r: u64,
    /// The hash of all that a Response to it hangs on.
    pub(crate) transcript: [u8; 32],
}

/// One Hello of a client, and what became of it.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) client: HostId,
    pub(crate) intent: Intent,
    pub(crate) number: HandshakeNumber,
    pub(crate) begun: Moment,
    /// What its client's wall clock showed then.
    pub(crate) wall: Timestamp,
    pub(crate) deadline: Moment,
    pub(crate) accepted: Option<Moment>,
    pub(crate) nonce: Option<[u8; 32]>,
    pub(crate) sent: Sends,
    pub(crate) hello_arrived: bool,
    /// The Hellos since its timer last fired, and how many more Challenges may be judged.
    pub(crate) hellos_at_once: u32,
    pub(crate) checks: Checks,
    /// Genuine Challenges that arrived, by the session id of the responder.
    pub(crate) challenges_arrived: BTreeSet<SidBytes>,
    pub(crate) impostor_seen: bool,
    /// The Challenges that were answered, by the session id of the responder, and the size of the answer.
    pub(crate) responded: BTreeSet<SidBytes>,
    pub(crate) response_bytes: usize,
    pub(crate) response_arrived: Option<Moment>,
    pub(crate) verdict_arrived: bool,
    /// A clone of its responder has sent a Verdict.
    pub(crate) is_answered_by_clone: bool,
    /// The responder's store failed meanwhile: it may be silent, or find the timestamp stored already.
    pub(crate) store_failed: bool,
    /// A copy of one of its datagrams was lost in a partition.
    pub(crate) was_cut_off: bool,
    pub(crate) admitted: bool,
    pub(crate) fate: Fate,
    /// Of the thief's victim alone, or for an adversary: what a wiretap recorded.
    pub(crate) hello: Vec<u8>,
    pub(crate) challenge: Vec<u8>,
    /// The first of its datagrams.
    pub(crate) hops: Vec<Hop>,
}

/// What became of a run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    UnderWay,
    Accepted,
    Ended,
    /// Refused as stale, after a restart.
    Stale,
    /// Begun again, under the same deadline.
    Replaced,
}

/// One copy of one datagram.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hop {
    name: DatagramName,
    by_client: bool,
    sent: Moment,
    arrives: Option<Moment>,
    is_corrupted: bool,
}

/// More do not fit a diagram.
const HOPS_KEPT: usize = 40;

impl Run {
    pub(crate) fn begun(
        (at, wall): (Moment, Timestamp),
        client: HostId,
        intent: Intent,
        number: HandshakeNumber,
        deadline: Moment,
        checks: Checks,
    ) -> Self {
        Self {
            client,
            intent,
            number,
            begun: at,
            wall,
            deadline,
            accepted: None,
            nonce: None,
            sent: Sends::default(),
            hello_arrived: false,
            hellos_at_once: 0,
            checks,
            challenges_arrived: BTreeSet::new(),
            impostor_seen: false,
            responded: BTreeSet::new(),
            response_bytes: 0,
            response_arrived: None,
            verdict_arrived: false,
            is_answered_by_clone: false,
            store_failed: false,
            was_cut_off: false,
            admitted: false,
            fate: Fate::UnderWay,
            hello: Vec::new(),
            challenge: Vec::new(),
            hops: Vec::new(),
        }
    }

    /// Whether every message of an exchange has arrived in time.
    pub(crate) fn is_complete(&self) -> bool {
        let answered = !self.challenges_arrived.is_empty() && self.response_arrived.is_some();
        self.hello_arrived && answered && self.verdict_arrived
    }

    pub(crate) fn hop(&mut self, name: &DatagramName, sent: Moment, arrives: Option<Moment>, is_corrupted: bool) {
        if self.hops.len() < HOPS_KEPT && self.fate == Fate::UnderWay {
            let by_client = name.from == self.client;
            self.hops.push(Hop { name: *name, by_client, sent, arrives, is_corrupted });
        }
    }
}

impl Hop {
    pub(crate) fn arrow(&self, client: &str, server: &str) -> Arrow {
        let (from, to) = if self.by_client { (client, server) } else { (server, client) };
        Arrow {
            sent_us: self.sent.as_micros(),
            arrived_us: self.arrives.map(Moment::as_micros),
            from: from.to_owned(),
            to: to.to_owned(),
            message: self.name.message(),
            nature: Nature::Carried,
            is_corrupted: self.is_corrupted,
            note: None,
        }
    }
}

/// The Challenges that a client may judge (CS-INIT-08), counted beside it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checks {
    /// What it has saved up, in microseconds; so many make a check.
    saved_us: u64,
    at: Moment,
}

impl Checks {
    pub(crate) fn full(limits: &Limits, at: Moment) -> Self {
        Self { saved_us: Self::most_us(limits), at }
    }

    /// Whether one more is allowed now.
    pub(crate) fn allow(&mut self, limits: &Limits, at: Moment) -> bool {
        let waited_us = at.as_micros().saturating_sub(self.at.as_micros());
        self.saved_us = self.saved_us.saturating_add(waited_us).min(Self::most_us(limits));
        self.at = at;
        self.saved_us >= Self::one_us(limits)
    }

    /// One was made.
    pub(crate) fn spend(&mut self, limits: &Limits) {
        self.saved_us = self.saved_us.saturating_sub(Self::one_us(limits));
    }

    fn one_us(limits: &Limits) -> u64 {
        1_000_000_u64.checked_div(limits.challenges_per_second.into()).unwrap_or(u64::MAX).max(1)
    }

    fn most_us(limits: &Limits) -> u64 {
        Self::one_us(limits).saturating_mul(limits.challenge_burst.into())
    }
}

/// How often each message of a run was sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sends {
    pub(crate) hellos: u64,
    pub(crate) answers: u64,
    pub(crate) challenges: u64,
    pub(crate) responses: u64,
    pub(crate) verdicts: u64,
}

/// A responder's acceptance, until the initiator's is matched with it, once.
#[derive(Debug)]
pub(crate) struct Admission {
    pub(crate) server: HostId,
    pub(crate) client: HostId,
    pub(crate) agreement: Box<Agreement>,
    pub(crate) at: Moment,
    pub(crate) matched: bool,
    /// A record of the initiator has opened.
    pub(crate) confirmed: bool,
    /// A record of the responder has opened.
    pub(crate) initiator_knows: bool,
    /// Which of the initiator's records have arrived.
    pub(crate) counters: BTreeSet<u64>,
    /// The newest of them that opened, and where it came from.
    pub(crate) newest: Option<(u64, Address)>,
    /// The initiator has hung up.
    pub(crate) hung_up: bool,
    /// How the keystreams begin under which data was sealed, either way.
    pub(crate) keystreams: Vec<[u8; 16]>,
    /// How many records the responder has sent.
    pub(crate) records_sent: u64,
    pub(crate) last_counter_i: Option<u64>,
    pub(crate) last_counter_r: Option<u64>,
}

impl Admission {
    pub(crate) const fn new(server: HostId, client: HostId, agreement: Box<Agreement>, at: Moment) -> Self {
        Self {
            server,
            client,
            agreement,
            at,
            matched: false,
            confirmed: false,
            initiator_knows: false,
            counters: BTreeSet::new(),
            newest: None,
            hung_up: false,
            keystreams: Vec::new(),
            records_sent: 0,
            last_counter_i: None,
            last_counter_r: None,
        }
    }
}

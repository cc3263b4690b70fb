//! What may happen in a world: the steps of a trace, and what comes of each.
//!
//! A step names what it is about by handshake, not by bytes or by time: "the second Challenge of handshake 17". So a step
//! can be left out, and what follows from the others still makes sense. Timers are no steps: they fire by themselves.

use crate::adversary::{Forged, Loot};
use crate::claims::Violation;
use crate::host::HostId;
use crate::link::Flip;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A handshake, by the number of the step that began it; 0 for what belongs to none.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
pub struct HandshakeNumber(pub u64);

/// A datagram that a host sent.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
pub struct DatagramName {
    /// Who sent it.
    pub from: HostId,
    /// What it belongs to.
    pub handshake: HandshakeNumber,
    /// Its type, as on the wire; 0 if it has none.
    pub kind: u8,
    /// The how manieth of this kind, from this host, in this handshake; from 1.
    pub nth: u32,
}

impl DatagramName {
    /// Which message it is, with how manieth repeat: "Hello", "Hello (2)".
    #[must_use]
    pub fn message(&self) -> String {
        let kind = match self.kind {
            1 => "Hello",
            2 => "Retry",
            3 => "Challenge",
            4 => "Response",
            5 => "Verdict",
            7 => "Record",
            _ => "no message",
        };
        if self.nth > 1 { format!("{kind} ({})", self.nth) } else { kind.to_owned() }
    }
}

/// A question that a responder asked its store.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
pub struct QuestionName {
    /// Who asked.
    pub server: HostId,
    /// About what.
    pub handshake: HandshakeNumber,
    /// The how manieth; from 1.
    pub nth: u32,
}

/// One step.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// A client begins a handshake, or queues it.
    Connect {
        /// Who.
        client: HostId,
        /// With whom.
        server: HostId,
        /// Where its datagrams go: to the server, unless it was lured elsewhere.
        via: HostId,
        /// What it wants, ascending.
        wanted: Vec<String>,
    },
    /// A client closes the session of a handshake.
    HangUp {
        /// Who.
        client: HostId,
        /// Which.
        handshake: HandshakeNumber,
    },
    /// A copy of a datagram reaches a host.
    Deliver {
        /// Which.
        datagram: DatagramName,
        /// Where.
        to: HostId,
        /// Where it seems to come from.
        from: HostId,
        /// What about it is not as it was sent.
        flip: Option<Flip>,
        /// How it came about.
        nature: Nature,
    },
    /// Bytes that nobody meant reach a host.
    Junk {
        /// Where.
        to: HostId,
        /// Where they seem to come from.
        from: HostId,
        /// In hexadecimal digits.
        bytes: String,
    },
    /// A well-formed Hello of somebody who says nothing more.
    Stranger {
        /// Where.
        to: HostId,
        /// In hexadecimal digits.
        bytes: String,
    },
    /// A client sends data in the session of a handshake.
    Say {
        /// Who.
        client: HostId,
        /// Which.
        handshake: HandshakeNumber,
    },
    /// A message that the adversary makes reaches a host.
    Forge {
        /// What.
        message: Forged,
        /// Where.
        to: HostId,
        /// Where it seems to come from.
        from: HostId,
    },
    /// The adversary steals.
    Steal {
        /// What.
        loot: Loot,
    },
    /// A store answers.
    Answer {
        /// What.
        question: QuestionName,
        /// Whether it fails, and when.
        fault: StoreFault,
    },
    /// A wall clock steps.
    ClockStep {
        /// Whose.
        host: HostId,
        /// How far, in milliseconds.
        by_ms: i64,
    },
    /// A host loses its memory, and is down.
    Crash {
        /// Who.
        host: HostId,
    },
    /// A host that was down starts again.
    Start {
        /// Who.
        host: HostId,
    },
    /// A client's address changes.
    Rebind {
        /// Whose.
        client: HostId,
    },
    /// A host's timers were due. No step: written into traces for whoever reads them.
    Timer {
        /// Whose.
        host: HostId,
    },
}

/// How a copy of a datagram came about.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// It is the network's, as sent or corrupted.
    Carried,
    /// It was made from a genuine one by somebody who changed a bit.
    Forged,
    /// It was recorded, and is played again.
    Replayed,
    /// It was made for a cloned machine, at the moment when the original got its own.
    Mirrored,
}

/// What a store does with a question.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreFault {
    /// It answers.
    None,
    /// It fails before it has done anything.
    Before,
    /// It fails after it has stored.
    After,
}

/// What came of a step.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// A host sent a datagram.
    Sent {
        /// Which.
        datagram: DatagramName,
        /// Where to.
        to: HostId,
        /// How large it is.
        bytes: usize,
        /// The first eight bytes of its SHA-256, in hexadecimal digits.
        sha256: String,
    },
    /// A host refused what it got.
    Dropped {
        /// Who.
        host: HostId,
        /// Why.
        why: String,
    },
    /// A host's endpoint said something.
    Said {
        /// Who.
        host: HostId,
        /// What it is about, if that is known.
        handshake: HandshakeNumber,
        /// What, in a word or two.
        what: String,
    },
    /// A responder asked its store.
    Asked {
        /// What.
        question: QuestionName,
    },
    /// A claim did not hold.
    Violated(Violation),
}

/// One line of a trace: a step and what came of it.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Line {
    /// Its number; 0 for timers.
    pub step: u64,
    /// When, in microseconds of virtual time.
    pub at_us: u64,
    /// What happened.
    pub act: Act,
    /// What came of it.
    pub effects: Vec<Effect>,
}

/// The last line of a trace: without it, something is missing.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TraceEnd {
    /// What the trace had come to.
    pub end: End,
}

/// What a trace had come to when it was complete.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// How many steps it has; timers are none.
    pub steps: u64,
}

/// The first line of a trace: all that is needed to run it again.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct TraceHeader {
    /// [`TRACE_SCHEMA`].
    pub schema: String,
    /// What made it.
    pub build: String,
    /// The seed of the run.
    pub seed: u64,
    /// Which of its worlds.
    pub world: u32,
    /// How many handshakes that world was to begin.
    pub handshakes: u64,
    /// What it was like.
    pub scenario: crate::Scenario,
    /// Which defences were off.
    pub without: Vec<String>,
    /// Who is who, by number.
    pub hosts: Vec<String>,
}

/// The version of the format of traces.
pub const TRACE_SCHEMA: &str = "countersign.trace.v1";

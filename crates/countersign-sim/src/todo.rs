//! What is about to happen, with the bytes it is about.

use crate::act::{Act, DatagramName, HandshakeNumber, Nature, QuestionName, StoreFault};
use crate::host::{HostId, PORT};
use crate::link::Flip;
use crate::observer::COOKIE;
use core::cell::Cell;
use countersign::Clearances;
use countersign::wire::Kind;
use data_encoding::HEXLOWER;
use std::rc::Rc;

/// A datagram that a host has sent.
#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) name: DatagramName,
    pub(crate) from_port: u16,
    pub(crate) to: HostId,
    pub(crate) to_port: u16,
    pub(crate) bytes: Vec<u8>,
    /// Whoever it was meant for has acted on it.
    pub(crate) is_taken: Cell<bool>,
}

/// What is about to happen.
#[derive(Clone, Debug)]
pub(crate) enum Todo {
    Connect { client: HostId, server: HostId, via: HostId, wanted: Clearances },
    HangUp { client: HostId, handshake: HandshakeNumber },
    Deliver(Delivery),
    Junk { to: HostId, from: HostId, bytes: Rc<[u8]> },
    Stranger { to: HostId, bytes: Rc<[u8]> },
    Say { client: HostId, handshake: HandshakeNumber },
    Answer { question: QuestionName, fault: StoreFault },
    ClockStep { host: HostId, by_ms: i64 },
    Crash { host: HostId },
    Start { host: HostId },
    Rebind { client: HostId },
}

/// A copy of a datagram that reaches a host.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) flight: Rc<Flight>,
    pub(crate) to: HostId,
    pub(crate) from: HostId,
    pub(crate) flip: Option<Flip>,
    pub(crate) nature: Nature,
}

impl Delivery {
    /// Whether it reaches the host that it was meant for, as it was sent. Where it seems to come from proves nothing.
    pub(crate) fn is_genuine(&self) -> bool {
        self.is_pristine() && self.to == self.flight.to
    }

    /// Whether it says what was sent. A Hello with another cookie is the same Hello.
    pub(crate) fn is_pristine(&self) -> bool {
        let is_hello = self.flight.name.kind == Kind::Hello as u8;
        self.flip.is_none_or(|flip| is_hello && COOKIE.contains(&flip.byte.into()))
    }

    /// Whether it must be refused whatever came before: a copy of which something is changed that is covered by a MAC or a
    /// rule of shape.
    pub(crate) fn is_junk(&self) -> bool {
        self.nature == Nature::Forged
    }

    pub(crate) fn sent_from(&self) -> u16 {
        if self.from == self.flight.name.from { self.flight.from_port } else { PORT }
    }
}

impl Todo {
    /// The step as a trace has it.
    pub(crate) fn act(&self) -> Act {
        match self {
            Self::Connect { client, server, via, wanted } => Act::Connect {
                client: *client,
                server: *server,
                via: *via,
                wanted: wanted.iter().map(|one| String::from_utf8_lossy(one).into_owned()).collect(),
            },
            Self::HangUp { client, handshake } => Act::HangUp { client: *client, handshake: *handshake },
            Self::Deliver(Delivery { flight, to, from, flip, nature }) => {
                Act::Deliver { datagram: flight.name, to: *to, from: *from, flip: *flip, nature: *nature }
            }
            Self::Junk { to, from, bytes } => Act::Junk { to: *to, from: *from, bytes: HEXLOWER.encode(bytes) },
            Self::Stranger { to, bytes } => Act::Stranger { to: *to, bytes: HEXLOWER.encode(bytes) },
            Self::Say { client, handshake } => Act::Say { client: *client, handshake: *handshake },
            Self::Answer { question, fault } => Act::Answer { question: *question, fault: *fault },
            Self::ClockStep { host, by_ms } => Act::ClockStep { host: *host, by_ms: *by_ms },
            Self::Crash { host } => Act::Crash { host: *host },
            Self::Start { host } => Act::Start { host: *host },
            Self::Rebind { client } => Act::Rebind { client: *client },
        }
    }

    /// The step that a trace has, if what it is about exists by now.
    pub(crate) fn of(act: &Act, flight: impl FnOnce(&DatagramName) -> Option<Rc<Flight>>) -> Option<Self> {
        Some(match act {
            Act::Connect { client, server, via, wanted } => {
                let wanted: Vec<&[u8]> = wanted.iter().map(String::as_bytes).collect();
                let wanted = Clearances::new(&wanted).ok()?;
                Self::Connect { client: *client, server: *server, via: *via, wanted }
            }
            Act::HangUp { client, handshake } => Self::HangUp { client: *client, handshake: *handshake },
            Act::Deliver { datagram, to, from, flip, nature } => Self::Deliver(Delivery {
                flight: flight(datagram)?,
                to: *to,
                from: *from,
                flip: *flip,
                nature: *nature,
            }),
            Act::Junk { to, from, bytes } => {
                Self::Junk { to: *to, from: *from, bytes: HEXLOWER.decode(bytes.as_bytes()).ok()?.into() }
            }
            Act::Stranger { to, bytes } => {
                Self::Stranger { to: *to, bytes: HEXLOWER.decode(bytes.as_bytes()).ok()?.into() }
            }
            Act::Say { client, handshake } => Self::Say { client: *client, handshake: *handshake },
            Act::Answer { question, fault } => Self::Answer { question: *question, fault: *fault },
            Act::ClockStep { host, by_ms } => Self::ClockStep { host: *host, by_ms: *by_ms },
            Act::Crash { host } => Self::Crash { host: *host },
            Act::Start { host } => Self::Start { host: *host },
            Act::Rebind { client } => Self::Rebind { client: *client },
            // What the adversary alone can do is done where its knowledge is.
            Act::Forge { .. } | Act::Steal { .. } | Act::Timer { .. } => return None,
        })
    }
}

//! A device and a server with a network between them that the test turns by hand.

use core::net::SocketAddr;
use core::time::Duration;
use countersign::wire::{Kind, Sid};
use countersign::{
    Clearances, Defences, Expectation, Initiator, InitiatorPolicy, Moment, Name, Now, Profile, Responder,
    ResponderPolicy, SigningKey, Timestamp, Whole,
};
use countersign_endpoint::{
    Answer, AnswerError, Dropped, Endpoint, Event, HandshakeId, InitiatorState, Limits, MemoryStore, Output,
    ResponderState, Ticket, answer,
};
use rand::rngs::ChaCha20Rng;
use rand::{Rng, SeedableRng, TryCryptoRng, TryRng};
use std::collections::VecDeque;
use std::convert::Infallible;

/// A generator that works, or one that always gives the same byte.
#[derive(Debug)]
pub enum Generator {
    /// Seeded.
    Working(Box<ChaCha20Rng>),
    /// Stuck.
    Stuck(u8),
}

impl Generator {
    /// A working one.
    #[must_use]
    pub fn working(seed: u64) -> Self {
        Self::Working(Box::new(ChaCha20Rng::seed_from_u64(seed)))
    }
}

impl TryRng for Generator {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        match self {
            Self::Working(rng) => Ok(rng.next_u32()),
            Self::Stuck(byte) => Ok(u32::from_ne_bytes([*byte; 4])),
        }
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        match self {
            Self::Working(rng) => Ok(rng.next_u64()),
            Self::Stuck(byte) => Ok(u64::from_ne_bytes([*byte; 8])),
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        match self {
            Self::Working(rng) => rng.fill_bytes(bytes),
            Self::Stuck(byte) => bytes.fill(*byte),
        }
        Ok(())
    }
}

impl TryCryptoRng for Generator {}

/// Which of the two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// The initiator.
    Device,
    /// The responder.
    Server,
}

impl Side {
    /// Whether this is its address.
    #[must_use]
    pub fn is_at(self, address: SocketAddr) -> bool {
        match self {
            Self::Device => address == DEVICE,
            Self::Server => address == SERVER,
        }
    }
}

/// A datagram on the network.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Datagram {
    /// Where it came from.
    pub from: SocketAddr,
    /// Where it goes.
    pub to: SocketAddr,
    /// What it says.
    pub bytes: Vec<u8>,
}

impl Datagram {
    /// Its type.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::of(&self.bytes).expect("honest hosts send messages")
    }
}

/// What a world is made of.
#[derive(Debug)]
pub struct Setup<D = Whole> {
    /// Which defences hold.
    pub defences: D,
    /// Decides both generators, unless they are given.
    pub seed: u64,
    /// Of both endpoints.
    pub limits: Limits,
    /// How the device treats clocks.
    pub device_policy: InitiatorPolicy,
    /// How far the server's clock is ahead, in milliseconds.
    pub server_ahead_ms: i64,
    /// What the store knows of the user; `None`: nothing.
    pub profile: Option<Profile>,
    /// The device's generator.
    pub device_rng: Generator,
    /// The server's generator.
    pub server_rng: Generator,
}

impl Setup<Whole> {
    /// Everything holds.
    #[must_use]
    pub fn whole(seed: u64) -> Self {
        Self::with(Whole, seed)
    }
}

impl<D: Defences> Setup<D> {
    /// These defences hold.
    #[must_use]
    pub fn with(defences: D, seed: u64) -> Self {
        Self {
            defences,
            seed,
            limits: Limits::default(),
            device_policy: InitiatorPolicy::default(),
            server_ahead_ms: 0,
            profile: Some(profile(&[b"read", b"write"])),
            device_rng: Generator::working(seed),
            server_rng: Generator::working(!seed),
        }
    }

    /// Puts the two on a network.
    #[must_use]
    pub fn build(self) -> World<D> {
        let server_key = SigningKey::from_seed(&SERVER_SEED);
        let expected = Expectation::new(server_name(), &server_key.public()).unwrap();
        let initiator =
            Initiator::with_defences(self.defences, user(), SigningKey::from_seed(&DEVICE_SEED), self.device_policy);
        let responder = Responder::with_defences(self.defences, server_name(), server_key, ResponderPolicy::default());
        let mut store = MemoryStore::default();
        if let Some(profile) = self.profile {
            store.enrol(user(), profile);
        }
        World {
            device: Endpoint::new(self.limits, self.device_rng).unwrap().with_initiator(initiator),
            server: Endpoint::new(self.limits, self.server_rng).unwrap().with_responder(responder),
            store,
            expected,
            moment: Moment::default(),
            server_ahead_ms: self.server_ahead_ms,
            device_ahead_ms: 0,
            wire: VecDeque::new(),
            events: Vec::new(),
            questions: VecDeque::new(),
            store_answers: true,
            wakes: [None; 2],
        }
    }
}

/// The two endpoints, what is on the wire between them, and what they have said.
#[derive(Debug)]
pub struct World<D = Whole> {
    /// The initiator.
    pub device: Endpoint<Generator, D>,
    /// The responder.
    pub server: Endpoint<Generator, D>,
    /// What the server remembers.
    pub store: MemoryStore,
    /// The server, as the device expects it.
    pub expected: Expectation,
    /// Monotonic time of both.
    pub moment: Moment,
    /// How far the server's wall clock is ahead, in milliseconds.
    pub server_ahead_ms: i64,
    /// How far the device's wall clock is ahead, in milliseconds.
    pub device_ahead_ms: i64,
    /// Sent and neither delivered nor dropped, oldest first.
    pub wire: VecDeque<Datagram>,
    /// What both have said, oldest first.
    pub events: Vec<(Side, Event)>,
    /// What the store was asked and has not answered, if it does not answer at once.
    pub questions: VecDeque<Output>,
    /// Whether the store answers at once.
    pub store_answers: bool,
    /// When each side wants to be woken, the device first.
    pub wakes: [Option<Moment>; 2],
}

impl<D: Defences> World<D> {
    /// What a side's clocks show.
    #[must_use]
    pub fn now(&self, side: Side) -> Now {
        let ahead = match side {
            Side::Device => self.device_ahead_ms,
            Side::Server => self.server_ahead_ms,
        };
        let millis = (START + self.moment.as_micros() / 1_000).checked_add_signed(ahead).unwrap();
        Now { wall: Timestamp::from_millis(millis), monotonic: self.moment }
    }

    /// The device begins a handshake with the server, for "read".
    pub fn connect(&mut self) -> HandshakeId {
        self.connect_for(&[b"read"])
    }

    /// The device begins a handshake with the server, for these clearances.
    pub fn connect_for(&mut self, wanted: &[&[u8]]) -> HandshakeId {
        let now = self.now(Side::Device);
        let wanted = Clearances::new(wanted).unwrap();
        let id = self.device.connect(now, SERVER, &self.expected, wanted).unwrap();
        self.settle(Side::Device);
        id
    }

    /// Carries out what a side wants done: what it sends goes on the wire, what it says is noted.
    pub fn settle(&mut self, side: Side) {
        loop {
            let (endpoint, from) = match side {
                Side::Device => (&mut self.device, DEVICE),
                Side::Server => (&mut self.server, SERVER),
            };
            match endpoint.poll_output() {
                None => return,
                Some(Output::Send { to, bytes }) => self.wire.push_back(Datagram { from, to, bytes }),
                Some(Output::WakeAt(at)) => self.wakes[side as usize] = Some(at),
                Some(Output::Event(event)) => self.events.push((side, event)),
                Some(question @ (Output::Lookup { .. } | Output::Advance { .. })) => {
                    self.questions.push_back(question);
                    if self.store_answers {
                        self.answer_all();
                    }
                }
            }
        }
    }

    /// The store answers all that it was asked.
    pub fn answer_all(&mut self) {
        while let Some(question) = self.questions.pop_front() {
            let (ticket, answer) = answer(&mut self.store, &question).unwrap();
            self.answer(ticket, answer);
        }
    }

    /// The store answers one question like this.
    pub fn answer(&mut self, ticket: Ticket, answer: Answer) {
        self.try_answer(ticket, answer).unwrap();
    }

    /// The store answers one question like this, and the server says what it thinks of it.
    pub fn try_answer(&mut self, ticket: Ticket, answer: Answer) -> Result<(), AnswerError> {
        let now = self.now(Side::Server);
        let result = self.server.handle_answer(now, ticket, answer);
        self.settle(Side::Server);
        result
    }

    /// Hands a datagram to whom it is for, and says what came of it.
    pub fn deliver(&mut self, datagram: &Datagram) -> Result<(), Dropped> {
        let side = if datagram.to == DEVICE { Side::Device } else { Side::Server };
        let now = self.now(side);
        let endpoint = match side {
            Side::Device => &mut self.device,
            Side::Server => &mut self.server,
        };
        let result = endpoint.handle_datagram(now, datagram.from, &datagram.bytes);
        self.settle(side);
        result
    }

    /// Takes the oldest datagram of this kind off the wire.
    pub fn take(&mut self, kind: Kind) -> Datagram {
        let at = self.wire.iter().position(|datagram| datagram.kind() == kind);
        let at = at.unwrap_or_else(|| panic!("no {kind:?} is on the wire: {:?}", self.wire));
        self.wire.remove(at).unwrap()
    }

    /// Delivers all that is on the wire, and all that comes of it. Returns what was delivered.
    pub fn run(&mut self) -> Vec<Datagram> {
        let mut delivered = Vec::new();
        while let Some(datagram) = self.wire.pop_front() {
            // Whether an honest datagram is dropped shows in what the two say in the end.
            let _ = self.deliver(&datagram);
            delivered.push(datagram);
        }
        delivered
    }

    /// Delivers all until one of this kind is on the wire, and takes that.
    pub fn run_until(&mut self, kind: Kind) -> Datagram {
        while let Some(datagram) = self.wire.pop_front() {
            if datagram.kind() == kind {
                return datagram;
            }
            self.deliver(&datagram).unwrap();
        }
        panic!("no {kind:?} was sent");
    }

    /// Lets time pass, and wakes each side exactly when it asked for it.
    pub fn pass(&mut self, span: Duration) {
        let end = self.moment.plus(span);
        while self.next_wake().is_some_and(|next| next <= end) {
            self.pass_to_next_wake();
        }
        self.moment = end;
    }

    /// When the next side wants to be woken.
    #[must_use]
    pub fn next_wake(&self) -> Option<Moment> {
        self.wakes.iter().flatten().min().copied()
    }

    /// Lets time pass until a side wants to be woken, and wakes it.
    pub fn pass_to_next_wake(&mut self) {
        let Some(next) = self.next_wake() else { return };
        self.moment = self.moment.max(next);
        for side in [Side::Device, Side::Server] {
            if self.wakes[side as usize].is_some_and(|at| at <= next) {
                self.wakes[side as usize] = None;
                let now = self.now(side);
                match side {
                    Side::Device => self.device.handle_timeout(now),
                    Side::Server => self.server.handle_timeout(now),
                }
                self.settle(side);
            }
        }
    }

    /// Loses all that is on the wire.
    pub fn lose_all(&mut self) -> Vec<Datagram> {
        self.wire.drain(..).collect()
    }

    /// The session that the device has accepted last.
    #[must_use]
    pub fn device_session(&self) -> Option<Sid> {
        self.events.iter().rev().find_map(|(side, event)| match (side, event) {
            (Side::Device, Event::Accepted { session, .. }) => Some(*session),
            _ => None,
        })
    }

    /// The session that the server has admitted last.
    #[must_use]
    pub fn server_session(&self) -> Option<Sid> {
        self.events.iter().rev().find_map(|(side, event)| match (side, event) {
            (Side::Server, Event::Admitted { session, .. }) => Some(*session),
            _ => None,
        })
    }

    /// How often the server has admitted somebody.
    #[must_use]
    pub fn admissions(&self) -> usize {
        self.events.iter().filter(|(_, event)| matches!(event, Event::Admitted { .. })).count()
    }

    /// Whether both have accepted and know it of each other.
    #[must_use]
    pub fn both_established(&self, handshake: HandshakeId) -> bool {
        let server = self.server_session().map(|session| self.server.responder_state(session));
        self.device.initiator_state(handshake) == InitiatorState::Established
            && server == Some(ResponderState::Established)
    }
}

/// The device's address, from the range for documentation (RFC 5737).
pub const DEVICE: SocketAddr = address(2, 40_000);
/// The server's address.
pub const SERVER: SocketAddr = address(1, 4_433);
/// An address of neither.
pub const ELSEWHERE: SocketAddr = address(66, 6_666);
/// The device's key.
pub const DEVICE_SEED: [u8; 32] = [0xd0; 32];
/// The server's key.
pub const SERVER_SEED: [u8; 32] = [0x5e; 32];
/// Both clocks at the start, in milliseconds since the Unix epoch.
pub const START: u64 = 1_790_000_000_000;

const fn address(host: u8, port: u16) -> SocketAddr {
    SocketAddr::new(core::net::IpAddr::V4(core::net::Ipv4Addr::new(192, 0, 2, host)), port)
}

/// The server's name.
#[must_use]
pub fn server_name() -> Name {
    Name::new(b"vault.example").unwrap()
}

/// The user's name.
#[must_use]
pub fn user() -> Name {
    Name::new(b"ada.example").unwrap()
}

/// A responder under the server's name: with the server's key the server, started anew; with another a look-alike.
#[must_use]
pub fn responder_with(key: &[u8; 32], generator: Generator) -> Endpoint<Generator> {
    let responder = Responder::new(server_name(), SigningKey::from_seed(key), ResponderPolicy::default());
    Endpoint::new(Limits::default(), generator).unwrap().with_responder(responder)
}

/// A profile with the device enrolled that holds these clearances.
#[must_use]
pub fn profile(held: &[&[u8]]) -> Profile {
    Profile {
        devices: vec![SigningKey::from_seed(&DEVICE_SEED).public()],
        held: Clearances::new(held).unwrap(),
        required: Clearances::none(),
        lifetime_s: countersign::LIFETIME_S,
    }
}

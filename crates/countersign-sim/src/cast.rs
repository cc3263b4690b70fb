//! Who is in the world, and what each is there to do.

use crate::dice::{Dice, Stream, generator};
use core::net::{IpAddr, Ipv6Addr, SocketAddr};
use countersign::{
    Clearances, Defences, Expectation, Initiator, InitiatorPolicy, LIFETIME_S, Name, Profile, Responder,
    ResponderPolicy, SigningKey, Timestamp,
};
use countersign_endpoint::{Endpoint, Limits, MemoryStore};
use rand::rngs::ChaCha20Rng;

/// A host, by its place in the world.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct HostId(pub u16);

impl HostId {
    /// Its address, from the range for documentation (RFC 3849).
    #[must_use]
    pub const fn address(self) -> SocketAddr {
        SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, self.0)), 4_433)
    }
}

/// What is true of a host, whatever anybody believes.
#[derive(Clone, Debug)]
pub enum Part {
    /// A genuine responder.
    Server(Expectation),
    /// A responder under a genuine one's name with a key of its own.
    LookAlike,
    /// A user's device.
    Client {
        /// The user.
        user: Name,
        /// The device's key, 32 bytes.
        device: [u8; 32],
        /// How it stands with the servers.
        standing: Standing,
        /// What its key is made from, 32 bytes: the laboratory may steal it.
        seed: [u8; 32],
    },
    /// Says Hello and nothing more; the source of junk spoofs everybody.
    Stranger,
}

/// How a device stands with the servers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// Enrolled, with a clock within the skew.
    Enrolled,
    /// Its user is known; the device is not enrolled.
    StrangeDevice,
    /// Its user is not known.
    UnknownUser,
    /// Enrolled, with a clock beyond the skew.
    WrongClock,
}

/// One host: an endpoint, a clock and, behind a responder, a store.
#[derive(Debug)]
pub(crate) struct Host<D> {
    pub(crate) part: Part,
    pub(crate) endpoint: Endpoint<ChaCha20Rng, D>,
    pub(crate) store: MemoryStore,
    pub(crate) dice: Dice,
    /// What its wall clock shows at the start.
    pub(crate) epoch: Timestamp,
}

/// What each user may ask for.
pub(crate) const HELD: &[&[u8]] = &[b"read", b"write"];
/// What none may have.
pub(crate) const NOT_HELD: &[u8] = b"administer";
const START: u64 = 1_790_000_000_000;

/// The world's hosts: servers, a look-alike of the first server, clients, a stranger.
pub(crate) struct Cast<D> {
    pub(crate) hosts: Vec<Host<D>>,
    pub(crate) servers: Vec<HostId>,
    pub(crate) look_alike: HostId,
    pub(crate) clients: Vec<HostId>,
    pub(crate) stranger: HostId,
}

/// How many of each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Population {
    /// Devices.
    pub clients: u16,
    /// Genuine responders.
    pub servers: u16,
}

impl Default for Population {
    fn default() -> Self {
        Self { clients: 256, servers: 8 }
    }
}

pub(crate) fn gather<D: Defences>(defences: D, seed: u64, population: Population, limits: Limits) -> Cast<D> {
    let dice = Dice::new(seed, Stream::Cast);
    let mut gathering = Gathering { defences, seed, limits, dice, hosts: Vec::new() };
    let servers = (0..population.servers).map(|at| gathering.server(name("vault", at), Part::Server)).collect();
    let look_alike = gathering.server(name("vault", 0), |_| Part::LookAlike);
    let clients = (0..population.clients).map(|at| gathering.client(at)).collect();
    let stranger = gathering.add(Part::Stranger, Timestamp::from_millis(START), |bare| bare);
    gathering.enrol_all();
    Cast { hosts: gathering.hosts, servers, look_alike, clients, stranger }
}

/// A cast that is being put together.
struct Gathering<D> {
    defences: D,
    seed: u64,
    limits: Limits,
    dice: Dice,
    hosts: Vec<Host<D>>,
}

type Bare<D> = Endpoint<ChaCha20Rng, D>;

impl<D: Defences> Gathering<D> {
    fn add(&mut self, part: Part, epoch: Timestamp, equip: impl FnOnce(Bare<D>) -> Bare<D>) -> HostId {
        let id = HostId(u16::try_from(self.hosts.len()).expect("a population fits 16 bits"));
        let rng = generator(self.seed, Stream::Host(id.0));
        let bare = Endpoint::new(self.limits, rng).expect("the limits were checked with the configuration");
        let dice = Dice::new(self.seed, Stream::Behaviour(id.0));
        self.hosts.push(Host { part, endpoint: equip(bare), store: MemoryStore::default(), dice, epoch });
        id
    }

    fn server(&mut self, name: Name, part: impl FnOnce(Expectation) -> Part) -> HostId {
        let key = SigningKey::from_seed(&key_seed(&mut self.dice));
        let epoch = clock(&mut self.dice);
        let expectation = Expectation::new(name.clone(), &key.public()).expect("a key made from a seed is not weak");
        let responder = Responder::with_defences(self.defences, name, key, ResponderPolicy::default());
        self.add(part(expectation), epoch, |bare| bare.with_responder(responder))
    }

    fn client(&mut self, at: u16) -> HostId {
        let standing = standing(at);
        let (user, seed) = (name("user", at), key_seed(&mut self.dice));
        let key = SigningKey::from_seed(&seed);
        let epoch = match standing {
            Standing::WrongClock => Timestamp::from_millis(START + 3_600_000),
            Standing::Enrolled | Standing::StrangeDevice | Standing::UnknownUser => clock(&mut self.dice),
        };
        let part = Part::Client { user: user.clone(), device: key.public(), standing, seed };
        let initiator = Initiator::with_defences(self.defences, user, key, InitiatorPolicy::default());
        self.add(part, epoch, |bare| bare.with_initiator(initiator))
    }

    /// Every responder's store knows every user that it should, the look-alike's too.
    fn enrol_all(&mut self) {
        let parts: Vec<Part> = self.hosts.iter().map(|host| host.part.clone()).collect();
        for host in &mut self.hosts {
            for part in &parts {
                if let Part::Client { user, device, standing, .. } = part {
                    enrol(&mut host.store, user, device, *standing);
                }
            }
        }
    }
}

/// One client in 32 is each kind of stranger; the first is an honest one.
const fn standing(client: u16) -> Standing {
    match client % 32 {
        7 => Standing::StrangeDevice,
        15 => Standing::UnknownUser,
        23 => Standing::WrongClock,
        _ => Standing::Enrolled,
    }
}

fn enrol(store: &mut MemoryStore, user: &Name, device: &[u8; 32], standing: Standing) {
    let devices = match standing {
        Standing::UnknownUser => return,
        Standing::StrangeDevice => vec![],
        Standing::Enrolled | Standing::WrongClock => vec![*device],
    };
    let held = Clearances::new(HELD).expect("two short clearances");
    store.enrol(user.clone(), Profile { devices, held, required: Clearances::none(), lifetime_s: LIFETIME_S });
}

/// A name long enough that it is not found in random bytes by chance.
fn name(kind: &str, number: u16) -> Name {
    Name::new(format!("{kind}-{number:05}.example").as_bytes()).expect("a short name")
}

fn key_seed(dice: &mut Dice) -> [u8; 32] {
    *dice.bytes(32).first_chunk().expect("32 bytes")
}

/// A wall clock that is wrong by up to half a minute, either way.
fn clock(dice: &mut Dice) -> Timestamp {
    Timestamp::from_millis(START.saturating_sub(30_000).saturating_add(dice.below(60_000)))
}

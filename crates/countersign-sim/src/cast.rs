//! Who is in the world, and what each is there to do.

use crate::clock::{Clock, Condition};
use crate::dice::{Dice, Stream};
use crate::host::HostId;
use crate::machine::{Machine, Role};
use crate::scenario::{Cloned, Population, Scenario, StoresOfClones};
use core::time::Duration;
use countersign::{Clearances, Defences, Expectation, LIFETIME_S, Name, Profile, SigningKey};
use countersign_endpoint::MemoryStore;

/// What is true of a host, whatever anybody believes.
#[derive(Clone, Debug)]
pub enum Part {
    /// A genuine responder.
    Server(Expectation),
    /// A responder under a genuine one's name with a key of its own.
    LookAlike,
    /// A responder under a genuine one's name with the stolen key of a device.
    Thief,
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
        /// It has no clock, and follows the verified responder's.
        follows: bool,
    },
    /// Says Hello and nothing more; the source of junk spoofs everybody.
    Stranger,
}

/// How a device stands with the servers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// Enrolled.
    Enrolled,
    /// Its user is known; the device is not enrolled.
    StrangeDevice,
    /// Its user is not known.
    UnknownUser,
    /// Enrolled, with a clock beyond the skew from the start.
    WrongClock,
}

impl Standing {
    pub(crate) const fn is_enrolled(self) -> bool {
        matches!(self, Self::Enrolled | Self::WrongClock)
    }
}

impl Part {
    /// A name for people.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Server(expected) => expected.identity().name.to_string(),
            Self::Client { user, .. } => user.to_string(),
            Self::LookAlike => "the look-alike".to_owned(),
            Self::Thief => "the thief".to_owned(),
            Self::Stranger => "a stranger".to_owned(),
        }
    }
}

/// What each user may ask for.
pub(crate) const HELD: &[&[u8]] = &[b"read", b"write"];
/// What none may have.
pub(crate) const NOT_HELD: &[u8] = b"administer";
const WRONG_BY: Duration = Duration::from_secs(3_600);

/// The world's hosts: servers, a look-alike and a thief that pose as the first server, clients, a stranger, clones.
#[derive(Debug)]
pub(crate) struct Cast<D> {
    pub(crate) machines: Vec<Machine<D>>,
    pub(crate) conditions: Vec<Condition>,
    /// A store may be two responders'.
    pub(crate) stores: Vec<MemoryStore>,
    pub(crate) roles: Roles,
}

/// Which host is which.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roles {
    pub(crate) servers: Vec<HostId>,
    pub(crate) look_alike: HostId,
    pub(crate) thief: HostId,
    /// Whose key the thief has.
    pub(crate) victim: HostId,
    pub(crate) clients: Vec<HostId>,
    pub(crate) stranger: HostId,
    /// Clones, each with its original.
    pub(crate) clones: Vec<(HostId, HostId)>,
}

pub(crate) fn gather<D: Defences>(defences: D, seed: u64, scenario: &Scenario) -> Cast<D> {
    let Population { clients, servers } = scenario.population;
    let dice = Dice::new(seed, Stream::Cast);
    let mut gathering =
        Gathering { defences, seed, scenario, dice, machines: Vec::new(), conditions: Vec::new(), stores: Vec::new() };
    let servers: Vec<HostId> = (0..servers).map(|at| gathering.server(at)).collect();
    let look_alike_key = gathering.key_seed();
    let look_alike = gathering.poses(Part::LookAlike, look_alike_key);
    let thief_at = HostId(gathering.next());
    // The thief's key is its victim's, who is the second client if there is one.
    let stolen_seat = usize::from(clients.min(2)).saturating_sub(1);
    let seeds: Vec<[u8; 32]> = (0..clients).map(|_| gathering.key_seed()).collect();
    let thief = gathering.poses(Part::Thief, seeds.get(stolen_seat).copied().unwrap_or_default());
    debug_assert_eq!(thief, thief_at, "hosts are numbered in order");
    let clients: Vec<HostId> = (0..clients).zip(seeds).map(|(at, seed)| gathering.client(at, seed)).collect();
    let victim = clients.get(stolen_seat).copied().unwrap_or(look_alike);
    let stranger = gathering.add(Part::Stranger, Role::None, Clock::none(), None);
    let mut roles = Roles { servers, look_alike, thief, victim, clients, stranger, clones: Vec::new() };
    gathering.enrol_all();
    gathering.clone_some(&mut roles);
    Cast { machines: gathering.machines, conditions: gathering.conditions, stores: gathering.stores, roles }
}

/// A cast that is being put together.
struct Gathering<'a, D> {
    defences: D,
    seed: u64,
    scenario: &'a Scenario,
    dice: Dice,
    machines: Vec<Machine<D>>,
    conditions: Vec<Condition>,
    stores: Vec<MemoryStore>,
}

impl<D: Defences> Gathering<'_, D> {
    fn next(&self) -> u16 {
        u16::try_from(self.machines.len()).expect("a population fits 16 bits")
    }

    fn add(&mut self, part: Part, role: Role, clock: Clock, clone_of: Option<HostId>) -> HostId {
        let id = HostId(self.next());
        let generator = clone_of.unwrap_or(id);
        let store = self.stores.len();
        self.stores.push(MemoryStore::default());
        self.machines.push(Machine::new(self.defences, self.seed, self.scenario.limits, part, role, generator, store));
        self.conditions.push(Condition { clock, may_forget: clone_of.is_some() });
        id
    }

    fn clock(&self, faults: &crate::scenario::Clocks) -> Clock {
        Clock::drawn(faults, &mut Dice::new(self.seed, Stream::Clock(self.next())))
    }

    fn server(&mut self, at: u16) -> HostId {
        let (name, seed) = (name("vault", at), self.key_seed());
        let key = SigningKey::from_seed(&seed);
        let expectation = Expectation::new(name.clone(), &key.public()).expect("a key made from a seed is not weak");
        let clock = self.clock(&self.scenario.server_clocks);
        self.add(Part::Server(expectation), Role::Responder { name, seed }, clock, None)
    }

    /// Somebody under the first server's name.
    fn poses(&mut self, part: Part, seed: [u8; 32]) -> HostId {
        let clock = self.clock(&self.scenario.server_clocks);
        self.add(part, Role::Responder { name: name("vault", 0), seed }, clock, None)
    }

    fn client(&mut self, at: u16, seed: [u8; 32]) -> HostId {
        let standing = standing(at);
        let user = name("user", at);
        let faults = self.scenario.client_clocks;
        let follows = Dice::new(self.seed, Stream::Clock(self.next())).chance(faults.none);
        let clock = match standing {
            _ if follows => Clock::none(),
            Standing::WrongClock => Clock::fast_by(WRONG_BY),
            Standing::Enrolled | Standing::StrangeDevice | Standing::UnknownUser => self.clock(&faults),
        };
        // Who follows has no clock that could be wrong.
        let standing = if follows && standing == Standing::WrongClock { Standing::Enrolled } else { standing };
        let device = SigningKey::from_seed(&seed).public();
        let part = Part::Client { user: user.clone(), device, standing, seed, follows };
        self.add(part, Role::Initiator { user, seed, follows }, clock, None)
    }

    /// Every responder's store knows every user that it should, the look-alike's too.
    fn enrol_all(&mut self) {
        let mut all = MemoryStore::default();
        for machine in &self.machines {
            if let Part::Client { user, device, standing, .. } = &machine.part {
                enrol(&mut all, user, device, *standing);
            }
        }
        self.stores.fill(all);
    }

    fn clone_some(&mut self, roles: &mut Roles) {
        let Some(clones) = self.scenario.clones else { return };
        let originals = match clones.of {
            Cloned::Responders => &roles.servers,
            Cloned::Initiators => &roles.clients,
        };
        for original in originals.iter().copied().take(clones.machines.into()) {
            let Some(machine) = self.machines.get(usize::from(original.0)) else { continue };
            let (part, role, store) = (machine.part.clone(), machine.role.clone(), machine.store);
            let Some(condition) = self.conditions.get_mut(usize::from(original.0)) else { continue };
            condition.may_forget = true;
            let clock = condition.clock;
            let own = self.stores.get(store).cloned().unwrap_or_default();
            let clone = self.add(part, role, clock, Some(original));
            if clones.stores == StoresOfClones::Shared
                && let Some(machine) = self.machines.get_mut(usize::from(clone.0))
            {
                machine.store = store;
            } else if let Some(empty) = self.stores.last_mut() {
                *empty = own;
            }
            roles.clones.push((clone, original));
        }
        if clones.of == Cloned::Initiators {
            roles.clients.extend(roles.clones.iter().map(|(clone, _)| *clone));
        }
    }

    fn key_seed(&mut self) -> [u8; 32] {
        *self.dice.bytes(32).first_chunk().expect("32 bytes")
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

/// Whether an enrolled device may have this.
pub(crate) fn may_have(wanted: &Clearances) -> bool {
    wanted.iter().all(|one| HELD.contains(&one))
}

//! Who is in the world, and what each is there to do.

use crate::clock::{Clock, Condition};
use crate::dice::{Dice, Stream};
use crate::host::HostId;
use crate::machine::{Build, Machine, Role};
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
        /// Without these policy does not let its user in.
        required: Clearances,
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
    /// What its servers grant to who wants this; `None` if they are to refuse.
    pub(crate) fn grant(&self, wanted: &Clearances) -> Option<Clearances> {
        let Self::Client { standing, required, .. } = self else { return None };
        let granted = wanted.intersection(&held());
        let is_enough = granted.is_empty() == wanted.is_empty() && required.is_subset_of(&granted);
        (standing.is_enrolled() && is_enough).then_some(granted)
    }

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
pub(crate) const READ: &[&[u8]] = &[b"read"];
pub(crate) const WRITE: &[&[u8]] = &[b"write"];
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
    /// Responders that an adversary set up: one with a key of its own, one with the first server's under another name.
    pub(crate) rogues: Vec<HostId>,
    /// Devices that an adversary has enrolled, each with the user that it is to be.
    pub(crate) enrolled: Vec<(Name, [u8; 32])>,
}

pub(crate) fn gather<D: Defences>(build: Build<D>, scenario: &Scenario) -> Cast<D> {
    let Population { clients, servers } = scenario.population;
    let dice = Dice::new(build.seed, Stream::Cast);
    let mut gathering =
        Gathering { build, scenario, dice, machines: Vec::new(), conditions: Vec::new(), stores: Vec::new() };
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
    let mut roles = Roles {
        servers,
        look_alike,
        thief,
        victim,
        clients,
        stranger,
        clones: Vec::new(),
        rogues: Vec::new(),
        enrolled: Vec::new(),
    };
    gathering.enrol_all();
    if scenario.adversary.is_some() {
        gathering.add_adversary(&mut roles);
    }
    gathering.clone_some(&mut roles);
    Cast { machines: gathering.machines, conditions: gathering.conditions, stores: gathering.stores, roles }
}

/// A cast that is being put together.
struct Gathering<'a, D> {
    build: Build<D>,
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
        self.machines.push(Machine::new(self.build, part, role, generator, store));
        self.conditions.push(Condition { clock, may_forget: clone_of.is_some() });
        id
    }

    fn clock(&self, faults: &crate::scenario::Clocks) -> Clock {
        Clock::drawn(faults, &mut Dice::new(self.build.seed, Stream::Clock(self.next())))
    }

    fn server(&mut self, at: u16) -> HostId {
        let (name, seed) = (name("vault", at), self.key_seed());
        let key = SigningKey::from_seed_on(self.build.backend, &seed).public();
        let expectation =
            Expectation::new_on(self.build.backend, name.clone(), &key).expect("a key made from a seed is not weak");
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
        let follows = Dice::new(self.build.seed, Stream::Clock(self.next())).chance(faults.none);
        let clock = match standing {
            _ if follows => Clock::none(),
            Standing::WrongClock => Clock::fast_by(WRONG_BY),
            Standing::Enrolled | Standing::StrangeDevice | Standing::UnknownUser => self.clock(&faults),
        };
        // Who follows has no clock that could be wrong.
        let standing = if follows && standing == Standing::WrongClock { Standing::Enrolled } else { standing };
        let device = SigningKey::from_seed_on(self.build.backend, &seed).public();
        let required = Clearances::none();
        let part = Part::Client { user: user.clone(), device, standing, seed, follows, required };
        self.add(part, Role::Initiator { user, seed, follows }, clock, None)
    }

    /// Every responder's store knows every user that it should, the look-alike's too.
    fn enrol_all(&mut self) {
        let mut all = MemoryStore::default();
        for machine in &self.machines {
            if let Part::Client { user, device, standing, required, .. } = &machine.part {
                enrol(&mut all, user, device, *standing, required.clone());
            }
        }
        self.stores.fill(all);
    }

    /// Its responders, and the devices that it has enrolled: its own, and other people's keys under names of its own.
    fn add_adversary(&mut self, roles: &mut Roles) {
        let key_of = |host: Option<&HostId>| match &self.machines.get(usize::from(host?.0))?.part {
            Part::Server(expected) => Some(expected.identity().key),
            Part::Client { device, .. } => Some(*device),
            Part::LookAlike | Part::Thief | Part::Stranger => None,
        };
        let own = |number| SigningKey::from_seed(&crate::adversary::own_seed(number)).public();
        let servers = key_of(roles.servers.first()).unwrap_or_default();
        let devices = key_of(roles.clients.first()).unwrap_or_default();
        for (called, key) in [(MALLORY, own(0)), (MIRROR, servers)] {
            let expected = Expectation::new_on(self.build.backend, fixed(called), &key)
                .expect("a key made from a seed is not weak");
            let rogue = self.add(Part::Server(expected), Role::None, Clock::fast_by(Duration::ZERO), None);
            roles.rogues.push(rogue);
        }
        let enrolled =
            [(MALLORY, own(1)), (MISBOUND, devices), (SELFSAME, servers), (CARELESS, crate::adversary::NEUTRAL)];
        roles.enrolled = enrolled.map(|(user, device)| (fixed(user), device)).to_vec();
        for store in &mut self.stores {
            for (user, device) in &roles.enrolled {
                let (devices, required) = (vec![*device], required_of(user));
                store.enrol(user.clone(), Profile { devices, held: held(), required, lifetime_s: LIFETIME_S });
            }
        }
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

fn enrol(store: &mut MemoryStore, user: &Name, device: &[u8; 32], standing: Standing, required: Clearances) {
    let devices = match standing {
        Standing::UnknownUser => return,
        Standing::StrangeDevice => vec![],
        Standing::Enrolled | Standing::WrongClock => vec![*device],
    };
    store.enrol(user.clone(), Profile { devices, held: held(), required, lifetime_s: LIFETIME_S });
}

/// A responder, and a user with a device: the adversary's own.
pub(crate) const MALLORY: &str = "mallory.example";
/// A responder that it has set up with the first server's public key.
pub(crate) const MIRROR: &str = "mirror.example";
/// A user that it has enrolled with the first client's public key.
pub(crate) const MISBOUND: &str = "misbound.example";
/// A user that it has enrolled with the first server's public key.
pub(crate) const SELFSAME: &str = "selfsame.example";
/// An honest user whose device has a key of small order.
pub(crate) const CARELESS: &str = "careless.example";

/// What policy requires of a user of the adversary's.
pub(crate) fn required_of(user: &Name) -> Clearances {
    let required: &[&[u8]] = if user.as_bytes() == MALLORY.as_bytes() { WRITE } else { &[] };
    Clearances::new(required).expect("one short clearance")
}

fn fixed(name: &str) -> Name {
    Name::new(name.as_bytes()).expect("a short name")
}

/// A name long enough that it is not found in random bytes by chance.
fn name(kind: &str, number: u16) -> Name {
    Name::new(format!("{kind}-{number:05}.example").as_bytes()).expect("a short name")
}

fn held() -> Clearances {
    Clearances::new(HELD).expect("two short clearances")
}

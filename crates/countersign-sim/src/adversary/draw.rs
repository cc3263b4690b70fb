//! Moves at random: what an adversary does who knows the grammar and nothing of the protocol's defences.
//!
//! It is led by what is missing: a Hello asks for a Challenge, a Challenge for a Response. What it puts into a message
//! is any term of the type, the latest first, from one source or from several.

use super::grammar::{Cookie, Exchange, Field, Forged, Ids, Key, Loot, Point, Says, Sealing, Signature, Spare, Time};
use super::play::Play;
use crate::act::{Act, DatagramName, HandshakeNumber, Nature};
use crate::cast::{CARELESS, MALLORY, MISBOUND, SELFSAME};
use crate::dice::{Dice, Stream};
use crate::host::HostId;
use core::time::Duration;
use countersign::Defences;
use countersign::wire::{Kind, layout};

/// What the adversary does next.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Move {
    /// Does a step.
    Act(Act),
    /// Lets time pass.
    Wait(Duration),
    /// Keeps the oldest datagram that is under way from arriving.
    Drop,
}

impl<D: Defences> Play<D> {
    /// A move that this number stands for, as things are.
    #[must_use]
    pub fn draw(&self, number: u64) -> Move {
        Drawing { play: self, dice: Dice::new(number, Stream::Adversary) }.any()
    }

    /// Makes a move.
    pub fn make(&mut self, next: Move) {
        match next {
            Move::Act(Act::Steal { loot }) => _ = self.steal(loot),
            Move::Act(Act::Deliver { datagram, to, from, .. }) => _ = self.deliver_to(datagram, to, from),
            Move::Act(act) => _ = self.act(act),
            Move::Wait(span) => _ = self.wait(span),
            Move::Drop => self.drop_oldest(),
        }
    }
}

struct Drawing<'a, D> {
    play: &'a Play<D>,
    dice: Dice,
}

/// How often each kind of move is drawn, of a hundred.
const DELIVER: u64 = 34;
const FORGE: u64 = 24;
const ASTRAY: u64 = 8;
const AGAIN: u64 = 8;
const CONNECT: u64 = 8;
const WAIT: u64 = 4;
const DROP: u64 = 4;
const STEAL: u64 = 3;
const SAY: u64 = 3;
const RESTART: u64 = 2;
/// The rest: clocks that step, and sessions that are closed.
const ALL: u64 = 100;

impl<D: Defences> Drawing<'_, D> {
    fn any(&mut self) -> Move {
        let mut drawn = self.dice.below(ALL);
        let mut falls = |share: u64| {
            let is_it = drawn < share;
            drawn = drawn.wrapping_sub(share);
            is_it
        };
        let forgery = if falls(DELIVER) {
            None
        } else if falls(FORGE) {
            self.forge()
        } else if falls(ASTRAY) {
            self.recent(|_| true).map(|datagram| self.delivery(datagram, None))
        } else if falls(AGAIN) {
            let datagram = self.recent(|name| name.from != self.play.adversary());
            datagram.map(|datagram| self.delivery(datagram, self.play.destination(&datagram)))
        } else if falls(CONNECT) {
            Some(self.connect())
        } else if falls(WAIT) {
            return self.wait();
        } else if falls(DROP) {
            return Move::Drop;
        } else if falls(STEAL) {
            self.loot().map(|loot| Act::Steal { loot })
        } else if falls(SAY) {
            self.client_and_handshake().map(|(client, handshake)| Act::Say { client, handshake })
        } else if falls(RESTART) {
            Some(self.restart())
        } else {
            self.other()
        };
        forgery.or_else(|| self.honest()).map_or(Move::Wait(Duration::from_secs(1)), Move::Act)
    }

    /// What the network would do by itself, or somebody who wants something of it.
    fn honest(&mut self) -> Option<Act> {
        if let Some(datagram) = self.play.under_way().next() {
            let to = self.play.destination(&datagram);
            return Some(self.delivery(datagram, to.or(Some(datagram.from))));
        }
        Some(self.connect())
    }

    /// To whom it was for from whom it was by, or somewhere from somewhere.
    fn delivery(&mut self, datagram: DatagramName, to: Option<HostId>) -> Act {
        let is_plain = to.is_some();
        let to = to.unwrap_or_else(|| self.host());
        let from = if is_plain || self.dice.below(2) == 0 { datagram.from } else { self.host() };
        Act::Deliver { datagram, to, from, flip: None, nature: Nature::Carried }
    }

    fn connect(&mut self) -> Act {
        let client = self.client();
        let server = match self.dice.below(6) {
            0 => self.play.mallory(),
            1 => self.play.mirror(),
            2 => self.play.server(1),
            _ => self.play.server(0),
        };
        Act::Connect { client, server, via: server, wanted: self.wish() }
    }

    fn wait(&mut self) -> Move {
        let seconds = [1, 4, 31, 61, 125, 400];
        Move::Wait(Duration::from_secs(seconds.get(self.dice.index(seconds.len())).copied().unwrap_or(1)))
    }

    fn restart(&mut self) -> Act {
        let host = if self.dice.below(2) == 0 { self.client() } else { self.server() };
        if self.play.endpoint(host).is_some() { Act::Crash { host } } else { Act::Start { host } }
    }

    fn other(&mut self) -> Option<Act> {
        match self.dice.below(5) {
            0 | 1 => {
                let (client, handshake) = self.client_and_handshake()?;
                return Some(Act::HangUp { client, handshake });
            }
            2 => return Some(Act::Rebind { client: self.client() }),
            _ => {}
        }
        let host = if self.dice.below(2) == 0 { self.client() } else { self.server() };
        let steps = [-30_000, 30_000, 600_000, -600_000];
        Some(Act::ClockStep { host, by_ms: steps.get(self.dice.index(steps.len())).copied()? })
    }

    /// Something that can be stolen in this world.
    fn loot(&mut self) -> Option<Loot> {
        let (client, server, host) = (self.client(), self.server(), self.host());
        let ephemeral = self.recent(|name| is(name, Kind::Hello) || is(name, Kind::Challenge)).map(Loot::Ephemeral);
        let keys = [Loot::Key(client), Loot::Key(server), Loot::Generator(host), Loot::CookieKey(server)];
        let all = keys.into_iter().chain([Loot::Ephemerals]).chain(ephemeral);
        let lets: Vec<Loot> = all.filter(|loot| self.play.lets_steal(*loot)).collect();
        lets.get(self.dice.index(lets.len())).copied()
    }

    /// A message that somebody waits for, or any other.
    fn forge(&mut self) -> Option<Act> {
        let adversary = self.play.adversary();
        let last = self.recent(|name| !is(name, Kind::Record) && !is(name, Kind::Retry))?;
        match self.dice.below(16) {
            0 | 1 => self.hello(),
            2 => self.edited(),
            3 => self.cut(),
            4 | 5 => self.empty(),
            6 | 7 => self.retry(),
            _ if is(&last, Kind::Hello) && last.from != adversary => self.challenge(last),
            _ if is(&last, Kind::Hello) => self.hello(),
            _ if is(&last, Kind::Challenge) => self.response(last),
            _ if is(&last, Kind::Response) => self.verdict(last),
            _ => self.record(last),
        }
    }

    fn hello(&mut self) -> Option<Act> {
        let ids = match self.recent(|name| is(name, Kind::Hello)).filter(|_| self.dice.below(4) == 0) {
            Some(other) => Ids::Of(other),
            None => Ids::Own(self.mark()),
        };
        let ephemeral = self.point();
        let (baker, taster) = (self.server(), self.source());
        let baked = (self.dice.below(8) == 0).then_some(Cookie::Baked(baker, taster));
        let cookie = baked.or_else(|| self.recent(|name| is(name, Kind::Retry)).map(Cookie::Of));
        let message = Forged::Hello { ids, suites: self.suites(), ephemeral, cookie };
        let to = self.server();
        Some(Act::Forge { message, to, from: self.source() })
    }

    fn retry(&mut self) -> Option<Act> {
        let hello = self.recent(|name| is(name, Kind::Hello))?;
        Some(Act::Forge { message: Forged::Retry { hello, mark: self.mark() }, to: hello.from, from: self.server() })
    }

    fn challenge(&mut self, hello: DatagramName) -> Option<Act> {
        let other = self.recent(|name| is(name, Kind::Challenge));
        // All from one source, or each from anywhere.
        let source = other.and_then(|other| self.play.exchange(other)).filter(|_| self.dice.below(3) == 0);
        let meant = self.play.destination(&hello)?;
        let (key, by) = self.key_and_signer(meant);
        let named = if self.dice.below(4) == 0 { self.server() } else { meant };
        let (ids, time, signature) = match source {
            Some(source) => (Ids::Of(source.challenge), Time::Of(source), Signature::Of(source)),
            None => (Ids::Own(self.mark()), Time::Ahead(0), self.signature(by, named)),
        };
        let suite = if self.dice.below(10) == 0 { 9 } else { 1 };
        let sealing = if self.dice.below(10) == 0 { Sealing::ZeroNonce } else { Sealing::Proper };
        let ephemeral = self.point();
        let message = Forged::Challenge { hello, ids, suite, time, ephemeral, key, signature, sealing };
        Some(Act::Forge { message, to: hello.from, from: meant })
    }

    fn response(&mut self, challenge: DatagramName) -> Option<Act> {
        let of = self.play.exchange(challenge)?;
        let to = challenge.from;
        let other = self.recent(|name| is(name, Kind::Response));
        let source = other.and_then(|other| self.play.exchange(other)).filter(|_| self.dice.below(3) == 0);
        let client = self.client();
        let (device, by) = self.key_and_signer(client);
        let (time, signature) = match source {
            Some(source) => (Time::Of(source), Signature::Of(source)),
            None => (Time::Ahead(self.ahead()), self.signature(by, to)),
        };
        let message = Forged::Response { of, user: self.user(client), device, time, wanted: self.wish(), signature };
        let from = self.source();
        Some(Act::Forge { message, to, from })
    }

    fn verdict(&mut self, response: DatagramName) -> Option<Act> {
        let of = self.play.exchange(response)?;
        let says = if self.dice.below(4) == 0 { Says::Refused } else { Says::Granted(self.wish()) };
        let from = self.play.destination(&of.hello).unwrap_or_else(|| self.server());
        Some(Act::Forge { message: Forged::Verdict { of, says }, to: of.hello.from, from })
    }

    fn record(&mut self, verdict: DatagramName) -> Option<Act> {
        let of: Exchange = self.play.exchange(verdict)?;
        let as_initiator = self.dice.below(2) == 0;
        let (kinds, counters) = ([1, 2, 3], [0, 1, 2, 1 << 20, 5 << 20]);
        let kind = kinds.get(self.dice.index(kinds.len())).copied()?;
        let counter = counters.get(self.dice.index(counters.len())).copied()?;
        let data = if kind == 1 { "pay 100 to bob".to_owned() } else { String::new() };
        let (client, server) = (of.hello.from, of.challenge.from);
        let (to, from) = if as_initiator { (server, client) } else { (client, server) };
        Some(Act::Forge { message: Forged::Record { of, as_initiator, counter, kind, data }, to, from })
    }

    fn edited(&mut self) -> Option<Act> {
        let of = self.recent(|name| name.from != self.play.adversary())?;
        let fields: &[Field] = match of.kind {
            1 => &[Field::SidI, Field::NonceI, Field::Suites, Field::EphemeralI, Field::Cookie, Field::Padding],
            3 => &[Field::SidI, Field::SidR, Field::Suite, Field::NonceR, Field::Timestamp, Field::EphemeralR],
            7 => &[Field::Counter],
            _ => return None,
        };
        let field = fields.get(self.dice.index(fields.len())).copied()?;
        let same = self.recent(|name| name.kind == of.kind)?;
        let mut with = match self.dice.below(3) {
            0 => Spare::Of(same),
            1 => Spare::Plus(self.number()),
            _ => Spare::Fill(self.mark()),
        };
        if matches!(field, Field::EphemeralI | Field::EphemeralR) {
            with = Spare::Point(self.point());
        }
        if field == Field::Counter {
            // A few epochs ahead: where nothing bounds how far a receiver follows, much more would take it for ever.
            with = Spare::Plus(self.number());
        }
        let to = self.play.destination(&of)?;
        Some(Act::Forge { message: Forged::Edited { of, field, with }, to, from: of.from })
    }

    /// The fields up to one of them.
    fn cut(&mut self) -> Option<Act> {
        let of = self.recent(|_| true)?;
        let bytes = self.play.bytes(&of)?;
        let ends: Vec<usize> = layout(Kind::of(bytes).ok()?, bytes.len()).map(|field| field.at.start).collect();
        let to_bytes = u16::try_from(ends.get(self.dice.index(ends.len())).copied()?).ok()?;
        let to = self.play.destination(&of)?;
        Some(Act::Forge { message: Forged::Cut { of, to_bytes }, to, from: of.from })
    }

    fn empty(&mut self) -> Option<Act> {
        let like = self.recent(|name| !is(name, Kind::Hello) && !is(name, Kind::Retry))?;
        let to = self.play.destination(&like).unwrap_or_else(|| self.client());
        Some(Act::Forge { message: Forged::Empty { like, fill: self.mark() }, to, from: like.from })
    }

    fn signature(&mut self, by: Key, named: HostId) -> Signature {
        match self.dice.below(13) {
            0 => Signature::Junk,
            1 => Signature::OfNeutral,
            2 => Signature::Degenerate(by, named),
            3 => Signature::Elsewhere(by, named),
            4 | 5 => {
                let other = self.recent(|name| is(name, Kind::Challenge) || is(name, Kind::Response));
                other.and_then(|other| self.play.exchange(other)).map_or(Signature::Junk, Signature::Of)
            }
            _ => Signature::By(by, named),
        }
    }

    /// Whoever shows a key signs with it, mostly.
    fn key_and_signer(&mut self, meant: HostId) -> (Key, Key) {
        let key = self.key(meant);
        (key, if self.dice.below(3) == 0 { self.key(meant) } else { key })
    }

    fn key(&mut self, meant: HostId) -> Key {
        match self.dice.below(8) {
            0 | 1 => Key::Own(0),
            2 => Key::Own(1),
            3 => Key::Neutral,
            4 => Key::Of(self.host()),
            _ => Key::Of(meant),
        }
    }

    fn point(&mut self) -> Point {
        match self.dice.below(10) {
            0 => Point::Small(u8::try_from(self.dice.below(3)).unwrap_or(0)),
            1 => {
                self.recent(|name| is(name, Kind::Hello) || is(name, Kind::Challenge)).map_or(Point::Own(0), Point::Of)
            }
            2 => Point::Own(1),
            _ => Point::Own(0),
        }
    }

    fn suites(&mut self) -> Vec<u8> {
        if self.dice.below(8) == 0 { vec![9, 1] } else { vec![1] }
    }

    fn wish(&mut self) -> Vec<String> {
        let wishes: [&[&str]; 6] =
            [&["read"], &["read"], &["write"], &["read", "write"], &["administer", "read"], &["administer"]];
        let wish = wishes.get(self.dice.index(wishes.len())).copied().unwrap_or_default();
        wish.iter().map(|one| (*one).to_owned()).collect()
    }

    fn user(&mut self, client: HostId) -> String {
        match self.dice.below(10) {
            0 | 1 => MALLORY.to_owned(),
            2 => MISBOUND.to_owned(),
            3 => SELFSAME.to_owned(),
            4 => CARELESS.to_owned(),
            _ => self.play.user(client),
        }
    }

    fn ahead(&mut self) -> i64 {
        let ahead = [0, 0, 0, 1, 60_000, 600_000, 31_536_000_000, -600_000];
        ahead.get(self.dice.index(ahead.len())).copied().unwrap_or(0)
    }

    fn number(&mut self) -> u64 {
        let numbers = [1, 1 << 20, 3 << 20, 9 << 20];
        numbers.get(self.dice.index(numbers.len())).copied().unwrap_or(1)
    }

    fn mark(&mut self) -> u8 {
        u8::try_from(self.dice.below(250)).unwrap_or(0).wrapping_add(1)
    }

    fn client(&mut self) -> HostId {
        self.play.client(self.dice.index(4) / 3)
    }

    fn server(&mut self) -> HostId {
        let clone = self.play.clone_of_server().filter(|_| self.dice.below(3) == 0);
        clone.unwrap_or_else(|| self.play.server(self.dice.index(4) / 3))
    }

    fn host(&mut self) -> HostId {
        match self.dice.below(5) {
            0 => self.play.mallory(),
            1 | 2 => self.client(),
            _ => self.server(),
        }
    }

    /// Where a datagram of its own seems to come from.
    fn source(&mut self) -> HostId {
        if self.dice.below(3) == 0 { self.client() } else { self.play.adversary() }
    }

    fn client_and_handshake(&mut self) -> Option<(HostId, HandshakeNumber)> {
        let hello = self.recent(|name| is(name, Kind::Hello) && name.from != self.play.adversary())?;
        Some((hello.from, hello.handshake))
    }

    /// A datagram of such a kind: the last one half of the time, the one before a quarter of the time, and so on.
    fn recent(&mut self, is_such: impl Fn(&DatagramName) -> bool) -> Option<DatagramName> {
        let mut such = self.play.history().iter().rev().filter(|name| is_such(name));
        let mut found = *such.next()?;
        for next in such {
            if self.dice.below(2) == 0 {
                break;
            }
            found = *next;
        }
        Some(found)
    }
}

const fn is(name: &DatagramName, kind: Kind) -> bool {
    name.kind == kind as u8
}

//! Moves at random: what an adversary does who knows the grammar and nothing of the protocol's defences.
//!
//! It is led by what is missing: a Hello asks for a Challenge, a Challenge for a Response; who has begun to play something
//! back goes on with it. What it puts into a message is any term of the type, the latest first, from one source or from
//! several, or all that another message says but one. It has habits: what it has chosen once it is likely to choose again.

mod sealed;

use super::grammar::{Cookie, Exchange, Field, Forged, Ids, Loot, Point, Spare};
use super::play::Play;
use crate::act::{Act, DatagramName, HandshakeNumber, Nature};
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
        self.draw_as(number, number)
    }

    /// A move that this number stands for, as things are, of somebody with these habits.
    pub(crate) fn draw_as(&self, number: u64, habits: u64) -> Move {
        Drawing { play: self, dice: Dice::new(number, Stream::Adversary), habits }.any()
    }

    /// What is asked of the adversary by the last that was sent: a Retry asks for its Hello again.
    pub(crate) fn asked_back(&self) -> Option<Move> {
        let retry = self.history().last().filter(|name| is(name, Kind::Retry))?;
        hello_again(self, *retry).map(Move::Act)
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
    habits: u64,
}

/// What there are habits of.
#[derive(Clone, Copy, Debug)]
enum Habit {
    Move,
    Forgery,
    Field,
    Change,
    Key,
    Signature,
    Point,
    Account,
    Peer,
    Wish,
    Time,
}

/// How often each kind of move is drawn, of a hundred.
const DELIVER: u64 = 28;
const FORGE: u64 = 28;
const GO_ON: u64 = 8;
const ASTRAY: u64 = 6;
const AGAIN: u64 = 6;
const CONNECT: u64 = 6;
const WAIT: u64 = 3;
const DROP: u64 = 2;
const STEAL: u64 = 3;
const SAY: u64 = 3;
const RESTART: u64 = 3;
/// The rest: clocks that step, and sessions that are closed.
const ALL: u64 = 100;

impl<D: Defences> Drawing<'_, D> {
    fn any(&mut self) -> Move {
        let mut drawn = if self.dice.below(2) == 0 { self.habitual(Habit::Move, ALL) } else { self.dice.below(ALL) };
        let mut falls = |share: u64| {
            let is_it = drawn < share;
            drawn = drawn.wrapping_sub(share);
            is_it
        };
        let act = if falls(DELIVER) {
            None
        } else if falls(FORGE) {
            self.forge()
        } else if falls(GO_ON) {
            self.go_on()
        } else if falls(ASTRAY) {
            self.recent(|_| true).map(|datagram| self.delivery(datagram, None))
        } else if falls(AGAIN) {
            self.again()
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
        act.or_else(|| self.honest()).map_or(Move::Wait(Duration::from_secs(1)), Move::Act)
    }

    /// One of so many: half of the time the one that is a habit.
    fn habitual(&mut self, of: Habit, bound: u64) -> u64 {
        if self.dice.below(2) == 0 {
            return self.dice.below(bound);
        }
        Dice::new(self.habits.wrapping_add(of as u64), Stream::Adversary).below(bound)
    }

    /// One of these, as [`habitual`](Self::habitual).
    fn choice<T: Clone>(&mut self, of: Habit, all: &[T]) -> Option<T> {
        let at = self.habitual(of, u64::try_from(all.len()).unwrap_or(u64::MAX));
        all.get(usize::try_from(at).ok()?).cloned()
    }

    /// What the network would do by itself, or somebody who wants something of it. Who is down starts again some time.
    fn honest(&mut self) -> Option<Act> {
        if let Some(host) = self.down().filter(|_| self.dice.below(3) == 0) {
            return Some(Act::Start { host });
        }
        if let Some(datagram) = self.play.under_way().next() {
            let to = self.play.destination(&datagram);
            return Some(self.delivery(datagram, to.or(Some(datagram.from))));
        }
        Some(self.connect())
    }

    /// Something is played again, to whom it was for or to its clone: the latest, or a conversation from its beginning.
    fn again(&mut self) -> Option<Act> {
        let (adversary, is_first) = (self.play.adversary(), self.dice.below(2) == 0);
        let datagram = self.recent(|name| name.from != adversary && (!is_first || is(name, Kind::Hello)))?;
        let to = self.play.destination(&datagram)?;
        let clone = self.play.clone_of_server().filter(|_| to == self.play.server(0) && self.dice.below(2) == 0);
        let from = if self.dice.below(4) == 0 { self.host() } else { datagram.from };
        Some(Act::Deliver { datagram, to: clone.unwrap_or(to), from, flip: None, nature: Nature::Carried })
    }

    /// To whom it was for from whom it was by, or somewhere from somewhere.
    fn delivery(&mut self, datagram: DatagramName, to: Option<HostId>) -> Act {
        let is_plain = to.is_some();
        let to = to.unwrap_or_else(|| self.host());
        let from = if is_plain || self.dice.below(2) == 0 { datagram.from } else { self.host() };
        Act::Deliver { datagram, to, from, flip: None, nature: Nature::Carried }
    }

    /// What has been played back, or led astray, goes on: the next that its sender said in that handshake takes the same way.
    fn go_on(&mut self) -> Option<Act> {
        let ways = self.play.lines().iter().rev().filter_map(|line| {
            let Act::Deliver { datagram, to, from, nature, .. } = &line.act else { return None };
            Some((*datagram, *to, *from, *nature))
        });
        let is_own = |(datagram, to, _, nature): &(DatagramName, HostId, HostId, Nature)| {
            *nature == Nature::Replayed || self.play.destination(datagram) != Some(*to)
        };
        let ways: Vec<_> = ways.filter(is_own).take(WAYS_MAX).collect();
        let (before, to, from, _) = ways.get(self.dice.index(ways.len())).copied()?;
        let mut after = self.play.history().iter().skip_while(|name| **name != before).skip(1);
        let next = after.find(|name| (name.from, name.handshake) == (before.from, before.handshake))?;
        Some(Act::Deliver { datagram: *next, to, from, flip: None, nature: Nature::Carried })
    }

    fn connect(&mut self) -> Act {
        let client = self.client();
        let server = match self.habitual(Habit::Peer, 6) {
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

    fn down(&self) -> Option<HostId> {
        let clone = self.play.clone_of_server();
        let all = [0, 1].into_iter().flat_map(|at| [self.play.client(at), self.play.server(at)]).chain(clone);
        all.into_iter().find(|host| self.play.endpoint(*host).is_none())
    }

    fn restart(&mut self) -> Act {
        let host = if self.dice.below(2) == 0 { self.client() } else { self.server() };
        if self.play.endpoint(host).is_some() { Act::Crash { host } } else { Act::Start { host } }
    }

    fn other(&mut self) -> Option<Act> {
        match self.dice.below(6) {
            0 => {
                let (client, handshake) = self.client_and_handshake()?;
                return Some(Act::HangUp { client, handshake });
            }
            1 => return Some(Act::Rebind { client: self.client() }),
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
        let play = self.play;
        let last = self.recent(|name| is(name, Kind::Hello) || is(name, Kind::Retry) || play.follows(name))?;
        match self.habitual(Habit::Forgery, 20) {
            0 | 1 => self.hello(),
            2..=5 => self.edited(),
            6 => self.cut(),
            7 => self.empty(),
            8 => self.retry(),
            9..=11 => self.rewritten(),
            _ if is(&last, Kind::Retry) => hello_again(self.play, last).or_else(|| self.retry()),
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
        let adversary = self.play.adversary();
        let of = self.recent(|name| name.from != adversary && [1, 3, 7].contains(&name.kind))?;
        // What is alike in both is in one place, for the sake of habits.
        let fields: &[Field] = match of.kind {
            1 => &[Field::SidI, Field::NonceI, Field::Suites, Field::EphemeralI, Field::Cookie, Field::Padding],
            3 => &[Field::SidI, Field::NonceR, Field::Suite, Field::EphemeralR, Field::Timestamp, Field::SidR],
            7 => &[Field::Counter],
            _ => return None,
        };
        let field = self.choice(Habit::Field, fields)?;
        let same = self.recent(|name| name.kind == of.kind)?;
        let mut with = match self.dice.below(3) {
            0 => Spare::Of(same),
            1 => Spare::Plus(self.number()),
            _ => Spare::Fill(self.mark()),
        };
        if matches!(field, Field::EphemeralI | Field::EphemeralR) {
            with = Spare::Point(self.point());
        }
        if field == Field::Suites && self.dice.below(2) == 0 {
            with = Spare::Plus(self.dice.draw() & ONE_MORE_SUITE);
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

    fn point(&mut self) -> Point {
        match self.habitual(Habit::Point, 10) {
            0 | 3 => Point::Small(u8::try_from(self.dice.below(3)).unwrap_or(0)),
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
        let wish = self.choice(Habit::Wish, &wishes).unwrap_or_default();
        wish.iter().map(|one| (*one).to_owned()).collect()
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

/// Who is asked for a cookie says the same Hello again, with it.
fn hello_again<D: Defences>(play: &Play<D>, retry: DatagramName) -> Option<Act> {
    let hello = play.answered(&retry).filter(|hello| hello.from == play.adversary())?;
    let (ids, ephemeral, cookie) = (Ids::Of(hello), Point::Of(hello), Some(Cookie::Of(retry)));
    let message = Forged::Hello { ids, suites: vec![1], ephemeral, cookie };
    Some(Act::Forge { message, to: retry.from, from: play.destination(&retry)? })
}

/// So many of the latest ways on which something was played back are gone on with.
const WAYS_MAX: usize = 3;
/// Added to an offer of one suite: it is another, or another is offered before it or after it, or both.
const ONE_MORE_SUITE: u64 = 0x0103_0200_0000_0000;

const fn is(name: &DatagramName, kind: Kind) -> bool {
    name.kind == kind as u8
}

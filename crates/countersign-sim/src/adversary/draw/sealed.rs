//! Messages under a seal: said as anybody would, or as somebody else has said them, but for a term or two.

use super::super::grammar::{Exchange, Forged, Ids, Key, Point, Says, Sealing, Signature, Time};
use super::{Drawing, Habit, is};
use crate::act::{Act, DatagramName};
use crate::cast::{CARELESS, MALLORY, MISBOUND, SELFSAME};
use crate::host::HostId;
use countersign::Defences;
use countersign::wire::Kind;

impl<D: Defences> Drawing<'_, D> {
    /// In answer to a Hello, in the place of the responder that it was meant for.
    pub(super) fn challenge(&mut self, hello: DatagramName) -> Option<Act> {
        let meant = self.play.destination(&hello)?;
        let key = self.key(meant);
        let (ids, ephemeral, signature) = (Ids::Own(self.mark()), Point::Own(0), by(key, meant));
        let (suite, time, sealing) = (1, Time::Ahead(0), Sealing::Proper);
        let message = Forged::Challenge { hello, ids, suite, time, ephemeral, key, signature, sealing };
        Some(self.but_for_some(message, hello.from, meant))
    }

    /// In answer to a Challenge, as a user with a device that is enrolled, mostly.
    pub(super) fn response(&mut self, challenge: DatagramName) -> Option<Act> {
        let of = self.play.exchange(challenge)?;
        let (user, device) = self.account()?;
        let (time, wanted, signature) = (Time::Ahead(0), self.wish(), by(device, challenge.from));
        let message = Forged::Response { of, user, device, time, wanted, signature };
        let from = self.source();
        Some(self.but_for_some(message, challenge.from, from))
    }

    /// In answer to a Response, as one that accepts what it asks for.
    pub(super) fn verdict(&mut self, response: DatagramName) -> Option<Act> {
        let of = self.play.exchange(response)?;
        let wanted = self.play.wanted(of.hello.handshake).unwrap_or_else(|| self.wish());
        let from = self.play.destination(&of.hello).unwrap_or(of.challenge.from);
        let message = Forged::Verdict { of, says: Says::Granted(wanted) };
        Some(self.but_for_some(message, of.hello.from, from))
    }

    /// What somebody else has said.
    pub(super) fn rewritten(&mut self) -> Option<Act> {
        let play = self.play;
        let such = |name: &DatagramName| is(name, Kind::Challenge) || is(name, Kind::Response);
        let said = self.recent(|name| such(name) && name.from != play.adversary() && play.follows(name))?;
        let source = play.exchange(said)?;
        let (time, signature) = (Time::Of(source), Signature::Of(source));
        if is(&said, Kind::Response) {
            let (of, user, device) = (Exchange { response: None, ..source }, play.user(said.from), Key::Of(said.from));
            let wanted = play.wanted(said.handshake)?;
            let message = Forged::Response { of, user, device, time, wanted, signature };
            return Some(self.but_for_one(message, of.challenge.from, said.from));
        }
        // If it answers what was made of a Hello, it is for whoever said that.
        let hello = core::iter::successors(Some(source.hello), |hello| play.answered(hello)).last()?;
        let (ids, ephemeral, key) = (Ids::Of(said), Point::Of(said), Key::Of(said.from));
        let (suite, sealing) = (1, Sealing::Proper);
        let message = Forged::Challenge { hello, ids, suite, time, ephemeral, key, signature, sealing };
        Some(self.but_for_one(message, hello.from, play.destination(&hello).unwrap_or(said.from)))
    }

    /// With none, one, or several of its terms changed.
    fn but_for_some(&mut self, mut message: Forged, to: HostId, from: HostId) -> Act {
        let changes = [0, 0, 1, 1, 1, 3].get(self.dice.index(6)).copied().unwrap_or(0);
        (0..changes).for_each(|_| self.change(&mut message));
        Act::Forge { message, to, from }
    }

    fn but_for_one(&mut self, mut message: Forged, to: HostId, from: HostId) -> Act {
        self.change(&mut message);
        // To whom it answers, if that has changed.
        let to = if let Forged::Response { of, .. } = &message { of.challenge.from } else { to };
        Act::Forge { message, to, from }
    }

    /// Puts another term of its type into one place.
    fn change(&mut self, message: &mut Forged) {
        match message {
            Forged::Challenge { hello, ids, suite, time, ephemeral, key, signature, sealing } => {
                let meant = self.play.destination(hello).unwrap_or_else(|| self.server());
                match self.habitual(Habit::Change, 8) {
                    0 => *key = self.key(meant),
                    1 => *signature = self.signature(*key, meant),
                    2 => *time = self.time(Kind::Challenge),
                    3 => *suite = 9,
                    4 => *ids = self.followed(Kind::Challenge).map_or(Ids::Own(1), |other| Ids::Of(other.challenge)),
                    5 => *sealing = Sealing::ZeroNonce,
                    _ => *ephemeral = self.point(),
                }
            }
            Forged::Response { of, user, device, time, wanted, signature } => match self.habitual(Habit::Change, 8) {
                0 => *device = self.key(of.hello.from),
                1 => *signature = self.signature(*device, of.challenge.from),
                2 => *time = self.time(Kind::Response),
                3 => *wanted = self.wish(),
                4 => *user = self.account().map_or_else(|| MALLORY.to_owned(), |(user, _)| user),
                5 => *of = self.followed(Kind::Challenge).unwrap_or(*of),
                _ => {
                    if let Some((other, key)) = self.account() {
                        (*user, *device) = (other, key);
                    }
                }
            },
            Forged::Verdict { says, .. } => {
                *says = if self.dice.below(3) == 0 { Says::Refused } else { Says::Granted(self.wish()) };
            }
            Forged::Hello { .. }
            | Forged::Retry { .. }
            | Forged::Record { .. }
            | Forged::Edited { .. }
            | Forged::Cut { .. }
            | Forged::Empty { .. } => {}
        }
    }

    /// Another exchange that it can follow, up to such a message.
    fn followed(&mut self, kind: Kind) -> Option<Exchange> {
        let play = self.play;
        let other = self.recent(|name| is(name, kind) && play.follows(name))?;
        play.exchange(other)
    }

    fn time(&mut self, kind: Kind) -> Time {
        let other = self.followed(kind).filter(|_| self.dice.below(2) == 0);
        let ahead = [1, 60_000, 600_000, 31_536_000_000, -600_000];
        let ahead = self.choice(Habit::Time, &ahead).unwrap_or(0);
        other.map_or(Time::Ahead(ahead), Time::Of)
    }

    fn signature(&mut self, by: Key, named: HostId) -> Signature {
        let kind = if self.dice.below(2) == 0 { Kind::Challenge } else { Kind::Response };
        match self.habitual(Habit::Signature, 10) {
            0 => Signature::Junk,
            1 => Signature::OfNeutral,
            2 => Signature::Degenerate(by, named),
            3 | 4 => Signature::Elsewhere(by, named),
            5 | 6 => self.followed(kind).map_or(Signature::Junk, Signature::Of),
            7 => Signature::By(by, self.server()),
            _ => Signature::By(self.key(named), named),
        }
    }

    /// A user, and a device that is enrolled for that user.
    fn account(&mut self) -> Option<(String, Key)> {
        let client = self.client();
        let accounts = [
            (self.play.user(client), Key::Of(client)),
            (MALLORY.to_owned(), Key::Own(1)),
            (MISBOUND.to_owned(), Key::Of(self.play.client(0))),
            (SELFSAME.to_owned(), Key::Of(self.play.server(0))),
            (CARELESS.to_owned(), Key::Neutral),
        ];
        self.choice(Habit::Account, &accounts)
    }

    fn key(&mut self, meant: HostId) -> Key {
        match self.habitual(Habit::Key, 10) {
            0 | 1 => Key::Own(0),
            2 => Key::Own(1),
            3 => Key::Neutral,
            4 => Key::Of(self.host()),
            5 | 6 => self.held().unwrap_or(Key::Of(meant)),
            _ => Key::Of(meant),
        }
    }

    /// A host's key that it has.
    fn held(&mut self) -> Option<Key> {
        let all = [self.client(), self.server(), self.host()];
        all.into_iter().find(|host| self.play.holds_key_of(*host)).map(Key::Of)
    }
}

/// The signature that goes with a key.
const fn by(key: Key, named: HostId) -> Signature {
    match key {
        Key::Neutral => Signature::OfNeutral,
        Key::Own(_) | Key::Of(_) => Signature::By(key, named),
    }
}

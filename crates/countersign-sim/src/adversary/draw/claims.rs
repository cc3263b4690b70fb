//! What the adversary claims, and how it changes what others have said under a seal that it can open.

use super::super::grammar::{Exchange, Forged, Ids, Key, Point, Sealing, Signature, Time};
use super::{Drawing, Habit, is};
use crate::act::{Act, DatagramName};
use crate::cast::{CARELESS, MALLORY, MISBOUND, SELFSAME};
use crate::host::HostId;
use countersign::Defences;
use countersign::wire::Kind;

impl<D: Defences> Drawing<'_, D> {
    pub(super) fn response(&mut self, challenge: DatagramName) -> Option<Act> {
        let of = self.play.exchange(challenge)?;
        let to = challenge.from;
        let play = self.play;
        let other = self.recent(|name| is(name, Kind::Response) && play.follows(name));
        let source = other.and_then(|other| self.play.exchange(other)).filter(|_| self.dice.below(3) == 0);
        let client = self.client();
        let (user, device) = self.account(client)?;
        let by = if self.habitual(Habit::Signer, 3) == 0 { self.key(client) } else { device };
        let (time, signature) = match source {
            Some(source) => (Time::Of(source), Signature::Of(source)),
            None => (Time::Ahead(self.ahead()), self.signature(by, to)),
        };
        let message = Forged::Response { of, user, device, time, wanted: self.wish(), signature };
        let from = self.source();
        Some(Act::Forge { message, to, from })
    }

    /// A user and a device: one that is enrolled for that user, so that it may be let in, or any.
    fn account(&mut self, client: HostId) -> Option<(String, Key)> {
        let accounts = [
            (self.play.user(client), Key::Of(client)),
            (MALLORY.to_owned(), Key::Own(1)),
            (MISBOUND.to_owned(), Key::Of(self.play.client(0))),
            (SELFSAME.to_owned(), Key::Of(self.play.server(0))),
            (CARELESS.to_owned(), Key::Neutral),
        ];
        let (user, device) = self.choice(Habit::Account, &accounts)?;
        Some(if self.dice.below(3) > 0 { (user, device) } else { (user, self.key(client)) })
    }

    /// What somebody else has said under a seal, but for one term.
    pub(super) fn rewritten(&mut self) -> Option<Act> {
        let play = self.play;
        let such = |name: &DatagramName| is(name, Kind::Challenge) || is(name, Kind::Response);
        let said = self.recent(|name| such(name) && name.from != play.adversary() && play.follows(name))?;
        if is(&said, Kind::Challenge) { self.challenge_rewritten(said) } else { self.response_rewritten(said) }
    }

    fn challenge_rewritten(&mut self, said: DatagramName) -> Option<Act> {
        let source = self.play.exchange(said)?;
        // If it answers what was made of a Hello, it is for whoever said that.
        let hello = core::iter::successors(Some(source.hello), |hello| self.play.answered(hello)).last()?;
        let (mut ids, mut suite, mut time, mut ephemeral) = (Ids::Of(said), 1, Time::Of(source), Point::Of(said));
        let (mut key, mut signature) = (Key::Of(said.from), Signature::Of(source));
        match self.habitual(Habit::Change, 6) {
            0 => ids = Ids::Own(self.mark()),
            1 => suite = 9,
            2 => time = Time::Ahead(self.ahead()),
            3 => key = self.key(said.from),
            4 => signature = self.signature(key, said.from),
            _ => ephemeral = self.point(),
        }
        let from = self.play.destination(&hello).unwrap_or(said.from);
        let sealing = Sealing::Proper;
        let message = Forged::Challenge { hello, ids, suite, time, ephemeral, key, signature, sealing };
        Some(Act::Forge { message, to: hello.from, from })
    }

    fn response_rewritten(&mut self, said: DatagramName) -> Option<Act> {
        let source = self.play.exchange(said)?;
        let mut of = Exchange { response: None, ..source };
        let (mut user, mut device) = (self.play.user(said.from), Key::Of(said.from));
        let (mut time, mut signature) = (Time::Of(source), Signature::Of(source));
        let mut wanted = self.play.wanted(said.handshake)?;
        match self.habitual(Habit::Change, 6) {
            0 => user = self.account(said.from)?.0,
            1 => device = self.key(said.from),
            2 => time = Time::Ahead(self.ahead()),
            3 => wanted = self.wish(),
            4 => signature = self.signature(device, source.challenge.from),
            _ => {
                let play = self.play;
                let other = self.recent(|name| is(name, Kind::Challenge) && play.follows(name))?;
                of = play.exchange(other)?;
            }
        }
        let to = of.challenge.from;
        let message = Forged::Response { of, user, device, time, wanted, signature };
        Some(Act::Forge { message, to, from: said.from })
    }

    /// A key of which it has the secret, by whose it is: one that it has stolen, most likely.
    pub(super) fn held(&mut self) -> Option<Key> {
        let all = [self.client(), self.server(), self.host()];
        all.into_iter().find(|host| self.play.holds_key_of(*host)).map(Key::Of)
    }

    pub(super) fn ahead(&mut self) -> i64 {
        let ahead = [0, 0, 0, 1, 60_000, 600_000, 31_536_000_000, -600_000];
        self.choice(Habit::Time, &ahead).unwrap_or(0)
    }
}

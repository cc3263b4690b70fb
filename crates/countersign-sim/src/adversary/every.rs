//! Every move of a small alphabet: what a search that is to miss nothing goes through.
//!
//! One device and one responder, two handshakes; clocks go right, and nobody crashes. Of each type there are few terms, and
//! of each message few that differ in more than one place from what is right.

use super::draw::Move;
use super::grammar::{Exchange, Field, Forged, Ids, Key, Point, Says, Sealing, Signature, Spare, Time};
use super::play::Play;
use crate::act::{Act, DatagramName, Nature};
use crate::cast::MALLORY;
use crate::host::HostId;
use core::time::Duration;
use countersign::Defences;
use countersign::wire::Kind;

/// Handshakes that honest people begin by themselves.
const HANDSHAKES: usize = 2;

/// All that is half-open has lapsed by then.
const LONG: Duration = Duration::from_secs(125);

/// What is going on, as far as moves need it.
struct Scene<'a, D> {
    play: &'a Play<D>,
    client: HostId,
    server: HostId,
    adversary: HostId,
}

impl<D: Defences> Play<D> {
    /// What honest people do next, and a network that loses nothing and keeps the order: deliver the oldest that is under
    /// way; when nothing is, begin the next handshake.
    pub(crate) fn progress(&self) -> Option<Move> {
        let deliver = self.in_flight().next().map(|(datagram, to)| carry(datagram, to));
        deliver.or_else(|| self.early()).map(Move::Act)
    }

    /// What is under way to honest hosts.
    pub(crate) fn in_flight(&self) -> impl Iterator<Item = (DatagramName, HostId)> {
        let flights = self.under_way().filter_map(|name| Some((name, self.destination(&name)?)));
        flights.filter(|(_, to)| *to != self.adversary())
    }

    /// Whether nothing is under way to an honest host.
    pub(crate) fn is_quiet(&self) -> bool {
        self.in_flight().next().is_none()
    }

    /// The next handshake begins.
    fn early(&self) -> Option<Act> {
        let begun = self.lines().iter().filter(|line| matches!(line.act, Act::Connect { .. })).count();
        (begun < HANDSHAKES).then(|| connect(self.client(0), self.server(0), "read"))
    }

    /// What an adversary of the small alphabet may do next.
    pub(crate) fn every(&self) -> Vec<Move> {
        let (client, server, adversary) = (self.client(0), self.server(0), self.adversary());
        let scene = Scene { play: self, client, server, adversary };
        let mut acts = scene.replays();
        acts.extend(scene.hellos());
        acts.extend(self.honest(Kind::Hello).flat_map(|hello| scene.answers(hello)));
        acts.extend(self.of(Kind::Challenge).flat_map(|challenge| scene.claims(challenge)));
        acts.extend(self.of(Kind::Response).flat_map(|response| scene.verdicts(response)));
        acts.extend(self.of(Kind::Verdict).flat_map(|verdict| scene.records(verdict)));
        acts.extend(self.history().iter().filter(|name| name.from != adversary).flat_map(|name| scene.changed(*name)));
        let early = self.early().filter(|_| !self.is_quiet());
        // Where something is under way it may be lost, and no time passes.
        let late = if self.is_quiet() { Move::Wait(LONG) } else { Move::Drop };
        [late].into_iter().chain(acts.into_iter().chain(early).map(Move::Act)).collect()
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = DatagramName> {
        self.history().iter().copied().filter(move |name| name.kind == kind as u8)
    }

    fn honest(&self, kind: Kind) -> impl Iterator<Item = DatagramName> {
        let adversary = self.adversary();
        self.of(kind).filter(move |name| name.from != adversary)
    }
}

impl<D: Defences> Scene<'_, D> {
    /// All that was sent arrives, out of turn or again; or at whoever sent it.
    fn replays(&self) -> Vec<Act> {
        let again = |datagram: &DatagramName| {
            let to = self.play.destination(datagram)?;
            let deliver =
                |to, from| Act::Deliver { datagram: *datagram, to, from, flip: None, nature: Nature::Replayed };
            let both = [deliver(to, datagram.from), deliver(datagram.from, to)];
            Some(both.into_iter().filter(|act| !matches!(act, Act::Deliver { to, .. } if *to == self.adversary)))
        };
        self.play.history().iter().filter_map(again).flatten().collect()
    }

    fn hellos(&self) -> Vec<Act> {
        let ids = self.play.honest(Kind::Hello).map(Ids::Of).chain([Ids::Own(7)]);
        let (suites, ephemeral) = (vec![1], Point::Own(0));
        let hellos = ids.map(|ids| Forged::Hello { ids, suites: suites.clone(), ephemeral, cookie: None });
        hellos.map(|message| self.forge(message, self.server, self.adversary)).collect()
    }

    fn answers(&self, hello: DatagramName) -> Vec<Act> {
        let Some(meant) = self.play.destination(&hello) else { return Vec::new() };
        let (own, theirs) = (Key::Own(0), Key::Of(meant));
        let mut signed = vec![
            (own, Signature::By(own, meant)),
            (theirs, Signature::By(own, meant)),
            (theirs, Signature::By(theirs, meant)),
            (theirs, Signature::By(theirs, self.play.mallory())),
            (Key::Neutral, Signature::OfNeutral),
        ];
        let recorded = self.play.honest(Kind::Challenge).filter_map(|challenge| self.play.exchange(challenge));
        signed.extend(recorded.map(|of| (theirs, Signature::Of(of))));
        let right = (Ids::Own(0xc4), 1, Time::Ahead(0), Point::Own(0));
        let odd = [
            right,
            (right.0, 9, right.2, right.3),
            (right.0, right.1, Time::Ahead(600_000), right.3),
            (right.0, right.1, right.2, Point::Small(0)),
        ];
        let all = signed.iter().flat_map(|signed| odd.map(|odd| (*signed, odd)));
        let challenge = |((key, signature), (ids, suite, time, ephemeral))| {
            let sealing = Sealing::Proper;
            Forged::Challenge { hello, ids, suite, time, ephemeral, key, signature, sealing }
        };
        let mut acts: Vec<Act> = all.map(|of| self.forge(challenge(of), hello.from, meant)).collect();
        acts.push(self.forge(Forged::Retry { hello, mark: 7 }, hello.from, meant));
        acts
    }

    fn claims(&self, challenge: DatagramName) -> Vec<Act> {
        let Some(of) = self.play.exchange(challenge) else { return Vec::new() };
        let (own, theirs, to) = (Key::Own(0), Key::Of(self.client), challenge.from);
        let user = self.play.user(self.client);
        let mut signed = vec![
            (MALLORY.to_owned(), own, Signature::By(own, to)),
            (user.clone(), own, Signature::By(own, to)),
            (user.clone(), theirs, Signature::By(own, to)),
            (user.clone(), Key::Neutral, Signature::OfNeutral),
        ];
        let recorded = self.play.honest(Kind::Response).filter_map(|response| self.play.exchange(response));
        signed.extend(recorded.map(|of| (user.clone(), theirs, Signature::Of(of))));
        let odd = [("read", 0), ("write", 0), ("administer", 0), ("write", 600_000)];
        let all = signed.iter().flat_map(|signed| odd.map(|odd| (signed.clone(), odd)));
        let response = |((user, device, signature), (wanted, ahead)): ((String, Key, Signature), (&str, i64))| {
            Forged::Response { of, user, device, time: Time::Ahead(ahead), wanted: vec![wanted.to_owned()], signature }
        };
        all.map(|of| self.forge(response(of), to, self.adversary)).collect()
    }

    fn verdicts(&self, response: DatagramName) -> Vec<Act> {
        let Some(of) = self.play.exchange(response) else { return Vec::new() };
        let says =
            [Says::Granted(vec!["read".to_owned()]), Says::Granted(vec!["administer".to_owned()]), Says::Refused];
        let (to, from) = (of.hello.from, self.play.destination(&of.hello).unwrap_or(self.server));
        says.map(|says| self.forge(Forged::Verdict { of, says }, to, from)).into()
    }

    fn records(&self, verdict: DatagramName) -> Vec<Act> {
        let Some(of) = self.play.exchange(verdict) else { return Vec::new() };
        let Exchange { hello, challenge, .. } = of;
        let forms = [(true, 1), (true, 2), (true, 3), (false, 1), (false, 2), (false, 3)];
        let record = |(as_initiator, kind)| {
            let (to, from) = if as_initiator { (challenge.from, hello.from) } else { (hello.from, challenge.from) };
            let message = Forged::Record { of, as_initiator, counter: 0, kind, data: String::new() };
            self.forge(message, to, from)
        };
        forms.map(record).into()
    }

    /// A datagram of an honest host with one field changed, and what anybody can write who has seen it.
    fn changed(&self, of: DatagramName) -> Vec<Act> {
        let Some(to) = self.play.destination(&of) else { return Vec::new() };
        let fields: &[Field] = match of.kind {
            1 => &[Field::NonceI, Field::Cookie, Field::Padding],
            3 => &[Field::SidR, Field::Suite, Field::NonceR, Field::Timestamp, Field::EphemeralR],
            7 => &[Field::Counter],
            _ => &[],
        };
        let mut forged: Vec<Forged> =
            fields.iter().map(|field| Forged::Edited { of, field: *field, with: Spare::Plus(1) }).collect();
        match of.kind {
            1 => {
                forged.push(Forged::Edited { of, field: Field::EphemeralI, with: Spare::Point(Point::Own(0)) });
                forged.push(Forged::Edited { of, field: Field::Suites, with: Spare::Plus(9 << 48) });
            }
            7 => forged.push(Forged::Edited { of, field: Field::Counter, with: Spare::Plus(3 << 20) }),
            _ => {}
        }
        if of.kind > 2 {
            forged.push(Forged::Empty { like: of, fill: 7 });
        }
        forged.into_iter().map(|message| self.forge(message, to, of.from)).collect()
    }

    const fn forge(&self, message: Forged, to: HostId, from: HostId) -> Act {
        Act::Forge { message, to, from }
    }
}

fn connect(client: HostId, server: HostId, wanted: &str) -> Act {
    Act::Connect { client, server, via: server, wanted: vec![wanted.to_owned()] }
}

const fn carry(datagram: DatagramName, to: HostId) -> Act {
    Act::Deliver { datagram, to, from: datagram.from, flip: None, nature: Nature::Carried }
}

//! What the people behind the endpoints do: begin handshakes, talk a little, hang up, begin again.

use crate::cast::{HELD, HostId, NOT_HELD, Part, Standing};
use crate::dice::Dice;
use crate::queue::Next;
use crate::report::{bump, outcome_name};
use crate::run::{Intent, SidBytes};
use crate::world::{Of, World};
use core::time::Duration;
use countersign::wire::Sid;
use countersign::{Clearances, Defences, Denial, Expectation, Moment};
use countersign_endpoint::{Closed, Event, HandshakeId};
use std::collections::BTreeMap;

/// What a client is about to do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Errand {
    /// Begin a handshake, if any is left.
    Connect,
    /// Close this session.
    HangUp(Sid),
}

/// The handshakes that are left, and those under way.
#[derive(Debug)]
pub(crate) struct Drive {
    left: u64,
    ended: u64,
    servers: Vec<HostId>,
    look_alike: HostId,
    under_way: BTreeMap<Of, UnderWay>,
    talking: BTreeMap<(HostId, Sid), Then>,
}

#[derive(Debug)]
struct UnderWay {
    intent: Intent,
    /// The run that the observer follows, and when the first began.
    begun: Option<(SidBytes, Moment)>,
    then: Then,
}

/// What a client does when a handshake and its session are over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Then {
    /// Begins another, after a pause.
    Connect,
    /// Nothing: of two begun at once, the first goes on.
    Nothing,
}

const PING: &[u8] = b"ping";
/// From the session's confirmation to its end.
const TALK: Duration = Duration::from_secs(1);
const PAUSE_US_MAX: u64 = 1_000_000;

impl Drive {
    pub(crate) const fn new(handshakes: u64, servers: Vec<HostId>, look_alike: HostId) -> Self {
        Self { left: handshakes, ended: 0, servers, look_alike, under_way: BTreeMap::new(), talking: BTreeMap::new() }
    }

    pub(crate) const fn ended(&self) -> u64 {
        self.ended
    }

    pub(crate) fn is_done(&self) -> bool {
        self.left == 0 && self.under_way.is_empty() && self.talking.is_empty()
    }

    pub(crate) fn any_server(&self, dice: &mut Dice) -> HostId {
        self.servers.get(dice.index(self.servers.len())).copied().unwrap_or(HostId(0))
    }

    /// What a client wants this time: mostly what it may have, from a server, sometimes not.
    fn intend(&self, dice: &mut Dice, standing: Standing, is_first: bool) -> Intent {
        let server = self.any_server(dice);
        // The first handshake of a run is an honest one: a run of one shows how it is meant to go.
        let mood = if is_first { u64::MAX } else { dice.below(100) };
        let (lured, greedy) = (mood < 3, mood == 3);
        let first = self.servers.first().copied().unwrap_or(server);
        let (server, via) = if lured { (first, self.look_alike) } else { (server, server) };
        let wanted: &[&[u8]] = if is_first {
            HELD
        } else if greedy {
            &[NOT_HELD]
        } else {
            let most = HELD.len().saturating_add(1);
            HELD.get(..dice.index(most)).unwrap_or(HELD)
        };
        let wanted = Clearances::new(wanted).expect("short clearances");
        Intent { server, via, wanted, entitled: standing == Standing::Enrolled && !greedy }
    }
}

impl<D: Defences> World<D> {
    /// What a client set out to do with a handshake that is under way.
    #[must_use]
    pub fn intent(&self, client: HostId, handshake: HandshakeId) -> Option<&Intent> {
        self.drive.under_way.get(&(client, handshake)).map(|run| &run.intent)
    }

    /// A client's first errand, at a moment of its own.
    pub(crate) fn set_out(&mut self, client: HostId) {
        // The first client does not wait: a run of one handshake is its.
        let wait =
            if self.tally.started == 0 && client == self.first_client() { Duration::ZERO } else { self.pause(client) };
        self.schedule(wait, Next::Errand { client, errand: Errand::Connect });
    }

    pub(crate) fn run_errand(&mut self, client: HostId, errand: Errand) {
        match errand {
            Errand::Connect => self.connect(client),
            Errand::HangUp(session) => {
                // Gone already if the peer closed it: then there is nothing to hang up.
                let _ = self.with_endpoint(client, |endpoint, now| endpoint.close(now, session));
                self.talk_over(client, session);
            }
        }
    }

    fn connect(&mut self, client: HostId) {
        let Some(Part::Client { standing, .. }) = self.part(client) else { return };
        let standing = *standing;
        let Some(host) = self.hosts.get_mut(usize::from(client.0)) else { return };
        // Now and then two at once: the second waits in the queue if it is for the same server.
        let at_once: &[Then] = if host.dice.below(8) == 0 { &[Then::Connect, Then::Nothing] } else { &[Then::Connect] };
        for then in at_once {
            if self.drive.left == 0 {
                return;
            }
            let Some(host) = self.hosts.get_mut(usize::from(client.0)) else { return };
            let intent = self.drive.intend(&mut host.dice, standing, self.tally.started == 0);
            let Some(Part::Server(expected)) = self.part(intent.server) else { return };
            let expected = Expectation::clone(expected);
            let (to, wanted) = (intent.via.address(), intent.wanted.clone());
            let begun = self.with_endpoint(client, |endpoint, now| endpoint.connect(now, to, &expected, wanted));
            let Some(Ok(handshake)) = begun else {
                self.afterwards(client, *then);
                return;
            };
            self.drive.left = self.drive.left.saturating_sub(1);
            bump(&mut self.tally.started);
            self.drive.under_way.insert((client, handshake), UnderWay { intent, begun: None, then: *then });
        }
    }

    /// What a host's people do when its endpoint says something.
    pub(crate) fn react(&mut self, host: HostId, event: &Event) {
        let now = self.now();
        let sid = if let Event::Ended { handshake, .. } = event {
            self.drive.under_way.get(&(host, *handshake)).and_then(|run| run.begun.map(|(sid, _)| sid))
        } else {
            None
        };
        self.observer.event(now, host, sid, event);
        match event {
            Event::Begun { handshake, sid } => self.begun(host, *handshake, *sid),
            Event::Accepted { handshake, session, .. } => {
                let Some(run) = self.drive.under_way.remove(&(host, *handshake)) else { return };
                let begun = run.begun.map_or(now, |(_, begun)| begun);
                self.tally.accepted(begun, now);
                if run.intent.entitled && run.intent.via == run.intent.server {
                    bump(&mut self.tally.honest.accepted);
                    bump(&mut self.tally.honest.ended);
                }
                self.drive.talking.insert((host, *session), run.then);
            }
            Event::Ended { handshake, outcome } => {
                let Some(run) = self.drive.under_way.remove(&(host, *handshake)) else { return };
                bump(self.tally.ended.entry(outcome_name(*outcome)).or_default());
                if run.intent.entitled && run.intent.via == run.intent.server {
                    bump(&mut self.tally.honest.ended);
                }
                self.handshake_over(host, run.then);
            }
            Event::Confirmed { session } if self.drive.talking.contains_key(&(host, *session)) => {
                bump(&mut self.tally.confirmed);
                self.compare_keys(host, *session);
                let _ = self.with_endpoint(host, |endpoint, now| endpoint.send(now, *session, PING));
                self.schedule(TALK, Next::Errand { client: host, errand: Errand::HangUp(*session) });
            }
            Event::Data { session, data } if matches!(self.part(host), Some(Part::Server(_))) => {
                let _ = self.with_endpoint(host, |endpoint, now| endpoint.send(now, *session, data));
            }
            Event::Closed { session, why } => {
                if *why == Closed::Unconfirmed || *why == Closed::Expired {
                    self.talk_over(host, *session);
                }
            }
            Event::Denied { denial, .. } => bump(self.tally.denied.entry(denial_name(*denial)).or_default()),
            Event::Confirmed { .. } | Event::Data { .. } | Event::Suspicious { .. } | Event::Admitted { .. } => {}
        }
    }

    fn begun(&mut self, client: HostId, handshake: HandshakeId, sid: Sid) {
        let now = self.now();
        let Some(run) = self.drive.under_way.get_mut(&(client, handshake)) else { return };
        let begun = run.begun.map_or(now, |(_, begun)| begun);
        if let Some((old, _)) = run.begun {
            self.observer.replaced(now, old);
        }
        run.begun = Some((sid.0, begun));
        let intent = run.intent.clone();
        let deadline = begun.plus(self.config.limits.deadline);
        self.observer.begun(now, client, sid.0, intent, deadline);
    }

    fn talk_over(&mut self, client: HostId, session: Sid) {
        if let Some(then) = self.drive.talking.remove(&(client, session)) {
            self.handshake_over(client, then);
        }
    }

    fn handshake_over(&mut self, client: HostId, then: Then) {
        bump(&mut self.drive.ended);
        self.afterwards(client, then);
    }

    fn afterwards(&mut self, client: HostId, then: Then) {
        if then == Then::Connect {
            let wait = self.pause(client);
            self.schedule(wait, Next::Errand { client, errand: Errand::Connect });
        }
    }

    /// A1: once both have confirmed, both export the same.
    fn compare_keys(&mut self, client: HostId, session: Sid) {
        let Some((server, peer)) = self.observer.peer_of(session.0) else { return };
        let export = |host: HostId, session: Sid| {
            let mut key = [0; 32];
            let done = self.endpoint(host)?.export(session, b"observer", &peer, &mut key)?;
            done.is_ok().then_some(key)
        };
        let (ours, theirs) = (export(client, session), export(server, Sid(peer)));
        let now = self.now();
        self.observer.same_keys(now, client, ours.is_some() && ours == theirs);
    }

    fn pause(&mut self, client: HostId) -> Duration {
        let dice = self.hosts.get_mut(usize::from(client.0)).map(|host| &mut host.dice);
        Duration::from_micros(dice.map_or(0, |dice| dice.below(PAUSE_US_MAX)))
    }

    fn first_client(&self) -> HostId {
        let at = self.hosts.iter().position(|host| matches!(host.part, Part::Client { .. })).unwrap_or(0);
        HostId(u16::try_from(at).unwrap_or(0))
    }
}

const fn denial_name(denial: Denial) -> &'static str {
    match denial {
        Denial::MalformedClaim(_) => "malformed claim",
        Denial::WeakDeviceKey => "weak device key",
        Denial::OwnKey => "own key",
        Denial::UnknownUser => "unknown user",
        Denial::UnknownDevice => "unknown device",
        Denial::BadSignature => "bad signature",
        Denial::Clock { .. } => "clock",
        Denial::Clearance => "clearance",
        Denial::Stale { .. } => "stale",
        Denial::WrongReceipt => "wrong receipt",
    }
}

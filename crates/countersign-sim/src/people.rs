//! The people behind the endpoints: handshakes under way, what is said in their sessions, and when they are over.

use crate::act::HandshakeNumber;
use crate::cast::{Part, Standing};
use crate::explored::Explored;
use crate::host::HostId;
use crate::report::bump;
use crate::run::{Intent, SidBytes};
use crate::stage::{Notice, Stage};
use crate::tally::outcome_name;
use countersign::wire::Sid;
use countersign::{Clearances, Defences, Denial, Moment};
use countersign_endpoint::{Closed, Event, HandshakeId};
use std::collections::BTreeMap;

/// A handshake that a client began, by its own count.
type Of = (HostId, HandshakeId);

/// What is under way.
#[derive(Debug, Default)]
pub(crate) struct People {
    under_way: BTreeMap<Of, UnderWay>,
    talking: BTreeMap<(HostId, Sid), HandshakeNumber>,
}

#[derive(Debug)]
struct UnderWay {
    number: HandshakeNumber,
    intent: Intent,
    /// The run that the observer follows, and when the first began.
    begun: Option<(SidBytes, Moment)>,
}

const PING: &[u8] = b"ping";
/// What is said on top of that, if an adversary has it said.
const ORDER: &[u8] = b"pay 100 to bob, and nothing else";
/// The data of one session in eight is as large as a datagram bears, less a little.
const LARGE_PING: &[u8] = &[0; 1_100];
const LARGE_PING_EVERY: u8 = 8;

/// All that anybody ever says is of one of three sizes, and is said back.
pub(crate) fn said(bytes: usize) -> Option<&'static [u8]> {
    [PING, ORDER, LARGE_PING].into_iter().find(|data| data.len() == bytes)
}

impl People {
    pub(crate) fn intent(&self, client: HostId, handshake: HandshakeId) -> Option<&Intent> {
        self.under_way.get(&(client, handshake)).map(|run| &run.intent)
    }

    fn session(&self, client: HostId, number: HandshakeNumber) -> Option<Sid> {
        let talks = self.talking.range((client, Sid([0; 8]))..=(client, Sid([u8::MAX; 8])));
        talks.filter(|(_, of)| **of == number).map(|((_, session), _)| *session).next()
    }
}

impl<D: Defences> Stage<D> {
    pub(crate) fn connect(
        &mut self,
        client: HostId,
        server: HostId,
        via: HostId,
        wanted: Clearances,
        number: HandshakeNumber,
    ) {
        let Some(expected) = self.expected(server).cloned() else { return };
        let to = via.address(crate::host::PORT);
        let entitled = self.part(client).is_some_and(|part| part.grant(&wanted).is_some());
        let intent = Intent { server, via, wanted: wanted.clone(), entitled };
        let begun = self.with_endpoint(client, |endpoint, now| endpoint.connect(now, to, &expected, wanted));
        let Some(Ok(handshake)) = begun else {
            self.notices.push(Notice::NotBegun { client, handshake: number });
            return;
        };
        bump(&mut self.tally.started);
        self.people.under_way.insert((client, handshake), UnderWay { number, intent, begun: None });
        self.drain(client);
    }

    /// Gone already if the peer closed it: then there is nothing to hang up.
    pub(crate) fn hang_up(&mut self, client: HostId, handshake: HandshakeNumber) {
        let Some(session) = self.people.session(client, handshake) else { return };
        if let Some(Ok(())) = self.with_endpoint(client, |endpoint, now| endpoint.close(now, session)) {
            self.observer.hung_up(session.0);
        }
        self.talk_over(client, session);
        self.drain(client);
    }

    /// Says something more, if the session is still open.
    pub(crate) fn say(&mut self, client: HostId, handshake: HandshakeNumber) {
        let Some(session) = self.people.session(client, handshake) else { return };
        let _ = self.with_endpoint(client, |endpoint, now| endpoint.send(now, session, ORDER));
        self.drain(client);
    }

    /// What a host's people do when its endpoint says something. Returns which handshake it is about.
    pub(crate) fn react(&mut self, host: HostId, event: &Event) -> HandshakeNumber {
        let now = self.now;
        let under_way =
            |people: &People, handshake: &HandshakeId| people.under_way.get(&(host, *handshake)).map(|run| run.number);
        let about = match event {
            Event::Begun { handshake, .. }
            | Event::Accepted { handshake, .. }
            | Event::Ended { handshake, .. }
            | Event::Suspicious { handshake, .. } => under_way(&self.people, handshake),
            Event::Admitted { session, .. }
            | Event::Confirmed { session }
            | Event::Data { session, .. }
            | Event::Closed { session, .. } => self.observer.handshake_of_session(host, session.0),
            Event::Denied { .. } => None,
        };
        let about = about.unwrap_or(HandshakeNumber(0));
        let sid = if let Event::Ended { handshake, .. } = event {
            self.people.under_way.get(&(host, *handshake)).and_then(|run| run.begun.map(|(sid, _)| sid))
        } else {
            None
        };
        self.observer.event(now, host, sid, event, &self.conditions);
        match event {
            Event::Begun { handshake, sid } => self.begun(host, *handshake, *sid),
            Event::Accepted { handshake, session, .. } => self.accepted(host, *handshake, *session),
            Event::Ended { handshake, outcome } => {
                if let Some(run) = self.people.under_way.remove(&(host, *handshake)) {
                    bump(self.tally.ended.entry(outcome_name(*outcome)).or_default());
                    self.honest_end(host, &run, false);
                    self.note_outcome(*outcome);
                    self.notices.push(Notice::Over { client: host, handshake: run.number });
                }
            }
            Event::Confirmed { session } => self.confirmed(host, *session),
            Event::Data { session, data } if matches!(self.part(host), Some(Part::Server(_))) => {
                let _ = self.with_endpoint(host, |endpoint, now| endpoint.send(now, *session, data));
            }
            Event::Data { session, .. } => {
                if self.observer.went_on_after_rebinding(session.0) {
                    self.tally.met(Explored::ReboundSessions);
                }
            }
            Event::Closed { session, why } => {
                if *why == Closed::Unconfirmed || *why == Closed::Expired {
                    self.talk_over(host, *session);
                }
            }
            Event::Denied { denial, .. } => self.denied(host, *denial),
            Event::Suspicious { .. } | Event::Admitted { .. } => {}
        }
        about
    }

    /// All that a client had under way is lost with its memory.
    pub(crate) fn forget_client(&mut self, client: HostId) {
        let lost = self.people.under_way.extract_if(.., |(host, _), _| *host == client).map(|(_, run)| run);
        let lost: Vec<UnderWay> = lost.collect();
        for run in lost {
            bump(self.tally.ended.entry("crashed").or_default());
            self.notices.push(Notice::Over { client, handshake: run.number });
        }
        let silent = self.people.talking.extract_if(.., |(host, _), _| *host == client);
        let silent: Vec<HandshakeNumber> = silent.map(|(_, number)| number).collect();
        self.notices.extend(silent.into_iter().map(|handshake| Notice::Over { client, handshake }));
    }

    fn begun(&mut self, client: HostId, handshake: HandshakeId, sid: Sid) {
        let now = self.now;
        let Some(run) = self.people.under_way.get_mut(&(client, handshake)) else { return };
        let begun = run.begun.map_or(now, |(_, begun)| begun);
        let replaced = run.begun.map(|(old, _)| old);
        run.begun = Some((sid.0, begun));
        let (intent, number) = (run.intent.clone(), run.number);
        if let Some(old) = replaced {
            self.observer.replaced(now, old, &self.conditions);
        }
        let deadline = begun.plus(self.scenario.limits.deadline);
        if !self.observer.begun(now, client, sid.0, intent, number, deadline) {
            self.tally.met(Explored::RepeatedHellos);
        }
    }

    fn accepted(&mut self, client: HostId, handshake: HandshakeId, session: Sid) {
        let Some(run) = self.people.under_way.remove(&(client, handshake)) else { return };
        let begun = run.begun.map_or(self.now, |(_, begun)| begun);
        self.tally.accepted(begun, self.now);
        self.honest_end(client, &run, true);
        for met in self.observer.met_by(session.0) {
            self.tally.met(met);
        }
        if matches!(self.part(client), Some(Part::Client { follows: true, .. })) {
            self.tally.met(Explored::Clockless);
        }
        let latency_us = u64::try_from(self.now.since(begun).as_micros()).unwrap_or(u64::MAX);
        if self.tally.is_slow(latency_us) {
            let slow = self.observer.slow(session.0, begun, latency_us);
            slow.into_iter().for_each(|slow| self.tally.slow(slow));
        }
        self.people.talking.insert((client, session), run.number);
    }

    fn honest_end(&mut self, client: HostId, run: &UnderWay, accepted: bool) {
        let is_right = self.standing(client) == Some(Standing::Enrolled);
        if is_right && run.intent.entitled && run.intent.via == run.intent.server {
            bump(&mut self.tally.honest.ended);
            self.tally.honest.accepted = self.tally.honest.accepted.saturating_add(accepted.into());
        }
    }

    /// A1: once both have confirmed, both export the same. Then they talk.
    fn confirmed(&mut self, client: HostId, session: Sid) {
        let Some(number) = self.people.talking.get(&(client, session)).copied() else { return };
        bump(&mut self.tally.confirmed);
        self.compare_keys(client, session);
        let data = if session.0[0].is_multiple_of(LARGE_PING_EVERY) { LARGE_PING } else { PING };
        let _ = self.with_endpoint(client, |endpoint, now| endpoint.send(now, session, data));
        self.notices.push(Notice::Confirmed { client, handshake: number });
    }

    fn denied(&mut self, server: HostId, denial: Denial) {
        bump(self.tally.denied.entry(denial_name(denial)).or_default());
        if matches!(denial, Denial::Stale { .. }) {
            let is_clone = self.roles.clones.iter().any(|(clone, _)| *clone == server);
            self.tally.met(if is_clone { Explored::StaleReplays } else { Explored::Stale });
        }
        if matches!(denial, Denial::Clock { .. }) {
            self.tally.met(Explored::WrongClocks);
        }
    }

    fn talk_over(&mut self, client: HostId, session: Sid) {
        if let Some(handshake) = self.people.talking.remove(&(client, session)) {
            self.notices.push(Notice::Over { client, handshake });
        }
    }

    fn compare_keys(&mut self, client: HostId, session: Sid) {
        let Some((server, peer)) = self.observer.peer_of(session.0) else { return };
        let export = |host: HostId, session: Sid| {
            let mut key = [0; 32];
            let machine = self.machines.get(usize::from(host.0))?;
            let done = machine.endpoint.as_ref()?.export(session, b"observer", &peer, &mut key)?;
            done.is_ok().then_some(key)
        };
        let (ours, theirs) = (export(client, session), export(server, Sid(peer)));
        self.observer.same_keys(self.now, client, ours, theirs);
    }
}

pub(crate) const fn denial_name(denial: Denial) -> &'static str {
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

//! What hosts say, beside what is true.

use super::{Observer, PATIENCE, name, spoils};
use crate::cast::Part;
use crate::claims::Claim;
use crate::clock::{Condition, are_apart};
use crate::host::HostId;
use crate::run::{Admission, Fate, Run, SidBytes};
use core::time::Duration;
use countersign::wire::Reason;
use countersign::{Agreement, Moment, Name, SKEW, Terms};
use countersign_endpoint::{Event, Outcome};

/// How much older than the responder's own timestamp an initiator's may be, beside the skew: the longest deadline.
const UNDER_WAY: Duration = Duration::from_secs(60);

impl Observer {
    /// A host's endpoint has said something.
    pub(crate) fn event(
        &mut self,
        at: Moment,
        host: HostId,
        sid: Option<SidBytes>,
        event: &Event,
        conditions: &[Condition],
    ) {
        match event {
            Event::Admitted { agreement, .. } => self.admitted(at, host, agreement, conditions),
            Event::Accepted { agreement, .. } => self.accepted(at, host, agreement),
            Event::Ended { outcome, .. } => {
                if let Some(sid) = sid {
                    self.ended(at, sid, *outcome, conditions);
                }
            }
            Event::Confirmed { session } => {
                let admission = self.admissions.get_mut(&session.0).filter(|admission| admission.server == host);
                if let Some(admission) = admission {
                    admission.confirmed = true;
                } else if let Some((_, sid_r)) = self.peers.get(&session.0)
                    && let Some(admission) = self.admissions.get_mut(sid_r)
                {
                    admission.initiator_knows = true;
                }
            }
            Event::Begun { .. }
            | Event::Suspicious { .. }
            | Event::Denied { .. }
            | Event::Data { .. }
            | Event::Closed { .. } => {}
        }
    }

    /// A2: the user's enrolled device ran this very handshake with this responder, and it is accepted once.
    fn admitted(&mut self, at: Moment, server: HostId, agreement: &Agreement, conditions: &[Condition]) {
        let terms = &agreement.terms;
        if self.repeated.contains(&terms.sid_i.0) {
            return;
        }
        self.ledger.premise(Claim::A2);
        let sid_r = terms.sid_r.0;
        let original = self.original(server);
        let challenge = self.challenges.get(&sid_r).map(|of| (of.server, of.sid_i));
        let mut client = server;
        let ran_it = self.runs.get_mut(&terms.sid_i.0).is_some_and(|run| {
            client = run.client;
            let is_device = match self.parts.get(usize::from(run.client.0)) {
                Some(Part::Client { user, device, standing, .. }) => {
                    *user == terms.user && *device == terms.device && standing.is_enrolled()
                }
                Some(Part::Server(_) | Part::LookAlike | Part::Thief | Part::Stranger) | None => false,
            };
            is_device
                && run.intent.server == original
                && run.nonce == Some(terms.nonce_i)
                && run.responded.contains(&sid_r)
                && challenge == Some((original, terms.sid_i.0))
                && terms.wanted == run.intent.wanted
        });
        let user = &terms.user;
        self.ledger.check(Claim::A2, "device", ran_it, at, || {
            format!("{user} was accepted in a handshake that its device did not run")
        });
        let run = self.runs.get_mut(&terms.sid_i.0);
        let fair = run.as_ref().is_some_and(|run| run.intent.entitled && agreement.granted == run.intent.wanted);
        self.ledger.check(Claim::A2, "clearances", fair, at, || {
            format!("{user} was granted what it does not hold, or not what it wanted")
        });
        let first = run.is_some_and(|run| !core::mem::replace(&mut run.admitted, true));
        self.ledger.check(Claim::A2, "once", first, at, || format!("{user} was accepted twice in one handshake"));
        self.check_latest(at, server, terms, conditions);
        let admission = || Admission::new(server, client, Box::new(agreement.clone()), at);
        self.admissions.entry(sid_r).or_insert_with(admission);
    }

    /// A5: later than the last one that this store knows of, and within the window.
    fn check_latest(&mut self, at: Moment, server: HostId, terms: &Terms, conditions: &[Condition]) {
        let store = self.stores.get(usize::from(server.0)).copied().unwrap_or(0);
        let row = (store, terms.user.clone(), terms.device);
        let earlier = self.latest.insert(row, terms.timestamp_i);
        if earlier.is_some() {
            self.ledger.premise(Claim::A5);
        }
        let (user, accepted) = (&terms.user, terms.timestamp_i.as_millis());
        let rises = earlier.is_none_or(|earlier| earlier < terms.timestamp_i);
        self.ledger.check(Claim::A5, "rises", rises, at, || {
            format!("{user} was accepted at {accepted}, not later than the last time")
        });
        let time_r = self.challenges.get(&terms.sid_r.0).map_or(0, |of| of.time_r);
        let now = conditions.get(usize::from(server.0)).map_or(0, |of| of.clock.wall(at).as_millis());
        let skew = u64::try_from(SKEW.as_millis()).unwrap_or(u64::MAX);
        let age = u64::try_from(UNDER_WAY.as_millis()).unwrap_or(u64::MAX).saturating_add(skew);
        // The claim was judged when the store gave the profile, a little before.
        let grace = u64::try_from(PATIENCE.as_millis()).unwrap_or(0);
        let steady = conditions.get(usize::from(server.0)).is_some_and(|of| !of.clock.went_back_lately(at));
        let within =
            accepted >= time_r.saturating_sub(age) && accepted <= now.saturating_add(skew).saturating_add(grace);
        self.ledger.check(Claim::A5, "window", within || !steady, at, || {
            format!("{user} was accepted at {accepted}, outside the window of its responder")
        });
    }

    /// A1: the responder that was meant accepted this very handshake, on the same terms, and it is matched once.
    fn accepted(&mut self, at: Moment, client: HostId, agreement: &Agreement) {
        let terms = &agreement.terms;
        if self.repeated.contains(&terms.sid_i.0) {
            return;
        }
        self.ledger.premise(Claim::A1);
        let run = self.runs.get_mut(&terms.sid_i.0);
        let run = run.filter(|run| run.client == client && run.fate == Fate::UnderWay);
        let admission = self.admissions.get_mut(&terms.sid_r.0);
        let holds = run.as_ref().zip(admission).is_some_and(|(run, admission)| {
            let first = !core::mem::replace(&mut admission.matched, true);
            let meant = match self.parts.get(usize::from(admission.server.0)) {
                Some(Part::Server(expected)) => *expected.identity() == terms.responder,
                Some(Part::LookAlike | Part::Thief | Part::Client { .. } | Part::Stranger) | None => false,
            };
            first && meant && admission.server == run.intent.server && *admission.agreement == *agreement
        });
        let parts = &self.parts;
        self.ledger.check(Claim::A1, "agreement", holds, at, || {
            format!("{} accepted what its responder did not, or not on these terms", name(parts, client))
        });
        let Some(run) = run else { return };
        run.fate = Fate::Accepted;
        run.accepted = Some(at);
        self.peers.insert(terms.sid_i.0, (run.intent.server, terms.sid_r.0));
        let complete = run.is_complete();
        self.ledger.check(Claim::A9, "verdict", complete, at, || "an initiator accepted without a Verdict".to_owned());
        if client == self.roles.victim {
            self.try_spoils(at, terms.sid_i.0);
        }
        self.no_longer_under_way(client, terms.sid_i.0);
    }

    /// A6: who has stolen the long-term keys of both opens nothing of what was recorded.
    fn try_spoils(&mut self, at: Moment, sid_i: SidBytes) {
        let Some(run) = self.runs.get(&sid_i) else { return };
        let device = match self.part(run.client) {
            Some(Part::Client { seed, .. }) => Some(*seed),
            Some(Part::Server(_) | Part::LookAlike | Part::Thief | Part::Stranger) | None => None,
        };
        let stolen = device.into_iter().chain(self.seeds.get(&run.intent.server).copied());
        let opened = stolen.into_iter().any(|seed| spoils::open(&run.hello, &run.challenge, &seed));
        self.ledger.premise(Claim::A6);
        let parts = &self.parts;
        self.ledger.check(Claim::A6, "secrecy", !opened, at, || {
            format!("with the keys of {} a recorded handshake could be opened", name(parts, run.client))
        });
    }

    /// A9: a handshake that ended with nothing had no Verdict in time, or was not entitled to another one.
    fn ended(&mut self, at: Moment, sid: SidBytes, outcome: Outcome, conditions: &[Condition]) {
        let Some(run) = self.runs.get(&sid) else { return };
        let is_stale = matches!(outcome, Outcome::Refused(Reason::Stale(_)));
        let agree = self.clocks_agree(run, at, conditions);
        let crashed = self.has_crashed_since(run.intent.server, run.begun);
        let excused = is_stale && self.may_be_stale(run, conditions) || !agree || crashed;
        let unlucky = !run.intent.entitled || run.intent.via != run.intent.server;
        let fair = unlucky || !run.verdict_arrived || excused;
        let by_clock = matches!(outcome, Outcome::Clock { .. } | Outcome::Refused(Reason::Clock));
        let right = unlucky || !by_clock || !agree;
        let answered = run.sent.verdicts > 0 || run.response_arrived.is_none_or(|arrived| arrived.plus(PATIENCE) > at);
        let answered = answered || run.store_failed || crashed;
        let explained = match outcome {
            Outcome::Impostor => run.impostor_seen,
            Outcome::Refused(_) => run.verdict_arrived,
            Outcome::Clock { .. } => !run.challenges_arrived.is_empty(),
            Outcome::TimedOut | Outcome::NotBegun(_) => true,
        };
        let waited = at.since(run.begun).as_secs().checked_div(self.limits.retransmit_max.as_secs()).unwrap_or(0);
        let persistent = run.sent.hellos.saturating_add(run.sent.responses) >= waited;
        let client = run.client;
        let ledger = &mut self.ledger;
        ledger.check(Claim::A9, "refused", fair, at, || format!("an honest handshake ended with {outcome:?}"));
        ledger.check(Claim::A5, "lock-out", right, at, || {
            format!("a device was refused for its clock, and its clock was right: {outcome:?}")
        });
        ledger.check(Claim::A9, "answered", answered, at, || "a Response that arrived was never answered".to_owned());
        ledger.check(Claim::A9, "explained", explained, at, || format!("nothing that happened explains {outcome:?}"));
        ledger.check(Claim::A9, "persistent", persistent, at, || "an initiator did not repeat itself".to_owned());
        if let Some(run) = self.runs.get_mut(&sid) {
            run.fate = if is_stale { Fate::Stale } else { Fate::Ended };
        }
        self.no_longer_under_way(client, sid);
    }

    /// A9: a handshake that is under way ends at its deadline, once its host has had its turn.
    pub(crate) fn after_turn(&mut self, at: Moment, host: HostId) {
        let Some(sids) = self.under_way.get_mut(&host) else { return };
        let is_over = |sid: &SidBytes| self.runs.get(sid).is_none_or(|run| run.deadline <= at);
        if !sids.iter().any(is_over) {
            return;
        }
        let late: Vec<SidBytes> = sids.extract_if(.., |sid| is_over(sid)).collect();
        for sid in late {
            if let Some(run) = self.runs.get_mut(&sid) {
                run.fate = Fate::Ended;
            }
            let parts = &self.parts;
            self.ledger.violated(Claim::A9, "deadline", at, || {
                format!("a handshake of {} goes on after its deadline", name(parts, host))
            });
        }
    }

    /// A1: whether both sides of a confirmed session export the same.
    pub(crate) fn same_keys(&mut self, at: Moment, client: HostId, ours: Option<[u8; 32]>, theirs: Option<[u8; 32]>) {
        // A responder that has crashed exports nothing any more.
        let same = ours.is_some() && theirs.is_none_or(|theirs| ours == Some(theirs));
        let parts = &self.parts;
        self.ledger.check(Claim::A1, "keys", same, at, || {
            format!("{} and its responder have accepted, with different keys", name(parts, client))
        });
    }

    /// A9: nothing has come to an end for longer than any handshake may wait and last.
    pub(crate) fn stuck(&mut self, at: Moment) {
        self.ledger.violated(Claim::A9, "stuck", at, || "handshakes that are under way do not end".to_owned());
    }

    /// A store failed while it was asked about this user.
    pub(crate) fn store_failed(&mut self, user: &Name) {
        for sid in self.under_way.values().flatten() {
            let Some(run) = self.runs.get_mut(sid) else { continue };
            let is_users = match self.parts.get(usize::from(run.client.0)) {
                Some(Part::Client { user: own, .. }) => own == user,
                Some(Part::Server(_) | Part::LookAlike | Part::Thief | Part::Stranger) | None => false,
            };
            run.store_failed |= is_users;
        }
    }

    /// A run gave way to another under the same deadline, as its timestamp was found stored already.
    pub(crate) fn replaced(&mut self, at: Moment, sid: SidBytes, conditions: &[Condition]) {
        let Some(run) = self.runs.get(&sid) else { return };
        let (client, excused) = (run.client, self.may_be_stale(run, conditions));
        self.ledger.check(Claim::A9, "restarted", excused, at, || "a handshake began again without need".to_owned());
        if let Some(run) = self.runs.get_mut(&sid) {
            run.fate = Fate::Replaced;
        }
        self.no_longer_under_way(client, sid);
    }

    fn no_longer_under_way(&mut self, client: HostId, sid: SidBytes) {
        if let Some(sids) = self.under_way.get_mut(&client) {
            sids.retain(|under_way| *under_way != sid);
        }
    }

    /// Whether a run's timestamp may have been stored already, or a later one.
    pub(super) fn may_be_stale(&self, run: &Run, conditions: &[Condition]) -> bool {
        let forgets = conditions.get(usize::from(run.client.0)).is_some_and(|client| client.may_forget);
        run.store_failed || forgets
    }

    /// Whether both clocks went on as they should since a run began, and are close to each other.
    pub(super) fn clocks_agree(&self, run: &Run, at: Moment, conditions: &[Condition]) -> bool {
        let condition = |host: HostId| conditions.get(usize::from(host.0));
        let Some((client, server)) = condition(run.client).zip(condition(run.intent.server)) else { return false };
        let follows = matches!(self.part(run.client), Some(Part::Client { follows: true, .. }));
        let steady = server.clock.is_steady_since(run.begun) && !server.clock.went_back_lately(at);
        let close = !are_apart(client.clock.wall(at), server.clock.wall(at));
        steady && (follows || close && client.clock.is_steady_since(run.begun))
    }
}

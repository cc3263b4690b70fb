//! What hosts say, beside what is true.

use super::{Observer, name, spoils};
use crate::cast::Part;
use crate::claims::Claim;
use crate::clock::Condition;
use crate::host::HostId;
use crate::run::{Admission, Fate, SidBytes};
use countersign::wire::Reason;
use countersign::{Agreement, Moment, Name, Terms, Timestamp};
use countersign_endpoint::{Closed, Event, Outcome};

/// The suite that everybody here offers, and no other.
const OFFERED: u8 = 1;

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
            Event::Confirmed { session } => self.confirmed(at, host, session.0),
            Event::Closed { session, why: Closed::ByPeer { .. } } => self.closed_by_peer(at, host, session.0),
            Event::Denied { .. } => self.refusing = Some(host),
            Event::Begun { .. } | Event::Suspicious { .. } | Event::Data { .. } | Event::Closed { .. } => {}
        }
    }

    /// A9: who says that both accepted knows it: the other has, and has said so.
    fn confirmed(&mut self, at: Moment, host: HostId, sid: SidBytes) {
        let by_responder = self.admissions.get(&sid).is_some_and(|admission| admission.server == host);
        let sid_r = if by_responder { Some(sid) } else { self.peers.get(&sid).map(|(_, sid_r)| *sid_r) };
        let Some(admission) = sid_r.and_then(|sid_r| self.admissions.get_mut(&sid_r)) else { return };
        let knows = if by_responder { admission.matched } else { admission.records_sent > 0 };
        if by_responder {
            admission.confirmed = true;
        } else {
            admission.initiator_knows = true;
        }
        let terms = &admission.agreement.terms;
        let excused = self.known_keys.contains(&terms.device)
            || self.known_keys.contains(&terms.responder.key)
            || self.repeated.contains(&terms.sid_i.0);
        let parts = &self.parts;
        self.ledger.check(Claim::A9, "knows", knows || excused, at, || {
            format!("{} says that both have accepted, and cannot know it", name(parts, host))
        });
    }

    /// A2: the user's enrolled device ran this very handshake with this responder, and it is accepted once.
    fn admitted(&mut self, at: Moment, server: HostId, agreement: &Agreement, conditions: &[Condition]) {
        let terms = &agreement.terms;
        self.check_own_key(at, server, terms);
        if self.repeated.contains(&terms.sid_i.0) {
            return;
        }
        self.ledger.premise(Claim::A2);
        self.check_latest(at, server, terms, conditions);
        let sid_r = terms.sid_r.0;
        let admission = Admission::new(server, server, Box::new(agreement.clone()), at);
        // Who has a key is whoever has enrolled it, and no other user.
        if self.known_keys.contains(&terms.device) && self.is_enrolled(terms.user.as_bytes(), &terms.device) {
            let enough = crate::cast::required_of(&terms.user).is_subset_of(&agreement.granted);
            self.ledger.check(Claim::A2, "policy", enough, at, || {
                format!("{} was let in without what policy requires", terms.user)
            });
            self.admissions.entry(sid_r).or_insert(admission);
            return;
        }
        let original = self.original(server);
        let challenge = self.challenges.get(&sid_r).map(|of| (self.original(of.server), of.sid_i));
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
        let part = self.parts.get(usize::from(client.0));
        let due = run.as_ref().zip(part).and_then(|(run, part)| part.grant(&run.intent.wanted));
        let fair = due.as_ref() == Some(&agreement.granted);
        self.ledger.check(Claim::A2, "clearances", fair, at, || {
            format!("{user} was granted something else than what it wanted and holds, or too little")
        });
        let first = run.is_some_and(|run| !core::mem::replace(&mut run.admitted, true));
        self.ledger.check(Claim::A2, "once", first, at, || format!("{user} was accepted twice in one handshake"));
        self.unsure.insert((client, original));
        self.admissions.entry(sid_r).or_insert(Admission { client, ..admission });
    }

    /// A2: nobody is shown a mirror.
    fn check_own_key(&mut self, at: Moment, server: HostId, terms: &Terms) {
        let is_own = matches!(self.part(server), Some(Part::Server(own)) if own.identity().key == terms.device);
        let parts = &self.parts;
        self.ledger.check(Claim::A2, "own-key", !is_own, at, || {
            format!("{} accepted its own key as a device's", name(parts, server))
        });
    }

    /// A1: the responder that was meant accepted this very handshake, on the same terms, and it is matched once.
    fn accepted(&mut self, at: Moment, client: HostId, agreement: &Agreement) {
        let terms = &agreement.terms;
        self.check_terms(at, client, agreement);
        if self.repeated.contains(&terms.sid_i.0) {
            return;
        }
        self.ledger.premise(Claim::A1);
        if self.ends_with_adversary(terms.sid_i.0, client, Fate::Accepted) {
            // A responder may have somebody else's session under the id that the adversary has given.
            let admitted = self.admissions.get(&terms.sid_r.0).filter(|of| of.agreement.terms.sid_i == terms.sid_i);
            let by = admitted.map(|admission| admission.server);
            by.map(|server| self.peers.insert(terms.sid_i.0, (server, terms.sid_r.0)));
            return;
        }
        let by = self.admissions.get(&terms.sid_r.0).map(|admission| admission.server);
        let server = by.map(|by| self.original(by));
        let run = self.runs.get_mut(&terms.sid_i.0);
        let run = run.filter(|run| run.client == client && run.fate == Fate::UnderWay);
        let admission = self.admissions.get_mut(&terms.sid_r.0);
        let holds = run.as_ref().zip(admission).is_some_and(|(run, admission)| {
            let first = !core::mem::replace(&mut admission.matched, true);
            let meant = match self.parts.get(usize::from(admission.server.0)) {
                Some(Part::Server(expected)) => *expected.identity() == terms.responder,
                Some(Part::LookAlike | Part::Thief | Part::Client { .. } | Part::Stranger) | None => false,
            };
            first && meant && server == Some(run.intent.server) && *admission.agreement == *agreement
        });
        let parts = &self.parts;
        self.ledger.check(Claim::A1, "agreement", holds, at, || {
            format!("{} accepted what its responder did not, or not on these terms", name(parts, client))
        });
        let Some(run) = run else { return };
        run.fate = Fate::Accepted;
        run.accepted = Some(at);
        self.peers.insert(terms.sid_i.0, (by.unwrap_or(run.intent.server), terms.sid_r.0));
        self.unsure.remove(&(client, run.intent.server));
        let complete = run.is_complete();
        self.ledger.check(Claim::A9, "verdict", complete, at, || "an initiator accepted without a Verdict".to_owned());
        if client == self.roles.victim {
            self.try_spoils(at, terms.sid_i.0);
        }
        self.no_longer_under_way(client, terms.sid_i.0);
    }

    /// A1: whatever else is true of a handshake, nobody accepts a suite or a grant that was not asked for.
    fn check_terms(&mut self, at: Moment, client: HostId, agreement: &Agreement) {
        let terms = &agreement.terms;
        let run = self.runs.get(&terms.sid_i.0).filter(|run| run.client == client);
        let wanted = run.map_or(&terms.wanted, |run| &run.intent.wanted);
        let (suite, offered) = (terms.suite, terms.suite == OFFERED && terms.offered.contains(terms.suite));
        let parts = &self.parts;
        self.ledger.check(Claim::A1, "suite", offered, at, || {
            format!("{} accepted with suite {suite}, which it did not offer", name(parts, client))
        });
        self.ledger.check(Claim::A1, "grant", agreement.granted.is_subset_of(wanted), at, || {
            format!("{} accepted a grant that it did not want", name(parts, client))
        });
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
        self.check_outcome(at, sid, outcome);
        let Some(run) = self.runs.get(&sid) else { return };
        if self.ends_with_adversary(sid, run.client, Fate::Ended) {
            return;
        }
        let Some(run) = self.runs.get(&sid) else { return };
        let is_stale = matches!(outcome, Outcome::Refused(Reason::Stale(_)));
        let agree = self.clocks_agree(run, at, conditions);
        let crashed = self.has_crashed_since(run.intent.server, run.begun);
        let is_meddled = self.is_meddled(sid);
        let excused = is_stale && self.may_be_stale(run, conditions) || !agree || crashed || is_meddled;
        let unlucky = !run.intent.entitled || run.intent.via != run.intent.server;
        let fair = unlucky || !run.verdict_arrived || excused;
        let by_clock = matches!(outcome, Outcome::Clock { .. } | Outcome::Refused(Reason::Clock));
        let right = unlucky || !by_clock || !agree;
        let answered =
            run.sent.verdicts > 0 || run.response_arrived.is_none_or(|arrived| arrived.plus(self.patience) > at);
        let answered = answered || run.is_answered_by_clone || run.store_failed || crashed || is_meddled;
        let explained = match outcome {
            Outcome::Impostor => run.impostor_seen,
            Outcome::Refused(_) => run.verdict_arrived,
            Outcome::Clock { .. } => !run.challenges_arrived.is_empty(),
            Outcome::TimedOut | Outcome::NotBegun(_) => true,
        };
        let explained = explained || is_meddled && outcome == Outcome::Impostor;
        let waited = at.since(run.begun).as_micros().checked_div(self.limits.retransmit_max.as_micros()).unwrap_or(0);
        let persistent = u128::from(run.sent.hellos.saturating_add(run.sent.responses)) >= waited;
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

    /// A7: nobody gives up before the deadline. A8: a reason is told to enrolled devices alone.
    fn check_outcome(&mut self, at: Moment, sid: SidBytes, outcome: Outcome) {
        let Some(run) = self.runs.get(&sid) else { return };
        let gives_up = matches!(outcome, Outcome::Impostor | Outcome::TimedOut);
        let is_told = matches!(outcome, Outcome::Refused(Reason::Clock | Reason::Stale(_)));
        let part = self.parts.get(usize::from(run.client.0));
        let may_know = matches!(part, Some(Part::Client { standing, .. }) if standing.is_enrolled());
        let waited = at >= run.deadline;
        let (parts, client) = (&self.parts, run.client);
        self.ledger.check(Claim::A7, "wait", !gives_up || waited, at, || {
            format!("{} gave up before its deadline: {outcome:?}", name(parts, client))
        });
        self.ledger.check(Claim::A8, "reason", !is_told || may_know, at, || {
            format!("{} is not enrolled, and was told why it was refused: {outcome:?}", name(parts, client))
        });
    }

    /// A9: a handshake that is under way ends at its deadline, once its host has had its turn.
    pub(crate) fn after_turn(&mut self, at: Moment, host: HostId, (entries, sessions): (usize, usize)) {
        self.check_table(at, host, entries, sessions);
        self.incoming = None;
        self.is_timer = false;
        self.refusing = None;
        self.boxes.turn_over();
        self.refusals.turn_over();
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

    /// A server's store failed while it was asked about this user.
    pub(crate) fn store_failed(&mut self, server: HostId, user: &Name) {
        let server = self.original(server);
        let is_users = |part: &Part| matches!(part, Part::Client { user: own, .. } if own == user);
        let clients = (0..).map(HostId).zip(&self.parts).filter(|(_, part)| is_users(part));
        self.unsure.extend(clients.map(|(client, _)| (client, server)));
        for sid in self.under_way.values().flatten() {
            let Some(run) = self.runs.get_mut(sid) else { continue };
            run.store_failed |= self.parts.get(usize::from(run.client.0)).is_some_and(is_users);
        }
    }

    /// A run gave way to another under the same deadline, as its timestamp was found stored already.
    pub(crate) fn replaced(&mut self, at: Moment, sid: SidBytes, conditions: &[Condition]) {
        self.check_outcome(at, sid, Outcome::Refused(Reason::Stale(Timestamp::default())));
        let Some(run) = self.runs.get(&sid) else { return };
        let (client, excused) = (run.client, self.may_be_stale(run, conditions) || self.is_meddled(sid));
        self.ledger.check(Claim::A9, "restarted", excused, at, || "a handshake began again without need".to_owned());
        if let Some(run) = self.runs.get_mut(&sid) {
            run.fate = Fate::Replaced;
        }
        self.no_longer_under_way(client, sid);
    }

    pub(super) fn no_longer_under_way(&mut self, client: HostId, sid: SidBytes) {
        if let Some(sids) = self.under_way.get_mut(&client) {
            sids.retain(|under_way| *under_way != sid);
        }
    }
}

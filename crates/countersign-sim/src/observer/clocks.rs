//! Whose clock errs, and what follows from it for timestamps.

use super::{Observer, PATIENCE, name};
use crate::cast::Part;
use crate::claims::Claim;
use crate::clock::{Condition, are_apart};
use crate::host::HostId;
use crate::run::{Challenged, Run, SidBytes};
use core::time::Duration;
use countersign::{Moment, SKEW, Terms};

/// How much older than the responder's own timestamp an initiator's may be, beside the skew: the longest deadline.
const UNDER_WAY: Duration = Duration::from_secs(60);

impl Observer {
    /// A5: later than the last one that this store knows of, and within the window.
    pub(super) fn check_latest(&mut self, at: Moment, server: HostId, terms: &Terms, conditions: &[Condition]) {
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

    /// A5: who has a clock answers no responder whose clock is further from it than the skew.
    pub(super) fn check_clock(
        &mut self,
        at: Moment,
        sid_i: SidBytes,
        challenged: &Challenged,
        conditions: &[Condition],
    ) {
        let Some(run) = self.runs.get(&sid_i) else { return };
        let condition = |host: HostId| conditions.get(usize::from(host.0));
        let Some((client, server)) = condition(run.client).zip(condition(challenged.server)) else { return };
        if self.follows(run.client) || ![client, server].iter().all(|of| of.clock.is_steady_since(run.begun)) {
            return;
        }
        let (earliest, latest) = (client.clock.wall(run.begun).minus(SKEW), client.clock.wall(at).plus(SKEW));
        let time_r = challenged.time_r;
        let is_near = (earliest.as_millis()..=latest.as_millis()).contains(&time_r);
        let (parts, client) = (&self.parts, run.client);
        self.ledger.check(Claim::A5, "clock", is_near, at, || {
            format!("{} answered a responder whose clock, at {time_r}, it could see was wrong", name(parts, client))
        });
    }

    fn follows(&self, client: HostId) -> bool {
        matches!(self.part(client), Some(Part::Client { follows: true, .. }))
    }

    /// Whether a run's timestamp may have been stored already, or a later one.
    pub(super) fn may_be_stale(&self, run: &Run, conditions: &[Condition]) -> bool {
        let condition = |host: HostId| conditions.get(usize::from(host.0));
        let forgets = condition(run.client).is_some_and(|client| client.may_forget);
        // It goes by its own clock, or by its server's if it has none.
        let clock = condition(if self.follows(run.client) { run.intent.server } else { run.client }).map(|of| of.clock);
        let is_unsure = self.unsure.contains(&(run.client, run.intent.server));
        let went_back =
            clock.is_some_and(|clock| clock.was_set_back_beyond_skew() || clock.was_set_back() && is_unsure);
        // A clone refuses what the other has accepted.
        // Who has stolen the device's key may have claimed a later time.
        let part = self.part(run.client);
        let is_stolen = matches!(part, Some(Part::Client { device, .. }) if self.known_keys.contains(device));
        run.store_failed || forgets || went_back || run.is_answered_by_clone || is_stolen
    }

    /// Whether both clocks went on as they should since a run began, and are close to each other.
    pub(super) fn clocks_agree(&self, run: &Run, at: Moment, conditions: &[Condition]) -> bool {
        let condition = |host: HostId| conditions.get(usize::from(host.0));
        let Some(client) = condition(run.client).map(|of| of.clock) else { return false };
        let follows = self.follows(run.client);
        let clones = self.roles.clones.iter().filter(|(_, original)| *original == run.intent.server);
        let mut servers = clones.map(|(clone, _)| *clone).chain([run.intent.server]);
        servers.all(|server| {
            let Some(server) = condition(server).map(|of| of.clock) else { return false };
            let steady = server.is_steady_since(run.begun) && !server.went_back_lately(at);
            steady && (follows || !are_apart(client.wall(at), server.wall(at)))
        }) && (follows || client.is_steady_since(run.begun))
    }
}

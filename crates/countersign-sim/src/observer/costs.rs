//! A7: what others can make a client do.

use super::wire;
use super::{Observer, name};
use crate::claims::Claim;
use crate::host::HostId;
use crate::run::{Fate, SidBytes};
use countersign::{Moment, Reject};
use countersign_endpoint::Dropped;

impl Observer {
    /// A host's timer has fired, and what it sends in this turn it sends for that.
    pub(crate) const fn timer_fires(&mut self) {
        self.is_timer = true;
    }

    /// A7: between two expiries of its timer a client sends one Hello, and one for each of a few Retries.
    pub(super) fn check_retries(&mut self, at: Moment, from: HostId, sid: SidBytes, first: bool) {
        let Some(run) = self.runs.get_mut(&sid).filter(|run| run.client == from) else { return };
        run.hellos_at_once = if first || self.is_timer { 1 } else { run.hellos_at_once.saturating_add(1) };
        let hellos = run.hellos_at_once;
        let holds = hellos <= self.limits.retries_per_expiry.saturating_add(1);
        let parts = &self.parts;
        self.ledger.check(Claim::A7, "retries", holds, at, || {
            format!("{} was made to send {hellos} Hellos before its timer fired", name(parts, from))
        });
    }

    /// A7: of a flood of Challenges a client judges a few. A genuine one among the others counts as lost.
    pub(super) fn challenge_judged(&mut self, at: Moment, to: HostId, challenge: &[u8], result: Result<(), Dropped>) {
        let is_dropped = result == Err(Dropped::RateLimited);
        let is_judged = match result {
            Ok(()) => true,
            Err(Dropped::Rejected(reject)) => !matches!(reject, Reject::Decode(_)),
            Err(_) => false,
        };
        if !is_dropped && !is_judged {
            return;
        }
        let run = wire::header(challenge).and_then(|(_, sid_i)| self.runs.get_mut(&sid_i));
        let Some(run) = run.filter(|run| run.client == to && run.fate == Fate::UnderWay) else { return };
        let is_allowed = run.checks.allow(&self.limits, at);
        if is_judged {
            run.checks.spend(&self.limits);
            let parts = &self.parts;
            self.ledger.check(Claim::A7, "bucket", is_allowed, at, || {
                format!("{} judged more Challenges at once than it should", name(parts, to))
            });
        } else if !is_allowed && let Some(sid_r) = wire::sid_r(challenge) {
            run.challenges_arrived.remove(&sid_r);
        }
    }
}

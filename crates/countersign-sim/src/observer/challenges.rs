//! Challenges that responders make, and the cookies that they ask for before.

use super::wire::{self, Digest};
use super::{Forget, MEMORY, Observer, PATIENCE, name};
use crate::cast::Part;
use crate::claims::Claim;
use crate::host::{Address, HostId};
use crate::run::SidBytes;
use core::time::Duration;
use countersign::{COOKIE_EPOCH, Moment};
use std::collections::{BTreeMap, VecDeque};

/// Who made a Challenge, in answer to which Hello.
pub(super) type Of = (HostId, Digest);
/// Who asked for a cookie, from where, with which Hello, and the cookie.
pub(super) type Cookie = (HostId, Address, Digest, [u8; 33]);

#[derive(Debug, Default)]
pub(super) struct Challenges {
    made: BTreeMap<Of, (SidBytes, Moment)>,
    /// When each responder made those that may still have an entry.
    lately: BTreeMap<HostId, VecDeque<Moment>>,
    /// One was made in this turn.
    is_new: bool,
    /// When each cookie was last given out, where nobody gets in without.
    cookies: BTreeMap<Cookie, Moment>,
}

impl Challenges {
    pub(super) fn forget(&mut self, of: &Of, at: Moment) {
        if self.made.get(of).is_some_and(|(_, made)| made.plus(MEMORY) <= at) {
            self.made.remove(of);
        }
    }

    pub(super) fn forget_cookie(&mut self, cookie: &Cookie, at: Moment) {
        if self.cookies.get(cookie).is_some_and(|issued| issued.plus(MEMORY) <= at) {
            self.cookies.remove(cookie);
        }
    }

    pub(super) fn crashed(&mut self, host: HostId) {
        self.lately.remove(&host);
        self.made.retain(|(by, _), _| *by != host);
    }

    /// How many a responder has made within this time.
    fn made_within(&mut self, host: HostId, at: Moment, time: Duration) -> usize {
        let Some(lately) = self.lately.get_mut(&host) else { return 0 };
        while lately.pop_front_if(|made| at.since(*made) > time).is_some() {}
        lately.len()
    }
}

impl Observer {
    /// A4: a Hello that comes again gets the same Challenge, as long as the responder can know of it.
    pub(super) fn check_made(&mut self, at: Moment, from: HostId, sid_r: SidBytes) {
        let Some((from_where, (hello, cookie))) = self.incoming.and_then(|of| Some((of.from, of.hello?))) else {
            return;
        };
        let earlier = self.made.made.get(&(from, hello)).copied();
        if earlier.is_some_and(|(earlier, _)| earlier == sid_r) {
            return;
        }
        let lives = self.limits.half_open_lifetime.saturating_sub(PATIENCE);
        let is_due = earlier.is_none_or(|(_, made)| at.since(made) >= lives);
        let parts = &self.parts;
        self.ledger.check(Claim::A4, "regenerated", is_due, at, || {
            format!("{} made another Challenge for a Hello that it had answered", name(parts, from))
        });
        self.made.made.insert((from, hello), (sid_r, at));
        self.forget.push_back((at.plus(MEMORY), Forget::Made((from, hello))));
        self.made.lately.entry(from).or_default().push_back(at);
        self.made.is_new = true;
        self.check_cookie(at, from, (self.original(from), from_where, hello, cookie));
    }

    /// A responder asks for a cookie.
    pub(super) fn note_cookie(&mut self, at: Moment, from: HostId, to: Address, retry: &[u8]) {
        if self.limits.half_open_before_cookies > 0 {
            return;
        }
        let hello = self.incoming.and_then(|incoming| incoming.hello);
        let Some(((hello, _), cookie)) = hello.zip(wire::cookie_of_retry(retry)) else { return };
        let cookie = (self.original(from), to, hello, cookie);
        self.made.cookies.insert(cookie, at);
        self.forget.push_back((at.plus(MEMORY), Forget::Cookie(cookie)));
    }

    /// A7: where nobody gets in without a cookie, it is one that the responder gave out lately, for this Hello, to where
    /// the Hello comes from. Of whose cookie key the adversary has, nothing is claimed of that.
    fn check_cookie(&mut self, at: Moment, from: HostId, cookie: Cookie) {
        let issued = self.made.cookies.get(&cookie);
        let is_good = issued.is_some_and(|issued| at.since(*issued) < COOKIE_EPOCH.saturating_mul(2));
        let is_open = self.limits.half_open_before_cookies > 0 || self.known_cookies.contains(&from);
        let parts = &self.parts;
        self.ledger.check(Claim::A7, "cookie", is_open || is_good, at, || {
            format!("{} kept something of a Hello without a cookie that was good for it", name(parts, from))
        });
    }

    /// A7: what a responder holds is bounded, and ends in time.
    pub(super) fn check_table(&mut self, at: Moment, host: HostId, entries: usize, sessions: usize) {
        let is_new = core::mem::take(&mut self.made.is_new);
        if !matches!(self.part(host), Some(Part::Server(_))) {
            return;
        }
        let most = self.limits.entries_max;
        // Entries become sessions, so that there may be more of both; but nothing is added then.
        if self.is_played && entries.saturating_add(sessions) >= most {
            self.full.insert(host);
        } else {
            self.full.remove(&host);
        }
        let fits = entries <= most && sessions <= most && (!is_new || entries.saturating_add(sessions) <= most);
        let lasts = self.limits.half_open_lifetime.saturating_add(PATIENCE);
        let made = self.made.made_within(host, at, lasts);
        let parts = &self.parts;
        self.ledger.check(Claim::A7, "table", fits, at, || {
            format!("{} holds {entries} entries and {sessions} sessions, more than {most}", name(parts, host))
        });
        self.ledger.check(Claim::A7, "half-open", entries <= made, at, || {
            format!("{} holds {entries} entries, and has lately made {made} Challenges", name(parts, host))
        });
    }
}

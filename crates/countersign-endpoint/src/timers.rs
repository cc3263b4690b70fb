//! Timers by key, earliest first; ties in the order of the keys, so that nothing depends on chance.

use countersign::Moment;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug)]
pub(crate) struct Timers<K> {
    by_key: BTreeMap<K, Moment>,
    by_time: BTreeSet<(Moment, K)>,
}

impl<K: Copy + Ord> Timers<K> {
    pub(crate) const fn new() -> Self {
        Self { by_key: BTreeMap::new(), by_time: BTreeSet::new() }
    }

    pub(crate) fn set(&mut self, key: K, at: Moment) {
        self.cancel(key);
        self.by_key.insert(key, at);
        self.by_time.insert((at, key));
    }

    pub(crate) fn cancel(&mut self, key: K) {
        if let Some(at) = self.by_key.remove(&key) {
            self.by_time.remove(&(at, key));
        }
    }

    pub(crate) fn next(&self) -> Option<Moment> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes the earliest timer that is due.
    pub(crate) fn pop_due(&mut self, now: Moment) -> Option<K> {
        let (at, key) = *self.by_time.first()?;
        if at > now {
            return None;
        }
        self.cancel(key);
        Some(key)
    }
}

//! What is looked up by its key and never walked through, so that no order shows.

use core::hash::Hash;
use std::collections::HashMap;

/// Values in places of their own, each found in a few steps, however many there are; where it grows, only pointers move.
///
/// The hash has a key that the standard library draws: some of what is looked up is the hash of what strangers send, who could
/// otherwise search for many that fall into one place. Nothing that comes out depends on it.
#[derive(Debug)]
pub(crate) struct Table<K, V>(HashMap<K, Box<V>>);

impl<K: Eq + Hash, V> Table<K, V> {
    pub(crate) fn new() -> Self {
        Self(HashMap::new())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn contains(&self, key: &K) -> bool {
        self.0.contains_key(key)
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.0.get(key).map(|value| &**value)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.0.get_mut(key).map(|value| &mut **value)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.0.insert(key, Box::new(value));
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        self.0.remove(key).map(|value| *value)
    }

    /// What this says of the one value of which it says anything. Walks through all: for diagnostics.
    pub(crate) fn only<T>(&self, holds: impl Fn(&V) -> Option<T>) -> Option<T> {
        self.0.values().find_map(|value| holds(value))
    }
}

//! What a responder remembers, as a trait for drivers. The endpoint never calls it.

use crate::output::{Answer, Output, Ticket};
use core::convert::Infallible;
use countersign::{Advance, Name, Profile, Receipt, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Profiles, and the latest timestamp of each user's device.
pub trait Store {
    /// Why the store could not say.
    type Error;

    /// The profile of a user; the same work whether there is one or not (CS-REF-03).
    ///
    /// # Errors
    /// The store could not say.
    fn profile(&mut self, user: &Name, device: &[u8; 32]) -> Result<Option<Profile>, Self::Error>;

    /// Makes `timestamp` the latest of this user's device if it is later than the last, in one step, and durably before
    /// it returns (CS-RESP-09).
    ///
    /// # Errors
    /// The store could not say; whether the timestamp was stored is then unknown.
    fn advance(&mut self, user: &Name, device: &[u8; 32], timestamp: Timestamp) -> Result<Advance, Self::Error>;
}

/// Answers an endpoint's question from a store; `None` if the output is no question.
pub fn answer(store: &mut impl Store, output: &Output) -> Option<(Ticket, Answer)> {
    match output {
        Output::Lookup { ticket, user, device } => {
            let answer = match store.profile(user, device) {
                Ok(Some(profile)) => Answer::Profile(profile),
                Ok(None) => Answer::NoProfile,
                Err(_) => Answer::StoreError,
            };
            Some((*ticket, answer))
        }
        Output::Advance { ticket, user, device, timestamp } => {
            let answer = match store.advance(user, device, *timestamp) {
                Ok(Advance::Advanced(receipt)) => Answer::Advanced(receipt),
                Ok(Advance::Stale { latest }) => Answer::Stale { latest },
                Err(_) => Answer::StoreError,
            };
            Some((*ticket, answer))
        }
        Output::Send { .. } | Output::WakeAt(_) | Output::Event(_) => None,
    }
}

/// A store in memory: for tests and simulations, as it forgets everything when the process ends. A clone shares the
/// profiles until either enrols somebody.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    profiles: Arc<BTreeMap<Name, Profile>>,
    latest: BTreeMap<(Name, [u8; 32]), Timestamp>,
}

impl MemoryStore {
    /// Stores a user's profile.
    pub fn enrol(&mut self, user: Name, profile: Profile) {
        Arc::make_mut(&mut self.profiles).insert(user, profile);
    }

    /// The latest timestamp accepted from this user's device.
    #[must_use]
    pub fn latest(&self, user: &Name, device: &[u8; 32]) -> Option<Timestamp> {
        self.latest.get(&(user.clone(), *device)).copied()
    }
}

impl Store for MemoryStore {
    type Error = Infallible;

    fn profile(&mut self, user: &Name, _device: &[u8; 32]) -> Result<Option<Profile>, Infallible> {
        Ok(self.profiles.get(user).cloned())
    }

    fn advance(&mut self, user: &Name, device: &[u8; 32], timestamp: Timestamp) -> Result<Advance, Infallible> {
        let row = (user.clone(), *device);
        if let Some(latest) = self.latest.get(&row).copied().filter(|latest| timestamp <= *latest) {
            return Ok(Advance::Stale { latest });
        }
        self.latest.insert(row, timestamp);
        Ok(Advance::Advanced(Receipt { user: user.clone(), device: *device, timestamp }))
    }
}

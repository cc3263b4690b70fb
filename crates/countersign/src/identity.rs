//! Who is who: names, clearances, and a responder as the initiator expects it.

use crate::primitives::{Backend, PublicKey, WeakKey};
use crate::wire::{Buffer, DecodeError};
use core::fmt;
use std::sync::Arc;

/// The longest name, in bytes.
pub const NAME_BYTES_MAX: usize = 64;
/// The longest clearance, in bytes.
pub const CLEARANCE_BYTES_MAX: usize = 32;
/// The most clearances in a list.
pub const CLEARANCES_MAX: usize = 16;
/// The longest list of clearances as it travels: 16 times a length byte and 32 bytes.
pub const CLEARANCES_BYTES_MAX: usize = CLEARANCES_MAX * (1 + CLEARANCE_BYTES_MAX);

/// A user's or a responder's name: 1 to 64 opaque bytes, compared exactly (CS-WIRE-06).
#[derive(Clone)]
pub struct Name(Buffer<NAME_BYTES_MAX>);

impl Name {
    /// Takes a name.
    ///
    /// # Errors
    /// [`DecodeError::Name`] unless there are 1 to 64 bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.is_empty() || bytes.len() > NAME_BYTES_MAX {
            return Err(DecodeError::Name);
        }
        let mut name = Buffer::new();
        name.push(bytes);
        Ok(Self(name))
    }

    /// The bytes, 1 to 64.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_bytes().escape_ascii())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// A list of clearances: at most 16 of 1 to 32 bytes, strictly ascending by content (CS-WIRE-07).
#[derive(Clone, Eq, PartialEq)]
pub struct Clearances(Buffer<CLEARANCES_BYTES_MAX>);

impl Clearances {
    /// No clearance.
    #[must_use]
    pub const fn none() -> Self {
        Self(Buffer::new())
    }

    /// Takes clearances in any order.
    ///
    /// # Errors
    /// [`DecodeError::Clearances`] if one is repeated, empty or over 32 bytes, or if there are more than 16.
    pub fn new(clearances: &[&[u8]]) -> Result<Self, DecodeError> {
        let mut sorted = [&[][..]; CLEARANCES_MAX];
        let sorted = sorted.get_mut(..clearances.len()).ok_or(DecodeError::Clearances)?;
        sorted.copy_from_slice(clearances);
        sorted.sort_unstable();
        let mut list = Self::none();
        for clearance in sorted.iter() {
            list.append(clearance)?;
        }
        Ok(list)
    }

    /// Reads a list as it travels, without its length.
    ///
    /// # Errors
    /// [`DecodeError::Clearances`] if it is not canonical.
    pub fn decode(mut bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut list = Self::none();
        while let Some((length, rest)) = bytes.split_first() {
            let (clearance, rest) = rest.split_at_checked(usize::from(*length)).ok_or(DecodeError::Clearances)?;
            list.append(clearance)?;
            bytes = rest;
        }
        Ok(list)
    }

    /// The list as it travels, without its length: up to 528 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The clearances in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut bytes = self.as_bytes();
        core::iter::from_fn(move || {
            let (length, rest) = bytes.split_first()?;
            let (clearance, rest) = rest.split_at_checked(usize::from(*length))?;
            bytes = rest;
            Some(clearance)
        })
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_empty()
    }

    /// Whether `clearance` is in the list.
    #[must_use]
    pub fn contains(&self, clearance: &[u8]) -> bool {
        self.iter().any(|held| held == clearance)
    }

    /// Whether every clearance here is in `other`.
    #[must_use]
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.iter().all(|clearance| other.contains(clearance))
    }

    /// The clearances in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut both = Self::none();
        for clearance in self.iter().filter(|clearance| other.contains(clearance)) {
            both.append(clearance).expect("a part of a canonical list is canonical");
        }
        both
    }

    fn append(&mut self, clearance: &[u8]) -> Result<(), DecodeError> {
        let ascending = self.iter().last().is_none_or(|last| last < clearance);
        let sized = !clearance.is_empty() && clearance.len() <= CLEARANCE_BYTES_MAX;
        if !ascending || !sized || self.iter().count() == CLEARANCES_MAX {
            return Err(DecodeError::Clearances);
        }
        self.0.push_opaque8(clearance);
        Ok(())
    }
}

impl fmt::Debug for Clearances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|clearance| clearance.escape_ascii().to_string())).finish()
    }
}

/// A responder, by name and key. What both signatures name.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Identity {
    /// Its name.
    pub name: Name,
    /// Its Ed25519 key, 32 bytes.
    pub key: [u8; 32],
}

/// The responder that an initiator wants to reach, held before a byte is sent (CS-INIT-01).
#[derive(Clone, Debug)]
pub struct Expectation {
    pub(crate) identity: Identity,
    pub(crate) key: Arc<PublicKey>,
}

impl Expectation {
    /// Expects this name under this key, which is decoded once, here.
    ///
    /// # Errors
    /// [`WeakKey`] if the key is not canonical or of small order.
    pub fn new(name: Name, key: &[u8; 32]) -> Result<Self, WeakKey> {
        Self::new_on(Backend::Portable, name, key)
    }

    /// The same, for an initiator whose key is of this backend. One of another does no harm, and no good.
    ///
    /// # Errors
    /// The same.
    pub fn new_on(backend: Backend, name: Name, key: &[u8; 32]) -> Result<Self, WeakKey> {
        let decoded = PublicKey::decode_on(backend, key)?;
        Ok(Self { identity: Identity { name, key: *key }, key: Arc::new(decoded) })
    }

    /// The responder's name and key.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }
}

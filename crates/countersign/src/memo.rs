//! Scalar multiplications remembered, for a search that plays the same handshakes again and again. Not there in what is
//! deployed.
//!
//! Each is a function of its input alone, so that nothing can come out differently; it only comes sooner. [`Work`] counts
//! it all the same.
//!
//! [`Work`]: crate::Work

use crate::primitives::{Backend, KeyPair};
use core::cell::RefCell;
use std::collections::HashMap;

/// Until it is dropped, its thread remembers.
#[derive(Debug)]
pub struct Memo(());

/// What is remembered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Of {
    /// The public half of an ephemeral.
    Ephemeral,
    /// A shared secret.
    Exchange,
    /// A signature.
    Signature,
    /// Whether a signature verifies.
    Verification,
    /// What somebody else works out.
    Other,
}

#[derive(Default)]
struct Known {
    values: HashMap<(Of, Vec<u8>), Vec<u8>>,
    pairs: HashMap<(Backend, [u8; 32]), KeyPair>,
}

thread_local! {
    static KNOWN: RefCell<Option<Known>> = const { RefCell::new(None) };
}

/// Some 20 MB.
const KNOWN_MAX: usize = 1 << 16;

impl Memo {
    /// This thread begins to remember.
    #[must_use]
    pub fn begin() -> Self {
        KNOWN.set(Some(Known::default()));
        Self(())
    }

    /// What anything else comes to that is a function of this input alone, if need be by computing it.
    #[must_use]
    pub fn remembered<const N: usize>(input: &[&[u8]], compute: impl FnOnce() -> [u8; N]) -> [u8; N] {
        remembered(Of::Other, input, compute)
    }
}

impl Drop for Memo {
    fn drop(&mut self) {
        KNOWN.set(None);
    }
}

/// What this comes to, if need be by computing it.
pub(crate) fn remembered<const N: usize>(of: Of, input: &[&[u8]], compute: impl FnOnce() -> [u8; N]) -> [u8; N] {
    if KNOWN.with_borrow(Option::is_none) {
        return compute();
    }
    let key = (of, input.concat());
    let known = KNOWN.with_borrow(|known| known.as_ref()?.values.get(&key)?.first_chunk().copied());
    known.unwrap_or_else(|| {
        let value = compute();
        KNOWN.with_borrow_mut(|known| {
            known.as_mut().map(|Known { values, .. }| room(values).insert(key, value.to_vec()));
        });
        value
    })
}

/// The key pair that a seed makes.
pub(crate) fn remembered_pair(backend: Backend, seed: &[u8; 32], compute: impl FnOnce() -> KeyPair) -> KeyPair {
    KNOWN.with_borrow_mut(|known| match known {
        Some(Known { pairs, .. }) => room(pairs).entry((backend, *seed)).or_insert_with(compute).clone(),
        None => compute(),
    })
}

/// A map that is not full.
fn room<K, V>(map: &mut HashMap<K, V>) -> &mut HashMap<K, V> {
    if map.len() >= KNOWN_MAX {
        map.clear();
    }
    map
}

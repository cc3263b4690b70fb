//! In place of the fast backend, in a build without it: a proof that nobody can have, so that nothing here runs.

use zeroize::ZeroizeOnDrop;

/// The processor is supported: never, in this build.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Supported {}

impl Supported {
    pub(super) const fn by_this_processor() -> Option<Self> {
        None // CS-IMPL-06
    }
}

#[derive(Clone)]
pub(crate) struct SigningKey(Supported);

impl ZeroizeOnDrop for SigningKey {}

impl SigningKey {
    pub(super) fn from_seed(supported: Supported, _: &[u8; 32]) -> Self {
        match supported {}
    }

    pub(super) fn public(&self) -> [u8; 32] {
        match self.0 {}
    }

    pub(super) fn sign(&self, _: &[u8]) -> [u8; 64] {
        match self.0 {}
    }
}

pub(crate) struct VerifyingKey(Supported);

impl VerifyingKey {
    pub(super) fn decode(supported: Supported, _: &[u8; 32]) -> Option<Self> {
        match supported {}
    }

    pub(super) fn verifies(&self, _: &[u8], _: &[u8; 64]) -> bool {
        match self.0 {}
    }
}

pub(super) fn public_half(supported: Supported, _: &[u8; 32]) -> [u8; 32] {
    match supported {}
}

pub(super) fn exchange(supported: Supported, _: &[u8; 32], _: &[u8; 32]) -> [u8; 32] {
    match supported {}
}

pub(super) fn seal(supported: Supported, _: &[u8; 32], _: &[u8; 12], _: &[u8], _: &mut [u8]) -> [u8; 16] {
    match supported {}
}

pub(super) fn open(supported: Supported, _: &[u8; 32], _: &[u8; 12], _: &[u8], _: &mut [u8], _: &[u8; 16]) -> bool {
    match supported {}
}

#[cfg(test)]
mod tests {
    use crate::primitives::Backend;

    /// CS-IMPL-06: a build without the fast backend falls back to the portable one.
    #[test]
    fn a_build_without_the_fast_backend_falls_back() {
        assert_eq!(Backend::fast(), None);
        assert_eq!(Backend::best(), Backend::Portable);
    }
}

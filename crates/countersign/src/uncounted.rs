//! In place of `work.rs`, in what is deployed: nothing is counted.

pub(crate) const fn share() {}

pub(crate) const fn exchange() {}

pub(crate) const fn signature() {}

pub(crate) const fn verification() {}

pub(crate) const fn decoding() {}

pub(crate) const fn draw() {}

pub(crate) const fn seal(_: &[u8]) {}

pub(crate) const fn open(_: &[u8]) {}

pub(crate) const fn hmac_key() {}

pub(crate) const fn hmac(_: usize) {}

/// How far a hash has come: nobody asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hashed;

impl Hashed {
    pub(crate) const fn nothing() -> Self {
        Self
    }

    pub(crate) const fn absorb(&mut self, _: usize) {}

    pub(crate) const fn finish(self) {}
}

//! A generator that yields what it was given, once.

use core::convert::Infallible;
use rand_core::{TryCryptoRng, TryRng};

/// Yields the bytes of a vector, in order. Asked for more, it panics: a handshake draws 32 bytes a side and no more.
#[derive(Debug)]
pub(crate) struct Scripted<'a>(&'a [u8]);

impl<'a> Scripted<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut taken = [0; N];
        self.fill(&mut taken);
        taken
    }

    fn fill(&mut self, out: &mut [u8]) {
        let (head, rest) = self.0.split_at_checked(out.len()).expect("a handshake draws what its vector lists");
        out.copy_from_slice(head);
        self.0 = rest;
    }
}

impl TryRng for Scripted<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_be_bytes(self.take()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_be_bytes(self.take()))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.fill(out);
        Ok(())
    }
}

impl TryCryptoRng for Scripted<'_> {}

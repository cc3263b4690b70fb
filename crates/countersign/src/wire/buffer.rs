//! Bytes of bounded length, held in place: what the codec writes into.

use core::{fmt, ops::Deref};
use zeroize::Zeroize;

/// Up to `N` bytes, without allocation.
#[derive(Clone)]
pub struct Buffer<const N: usize> {
    length: usize,
    /// Zero from the length on.
    bytes: [u8; N],
}

impl<const N: usize> Buffer<N> {
    /// No bytes yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { length: 0, bytes: [0; N] }
    }

    /// Appends. Every buffer is sized for the largest message that is written into it, so running over is our bug.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let end = self.length.saturating_add(bytes.len());
        self.bytes
            .get_mut(self.length..end)
            .expect("the buffer is sized for its largest message")
            .copy_from_slice(bytes);
        self.length = end;
    }

    /// Appends `bytes` behind their length in one byte.
    pub(crate) fn push_opaque8(&mut self, bytes: &[u8]) {
        let length = u8::try_from(bytes.len()).expect("lengths of one byte are checked where values are made");
        self.push(&[length]);
        self.push(bytes);
    }

    /// Appends `bytes` behind their length in two bytes.
    pub(crate) fn push_opaque16(&mut self, bytes: &[u8]) {
        let length = u16::try_from(bytes.len()).expect("lengths of two bytes are checked where values are made");
        self.push(&length.to_be_bytes());
        self.push(bytes);
    }

    /// Appends the fewest zero bytes that bring the length to a multiple of `step`.
    pub(crate) fn pad(&mut self, step: usize) {
        self.length = self.length.next_multiple_of(step);
        assert!(self.length <= N, "the buffer is sized for its padding");
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        self.bytes.get_mut(..self.length).expect("the length is within the buffer")
    }
}

/// Wipes in bulk, and no more than was written: byte by byte it takes as long as the AEAD.
impl<const N: usize> Zeroize for Buffer<N> {
    fn zeroize(&mut self) {
        zeroize::zeroize_bytes(self.as_mut_slice());
        self.length = 0;
    }
}

impl<const N: usize> Default for Buffer<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Deref for Buffer<N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.length).expect("the length is within the buffer")
    }
}

impl<const N: usize> PartialEq for Buffer<N> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<const N: usize> Eq for Buffer<N> {}

/// The length alone: a buffer may hold what is secret.
impl<const N: usize> fmt::Debug for Buffer<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CS-IMPL-02: of whatever length, and whatever the padding.
    #[test]
    fn wiping_leaves_no_byte() {
        for length in 0..100 {
            let mut buffer = Buffer::<128>::new();
            buffer.push(&vec![0xff; length]);
            buffer.pad(7);
            buffer.zeroize();
            assert!(buffer.is_empty());
            assert_eq!(buffer.bytes, [0; 128]);
        }
    }
}

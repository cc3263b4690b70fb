//! Takes a byte string apart from the front.

use super::DecodeError;

#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], DecodeError> {
        let (head, rest) = self.0.split_first_chunk().ok_or(DecodeError::Length)?;
        self.0 = rest;
        Ok(head)
    }

    pub(super) fn slice(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (head, rest) = self.0.split_at_checked(length).ok_or(DecodeError::Length)?;
        self.0 = rest;
        Ok(head)
    }

    pub(super) fn byte(&mut self) -> Result<u8, DecodeError> {
        let [byte] = *self.array()?;
        Ok(byte)
    }

    pub(super) fn uint32(&mut self) -> Result<u32, DecodeError> {
        Ok(u32::from_be_bytes(*self.array()?))
    }

    pub(super) fn uint64(&mut self) -> Result<u64, DecodeError> {
        Ok(u64::from_be_bytes(*self.array()?))
    }

    pub(super) fn opaque8(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.byte()?;
        self.slice(length.into())
    }

    pub(super) fn opaque16(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = u16::from_be_bytes(*self.array()?);
        self.slice(length.into())
    }

    pub(super) const fn rest(self) -> &'a [u8] {
        self.0
    }

    pub(super) const fn finish(self) -> Result<(), DecodeError> {
        if self.0.is_empty() { Ok(()) } else { Err(DecodeError::Length) }
    }

    /// What is left is padding: zeros, and as many as said.
    pub(super) fn zeros(self, length: usize) -> Result<(), DecodeError> {
        if self.0.len() != length {
            return Err(DecodeError::Length);
        }
        if self.0.iter().all(|byte| *byte == 0) { Ok(()) } else { Err(DecodeError::Padding) }
    }
}

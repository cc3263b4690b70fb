//! Work, counted by kind: for tests of what is done and of equal work, and for the laboratory. In what is deployed,
//! `uncounted.rs` takes its place.

use core::cell::Cell;

/// What is counted: the columns of `spec/costs.md` (CS-IMPL-07).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Operation {
    /// X25519 of the base point: the public half of an ephemeral.
    Share,
    /// X25519 of a peer's public half.
    Exchange,
    /// An Ed25519 signature made.
    Signature,
    /// An Ed25519 signature checked.
    Verification,
    /// An Ed25519 public key decoded.
    Decoding,
    /// A compression of SHA-256, in a hash, an HMAC or HKDF; those in libraries of curves are not counted.
    Block,
    /// An HMAC, in HKDF or by itself. Its blocks are counted among the blocks.
    Hmac,
    /// A text sealed.
    Seal,
    /// A box or record opened, or found not to open.
    Open,
    /// A byte of text sealed or opened.
    TextByte,
    /// 32 bytes drawn from the generator.
    Draw,
}

impl Operation {
    /// All, in the order of the table.
    pub const ALL: [Self; KINDS] = [
        Self::Share,
        Self::Exchange,
        Self::Signature,
        Self::Verification,
        Self::Decoding,
        Self::Block,
        Self::Hmac,
        Self::Seal,
        Self::Open,
        Self::TextByte,
        Self::Draw,
    ];

    /// The head of its column.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Exchange => "exchange",
            Self::Signature => "sign",
            Self::Verification => "verify",
            Self::Decoding => "decode",
            Self::Block => "block",
            Self::Hmac => "HMAC",
            Self::Seal => "seal",
            Self::Open => "open",
            Self::TextByte => "text byte",
            Self::Draw => "draw",
        }
    }

    /// Whether it takes as long as a scalar multiplication, or so.
    const fn is_dear(self) -> bool {
        matches!(self, Self::Share | Self::Exchange | Self::Signature | Self::Verification | Self::Decoding)
    }
}

const KINDS: usize = 11;

/// How often each operation was done.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Work([u64; KINDS]);

thread_local! {
    static DONE: [Cell<u64>; KINDS] = const { [const { Cell::new(0) }; KINDS] };
}

impl Work {
    /// Nothing.
    pub const NONE: Self = Self([0; KINDS]);

    /// What this thread has done so far.
    #[must_use]
    pub fn done() -> Self {
        DONE.with(|done| Self(done.each_ref().map(Cell::get)))
    }

    /// What this thread has done since then.
    #[must_use]
    pub fn since(then: Self) -> Self {
        let mut done = Self::done();
        for (count, before) in done.0.iter_mut().zip(then.0) {
            *count = count.wrapping_sub(before);
        }
        done
    }

    /// How often it was done.
    #[must_use]
    pub fn of(&self, operation: Operation) -> u64 {
        self.0.get(operation as usize).copied().unwrap_or_default()
    }

    /// This, and as much of an operation more.
    #[must_use]
    pub fn and(mut self, operation: Operation, times: u64) -> Self {
        if let Some(count) = self.0.get_mut(operation as usize) {
            *count = count.wrapping_add(times);
        }
        self
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, more: Self) -> Self {
        Operation::ALL.into_iter().fold(self, |sum, operation| sum.and(operation, more.of(operation)))
    }

    /// Only what takes as long as a scalar multiplication, or so.
    #[must_use]
    pub fn dear(self) -> Self {
        let dear = Operation::ALL.into_iter().filter(|operation| operation.is_dear());
        dear.fold(Self::NONE, |sum, operation| sum.and(operation, self.of(operation)))
    }
}

fn count(operation: Operation, times: usize) {
    let times = u64::try_from(times).unwrap_or(u64::MAX);
    DONE.with(|done| {
        if let Some(count) = done.get(operation as usize) {
            count.set(count.get().wrapping_add(times));
        }
    });
}

pub(crate) fn share() {
    count(Operation::Share, 1);
}

pub(crate) fn exchange() {
    count(Operation::Exchange, 1);
}

pub(crate) fn signature() {
    count(Operation::Signature, 1);
}

pub(crate) fn verification() {
    count(Operation::Verification, 1);
}

pub(crate) fn decoding() {
    count(Operation::Decoding, 1);
}

pub(crate) fn draw() {
    count(Operation::Draw, 1);
}

pub(crate) fn seal(text: &[u8]) {
    count(Operation::Seal, 1);
    count(Operation::TextByte, text.len());
}

pub(crate) fn open(text: &[u8]) {
    count(Operation::Open, 1);
    count(Operation::TextByte, text.len());
}

/// The key of an HMAC made ready: the two blocks that its pads fill.
pub(crate) fn hmac_key() {
    count(Operation::Block, 2);
}

/// The HMAC of a message of so many bytes, under a key that is ready: the message with its end, and the outer hash.
pub(crate) fn hmac(bytes: usize) {
    count(Operation::Hmac, 1);
    count(Operation::Block, with_end(bytes).saturating_add(1));
}

/// How far a hash has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hashed(usize);

impl Hashed {
    pub(crate) const fn nothing() -> Self {
        Self(0)
    }

    /// So many bytes more.
    pub(crate) fn absorb(&mut self, bytes: usize) {
        let before = self.0;
        self.0 = before.saturating_add(bytes);
        count(Operation::Block, (self.0 / BLOCK_BYTES).saturating_sub(before / BLOCK_BYTES));
    }

    /// The value is taken: what is left, with the end.
    pub(crate) fn finish(self) {
        count(Operation::Block, with_end(self.0 % BLOCK_BYTES));
    }
}

const BLOCK_BYTES: usize = 64;

/// The blocks of this many bytes, a byte for the end and 8 for the length.
const fn with_end(bytes: usize) -> usize {
    bytes.saturating_add(9).div_ceil(BLOCK_BYTES)
}

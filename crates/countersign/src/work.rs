//! Work, counted by kind: for tests of equal work, and for the laboratory. Not there in what is deployed.

use core::cell::Cell;

/// What a thread has done so far.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Work {
    /// Signatures made.
    pub signatures: u64,
    /// Signatures checked.
    pub verifications: u64,
    /// X25519 scalar multiplications with a peer's public half.
    pub exchanges: u64,
}

thread_local! {
    static DONE: Cell<Work> = const { Cell::new(Work { signatures: 0, verifications: 0, exchanges: 0 }) };
}

impl Work {
    /// What this thread has done so far.
    #[must_use]
    pub fn done() -> Self {
        DONE.get()
    }

    /// What this thread has done since then.
    #[must_use]
    pub fn since(then: Self) -> Self {
        let now = Self::done();
        Self {
            signatures: now.signatures.wrapping_sub(then.signatures),
            verifications: now.verifications.wrapping_sub(then.verifications),
            exchanges: now.exchanges.wrapping_sub(then.exchanges),
        }
    }
}

/// Counts one more of a kind.
pub(crate) fn count(kind: impl FnOnce(&mut Work) -> &mut u64) {
    let mut done = DONE.get();
    let count = kind(&mut done);
    *count = count.wrapping_add(1);
    DONE.set(done);
}

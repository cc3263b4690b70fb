//! Test vectors of Countersign: byte-exact handshakes with every intermediate value, and faults with their refusals.
//!
//! [`all`] makes every file of `spec/vectors` anew from inputs that are written here; [`check`] compares a directory with
//! them and names the first value that differs; [`replay`] runs a fault from its file alone. [`dissect`] takes any
//! recorded handshake apart, given one side's ephemeral secret, and is of use without vectors too.
//!
//! Knows the core alone: no endpoint, no network, no clock, no generator but a scripted one. The file system is touched
//! by [`write()`] and [`check`], and nowhere else.

mod directory;
pub mod dissect;
mod exchange;
mod forge;
pub mod format;
pub mod hedging;
pub mod inputs;
mod negative;
mod positive;
mod refusal;
mod replay;
mod scripted;
mod values;

use countersign::Backend;

pub use directory::{Checked, Mismatch, check, write};
pub use dissect::Dissection;
pub use format::{FormatError, VectorFile};
pub use refusal::Refusal;
pub use replay::{ReplayError, replay, replay_on};

/// The vectors of honest handshakes, made anew on this backend.
#[must_use]
pub fn handshakes(backend: Backend) -> Vec<VectorFile> {
    positive::files(backend)
}

/// Every vector, made anew, in the order of their names.
#[must_use]
pub fn all() -> Vec<VectorFile> {
    let mut files = handshakes(Backend::Portable);
    files.extend(negative::files());
    files.sort_by(|one, other| one.name().cmp(other.name()));
    files
}

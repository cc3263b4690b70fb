//! What the benches and `countersign bench` share: contestants that take turns in one process, the floor under a handshake,
//! and the peers that do the same job.
//!
//! A time alone says little on a machine that does other things: everything here is a ratio of two that took turns.

mod clock;
mod costs;
mod floor;
mod pair;
mod parties;
#[cfg(feature = "peers")]
mod peers;
mod race;
mod rounds;
mod units;
mod verdict;
mod versions;

pub use pair::{Pair, Side};
pub use parties::{Parties, accept, backends};
pub use race::{Race, Results};
pub use rounds::{Contestant, Limit, Spread, Times, in_turn};
pub use verdict::{Verdict, micros};
pub use versions::{LIBRARIES, PEERS, POLY1305, versions};

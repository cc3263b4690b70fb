//! An adversary in the manner of Dolev and Yao (1983), over real bytes: it owns the network, takes apart what it sees,
//! and makes any message that it can compute.
//!
//! What it may do is a grammar of steps, [`Act`](crate::Act), of which three are its own: it delivers any datagram to
//! anybody from any address, it forges ([`Forged`]), and it steals ([`Loot`]). `spec/adversary.md` has all of it. In which
//! [`Realm`] it plays decides what is broken there beforehand, what it may steal, and which claims are still to hold.
//!
//! A [`Play`] is a world in its hands: scripts of the catalogue, random steps of the property tests and searches all play
//! through it, and leave the same traces.

mod conversation;
mod draw;
mod every;
mod forge;
mod grammar;
mod knowledge;
mod play;
mod realm;
mod renamed;
mod theft;
mod verdicts;

pub use draw::Move;
pub use grammar::{Cookie, Exchange, Field, Forged, Ids, Key, Loot, Point, Says, Sealing, Signature, Spare, Time};
pub(crate) use knowledge::{Knowledge, NEUTRAL, own_seed};
pub use play::Play;
pub use realm::Realm;
pub(crate) use verdicts::Exchanges;

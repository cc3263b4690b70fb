//! The catalogue: well-known breaks of mutual authentication, played over real bytes.
//!
//! Each attack is one file of [`catalogue`]: a story, the break that it stands for with a reference, the claim that it is
//! after, the one [`Defence`] that stops it, the [`Realm`] in which that defence is the one that holds, and a script. The
//! script plays twice: against the whole, where it must fail, and with its defence off, where it must succeed.
//!
//! Start from [`ATTACKS`] and [`Attack::run`].

mod attack;
pub mod catalogue;
mod coverage;
mod moves;
mod property;

pub use attack::{Attack, Goal, Run};
pub use catalogue::ATTACKS;
pub use countersign::Defence;
pub use countersign_sim::Realm;
pub use coverage::{Coverage, coverage, stopped_by};
pub use property::property;

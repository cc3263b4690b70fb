//! What the tests share: whole exchanges and small worlds, set up in one place.

pub mod exchange;
pub mod world;

//! What the tests share: whole exchanges and small worlds, set up in one place.

pub mod adversary;
pub mod backends;
pub mod cell;
pub mod claimant;
pub mod exchange;
pub mod network;
pub mod table;
pub mod world;

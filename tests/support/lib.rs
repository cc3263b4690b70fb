//! What the tests share: whole exchanges, set up in one place.

pub mod exchange;

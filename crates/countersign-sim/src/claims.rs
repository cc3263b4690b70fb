//! The claims that the observer checks, with how often the premise of each occurred.

use core::fmt;
use countersign::Moment;
use serde::Serialize;

/// The claims checked here, as numbered in the specification.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Claim {
    /// Server authentication.
    A1,
    /// Client authentication.
    A2,
    /// Nothing goes to an impostor.
    A3,
    /// Junk is harmless.
    A7,
    /// Loss is survived.
    A9,
}

impl Claim {
    /// All that are checked here.
    pub const ALL: [Self; 5] = [Self::A1, Self::A2, Self::A3, Self::A7, Self::A9];

    /// The claim in a few words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::A1 => "server authentication",
            Self::A2 => "client authentication",
            Self::A3 => "nothing goes to an impostor",
            Self::A7 => "junk is harmless",
            Self::A9 => "loss is survived",
        }
    }

    /// When the claim says something.
    #[must_use]
    pub const fn premise(self) -> &'static str {
        match self {
            Self::A1 => "initiators that accepted",
            Self::A2 => "responders that accepted",
            Self::A3 => "handshakes that an impostor answered",
            Self::A7 => "pieces of junk that arrived and were refused",
            Self::A9 => "honest attempts of which every message arrived in time",
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A claim that did not hold.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Violation {
    /// Which one.
    pub claim: Claim,
    /// When, in microseconds of virtual time.
    pub at_us: u64,
    /// What the observer saw.
    pub what: String,
}

/// Premises counted and violations found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    premises: [u64; Claim::ALL.len()],
    violations: Vec<Violation>,
}

/// More violations than this say nothing new.
const VIOLATIONS_KEPT: usize = 100;

impl Ledger {
    pub(crate) const fn new() -> Self {
        Self { premises: [0; Claim::ALL.len()], violations: Vec::new() }
    }

    pub(crate) fn premise(&mut self, claim: Claim) {
        let at = Claim::ALL.iter().position(|known| *known == claim);
        if let Some(count) = at.and_then(|at| self.premises.get_mut(at)) {
            *count = count.saturating_add(1);
        }
    }

    pub(crate) fn violated(&mut self, claim: Claim, at: Moment, what: impl FnOnce() -> String) {
        if self.violations.len() < VIOLATIONS_KEPT {
            self.violations.push(Violation { claim, at_us: at.as_micros(), what: what() });
        }
    }

    /// Records a violation unless `holds`.
    pub(crate) fn check(&mut self, claim: Claim, holds: bool, at: Moment, what: impl FnOnce() -> String) {
        if !holds {
            self.violated(claim, at, what);
        }
    }

    pub(crate) fn premises(&self) -> impl Iterator<Item = (Claim, u64)> {
        Claim::ALL.into_iter().zip(self.premises)
    }

    pub(crate) fn violations(&self) -> &[Violation] {
        &self.violations
    }
}

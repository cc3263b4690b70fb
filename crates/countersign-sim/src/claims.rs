//! The claims that the observer checks, with how often the premise of each occurred.

use crate::report::{ClaimCount, VIOLATIONS_KEPT, bump};
use core::fmt;
use countersign::Moment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The claims checked here, as numbered in the specification.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
pub enum Claim {
    /// Server authentication.
    A1,
    /// Client authentication.
    A2,
    /// Nothing goes to an impostor.
    A3,
    /// Replay is useless.
    A4,
    /// Latest timestamp.
    A5,
    /// Key compromise.
    A6,
    /// Junk is harmless.
    A7,
    /// Refusals say nothing.
    A8,
    /// Loss is survived.
    A9,
    /// Identities are private.
    A10,
}

impl Claim {
    /// All that are checked here.
    pub const ALL: [Self; 10] =
        [Self::A1, Self::A2, Self::A3, Self::A4, Self::A5, Self::A6, Self::A7, Self::A8, Self::A9, Self::A10];

    /// The claim in a few words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::A1 => "server authentication",
            Self::A2 => "client authentication",
            Self::A3 => "nothing goes to an impostor",
            Self::A4 => "replay is useless",
            Self::A5 => "timestamps only rise",
            Self::A6 => "a stolen key opens nothing past",
            Self::A7 => "junk is harmless",
            Self::A8 => "refusals say nothing",
            Self::A9 => "loss is survived",
            Self::A10 => "identities are private",
        }
    }

    /// When the claim says something.
    #[must_use]
    pub const fn premise(self) -> &'static str {
        match self {
            Self::A1 => "initiators that accepted",
            Self::A2 => "responders that accepted",
            Self::A3 => "handshakes that an impostor answered",
            Self::A4 => "datagrams that arrived again after they had been acted on, or somewhere else",
            Self::A5 => "acceptances of a device that had been accepted before",
            Self::A6 => {
                "times that a thief with a device's key posed to it as its server, or tried a recorded handshake"
            }
            Self::A7 => "pieces of junk that arrived and were refused",
            Self::A8 => "refusals that a responder made",
            Self::A9 => "honest attempts of which every message arrived in time",
            Self::A10 => "datagrams searched for the names and keys of those who sent them",
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A claim that did not hold.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Violation {
    /// Which one.
    pub claim: Claim,
    /// What of it, in a word: the same fault has the same one in every world.
    pub rule: String,
    /// In which world.
    pub world: u32,
    /// The how manieth of this world; from 1.
    pub nth: u32,
    /// When, in microseconds of virtual time.
    pub at_us: u64,
    /// What the observer saw.
    pub what: String,
}

/// Premises counted and violations found, in one world.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    counts: [ClaimCount; Claim::ALL.len()],
    violations: Vec<Violation>,
    world: u32,
    /// What is not claimed in this world.
    unclaimed: Vec<Claim>,
}

impl Ledger {
    pub(crate) fn new(world: u32) -> Self {
        Self { world, ..Self::default() }
    }

    /// In a world in which only these are claimed.
    pub(crate) fn claiming(self, claims: &[Claim]) -> Self {
        let unclaimed = Claim::ALL.into_iter().filter(|claim| !claims.contains(claim)).collect();
        Self { unclaimed, ..self }
    }

    pub(crate) fn premise(&mut self, claim: Claim) {
        bump(&mut self.count(claim).occurred);
    }

    pub(crate) fn violated(&mut self, claim: Claim, rule: &'static str, at: Moment, what: impl FnOnce() -> String) {
        if self.unclaimed.contains(&claim) {
            return;
        }
        bump(&mut self.count(claim).violated);
        if self.violations.len() < VIOLATIONS_KEPT {
            let nth = u32::try_from(self.violations.len()).unwrap_or(u32::MAX).saturating_add(1);
            let (rule, world, at_us) = (rule.to_owned(), self.world, at.as_micros());
            self.violations.push(Violation { claim, rule, world, nth, at_us, what: what() });
        }
    }

    /// Records a violation unless `holds`.
    pub(crate) fn check(
        &mut self,
        claim: Claim,
        rule: &'static str,
        holds: bool,
        at: Moment,
        what: impl FnOnce() -> String,
    ) {
        if !holds {
            self.violated(claim, rule, at, what);
        }
    }

    pub(crate) const fn world(&self) -> u32 {
        self.world
    }

    pub(crate) fn counts(&self) -> impl Iterator<Item = (Claim, ClaimCount)> {
        Claim::ALL.into_iter().zip(self.counts)
    }

    pub(crate) fn violations(&self) -> &[Violation] {
        &self.violations
    }

    fn count(&mut self, claim: Claim) -> &mut ClaimCount {
        let at = Claim::ALL.iter().position(|known| *known == claim).expect("every claim is in the list of all");
        self.counts.get_mut(at).expect("there is a count for each")
    }
}

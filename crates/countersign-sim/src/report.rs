//! What a run came to.

use crate::claims::{Claim, Violation};
use countersign::Moment;
use countersign::wire::Reason;
use countersign_endpoint::Outcome;
use hdrhistogram::Histogram;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a run came to. The same for the same configuration, on every machine.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The seed that decided all.
    pub seed: u64,
    /// Handshakes begun.
    pub started: u64,
    /// Handshakes that the initiator accepted.
    pub accepted: u64,
    /// Handshakes that ended with nothing, by reason.
    pub ended: BTreeMap<&'static str, u64>,
    /// Of the handshakes that were entitled to succeed: how many there were, and how many were accepted.
    pub honest: Honest,
    /// Claims that responders refused, by local reason.
    pub denied: BTreeMap<&'static str, u64>,
    /// Sessions that both sides know both accepted, counted at the initiator.
    pub confirmed: u64,
    /// From the first Hello to acceptance, in microseconds of virtual time.
    pub latency_us: Percentiles,
    /// How long the run took in virtual time, in microseconds.
    pub virtual_us: u64,
    /// Datagrams that hosts sent, their bytes, and how many of them were repeats.
    pub traffic: Traffic,
    /// How often a store failed to answer.
    pub store_failures: u64,
    /// Each claim, its premise and its violations.
    pub claims: Vec<ClaimReport>,
    /// What went wrong, if anything did.
    pub violations: Vec<Violation>,
    /// SHA-256 over all that happened.
    pub trace_hash: String,
}

/// Handshakes of an enrolled device with the server that it meant, for what it holds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Honest {
    /// How many ended one way or the other.
    pub ended: u64,
    /// How many of them were accepted.
    pub accepted: u64,
}

/// How a quantity is spread.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Percentiles {
    /// Half are below.
    pub p50: u64,
    /// Nine in ten are below.
    pub p90: u64,
    /// Ninety-nine in a hundred are below.
    pub p99: u64,
    /// None is above.
    pub max: u64,
}

/// What went over the network.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Traffic {
    /// Datagrams that hosts sent.
    pub datagrams: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Handshake messages sent more than once.
    pub repeats: u64,
    /// Retries sent by responders under load.
    pub retries: u64,
    /// Copies of datagrams that the network lost.
    pub lost: u64,
    /// Datagrams of which it made two copies.
    pub duplicated: u64,
    /// Pieces of junk thrown in.
    pub junk: u64,
}

/// One claim.
#[derive(Clone, Debug, Serialize)]
pub struct ClaimReport {
    /// Which.
    pub claim: Claim,
    /// In a few words.
    pub title: &'static str,
    /// What its premise is.
    pub premise: &'static str,
    /// How often that occurred.
    pub occurred: u64,
    /// How often the claim did not hold.
    pub violated: u64,
}

impl Report {
    /// Whether anything was explored: both sides accepted and knew it, and an honest handshake had every message in time.
    #[must_use]
    pub fn has_explored(&self) -> bool {
        let needed = [Claim::A1, Claim::A2, Claim::A9];
        self.confirmed > 0 && self.claims.iter().all(|claim| claim.occurred > 0 || !needed.contains(&claim.claim))
    }

    /// Whether a claim was violated.
    #[must_use]
    pub const fn is_violated(&self) -> bool {
        !self.violations.is_empty()
    }
}

/// The counts of a run under way.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) started: u64,
    pub(crate) accepted: u64,
    pub(crate) ended: BTreeMap<&'static str, u64>,
    pub(crate) honest: Honest,
    pub(crate) denied: BTreeMap<&'static str, u64>,
    pub(crate) confirmed: u64,
    pub(crate) traffic: Traffic,
    pub(crate) store_failures: u64,
    latency_us: Histogram<u64>,
}

impl Tally {
    pub(crate) fn new() -> Self {
        let latency_us = Histogram::new_with_bounds(1, 600_000_000, 3).expect("three digits from 1 µs to 10 minutes");
        Self {
            started: 0,
            accepted: 0,
            ended: BTreeMap::new(),
            honest: Honest::default(),
            denied: BTreeMap::new(),
            confirmed: 0,
            traffic: Traffic::default(),
            store_failures: 0,
            latency_us,
        }
    }

    pub(crate) fn accepted(&mut self, begun: Moment, at: Moment) {
        bump(&mut self.accepted);
        self.latency_us.saturating_record(at.as_micros().saturating_sub(begun.as_micros()));
    }

    pub(crate) const fn latency(&self) -> &Histogram<u64> {
        &self.latency_us
    }
}

/// The name of an outcome in reports.
pub(crate) const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Refused(Reason::None) => "refused",
        Outcome::Refused(Reason::Clock) => "refused: clock",
        Outcome::Refused(Reason::Stale(_)) => "refused: stale",
        Outcome::TimedOut => "timed out",
        Outcome::Impostor => "impostor",
        Outcome::Clock { .. } => "clock",
        Outcome::NotBegun(_) => "not begun",
    }
}

pub(crate) const fn bump(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}

pub(crate) fn percentiles(histogram: &Histogram<u64>) -> Percentiles {
    Percentiles {
        p50: histogram.value_at_quantile(0.5),
        p90: histogram.value_at_quantile(0.9),
        p99: histogram.value_at_quantile(0.99),
        max: histogram.max(),
    }
}

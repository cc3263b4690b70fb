//! What a run came to, in a form that merges: the parts of a run, in any order, make the report of the whole.

use crate::act::Nature;
use crate::claims::{Claim, Violation};
use crate::explored::Explored;
use crate::scenario::Scenario;
use countersign::Backend;
use hdrhistogram::Histogram;
use ring::digest::{Context, SHA256};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a run came to. The same for the same configuration, on every machine and for every number of threads.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Report {
    /// What was run.
    pub run: RunOf,
    /// The trace hash of each world that this report covers, by number.
    pub worlds: BTreeMap<u32, String>,
    /// SHA-256 over those.
    pub trace_hash: String,
    /// Handshakes begun.
    pub started: u64,
    /// Handshakes that the initiator accepted.
    pub accepted: u64,
    /// Handshakes that ended with nothing, by reason.
    pub ended: BTreeMap<String, u64>,
    /// Of the handshakes that were entitled to succeed: how many there were, and how many were accepted.
    pub honest: Honest,
    /// Claims that responders refused, by local reason.
    pub denied: BTreeMap<String, u64>,
    /// Sessions that both sides know both accepted, counted at the initiator.
    pub confirmed: u64,
    /// From the first Hello to acceptance.
    pub latency: Latency,
    /// Handshakes accepted in each [`SERIES_STEP_S`] seconds of virtual time, by the number of the step; of all worlds.
    pub accepted_over_time: BTreeMap<u64, u64>,
    /// Virtual time, in microseconds; of all worlds together.
    pub virtual_us: u64,
    /// Datagrams that hosts sent.
    pub traffic: Traffic,
    /// What the run met.
    pub explored: BTreeMap<Explored, u64>,
    /// Each claim, its premise and its violations.
    pub claims: BTreeMap<Claim, ClaimCount>,
    /// What went wrong, if anything did: the first few, by world and time.
    pub violations: Vec<Violation>,
    /// The handshakes that took longest, the longest first.
    pub slowest: Vec<SlowHandshake>,
}

/// What decides a run.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct RunOf {
    /// The seed that decides all.
    pub seed: u64,
    /// How many handshakes all worlds begin together.
    pub handshakes: u64,
    /// How many worlds there are.
    pub worlds: u32,
    /// What they are like.
    pub scenario: Scenario,
    /// Which defences are off.
    pub without: Vec<String>,
    /// Which flags changed the scenario: nothing is promised of such a run.
    pub overridden: Vec<String>,
    /// What computes it, which no result shows (CS-IMPL-05).
    #[serde(skip)]
    pub backend: Backend,
}

/// Handshakes of an enrolled device with the server that it meant, for what it holds.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Honest {
    /// How many ended one way or the other.
    pub ended: u64,
    /// How many of them were accepted.
    pub accepted: u64,
}

/// What went over the network.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Traffic {
    /// Datagrams that hosts sent.
    pub datagrams: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Handshake messages sent more than once.
    pub repeats: u64,
}

/// How often a claim was put to the test, and how often it failed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct ClaimCount {
    /// How often its premise occurred.
    pub occurred: u64,
    /// How often it did not hold.
    pub violated: u64,
}

/// How long handshakes took, in microseconds of virtual time, to three digits: how many, by how long.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Latency(pub BTreeMap<u64, u64>);

/// A handshake that took long.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct SlowHandshake {
    /// From the first Hello to acceptance, in microseconds.
    pub latency_us: u64,
    /// In which world.
    pub world: u32,
    /// When it began, in microseconds of virtual time.
    pub begun_us: u64,
    /// The initiator.
    pub client: String,
    /// The responder.
    pub server: String,
    /// Its messages, in the order in which they were sent; the first few if there were many.
    pub arrows: Vec<Arrow>,
}

/// One datagram in a sequence diagram: one copy of it.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Arrow {
    /// When it was sent, in microseconds of virtual time.
    pub sent_us: u64,
    /// When it arrived; `None` if it was lost.
    pub arrived_us: Option<u64>,
    /// By whom.
    pub from: String,
    /// To whom.
    pub to: String,
    /// Which message, with how manieth repeat: "Hello", "Hello (2)".
    pub message: String,
    /// How this copy came about.
    pub nature: Nature,
    /// A bit of it was changed on the way.
    pub is_corrupted: bool,
    /// Why it was refused or lost, or what came of it, if that is known.
    pub note: Option<String>,
}

/// The width of a step of [`Report::accepted_over_time`], in seconds of virtual time.
pub const SERIES_STEP_S: u64 = 10;
/// How many of the slowest handshakes are kept.
pub const SLOWEST_KEPT: usize = 3;
/// How many violations are kept: more say nothing new.
pub const VIOLATIONS_KEPT: usize = 100;

/// Of runs with as many handshakes a scenario says what they meet.
pub const PROMISED_FOR: u64 = 25_000;

/// Why two reports are not parts of one run.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MergeError {
    /// They come from different runs.
    #[error("they are of different runs: seed, handshakes, worlds, scenario and defences must be the same")]
    OtherRun,
    /// Both cover the same world.
    #[error("both cover world {0}: give each shard once")]
    Twice(u32),
}

impl Report {
    /// A report of no world yet.
    #[must_use]
    pub fn empty(run: RunOf) -> Self {
        Self {
            run,
            worlds: BTreeMap::new(),
            trace_hash: hash_of(&BTreeMap::new()),
            started: 0,
            accepted: 0,
            ended: BTreeMap::new(),
            honest: Honest::default(),
            denied: BTreeMap::new(),
            confirmed: 0,
            latency: Latency::default(),
            accepted_over_time: BTreeMap::new(),
            virtual_us: 0,
            traffic: Traffic::default(),
            explored: BTreeMap::new(),
            claims: Claim::ALL.into_iter().map(|claim| (claim, ClaimCount::default())).collect(),
            violations: Vec::new(),
            slowest: Vec::new(),
        }
    }

    /// Adds another part of the same run. The order of parts does not matter.
    ///
    /// # Errors
    /// [`MergeError`]; nothing is added.
    pub fn merge(&mut self, other: Self) -> Result<(), MergeError> {
        if self.run != other.run {
            return Err(MergeError::OtherRun);
        }
        if let Some(twice) = other.worlds.keys().find(|world| self.worlds.contains_key(world)) {
            return Err(MergeError::Twice(*twice));
        }
        self.worlds.extend(other.worlds);
        self.trace_hash = hash_of(&self.worlds);
        add(&mut self.started, other.started);
        add(&mut self.accepted, other.accepted);
        add_all(&mut self.ended, other.ended);
        add(&mut self.honest.ended, other.honest.ended);
        add(&mut self.honest.accepted, other.honest.accepted);
        add_all(&mut self.denied, other.denied);
        add(&mut self.confirmed, other.confirmed);
        add_all(&mut self.latency.0, other.latency.0);
        add_all(&mut self.accepted_over_time, other.accepted_over_time);
        add(&mut self.virtual_us, other.virtual_us);
        add(&mut self.traffic.datagrams, other.traffic.datagrams);
        add(&mut self.traffic.bytes, other.traffic.bytes);
        add(&mut self.traffic.repeats, other.traffic.repeats);
        add_all(&mut self.explored, other.explored);
        for (claim, count) in other.claims {
            let ours = self.claims.entry(claim).or_default();
            add(&mut ours.occurred, count.occurred);
            add(&mut ours.violated, count.violated);
        }
        self.violations.extend(other.violations);
        self.violations.sort_by_key(|violation| (violation.world, violation.at_us, violation.nth));
        self.violations.truncate(VIOLATIONS_KEPT);
        self.slowest.extend(other.slowest);
        self.slowest.sort_by_key(SlowHandshake::rank);
        self.slowest.truncate(SLOWEST_KEPT);
        Ok(())
    }

    /// Whether every world of the run is covered.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        u32::try_from(self.worlds.len()) == Ok(self.run.worlds)
    }

    /// Whether anything was explored: both sides accepted and knew it, and an honest handshake had every message in time.
    #[must_use]
    pub fn has_explored(&self) -> bool {
        let occurred = |claim| self.claims.get(&claim).is_some_and(|count| count.occurred > 0);
        self.confirmed > 0 && [Claim::A1, Claim::A2, Claim::A9].into_iter().all(occurred)
    }

    /// What the scenario is meant to meet, and this run did not.
    #[must_use]
    pub fn unexplored(&self) -> BTreeSet<String> {
        let (claims, faults) = self.unmet();
        let claims = claims.map(|claim| claim.premise().to_owned());
        claims.chain(faults.map(|fault| fault.what().to_owned())).collect()
    }

    /// The same by the names that scenario files use: `A6`, `cut-off`.
    #[must_use]
    pub fn unexplored_names(&self) -> Vec<String> {
        let (claims, faults) = self.unmet();
        claims.map(|claim| claim.to_string()).chain(faults.map(|fault| fault.name())).collect()
    }

    fn unmet(&self) -> (impl Iterator<Item = Claim>, impl Iterator<Item = Explored>) {
        let exercises = &self.run.scenario.exercises;
        let occurred = |claim: &Claim| self.claims.get(claim).is_some_and(|count| count.occurred > 0);
        let met = |fault: &Explored| self.explored.get(fault).is_some_and(|count| *count > 0);
        let claims = exercises.claims.iter().copied().filter(move |claim| !occurred(claim));
        (claims, exercises.faults.iter().copied().filter(move |fault| !met(fault)))
    }

    /// Why the run need not meet what its scenario is meant to meet; `None` if it must.
    #[must_use]
    pub fn excuse(&self) -> Option<String> {
        let run = &self.run;
        let usual = RunOf::new(Scenario::default(), run.seed, run.handshakes).worlds;
        if !run.without.is_empty() {
            return Some("not expected with --without".to_owned());
        }
        if !run.overridden.is_empty() {
            return Some(format!("not expected with {}", run.overridden.join(" ")));
        }
        if run.handshakes < PROMISED_FOR {
            return Some(format!("only {} of the 25,000 handshakes that the promise is for", run.handshakes));
        }
        if run.worlds > usual {
            return Some(format!("not expected with more worlds than {usual}"));
        }
        (!self.is_whole()).then(|| format!("only {} of the {} worlds of the run", self.worlds.len(), run.worlds))
    }

    /// Whether a claim was violated.
    #[must_use]
    pub fn is_violated(&self) -> bool {
        !self.violations.is_empty() || self.claims.values().any(|count| count.violated > 0)
    }
}

impl SlowHandshake {
    /// The longest first, and one order for all.
    pub(crate) const fn rank(&self) -> (core::cmp::Reverse<u64>, u32, u64) {
        (core::cmp::Reverse(self.latency_us), self.world, self.begun_us)
    }
}

impl Latency {
    /// The value that this share of all does not exceed, in a million; 0 if there is none.
    #[must_use]
    pub fn quantile(&self, per_million: u32) -> u64 {
        let all: u128 = self.0.values().copied().map(u128::from).sum();
        let rank = all.saturating_mul(per_million.into()).div_ceil(1_000_000).max(1);
        let mut below = 0_u128;
        for (value, count) in &self.0 {
            below = below.saturating_add((*count).into());
            if below >= rank {
                return *value;
            }
        }
        0
    }

    pub(crate) fn of(histogram: &Histogram<u64>) -> Self {
        Self(histogram.iter_recorded().map(|value| (value.value_iterated_to(), value.count_at_value())).collect())
    }
}

/// SHA-256 over the worlds' numbers and trace hashes, in the order of the numbers.
fn hash_of(worlds: &BTreeMap<u32, String>) -> String {
    let mut context = Context::new(&SHA256);
    for (world, hash) in worlds {
        context.update(&world.to_be_bytes());
        context.update(hash.as_bytes());
    }
    data_encoding::HEXLOWER.encode(context.finish().as_ref())
}

pub(crate) const fn add(sum: &mut u64, more: u64) {
    *sum = sum.saturating_add(more);
}

pub(crate) fn add_all<K: Ord>(sums: &mut BTreeMap<K, u64>, more: BTreeMap<K, u64>) {
    for (key, count) in more {
        add(sums.entry(key).or_default(), count);
    }
}

pub(crate) const fn bump(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts from a file may be as large as they like.
    #[test]
    fn quantiles_of_large_counts_do_not_overflow() {
        let latency = Latency(BTreeMap::from([(7, u64::MAX), (9, u64::MAX)]));
        assert_eq!([0, 500_000, 500_001, 1_000_000].map(|share| latency.quantile(share)), [7, 7, 9, 9]);
    }
}

//! The counts of a world under way.

use crate::claims::Ledger;
use crate::explored::Explored;
use crate::report::{Honest, Latency, Report, RunOf, SERIES_STEP_S, SLOWEST_KEPT, SlowHandshake, Traffic, bump};
use countersign::Moment;
use countersign::wire::Reason;
use countersign_endpoint::Outcome;
use hdrhistogram::Histogram;
use std::collections::BTreeMap;

#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) started: u64,
    accepted: u64,
    pub(crate) ended: BTreeMap<&'static str, u64>,
    pub(crate) honest: Honest,
    pub(crate) denied: BTreeMap<&'static str, u64>,
    pub(crate) confirmed: u64,
    traffic: Traffic,
    explored: BTreeMap<Explored, u64>,
    latency_us: Histogram<u64>,
    accepted_over_time: BTreeMap<u64, u64>,
    slowest: Vec<SlowHandshake>,
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
            explored: BTreeMap::new(),
            latency_us,
            accepted_over_time: BTreeMap::new(),
            slowest: Vec::new(),
        }
    }

    pub(crate) fn met(&mut self, what: Explored) {
        bump(self.explored.entry(what).or_default());
    }

    pub(crate) fn sent(&mut self, bytes: &[u8]) {
        bump(&mut self.traffic.datagrams);
        self.traffic.bytes = self.traffic.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if bytes.get(1) == Some(&2) {
            self.met(Explored::CookiesAsked);
        }
    }

    pub(crate) fn accepted(&mut self, begun: Moment, at: Moment) {
        bump(&mut self.accepted);
        self.latency_us.saturating_record(at.as_micros().saturating_sub(begun.as_micros()));
        let step = at.since(Moment::default()).as_secs().checked_div(SERIES_STEP_S).unwrap_or(0);
        bump(self.accepted_over_time.entry(step).or_default());
    }

    /// Whether a handshake that took this long is among the slowest so far.
    pub(crate) fn is_slow(&self, latency_us: u64) -> bool {
        self.slowest.len() < SLOWEST_KEPT || self.slowest.last().is_some_and(|slow| slow.latency_us < latency_us)
    }

    pub(crate) fn slow(&mut self, handshake: SlowHandshake) {
        self.slowest.push(handshake);
        self.slowest.sort_by_key(SlowHandshake::rank);
        self.slowest.truncate(SLOWEST_KEPT);
    }

    /// The report of this world alone.
    pub(crate) fn report(
        &self,
        run: RunOf,
        world: u32,
        hash: String,
        now: Moment,
        repeats: u64,
        ledger: &Ledger,
    ) -> Report {
        let names = |counts: &BTreeMap<&'static str, u64>| {
            counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
        };
        let mut report = Report::empty(run);
        let part = Report {
            run: report.run.clone(),
            worlds: BTreeMap::from([(world, hash)]),
            trace_hash: String::new(),
            started: self.started,
            accepted: self.accepted,
            ended: names(&self.ended),
            honest: self.honest,
            denied: names(&self.denied),
            confirmed: self.confirmed,
            latency: Latency::of(&self.latency_us),
            accepted_over_time: self.accepted_over_time.clone(),
            virtual_us: now.as_micros(),
            traffic: Traffic { repeats, ..self.traffic },
            explored: self.explored.clone(),
            claims: ledger.counts().collect(),
            violations: ledger.violations().to_vec(),
            slowest: self.slowest.clone(),
        };
        report.merge(part).expect("a part of the same run, and the only one");
        report
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

//! A report to test with: two worlds of a poor mobile network.

#![expect(clippy::arithmetic_side_effects, reason = "the numbers are small, and it is a test")]

use super::{Document, Measured};
use core::time::Duration;
use countersign_sim::{
    Act, AfterRestart, Arrow, Burst, Claim, ClaimCount, Cloned, Clones, Cuts, DatagramName, Delay, Effect, Exercises,
    Explored, HandshakeNumber, Honest, HostId, Latency, Line, LinkProfile, Nature, Partition, Report, Restarts, RunOf,
    Scenario, SlowHandshake, StoreAfter, StoresOfClones, TRACE_SCHEMA, TraceHeader, Traffic, Violation,
};
use std::collections::BTreeMap;

pub(crate) const MEASURED: Measured = Measured { elapsed_s: 1.5, handshakes_per_second: 1_333.25, threads: 4 };

/// Both worlds.
pub(crate) fn report() -> Report {
    let mut report = shard(0);
    report.merge(shard(1)).unwrap();
    report
}

/// One world of the two, with a claim violated.
pub(crate) fn violated(world: u32) -> Report {
    let mut report = shard(world);
    report.claims.insert(Claim::A2, ClaimCount { occurred: 5, violated: 1 });
    let (rule, what) = ("a test".to_owned(), "nobody asked".to_owned());
    report.violations.push(Violation { claim: Claim::A2, rule, world, nth: 1, at_us: 7_000, what });
    report
}

/// A report as it stands in a file.
pub(crate) fn document(report: Report, repeat: &str) -> Document {
    Document { report, measured: None, build: "countersign 0.1.0".to_owned(), repeat: repeat.to_owned() }
}

pub(crate) fn json(report: Report, repeat: &str) -> String {
    super::json(&document(report, repeat), None).unwrap()
}

/// One world of the two.
pub(crate) fn shard(world: u32) -> Report {
    let mut report = Report::empty(run());
    let other = u64::from(world);
    let part = Report {
        worlds: BTreeMap::from([(world, format!("{world:064x}"))]),
        started: 1_000,
        accepted: 830 + other,
        ended: counts(&[("clock", 40), ("impostor", 31), ("refused", 98 - other), ("timed out", 1)]),
        honest: Honest { ended: 831 + other, accepted: 830 + other },
        denied: counts(&[("clearance", 22), ("stale", 3), ("unknown device", 73)]),
        confirmed: 829,
        latency: latency(other),
        accepted_over_time: (0..24).map(|step| (step, 20 + (step * 7 + other * 5) % 31)).collect(),
        virtual_us: 243_117_004,
        traffic: Traffic { datagrams: 9_700, bytes: 1_215_500, repeats: 1_505 + other },
        explored: explored(),
        claims: claims(),
        slowest: vec![slow(world)],
        ..report.clone()
    };
    report.merge(part).unwrap();
    report
}

fn counts(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    counts.iter().map(|(reason, count)| ((*reason).to_owned(), *count)).collect()
}

/// Most take a few ways, some wait for one repeat, few for more.
fn latency(seed: u64) -> Latency {
    let mut latency = BTreeMap::new();
    for nth in 0..830 + seed {
        let noise = (nth + seed) * 7_919 % 1_009;
        let repeats = [0, 0, 0, 0, 0, 0, 1, 1, 3, 7][usize::try_from(nth % 10).unwrap()];
        let micros = 41_000 + noise * noise * noise / 4_000 + repeats * 1_000_000;
        *latency.entry(micros / 1_000 * 1_000).or_default() += 1;
    }
    Latency(latency)
}

fn explored() -> BTreeMap<Explored, u64> {
    BTreeMap::from([
        (Explored::Lost, 412),
        (Explored::LostInBurst, 655),
        (Explored::Duplicated, 190),
        (Explored::Overtaken, 2_204),
        (Explored::CutOff, 75),
        (Explored::ServerCrashes, 0),
        (Explored::Junk, 1_204),
    ])
}

fn claims() -> BTreeMap<Claim, ClaimCount> {
    let occurred = [830, 830, 31, 204, 611, 0, 1_204, 98, 832, 9_700];
    Claim::ALL
        .into_iter()
        .zip(occurred)
        .map(|(claim, occurred)| (claim, ClaimCount { occurred, violated: 0 }))
        .collect()
}

fn run() -> RunOf {
    RunOf { worlds: 2, ..RunOf::new(scenario(), 7, 2_000) }
}

/// With something of everything.
fn scenario() -> Scenario {
    let link = LinkProfile {
        loss: 10_000,
        burst: Some(Burst { share: 50_000, mean: Duration::from_millis(800), loss: 900_000 }),
        duplicate: 5_000,
        corrupt: 100,
        ..LinkProfile::default()
    };
    let delay = Delay::Quantiles(vec![(0, 21_000), (500_000, 38_000), (990_000, 240_000), (1_000_000, 1_900_000)]);
    Scenario {
        name: "sample".to_owned(),
        about: "clients on a poor mobile network, some of them <lured>".to_owned(),
        sources: vec!["Gilbert 1960; Elliott 1963".to_owned(), "invented & round".to_owned()],
        exercises: Exercises {
            claims: vec![Claim::A1, Claim::A2, Claim::A4],
            faults: vec![Explored::Lost, Explored::LostInBurst],
        },
        up: link.clone(),
        down: LinkProfile { delay, ..link },
        partitions: vec![Partition {
            every: Duration::from_secs(60),
            lasts: Duration::from_millis(2_500),
            clients: 200_000,
            cuts: Cuts::Down,
        }],
        server_restarts: Some(Restarts {
            every: Duration::from_secs(120),
            down: Duration::from_secs(2),
            generator: AfterRestart::Restored,
            clock: AfterRestart::Fresh,
            store: StoreAfter::Older,
        }),
        clones: Some(Clones { of: Cloned::Responders, machines: 2, stores: StoresOfClones::Own }),
        ..Scenario::default()
    }
}

/// A handshake with a datagram of every kind.
fn slow(world: u32) -> SlowHandshake {
    let arrow = |sent_us, arrived_us, is_up: bool, message: &str, nature, note: Option<&str>| {
        let (from, to) = if is_up { ("client 17", "server 3") } else { ("server 3", "client 17") };
        let (message, note) = (message.to_owned(), note.map(str::to_owned));
        let (from, to) = (from.to_owned(), to.to_owned());
        Arrow { sent_us, arrived_us, from, to, message, nature, is_corrupted: false, note }
    };
    let begun_us = 5_000_000;
    let at = |millis: u64| begun_us + millis * 1_000;
    let mut arrows = vec![
        arrow(at(0), None, true, "Hello", Nature::Carried, Some("lost in a burst")),
        arrow(at(1_000), Some(at(1_041)), true, "Hello (2)", Nature::Carried, None),
        arrow(at(1_000), Some(at(1_088)), true, "Hello (2)", Nature::Carried, Some("already known")),
        arrow(at(1_041), Some(at(1_102)), false, "Challenge", Nature::Carried, Some("refused: bad proof")),
        arrow(at(1_060), Some(at(1_075)), true, "Hello (2)", Nature::Mirrored, None),
        arrow(at(2_041), Some(at(2_090)), false, "Challenge (2)", Nature::Carried, None),
        arrow(at(2_050), Some(at(2_120)), false, "Challenge (2)", Nature::Forged, Some("refused: bad proof")),
        arrow(at(2_090), Some(at(2_130)), true, "Response", Nature::Carried, None),
        arrow(at(2_134), None, false, "Verdict", Nature::Carried, Some("lost")),
        arrow(at(4_090), Some(at(4_122)), true, "Response (2)", Nature::Carried, None),
        arrow(at(4_122), Some(at(4_160)), false, "Verdict (2)", Nature::Carried, Some("accepted")),
        arrow(at(4_400), Some(at(4_470)), true, "Hello (2)", Nature::Replayed, Some("refused: stale <entry>")),
    ];
    arrows[3].is_corrupted = true;
    let (client, server) = ("client 17".to_owned(), "server 3".to_owned());
    SlowHandshake { latency_us: 4_160_000 + u64::from(world), world, begun_us, client, server, arrows }
}

/// The first line of a trace.
pub(crate) fn header() -> TraceHeader {
    TraceHeader {
        schema: TRACE_SCHEMA.to_owned(),
        build: "countersign 0.1.0".to_owned(),
        seed: 7,
        world: 1,
        handshakes: 1_000,
        scenario: scenario(),
        without: Vec::new(),
        hosts: vec!["client 0".to_owned(), "server 0".to_owned()],
    }
}

/// Another.
pub(crate) fn line() -> Line {
    let datagram = DatagramName { from: HostId(0), handshake: HandshakeNumber(1), kind: 1, nth: 1 };
    let (from, to) = (HostId(0), HostId(1));
    Line {
        step: 2,
        at_us: 10_500,
        act: Act::Deliver { datagram, to, from, flip: None, nature: Nature::Carried },
        effects: vec![Effect::Dropped { host: to, why: "a test".to_owned() }],
    }
}

//! Reports, for people and for machines.

use crate::Failure;
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use core::time::Duration;
use countersign_sim::Report;
use serde::Serialize;
use std::fmt::Write;

/// What was measured on this machine: it differs from run to run, and is no part of the trace.
#[derive(Debug, Serialize)]
pub(crate) struct Measured {
    elapsed_s: f64,
    handshakes_per_second: f64,
}

impl Measured {
    pub(crate) fn new(report: &Report, elapsed: Duration) -> Self {
        let elapsed_s = elapsed.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people needs no 53 bits")]
        let handshakes_per_second = report.started as f64 / elapsed_s.max(f64::MIN_POSITIVE);
        Self { elapsed_s, handshakes_per_second }
    }
}

/// One JSON object, with a `schema` field.
pub(crate) fn json(report: &Report, measured: &Measured, repeat: &str) -> Result<String, Failure> {
    #[derive(Serialize)]
    struct Document<'a> {
        schema: &'static str,
        #[serde(flatten)]
        report: &'a Report,
        measured: &'a Measured,
        repeat: &'a str,
    }
    let document = Document { schema: "countersign.simulate.v1", report, measured, repeat };
    let json = serde_json::to_string_pretty(&document).map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(json + "\n")
}

/// One screen for people.
pub(crate) fn text(report: &Report, measured: &Measured, repeat: &str) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_text(&mut out, report, measured, repeat);
    out
}

fn write_text(out: &mut String, report: &Report, measured: &Measured, repeat: &str) -> std::fmt::Result {
    let traffic = &report.traffic;
    writeln!(out, "{}\n", outcomes(report).trim_fmt())?;
    writeln!(out, "{}\n", audit(report).trim_fmt())?;
    writeln!(out, "{}\n", claims(report).trim_fmt())?;
    let latency = &report.latency_us;
    writeln!(
        out,
        "handshake    p50 {}  p90 {}  p99 {}  max {}  (virtual time, first Hello to acceptance)",
        seconds(latency.p50),
        seconds(latency.p90),
        seconds(latency.p99),
        seconds(latency.max)
    )?;
    writeln!(
        out,
        "network      {} datagrams, {} bytes, {} repeats, {} Retries; {} lost, {} duplicated; {} of junk thrown in; stores failed {} times",
        traffic.datagrams,
        traffic.bytes,
        traffic.repeats,
        traffic.retries,
        traffic.lost,
        traffic.duplicated,
        traffic.junk,
        report.store_failures
    )?;
    writeln!(out, "trace hash   {}", report.trace_hash)?;
    writeln!(
        out,
        "speed        {:.0} handshakes per second ({:.1} s for {} of virtual time)",
        measured.handshakes_per_second,
        measured.elapsed_s,
        seconds(report.virtual_us)
    )?;
    write_violations(out, report)?;
    writeln!(out, "repeat with  {repeat}")
}

/// The first few claims that did not hold, if any.
pub(crate) fn write_violations(out: &mut String, report: &Report) -> std::fmt::Result {
    for violation in report.violations.iter().take(10) {
        writeln!(out, "VIOLATED     {} at {}: {}", violation.claim, seconds(violation.at_us), violation.what)?;
    }
    Ok(())
}

fn outcomes(report: &Report) -> Table {
    let mut table = table(&["handshakes", "count", ""]);
    table.add_row(["started", &report.started.to_string(), ""]);
    let honest = format!("{} of {} that were entitled to it", report.honest.accepted, report.honest.ended);
    table.add_row(["accepted", &report.accepted.to_string(), &honest]);
    table.add_row(["confirmed", &report.confirmed.to_string(), "of these: both sides know that both accepted"]);
    for (reason, count) in &report.ended {
        table.add_row([*reason, &count.to_string(), meaning(reason)]);
    }
    table
}

/// What the responders wrote into their audit logs of the claims that they refused.
fn audit(report: &Report) -> Table {
    let mut table = table(&["audit logs", "count", "what the device was told of it"]);
    for (reason, count) in &report.denied {
        let told = match *reason {
            "clock" => "that its clock is wrong, sealed",
            "stale" => "the latest timestamp, sealed: it may begin again, once",
            _ => "nothing",
        };
        table.add_row([*reason, &count.to_string(), told]);
    }
    table
}

/// What an outcome means here.
fn meaning(reason: &str) -> &'static str {
    match reason {
        "refused" => "by the verified responder, without a reason",
        "refused: clock" => "our clock is wrong, said the verified responder",
        "refused: stale" => "our timestamp is stale, said the verified responder, twice",
        "timed out" => "no acceptance before the deadline",
        "impostor" => "somebody answered who was not the expected responder",
        "clock" => "the verified responder's clock is outside the skew",
        _ => "",
    }
}

fn claims(report: &Report) -> Table {
    let mut table = table(&["claim", "premise occurred", "", "violated"]);
    for claim in &report.claims {
        table.add_row([
            format!("{} {}", claim.claim, claim.title),
            claim.occurred.to_string(),
            claim.premise.to_owned(),
            if claim.occurred == 0 { "not tested".to_owned() } else { claim.violated.to_string() },
        ]);
    }
    if let Some(violated) = table.column_mut(3) {
        violated.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header);
    if let Some(count) = table.column_mut(1) {
        count.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// Microseconds as seconds, to the millisecond.
pub(crate) fn seconds(micros: u64) -> String {
    format!("{}.{:03} s", micros / 1_000_000, micros / 1_000 % 1_000)
}

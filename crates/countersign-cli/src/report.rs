//! Reports, for people and for machines.

mod document;
#[cfg(test)]
pub(crate) mod sample;
mod sheet;
pub(crate) mod words;

pub(crate) use document::{Document, Found, is_one, json, parse};
pub(crate) use sheet::{Cell, Column, Sheet, sheets};

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table};
use core::time::Duration;
use countersign::Backend;
use countersign_sim::Report;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::io;
use words::{missing, plain, seconds};

/// What was measured on this machine: it differs from run to run, and is no part of the trace.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub(crate) struct Measured {
    /// How long the run took, in seconds of real time.
    pub(crate) elapsed_s: f64,
    /// Handshakes begun in a second of real time.
    pub(crate) handshakes_per_second: f64,
    /// How many threads ran worlds.
    pub(crate) threads: usize,
}

impl Measured {
    pub(crate) fn new(report: &Report, elapsed: Duration, threads: usize) -> Self {
        let elapsed_s = elapsed.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people needs no 53 bits")]
        let handshakes_per_second = report.started as f64 / elapsed_s.max(f64::MIN_POSITIVE);
        Self { elapsed_s, handshakes_per_second, threads }
    }
}

/// One screen for people.
pub(crate) fn text(report: &Report, measured: Option<&Measured>, repeat: &str) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_text(&mut out, report, measured, repeat);
    out
}

fn write_text(out: &mut String, report: &Report, measured: Option<&Measured>, repeat: &str) -> std::fmt::Result {
    for sheet in sheets(report, |count| count.to_string()).iter().filter(|sheet| !sheet.rows.is_empty()) {
        writeln!(out, "{}\n", table(sheet, width()).trim_fmt())?;
    }
    match report.excuse() {
        None => {
            for what in report.unexplored() {
                writeln!(out, "UNEXPLORED   {what}: meant to occur, and never did")?;
            }
        }
        Some(excuse) => {
            let names = report.unexplored_names();
            if !names.is_empty() {
                writeln!(out, "not met      {}: {}", names.join(", "), plain(&excuse))?;
            }
        }
    }
    for (label, fact) in facts(report, measured, |count| count.to_string()) {
        writeln!(out, "{label:<12} {fact}")?;
    }
    write_violations(out, report)?;
    writeln!(out, "repeat with  {}", plain(repeat))
}

/// How many violations are shown: more would fill the screen.
pub(crate) const VIOLATIONS_SHOWN: usize = 10;

/// The first few claims that did not hold, if any.
pub(crate) fn write_violations(out: &mut String, report: &Report) -> std::fmt::Result {
    for violation in report.violations.iter().take(VIOLATIONS_SHOWN) {
        let (claim, world, at) = (violation.claim, violation.world, seconds(violation.at_us));
        writeln!(
            out,
            "VIOLATED     {claim} in world {world} at {at}: {} ({})",
            plain(&violation.what),
            plain(&violation.rule)
        )?;
    }
    match more_violations(report) {
        0 => Ok(()),
        more => writeln!(out, "             … and {more} more"),
    }
}

/// Those that are not shown.
pub(crate) fn more_violations(report: &Report) -> u64 {
    let counted = report.claims.values().fold(0_u64, |sum, count| sum.saturating_add(count.violated));
    let listed = u64::try_from(report.violations.len()).unwrap_or(u64::MAX);
    counted.max(listed).saturating_sub(VIOLATIONS_SHOWN as u64)
}

/// What is said in lines rather than in tables: a word for each, and how counts are written.
pub(crate) fn facts(
    report: &Report,
    measured: Option<&Measured>,
    count: fn(u64) -> String,
) -> Vec<(&'static str, String)> {
    let (run, latency, traffic) = (&report.run, &report.latency, &report.traffic);
    let mut facts = vec![("scenario", format!("{}: {}", plain(&run.scenario.name), plain(&run.scenario.about)))];
    if !run.without.is_empty() {
        facts.push(("WITHOUT", format!("{}: switched off", plain(&run.without.join(", ")))));
    }
    let [p50, p90, p99, max] = PERCENTILES.map(|(_, share)| seconds(latency.quantile(share)));
    let handshake = format!("p50 {p50}  p90 {p90}  p99 {p99}  max {max}  (virtual time, first Hello to acceptance)");
    facts.push(("handshake", handshake));
    let [datagrams, bytes, repeats] = [traffic.datagrams, traffic.bytes, traffic.repeats].map(count);
    facts.push(("network", format!("{datagrams} datagrams, {bytes} bytes, {repeats} repeats")));
    facts.push(("worlds", worlds(report)));
    facts.push(("trace hash", plain(&report.trace_hash)));
    let virtual_time = seconds(report.virtual_us);
    facts.push(measured.map_or_else(
        || ("time", format!("{virtual_time} of virtual time")),
        |measured| {
            let Measured { elapsed_s, handshakes_per_second, threads } = measured;
            let threads = if *threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
            let backend = match report.run.backend {
                Backend::Portable => "",
                Backend::Fast(_) => ", fast backend",
            };
            let speed = format!("{handshakes_per_second:.0} handshakes per second on {threads}{backend}");
            ("speed", format!("{speed} ({elapsed_s:.1} s for {virtual_time} of virtual time)"))
        },
    ));
    facts
}

/// The percentiles that are shown, in a million.
pub(crate) const PERCENTILES: [(&str, u32); 4] =
    [("p50", 500_000), ("p90", 900_000), ("p99", 990_000), ("max", 1_000_000)];

/// How many of the run's worlds are covered, and which are not.
fn worlds(report: &Report) -> String {
    let (covered, all) = (report.worlds.len(), report.run.worlds);
    if report.is_whole() {
        return format!("{covered} of {all}");
    }
    format!("{covered} of {all}: A PART OF THE RUN; missing {}", missing(report))
}

/// How wide a report is: as the terminal, or as a page if there is none.
fn width() -> u16 {
    terminal_size::terminal_size_of(io::stdout()).map_or(WIDTH, |(width, _)| width.0.max(WIDTH_MIN))
}

const WIDTH: u16 = 100;
/// Figures and names do not fit into less.
const WIDTH_MIN: u16 = 70;

fn table(sheet: &Sheet, width: u16) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(sheet.columns.iter().map(Column::name));
    for row in &sheet.rows {
        table.add_row(row.iter().map(|cell| match cell {
            Cell::Count(count) => count.to_string(),
            Cell::Words(words) => words.clone(),
        }));
    }
    for (at, column) in sheet.columns.iter().enumerate() {
        if let (Column::Counts(_), Some(drawn)) = (column, table.column_mut(at)) {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
        // Words at the end are wrapped, nothing else.
        if let (true, Some(drawn)) = (at.saturating_add(1) < sheet.columns.len(), table.column_mut(at)) {
            drawn.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_sim::{Claim, Explored, PROMISED_FOR, Violation};

    /// What was measured, and the tables, the lines and the command that repeats it.
    #[test]
    fn a_screen_shows_tables_facts_and_at_last_how_to_repeat() {
        let report = sample::report();
        let measured = Measured::new(&report, Duration::from_secs(2), 4);
        let text = text(&report, Some(&measured), "countersign simulate --seed 7");
        for said in [
            " A6 a stolen key opens nothing past ",
            "not tested",
            "copies of datagrams lost in a burst",
            "scenario     sample: clients on a poor mobile network",
            "handshake    p50 0.1",
            "network      19400 datagrams, 2431000 bytes, 3011 repeats",
            "worlds       2 of 2\n",
            "on 4 threads (2.0 s for ",
        ] {
            assert!(text.contains(said), "{said:?} is missing in\n{text}");
        }
        assert!(text.ends_with("repeat with  countersign simulate --seed 7\n"));
        assert!(!text.contains("VIOLATED") && !text.contains("A PART"));
    }

    /// Who looks for what is violated need not scroll.
    #[test]
    fn the_table_of_claims_fits_its_width() {
        let [_, _, _, claims] = sheets(&sample::report(), |count| count.to_string());
        for width in [70, 100] {
            let drawn = table(&claims, width).trim_fmt();
            let widest = drawn.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(width.into()), "{drawn}");
            let head: Vec<&str> = drawn.lines().next().unwrap().split("  ").filter(|word| !word.is_empty()).collect();
            assert_eq!(
                head.iter().map(|word| word.trim()).collect::<Vec<_>>(),
                ["claim", "violated", "premise occurred"]
            );
        }
    }

    /// A fault that the scenario promises is missed when it never occurs.
    #[test]
    fn what_was_meant_to_occur_and_did_not_is_marked() {
        let mut report = sample::report();
        assert!(!text(&report, None, "").contains("UNEXPLORED"));
        report.explored.insert(Explored::LostInBurst, 0);
        let short = text(&report, None, "");
        let quiet = "not met      lost-in-burst: only 2000 of the 25,000 handshakes that the promise is for\n";
        assert!(short.contains(quiet) && !short.contains("UNEXPLORED"), "{short}");
        report.run.handshakes = PROMISED_FOR;
        let text = text(&report, None, "");
        assert!(text.contains("UNEXPLORED   copies of datagrams lost in a burst: meant to occur, and never did\n"));
    }

    /// Ten violations tell enough, and nothing from a file controls a terminal.
    #[test]
    fn the_first_violations_are_shown_without_control_characters() {
        let mut report = sample::report();
        for nth in 1..=12 {
            let what = format!("number {nth}\u{1b}[2J\nrepeat with  rm");
            let rule = "a test".to_owned();
            report.violations.push(Violation { claim: Claim::A1, rule, world: 1, nth, at_us: 7_000, what });
        }
        let text = text(&report, None, "again\u{7}");
        assert!(
            text.contains(
                "VIOLATED     A1 in world 1 at 0.007 s: number 1\u{fffd}[2J\u{fffd}repeat with  rm (a test)\n"
            )
        );
        assert!(text.contains("number 10") && !text.contains("number 11"));
        assert!(text.contains("\n             … and 2 more\n"));
        assert!(text.ends_with("repeat with  again\u{fffd}\n"));
    }

    /// Whoever reads a part of a run is told so.
    #[test]
    fn a_part_of_a_run_says_which_worlds_are_missing() {
        let text = text(&sample::shard(1), None, "");
        assert!(text.contains("worlds       1 of 2: A PART OF THE RUN; missing 0\n"), "{text}");
    }
}

//! The tables of a report, whatever they are drawn with.

use super::words::plain;
use countersign_sim::Report;

/// A table.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// The head of a column.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    Counts(&'static str),
    Words(&'static str),
}

#[derive(Debug)]
pub(crate) enum Cell {
    Count(u64),
    Words(String),
}

impl Column {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Counts(name) | Self::Words(name) => name,
        }
    }
}

impl Cell {
    fn words(text: &str) -> Self {
        Self::Words(plain(text))
    }
}

/// What is shown as tables, in this order: outcomes, audit logs, what was explored, claims. Counts within words are
/// written as told.
pub(crate) fn sheets(report: &Report, count: fn(u64) -> String) -> [Sheet; 4] {
    [outcomes(report, count), audit(report), explored(report), claims(report)]
}

fn outcomes(report: &Report, count: fn(u64) -> String) -> Sheet {
    let honest =
        format!("{} of {} that were entitled to it", count(report.honest.accepted), count(report.honest.ended));
    let mut rows = vec![
        vec![Cell::words("started"), Cell::Count(report.started), Cell::words("")],
        vec![Cell::words("accepted"), Cell::Count(report.accepted), Cell::words(&honest)],
        vec![
            Cell::words("confirmed"),
            Cell::Count(report.confirmed),
            Cell::words("of these: both sides know that both accepted"),
        ],
    ];
    for (reason, count) in &report.ended {
        rows.push(vec![Cell::words(reason), Cell::Count(*count), Cell::words(meaning(reason))]);
    }
    Sheet { columns: vec![Column::Words("handshakes"), Column::Counts("count"), Column::Words("")], rows }
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

/// What the responders wrote into their audit logs of the claims that they refused.
fn audit(report: &Report) -> Sheet {
    let rows = report.denied.iter().map(|(reason, count)| {
        let told = match reason.as_str() {
            "clock" => "that its clock is wrong, sealed",
            "stale" => "the latest timestamp, sealed: it may begin again, once",
            _ => "nothing",
        };
        vec![Cell::words(reason), Cell::Count(*count), Cell::words(told)]
    });
    let columns =
        vec![Column::Words("audit logs"), Column::Counts("count"), Column::Words("what the device was told of it")];
    Sheet { columns, rows: rows.collect() }
}

fn explored(report: &Report) -> Sheet {
    let met = report.explored.iter().filter(|(_, count)| **count > 0);
    let rows = met.map(|(what, count)| vec![Cell::words(what.what()), Cell::Count(*count)]).collect();
    Sheet { columns: vec![Column::Words("explored"), Column::Counts("count")], rows }
}

fn claims(report: &Report) -> Sheet {
    let rows = report.claims.iter().map(|(claim, count)| {
        // What was never put to the test has not held.
        let is_tested = count.occurred > 0 || count.violated > 0;
        let violated = if is_tested { Cell::Count(count.violated) } else { Cell::words("not tested") };
        let claimed = format!("{claim} {}", claim.title());
        vec![Cell::words(&claimed), violated, Cell::Count(count.occurred), Cell::words(claim.premise())]
    });
    let columns =
        vec![Column::Words("claim"), Column::Counts("violated"), Column::Counts("premise occurred"), Column::Words("")];
    Sheet { columns, rows: rows.collect() }
}

//! The table of `spec/search.md`.

use super::every::{By, Row, Tries};
use super::found::{self, Found};
use crate::args::MethodFlag;
use crate::report::words::grouped;
use countersign::Defence;

pub(super) const HEAD: &str = "\
| Defence | World | Also off | Method | Found | Median cases | Median seconds | Steps |
|---|---|---|---|---|---|---|---|
";

pub(super) fn row(row: &Row) -> String {
    let (world, also_off) = row.target.as_ref().map_or(("", String::new()), |target| {
        (target.realm.name(), target.weakened.iter().map(code).collect::<Vec<_>>().join(", "))
    });
    let start = format!("| {} | {world} | {also_off} |", code(&row.defence));
    let by = match &row.tries {
        Tries::None(why) => return format!("{start} none | not searched: {why} | | | |\n"),
        Tries::Made { by, .. } => *by,
    };
    let passed_over = match row.passed_over() {
        0 => String::new(),
        count => format!(", {} passed over", grouped(count)),
    };
    let (unit, with) = match (by, row.actions()) {
        (By::Cases(_), _) => ("", String::new()),
        (By::Actions(_), Some(actions)) => (" states", format!(", with {}", counted(actions))),
        (By::Actions(most), None) => (" states", format!(", within {}", counted(most))),
    };
    let cases = row.median_cases().map_or_else(none, |cases| format!("{}{unit}", grouped(cases)));
    let seconds = row.median_seconds().map_or_else(none, |seconds| format!("{seconds:.1}"));
    let steps = row.shortest().map_or_else(none, |found| Found::steps(found).to_string());
    let (method, found, of) = (name(by), row.found(), row.of());
    format!("{start} {method} | {found} of {of}{with}{passed_over} | {cases} | {seconds} | {steps} |\n")
}

/// How many defences each method has found with every seed.
pub(super) fn summary(rows: &[Row]) -> String {
    let mut all: Vec<(By, u32, u32)> = Vec::new();
    for row in rows {
        let Tries::Made { by, .. } = row.tries else { continue };
        if !all.iter().any(|(known, ..)| *known == by) {
            all.push((by, 0, 0));
        }
        for (_, found, of) in all.iter_mut().filter(|(known, ..)| *known == by) {
            *found = found.saturating_add(u32::from(row.found() == row.of()));
            *of = of.saturating_add(1);
        }
    }
    let all = all.into_iter().map(|(by, found, of)| match by {
        By::Cases(method) => format!("{} finds {found} of {of} defences with every seed, ", MethodFlag(method).name()),
        By::Actions(actions) => format!("{EXHAUSTIVE} finds {found} of {of} with {} at most, ", counted(actions)),
    });
    let unseen = rows.iter().filter(|row| matches!(row.tries, Tries::None(_))).count();
    format!("{}{unseen} were not searched for\n", all.collect::<String>())
}

/// How a method is called.
pub(super) const fn name(by: By) -> &'static str {
    match by {
        By::Cases(method) => MethodFlag(method).name(),
        By::Actions(_) => EXHAUSTIVE,
    }
}

fn counted(actions: u32) -> String {
    found::counted(usize::try_from(actions).unwrap_or(usize::MAX), "action")
}

fn code(defence: &Defence) -> String {
    format!("`{defence}`")
}

/// Where most searches found nothing.
fn none() -> String {
    "none".to_owned()
}

const EXHAUSTIVE: &str = "exhaustive";

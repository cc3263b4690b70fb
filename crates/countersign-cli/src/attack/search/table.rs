//! The table of `spec/search.md`.

use super::every::{Row, Tries};
use super::found::Found;
use crate::args::MethodFlag;
use crate::report::words::grouped;
use countersign::Defence;
use countersign_sim::Method;

pub(super) const HEAD: &str = "\
| Defence | World | Also off | Method | Found | Median cases | Median seconds | Steps |
|---|---|---|---|---|---|---|---|
";

pub(super) fn row(row: &Row) -> String {
    let (world, also_off) = row.target.as_ref().map_or(("", String::new()), |target| {
        (target.realm.name(), target.weakened.iter().map(code).collect::<Vec<_>>().join(", "))
    });
    let start = format!("| {} | {world} | {also_off} |", code(&row.defence));
    let method = match &row.tries {
        Tries::None(why) => return format!("{start} none | not searched: {why} | | | |\n"),
        Tries::Made { method, .. } => MethodFlag(*method).name(),
    };
    let passed_over = match row.passed_over() {
        0 => String::new(),
        count => format!(", {} passed over", grouped(count)),
    };
    let cases = row.median_cases().map_or_else(none, grouped);
    let seconds = row.median_seconds().map_or_else(none, |seconds| format!("{seconds:.1}"));
    let steps = row.shortest().map_or_else(none, |found| Found::steps(found).to_string());
    format!("{start} {method} | {} of {}{passed_over} | {cases} | {seconds} | {steps} |\n", row.found(), row.of())
}

/// How many defences each method has found with every seed.
pub(super) fn summary(rows: &[Row]) -> String {
    let of = |method: Method| {
        let of = rows.iter().filter(|row| matches!(&row.tries, Tries::Made { method: by, .. } if *by == method));
        let (all, found) = of.fold((0_u32, 0_u32), |(all, found), row| {
            (all.saturating_add(1), found.saturating_add(u32::from(row.found() == row.of())))
        });
        format!("{} finds {found} of {all} defences with every seed", MethodFlag(method).name())
    };
    let unseen = rows.iter().filter(|row| matches!(row.tries, Tries::None(_))).count();
    format!("{}, {}; {unseen} were not searched for\n", of(Method::Random), of(Method::Novelty))
}

fn code(defence: &Defence) -> String {
    format!("`{defence}`")
}

/// Where most searches found nothing.
fn none() -> String {
    "none".to_owned()
}

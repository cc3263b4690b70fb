//! A report as one page for browsers: nothing is loaded from anywhere, and nothing runs.
//!
//! The tables and the lines are those that the terminal shows; the charts are beside them.

mod chart;
mod charts;
mod scenario;
mod sequence;

use crate::Failure;
use crate::report::words::{grouped, missing, plain, seconds};
use crate::report::{Cell, Column, Measured, PERCENTILES, Sheet, VIOLATIONS_SHOWN, facts, more_violations, sheets};
use crate::verdict::Verdict;
use chart::Chart;
use countersign_sim::Report;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::path::Path;
use std::{fs, thread};

/// What made the page, and where.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    version: &'static str,
    compiler: &'static str,
    system: &'static str,
    architecture: &'static str,
    processors: usize,
}

impl Environment {
    pub(crate) fn here() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            compiler: env!("COUNTERSIGN_COMPILER"),
            system: std::env::consts::OS,
            architecture: std::env::consts::ARCH,
            processors: thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// Writes a page to a file.
pub(crate) fn save(path: &Path, page: &str) -> Result<(), Failure> {
    let shown = path.display();
    fs::write(path, page)
        .map_err(|error| Failure::Usage(format!("cannot write {shown}: {error}; name another file with --html")))
}

/// The whole page.
pub(crate) fn page(report: &Report, measured: Option<&Measured>, repeat: &str, environment: &Environment) -> String {
    let name = plain(&report.run.scenario.name);
    let [outcomes, audit, explored, claims] = sheets(report, grouped);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                title { "Countersign: " (name) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "Countersign: " (name) }
                    p { (plain(&report.run.scenario.about)) }
                    (verdict(report))
                    (tiles(report))
                    (contents())
                }
                main {
                    (section(&SECTIONS[0], html! { (table(&claims)) (violations(report)) }))
                    (section(&SECTIONS[1], html! { (table(&explored)) (unexplored(report)) }))
                    (section(&SECTIONS[2], html! { (table(&outcomes)) h3 { "What responders wrote into their audit logs" } (table(&audit)) }))
                    (section(&SECTIONS[3], times(report)))
                    (section(&SECTIONS[4], slowest(report)))
                    (section(&SECTIONS[5], scenario_in_words(report)))
                    (section(&SECTIONS[6], again(report, measured, repeat, environment)))
                }
            }
        }
    };
    page.into_string()
}

const STYLE: &str = include_str!("html/style.css");

/// Where it is on the page, and its heading.
const SECTIONS: [(&str, &str); 7] = [
    ("claims", "Claims"),
    ("explored", "What the run met"),
    ("outcomes", "How handshakes ended"),
    ("times", "How long they took, and when"),
    ("slowest", "The slowest handshakes"),
    ("scenario", "The scenario"),
    ("repeat", "The run, and how to repeat it"),
];

fn section((id, heading): &(&str, &str), content: Markup) -> Markup {
    html! { section id=(id) { h2 { (heading) } (content) } }
}

fn contents() -> Markup {
    html! { nav aria-label="Contents" { ul { @for (id, heading) in SECTIONS { li { a href={ "#" (id) } { (heading) } } } } } }
}

/// What the exit code says, in a sentence, and whatever qualifies it.
fn verdict(report: &Report) -> Markup {
    let tested = report.claims.values().filter(|count| count.occurred > 0).count();
    let (class, said) = match Verdict::of(report) {
        Verdict::Held => (
            "good",
            format!("✓ Held: {tested} of {} claims were put to the test, and none was violated.", report.claims.len()),
        ),
        Verdict::Violated => ("bad", "✗ Violated: a claim did not hold.".to_owned()),
        Verdict::Nothing => ("warn", "∅ Nothing was explored: no honest handshake was accepted.".to_owned()),
        Verdict::Part => (
            "warn",
            format!(
                "◐ A part of a run: {tested} of {} claims were put to the test in it, and none was violated.",
                report.claims.len()
            ),
        ),
        Verdict::Unexplored => ("warn", "∅ Not all was explored that the scenario is meant to meet.".to_owned()),
    };
    let excuse = report.excuse();
    html! {
        p class={ "verdict " (class) } { (said) }
        @if !report.run.without.is_empty() {
            p.verdict.warn { "Switched off in this run: " (plain(&report.run.without.join(", "))) "." }
        }
        @if !report.is_whole() {
            p.verdict.warn { "A part of the run: worlds " (missing(report)) " are missing." }
        }
        @for what in report.unexplored().into_iter().filter(|_| excuse.is_none()) {
            p.verdict.warn { "Unexplored: " span { (what) ". They were meant to occur, and never did." } }
        }
    }
}

fn tiles(report: &Report) -> Markup {
    let violated = report.claims.values().fold(0_u64, |sum, count| sum.saturating_add(count.violated));
    let faults = report.explored.values().filter(|count| **count > 0).count();
    let tiles = [
        (grouped(report.started), "handshakes begun".to_owned()),
        (grouped(report.honest.accepted), format!("accepted of {} entitled to it", grouped(report.honest.ended))),
        (grouped(violated), "violations of a claim".to_owned()),
        (faults.to_string(), "kinds of faults and events met".to_owned()),
        (seconds(report.latency.quantile(500_000)), "median to acceptance".to_owned()),
        (seconds(report.latency.quantile(990_000)), "99th percentile".to_owned()),
    ];
    html! { ul.tiles { @for (figure, what) in tiles { li { strong { (figure) } (what) } } } }
}

/// A table as the terminal shows it, with grouped digits.
fn table(sheet: &Sheet) -> Markup {
    if sheet.rows.is_empty() {
        return html! { p { "None." } };
    }
    html! {
        div.wide { table {
            thead { tr { @for column in &sheet.columns {
                @match column {
                    Column::Counts(name) => th.count scope="col" { (name) },
                    // An empty cell is no heading.
                    Column::Words("") => td {},
                    Column::Words(name) => th scope="col" { (name) },
                }
            } } }
            tbody { @for row in &sheet.rows { tr {
                @for (nth, (cell, column)) in row.iter().zip(&sheet.columns).enumerate() {
                    @match (cell, column) {
                        (Cell::Count(count), column) => td.count.bad[column.name() == "violated" && *count > 0] { (grouped(*count)) },
                        (Cell::Words(words), Column::Counts(_)) => td.count.warn { (words) },
                        (Cell::Words(words), Column::Words(_)) if nth == 0 => th scope="row" { (words) },
                        (Cell::Words(words), Column::Words(_)) => td { (words) },
                    }
                }
            } } }
        } }
    }
}

fn violations(report: &Report) -> Markup {
    html! {
        @if !report.violations.is_empty() {
            h3 { "The first violations" }
            ul.plain { @for violation in report.violations.iter().take(VIOLATIONS_SHOWN) {
                li { strong.bad { (violation.claim) } " in world " (violation.world) " at " (seconds(violation.at_us)) ": " (plain(&violation.what)) " (" (plain(&violation.rule)) ")" }
            } }
            @if more_violations(report) > 0 { p { "… and " (grouped(more_violations(report))) " more" } }
        }
    }
}

fn unexplored(report: &Report) -> Markup {
    let unexplored = report.unexplored();
    html! {
        @if unexplored.is_empty() {
            p.quiet { "Everything that the scenario is meant to meet was met." }
        } @else {
            @if let Some(excuse) = report.excuse() {
                p.quiet { "Not met: " (plain(&excuse)) "." }
            } @else {
                p { "Meant to be met, and not met:" }
            }
            ul.plain { @for what in unexplored { li.warn { (what) } } }
        }
    }
}

fn times(report: &Report) -> Markup {
    html! {
        div.wide { table {
            thead { tr { th scope="col" { "of the accepted handshakes" } th.count scope="col" { "took at most" } } }
            tbody { @for (name, share) in PERCENTILES {
                tr { th scope="row" { (name) } td.count { (seconds(report.latency.quantile(share))) } }
            } }
        } }
        (figure(charts::latency(&report.latency), "How long handshakes took, from the first Hello to acceptance, in virtual time. Dashed lines: the percentiles."))
        (figure(charts::accepted(report), "When handshakes were accepted."))
    }
}

fn figure(chart: Option<Chart>, caption: &str) -> Markup {
    html! {
        @if let Some(chart) = chart {
            figure { (chart.svg()) figcaption { (caption) } }
        } @else {
            p.quiet { "No handshake was accepted." }
        }
    }
}

fn slowest(report: &Report) -> Markup {
    html! {
        @if report.slowest.is_empty() {
            p { "None was accepted." }
        } @else {
            p { "Time runs downwards, in seconds of virtual time since the handshake began. The space between two rows grows with the time between them, up to a limit; a wait longer than that is written out." }
            (sequence::legend())
            @for handshake in &report.slowest {
                figure {
                    h3 { (sequence::name(handshake)) }
                    div.wide { (sequence::svg(handshake)) }
                }
            }
        }
    }
}

fn scenario_in_words(report: &Report) -> Markup {
    let scenario = &report.run.scenario;
    html! {
        p { (plain(&scenario.about)) }
        div.wide { table {
            thead { tr { th scope="col" { "the network" } th scope="col" { "from clients to servers" } th scope="col" { "from servers to clients" } } }
            tbody { @for [what, up, down] in scenario::links(scenario) { tr { th scope="row" { (what) } td { (up) } td { (down) } } } }
        } }
        dl { @for (what, how) in scenario::facts(scenario) { dt { (what) } dd { (how) } } }
        h3 { "Where the figures come from" }
        @if scenario.sources.is_empty() {
            p { "No source is named." }
        } @else {
            ul.plain { @for source in &scenario.sources { li { (plain(source)) } } }
        }
    }
}

fn again(report: &Report, measured: Option<&Measured>, repeat: &str, environment: &Environment) -> Markup {
    let Environment { version, compiler, system, architecture, processors } = environment;
    let lines = facts(report, measured, grouped).into_iter().filter(|(label, _)| *label != "scenario");
    html! {
        p { "The same seed gives the same trace hash on every machine. To repeat it:" }
        pre { (plain(repeat)) }
        dl {
            dt { "seed" } dd { (report.run.seed) }
            @for (label, fact) in lines { dt { (label) } dd { (fact) } }
            dt { "page made by" } dd { "countersign " (version) ", built with " (compiler) ", on " (system) " " (architecture) " with " (processors) " processors" }
        }
        details {
            summary { "The trace hash of each world" }
            dl { @for (world, hash) in report.worlds.iter().take(WORLDS_SHOWN) { dt { "world " (world) } dd { code { (plain(hash)) } } } }
            @if report.worlds.len() > WORLDS_SHOWN { p { "The others are in the report as JSON." } }
        }
    }
}

/// More hashes than this make a page slow.
const WORLDS_SHOWN: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{sample, text};
    use countersign_sim::{Claim, ClaimCount, Explored, PROMISED_FOR, Violation};
    use std::collections::BTreeMap;

    fn shown(report: &Report) -> String {
        page(report, Some(&sample::MEASURED), "countersign simulate --seed 7", &Environment::here())
    }

    /// Every number that the terminal shows is on the page, and every reason and premise.
    #[test]
    fn the_page_shows_what_the_terminal_shows() {
        let report = sample::report();
        let page = shown(&report).replace(',', "");
        let text = text(&report, Some(&sample::MEASURED), "countersign simulate --seed 7");
        let numbers: Vec<&str> = text
            .split(|char: char| !char.is_ascii_digit() && char != '.')
            .filter(|word| word.chars().any(|char| char.is_ascii_digit()))
            .collect();
        assert!(numbers.len() > 50, "{numbers:?}");
        for number in numbers {
            assert!(page.contains(number), "{number} is not on the page");
        }
        for words in sheets(&report, grouped).iter().flat_map(|sheet| sheet.rows.iter().flatten()) {
            if let Cell::Words(words) = words {
                assert!(page.contains(&words.replace(',', "").replace('&', "&amp;")), "{words:?} is not on the page");
            }
        }
    }

    /// A page loads nothing and runs nothing, whatever the names in a file are.
    #[test]
    fn names_from_a_file_are_escaped_and_nothing_is_loaded() {
        let mut report = sample::report();
        let evil = "\"><script src=//evil.example></script><img onerror='x'>";
        report.run.scenario.name = evil.to_owned();
        report.run.scenario.about = evil.to_owned();
        report.run.scenario.sources = vec![evil.to_owned()];
        report.run.without = vec![evil.to_owned()];
        report.ended.insert(evil.to_owned(), 1);
        report.denied.insert(evil.to_owned(), 1);
        let rule = evil.to_owned();
        report.violations.push(Violation { claim: Claim::A1, rule, world: 0, nth: 1, at_us: 1, what: evil.to_owned() });
        report.slowest[0].client = evil.to_owned();
        report.slowest[0].arrows[0].from = evil.to_owned();
        report.slowest[0].arrows[0].note = Some(evil.to_owned());
        let page = page(&report, None, evil, &Environment::here());
        for forbidden in ["<script", "<img", "http://", "https://", "<link", "@import", "url(h", "src="] {
            let where_it_is = page.match_indices(forbidden).map(|(at, _)| &page[at.saturating_sub(30)..at]);
            assert!(
                where_it_is.clone().all(|before| forbidden == "src=" && before.ends_with("&lt;script ")),
                "{forbidden}"
            );
        }
    }

    /// What qualifies a run stands at the top of its page.
    #[test]
    fn the_verdict_says_what_the_exit_code_says_and_what_is_missing() {
        let whole = shown(&sample::report());
        assert!(whole.contains("✓ Held: 9 of 10 claims") && !whole.contains("A part of the run"));
        let mut part = sample::shard(1);
        let held = shown(&part);
        assert!(held.contains("◐ A part of a run: 9 of 10 claims") && !held.contains("Held"));
        part.run.handshakes = PROMISED_FOR;
        part.run.worlds = 1;
        part.worlds = BTreeMap::from([(0, String::new())]);
        part.explored.remove(&Explored::Lost);
        assert!(shown(&part).contains("Unexplored: "));
        let mut part = sample::shard(1);
        part.claims.insert(Claim::A1, ClaimCount { occurred: 3, violated: 2 });
        part.explored.remove(&Explored::Lost);
        let part = shown(&part);
        for said in [
            "✗ Violated",
            "A part of the run: worlds 0 are missing",
            "Not met: only 2000 of",
            "<td class=\"count bad\">2</td>",
        ] {
            assert!(part.contains(said), "{said}");
        }
        let empty = shown(&Report::empty(sample::report().run));
        assert!(empty.contains("∅ Nothing was explored") && empty.contains("No handshake was accepted."));
    }

    /// An element that is opened is closed, in HTML and in SVG.
    #[test]
    fn elements_are_balanced() {
        let page = shown(&sample::report());
        for element in
            ["svg", "g", "text", "path", "line", "rect", "table", "tr", "td", "th", "dl", "section", "figure"]
        {
            let opened = page.matches(&format!("<{element}>")).count() + page.matches(&format!("<{element} ")).count();
            assert_eq!(opened, page.matches(&format!("</{element}>")).count(), "{element}");
        }
    }
}

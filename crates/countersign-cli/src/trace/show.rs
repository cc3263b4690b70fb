//! `countersign trace show`: a trace as a sequence diagram.

mod notes;
#[cfg(test)]
mod tests;

use crate::args::Show;
use crate::diagram::{self, Item};
use crate::{Failure, print};
use countersign_sim::{Act, Effect, HandshakeNumber, Line, Trace};

pub(crate) fn run(options: &Show) -> Result<(), Failure> {
    let trace = super::read(&options.file)?;
    let file = options.file.display().to_string();
    let text = match options.handshake {
        Some(number) => handshake(&trace, HandshakeNumber(number), &file)?,
        None => beginning(&trace, &file),
    };
    print(&printable(&text))
}

/// A trace of which nothing more can be left out, whole.
pub(crate) fn draw_shrunk(trace: &Trace) -> String {
    printable(&format!(
        "{}\n{}\n{}\n",
        head(trace, "the shortest of "),
        diagram::draw(&items(trace), u64::MAX),
        foot(trace)
    ))
}

/// Only what belongs to one handshake.
fn handshake(trace: &Trace, number: HandshakeNumber, file: &str) -> Result<String, Failure> {
    let part = trace.of_handshake(number);
    if part.lines.is_empty() {
        let what = format!("{file} has no handshake {}; {}", number.0, choice(trace));
        return Err(Failure::Usage(what));
    }
    let of = format!("handshake {} of ", number.0);
    Ok(format!("{}\n{}\n{}", head(trace, &of), diagram::draw(&items(&part), u64::MAX), foot(trace)))
}

/// The first steps, and how to see others.
fn beginning(trace: &Trace, file: &str) -> String {
    let steps = trace.lines.iter().filter(|line| is_step(line)).count();
    let last_shown = trace.lines.iter().filter(|line| is_step(line)).nth(STEPS_SHOWN.saturating_sub(1));
    let more = steps.saturating_sub(STEPS_SHOWN);
    let until_us = last_shown.filter(|_| more > 0).map_or(u64::MAX, |line| line.at_us);
    let mut text = format!("{}\n{}", head(trace, ""), diagram::draw(&items(trace), until_us));
    if more > 0 {
        text.push_str(&format!(
            "\nnot shown: {}; to see one handshake to its end: \
             countersign trace show {file} --handshake N\n({})\n",
            counted(more, "more step"),
            choice(trace)
        ));
    }
    format!("{text}\n{}", foot(trace))
}

const fn is_step(line: &Line) -> bool {
    !matches!(line.act, Act::Timer { .. })
}

/// Arrows and notes, as the diagram wants them.
fn items(trace: &Trace) -> Vec<Item> {
    let notes = trace.lines.iter().flat_map(|line| notes::of(trace, line));
    trace.arrows().into_iter().map(Item::Arrow).chain(notes).collect()
}

/// Which handshakes there are to choose from.
fn choice(trace: &Trace) -> String {
    let numbers: Vec<String> = trace.handshakes().iter().map(|number| number.0.to_string()).collect();
    let Some((last, first)) = numbers.split_last() else { return "it has none".to_owned() };
    let shown = first.iter().take(NUMBERS_SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match first.len() {
        0 => format!("it has handshake {last} alone"),
        1..=NUMBERS_SHOWN => format!("it has handshakes {shown} and {last}"),
        _ => format!("it has handshakes {shown} and so on up to {last}"),
    }
}

/// What was run.
fn head(trace: &Trace, of: &str) -> String {
    let header = &trace.header;
    let steps = trace.lines.iter().filter(|line| is_step(line)).count();
    let mut head = format!(
        "{of}world {} of seed {}, scenario {}, {}, made by {}\n",
        header.world,
        header.seed,
        header.scenario.name,
        counted(steps, "step"),
        header.build
    );
    if !header.without.is_empty() {
        head.push_str(&format!("without {}\n", header.without.join(", ")));
    }
    head
}

/// The legend, and what went wrong.
fn foot(trace: &Trace) -> String {
    let mut foot = diagram::legend();
    let violations = trace.lines.iter().flat_map(|line| {
        line.effects.iter().filter_map(move |effect| match effect {
            Effect::Violated(violation) => Some((line, violation)),
            Effect::Sent { .. } | Effect::Dropped { .. } | Effect::Said { .. } | Effect::Asked { .. } => None,
        })
    });
    let all: Vec<_> = violations.collect();
    for (line, violation) in all.iter().take(VIOLATIONS_SHOWN) {
        let step = if is_step(line) { format!(" at step {}", line.step) } else { String::new() };
        let (claim, at) = (violation.claim, diagram::seconds(line.at_us));
        foot.push_str(&format!("VIOLATED {claim}, {}{step}, {at}: {}\n", claim.title(), violation.what));
    }
    let more = all.len().saturating_sub(VIOLATIONS_SHOWN);
    if more > 0 {
        foot.push_str(&format!("and {}\n", counted(more, "more violation")));
    }
    foot
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// What stands in a file must not command the terminal.
fn printable(text: &str) -> String {
    text.replace(|character: char| character.is_control() && character != '\n', "?")
}

/// More steps than this nobody reads at once.
const STEPS_SHOWN: usize = 200;
/// As many fit on a line.
const NUMBERS_SHOWN: usize = 8;
/// The first matter most: others often follow from them.
const VIOLATIONS_SHOWN: usize = 5;

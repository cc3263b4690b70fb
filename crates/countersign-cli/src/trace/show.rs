//! `countersign trace show`: a trace as a sequence diagram.

mod notes;
mod still;
#[cfg(test)]
mod tests;

use crate::args::Show;
use crate::diagram::{self, Item};
use crate::report::words::quoted;
use crate::{Failure, print};
use core::ops::RangeInclusive;
use countersign_sim::{Act, Effect, HandshakeNumber, Line, Trace, Violation};
use std::collections::BTreeSet;

pub(crate) fn run(options: &Show) -> Result<(), Failure> {
    let trace = still::told_apart(super::read(&options.file)?);
    let file = options.file.display().to_string();
    let text = match options.handshake {
        Some(number) => handshake(&trace, HandshakeNumber(number), &file)?,
        None => excerpt(&trace, &file),
    };
    print(&printable(&text))
}

/// A trace of which nothing more can be left out, whole.
pub(crate) fn draw_shrunk(trace: &Trace) -> String {
    let trace = &still::told_apart(trace.clone());
    printable(&format!("{}\n{}\n{}\n", head(trace, "the shortest of "), diagram::draw(&items(trace), ALL), foot(trace)))
}

/// What happened, without what was run: whole, or its beginning and its end if it is long.
pub(crate) fn draw(trace: &Trace) -> String {
    let trace = still::told_apart(trace.clone());
    printable(&diagram::draw(&still::without_middle(&trace, items(&trace)), ALL))
}

/// Only what belongs to one handshake.
fn handshake(trace: &Trace, number: HandshakeNumber, file: &str) -> Result<String, Failure> {
    let part = trace.of_handshake(number);
    if part.lines.is_empty() {
        let what = format!("{file} has no handshake {}; {}", number.0, choice(trace));
        return Err(Failure::Usage(what));
    }
    let of = format!("handshake {} of ", number.0);
    Ok(format!("{}\n{}\n{}", head(trace, &of), diagram::draw(&items(&part), ALL), foot(&part)))
}

/// The first steps, or those before a violation and with it; and how to see others.
fn excerpt(trace: &Trace, file: &str) -> String {
    let steps: Vec<&Line> = trace.lines.iter().filter(|line| is_step(line)).collect();
    let violated = trace.lines.iter().find(|line| violations(line).next().is_some());
    let before = violated.map(|violated| steps.partition_point(|line| line.at_us <= violated.at_us));
    let from = before.unwrap_or(0).saturating_sub(STEPS_SHOWN);
    let to = from.saturating_add(STEPS_SHOWN).max(before.unwrap_or(0)).min(steps.len());
    let from_us = steps.get(from).filter(|_| from > 0).map_or(0, |line| line.at_us);
    let last_us = to.checked_sub(1).and_then(|last| steps.get(last)).map(|line| line.at_us);
    let until_us = last_us.filter(|_| to < steps.len()).unwrap_or(u64::MAX);
    let mut text = format!("{}\n{}", head(trace, ""), diagram::draw(&items(trace), from_us..=until_us));
    let after = steps.len().saturating_sub(to);
    if from > 0 || after > 0 {
        let not_shown = match (from, after) {
            (0, after) => counted(after, "more step"),
            (from, 0) => format!("{} before", counted(from, "step")),
            (from, after) => format!("{} before and {after} after", counted(from, "step")),
        };
        text.push_str(&format!(
            "\nnot shown: {not_shown}; to see one handshake to its end: \
             countersign trace show {} --handshake N\n({})\n",
            quoted(file),
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
    trace.arrows().into_iter().map(|arrow| Item::Arrow(still::at_once(trace, arrow))).chain(notes).collect()
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
    format!("{}{}", diagram::legend(), told(trace))
}

/// What went wrong, a line for each; the first few.
pub(super) fn told(trace: &Trace) -> String {
    let all: Vec<_> = trace.lines.iter().flat_map(|line| violations(line).map(move |it| (line, it))).collect();
    let mut told = String::new();
    for (line, violation) in all.iter().take(VIOLATIONS_SHOWN) {
        let handshake = of_handshake(line).map_or_else(String::new, |number| format!(" in handshake {}", number.0));
        let step = if is_step(line) { format!(" at step {}", line.step) } else { String::new() };
        let (claim, at) = (violation.claim, diagram::seconds(line.at_us));
        told.push_str(&format!("VIOLATED {claim}{handshake}{step}: {} ({}, {at})\n", violation.what, claim.title()));
    }
    let more = all.len().saturating_sub(VIOLATIONS_SHOWN);
    if more > 0 {
        told.push_str(&format!("and {}\n", counted(more, "more violation")));
    }
    told
}

fn violations(line: &Line) -> impl Iterator<Item = &Violation> {
    line.effects.iter().filter_map(|effect| match effect {
        Effect::Violated(violation) => Some(violation),
        Effect::Sent { .. } | Effect::Dropped { .. } | Effect::Said { .. } | Effect::Asked { .. } => None,
    })
}

/// Which handshake a line is about: that of its step, or the only one that something came of.
fn of_handshake(line: &Line) -> Option<HandshakeNumber> {
    let of_effects = line.effects.iter().filter_map(|effect| match effect {
        Effect::Sent { datagram, .. } => Some(datagram.handshake),
        Effect::Said { handshake, .. } => Some(*handshake),
        Effect::Asked { question } => Some(question.handshake),
        Effect::Dropped { .. } | Effect::Violated(_) => None,
    });
    let all: BTreeSet<HandshakeNumber> = of_effects.filter(|number| number.0 > 0).collect();
    let only = all.first().filter(|_| all.len() == 1).copied();
    line.about().filter(|number| number.0 > 0).or(only)
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// What stands in a file must not command the terminal.
pub(super) fn printable(text: &str) -> String {
    text.replace(|character: char| character.is_control() && character != '\n', "?")
}

/// Every moment.
const ALL: RangeInclusive<u64> = 0..=u64::MAX;
/// More steps than this nobody reads at once.
const STEPS_SHOWN: usize = 200;
/// As many fit on a line.
const NUMBERS_SHOWN: usize = 8;
/// The first matter most: others often follow from them.
const VIOLATIONS_SHOWN: usize = 5;

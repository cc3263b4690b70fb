//! Worlds in the hands of an adversary: there, time stands still while it acts.

use crate::diagram::Item;
use countersign_sim::{Arrow, Trace};

/// The same, with the steps of one moment a microsecond apart: so a diagram keeps their order.
pub(super) fn told_apart(mut trace: Trace) -> Trace {
    if is_still(&trace) {
        for (line, past) in trace.lines.iter_mut().zip(0_u64..) {
            line.at_us = line.at_us.saturating_add(past);
        }
    }
    trace
}

/// An arrow of such a trace. What arrived in the moment in which it was sent gets one row, not two.
pub(super) fn at_once(trace: &Trace, arrow: Arrow) -> Arrow {
    let moment = arrow.arrived_us.filter(|at| at.saturating_sub(arrow.sent_us) < MOMENT_US);
    let sent_us = moment.filter(|_| is_still(trace)).unwrap_or(arrow.sent_us);
    Arrow { sent_us, ..arrow }
}

/// What there is to draw of a long trace, told apart: its beginning and its end, and how much is left out.
pub(super) fn without_middle(trace: &Trace, items: Vec<Item>) -> Vec<Item> {
    let lines = &trace.lines;
    let last = lines.len().saturating_sub(END_LINES);
    let is_long = lines.len() > LONG_LINES;
    let (Some(from), Some(to)) = (lines.get(END_LINES).filter(|_| is_long), lines.get(last)) else { return items };
    let is_shown = |item: &Item| !(from.at_us..to.at_us).contains(&moment(item));
    let left_out = last.saturating_sub(END_LINES);
    let text = format!("… {left_out} more steps …");
    let note = Item::Note { at_us: from.at_us, host: trace.name(from.act.host()), text };
    items.into_iter().filter(is_shown).chain([note]).collect()
}

fn moment(item: &Item) -> u64 {
    match item {
        Item::Note { at_us, .. } => *at_us,
        Item::Arrow(arrow) => arrow.arrived_us.unwrap_or(arrow.sent_us),
    }
}

const fn is_still(trace: &Trace) -> bool {
    trace.header.scenario.adversary.is_some()
}

/// No timer is as short.
const MOMENT_US: u64 = 10_000;
/// A longer one does not fit on a screen.
const LONG_LINES: usize = 32;
/// What is shown of either end of such a one.
const END_LINES: usize = 8;

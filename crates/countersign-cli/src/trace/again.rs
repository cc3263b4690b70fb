//! `countersign trace replay` and `shrink`: traces run again.

use crate::args::{Replay, Shrink};
use crate::trace::{draw_shrunk, read, write};
use crate::{Failure, print};
use countersign::{Ablated, Defence, Whole};
use countersign_sim::{Line, Replay as Replayed, ShrinkError, Trace};

pub(super) fn replay(options: &Replay) -> Result<(), Failure> {
    let trace = read(&options.file)?;
    let off = off(&trace)?;
    let file = options.file.display();
    let replayed = if off.is_empty() { trace.replay(Whole) } else { trace.replay(Ablated::without(&off)) };
    if let Replayed::Differs { line, expected, got } = replayed {
        let [expected, got] = [expected, got].map(|line| line.as_deref().map_or_else(|| "nothing".to_owned(), shown));
        return Err(Failure::Usage(format!(
            "{file}, line {line}: the trace says {expected}, and this build does {got}; it was made by {}",
            trace.header.build
        )));
    }
    print(&format!("{file}: all {} steps do again what they did\n", trace.steps()))?;
    match trace.violation() {
        Some(_) => Err(Failure::Violated(format!("countersign trace replay {file}"))),
        None => Ok(()),
    }
}

pub(super) fn shrink(options: &Shrink) -> Result<(), Failure> {
    let trace = read(&options.file)?;
    let off = off(&trace)?;
    let shrunk = if off.is_empty() { trace.shrink(Whole) } else { trace.shrink(Ablated::without(&off)) };
    let file = options.file.display();
    let shrunk = shrunk.map_err(|error| match error {
        ShrinkError::NothingViolated => Failure::Nothing(format!("{file}: {error}")),
        ShrinkError::NotViolatedNow => Failure::Usage(format!("{file}: {error}")),
    })?;
    if let Some(out) = &options.out {
        write(out, &shrunk)?;
    }
    print(&format!("{}{} steps of {} are left\n", draw_shrunk(&shrunk), shrunk.steps(), trace.steps()))
}

/// The defences that were off.
fn off(trace: &Trace) -> Result<Vec<Defence>, Failure> {
    let names = trace.header.without.iter();
    names
        .map(|name| {
            let known = Defence::ALL.iter().find(|defence| defence.to_string() == *name).copied();
            known.ok_or_else(|| {
                Failure::Usage(format!("the trace was made without '{name}', which this build does not have"))
            })
        })
        .collect()
}

/// A line, as the trace has it.
fn shown(line: &Line) -> String {
    serde_json::to_string(line).unwrap_or_else(|_| format!("{line:?}"))
}

//! `countersign trace replay` and `shrink`: traces run again.

mod differs;

use crate::args::{Replay, Shrink};
use crate::report::words::{plain, quoted};
use crate::trace::show::{printable, told};
use crate::trace::{build, draw_shrunk, read, write};
use crate::{Failure, print};
use countersign::{Ablated, Defence, Whole};
use countersign_sim::{Replay as Replayed, ShrinkError, Trace};

pub(super) fn replay(options: &Replay) -> Result<(), Failure> {
    let trace = read(&options.file)?;
    let off = off(&trace)?;
    let (file, shown) = (quoted(&options.file.to_string_lossy()), options.file.display());
    if trace.steps() == 0 {
        return Err(Failure::Nothing(format!("{shown} has no step; record a world in which something happens")));
    }
    let replayed = if off.is_empty() { trace.replay(Whole) } else { trace.replay(Ablated::without(&off)) };
    if let Replayed::Differs { line, expected, got } = replayed {
        let what = differs::in_words(expected.as_deref(), got.as_deref());
        return Err(Failure::Usage(plain(&format!("{shown}, line {line}, {what}{}", made_by(&trace)))));
    }
    let done = format!("{shown}: all {} steps do again what they did\n", trace.steps());
    if trace.violation().is_none() {
        return print(&done);
    }
    let hint =
        format!("see it with `countersign trace show {file}`, shorten it with `countersign trace shrink {file}`\n");
    print(&format!("{done}{}{hint}", printable(&told(&trace))))?;
    Err(Failure::Violated(format!("countersign trace replay {file}")))
}

/// Another build may do other things.
fn made_by(trace: &Trace) -> String {
    if trace.header.build == build() {
        return String::new();
    }
    format!("; it was made by {}, and this is {}", trace.header.build, build())
}

pub(super) fn shrink(options: &Shrink) -> Result<(), Failure> {
    let trace = read(&options.file)?;
    let off = off(&trace)?;
    let shrunk = if off.is_empty() { trace.shrink(Whole) } else { trace.shrink(Ablated::without(&off)) };
    let file = options.file.display();
    let shrunk = shrunk.map_err(|error| match error {
        ShrinkError::NothingViolated => Failure::Nothing(format!("{file}: {error}")),
        ShrinkError::NotViolatedNow | ShrinkError::OnlyInTheWhole => Failure::Usage(format!("{file}: {error}")),
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
                let name = plain(name);
                Failure::Usage(format!("the trace was made without '{name}', which this build does not have"))
            })
        })
        .collect()
}

//! `countersign trace`: what a simulation wrote down step by step.

mod again;
mod show;

pub(crate) use show::{draw, draw_shrunk};

use crate::args::TraceCommand;
use crate::{Failure, report};
use countersign_sim::Trace;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

pub(crate) fn run(command: &TraceCommand) -> Result<(), Failure> {
    match command {
        TraceCommand::Show(options) => show::run(options),
        TraceCommand::Replay(options) => again::replay(options),
        TraceCommand::Shrink(options) => again::shrink(options),
    }
}

/// What makes traces: another build may do other things.
pub(crate) fn build() -> String {
    format!("countersign {} ({})", env!("CARGO_PKG_VERSION"), env!("COUNTERSIGN_COMPILER"))
}

fn read(path: &Path) -> Result<Trace, Failure> {
    let shown = path.display().to_string();
    let file = File::open(path).map_err(|error| {
        Failure::Usage(format!("cannot open {shown}: {error}; give a trace that a simulation wrote"))
    })?;
    Trace::read(&shown, BufReader::new(file)).map_err(|error| {
        let is_report = error.line == 1 && fs::read_to_string(path).is_ok_and(|text| report::is_one(&text));
        let hint = "it is a report; a trace is what countersign simulate --trace FILE writes";
        Failure::Usage(if is_report { format!("{shown}: {hint}") } else { error.to_string() })
    })
}

pub(crate) fn write(path: &Path, trace: &Trace) -> Result<(), Failure> {
    let written = File::create(path).map(BufWriter::new).and_then(|mut file| {
        trace.write(&mut file)?;
        file.flush()
    });
    written.map_err(|error| {
        Failure::Usage(format!("cannot write {}: {error}; name a file that can be written", path.display()))
    })
}

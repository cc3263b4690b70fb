//! `countersign attack`: the catalogue, played.

mod document;
mod explain;
mod list;
mod matrix;
mod played;
mod run;
mod search;
mod table;
mod words;

use crate::args::AttackCommand;
use crate::{Failure, print};

pub(crate) fn run(command: &AttackCommand) -> Result<(), Failure> {
    match command {
        AttackCommand::List(options) => list::run(*options),
        AttackCommand::Run(options) => run::run(options),
        AttackCommand::Explain(options) => print(&explain::text(options.name)),
        AttackCommand::Search(options) => search::run(options),
        AttackCommand::Table => print(&table::markdown()),
    }
}

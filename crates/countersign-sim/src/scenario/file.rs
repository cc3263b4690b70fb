//! Reads a scenario from TOML. The format is described in `scenarios/README.md`.

use super::error::{ScenarioError, Source};
use super::table::{Entry, Table};
use super::{Population, Scenario, exercises, hosts, network};
use toml::de::DeTable;

impl Scenario {
    /// Reads one. `file` is what the text is called in errors.
    ///
    /// # Errors
    /// [`ScenarioError`]: the first thing in it that makes no sense.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScenarioError> {
        let source = Source { file, text };
        let parsed = DeTable::parse(text).map_err(|error| source.syntax(&error))?;
        let top = Table::top(source, parsed.get_ref())?;
        let mut scenario = Self {
            name: name(&top.need("name", "\"lte\"")?)?,
            about: about(&top.need("about", "\"A phone on a cellular network.\"")?)?,
            sources: sources(&top.need("source", "[\"chosen: ...\"]")?)?,
            ..Self::default()
        };
        top.set(&mut scenario.swarm, "swarm", "true", Entry::flag)?;
        if let Some(table) = top.table("population", "[population]")? {
            population(&table, &mut scenario.population)?;
        }
        network::read(&top, &mut scenario)?;
        hosts::read(&top, &mut scenario)?;
        // Last, as it depends on all else.
        if let Some(entry) = top.get("exercises", "[\"A1\", \"lost\"]") {
            scenario.exercises = exercises::read(&entry, &scenario)?;
        }
        Ok(scenario)
    }
}

fn name(entry: &Entry<'_>) -> Result<String, ScenarioError> {
    let name = entry.text()?;
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Err(entry.fail("a name has small letters, digits and hyphens only"));
    }
    Ok(name.to_owned())
}

fn about(entry: &Entry<'_>) -> Result<String, ScenarioError> {
    let about = entry.text()?;
    if about.chars().any(char::is_control) {
        return Err(entry.fail("it is one line"));
    }
    Ok(about.to_owned())
}

/// One text, or several.
fn sources(entry: &Entry<'_>) -> Result<Vec<String>, ScenarioError> {
    if !entry.is_list() {
        return Ok(vec![entry.text()?.to_owned()]);
    }
    let items = entry.items()?;
    if items.is_empty() {
        return Err(entry.fail("it names at least one, and be it that the figures are chosen"));
    }
    items.iter().map(|item| item.text().map(str::to_owned)).collect()
}

fn population(table: &Table<'_>, population: &mut Population) -> Result<(), ScenarioError> {
    table.set(&mut population.clients, "clients", "256", |entry| entry.count(1..=CLIENTS_MAX))?;
    table.set(&mut population.servers, "servers", "8", |entry| entry.count(1..=SERVERS_MAX))
}

// Each pair of a client and a server has links of its own, and each client a key pair.
const CLIENTS_MAX: u16 = 4_000;
const SERVERS_MAX: u16 = 250;

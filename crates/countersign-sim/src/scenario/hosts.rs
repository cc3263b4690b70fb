//! The hosts of a scenario file: clocks, restarts, clones, stores, limits, and the noise around them.

use super::error::ScenarioError;
use super::table::{Entry, Table};
use super::{AfterRestart, Clocks, Cloned, Clones, Noise, Restarts, Scenario, StoreAfter, Stores, StoresOfClones};
use countersign_endpoint::{Limits, LimitsError};

pub(super) fn read(top: &Table<'_>, scenario: &mut Scenario) -> Result<(), ScenarioError> {
    if let Some(table) = top.table("clocks", "[clocks]")? {
        if let Some(table) = table.table("clients", "[clocks.clients]")? {
            clocks(&table, &mut scenario.client_clocks)?;
            table.set(&mut scenario.client_clocks.none, "none", "\"10 %\"", Entry::share)?;
        }
        if let Some(table) = table.table("servers", "[clocks.servers]")? {
            clocks(&table, &mut scenario.server_clocks)?;
        }
    }
    if let Some(table) = top.table("restarts", "[restarts]")? {
        let clients = table.table("clients", "[restarts.clients]")?;
        scenario.client_restarts = clients.map(|table| restarts(&table)).transpose()?;
        let servers = table.table("servers", "[restarts.servers]")?;
        scenario.server_restarts = servers.map(|table| restarts(&table)).transpose()?;
    }
    if let Some(table) = top.table("clones", "[clones]")? {
        scenario.clones = Some(clones(&table, scenario)?);
    }
    if let Some(table) = top.table("stores", "[stores]")? {
        let Stores { failures, latency } = &mut scenario.stores;
        table.set(failures, "failures", "\"0.2 %\"", Entry::share)?;
        table.set(latency, "latency", "\"2 ms\"", Entry::duration)?;
    }
    if let Some(table) = top.table("noise", "[noise]")? {
        noise(&table, &mut scenario.noise)?;
    }
    if let Some(table) = top.table("limits", "[limits]")? {
        limits(&table, &mut scenario.limits)?;
    }
    Ok(())
}

fn clocks(table: &Table<'_>, clocks: &mut Clocks) -> Result<(), ScenarioError> {
    table.set(&mut clocks.offset, "offset", "\"30 s\"", Entry::duration)?;
    table.set(&mut clocks.drift_ppm, "drift_ppm", "100", |entry| entry.count(0..=DRIFT_PPM_MAX))?;
    table.set(&mut clocks.step_every, "step_every", "\"5 min\"", |entry| entry.duration_from("10 ms"))?;
    table.set(&mut clocks.step, "step", "\"10 min\"", Entry::duration)?;
    if clocks.step_every.is_zero() != clocks.step.is_zero() {
        let what = "step and step_every go together: how far a clock steps, and how often";
        return Err(table.fail(&["step", "step_every"], what, "write both, or neither"));
    }
    Ok(())
}

/// A tenth: no clock that is worse is worth the name.
pub(super) const DRIFT_PPM_MAX: u32 = 100_000;

fn restarts(table: &Table<'_>) -> Result<Restarts, ScenarioError> {
    let every = table.need("every", "\"10 min\"")?.duration_from("10 ms")?;
    let entry = table.need("down", "\"5 s\"")?;
    let down = entry.duration()?;
    if down >= every {
        return Err(entry.fail_with("the host would hardly ever be up", "make it shorter than every"));
    }
    let mut restarts = Restarts {
        every,
        down,
        generator: AfterRestart::default(),
        clock: AfterRestart::default(),
        store: StoreAfter::default(),
    };
    let after = [("fresh", AfterRestart::Fresh), ("restored", AfterRestart::Restored)];
    table.set(&mut restarts.generator, "generator", "\"fresh\"", |entry| entry.word(&after))?;
    table.set(&mut restarts.clock, "clock", "\"fresh\"", |entry| entry.word(&after))?;
    let stores = [("kept", StoreAfter::Kept), ("older", StoreAfter::Older), ("lost", StoreAfter::Lost)];
    table.set(&mut restarts.store, "store", "\"kept\"", |entry| entry.word(&stores))?;
    Ok(restarts)
}

fn clones(table: &Table<'_>, scenario: &Scenario) -> Result<Clones, ScenarioError> {
    let kinds = [("responders", Cloned::Responders), ("initiators", Cloned::Initiators)];
    let of = table.need("of", "\"responders\"")?.word(&kinds)?;
    let entry = table.need("machines", "1")?;
    let machines = entry.count(1..=u16::MAX)?;
    let (there, which) = match of {
        Cloned::Responders => (scenario.population.servers, "servers"),
        Cloned::Initiators => (scenario.population.clients, "clients"),
    };
    if machines > there {
        let why = format!("there are only {there} {which} to clone");
        return Err(entry.fail_with(why, format!("clone fewer, or raise {which} in [population]")));
    }
    let mut stores = StoresOfClones::default();
    if let Some(entry) = table.get("stores", "\"shared\"") {
        if of == Cloned::Initiators {
            return Err(entry.fail_with("only responders have such stores", "take it out"));
        }
        stores = entry.word(&[("shared", StoresOfClones::Shared), ("own", StoresOfClones::Own)])?;
    }
    Ok(Clones { of, machines, stores })
}

fn noise(table: &Table<'_>, noise: &mut Noise) -> Result<(), ScenarioError> {
    table.set(&mut noise.junk_every, "junk_every", "\"40 ms\"", |entry| entry.duration_from("1 ms"))?;
    table.set(&mut noise.mutated, "mutated", "\"5 %\"", Entry::share)?;
    table.set(&mut noise.replayed, "replayed", "\"1 %\"", Entry::share)?;
    table.set(&mut noise.replay_within, "replay_within", "\"60 s\"", Entry::duration)?;
    table.set(&mut noise.strangers_every, "strangers_every", "\"2 s\"", |entry| entry.duration_from("1 ms"))?;
    if (noise.replayed == 0) != noise.replay_within.is_zero() {
        let what = "replayed and replay_within go together: how much is replayed, and how long after at most";
        return Err(table.fail(&["replayed", "replay_within"], what, "write both, or neither"));
    }
    Ok(())
}

fn limits(table: &Table<'_>, limits: &mut Limits) -> Result<(), ScenarioError> {
    table.set(&mut limits.deadline, "deadline", "\"60 s\"", Entry::duration)?;
    table.set(&mut limits.retransmit_first, "retransmit_first", "\"1 s\"", Entry::duration)?;
    table.set(&mut limits.retransmit_max, "retransmit_max", "\"4 s\"", Entry::duration)?;
    table.set(&mut limits.retries_per_expiry, "retries_per_expiry", "2", |entry| entry.count(1..=COUNT_MAX))?;
    table.set(&mut limits.challenge_burst, "challenge_burst", "16", |entry| entry.count(0..=COUNT_MAX))?;
    table.set(&mut limits.challenges_per_second, "challenges_per_second", "8", |entry| entry.count(0..=u32::MAX))?;
    table.set(&mut limits.half_open_lifetime, "half_open_lifetime", "\"120 s\"", Entry::duration)?;
    table.set(&mut limits.half_open_before_cookies, "half_open_before_cookies", "32", |entry| {
        entry.count(0..=COUNT_MAX).map(entries)
    })?;
    table.set(&mut limits.entries_max, "entries_max", "65536", |entry| entry.count(1..=COUNT_MAX).map(entries))?;
    table.set(&mut limits.confirm_grace, "confirm_grace", "\"60 s\"", Entry::duration)?;
    table.set(&mut limits.queue_max, "queue_max", "64", |entry| entry.count(0..=COUNT_MAX).map(entries))?;
    limits.check().map_err(|error| {
        let keys: &[&str] = match error {
            LimitsError::Deadline(_) => &["deadline"],
            LimitsError::Retransmission => &["retransmit_first", "retransmit_max"],
            LimitsError::HalfOpenLifetime(_) => &["half_open_lifetime", "confirm_grace"],
            LimitsError::Challenges => &["challenge_burst", "challenges_per_second"],
        };
        let remedy = format!("change {}, or leave it out: the default is allowed", keys.join(" or "));
        table.fail(keys, format!("{} makes no sense: {error}", keys.join(" with ")), remedy)
    })
}

/// More than any world fills.
pub(super) const COUNT_MAX: u32 = 1_000_000;

fn entries(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

//! What to run: a scenario, and what flags change of it.

use crate::Failure;
use crate::args::{LinkFlags, PerMillion, Simulate};
use crate::report::words::quoted;
use core::time::Duration;
use countersign::Backend;
use countersign_sim::{Burst, Delay, LinkProfile, RunOf, Scenario};
use std::fs;
use std::path::Path;

/// The scenarios that come with the program.
pub(crate) fn list() -> String {
    let scenarios = Scenario::shipped();
    let width = scenarios.iter().map(|scenario| scenario.name.len()).max().unwrap_or(0);
    scenarios.iter().map(|scenario| format!("{:<width$}  {}\n", scenario.name, scenario.about)).collect()
}

/// The run that was asked for.
pub(crate) fn run(options: &Simulate) -> Result<RunOf, Failure> {
    let mut scenario = scenario(&options.scenario)?;
    for link in [&mut scenario.up, &mut scenario.down] {
        override_link(link, &options.link);
    }
    let mut run = RunOf::new(scenario, options.seed, options.handshakes);
    if let Some(worlds) = options.worlds {
        run.worlds = worlds;
    }
    run.backend = options.backend.choose(Backend::fast()).map_err(Failure::Usage)?;
    run.overridden = options.link.given();
    run.without = options.without.iter().map(ToString::to_string).collect();
    Ok(run)
}

fn scenario(name: &str) -> Result<Scenario, Failure> {
    if let Some(scenario) = Scenario::named(name) {
        return Ok(scenario);
    }
    let file = Path::new(name);
    if !file.exists() {
        let what = format!("there is no scenario '{name}', and no such file; see countersign simulate --list");
        return Err(Failure::Usage(what));
    }
    let text = fs::read_to_string(file)
        .map_err(|error| Failure::Usage(format!("cannot read {name}: {error}; give a scenario file")))?;
    Scenario::parse(name, &text).map_err(|error| Failure::Usage(error.to_string()))
}

fn override_link(link: &mut LinkProfile, flags: &LinkFlags) {
    let shares = [
        (&mut link.loss, flags.loss),
        (&mut link.duplicate, flags.duplicate),
        (&mut link.corrupt, flags.corrupt),
        (&mut link.overtake, flags.overtake),
    ];
    for (share, flag) in shares {
        *share = flag.map_or(*share, |PerMillion(millionths)| millionths);
    }
    link.mtu = flags.mtu.unwrap_or(link.mtu);
    if flags.burst_loss.is_some() || flags.burst_mean.is_some() {
        let usual = Burst { share: 100_000, mean: Duration::from_secs(1), loss: 1_000_000 };
        let mut burst = link.burst.unwrap_or(usual);
        burst.share = flags.burst_loss.map_or(burst.share, |PerMillion(millionths)| millionths);
        burst.mean = flags.burst_mean.map_or(burst.mean, |ms| Duration::from_millis(ms.into()));
        link.burst = (burst.share > 0).then_some(burst);
    }
    if flags.delay_min.is_some() || flags.delay.is_some() {
        let millis = |ms: u32| Duration::from_millis(ms.into());
        let min = flags.delay_min.map_or_else(|| link.delay.min(), millis);
        let more = flags.delay.map_or_else(|| Duration::from_millis(100), millis);
        link.delay = Delay::Uniform { min, max: min.saturating_add(more) };
    }
}

/// The command that repeats a run.
pub(crate) fn repeat(options: &Simulate) -> String {
    let Simulate { scenario, handshakes, seed, worlds, shard, without, link, explain, backend, .. } = options;
    let worlds = worlds.map_or_else(String::new, |worlds| format!(" --worlds {worlds}"));
    let shard = shard.map_or_else(String::new, |shard| format!(" --shard {}/{} --json", shard.0.part, shard.0.of));
    let without: String = without.iter().map(|defence| format!(" --without {defence}")).collect();
    let explain = if *explain { " --explain" } else { "" };
    let (scenario, link, backend) = (quoted(scenario), link.written(), backend.written());
    format!(
        "countersign simulate --scenario {scenario} --seed {seed} --handshakes {handshakes}{worlds}{shard}{link}{without}{explain}{backend}"
    )
}

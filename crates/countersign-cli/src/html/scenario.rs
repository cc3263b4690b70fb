//! A scenario in words.

use crate::report::words::{duration, percent};
use core::time::Duration;
use countersign_sim::{
    AfterRestart, Clocks, Cloned, Cuts, Delay, LinkProfile, Partition, Restarts, Scenario, StoreAfter, StoresOfClones,
};

/// The figures of the two ways, one below the other: what, from clients to servers, back.
pub(crate) fn links(scenario: &Scenario) -> Vec<[String; 3]> {
    let row = |what: &str, of: fn(&LinkProfile) -> String| [what.to_owned(), of(&scenario.up), of(&scenario.down)];
    vec![
        row("delay", |link| delay(&link.delay)),
        row("lost, each on its own", |link| share(link.loss)),
        row("lost in bursts", |link| {
            link.burst.map_or_else(
                || "none".to_owned(),
                |burst| {
                    let (share, mean, loss) = (percent(burst.share), duration(burst.mean), percent(burst.loss));
                    format!("{loss} are lost in bad times, which last {mean} in the mean and are {share} of all time")
                },
            )
        }),
        row("doubled", |link| share(link.duplicate)),
        row("one bit changed", |link| share(link.corrupt)),
        row("free to overtake", |link| share(link.overtake)),
        row("largest datagram", |link| format!("{} bytes", link.mtu)),
    ]
}

fn delay(delay: &Delay) -> String {
    match delay {
        Delay::Uniform { min, max } => format!("{} to {}, all alike", duration(*min), duration(*max)),
        Delay::Exponential { min, mean } => {
            format!("{} and, exponentially distributed, {} more in the mean", duration(*min), duration(*mean))
        }
        Delay::Quantiles(points) => {
            let points = points.iter().map(|(share, at)| {
                let at = duration(Duration::from_micros(*at));
                match share {
                    0 => format!("never below {at}"),
                    1_000_000 => format!("never above {at}"),
                    share => format!("{} within {at}", percent(*share)),
                }
            });
            points.collect::<Vec<_>>().join("; ")
        }
    }
}

/// Everything else: what, and how it is.
pub(crate) fn facts(scenario: &Scenario) -> Vec<(&'static str, String)> {
    let Scenario { population, rebinding, stores, noise, limits, .. } = scenario;
    let mut facts = vec![
        ("hosts", format!("{} clients, {} servers", population.clients, population.servers)),
        ("partitions", join(scenario.partitions.iter().map(partition))),
        (
            "changes of address",
            format!(
                "before messages of handshakes: {}; before records: {}",
                share(rebinding.handshake),
                share(rebinding.session)
            ),
        ),
        ("clients' clocks", clocks(&scenario.client_clocks)),
        ("servers' clocks", clocks(&scenario.server_clocks)),
        ("crashes of clients", join(scenario.client_restarts.iter().map(restarts))),
        ("crashes of servers", join(scenario.server_restarts.iter().map(restarts))),
        (
            "machines there twice",
            join(scenario.clones.iter().map(|clones| {
                let of = match clones.of {
                    Cloned::Responders => "servers",
                    Cloned::Initiators => "devices",
                };
                let stores = match clones.stores {
                    StoresOfClones::Shared => "with one store",
                    StoresOfClones::Own => "each with its own store",
                };
                format!("{} {of}, {stores}", clones.machines)
            })),
        ),
        ("stores", format!("answer within {}; fail to answer: {}", duration(stores.latency), share(stores.failures))),
        ("junk", pause("a piece", noise.junk_every)),
        ("strangers", pause("a Hello of one who says no more", noise.strangers_every)),
        ("forged copies", format!("{} of the honest datagrams, with one bit changed", share(noise.mutated))),
        (
            "replays",
            format!("{} of the honest datagrams, within {}", share(noise.replayed), duration(noise.replay_within)),
        ),
        (
            "timers",
            format!(
                "repeats after {} to {}; deadline {}; half-open entries kept {}",
                duration(limits.retransmit_first),
                duration(limits.retransmit_max),
                duration(limits.deadline),
                duration(limits.half_open_lifetime)
            ),
        ),
        (
            "limits",
            format!(
                "cookies above {} half-open entries; {} entries in all; {} Challenges checked at once, {} a second after that; {} handshakes may wait for one responder",
                limits.half_open_before_cookies,
                limits.entries_max,
                limits.challenge_burst,
                limits.challenges_per_second,
                limits.queue_max
            ),
        ),
    ];
    if scenario.swarm {
        facts.push(("swarm", "each world draws which of these faults are on, and how strongly".to_owned()));
    }
    facts
}

fn partition(partition: &Partition) -> String {
    let way = match partition.cuts {
        Cuts::Both => "both ways",
        Cuts::Up => "towards servers",
        Cuts::Down => "towards clients",
    };
    let Partition { every, lasts, clients, .. } = partition;
    format!(
        "every {}, {} of the clients are cut off for {}, {way}",
        duration(*every),
        percent(*clients),
        duration(*lasts)
    )
}

fn clocks(clocks: &Clocks) -> String {
    let Clocks { offset, drift_ppm, step_every, step, none } = clocks;
    let mut said = vec![format!("wrong by up to {}", duration(*offset))];
    if *drift_ppm > 0 {
        said.push(format!("drift by up to {drift_ppm} µs a second"));
    }
    if !step_every.is_zero() {
        said.push(format!("step by up to {}, each every {} in the mean", duration(*step), duration(*step_every)));
    }
    if *none > 0 {
        said.push(format!("{} have none", percent(*none)));
    }
    said.join("; ")
}

fn restarts(restarts: &Restarts) -> String {
    let after = |after| match after {
        AfterRestart::Fresh => "as it should be",
        AfterRestart::Restored => "as at the first start",
    };
    let store = match restarts.store {
        StoreAfter::Kept => "kept",
        StoreAfter::Older => "that of the restart before",
        StoreAfter::Lost => "lost",
    };
    format!(
        "each every {} in the mean, down for {}; then the generator is {}, the clock {}, the store {store}",
        duration(restarts.every),
        duration(restarts.down),
        after(restarts.generator),
        after(restarts.clock)
    )
}

fn share(per_million: u32) -> String {
    if per_million == 0 { "none".to_owned() } else { percent(per_million) }
}

fn pause(what: &str, every: Duration) -> String {
    if every.is_zero() { "none".to_owned() } else { format!("{what} every {}", duration(every)) }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join("; ") }
}

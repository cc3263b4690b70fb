//! The network of a scenario file: links, partitions and rebinding.

use super::error::ScenarioError;
use super::table::{Entry, Table};
use super::units::MILLIONTHS;
use super::{Cuts, Partition, Rebinding, Scenario};
use crate::link::{Burst, Delay, LinkProfile};

pub(super) fn read(top: &Table<'_>, scenario: &mut Scenario) -> Result<(), ScenarioError> {
    if let Some(table) = top.table("link", "[link]")? {
        let mut both = LinkProfile::default();
        link(&table, &mut both)?;
        (scenario.up, scenario.down) = (both.clone(), both);
        if let Some(table) = table.table("up", "[link.up]")? {
            link(&table, &mut scenario.up)?;
        }
        if let Some(table) = table.table("down", "[link.down]")? {
            link(&table, &mut scenario.down)?;
        }
    }
    if let Some(entry) = top.get("partition", "[{ every = \"60 s\", lasts = \"10 s\", clients = \"30 %\" }]") {
        let tables = entry.items()?.into_iter().map(|item| item.table("[[partition]]"));
        scenario.partitions = tables.map(|table| partition(&table?)).collect::<Result<_, _>>()?;
    }
    if let Some(table) = top.table("rebinding", "[rebinding]")? {
        let Rebinding { handshake, session } = &mut scenario.rebinding;
        table.set(handshake, "handshake", "\"5 %\"", Entry::share)?;
        table.set(session, "session", "\"20 %\"", Entry::share)?;
    }
    Ok(())
}

fn link(table: &Table<'_>, link: &mut LinkProfile) -> Result<(), ScenarioError> {
    table.set(&mut link.loss, "loss", "\"5 %\"", Entry::share)?;
    table.set(&mut link.burst, "burst", "{ share = \"30 %\", mean = \"1 s\", loss = \"100 %\" }", burst)?;
    table.set(&mut link.duplicate, "duplicate", "\"1 %\"", Entry::share)?;
    table.set(&mut link.corrupt, "corrupt", "\"0.1 %\"", Entry::share)?;
    table.set(&mut link.overtake, "overtake", "\"100 %\"", Entry::share)?;
    table.set(&mut link.mtu, "mtu", "1200", |entry| entry.count(MTU_MIN..=u16::MAX))?;
    table.set(&mut link.delay, "delay", "{ min = \"10 ms\", max = \"110 ms\" }", delay)
}

/// A Hello has 224 bytes; below that, nothing could ever begin.
pub(super) const MTU_MIN: u16 = 300;

fn burst(entry: &Entry<'_>) -> Result<Option<Burst>, ScenarioError> {
    let table = entry.table("burst")?;
    let entry = table.need("share", "\"30 %\"")?;
    let share = entry.share()?;
    if share == 0 || share >= MILLIONTHS {
        return Err(entry.fail("the link is bad for a part of the time: more than \"0 %\", less than \"100 %\""));
    }
    let mean = table.need("mean", "\"1 s\"")?.duration_from("1 ms")?;
    let mut burst = Burst { share, mean, loss: MILLIONTHS };
    table.set(&mut burst.loss, "loss", "\"100 %\"", Entry::share)?;
    Ok(Some(burst))
}

fn delay(entry: &Entry<'_>) -> Result<Delay, ScenarioError> {
    if !entry.is_table() {
        let always = entry.duration()?;
        return Ok(Delay::Uniform { min: always, max: always });
    }
    let table = entry.table("delay")?;
    let given = |key| table.get(key, "").is_some();
    match [given("min"), given("max"), given("mean"), given("quantiles")] {
        [true, true, false, false] => {
            let min = table.need("min", "\"10 ms\"")?;
            let (shortest, longest) = (min.duration()?, table.need("max", "\"110 ms\"")?.duration()?);
            if shortest > longest {
                return Err(min.fail_with("it is longer than max", "swap the two"));
            }
            Ok(Delay::Uniform { min: shortest, max: longest })
        }
        [true, false, true, false] => {
            let min = table.need("min", "\"10 ms\"")?.duration()?;
            let mean = table.need("mean", "\"30 ms\"")?.duration()?;
            Ok(Delay::Exponential { min, mean })
        }
        [false, false, false, true] => quantiles(
            &table.need("quantiles", "[[\"0 %\", \"8 ms\"], [\"50 %\", \"20 ms\"], [\"100 %\", \"400 ms\"]]")?,
        ),
        _ => Err(entry.fail("it has min and max, or min and mean, or quantiles")),
    }
}

fn quantiles(entry: &Entry<'_>) -> Result<Delay, ScenarioError> {
    let mut points: Vec<(u32, u64)> = Vec::new();
    for item in entry.items()? {
        let pair = item.items().map_err(|_| entry.fail("each is a share and a duration, in brackets"))?;
        let [share, time] = pair.as_slice() else {
            return Err(item.fail("each is a share and a duration"));
        };
        let micros = u64::try_from(time.duration()?.as_micros()).unwrap_or(u64::MAX);
        let point = (share.share()?, micros);
        let (share_before, time_before) = points.last().copied().unzip();
        if share_before.is_some_and(|before| before >= point.0) {
            return Err(share.fail("the shares rise"));
        }
        if time_before.is_some_and(|before| before > micros) {
            return Err(time.fail("a greater share takes no shorter time"));
        }
        points.push(point);
    }
    let ends = (points.first().map(|point| point.0), points.last().map(|point| point.0));
    if ends != (Some(0), Some(MILLIONTHS)) {
        return Err(entry.fail("the first share is \"0 %\", the last \"100 %\""));
    }
    Ok(Delay::Quantiles(points))
}

fn partition(table: &Table<'_>) -> Result<Partition, ScenarioError> {
    let every = table.need("every", "\"60 s\"")?.duration_from("10 ms")?;
    let entry = table.need("lasts", "\"10 s\"")?;
    let lasts = entry.duration_from("1 ms")?;
    if lasts >= every {
        return Err(entry.fail_with("the partition would never heal", "make it shorter than every"));
    }
    let entry = table.need("clients", "\"30 %\"")?;
    let clients = entry.share()?;
    if clients == 0 {
        return Err(entry.fail("nobody would be cut off"));
    }
    let mut partition = Partition { every, lasts, clients, cuts: Cuts::Both };
    let words = [("both", Cuts::Both), ("up", Cuts::Up), ("down", Cuts::Down)];
    table.set(&mut partition.cuts, "cuts", "\"both\"", |entry| entry.word(&words))?;
    Ok(partition)
}

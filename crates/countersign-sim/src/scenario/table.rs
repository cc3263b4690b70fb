//! The tables of a scenario file and their entries: each says in which line it is, what is wrong with it, and the remedy.

use super::error::{ScenarioError, Source, listed, nearest};
use super::units;
use core::ops::RangeInclusive;
use core::time::Duration;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Every table of the format, with its keys.
const FORMAT: &[(&str, &[&str])] = &[
    (
        TOP,
        &[
            "name",
            "about",
            "source",
            "exercises",
            "swarm",
            "population",
            "link",
            "partition",
            "rebinding",
            "clocks",
            "restarts",
            "clones",
            "stores",
            "noise",
            "limits",
        ],
    ),
    ("[population]", &["clients", "servers"]),
    ("[link]", &["loss", "burst", "duplicate", "corrupt", "overtake", "mtu", "delay", "up", "down"]),
    ("[link.up]", &["loss", "burst", "duplicate", "corrupt", "overtake", "mtu", "delay"]),
    ("[link.down]", &["loss", "burst", "duplicate", "corrupt", "overtake", "mtu", "delay"]),
    ("burst", &["share", "mean", "loss"]),
    ("delay", &["min", "max", "mean", "quantiles"]),
    ("[[partition]]", &["every", "lasts", "clients", "cuts"]),
    ("[rebinding]", &["handshake", "session"]),
    ("[clocks]", &["clients", "servers"]),
    ("[clocks.clients]", &["offset", "drift_ppm", "step_every", "step", "none"]),
    ("[clocks.servers]", &["offset", "drift_ppm", "step_every", "step"]),
    ("[restarts]", &["clients", "servers"]),
    ("[restarts.clients]", &["every", "down", "generator", "clock", "store"]),
    ("[restarts.servers]", &["every", "down", "generator", "clock", "store"]),
    ("[clones]", &["of", "machines", "stores"]),
    ("[stores]", &["failures", "latency"]),
    ("[noise]", &["junk_every", "mutated", "replayed", "replay_within", "strangers_every"]),
    (
        "[limits]",
        &[
            "deadline",
            "retransmit_first",
            "retransmit_max",
            "retries_per_expiry",
            "challenge_burst",
            "challenges_per_second",
            "half_open_lifetime",
            "half_open_before_cookies",
            "entries_max",
            "confirm_grace",
            "queue_max",
        ],
    ),
];

const TOP: &str = "the top of the file";

/// A table of which every key is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'t> {
    source: Source<'t>,
    name: &'static str,
    at: usize,
    items: &'t DeTable<'t>,
}

impl<'t> Table<'t> {
    /// The whole file.
    pub(super) fn top(source: Source<'t>, items: &'t DeTable<'t>) -> Result<Self, ScenarioError> {
        Self { source, name: TOP, at: 0, items }.without_unknown_keys()
    }

    fn without_unknown_keys(self) -> Result<Self, ScenarioError> {
        let known = known(self.name);
        let unknown = self.items.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
        let Some(first) = unknown.min_by_key(|key| key.span().start) else { return Ok(self) };
        let key = first.get_ref().as_ref();
        let what = format!("{} is not a key of {}, which has {}", key.escape_debug(), self.name, listed(known));
        let elsewhere = FORMAT.iter().find(|(_, keys)| keys.contains(&key));
        let remedy = match (nearest(key, known.iter().copied()), elsewhere) {
            (Some(meant), _) => format!("did you mean {meant}?"),
            (None, Some((table, _))) => format!("it belongs to {table}: write it there, or take it out"),
            (None, None) => "take it out".to_owned(),
        };
        Err(self.source.error(first.span().start, what, remedy))
    }

    /// The entry of this key, if there is one.
    pub(super) fn get(&self, key: &'static str, example: &'static str) -> Option<Entry<'t>> {
        debug_assert!(known(self.name).contains(&key), "the format lists {key} among the keys of {}", self.name);
        self.items.get(key).map(|value| Entry::new(self.source, key, example, value))
    }

    /// The entry of a key that must be there.
    pub(super) fn need(&self, key: &'static str, example: &'static str) -> Result<Entry<'t>, ScenarioError> {
        self.get(key, example).ok_or_else(|| {
            let what = format!("{key} is missing: {} must have it", self.name);
            self.source.error(self.at, what, format!("add for example {key} = {example}"))
        })
    }

    /// Sets a field to the entry of this key, if there is one.
    pub(super) fn set<T>(
        &self,
        field: &mut T,
        key: &'static str,
        example: &'static str,
        read: impl FnOnce(&Entry<'t>) -> Result<T, ScenarioError>,
    ) -> Result<(), ScenarioError> {
        if let Some(entry) = self.get(key, example) {
            *field = read(&entry)?;
        }
        Ok(())
    }

    /// The table of this key, if there is one.
    pub(super) fn table(&self, key: &'static str, name: &'static str) -> Result<Option<Self>, ScenarioError> {
        self.get(key, "").map(|entry| entry.table(name)).transpose()
    }

    /// The table as a whole makes no sense; the line is that of the first of these keys that is there.
    pub(super) fn fail(&self, keys: &[&str], what: impl Into<String>, remedy: impl Into<String>) -> ScenarioError {
        let at = keys.iter().find_map(|key| self.items.get(*key)).map_or(self.at, |value| value.span().start);
        self.source.error(at, what, remedy)
    }
}

/// A key and its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'t> {
    source: Source<'t>,
    key: &'static str,
    /// A value that makes sense, as it would be written.
    example: &'static str,
    at: usize,
    value: &'t DeValue<'t>,
}

impl<'t> Entry<'t> {
    fn new(source: Source<'t>, key: &'static str, example: &'static str, value: &'t Spanned<DeValue<'t>>) -> Self {
        Self { source, key, example, at: value.span().start, value: value.get_ref() }
    }

    /// The value makes no sense.
    pub(super) fn fail(&self, why: impl core::fmt::Display) -> ScenarioError {
        let (key, example) = (self.key, self.example);
        let remedy = if example.is_empty() {
            format!("write its keys under [{key}]")
        } else {
            format!("write for example {key} = {example}")
        };
        self.fail_with(why, remedy)
    }

    /// The value makes no sense, and this is the remedy.
    pub(super) fn fail_with(&self, why: impl core::fmt::Display, remedy: impl Into<String>) -> ScenarioError {
        let what = format!("{} is {}: {why}", self.key, self.shown());
        self.source.error(self.at, what, remedy)
    }

    /// The value in a few words, in one line.
    fn shown(&self) -> String {
        match self.value {
            DeValue::String(text) if text.chars().count() <= SHOWN_MAX => format!("{text:?}"),
            DeValue::String(text) => format!("{:?}...", text.chars().take(SHOWN_MAX).collect::<String>()),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.to_string(),
            DeValue::Boolean(flag) => flag.to_string(),
            DeValue::Datetime(date) => date.to_string(),
            DeValue::Array(items) => format!("a list of {}", items.len()),
            DeValue::Table(_) => "a table".to_owned(),
        }
    }

    pub(super) fn text(&self) -> Result<&'t str, ScenarioError> {
        let DeValue::String(text) = self.value else { return Err(self.fail("it is a text, in quotes")) };
        if text.trim().is_empty() { Err(self.fail("it says nothing")) } else { Ok(text) }
    }

    pub(super) fn duration(&self) -> Result<Duration, ScenarioError> {
        let DeValue::String(text) = self.value else { return Err(self.fail("it is a duration, in quotes")) };
        units::duration(text).map_err(|why| self.fail(why))
    }

    /// A duration of at least so long: zero, or a world would never get on.
    pub(super) fn duration_from(&self, least: &str) -> Result<Duration, ScenarioError> {
        let duration = self.duration()?;
        if units::duration(least).is_ok_and(|least| duration < least) {
            return Err(self.fail(format_args!("it is at least \"{least}\"")));
        }
        Ok(duration)
    }

    /// In millionths.
    pub(super) fn share(&self) -> Result<u32, ScenarioError> {
        let DeValue::String(text) = self.value else { return Err(self.fail("it is a share, in quotes")) };
        units::share(text).map_err(|why| self.fail(why))
    }

    pub(super) fn count<T: TryFrom<u64> + Into<u64> + Copy>(
        &self,
        range: RangeInclusive<T>,
    ) -> Result<T, ScenarioError> {
        let DeValue::Integer(number) = self.value else {
            return Err(self.fail("it is a whole number, without quotes"));
        };
        let (least, most) = (*range.start(), *range.end());
        let (low, high): (u64, u64) = (least.into(), most.into());
        let number = u64::from_str_radix(number.as_str(), number.radix()).ok();
        let fitting = number.filter(|number| (low..=high).contains(number)).and_then(|number| T::try_from(number).ok());
        fitting.ok_or_else(|| self.fail(format_args!("it is between {low} and {high}")))
    }

    pub(super) fn flag(&self) -> Result<bool, ScenarioError> {
        let DeValue::Boolean(flag) = self.value else { return Err(self.fail("it is true or false, without quotes")) };
        Ok(*flag)
    }

    /// One of a few words, each of which means something.
    pub(super) fn word<T: Copy>(&self, words: &[(&'static str, T)]) -> Result<T, ScenarioError> {
        let DeValue::String(text) = self.value else { return Err(self.fail("it is a word, in quotes")) };
        let found = words.iter().find(|(word, _)| word == text);
        found.map(|(_, meant)| *meant).ok_or_else(|| {
            let quoted: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
            let why = format!("it is {}", listed(&quoted));
            match nearest(text, words.iter().map(|(word, _)| *word)) {
                Some(meant) => self.fail_with(why, format!("did you mean {} = {meant:?}?", self.key)),
                None => self.fail(why),
            }
        })
    }

    pub(super) fn items(&self) -> Result<Vec<Self>, ScenarioError> {
        let DeValue::Array(items) = self.value else { return Err(self.fail("it is a list, in [brackets]")) };
        Ok(items.iter().map(|item| Self::new(self.source, self.key, self.example, item)).collect())
    }

    pub(super) fn table(&self, name: &'static str) -> Result<Table<'t>, ScenarioError> {
        let DeValue::Table(items) = self.value else { return Err(self.fail("it is a table")) };
        Table { source: self.source, name, at: self.at, items }.without_unknown_keys()
    }

    pub(super) const fn is_list(&self) -> bool {
        matches!(self.value, DeValue::Array(_))
    }

    pub(super) const fn is_table(&self) -> bool {
        matches!(self.value, DeValue::Table(_))
    }
}

const SHOWN_MAX: usize = 60;

fn known(table: &str) -> &'static [&'static str] {
    FORMAT.iter().find(|(name, _)| *name == table).map(|(_, keys)| *keys).expect("the format lists every table")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scenario;
    use std::collections::BTreeSet;

    /// Every key of the format, one a line.
    const WHOLE: &str = r#"
name = "whole"
about = "Everything at once."
source = ["chosen"]
exercises = ["A1"]
swarm = true

[population]
clients = 256
servers = 8

[link]
loss = "1 %"
duplicate = "1 %"
corrupt = "0.1 %"
overtake = "100 %"
mtu = 1280
[link.burst]
share = "30 %"
mean = "1 s"
loss = "100 %"
[link.delay]
min = "10 ms"
max = "110 ms"
[link.up.delay]
min = "10 ms"
mean = "30 ms"
[link.down.delay]
quantiles = [["0 %", "8 ms"], ["50 %", "20 ms"], ["100 %", "400 ms"]]

[[partition]]
every = "60 s"
lasts = "10 s"
clients = "30 %"
cuts = "both"

[rebinding]
handshake = "5 %"
session = "20 %"

[clocks.clients]
offset = "30 s"
drift_ppm = 100
step_every = "5 min"
step = "10 min"
none = "10 %"
[clocks.servers]
offset = "30 s"
drift_ppm = 100
step_every = "5 min"
step = "10 min"

[restarts.clients]
every = "10 min"
down = "5 s"
generator = "fresh"
clock = "restored"
store = "older"
[restarts.servers]
every = "10 min"
down = "5 s"
generator = "restored"
clock = "fresh"
store = "lost"

[clones]
of = "responders"
machines = 1
stores = "own"

[stores]
failures = "0.2 %"
latency = "2 ms"

[noise]
junk_every = "40 ms"
mutated = "5 %"
replayed = "1 %"
replay_within = "60 s"
strangers_every = "2 s"

[limits]
deadline = "30 s"
retransmit_first = "500 ms"
retransmit_max = "2 s"
retries_per_expiry = 2
challenge_burst = 16
challenges_per_second = 8
half_open_lifetime = "100 s"
half_open_before_cookies = 32
entries_max = 4096
confirm_grace = "40 s"
queue_max = 64
"#;

    fn words(text: &str) -> BTreeSet<&str> {
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect()
    }

    /// No key of the list is missing above, in the README, or in what is read: a value that fits nothing is always refused.
    #[test]
    fn every_key_of_the_format_is_read_and_described() {
        Scenario::parse("whole.toml", WHOLE).unwrap();
        let readme = include_str!("../../scenarios/README.md");
        for (table, keys) in FORMAT {
            for key in *keys {
                assert!(words(WHOLE).contains(key) && words(readme).contains(key), "{key} of {table}");
            }
        }
        let lines: Vec<&str> = WHOLE.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let Some((key, _)) = line.split_once(" = ") else { continue };
            let broken = format!("{key} = 1970-01-01");
            let text: Vec<&str> =
                lines.iter().enumerate().map(|(other, line)| if other == at { &broken } else { *line }).collect();
            let error = Scenario::parse("whole.toml", &text.join("\n")).expect_err(line);
            assert_eq!(error.line, at + 1, "{error}");
            assert!(error.what.starts_with(&format!("{key} is 1970-01-01: ")), "{error}");
        }
    }
}

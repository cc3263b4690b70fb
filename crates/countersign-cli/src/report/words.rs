//! Numbers and names as people read them.

use crate::args::PerMillion;
use core::time::Duration;
use countersign_sim::Report;
use schemars::JsonSchema;
use serde::Serialize;

/// Microseconds as seconds, to the millisecond.
pub(crate) fn seconds(micros: u64) -> String {
    format!("{}.{:03} s", micros / 1_000_000, micros / 1_000 % 1_000)
}

/// A duration in the unit that suits it, exactly.
pub(crate) fn duration(duration: Duration) -> String {
    const MICROS: [(u128, &str, usize); 3] = [(1_000_000, "s", 6), (1_000, "ms", 3), (1, "µs", 0)];
    let micros = duration.as_micros();
    if micros == 0 {
        return "0 s".to_owned();
    }
    let seconds = duration.as_secs();
    if micros.is_multiple_of(3_600_000_000) && seconds >= 7_200 {
        return format!("{} h", seconds / 3_600);
    }
    if micros.is_multiple_of(60_000_000) && seconds >= 120 {
        return format!("{} min", seconds / 60);
    }
    let (unit, name, digits) = MICROS.into_iter().find(|(unit, ..)| micros >= *unit).unwrap_or((1, "µs", 0));
    let whole = micros.checked_div(unit).unwrap_or(0);
    let rest = format!("{:0digits$}", micros.checked_rem(unit).unwrap_or(0));
    match rest.trim_end_matches('0') {
        "" => format!("{whole} {name}"),
        decimals => format!("{whole}.{decimals} {name}"),
    }
}

/// Millionths as a percentage.
pub(crate) fn percent(per_million: u32) -> String {
    format!("{} %", PerMillion(per_million))
}

/// A count with a comma before every three digits.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::with_capacity(digits.len().saturating_mul(2));
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && digits.len().saturating_sub(at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Text from a file, in one line and without what would control a terminal.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { char::REPLACEMENT_CHARACTER } else { char }).collect()
}

/// A word as a shell reads it.
pub(crate) fn quoted(word: &str) -> String {
    let is_safe = |char: char| char.is_ascii_alphanumeric() || "/._-+=:,@".contains(char);
    if !word.is_empty() && word.chars().all(is_safe) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Worlds in a row.
#[derive(Clone, Copy, Debug, Eq, JsonSchema, PartialEq, Serialize)]
pub(crate) struct Worlds {
    /// The first.
    pub(crate) from: u32,
    /// The last.
    pub(crate) to: u32,
}

/// The worlds of the run that a report does not cover.
pub(crate) fn gaps(report: &Report) -> Vec<Worlds> {
    let mut gaps = Vec::new();
    let mut next = 0_u32;
    // The gaps are walked rather than the worlds: a file may speak of billions.
    for world in report.worlds.keys().copied().chain([report.run.worlds]) {
        if let Some(to) = world.checked_sub(1).filter(|to| *to >= next) {
            gaps.push(Worlds { from: next, to });
        }
        next = world.saturating_add(1);
    }
    gaps
}

/// The same in words; the first few.
pub(crate) fn missing(report: &Report) -> String {
    const SHOWN: usize = 8;
    let gaps = gaps(report);
    let more = if gaps.len() > SHOWN { ", and more" } else { "" };
    let gaps = gaps.into_iter().take(SHOWN).map(|Worlds { from, to }| match from == to {
        true => from.to_string(),
        false => format!("{from} to {to}"),
    });
    format!("{}{more}", gaps.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    /// No digit is lost, and none is there for nothing.
    #[test]
    fn durations_are_exact_and_short() {
        let cases = [
            (0, "0 s"),
            (7, "7 µs"),
            (1_500, "1.5 ms"),
            (110_000, "110 ms"),
            (1_000_000, "1 s"),
            (90_000_000, "90 s"),
            (120_000_000, "2 min"),
            (121_000_001, "121.000001 s"),
            (7_200_000_000, "2 h"),
        ];
        for (micros, said) in cases {
            assert_eq!(duration(Duration::from_micros(micros)), said);
        }
    }

    /// Three digits at a time, from the right.
    #[test]
    fn counts_are_grouped_by_thousands() {
        let said = [0, 999, 1_000, 25_000, 1_234_567].map(grouped);
        assert_eq!(said, ["0", "999", "1,000", "25,000", "1,234,567"]);
    }

    /// Ranges, however many worlds there are.
    #[test]
    fn missing_worlds_are_told_in_ranges() {
        let mut report = sample::shard(0);
        let hash = report.worlds.remove(&0).unwrap();
        report.run.worlds = u32::MAX;
        report.worlds.extend([1, 2, 5].map(|world| (world, hash.clone())));
        assert_eq!(missing(&report), "0, 3 to 4, 6 to 4294967294");
        report.worlds.extend((10..40).map(|world| (world * 2, hash.clone())));
        assert!(missing(&report).ends_with(", and more"));
    }

    /// A command that is copied into a shell means the same file.
    #[test]
    fn names_of_files_are_quoted_for_a_shell() {
        assert_eq!(quoted("a/b-1.json"), "a/b-1.json");
        assert_eq!(quoted("a b's.json"), r"'a b'\''s.json'");
        assert_eq!(quoted("$(rm)"), "'$(rm)'");
    }
}

//! What was measured, for people: ratios first, then times with bars.

use super::Outcome;
use countersign_benches::Spread;
use std::fmt::Write;

const LEGEND: &str = "\
A ratio says how many times as long the first takes as the second: below 1 it is the quicker. p10, p90: one round in ten is
less, one in ten is more. A floor is what the primitives of a handshake cost, called directly and added up.
";

/// The most characters of a bar.
const BAR: f64 = 32.0;

pub(super) fn text(outcome: &Outcome) -> String {
    let (rounds, took) = (outcome.rounds, outcome.took.as_secs_f64());
    let mut text =
        format!("{rounds} rounds in {took:.1} s; both sides of a handshake together, in processor time.\n{LEGEND}\n");
    if !outcome.machine.optimised {
        text.insert_str(0, "This build is not optimised: use cargo run --release. The figures say nothing.\n\n");
    }
    let ratios: Vec<_> = outcome.ratios.iter().map(|ratio| format!("{} / {}", ratio.of, ratio.to)).collect();
    let names = outcome.contestants.iter().map(|(name, _)| name).chain(&ratios);
    let wide = names.map(|name| name.chars().count()).max().unwrap_or(0);
    let _ = writeln!(text, " {:<wide$}  median    p10    p90", "ratio");
    for (what, ratio) in ratios.iter().zip(&outcome.ratios) {
        let Spread { median, p10, p90, .. } = ratio.spread;
        let _ = writeln!(text, " {what:<wide$}  {median:>6.2} {p10:>6.2} {p90:>6.2}");
    }
    let _ = writeln!(text, "\n {:<wide$}      µs    p10    p90  least  per s", "contestant");
    let longest = outcome.contestants.last().map_or(1.0, |(_, spread)| spread.median);
    for (name, spread) in &outcome.contestants {
        let Spread { median, p10, p90, least } = spread;
        let bar = bar(median / longest);
        let _ = writeln!(
            text,
            " {:<wide$}  {median:>6.1} {p10:>6.1} {p90:>6.1} {least:>6.1} {:>6.0}  {bar}",
            name,
            1e6 / median
        );
    }
    text + &facts(outcome)
}

/// A bar of this part of the longest, to an eighth of a character.
fn bar(part: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "from 0 to 256")]
    let eighths = (part.clamp(0.0, 1.0) * BAR * 8.0) as usize;
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"].get(eighths % 8).copied().unwrap_or_default();
    "█".repeat(eighths / 8) + rest
}

fn facts(outcome: &Outcome) -> String {
    let machine = &outcome.machine;
    let libraries =
        machine.libraries.iter().map(|library| format!("{} {}", library.name, library.versions.join(" and ")));
    let libraries: Vec<String> = libraries.collect();
    let mut text = format!(
        "\nmachine      {}, {} threads, {} {}\n",
        machine.processor, machine.threads, machine.system, machine.architecture
    );
    let _ = writeln!(text, "versions     {}", machine.compiler);
    for line in libraries.chunks(4) {
        let _ = writeln!(text, "             {}", line.join(", "));
    }
    let _ = writeln!(text, "poly1305     {} code", machine.poly1305);
    text.push_str(if machine.peers {
        "peers        in this build: --features peers\n"
    } else {
        "peers        not in this build: cargo run --release --locked --features peers -- bench\n"
    });
    let _ = writeln!(text, "repeat with  {}", outcome.repeat);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twice as long is twice as long.
    #[test]
    fn a_bar_is_as_long_as_its_part() {
        assert_eq!(bar(1.0), "█".repeat(32));
        assert_eq!(bar(0.5), "█".repeat(16));
        assert_eq!(bar(1.5 / 32.0), "█▌");
        assert_eq!(bar(0.0), "");
    }
}

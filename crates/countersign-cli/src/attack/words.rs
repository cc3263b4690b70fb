//! What attacks, claims and defences are called, and how facts are set.

use crate::diagram::wrap;
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use countersign::Defence;
use countersign_sim::Claim;

/// A table without lines.
pub(super) fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(head);
    table.add_rows(rows);
    format!("{}\n", table.trim_fmt())
}

/// A label, and text beside it in as many lines as it takes.
pub(super) fn fact(label: &str, text: &str) -> String {
    let lines = wrap(text, WIDTH.saturating_sub(LABEL)).into_iter().enumerate();
    lines.map(|(at, line)| format!("{:<LABEL$}{line}\n", if at == 0 { label } else { "" })).collect()
}

/// A story in a line.
pub(super) fn first_sentence(story: &str) -> &str {
    story.split_inclusive(". ").next().unwrap_or(story).trim_end()
}

/// `A2, client authentication`.
pub(super) fn claim(claim: Claim) -> String {
    format!("{claim}, {}", claim.title())
}

/// `OwnKey (CS-RESP-12): A party does not authenticate to itself.`
pub(super) fn defence(defence: Defence) -> String {
    format!("{defence} ({}): {}", defence.requirement(), defence.about())
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(defences: &[Defence]) -> String {
    match defences {
        [] => "nothing".to_owned(),
        [one] => one.to_string(),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(ToString::to_string).collect();
            format!("{} and {last}", first.join(", "))
        }
    }
}

/// Where in `spec/` a requirement stands.
pub(super) fn file(requirement: &str) -> &'static str {
    let family = requirement.trim_start_matches("CS-").split('-').next().unwrap_or_default();
    match family {
        "WIRE" => "wire.md",
        "TRN" => "transcript.md",
        "KEY" | "BOX" | "SIG" | "HEDGE" => "keys.md",
        "INIT" => "initiator.md",
        "RESP" => "responder.md",
        "COOKIE" | "RETRY" | "AMP" => "cookies.md",
        "REF" => "refusals.md",
        "SESS" | "REC" | "EXP" => "sessions.md",
        _ => "implementation.md",
    }
}

/// As wide as a diagram.
const WIDTH: usize = 100;
const LABEL: usize = 13;

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_attacks::ATTACKS;
    use std::fs;
    use std::path::Path;

    /// Whoever opens the file that is named finds the requirement there.
    #[test]
    fn every_defence_is_to_be_read_of_where_it_is_said() {
        let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec");
        for defence in Defence::ALL {
            let text = fs::read_to_string(spec.join(file(defence.requirement()))).unwrap();
            assert!(text.contains(&format!("\n### {}\n", defence.requirement())), "{defence}");
            let sentence = defence.about();
            assert!(sentence.ends_with('.') && !sentence.starts_with(' '), "{sentence:?}");
        }
    }

    /// A row has room for it.
    #[test]
    fn the_first_sentence_of_a_story_is_whole() {
        assert_eq!(first_sentence("One. Two."), "One.");
        for attack in ATTACKS {
            let sentence = first_sentence(attack.story);
            assert!(sentence.ends_with('.') && sentence.len() > 20, "{}: {sentence:?}", attack.name);
        }
    }

    /// The label stands once, and all lines begin below each other.
    #[test]
    fn a_long_fact_is_set_in_lines() {
        let text = fact("story", &"word ".repeat(40));
        assert!(text.lines().count() > 1 && text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(
            text.starts_with("story        word")
                && text.lines().skip(1).all(|line| line.starts_with("             word"))
        );
    }
}

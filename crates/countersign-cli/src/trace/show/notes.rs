//! What happens at a host, in words.

use crate::diagram::Item;
use countersign_sim::{Act, Effect, HostId, Line, Loot, StoreFault, Trace};
use std::collections::BTreeMap;

/// The notes that a line of a trace makes: at the host that acts, at others that say something, and on violations.
pub(super) fn of(trace: &Trace, line: &Line) -> Vec<Item> {
    let acts = act(trace, line);
    let host = line.act.host();
    // What came of an arrival is told beside its arrow.
    let has_arrow =
        matches!(line.act, Act::Deliver { .. } | Act::Junk { .. } | Act::Stranger { .. } | Act::Forge { .. });
    let mut words: BTreeMap<HostId, Vec<String>> = BTreeMap::new();
    let begins = matches!(line.act, Act::Connect { .. });
    if let Some(acts) = acts {
        words.entry(host).or_default().push(acts);
    }
    for effect in line.effects.iter().filter(|_| !has_arrow) {
        let (host, text) = match effect {
            Effect::Said { what, .. } if begins && what == "begun" => continue,
            Effect::Said { host, what, .. } => (*host, what.clone()),
            Effect::Dropped { host, why } => (*host, format!("refused: {why}")),
            Effect::Asked { question } => (question.server, "asks its store".to_owned()),
            Effect::Sent { .. } | Effect::Violated(_) => continue,
        };
        words.entry(host).or_default().push(text);
    }
    let note = |host: HostId, text: String| Item::Note { at_us: line.at_us, host: trace.name(host), text };
    let notes = words.into_iter().map(|(host, words)| note(host, words.join("; ")));
    let violations = line.effects.iter().filter_map(|effect| match effect {
        Effect::Violated(violation) => {
            Some(format!("VIOLATED {}, {}: {}", violation.claim, violation.claim.title(), violation.what))
        }
        Effect::Sent { .. } | Effect::Dropped { .. } | Effect::Said { .. } | Effect::Asked { .. } => None,
    });
    notes.chain(violations.map(|text| note(host, text))).collect()
}

/// What a step does at its host; `None` if an arrow tells it.
fn act(trace: &Trace, line: &Line) -> Option<String> {
    let words = match &line.act {
        Act::Connect { server, via, wanted, .. } => {
            let is_under_way =
                line.effects.iter().any(|effect| matches!(effect, Effect::Sent { .. }) || is_said(effect, "begun"));
            let verb = if is_under_way { "begins" } else { "asks for" };
            let number = line.step;
            let wanted = if wanted.is_empty() { String::new() } else { format!(" for {}", wanted.join(", ")) };
            let lured = if via == server { String::new() } else { format!(", lured to {}", trace.name(*via)) };
            format!("{verb} handshake {number} with {}{wanted}{lured}", trace.name(*server))
        }
        Act::HangUp { .. } => "closes the session".to_owned(),
        Act::Say { .. } => "sends data".to_owned(),
        Act::Steal { loot: Loot::Key(_) } => "its key is stolen".to_owned(),
        Act::Steal { loot: Loot::Generator(_) } => "its generator is stolen".to_owned(),
        Act::Steal { loot: Loot::CookieKey(_) } => "its cookie key is stolen".to_owned(),
        Act::Steal { loot: Loot::Ephemeral(_) } => "an ephemeral of its is stolen".to_owned(),
        Act::Steal { loot: Loot::Ephemerals } => "every ephemeral secret leaks from now on".to_owned(),
        Act::Answer { fault: StoreFault::None, .. } => "its store answers".to_owned(),
        Act::Answer { fault: StoreFault::Before, .. } => "its store fails".to_owned(),
        Act::Answer { fault: StoreFault::After, .. } => "its store fails after it has stored".to_owned(),
        Act::ClockStep { by_ms, .. } => {
            let (sign, ms) = (if *by_ms < 0 { '-' } else { '+' }, by_ms.unsigned_abs());
            let seconds = format!("{}.{:03}", ms.div_euclid(1_000), ms.rem_euclid(1_000));
            format!("its clock steps by {sign}{} s", seconds.trim_end_matches('0').trim_end_matches('.'))
        }
        Act::Crash { .. } => "crashes".to_owned(),
        Act::Start { .. } => "starts again".to_owned(),
        Act::Rebind { .. } => "its address changes".to_owned(),
        Act::Deliver { .. } | Act::Junk { .. } | Act::Stranger { .. } | Act::Forge { .. } | Act::Timer { .. } => {
            return None;
        }
    };
    Some(words)
}

fn is_said(effect: &Effect, word: &str) -> bool {
    matches!(effect, Effect::Said { what, .. } if what == word)
}

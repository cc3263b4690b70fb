//! Where two lines of traces differ, in words.

use countersign_sim::{Act, Effect, Line};
use serde::Serialize;
use serde_json::Value;

/// The step, which part of it, what the trace says and what this build does.
pub(super) fn in_words(expected: Option<&Line>, got: Option<&Line>) -> String {
    let Some((at, known)) = expected.or(got).map(|line| (place(line), line)) else {
        return "nothing differs".to_owned();
    };
    let (what, says, does) = match (expected, got) {
        (Some(expected), Some(got)) => difference(expected, got),
        (Some(_), None) => ("the line".to_owned(), act(known), "nothing more".to_owned()),
        (None, _) => ("the line".to_owned(), "nothing more".to_owned(), act(known)),
    };
    format!("{at}: {what}: the trace says {says}, this build does {does}")
}

fn place(line: &Line) -> String {
    if line.step > 0 { format!("step {}", line.step) } else { "a timer".to_owned() }
}

fn difference(expected: &Line, got: &Line) -> (String, String, String) {
    if (expected.step, &expected.act) != (got.step, &got.act) {
        let told = |line: &Line| format!("{}: {}", place(line), act(line));
        return ("what happens".to_owned(), told(expected), told(got));
    }
    if expected.at_us != got.at_us {
        return ("the time".to_owned(), format!("{} us", expected.at_us), format!("{} us", got.at_us));
    }
    let effects = expected.effects.len().max(got.effects.len());
    let differs = (0..effects).find(|at| expected.effects.get(*at) != got.effects.get(*at));
    let pair = differs.map(|at| (expected.effects.get(at), got.effects.get(at)));
    match pair {
        Some((Some(says), Some(does))) => in_one_effect(says, does),
        Some((says, does)) => {
            let told = |effect: Option<&Effect>| effect.map_or_else(|| "nothing more".to_owned(), effect_in_words);
            ("what comes of it".to_owned(), told(says), told(does))
        }
        None => ("the line".to_owned(), "this".to_owned(), "the same".to_owned()),
    }
}

/// The field, if both are the same in kind.
fn in_one_effect(says: &Effect, does: &Effect) -> (String, String, String) {
    let otherwise = || ("what comes of it".to_owned(), effect_in_words(says), effect_in_words(does));
    let (Some((kind, says)), Some((other, does))) = (fields(says), fields(does)) else { return otherwise() };
    let (Value::Object(says), Value::Object(does)) = (&says, &does) else { return otherwise() };
    let Some((name, value)) = says.iter().find(|(name, value)| does.get(*name) != Some(value)) else {
        return otherwise();
    };
    // Another datagram is another effect.
    if kind != other || value.is_object() {
        return otherwise();
    }
    let now = does.get(name).map_or_else(|| "nothing".to_owned(), told);
    (format!("{kind} {name}"), told(value), now)
}

fn told(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What it is called in a trace, and its fields.
fn fields(value: &impl Serialize) -> Option<(String, Value)> {
    let Value::Object(fields) = serde_json::to_value(value).ok()? else { return None };
    fields.into_iter().next()
}

fn act(line: &Line) -> String {
    if let Act::Deliver { datagram, .. } = &line.act {
        return format!("that a {} arrives", datagram.message());
    }
    fields(&line.act).map_or_else(|| "something".to_owned(), |(kind, _)| format!("\"{kind}\""))
}

fn effect_in_words(effect: &Effect) -> String {
    match effect {
        Effect::Sent { datagram, .. } => {
            format!(
                "that host {} sends a {} of handshake {}",
                datagram.from.0,
                datagram.message(),
                datagram.handshake.0
            )
        }
        Effect::Dropped { host, why } => format!("that host {} refuses it: {why}", host.0),
        Effect::Said { host, what, .. } => format!("that host {} says: {what}", host.0),
        Effect::Asked { question } => format!("that host {} asks its store", question.server.0),
        Effect::Violated(violation) => format!("that {} is violated: {}", violation.claim, violation.what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use countersign_sim::{DatagramName, HandshakeNumber, HostId};

    fn sends(bytes: usize, sha256: &str) -> Line {
        let datagram = DatagramName { from: HostId(3), handshake: HandshakeNumber(1), kind: 1, nth: 1 };
        let sent = Effect::Sent { datagram, to: HostId(0), bytes, sha256: sha256.to_owned() };
        Line { effects: vec![sent], ..sample::line() }
    }

    /// What differs is named, not quoted.
    #[test]
    fn a_difference_is_told_in_words() {
        let line = sends(224, "00");
        let none = Line { effects: Vec::new(), ..line.clone() };
        let late = Line { at_us: 11_000, ..line.clone() };
        let other = Line { step: 3, ..line.clone() };
        for (expected, got, said) in [
            (Some(&line), Some(&sends(225, "00")), "step 2: sent bytes: the trace says 224, this build does 225"),
            (Some(&line), Some(&sends(224, "ff")), "step 2: sent sha256: the trace says 00, this build does ff"),
            (Some(&line), Some(&late), "step 2: the time: the trace says 10500 us, this build does 11000 us"),
            (Some(&line), None, "step 2: the line: the trace says that a Hello arrives, this build does nothing more"),
            (
                Some(&none),
                Some(&line),
                "step 2: what comes of it: the trace says nothing more, \
                 this build does that host 3 sends a Hello of handshake 1",
            ),
            (
                Some(&line),
                Some(&other),
                "step 2: what happens: the trace says step 2: that a Hello arrives, \
                 this build does step 3: that a Hello arrives",
            ),
        ] {
            assert_eq!(in_words(expected, got), said);
        }
    }
}

//! The datagrams of a trace, as arrows of a sequence diagram.

use super::Trace;
use crate::act::{Act, DatagramName, Effect, Line, Nature};
use crate::host::HostId;
use crate::report::Arrow;
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

impl Trace {
    /// One arrow for each copy of a datagram that arrived, and one for each datagram of which no copy did, be it lost or
    /// still on its way; in the order in which they were sent.
    ///
    /// What the network did not carry (forgeries, replays, copies for a clone, junk) is sent the moment it arrives:
    /// nobody in the diagram sent it.
    #[must_use]
    pub fn arrows(&self) -> Vec<Arrow> {
        let (sent, ends) = (self.sent(), self.lines.last().map_or(0, |line| line.at_us));
        let mut carried = BTreeSet::new();
        let mut arrows = Vec::new();
        for line in &self.lines {
            arrows.extend(self.arrival(line, &sent));
            if let Act::Deliver { datagram, nature: Nature::Carried, .. } = line.act {
                carried.insert(datagram);
            }
        }
        for (datagram, (sent_us, to)) in &sent {
            if !carried.contains(datagram) {
                arrows.push(Arrow {
                    sent_us: *sent_us,
                    arrived_us: None,
                    from: self.name(datagram.from),
                    to: self.name(*to),
                    message: datagram.message(),
                    nature: Nature::Carried,
                    is_corrupted: false,
                    note: self.may_come(ends.saturating_sub(*sent_us)).map(str::to_owned),
                });
            }
        }
        arrows.sort_by_key(|arrow| (arrow.sent_us, arrow.arrived_us));
        arrows
    }

    /// What is to be said of a datagram that was sent so long before the end and has not arrived, if it may yet come.
    fn may_come(&self, before_end_us: u64) -> Option<&'static str> {
        let delays = [&self.header.scenario.up.delay, &self.header.scenario.down.delay];
        let since = Duration::from_micros(before_end_us);
        if delays.iter().all(|delay| since < delay.min()) {
            Some("still under way at the end")
        } else if delays.iter().any(|delay| since < delay.max()) {
            Some("lost, or still under way at the end")
        } else {
            None
        }
    }

    /// What was sent: when, and where to.
    fn sent(&self) -> BTreeMap<DatagramName, (u64, HostId)> {
        let mut all = BTreeMap::new();
        for line in &self.lines {
            for effect in &line.effects {
                if let Effect::Sent { datagram, to, .. } = effect {
                    all.entry(*datagram).or_insert((line.at_us, *to));
                }
            }
        }
        all
    }

    /// The copy that arrives with this step, if one does.
    fn arrival(&self, line: &Line, sent: &BTreeMap<DatagramName, (u64, HostId)>) -> Option<Arrow> {
        let at_us = line.at_us;
        let (sent_us, from, to, message, nature, is_corrupted) = match &line.act {
            Act::Deliver { datagram, to, from, flip, nature } => {
                let sent_us = match nature {
                    // A step that was cut away may have sent it.
                    Nature::Carried => sent.get(datagram).map_or(at_us, |(sent_us, _)| *sent_us),
                    Nature::Forged | Nature::Replayed | Nature::Mirrored => at_us,
                };
                (sent_us, self.name(*from), *to, datagram.message(), *nature, flip.is_some())
            }
            Act::Junk { to, from, bytes } => {
                let message = format!("junk, {} bytes", bytes.len().div_euclid(2));
                (at_us, self.name(*from), *to, message, Nature::Forged, false)
            }
            Act::Stranger { to, .. } => (at_us, STRANGER.to_owned(), *to, "Hello".to_owned(), Nature::Carried, false),
            Act::Forge { message, to, from } => (at_us, self.name(*from), *to, message.name(), Nature::Forged, false),
            Act::Connect { .. }
            | Act::HangUp { .. }
            | Act::Say { .. }
            | Act::Steal { .. }
            | Act::Answer { .. }
            | Act::ClockStep { .. }
            | Act::Crash { .. }
            | Act::Start { .. }
            | Act::Rebind { .. }
            | Act::Timer { .. } => return None,
        };
        let (to, note) = (self.name(to), outcome(&line.effects));
        Some(Arrow { sent_us, arrived_us: Some(at_us), from, to, message, nature, is_corrupted, note })
    }
}

/// What came of a datagram that arrived, beside what was sent in answer.
fn outcome(effects: &[Effect]) -> Option<String> {
    let words: Vec<String> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Sent { .. } => None,
            Effect::Dropped { why, .. } => Some(format!("refused: {why}")),
            Effect::Said { what, .. } => Some(what.clone()),
            Effect::Asked { .. } => Some("asks its store".to_owned()),
            Effect::Violated(violation) => Some(format!("violates {}", violation.claim)),
        })
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// Who sends what nobody in the cast did.
const STRANGER: &str = "a stranger";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::{HandshakeNumber, TRACE_SCHEMA, TraceHeader};
    use crate::claims::{Claim, Violation};
    use crate::link::{Delay, Flip, LinkProfile};
    use crate::scenario::Scenario;

    const SERVER: HostId = HostId(0);
    const CLIENT: HostId = HostId(1);
    const HELLO: DatagramName = DatagramName { from: CLIENT, handshake: HandshakeNumber(1), kind: 1, nth: 1 };
    const AGAIN: DatagramName = DatagramName { nth: 2, ..HELLO };

    fn trace(lines: Vec<Line>) -> Trace {
        let header = TraceHeader {
            schema: TRACE_SCHEMA.to_owned(),
            build: "0.1.0".to_owned(),
            seed: 7,
            world: 0,
            handshakes: 1,
            scenario: Scenario { up: at_once(), down: at_once(), ..Scenario::default() },
            without: Vec::new(),
            hosts: vec!["vault".to_owned(), "user".to_owned()],
        };
        Trace { header, lines }
    }

    fn at_once() -> LinkProfile {
        LinkProfile { delay: Delay::Uniform { min: Duration::ZERO, max: Duration::ZERO }, ..LinkProfile::default() }
    }

    fn line(step: u64, at_us: u64, act: Act, effects: Vec<Effect>) -> Line {
        Line { step, at_us, act, effects }
    }

    fn sends(datagram: DatagramName, at_us: u64) -> Line {
        let sent = Effect::Sent { datagram, to: SERVER, bytes: 1200, sha256: String::new() };
        line(0, at_us, Act::Timer { host: datagram.from }, vec![sent])
    }

    fn delivers(datagram: DatagramName, nature: Nature, flip: Option<Flip>) -> Act {
        Act::Deliver { datagram, to: SERVER, from: CLIENT, flip, nature }
    }

    /// When, which, how and with what outcome.
    fn told(trace: &Trace) -> Vec<String> {
        let tell = |it: Arrow| {
            let arrived = it.arrived_us.map_or_else(|| "lost".to_owned(), |at| at.to_string());
            let corrupted = if it.is_corrupted { " corrupted" } else { "" };
            let note = it.note.unwrap_or_default();
            format!("{}-{arrived} {} {:?}{corrupted}: {note}", it.sent_us, it.message, it.nature)
        };
        trace.arrows().into_iter().map(tell).collect()
    }

    /// A replay does not save a datagram from being lost.
    #[test]
    fn what_no_copy_was_carried_of_is_lost() {
        let refused = Effect::Dropped { host: SERVER, why: "the session id is unknown".to_owned() };
        let trace = trace(vec![
            sends(HELLO, 10),
            sends(AGAIN, 20),
            line(1, 30, delivers(AGAIN, Nature::Carried, None), Vec::new()),
            line(2, 40, delivers(HELLO, Nature::Replayed, None), vec![refused]),
        ]);
        let expected = [
            "10-lost Hello Carried: ",
            "20-30 Hello (2) Carried: ",
            "40-40 Hello Replayed: refused: the session id is unknown",
        ];
        assert_eq!(told(&trace), expected);
    }

    /// What cannot have arrived when the trace ends has not been lost.
    #[test]
    fn what_is_under_way_at_the_end_is_not_lost() {
        for (end, said) in
            [(20, "still under way at the end"), (30_000, "lost, or still under way at the end"), (300_000, "")]
        {
            let mut trace = trace(vec![sends(HELLO, 10), line(1, end, Act::Crash { host: SERVER }, Vec::new())]);
            trace.header.scenario = Scenario::default();
            assert_eq!(told(&trace), [format!("10-lost Hello Carried: {said}")]);
        }
    }

    #[test]
    fn each_copy_is_an_arrow_with_what_came_of_it() {
        let flip = Some(Flip { byte: 3, bit: 1 });
        let admitted = Effect::Said { host: SERVER, handshake: HandshakeNumber(1), what: "admitted".to_owned() };
        let violated = Effect::Violated(Violation {
            claim: Claim::A2,
            rule: "nobody asked".to_owned(),
            world: 0,
            nth: 1,
            at_us: 30,
            what: "the user began nothing".to_owned(),
        });
        let trace = trace(vec![
            sends(HELLO, 10),
            line(1, 30, delivers(HELLO, Nature::Carried, None), vec![admitted, violated]),
            line(2, 40, delivers(HELLO, Nature::Carried, flip), Vec::new()),
        ]);
        let expected = ["10-30 Hello Carried: admitted, violates A2", "10-40 Hello Carried corrupted: "];
        assert_eq!(told(&trace), expected);
    }

    #[test]
    fn junk_and_strangers_come_from_where_they_seem_to() {
        let trace = trace(vec![
            line(1, 5, Act::Junk { to: SERVER, from: CLIENT, bytes: "00ff".to_owned() }, Vec::new()),
            line(2, 6, Act::Stranger { to: SERVER, bytes: "00".to_owned() }, Vec::new()),
        ]);
        let from: Vec<_> = trace.arrows().into_iter().map(|it| (it.from, it.to, it.message, it.nature)).collect();
        let (user, vault) = ("user".to_owned(), "vault".to_owned());
        assert_eq!(
            from,
            [
                (user, vault.clone(), "junk, 2 bytes".to_owned(), Nature::Forged),
                (STRANGER.to_owned(), vault, "Hello".to_owned(), Nature::Carried),
            ]
        );
    }
}

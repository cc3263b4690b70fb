//! What of a trace belongs to one handshake.

use super::Trace;
use crate::act::{Act, DatagramName, Effect, HandshakeNumber, Line, QuestionName};
use crate::adversary::Loot;
use crate::host::HostId;
use std::collections::BTreeSet;

impl Trace {
    /// The handshakes that its lines name, ascending.
    #[must_use]
    pub fn handshakes(&self) -> BTreeSet<HandshakeNumber> {
        let named =
            self.lines.iter().flat_map(|line| line.about().into_iter().chain(line.effects.iter().filter_map(named)));
        named.filter(|number| *number != HandshakeNumber(0)).collect()
    }

    /// Only what belongs to one handshake: its steps, what came of them, and what else befell those who took part while
    /// it lasted.
    #[must_use]
    pub fn of_handshake(&self, number: HandshakeNumber) -> Self {
        let own: Vec<Line> = self.lines.iter().filter_map(|line| part(line, number)).collect();
        let hosts: BTreeSet<HostId> = own.iter().flat_map(hosts).collect();
        let lasted = own.first().zip(own.last()).map(|(first, last)| first.at_us..=last.at_us);
        let of_it = |line: &Line| match befalls(&line.act) {
            Some(host) if hosts.contains(&host) && lasted.as_ref().is_some_and(|it| it.contains(&line.at_us)) => {
                Some(without_others(line, number))
            }
            Some(_) | None => part(line, number),
        };
        Self { header: self.header.clone(), lines: self.lines.iter().filter_map(of_it).collect() }
    }
}

impl Act {
    /// At whom it happens.
    #[must_use]
    pub const fn host(&self) -> HostId {
        match self {
            Self::Connect { client: host, .. }
            | Self::HangUp { client: host, .. }
            | Self::Say { client: host, .. }
            | Self::Forge { to: host, .. }
            | Self::Deliver { to: host, .. }
            | Self::Junk { to: host, .. }
            | Self::Stranger { to: host, .. }
            | Self::Answer { question: QuestionName { server: host, .. }, .. }
            | Self::ClockStep { host, .. }
            | Self::Crash { host }
            | Self::Start { host }
            | Self::Rebind { client: host }
            | Self::Timer { host } => *host,
            Self::Steal { loot } => match loot {
                Loot::Key(host)
                | Loot::Generator(host)
                | Loot::CookieKey(host)
                | Loot::Ephemeral(DatagramName { from: host, .. }) => *host,
                Loot::Ephemerals => HostId(0),
            },
        }
    }
}

impl Line {
    /// Which handshake its step is about.
    #[must_use]
    pub const fn about(&self) -> Option<HandshakeNumber> {
        match &self.act {
            Act::Connect { .. } => Some(HandshakeNumber(self.step)),
            Act::HangUp { handshake, .. } | Act::Say { handshake, .. } => Some(*handshake),
            Act::Deliver { datagram, .. } => Some(datagram.handshake),
            Act::Answer { question, .. } => Some(question.handshake),
            Act::Junk { .. }
            | Act::Stranger { .. }
            | Act::Forge { .. }
            | Act::Steal { .. }
            | Act::ClockStep { .. }
            | Act::Crash { .. }
            | Act::Start { .. }
            | Act::Rebind { .. }
            | Act::Timer { .. } => None,
        }
    }
}

/// What of a line belongs to a handshake; `None` if nothing does.
fn part(line: &Line, number: HandshakeNumber) -> Option<Line> {
    let mut part = without_others(line, number);
    if line.about() == Some(number) {
        return Some(part);
    }
    if line.about().is_some() {
        // Another's step with a consequence for this one: what is left of it is that something was due. What names no
        // handshake came of that other step.
        part.effects.retain(|effect| named(effect).is_some());
        part.act = Act::Timer { host: line.act.host() };
    }
    part.effects.iter().any(|effect| named(effect).is_some()).then_some(part)
}

/// A line without what came of it for other handshakes.
fn without_others(line: &Line, number: HandshakeNumber) -> Line {
    let mut line = line.clone();
    // What is violated by another's step is that one's.
    let is_its = line.about().is_none_or(|of| of == number);
    line.effects.retain(|effect| match effect {
        Effect::Violated(_) => is_its,
        Effect::Sent { .. } | Effect::Said { .. } | Effect::Asked { .. } | Effect::Dropped { .. } => {
            named(effect).is_none_or(|of| of == number)
        }
    });
    line
}

/// Which handshake an effect names.
const fn named(effect: &Effect) -> Option<HandshakeNumber> {
    match effect {
        Effect::Sent { datagram, .. } => Some(datagram.handshake),
        Effect::Said { handshake, .. } => Some(*handshake),
        Effect::Asked { question } => Some(question.handshake),
        Effect::Dropped { .. } | Effect::Violated(_) => None,
    }
}

/// Who takes part in what a line tells.
fn hosts(line: &Line) -> BTreeSet<HostId> {
    let mut hosts = BTreeSet::from([line.act.host()]);
    for effect in &line.effects {
        if let Effect::Sent { datagram, to, .. } = effect {
            hosts.extend([datagram.from, *to]);
        }
    }
    hosts
}

/// Whom an act befalls that belongs to no handshake, and may decide the fate of one.
const fn befalls(act: &Act) -> Option<HostId> {
    match act {
        Act::ClockStep { host, .. } | Act::Crash { host } | Act::Start { host } | Act::Rebind { client: host } => {
            Some(*host)
        }
        Act::Connect { .. }
        | Act::HangUp { .. }
        | Act::Deliver { .. }
        | Act::Junk { .. }
        | Act::Stranger { .. }
        | Act::Say { .. }
        | Act::Forge { .. }
        | Act::Steal { .. }
        | Act::Answer { .. }
        | Act::Timer { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::{Nature, TRACE_SCHEMA, TraceHeader};
    use crate::scenario::Scenario;

    const SERVER: HostId = HostId(0);
    const CLIENT: HostId = HostId(1);

    /// Two handshakes of one client, the second begun when the first ends, and a crash of somebody else.
    fn trace() -> Trace {
        let header = TraceHeader {
            schema: TRACE_SCHEMA.to_owned(),
            build: "0.1.0".to_owned(),
            seed: 7,
            world: 0,
            handshakes: 2,
            scenario: Scenario::default(),
            without: Vec::new(),
            hosts: Vec::new(),
        };
        let connect = Act::Connect { client: CLIENT, server: SERVER, via: SERVER, wanted: Vec::new() };
        let said = |number, what: &str| Effect::Said {
            host: CLIENT,
            handshake: HandshakeNumber(number),
            what: what.to_owned(),
        };
        let verdict = DatagramName { from: SERVER, handshake: HandshakeNumber(1), kind: 5, nth: 1 };
        let deliver = Act::Deliver { datagram: verdict, to: CLIENT, from: SERVER, flip: None, nature: Nature::Carried };
        let line = |step, at_us, act, effects| Line { step, at_us, act, effects };
        let lines = vec![
            line(1, 10, connect.clone(), vec![said(1, "begun")]),
            line(2, 20, connect, Vec::new()),
            line(3, 30, Act::ClockStep { host: CLIENT, by_ms: 5 }, Vec::new()),
            line(4, 40, Act::Crash { host: HostId(9) }, Vec::new()),
            line(5, 50, deliver, vec![said(1, "accepted"), said(2, "begun")]),
            line(6, 60, Act::Crash { host: CLIENT }, vec![said(2, "ended")]),
        ];
        Trace { header, lines }
    }

    #[test]
    fn handshakes_are_numbered_by_the_steps_that_began_them() {
        assert_eq!(trace().handshakes(), BTreeSet::from([HandshakeNumber(1), HandshakeNumber(2)]));
    }

    #[test]
    fn a_handshake_keeps_its_steps_and_what_befell_its_hosts() {
        let first = trace().of_handshake(HandshakeNumber(1));
        let steps: Vec<_> = first.lines.iter().map(|line| (line.step, line.effects.len())).collect();
        assert_eq!(steps, [(1, 1), (3, 0), (5, 1)]);
    }

    #[test]
    fn what_another_handshake_brought_about_is_kept_without_that_step() {
        let second = trace().of_handshake(HandshakeNumber(2));
        let steps: Vec<_> = second.lines.iter().map(|line| (line.step, line.effects.len())).collect();
        assert_eq!(steps, [(2, 0), (3, 0), (5, 1), (6, 1)]);
        assert_eq!(second.lines[2].act, Act::Timer { host: CLIENT });
    }

    #[test]
    fn a_handshake_that_never_was_has_nothing() {
        assert!(trace().of_handshake(HandshakeNumber(7)).lines.is_empty());
    }
}

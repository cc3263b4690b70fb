//! What is new about a case: something that a host did, after something else; or how far hosts have got, all together.

use super::hash;
use crate::act::{Act, Effect, Line};
use crate::adversary::Play;
use crate::dice::Dice;
use countersign::Defences;
use std::collections::{BTreeMap, HashSet};

/// Cases to begin from, and all that was ever new.
#[derive(Debug, Default)]
pub(super) struct Corpus {
    cases: Vec<Vec<Line>>,
    seen: HashSet<u64>,
}

/// Cases that begin from nothing, of eight.
const FRESH: u64 = 2;
/// So many of the latest are as likely as all others together.
const LATEST: usize = 64;

impl Corpus {
    pub(super) fn knows(&self, novelty: u64) -> bool {
        self.seen.contains(&novelty)
    }

    pub(super) fn novelties(&self) -> usize {
        self.seen.len()
    }

    /// Keeps a case if there is still something new about it.
    pub(super) fn learn(&mut self, novelties: &[u64], case: Vec<Line>) {
        let before = self.seen.len();
        self.seen.extend(novelties);
        if self.seen.len() > before && !case.is_empty() {
            self.cases.push(case);
        }
    }

    /// What a case begins from: a case that was kept, or its beginning.
    pub(super) fn pick(&self, dice: &mut Dice) -> &[Line] {
        if self.cases.is_empty() || dice.below(8) < FRESH {
            return &[];
        }
        let oldest = if dice.below(2) == 0 { self.cases.len().saturating_sub(LATEST) } else { 0 };
        let latest = self.cases.get(oldest..).unwrap_or_default();
        let case = latest.get(dice.index(latest.len())).map(Vec::as_slice).unwrap_or_default();
        let cut = if dice.below(2) == 0 { case.len() } else { dice.index(case.len()).saturating_add(1) };
        case.get(..cut).unwrap_or_default()
    }
}

/// Watches one case.
#[derive(Debug, Default)]
pub(super) struct Novelty {
    lines: usize,
    last: u64,
    /// How often each host has said each thing, and a hash of that.
    said: BTreeMap<u64, u8>,
    stand: u64,
}

/// Oftener is not told from that often.
const TIMES_MAX: u8 = 2;

impl Novelty {
    /// What has come of the moves since it was last asked, as hashes.
    pub(super) fn see<D: Defences>(&mut self, play: &Play<D>) -> impl Iterator<Item = u64> + use<D> {
        let lines = play.lines().get(self.lines..).unwrap_or_default();
        self.lines = play.lines().len();
        let mut seen = Vec::new();
        for line in lines.iter().filter(|line| !line.effects.is_empty()) {
            let now = hash(&(act(&line.act), line.effects.iter().map(effect).collect::<Vec<u64>>()));
            seen.extend([now, hash(&(self.last, now))]);
            self.last = now;
            for effect in line.effects.iter().filter(|effect| matches!(effect, Effect::Said { .. })).map(effect) {
                let times = self.said.entry(effect).or_default();
                if *times < TIMES_MAX {
                    *times = times.saturating_add(1);
                    self.stand ^= hash(&(effect, *times));
                }
            }
            seen.push(self.stand);
        }
        seen.into_iter()
    }
}

/// What was done, without what tells one handshake from another.
fn act(act: &Act) -> u64 {
    match act {
        Act::Deliver { datagram, to, from, .. } => hash(&(1, datagram.kind, datagram.from, to, from)),
        Act::Forge { message, to, from } => hash(&(2, message.name(), to, from)),
        Act::Connect { client, server, via, .. } => hash(&(3, client, server, via)),
        Act::Timer { host } => hash(&(4, host)),
        Act::Answer { question, .. } => hash(&(5, question.server)),
        Act::Say { client, .. } => hash(&(6, client)),
        Act::HangUp { client, .. } => hash(&(7, client)),
        Act::Crash { host } | Act::Start { host } | Act::ClockStep { host, .. } => hash(&(8, host)),
        Act::Steal { .. } | Act::Junk { .. } | Act::Stranger { .. } | Act::Rebind { .. } => 9,
    }
}

fn effect(effect: &Effect) -> u64 {
    match effect {
        Effect::Sent { datagram, to, .. } => hash(&(1, datagram.from, datagram.kind, to)),
        Effect::Dropped { host, why } => hash(&(2, host, why)),
        Effect::Said { host, what, .. } => hash(&(3, host, what)),
        Effect::Asked { question } => hash(&(4, question.server)),
        Effect::Violated(_) => 5,
    }
}

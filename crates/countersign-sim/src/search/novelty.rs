//! What is new about a case: something that a host did, in answer to something or after something; or how far hosts have
//! got, all together.

use super::hash;
use crate::act::{Act, Effect, Line};
use crate::adversary::Play;
use crate::dice::Dice;
use crate::host::HostId;
use countersign::Defences;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Cases to begin from, and how often each thing was seen.
#[derive(Debug, Default)]
pub(super) struct Corpus {
    cases: Vec<Kept>,
    seen: HashMap<u64, u32>,
}

/// A case that showed something new.
#[derive(Debug)]
struct Kept {
    /// What.
    new: Vec<u64>,
    steps: Vec<Line>,
}

/// Cases that begin from nothing, of eight.
const FRESH: u64 = 3;
/// Nothing is begun from that takes more.
const STEPS_MAX: usize = 32;
/// So many are drawn, and the one begun from that shows what is seen most seldom.
const DRAWN: usize = 3;

impl Corpus {
    pub(super) fn knows(&self, novelty: u64) -> bool {
        self.seen.contains_key(&novelty)
    }

    pub(super) fn novelties(&self) -> usize {
        self.seen.len()
    }

    /// Learns what was seen in a case, and keeps its steps if there is still something new about it.
    pub(super) fn learn(&mut self, seen: &BTreeSet<u64>, steps: Vec<Line>) {
        let new: Vec<u64> = seen.iter().copied().filter(|novelty| !self.knows(*novelty)).collect();
        for novelty in seen {
            let count = self.seen.entry(*novelty).or_default();
            *count = count.saturating_add(1);
        }
        if !new.is_empty() && (1..=STEPS_MAX).contains(&steps.len()) {
            self.cases.push(Kept { new, steps });
        }
    }

    /// What a case begins from: a case that was kept, or its beginning.
    pub(super) fn pick(&self, dice: &mut Dice) -> &[Line] {
        if self.cases.is_empty() || dice.below(8) < FRESH {
            return &[];
        }
        let drawn: Vec<usize> = (0..DRAWN).map(|_| dice.index(self.cases.len())).collect();
        let drawn = drawn.into_iter().filter_map(|at| self.cases.get(at));
        let steps = drawn.min_by_key(|kept| self.rank(kept)).map(|kept| kept.steps.as_slice()).unwrap_or_default();
        let cut = if dice.below(2) == 0 { steps.len() } else { dice.index(steps.len()).saturating_add(1) };
        steps.get(..cut).unwrap_or_default()
    }

    /// The rarer what it shows the lower, and the shorter.
    fn rank(&self, kept: &Kept) -> (u32, usize) {
        let often = kept.new.iter().filter_map(|novelty| self.seen.get(novelty)).min();
        (often.copied().unwrap_or(u32::MAX), kept.steps.len())
    }
}

/// Watches one case.
#[derive(Debug, Default)]
pub(super) struct Novelty {
    lines: usize,
    /// The last that each host did.
    last: BTreeMap<HostId, u64>,
    /// What hosts have said, and a hash of that.
    said: BTreeSet<u64>,
    stand: u64,
}

impl Novelty {
    /// What has come of the moves since it was last asked, as hashes.
    pub(super) fn see<D: Defences>(&mut self, play: &Play<D>) -> Vec<u64> {
        let lines = play.lines().get(self.lines..).unwrap_or_default();
        self.lines = play.lines().len();
        let mut seen = Vec::new();
        for line in lines {
            let act = act(&line.act);
            for (host, did) in line.effects.iter().filter_map(did) {
                let before = self.last.insert(host, did);
                seen.extend([hash(&(act, did)), hash(&(before, did))]);
            }
            let said = line.effects.iter().filter(|effect| matches!(effect, Effect::Said { .. })).filter_map(did);
            for (_, said) in said {
                if self.said.insert(said) {
                    self.stand ^= said;
                    seen.push(self.stand);
                }
            }
        }
        seen
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

/// What a host did, and which.
fn did(effect: &Effect) -> Option<(HostId, u64)> {
    match effect {
        Effect::Sent { datagram, to, .. } => Some((datagram.from, hash(&(1, datagram.from, datagram.kind, to)))),
        Effect::Dropped { host, why } => Some((*host, hash(&(2, host, words(why))))),
        Effect::Said { host, what, .. } => Some((*host, hash(&(3, host, words(what))))),
        Effect::Asked { question } => Some((question.server, hash(&(4, question.server)))),
        Effect::Violated(_) => None,
    }
}

/// A text without its numbers, which tell one time from another.
fn words(text: &str) -> String {
    text.chars().filter(|character| !character.is_ascii_digit()).collect()
}

//! When two sequences of steps have led to one state.
//!
//! They have if every host has lived through the same in each of its conversations, has told the same in the same order, and
//! the same is under way. Names count by what they stand for, not by the number of the step that made them, and the order of
//! two conversations counts only in what a host tells: nonces are drawn one after the other, but none is better than another.
//! What was refused and changed nothing, or was answered as before, has led nowhere.

use super::super::hash;
use crate::act::{Act, DatagramName, Effect, HandshakeNumber, Line};
use crate::adversary::Play;
use crate::host::HostId;
use countersign::Defences;
use countersign::wire::Kind;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Whether anything happened since then that was more to a host than something to be refused, or to be answered as before.
pub(super) fn is_felt_since<D: Defences>(play: &Play<D>, before: usize) -> bool {
    let mut feeling = Feeling::default();
    let felt: Vec<bool> = play.lines().iter().map(|line| feeling.feels(play, line)).collect();
    felt.iter().skip(before).any(|felt| *felt)
}

/// What every host has lived through, and what is under way.
pub(super) fn state<D: Defences>(play: &Play<D>) -> u64 {
    let mut feeling = Feeling::default();
    let mut lives = Lives::of(play);
    for (at, line) in play.lines().iter().enumerate() {
        let feels = feeling.feels(play, line);
        lives.step(line, feels, is_refused(play.lines().get(at..).unwrap_or_default()));
        line.effects.iter().for_each(|effect| lives.effect(line, effect));
    }
    let under_way: Vec<(u64, HostId)> = play.in_flight().map(|(name, to)| (lives.term(name), to)).collect();
    hash(&(lives.lives, lives.told, under_way, play.now().as_micros()))
}

/// Whether a claim was refused in the first of these steps. How often, and when, is what that leaves behind.
fn is_refused(lines: &[Line]) -> bool {
    let answers = lines.iter().skip(1).take_while(|line| matches!(line.act, Act::Answer { .. }));
    let mut effects = lines.first().into_iter().chain(answers).flat_map(|line| &line.effects);
    effects.any(|effect| matches!(effect, Effect::Said { what, .. } if what.starts_with(REFUSAL)))
}

/// What a responder says of a claim that does not hold.
const REFUSAL: &str = "refuses";

/// What has come of the steps so far.
#[derive(Default)]
struct Feeling<'a> {
    sent: HashSet<&'a str>,
}

impl<'a> Feeling<'a> {
    fn feels<D: Defences>(&mut self, play: &Play<D>, line: &'a Line) -> bool {
        let mut comes_of_it = false;
        for effect in &line.effects {
            match effect {
                Effect::Sent { sha256, .. } => comes_of_it |= self.sent.insert(sha256),
                Effect::Said { what, .. } => comes_of_it |= !what.starts_with(SUSPICION),
                Effect::Asked { .. } | Effect::Violated(_) => comes_of_it = true,
                Effect::Dropped { .. } => {}
            }
        }
        match line.act {
            Act::Forge { .. } | Act::Deliver { .. } => {
                let is_silent = line.effects.is_empty() && play.carried_in(line).is_some();
                comes_of_it || is_silent
            }
            Act::Say { .. } | Act::HangUp { .. } => comes_of_it,
            Act::Connect { .. }
            | Act::Junk { .. }
            | Act::Stranger { .. }
            | Act::Steal { .. }
            | Act::Answer { .. }
            | Act::ClockStep { .. }
            | Act::Crash { .. }
            | Act::Start { .. }
            | Act::Rebind { .. }
            | Act::Timer { .. } => true,
        }
    }
}

/// What a host says of something that it goes on to refuse.
const SUSPICION: &str = "is suspicious";

struct Lives<'a, D> {
    play: &'a Play<D>,
    /// What each datagram stands for.
    terms: BTreeMap<DatagramName, u64>,
    /// The same, by its bytes.
    known: HashMap<&'a str, u64>,
    /// How many different ones each cause has had.
    answers: HashMap<u64, u32>,
    /// Handshakes that honest people have begun.
    begun: u32,
    /// What the conversation stands for that a step began.
    conversations: BTreeMap<HandshakeNumber, u64>,
    lives: BTreeMap<(HostId, u64), u64>,
    told: BTreeMap<HostId, u64>,
}

impl<'a, D: Defences> Lives<'a, D> {
    fn of(play: &'a Play<D>) -> Self {
        Self {
            play,
            terms: BTreeMap::new(),
            known: HashMap::new(),
            answers: HashMap::new(),
            begun: 0,
            conversations: BTreeMap::new(),
            lives: BTreeMap::new(),
            told: BTreeMap::new(),
        }
    }

    fn term(&self, name: DatagramName) -> u64 {
        self.terms.get(&name).copied().unwrap_or_default()
    }

    fn conversation(&self, handshake: HandshakeNumber) -> u64 {
        self.conversations.get(&handshake).copied().unwrap_or_default()
    }

    /// The conversation that a datagram belongs to.
    fn about(&self, name: DatagramName) -> u64 {
        if let Some(conversation) = self.conversations.get(&name.handshake) {
            return *conversation;
        }
        self.play.answered(&name).map_or(0, |before| self.about(before))
    }

    fn lives_through(&mut self, host: HostId, conversation: u64, what: u64) {
        let life = self.lives.entry((host, conversation)).or_default();
        *life = hash(&(*life, what));
    }

    fn step(&mut self, line: &Line, feels: bool, is_refused: bool) {
        let (at, step) = (line.at_us, HandshakeNumber(line.step));
        match &line.act {
            Act::Connect { client, server, via, wanted } => {
                self.begun = self.begun.saturating_add(1);
                let conversation = hash(&(1, client, server, via, wanted, self.begun));
                self.conversations.insert(step, conversation);
                self.lives_through(*client, conversation, at);
            }
            Act::Forge { message, to, from } => {
                let Some(name) = self.play.carried_in(line) else { return };
                let message = message.renamed(&|name| DatagramName {
                    handshake: HandshakeNumber(self.term(name)),
                    nth: 0,
                    ..name
                });
                let term = hash(&(2, at, message));
                self.terms.insert(name, term);
                if name.kind == Kind::Hello as u8 {
                    self.conversations.insert(step, term);
                }
                if feels {
                    let what = if is_refused { 0 } else { term };
                    self.lives_through(*to, self.about(name), hash(&(at, from, what)));
                }
            }
            Act::Deliver { datagram, to, from, .. } if feels => {
                self.lives_through(*to, self.about(*datagram), hash(&(at, from, self.term(*datagram))));
            }
            Act::HangUp { client, handshake } if feels => {
                self.lives_through(*client, self.conversation(*handshake), hash(&(3, at)));
            }
            Act::Say { client, handshake } if feels => {
                self.lives_through(*client, self.conversation(*handshake), hash(&(4, at)));
            }
            Act::ClockStep { host, by_ms } => self.lives_through(*host, 0, hash(&(5, at, by_ms))),
            Act::Crash { host } => self.lives_through(*host, 0, hash(&(6, at))),
            Act::Start { host } => self.lives_through(*host, 0, hash(&(7, at))),
            Act::Deliver { .. }
            | Act::HangUp { .. }
            | Act::Say { .. }
            | Act::Timer { .. }
            | Act::Answer { .. }
            | Act::Steal { .. }
            | Act::Rebind { .. }
            | Act::Junk { .. }
            | Act::Stranger { .. } => {}
        }
    }

    fn effect(&mut self, line: &Line, effect: &'a Effect) {
        match effect {
            Effect::Sent { datagram, to, sha256, .. } => {
                let cause = self.play.answered(datagram).map(|cause| self.term(cause));
                let cause = cause.unwrap_or_else(|| self.conversation(datagram.handshake));
                let answer = hash(&(datagram.from, datagram.kind, to, line.at_us, cause));
                let answers = &mut self.answers;
                let term = *self.known.entry(sha256).or_insert_with(|| {
                    let nth = answers.entry(answer).or_default();
                    *nth = nth.saturating_add(1);
                    hash(&(answer, *nth))
                });
                self.terms.insert(*datagram, term);
            }
            Effect::Said { host, handshake, what } if !what.starts_with(SUSPICION) => {
                let conversation = self.conversation(*handshake);
                let what = if what.starts_with(REFUSAL) { REFUSAL } else { what };
                let told = self.told.entry(*host).or_default();
                *told = hash(&(*told, what, conversation));
            }
            Effect::Said { .. } | Effect::Dropped { .. } | Effect::Asked { .. } | Effect::Violated(_) => {}
        }
    }
}

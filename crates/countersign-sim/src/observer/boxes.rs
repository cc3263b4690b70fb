//! A6: what is sealed under which key. The observer has no key, but it knows what each hangs on: all that was sent before
//! its box (`spec/keys.md`).

use super::wire::{self, CHALLENGE, Digest, RESPONSE};
use super::{Forget, MEMORY, Observer, name};
use crate::act::QuestionName;
use crate::claims::Claim;
use crate::host::HostId;
use crate::run::SidBytes;
use countersign::Moment;
use std::collections::BTreeMap;

/// What a key hangs on, and a nonce.
pub(super) type Place = (Digest, [u8; 12]);

#[derive(Debug, Default)]
pub(super) struct Boxes {
    /// The tag of what was sealed, which stands for it.
    tags: BTreeMap<Place, [u8; 16]>,
    /// What the Verdict hangs on that is sent in this turn, if one is.
    answered: Option<Digest>,
    /// The same, while a store is asked.
    asked: BTreeMap<QuestionName, Digest>,
}

impl Boxes {
    pub(super) fn asked(&mut self, question: QuestionName) {
        if let Some(answered) = self.answered {
            self.asked.insert(question, answered);
        }
    }

    pub(super) fn turn_over(&mut self) {
        self.answered = None;
    }

    pub(super) fn crashed(&mut self, host: HostId) {
        self.asked.retain(|question, _| question.server != host);
    }

    pub(super) fn forget(&mut self, place: &Place) {
        self.tags.remove(place);
    }
}

impl Observer {
    /// A store is about to answer.
    pub(crate) fn store_answers(&mut self, question: &QuestionName) {
        self.boxes.answered = self.boxes.asked.remove(question);
        self.judging_goes_on(question);
    }

    /// A responder has taken a Response.
    pub(super) fn response_taken(&mut self, sid_r: SidBytes, response: &[u8]) {
        let challenge = self.challenges.get(&sid_r);
        self.boxes.answered = challenge.map(|of| wire::digest(&[&of.transcript, response]));
        let run = challenge.and_then(|of| self.runs.get_mut(&of.sid_i));
        run.into_iter().for_each(|run| run.response_bytes = response.len());
    }

    /// All that hangs on a Challenge, or on its header, that answers the Hello which is being handed over.
    pub(super) fn transcript(&self, challenge: &[u8]) -> Digest {
        let hello = self.incoming.and_then(|incoming| incoming.hello).map_or_else(Digest::default, |(hello, _)| hello);
        wire::digest(&[&hello, challenge])
    }

    /// A6: no two texts are sealed under one key and one nonce.
    pub(super) fn check_box(&mut self, at: Moment, from: HostId, kind: u8, sid: SidBytes, bytes: &[u8]) {
        let Some((header, sealed)) = wire::box_at(kind).and_then(|start| bytes.split_at_checked(start)) else { return };
        let key = match kind {
            CHALLENGE => Some(self.transcript(header)),
            RESPONSE => self.challenges.get(&sid).map(|of| of.transcript),
            _ => self.boxes.answered,
        };
        let (Some(key), Some(nonce), Some(tag)) = (key, sealed.first_chunk(), sealed.last_chunk()) else { return };
        let place = (key, *nonce);
        let same = match self.boxes.tags.get(&place) {
            Some(earlier) => earlier == tag,
            None => {
                self.boxes.tags.insert(place, *tag);
                self.forget.push_back((at.plus(MEMORY), Forget::Text(place)));
                true
            }
        };
        let parts = &self.parts;
        self.ledger.check(Claim::A6, "one text", same, at, || {
            format!("{} sealed another text under a key and a nonce that had been used", name(parts, from))
        });
    }
}

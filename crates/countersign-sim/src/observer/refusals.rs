//! A8: what a refusal costs, and what it tells to whom.
//!
//! Who claims is known here by who made the Response: an honest device, or the adversary, whose forgeries say what they are
//! made of. What a responder takes a claim for is not asked.

use super::wire::{self, Digest, RESPONSE};
use super::{Observer, name};
use crate::act::QuestionName;
use crate::cast::Part;
use crate::claims::Claim;
use crate::host::HostId;
use crate::run::SidBytes;
use countersign::{Moment, Operation, Work};
use countersign_endpoint::Dropped;
use curve25519_dalek::edwards::CompressedEdwardsY;
use std::collections::BTreeMap;

/// What whoever made a Response claims in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Claimed {
    /// The user, as bytes.
    pub(crate) user: Vec<u8>,
    /// The device, 32 bytes.
    pub(crate) device: [u8; 32],
    /// Whether the device's key may have made the signature.
    pub(crate) is_signed: bool,
}

/// How far a claim goes, whatever a responder makes of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Standing {
    /// The device's key decodes.
    is_judged: bool,
    /// An enrolled device that proves itself.
    may_be_told: bool,
}

/// What a responder has done for a claim since its Response came.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Spent {
    work: Work,
    /// How often the store has said what it knows of the user.
    lookups: u32,
    /// How often it has compared the timestamp with the latest.
    advances: u32,
}

impl Spent {
    /// One look-up, one key decoded and one signature checked, and nothing that is as dear (CS-REF-03).
    fn is_one_of_each(self) -> bool {
        let one_check = Work::NONE.and(Operation::Decoding, 1).and(Operation::Verification, 1);
        self.work.dear() == one_check && self.lookups == 1 && self.advances == 0
    }
}

/// A claim that is being judged.
#[derive(Clone, Copy, Debug)]
struct Judging {
    /// `None` if nobody knows what it claims.
    standing: Option<Standing>,
    spent: Spent,
}

#[derive(Debug, Default)]
pub(super) struct Refusals {
    /// The claim that is judged in this turn, if one is.
    judging: Option<Judging>,
    /// The same, while a store is asked.
    asked: BTreeMap<QuestionName, Judging>,
    /// Where an adversary plays: every Response, by its hash.
    made: BTreeMap<Digest, Standing>,
}

impl Refusals {
    pub(super) fn asked(&mut self, question: QuestionName) {
        if let Some(judging) = self.judging {
            self.asked.insert(question, judging);
        }
    }

    pub(super) fn turn_over(&mut self) {
        self.judging = None;
    }

    pub(super) fn crashed(&mut self, host: HostId) {
        self.asked.retain(|question, _| question.server != host);
    }
}

impl Observer {
    /// The adversary has made a Response. What no device enrolled has signed proves nothing.
    pub(crate) fn claim_forged(&mut self, response: &[u8], claimed: &Claimed) {
        let Claimed { user, device, is_signed } = claimed;
        let may_be_told = *is_signed && self.is_enrolled(user, device);
        let standing = Standing { is_judged: is_strong(device), may_be_told };
        self.refusals.made.insert(wire::digest(&[response]), standing);
    }

    /// A client has sent a Response.
    pub(super) fn claim_sent(&mut self, client: HostId, response: &[u8]) {
        if self.is_played
            && let Some(standing) = self.standing_of(client)
        {
            self.refusals.made.insert(wire::digest(&[response]), standing);
        }
    }

    /// A host's endpoint has done this much for a datagram.
    pub(crate) fn has_worked(&mut self, bytes: &[u8], result: Result<(), Dropped>, work: Work) {
        let Some((RESPONSE, sid_r)) = wire::header(bytes).filter(|_| result.is_ok()) else { return };
        let standing = if self.is_played { self.made(bytes) } else { self.claimant(sid_r) };
        self.refusals.judging = Some(Judging { standing, spent: Spent { work, ..Spent::default() } });
    }

    /// A store is about to answer.
    pub(super) fn judging_goes_on(&mut self, question: &QuestionName) {
        self.refusals.judging = self.refusals.asked.remove(question);
    }

    /// It has answered, unless it failed, and the responder has done this much with the answer.
    pub(crate) fn has_judged(&mut self, is_lookup: bool, has_failed: bool, work: Work) {
        let Some(Judging { spent, .. }) = &mut self.refusals.judging else { return };
        let count = if is_lookup { &mut spent.lookups } else { &mut spent.advances };
        *count = count.saturating_add(u32::from(!has_failed));
        spent.work = spent.work.plus(work);
    }

    /// A8: whatever is at fault, it is found in one look-up and with one signature check (CS-REF-03). Only who has proved
    /// itself gets as far as the latest timestamp, which takes longer.
    pub(super) fn check_work(&mut self, at: Moment, from: HostId) {
        let Some(Judging { standing: Some(standing), spent }) = self.refusals.judging else { return };
        let holds = if spent.advances > 0 {
            standing.may_be_told
        } else {
            // A key that does not decode is no claim of anybody's.
            spent.is_one_of_each() || !standing.is_judged
        };
        let parts = &self.parts;
        self.ledger.check(Claim::A8, "equal work", holds, at, || {
            let Spent { work, lookups, advances } = spent;
            let checks = work.of(Operation::Verification);
            format!(
                "{} refused at another price: signature checks {checks}, look-ups {lookups}, timestamps compared {advances}",
                name(parts, from)
            )
        });
    }

    /// A8: the adversary has opened the answer to a Response. A reason is told to an enrolled device that has proved itself,
    /// or to who has its key (CS-REF-02).
    pub(crate) fn opened(&mut self, at: Moment, from: HostId, response: &[u8], verdict: &[u8]) {
        let Some(told) = wire::told(verdict) else { return };
        let says_nothing = told == wire::NOTHING;
        let may_be_told = self.made(response).is_some_and(|standing| standing.may_be_told);
        let parts = &self.parts;
        self.ledger.check(Claim::A8, "reason", says_nothing || may_be_told, at, || {
            format!("{} told somebody who had proved nothing why it refused", name(parts, from))
        });
    }

    fn made(&self, response: &[u8]) -> Option<Standing> {
        self.refusals.made.get(&wire::digest(&[response])).copied()
    }

    /// Of the device that a Challenge was for: nobody else can make a Response to it that opens.
    fn claimant(&self, sid_r: SidBytes) -> Option<Standing> {
        let of = self.challenges.get(&sid_r)?;
        self.standing_of(self.runs.get(&of.sid_i)?.client)
    }

    fn standing_of(&self, client: HostId) -> Option<Standing> {
        match self.part(client)? {
            Part::Client { standing, .. } => Some(Standing { is_judged: true, may_be_told: standing.is_enrolled() }),
            Part::Server(_) | Part::LookAlike | Part::Thief | Part::Stranger => None,
        }
    }

    /// Whether a user is enrolled with this key as its device, by itself or by the adversary.
    pub(super) fn is_enrolled(&self, claimed: &[u8], key: &[u8; 32]) -> bool {
        let is_it = |part: &Part| {
            matches!(part, Part::Client { user, device, standing, .. }
                if user.as_bytes() == claimed && device == key && standing.is_enrolled())
        };
        let by_adversary = self.roles.enrolled.iter().any(|(user, device)| user.as_bytes() == claimed && device == key);
        by_adversary || self.parts.iter().any(is_it)
    }
}

/// Whether a key is the canonical encoding of a point that is not of small order (CS-SIG-02).
fn is_strong(key: &[u8; 32]) -> bool {
    let point = CompressedEdwardsY(*key).decompress();
    point.is_some_and(|point| !point.is_small_order() && point.compress().as_bytes() == key)
}

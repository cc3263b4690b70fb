//! The responder's side: entries, cookies, kept Verdicts, questions to the store (`spec/responder.md`).

use crate::links;
use crate::output::{Answer, AnswerError, Closed, Dropped, Event, Output, ResponderState, Ticket};
use crate::shared::{Shared, Step, Timer};
use crate::table::Table;
use core::net::SocketAddr;
use countersign::primitives::sha256;
use countersign::transcript::TranscriptHash;
use countersign::wire::{Buffer, CHALLENGE_BYTES, Hello, Record, Response, Retry, Sid, VERDICT_BYTES_MAX};
use countersign::{
    Advance, AwaitResponse, Claim, CookieJar, Defence, Defences, Denied, Identity, Moment, OpenedResponse, Responder,
    Unconfirmed, Verified,
};
use rand_core::CryptoRng;
use std::collections::BTreeMap;

#[derive(Debug)]
pub(crate) struct Responding<D> {
    responder: Responder<D>,
    cookies: CookieJar<D>,
    entries: Table<Sid, Entry<D>>,
    by_hello: Table<TranscriptHash, Sid>,
    /// How many entries have no Verdict yet: the load.
    half_open: usize,
    tickets: BTreeMap<Ticket, Sid>,
    next_ticket: u64,
}

/// What is kept of one handshake until it lapses.
#[derive(Debug)]
struct Entry<D> {
    hello: TranscriptHash,
    phase: Phase<D>,
}

#[derive(Debug)]
enum Phase<D> {
    AwaitResponse(AwaitResponse<D>),
    /// The Response opened; the profile is asked for, or the store has failed and nothing is.
    AwaitProfile(Box<Asking<Claim<D>>>),
    /// The claim holds; the advance is asked for, or the store has failed and nothing is.
    AwaitAdvance(Box<Asking<Verified<D>>>),
    Concluded(Box<Concluded<D>>),
}

/// A question to the store.
#[derive(Debug)]
struct Asking<T> {
    about: T,
    ticket: Option<Ticket>,
    seen: Seen,
}

/// The one Response that was judged: only its exact repeat gets anything (CS-RESP-10).
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// The Challenge that it answered.
    challenge: [u8; CHALLENGE_BYTES],
    fingerprint: [u8; 32],
    from: SocketAddr,
}

#[derive(Debug)]
struct Concluded<D> {
    seen: Seen,
    verdict: Buffer<VERDICT_BYTES_MAX>,
    unconfirmed: Option<(Unconfirmed<D>, Moment)>,
}

impl<T> Asking<T> {
    /// The store has failed: nothing is asked until the Response comes again.
    fn stalled(mut self: Box<Self>) -> Box<Self> {
        self.ticket = None;
        self
    }
}

impl<D: Defences> Phase<D> {
    /// What every repeat of the Hello gets.
    fn challenge(&self) -> &[u8; CHALLENGE_BYTES] {
        match self {
            Self::AwaitResponse(state) => state.challenge(),
            Self::AwaitProfile(asking) => &asking.seen.challenge,
            Self::AwaitAdvance(asking) => &asking.seen.challenge,
            Self::Concluded(concluded) => &concluded.seen.challenge,
        }
    }

    /// The Response to which the store owes an answer that nobody waits for.
    fn stalled(&mut self) -> Option<&mut Seen> {
        match self {
            Self::AwaitProfile(asking) if asking.ticket.is_none() => Some(&mut asking.seen),
            Self::AwaitAdvance(asking) if asking.ticket.is_none() => Some(&mut asking.seen),
            Self::AwaitResponse(_) | Self::AwaitProfile(_) | Self::AwaitAdvance(_) | Self::Concluded(_) => None,
        }
    }

    /// The kept Verdict, for an exact repeat of the Response that it answered.
    fn verdict_for(&self, fingerprint: &[u8; 32]) -> Option<&[u8]> {
        match self {
            Self::Concluded(concluded) if concluded.seen.fingerprint == *fingerprint => Some(&concluded.verdict),
            Self::AwaitResponse(_) | Self::AwaitProfile(_) | Self::AwaitAdvance(_) | Self::Concluded(_) => None,
        }
    }
}

impl<D: Defences> Responding<D> {
    pub(crate) fn new(responder: Responder<D>, rng: &mut impl CryptoRng) -> Self {
        let cookies = CookieJar::new(responder.defences(), rng);
        Self {
            responder,
            cookies,
            entries: Table::new(),
            by_hello: Table::new(),
            half_open: 0,
            tickets: BTreeMap::new(),
            next_ticket: 0,
        }
    }

    pub(crate) const fn identity(&self) -> &Identity {
        self.responder.identity()
    }

    pub(crate) const fn defences(&self) -> D {
        self.responder.defences()
    }

    pub(crate) fn knows(&self, sid: &Sid) -> bool {
        self.entries.contains(sid)
    }

    pub(crate) const fn half_open(&self) -> usize {
        self.half_open
    }

    pub(crate) fn entries(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn unconfirmed(&self, sid: &Sid) -> Option<&Unconfirmed<D>> {
        match &self.entries.get(sid)?.phase {
            Phase::Concluded(concluded) => concluded.unconfirmed.as_ref().map(|(session, _)| session),
            Phase::AwaitResponse(_) | Phase::AwaitProfile(_) | Phase::AwaitAdvance(_) => None,
        }
    }

    pub(crate) fn state_of(&self, sid: &Sid) -> Option<ResponderState> {
        self.entries.get(sid).map(|entry| match &entry.phase {
            Phase::AwaitResponse(_) => ResponderState::AwaitResponse,
            Phase::AwaitProfile(asking) if asking.ticket.is_some() => ResponderState::AwaitProfile,
            Phase::AwaitProfile(_) => ResponderState::StalledProfile,
            Phase::AwaitAdvance(asking) if asking.ticket.is_some() => ResponderState::AwaitAdvance,
            Phase::AwaitAdvance(_) => ResponderState::StalledAdvance,
            Phase::Concluded(concluded) if concluded.unconfirmed.is_some() => ResponderState::Unconfirmed,
            Phase::Concluded(_) => ResponderState::Concluded,
        })
    }

    pub(crate) fn hello<R: CryptoRng>(
        &mut self,
        step: &mut Step<'_, R, D>,
        from: SocketAddr,
        hello: &Hello<'_>,
    ) -> Result<(), Dropped> {
        let defences = self.responder.defences();
        let screened = self.responder.screen(hello)?;
        let hash = *screened.hash();
        let repeated = self.by_hello.get(&hash).and_then(|sid| self.entries.get(sid));
        if let Some(entry) = repeated.filter(|_| defences.holds(Defence::RepeatsIdentical)) {
            step.shared.send(from, entry.phase.challenge()); // CS-RESP-01
            return Ok(());
        }
        let moment = step.now.monotonic;
        let is_loaded = self.half_open >= step.shared.limits.half_open_before_cookies;
        // CS-COOKIE-05: read under load alone, and a wrong one counts as none.
        if is_loaded {
            self.cookies.prepare(moment);
        }
        if is_loaded && !self.cookies.is_good(moment, from, &hash, hello.cookie) {
            let cookie = self.cookies.bake(moment, from, &hash);
            step.shared.send(from, &Retry { sid_i: hello.sid_i, cookie: &cookie }.encode()); // CS-COOKIE-01
            return Ok(());
        }
        let held = self.entries.len().saturating_add(step.shared.links.len());
        if held >= step.shared.limits.entries_max && defences.holds(Defence::TableBound) {
            return Err(Dropped::TableFull); // CS-RESP-14
        }
        let entries = &self.entries;
        let links = &step.shared.links;
        let is_free = |sid: &Sid| !entries.contains(sid) && !links.contains(sid) && !(step.elsewhere)(sid);
        let state = self.responder.challenge(screened, step.now, &mut step.shared.rng, is_free)?;
        let sid = state.sid();
        step.shared.send(from, state.challenge());
        if defences.holds(Defence::HalfOpenLifetime) {
            let lapses = step.after(step.shared.limits.half_open_lifetime);
            step.set(Timer::Lapse(sid), lapses); // CS-RESP-13
        }
        self.by_hello.insert(hash, sid);
        self.entries.insert(sid, Entry { hello: hash, phase: Phase::AwaitResponse(state) });
        self.half_open = self.half_open.saturating_add(1);
        Ok(())
    }

    pub(crate) fn response<R>(
        &mut self,
        step: &mut Step<'_, R, D>,
        from: SocketAddr,
        response: &Response<'_>,
    ) -> Result<(), Dropped> {
        let sid = response.sid_r;
        let entry = self.entries.get_mut(&sid).ok_or(Dropped::UnknownSid)?;
        let opened = match &entry.phase {
            Phase::AwaitResponse(state) => Some((state.open(response)?, *state.challenge())), // CS-RESP-02
            Phase::AwaitProfile(_) | Phase::AwaitAdvance(_) | Phase::Concluded(_) => None,
        };
        let fingerprint = sha256(response.bytes);
        if let Some((opened, challenge)) = opened {
            self.claim(step, sid, opened, Seen { challenge, fingerprint, from });
        } else if let Some(seen) = entry.phase.stalled().filter(|seen| seen.fingerprint == fingerprint) {
            seen.from = from;
            self.ask(step.shared, sid); // CS-RESP-11
        } else if let Some(verdict) = entry.phase.verdict_for(&fingerprint) {
            step.shared.send(from, verdict); // CS-RESP-10
        } else {
            return Err(Dropped::OutOfTurn);
        }
        Ok(())
    }

    pub(crate) fn answer<R>(
        &mut self,
        step: &mut Step<'_, R, D>,
        ticket: Ticket,
        answer: Answer,
    ) -> Result<(), AnswerError> {
        let sid = *self.tickets.get(&ticket).ok_or(AnswerError::UnknownTicket)?;
        let Entry { hello, phase } = self.entries.remove(&sid).ok_or(AnswerError::UnknownTicket)?;
        let asks_next = matches!(answer, Answer::Profile(_) | Answer::NoProfile);
        let judged = match (phase, answer) {
            (Phase::AwaitProfile(asking), Answer::Profile(profile)) => Ok(self.judge(step, *asking, Some(&profile))),
            (Phase::AwaitProfile(asking), Answer::NoProfile) => Ok(self.judge(step, *asking, None)),
            (Phase::AwaitAdvance(asking), Answer::Advanced(receipt)) => {
                Ok(self.conclude(step, *asking, &Advance::Advanced(receipt)))
            }
            (Phase::AwaitAdvance(asking), Answer::Stale { latest }) => {
                Ok(self.conclude(step, *asking, &Advance::Stale { latest }))
            }
            // CS-RESP-11: no Verdict; the entry waits for the next repeat.
            (Phase::AwaitProfile(asking), Answer::StoreError) => Ok(Phase::AwaitProfile(asking.stalled())),
            (Phase::AwaitAdvance(asking), Answer::StoreError) => Ok(Phase::AwaitAdvance(asking.stalled())),
            (
                phase @ (Phase::AwaitResponse(_)
                | Phase::AwaitProfile(_)
                | Phase::AwaitAdvance(_)
                | Phase::Concluded(_)),
                Answer::Profile(_)
                | Answer::NoProfile
                | Answer::Advanced(_)
                | Answer::Stale { .. }
                | Answer::StoreError,
            ) => Err(phase),
        };
        let is_answered = judged.is_ok();
        let (Ok(phase) | Err(phase)) = judged;
        self.entries.insert(sid, Entry { hello, phase });
        if !is_answered {
            return Err(AnswerError::NotAsked);
        }
        self.tickets.remove(&ticket);
        if asks_next {
            self.ask(step.shared, sid);
        }
        Ok(())
    }

    /// A record for a session that is not confirmed.
    pub(crate) fn record<R>(
        &mut self,
        step: &mut Step<'_, R, D>,
        from: SocketAddr,
        record: &Record<'_>,
    ) -> Result<(), Dropped> {
        let entry = self.entries.get_mut(&record.sid).ok_or(Dropped::UnknownSid)?;
        let Phase::Concluded(concluded) = &mut entry.phase else { return Err(Dropped::OutOfTurn) };
        let Some((session, _)) = &concluded.unconfirmed else { return Err(Dropped::OutOfTurn) };
        let opened = session.check(record)?;
        if let Some((session, expires)) = concluded.unconfirmed.take() {
            let (session, content) = session.confirm(opened); // CS-SESS-02
            links::open_confirmed(step, session, from, expires, content);
        }
        Ok(())
    }

    /// An unconfirmed session has lived as long as its Verdict said.
    pub(crate) fn expire<R>(&mut self, step: &mut Step<'_, R, D>, sid: Sid) {
        if self.forget_unconfirmed(step, sid) {
            step.shared.tell(Event::Closed { session: sid, why: Closed::Expired }); // CS-SESS-06
        }
    }

    /// Drops a session that is not confirmed; its Verdict is kept. Whether there was one.
    pub(crate) fn forget_unconfirmed<R>(&mut self, step: &mut Step<'_, R, D>, sid: Sid) -> bool {
        let Some(Entry { phase: Phase::Concluded(concluded), .. }) = self.entries.get_mut(&sid) else { return false };
        let was_there = concluded.unconfirmed.take().is_some();
        if was_there {
            step.shared.timers.cancel(Timer::SessionEnd(sid));
        }
        was_there
    }

    /// 120 s after its Challenge, whatever is left of a handshake is forgotten.
    pub(crate) fn lapse<R>(&mut self, step: &mut Step<'_, R, D>, sid: Sid) {
        let Some(entry) = self.entries.remove(&sid) else { return };
        self.by_hello.remove(&entry.hello);
        debug_assert!(self.by_hello.len() <= self.entries.len(), "a Hello is remembered no longer than its entry");
        match entry.phase {
            Phase::Concluded(concluded) => {
                if concluded.unconfirmed.is_some() {
                    step.shared.timers.cancel(Timer::SessionEnd(sid));
                    step.shared.tell(Event::Closed { session: sid, why: Closed::Lapsed });
                }
                return;
            }
            Phase::AwaitProfile(asking) => asking.ticket.and_then(|ticket| self.tickets.remove(&ticket)),
            Phase::AwaitAdvance(asking) => asking.ticket.and_then(|ticket| self.tickets.remove(&ticket)),
            Phase::AwaitResponse(_) => None,
        };
        self.half_open = self.half_open.saturating_sub(1);
    }

    /// The first Response that opened: its claim goes to the store, unless it is none.
    fn claim<R>(&mut self, step: &mut Step<'_, R, D>, sid: Sid, opened: OpenedResponse<D>, seen: Seen) {
        let Some(Entry { hello, phase }) = self.entries.remove(&sid) else { return };
        let phase = match phase {
            Phase::AwaitResponse(state) => match state.claim(opened) {
                Ok(about) => Phase::AwaitProfile(Box::new(Asking { about, ticket: None, seen })),
                Err(denied) => self.refuse(step.shared, seen, denied, None),
            },
            other @ (Phase::AwaitProfile(_) | Phase::AwaitAdvance(_) | Phase::Concluded(_)) => other,
        };
        self.entries.insert(sid, Entry { hello, phase });
        self.ask(step.shared, sid);
    }

    fn judge<R>(
        &mut self,
        step: &mut Step<'_, R, D>,
        asking: Asking<Claim<D>>,
        profile: Option<&countersign::Profile>,
    ) -> Phase<D> {
        let Asking { about: claim, seen, .. } = asking;
        let claimant = (claim.user().clone(), *claim.device());
        match claim.judge(&self.responder, profile, step.now) {
            Ok(about) => Phase::AwaitAdvance(Box::new(Asking { about, ticket: None, seen })),
            Err(denied) => self.refuse(step.shared, seen, denied, Some(claimant)),
        }
    }

    /// The Verdict, once the store has spoken (CS-RESP-09).
    fn conclude<R>(&mut self, step: &mut Step<'_, R, D>, asking: Asking<Verified<D>>, advance: &Advance) -> Phase<D> {
        let Asking { about: verified, seen, .. } = asking;
        let row = verified.advance();
        match verified.conclude(advance) {
            Ok(accepted) => {
                step.shared.send(seen.from, &accepted.verdict);
                let expires = step.after(accepted.agreement.lifetime);
                let session = accepted.session.id();
                step.set(Timer::SessionEnd(session), expires);
                step.shared.tell(Event::Admitted { session, agreement: Box::new(accepted.agreement) });
                self.concluded(seen, accepted.verdict, Some((accepted.session, expires)))
            }
            Err(denied) => self.refuse(step.shared, seen, denied, Some((row.user, row.device))),
        }
    }

    /// The one refusal (CS-RESP-03).
    fn refuse<R>(
        &mut self,
        shared: &mut Shared<R, D>,
        seen: Seen,
        denied: Denied<D>,
        claimant: Option<(countersign::Name, [u8; 32])>,
    ) -> Phase<D> {
        shared.tell(Event::Denied { from: seen.from, claimant, denial: denied.denial() }); // CS-REF-04
        let verdict = denied.into_verdict();
        shared.send(seen.from, &verdict);
        self.concluded(seen, verdict, None)
    }

    fn concluded(
        &mut self,
        seen: Seen,
        verdict: Buffer<VERDICT_BYTES_MAX>,
        unconfirmed: Option<(Unconfirmed<D>, Moment)>,
    ) -> Phase<D> {
        self.half_open = self.half_open.saturating_sub(1);
        Phase::Concluded(Box::new(Concluded { seen, verdict, unconfirmed }))
    }

    /// Asks the store what this entry needs next.
    fn ask<R>(&mut self, shared: &mut Shared<R, D>, sid: Sid) {
        let ticket = Ticket(self.next_ticket);
        let Some(entry) = self.entries.get_mut(&sid) else { return };
        let question = match &mut entry.phase {
            Phase::AwaitProfile(asking) => {
                asking.ticket = Some(ticket);
                let (user, device) = (asking.about.user().clone(), *asking.about.device());
                Output::Lookup { ticket, user, device }
            }
            Phase::AwaitAdvance(asking) => {
                asking.ticket = Some(ticket);
                let row = asking.about.advance();
                Output::Advance { ticket, user: row.user, device: row.device, timestamp: row.timestamp }
            }
            Phase::AwaitResponse(_) | Phase::Concluded(_) => return,
        };
        self.next_ticket = self.next_ticket.saturating_add(1);
        self.tickets.insert(ticket, sid);
        shared.out.push_back(question);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::Whole;

    /// What a responder keeps of somebody who has proved nothing, with the Challenge that it may have to repeat and the hash by
    /// which it knows the Hello again.
    #[test]
    fn a_half_open_entry_is_held_in_512_bytes() {
        assert!(size_of::<Entry<Whole>>() <= 512, "{} bytes", size_of::<Entry<Whole>>());
    }
}

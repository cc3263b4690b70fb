//! What is said in sessions, where it goes, and who ends them.

use super::wire::{self, RECORD_OVERHEAD_BYTES};
use super::{Observer, name};
use crate::claims::Claim;
use crate::host::{Address, HostId};
use crate::people::said;
use crate::run::SidBytes;
use countersign::{EPOCH_RECORDS, Moment, Reject};
use countersign_endpoint::Dropped;

impl Observer {
    /// A host has judged a record. A7: no key is derived for one from far ahead; nobody here gets so far.
    pub(super) fn record_judged(&mut self, at: Moment, to: HostId, record: &[u8], result: Result<(), Dropped>) {
        let Some(((_, sid), counter)) = wire::header(record).zip(wire::counter(record)) else { return };
        let is_far = counter >= EPOCH_RECORDS.saturating_mul(2);
        let is_tried = matches!(result, Ok(()) | Err(Dropped::Rejected(Reject::RecordDoesNotOpen)));
        let parts = &self.parts;
        self.ledger.check(Claim::A7, "reach", !is_far || !is_tried, at, || {
            format!("{} tried to open a record under counter {counter}", name(parts, to))
        });
        let Some(from) = self.incoming.map(|incoming| incoming.from).filter(|_| result.is_ok()) else { return };
        let admission = self.admissions.get_mut(&sid).filter(|admission| admission.server == to);
        if let Some(admission) = admission
            && admission.newest.is_none_or(|(newest, _)| newest < counter)
        {
            admission.newest = Some((counter, from));
        }
    }

    /// A7: a responder's records go to where the newest of the initiator's that opened came from.
    pub(super) fn check_address(&mut self, at: Moment, from: HostId, to: Address, sid_r: SidBytes) {
        let Some(admission) = self.admissions.get(&sid_r).filter(|admission| admission.server == from) else { return };
        let newest = admission.newest.map(|(_, address)| address);
        let parts = &self.parts;
        self.ledger.check(Claim::A7, "address", newest == Some(to), at, || {
            format!("{} sent a record to {to:?}, and its peer is at {newest:?}", name(parts, from))
        });
    }

    /// A client's people have closed their session.
    pub(crate) fn hung_up(&mut self, sid_i: SidBytes) {
        let peer = self.peers.get(&sid_i).and_then(|(_, sid_r)| self.admissions.get_mut(sid_r));
        if let Some(admission) = peer {
            admission.hung_up = true;
        }
    }

    /// A7: a session is closed on the peer's word only if the peer gave it. Servers never do.
    pub(super) fn closed_by_peer(&mut self, at: Moment, host: HostId, sid: SidBytes) {
        let original = self.original(host);
        let admission = self.admissions.get(&sid).filter(|admission| self.original(admission.server) == original);
        let holds = match admission {
            Some(admission) => {
                let terms = &admission.agreement.terms;
                admission.hung_up || self.repeated.contains(&terms.sid_i.0) || self.known_keys.contains(&terms.device)
            }
            None => !self.peers.contains_key(&sid),
        };
        let parts = &self.parts;
        self.ledger.check(Claim::A7, "closed", holds, at, || {
            format!("{} took its session for closed by its peer, who had not closed it", name(parts, host))
        });
    }

    /// A6: no two records of a session are sealed under one keystream. All that is said is known here, so that the
    /// keystreams are, too.
    pub(super) fn check_keystream(&mut self, at: Moment, from: HostId, sid_r: SidBytes, record: &[u8]) {
        let Some(keystream) = keystream(record) else { return };
        let Some(admission) = self.admissions.get_mut(&sid_r) else { return };
        let is_new = !admission.keystreams.contains(&keystream);
        if is_new {
            admission.keystreams.push(keystream);
        }
        let excused = self.repeated.contains(&admission.agreement.terms.sid_i.0);
        let parts = &self.parts;
        self.ledger.check(Claim::A6, "keystream", is_new || excused, at, || {
            format!("{} sealed a record under a keystream that had been used in its session", name(parts, from))
        });
    }
}

/// How the keystream begins under which data was sealed. `None` if it says too little to tell keystreams apart.
fn keystream(record: &[u8]) -> Option<[u8; 16]> {
    const DATA: u8 = 1;
    let said = said(record.len().checked_sub(RECORD_OVERHEAD_BYTES)?)?;
    let sealed: [u8; 16] = wire::slice(record, 18)?;
    let plain = core::iter::once(DATA).chain(said.iter().copied());
    let mut keystream = sealed;
    let mut known = 0_usize;
    for (byte, plain) in keystream.iter_mut().zip(plain) {
        *byte ^= plain;
        known = known.saturating_add(1);
    }
    (known == keystream.len()).then_some(keystream)
}

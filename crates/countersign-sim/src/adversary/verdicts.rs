//! Verdicts that the adversary can open: those of exchanges whose secret it has.

use super::grammar::{Exchange, Forged, Signature};
use super::knowledge::Knowledge;
use crate::act::{Act, DatagramName, HandshakeNumber, QuestionName};
use crate::host::HostId;
use crate::observer::Claimed;
use crate::stage::Notice;
use crate::todo::Flight;
use countersign::Defences;
use countersign::wire::Kind;
use std::collections::BTreeMap;

/// What each answer of a responder answers.
#[derive(Debug, Default)]
pub(crate) struct Exchanges {
    /// The Hello and the Challenge of an exchange, by the responder and its session id.
    greeted: BTreeMap<(HostId, [u8; 8]), (DatagramName, DatagramName)>,
    /// The Response that a store is asked about.
    asked: BTreeMap<QuestionName, DatagramName>,
}

/// A Verdict that was opened.
#[derive(Debug)]
pub(crate) struct Opened<'a> {
    pub(crate) by: HostId,
    /// The Response that it answers.
    pub(crate) response: &'a [u8],
    /// The text in its box.
    pub(crate) text: Vec<u8>,
}

impl Exchanges {
    /// The datagram that a host is handed in a step, or was handed when it asked its store.
    pub(crate) fn cause(&mut self, step: u64, act: &Act, adversary: HostId) -> Option<DatagramName> {
        if let Act::Deliver { datagram, .. } = act {
            Some(*datagram)
        } else if let Act::Forge { message, .. } = act {
            Some(DatagramName { from: adversary, handshake: HandshakeNumber(step), kind: message.kind(), nth: 1 })
        } else if let Act::Answer { question, .. } = act {
            self.asked.remove(question)
        } else {
            None
        }
    }

    /// Something has come of it. Returns the Verdict that it was, if it can be opened.
    pub(crate) fn note<'a, D: Defences>(
        &mut self,
        knowledge: &'a Knowledge<D>,
        cause: &DatagramName,
        notice: &Notice,
    ) -> Option<Opened<'a>> {
        if let Notice::Asked(question) = notice
            && is(cause, Kind::Response)
        {
            self.asked.insert(*question, *cause);
        }
        let Notice::Sent(flight) = notice else { return None };
        if is(cause, Kind::Response) && is(&flight.name, Kind::Verdict) {
            return self.open(knowledge, cause, flight);
        }
        if is(cause, Kind::Hello) && is(&flight.name, Kind::Challenge) {
            let sid_r = knowledge.challenge(&flight.name)?.sid_r;
            self.greeted.insert((flight.name.from, sid_r.0), (*cause, flight.name));
        }
        None
    }

    fn open<'a, D: Defences>(
        &self,
        knowledge: &'a Knowledge<D>,
        response: &DatagramName,
        verdict: &Flight,
    ) -> Option<Opened<'a>> {
        let by = verdict.name.from;
        let bytes = knowledge.bytes(response)?;
        let sid_r = bytes.get(2..)?.first_chunk()?;
        let (hello, challenge) = *self.greeted.get(&(by, *sid_r))?;
        let of = Exchange { hello, challenge, response: Some(*response), verdict: Some(verdict.name) };
        Some(Opened { by, response: bytes, text: knowledge.open(&of)? })
    }
}

impl<D: Defences> Knowledge<D> {
    /// What a forged Response claims, and whether with the device's key. One that was copied may have been made with it
    /// if the adversary has that key.
    pub(crate) fn claimed(&self, message: &Forged) -> Option<Claimed> {
        let Forged::Response { user, device, signature, .. } = message else { return None };
        let public = self.public_key(*device)?;
        let is_signed = match signature {
            Signature::By(key, _) | Signature::Degenerate(key, _) => self.public_key(*key) == Some(public),
            Signature::Of(_) => self.signing_key(*device).is_some(),
            Signature::Elsewhere(..) | Signature::OfNeutral | Signature::Junk => false,
        };
        Some(Claimed { user: user.as_bytes().to_vec(), device: public, is_signed })
    }
}

fn is(name: &DatagramName, kind: Kind) -> bool {
    name.kind == kind as u8
}

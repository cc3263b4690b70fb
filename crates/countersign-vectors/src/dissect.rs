//! A recorded handshake taken apart, given one side's ephemeral secret.
//!
//! Follows the formulas of `spec/keys.md` with the core's own functions and believes nothing: a message that does not
//! open belongs to somebody else, and is passed over. A recording may stop anywhere, be refused, and hold repeats.
//! The fields, and their `Debug`, show secrets: for vectors, traces and the laboratory.

mod session;

pub use session::{Direction, OpenedRecord, OpenedSession};

use core::ops::Deref;
use countersign::boxes;
use countersign::primitives::Ephemeral;
use countersign::schedule::{ExportError, HandshakeSecret, Label, Secret, export};
use countersign::signature::{SignedClaim, challenge_input, response_input};
use countersign::transcript::{Transcript, TranscriptHash};
use countersign::wire::{
    BOX_HEADER_BYTES, CHALLENGE_PLAINTEXT_BYTES, CLAIM_PLAINTEXT_BYTES_MAX, Challenge, ChallengePlaintext,
    ClaimPlaintext, DecodeError, Hello, Message, Response, Sid, VERDICT_PLAINTEXT_BYTES_MAX, Verdict, VerdictPlaintext,
};
use countersign::{Identity, Role, Whole};
use zeroize::Zeroizing;

/// What is known beside the datagrams.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The side whose secret is known.
    pub side: Role,
    /// Its ephemeral secret.
    pub ephemeral: &'a [u8; 32],
    /// The responder. Without it, the inputs of the signatures are not known; with it, Challenges that hold another key
    /// are passed over.
    pub responder: Option<&'a Identity>,
}

/// One handshake, taken apart as far as it went.
#[derive(Debug)]
pub struct Dissection {
    /// The initiator's session id.
    pub sid_i: Sid,
    /// The initiator's ephemeral, public.
    pub e_i: [u8; 32],
    /// The transcript after the Hello.
    pub th1: TranscriptHash,
    /// The first Challenge that opened.
    pub challenge: Option<OpenedChallenge>,
    /// The first Response that opened under it.
    pub response: Option<OpenedResponse>,
    /// The first Verdict that opened after it.
    pub verdict: Option<OpenedVerdict>,
    /// What an accepting Verdict opened.
    pub session: Option<OpenedSession>,
    /// Datagrams that are no part of it: junk, repeats of what is sealed, Retries, and messages of other handshakes.
    pub passed_over: usize,
    transcript: Transcript<Whole>,
}

/// A box, opened.
#[derive(Debug)]
pub struct OpenedBox {
    /// The transcript at the box, which is its associated data.
    pub th: TranscriptHash,
    /// The key of the AEAD.
    pub key: Secret,
    /// The key of the synthetic nonce.
    pub nonce_key: Secret,
    /// The nonce.
    pub nonce: [u8; 12],
    /// What was sealed, with its padding.
    pub plaintext: Zeroizing<Vec<u8>>,
}

/// A Challenge, opened.
#[derive(Debug)]
pub struct OpenedChallenge {
    /// The responder's session id.
    pub sid_r: Sid,
    /// X25519 of the two ephemerals.
    pub ss: Secret,
    /// What every key comes from.
    pub prk: HandshakeSecret,
    /// Its box, at th2.
    pub sealed: OpenedBox,
    /// The key in the box.
    pub key: [u8; 32],
    /// The signature in the box.
    pub signature: [u8; 64],
    /// What the signature is over, if the responder is known.
    pub signature_input: Option<Vec<u8>>,
    /// The transcript after it.
    pub th3: TranscriptHash,
}

/// A Response, opened.
#[derive(Debug)]
pub struct OpenedResponse {
    /// Its box, at th4.
    pub sealed: OpenedBox,
    /// The claim in the box.
    pub claim: Result<ClaimPlaintext, DecodeError>,
    /// What the claim's signature is over, if the responder is known and the claim decodes.
    pub signature_input: Option<Vec<u8>>,
    /// The transcript after it.
    pub th5: TranscriptHash,
}

/// A Verdict, opened.
#[derive(Debug)]
pub struct OpenedVerdict {
    /// Its box, at th6.
    pub sealed: OpenedBox,
    /// What it says.
    pub verdict: Result<VerdictPlaintext, DecodeError>,
    /// The transcript after it.
    pub th7: TranscriptHash,
}

impl Dissection {
    /// Takes a recording apart. `None` if there is no Hello in it, or none that this ephemeral belongs to.
    #[must_use]
    pub fn of<M: Deref<Target = [u8]>>(evidence: &Evidence<'_>, messages: impl IntoIterator<Item = M>) -> Option<Self> {
        let own = Ephemeral::from_secret(evidence.ephemeral);
        let mut passed_over = 0_usize;
        let mut dissection: Option<Self> = None;
        for message in messages {
            let taken = match (&mut dissection, Message::decode(&message)) {
                (Some(dissection), Ok(message)) => dissection.take(evidence, &own, &message),
                (none, Ok(Message::Hello(hello)))
                    if evidence.side == Role::Responder || hello.ephemeral == own.public() =>
                {
                    *none = Some(Self::begin(&hello));
                    true
                }
                _ => false,
            };
            passed_over = passed_over.saturating_add(usize::from(!taken));
        }
        dissection.map(|dissection| Self { passed_over, ..dissection })
    }

    fn begin(hello: &Hello<'_>) -> Self {
        let transcript = Transcript::of_hello(Whole, hello);
        Self {
            sid_i: hello.sid_i,
            e_i: *hello.ephemeral,
            th1: transcript.hash(),
            challenge: None,
            response: None,
            verdict: None,
            session: None,
            passed_over: 0,
            transcript,
        }
    }

    /// Takes one more message; whether it is part of this handshake.
    fn take(&mut self, evidence: &Evidence<'_>, own: &Ephemeral, message: &Message<'_>) -> bool {
        match message {
            Message::Hello(hello) => Transcript::of_hello(Whole, hello).hash() == self.th1,
            Message::Retry(_) => false,
            Message::Challenge(challenge) => self.take_challenge(evidence, own, challenge).is_some(),
            Message::Response(response) => self.take_response(evidence, response).is_some(),
            Message::Verdict(verdict) => self.take_verdict(verdict).is_some(),
            Message::Record(record) => self.session.as_mut().and_then(|session| session.take(record)).is_some(),
        }
    }

    fn take_challenge(&mut self, evidence: &Evidence<'_>, own: &Ephemeral, challenge: &Challenge<'_>) -> Option<()> {
        let peer = match evidence.side {
            Role::Initiator => challenge.ephemeral,
            Role::Responder if challenge.ephemeral == own.public() => &self.e_i,
            Role::Responder => return None,
        };
        if self.challenge.is_some() {
            return None;
        }
        let ss = own.agree(peer)?;
        let mut transcript = self.transcript.clone();
        transcript.absorb_challenge_header(challenge);
        let th2 = transcript.hash();
        let prk = HandshakeSecret::extract(&th2, &ss);
        let sealed = open::<CHALLENGE_PLAINTEXT_BYTES>(&prk, Label::Challenge, th2, challenge.sealed)?;
        let proof = ChallengePlaintext::decode(&sealed.plaintext).ok()?;
        let (key, signature) = (*proof.key, *proof.signature);
        if evidence.responder.is_some_and(|responder| responder.key != key) {
            return None;
        }
        transcript.absorb(challenge.sealed);
        let signature_input = evidence.responder.map(|responder| challenge_input(Whole, &th2, responder).to_vec());
        let (sid_r, th3) = (challenge.sid_r, transcript.hash());
        self.challenge = Some(OpenedChallenge { sid_r, ss, prk, sealed, key, signature, signature_input, th3 });
        self.transcript = transcript;
        Some(())
    }

    fn take_response(&mut self, evidence: &Evidence<'_>, response: &Response<'_>) -> Option<()> {
        let prk = self.prk().filter(|_| self.response.is_none())?;
        let mut transcript = self.transcript.clone();
        absorb_header(&mut transcript, response.bytes);
        let sealed = open::<CLAIM_PLAINTEXT_BYTES_MAX>(prk, Label::Response, transcript.hash(), response.sealed)?;
        transcript.absorb(response.sealed);
        let claim = ClaimPlaintext::decode(&sealed.plaintext);
        let signature_input = evidence.responder.zip(claim.as_ref().ok()).map(|(responder, claim)| {
            let ClaimPlaintext { user, device, timestamp, wanted, signature: _ } = claim;
            let claim = SignedClaim { user, device, timestamp: *timestamp, wanted };
            response_input(Whole, &sealed.th, responder, &claim).to_vec()
        });
        let th5 = transcript.hash();
        self.response = Some(OpenedResponse { sealed, claim, signature_input, th5 });
        self.transcript = transcript;
        Some(())
    }

    fn take_verdict(&mut self, verdict: &Verdict<'_>) -> Option<()> {
        let OpenedChallenge { prk, sid_r, .. } = self.challenge.as_ref()?;
        if self.response.is_none() || self.verdict.is_some() {
            return None;
        }
        let mut transcript = self.transcript.clone();
        absorb_header(&mut transcript, verdict.bytes);
        let sealed = open::<VERDICT_PLAINTEXT_BYTES_MAX>(prk, Label::Verdict, transcript.hash(), verdict.sealed)?;
        transcript.absorb(verdict.sealed);
        let decoded = VerdictPlaintext::decode(&sealed.plaintext);
        let th7 = transcript.hash();
        if let Ok(VerdictPlaintext::Accepted { .. }) = decoded {
            self.session = Some(OpenedSession::new(prk, &th7, self.sid_i, *sid_r));
        }
        self.verdict = Some(OpenedVerdict { sealed, verdict: decoded, th7 });
        self.transcript = transcript;
        Some(())
    }

    /// The transcript as far as the handshake went.
    #[must_use]
    pub const fn transcript(&self) -> &Transcript<Whole> {
        &self.transcript
    }

    /// What every key comes from, once a Challenge has opened.
    #[must_use]
    pub fn prk(&self) -> Option<&HandshakeSecret> {
        self.challenge.as_ref().map(|challenge| &challenge.prk)
    }

    /// Keying material of the session, if there is one.
    ///
    /// # Errors
    /// As of a session.
    pub fn export(&self, label: &[u8], context: &[u8], bytes: usize) -> Option<Result<Vec<u8>, ExportError>> {
        let session = self.session.as_ref()?;
        let mut out = vec![0; bytes];
        Some(export(&session.exporter, label, context, &mut out).map(|()| out))
    }
}

/// Goes on with the ten bytes of a Response or Verdict before its box.
fn absorb_header(transcript: &mut Transcript<Whole>, message: &[u8]) {
    let (header, _) = message.split_at(BOX_HEADER_BYTES);
    transcript.absorb(header);
}

/// Opens a box of at most `N` bytes of text.
fn open<const N: usize>(prk: &HandshakeSecret, label: Label, th: TranscriptHash, sealed: &[u8]) -> Option<OpenedBox> {
    let keys = prk.box_keys(label, &th);
    let text = boxes::open::<_, N>(Whole, &keys, &th, sealed)?;
    let nonce = *sealed.first_chunk().expect("a box that opened has a nonce");
    let plaintext = Zeroizing::new(text.to_vec());
    Some(OpenedBox { th, key: keys.aead, nonce_key: keys.nonce, nonce, plaintext })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::Exchange;
    use crate::hedging::Draw;
    use crate::inputs::{Inputs, example};

    /// An honest handshake, and the initiator's ephemeral secret.
    fn recorded(inputs: &Inputs) -> ([Vec<u8>; 4], [u8; 32]) {
        let Exchange { hello, challenge, response, verdict, ended: _ } = Exchange::run(inputs);
        let draw = Draw::of_initiator(inputs, inputs.initiator.clock);
        ([hello, challenge, response, verdict], *draw.ephemeral())
    }

    fn dissect<'a>(ephemeral: &[u8; 32], messages: impl IntoIterator<Item = &'a Vec<u8>>) -> Option<Dissection> {
        let evidence = Evidence { side: Role::Initiator, ephemeral, responder: None };
        Dissection::of(&evidence, messages.into_iter().map(Vec::as_slice))
    }

    /// CS-TRN-01: as far as the recording goes, and with the same values however far that is.
    #[test]
    fn a_recording_may_stop_anywhere() {
        let (messages, ephemeral) = recorded(&example());
        let whole: Vec<_> = dissect(&ephemeral, &messages).unwrap().values().collect();
        assert!(dissect(&ephemeral, &messages[..0]).is_none());
        let mut before = 0;
        for length in 1..=messages.len() {
            let part: Vec<_> = dissect(&ephemeral, &messages[..length]).unwrap().values().collect();
            assert!(part.len() > before && whole.starts_with(&part), "{length} messages");
            before = part.len();
        }
    }

    /// CS-BOX-03: repeats, junk and the messages of another handshake are passed over, and change no value.
    #[test]
    fn what_does_not_belong_is_passed_over() {
        let (messages, ephemeral) = recorded(&example());
        let mut inputs = example();
        inputs.initiator.generator = [0x99; 32];
        inputs.responder.generator = [0xaa; 32];
        let (others, _) = recorded(&inputs);
        let junk = vec![1, 2, 3];
        let mixed = others.iter().zip(&messages).flat_map(|(other, own)| [other, &junk, own, own]);
        let (clean, noisy) = (dissect(&ephemeral, &messages).unwrap(), dissect(&ephemeral, mixed).unwrap());
        assert!(clean.values().eq(noisy.values()));
        // Four of the other handshake, four of junk, and the repeats of all but the Hello.
        assert_eq!((clean.passed_over, noisy.passed_over), (0, 4 + 4 + 3));
    }

    /// CS-REF-01: a refused handshake opens as far as its Verdict, and has no session.
    #[test]
    fn a_refusal_has_no_session() {
        let mut inputs = example();
        inputs.store.profile.devices.clear();
        let (messages, ephemeral) = recorded(&inputs);
        let dissection = dissect(&ephemeral, &messages).unwrap();
        let refusal = VerdictPlaintext::Refused(countersign::wire::Reason::None);
        assert_eq!(dissection.verdict.as_ref().unwrap().verdict, Ok(refusal));
        assert!(dissection.session.is_none() && dissection.export(b"label", b"", 32).is_none());
    }

    /// CS-INIT-03: of two Challenges that open, the one with the expected key is taken.
    #[test]
    fn a_known_responder_is_told_from_a_stranger() {
        let (messages, ephemeral) = recorded(&example());
        let mut strange = example();
        strange.responder.seed = [0x77; 32];
        let responder = example().responder().identity().clone();
        let evidence = Evidence { side: Role::Initiator, ephemeral: &ephemeral, responder: Some(&responder) };
        let hello = messages[0].as_slice();
        let Ok(Message::Hello(decoded)) = Message::decode(hello) else { panic!("a Hello") };
        let generator = &mut crate::scripted::Scripted::new(&[0xbb; 32]);
        let (_, stranger) = strange.challenge(&mut strange.responder(), generator, &decoded).unwrap();
        let dissection = Dissection::of(&evidence, [hello, &stranger, &messages[1]]).unwrap();
        assert_eq!(dissection.challenge.unwrap().key, responder.key);
        assert_eq!(dissection.passed_over, 1);
    }
}

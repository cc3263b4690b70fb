//! The responder's half of the exchange.
//!
//! [`ScreenedHello`] → [`AwaitResponse`] → [`Claim`] → [`Verified`] or [`Denied`] → [`Unconfirmed`]; rules in
//! `spec/responder.md`. Asks for facts (a profile, a receipt) and never fetches them.

use crate::agreement::{Agreement, Terms};
use crate::boxes;
use crate::defence::{Defence, Defences, Whole};
use crate::hedge::{self, Hedge, Role};
use crate::identity::{Identity, Name};
use crate::judgement::{Claim, Denied};
use crate::primitives::{self, Backend, Ephemeral, SigningKey};
use crate::reject::{Denial, Reject};
use crate::schedule::{BoxKeys, HandshakeSecret, Label};
use crate::session::{Session, Unconfirmed};
use crate::signature::challenge_input;
use crate::time::{Now, Timestamp};
use crate::transcript::{Transcript, TranscriptHash};
use crate::wire::{
    BOX_HEADER_BYTES, Buffer, CHALLENGE_BYTES, CLAIM_PLAINTEXT_BYTES_MAX, Challenge, ChallengePlaintext,
    ClaimPlaintext, Hello, Kind, Message, Response, SUITE_1, Sid, Suites, VERDICT_BYTES_MAX, VerdictPlaintext,
    box_header,
};
use core::time::Duration;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// How a responder treats clocks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ResponderPolicy {
    /// How far clocks may differ.
    pub skew: Duration,
    /// How long a Response may have been under way: the initiator's deadline.
    pub flight: Duration,
}

impl Default for ResponderPolicy {
    fn default() -> Self {
        Self { skew: crate::SKEW, flight: crate::DEADLINE }
    }
}

/// A responder under its name and key: answers Hellos.
#[derive(Debug)]
pub struct Responder<D = Whole> {
    identity: Identity,
    key: SigningKey,
    hedge: Hedge<D>,
    policy: ResponderPolicy,
    defences: D,
}

impl Responder {
    /// The responder that holds `key`, under `name`.
    #[must_use]
    pub fn new(name: Name, key: SigningKey, policy: ResponderPolicy) -> Self {
        Self::with_defences(Whole, name, key, policy)
    }
}

impl<D: Defences> Responder<D> {
    /// The same, with the defences that hold.
    #[must_use]
    pub fn with_defences(defences: D, name: Name, key: SigningKey, policy: ResponderPolicy) -> Self {
        let identity = Identity { name, key: key.public() };
        Self { identity, hedge: Hedge::new(defences, Role::Responder, &key), key, policy, defences }
    }

    /// Its name and key.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What it is computed on: its key's.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.key.backend()
    }

    /// How it treats clocks.
    #[must_use]
    pub const fn policy(&self) -> ResponderPolicy {
        self.policy
    }

    /// Which defences hold.
    #[must_use]
    pub const fn defences(&self) -> D {
        self.defences
    }

    /// Judges a Hello by what it says alone, before anything is drawn or kept.
    ///
    /// # Errors
    /// Why it is dropped.
    pub fn screen<'a>(&self, hello: &Hello<'a>) -> Result<ScreenedHello<'a, D>, Reject> {
        let suite = hello.suites.iter().find(|suite| *suite == SUITE_1).ok_or(Reject::NoCommonSuite)?; // CS-WIRE-05
        if primitives::is_small_order(hello.ephemeral) && self.defences.holds(Defence::SmallOrderEphemeral) {
            return Err(Reject::SmallOrderEphemeral); // CS-KEY-04
        }
        let transcript = Transcript::of_hello(self.defences, hello);
        Ok(ScreenedHello { hello: *hello, suite, hash: transcript.hash(), transcript })
    }

    /// Answers a Hello: one draw, one exchange, one signature.
    ///
    /// # Errors
    /// Why the Hello is dropped.
    pub fn challenge(
        &mut self,
        screened: ScreenedHello<'_, D>,
        now: Now,
        rng: &mut (impl CryptoRng + ?Sized),
        is_free: impl Fn(&Sid) -> bool,
    ) -> Result<AwaitResponse<D>, Reject> {
        let ScreenedHello { hello, suite, hash, mut transcript } = screened;
        let context = hedge::responder_context(&hash, now.wall);
        let drawn = self.hedge.draw(rng, now.wall, &context, is_free).ok_or(Reject::NoFreeSid)?;
        let header = Challenge {
            sid_i: hello.sid_i,
            sid_r: drawn.sid,
            suite,
            nonce: &drawn.nonce,
            timestamp: now.wall,
            ephemeral: drawn.ephemeral.public(),
            sealed: &[],
            bytes: &[],
        };
        transcript.absorb_challenge_header(&header);
        let (secret, challenge) = self.seal_challenge(&hello, &header, &drawn.ephemeral, &mut transcript)?;
        Ok(AwaitResponse {
            keys: boxes::awaited((Kind::Response, Label::Response), drawn.sid, &mut transcript, &secret),
            secret,
            transcript,
            challenge: *challenge.first_chunk().expect("a Challenge has one length"),
            nonce_i: *hello.nonce,
            offered: hello.suites,
            defences: self.defences,
        })
    }

    fn seal_challenge(
        &self,
        hello: &Hello<'_>,
        header: &Challenge<'_>,
        ephemeral: &Ephemeral,
        transcript: &mut Transcript<D>,
    ) -> Result<(HandshakeSecret, Buffer<CHALLENGE_BYTES>), Reject> {
        let shared = ephemeral.agree_with(self.defences, hello.ephemeral).ok_or(Reject::ZeroSharedSecret)?;
        let at_box = transcript.hash();
        let secret = HandshakeSecret::extract_on(ephemeral.backend(), &at_box, &shared);
        let signature = self.key.sign(&challenge_input(self.defences, &at_box, &self.identity));
        let text = Zeroizing::new(ChallengePlaintext { key: &self.identity.key, signature: &signature }.encode());
        let mut challenge = header.encode_header();
        let header_bytes = challenge.len();
        let keys = secret.box_keys(Label::Challenge, &at_box);
        boxes::seal(self.defences, &keys, &at_box, &text, &mut challenge);
        let (_, sealed) = challenge.split_at(header_bytes);
        transcript.absorb(sealed);
        Ok((secret, challenge))
    }
}

/// A Hello with a suite in common and an ephemeral of large order. Only [`Responder::screen`] makes one.
#[derive(Debug)]
pub struct ScreenedHello<'a, D = Whole> {
    hello: Hello<'a>,
    suite: u8,
    hash: TranscriptHash,
    transcript: Transcript<D>,
}

impl<D> ScreenedHello<'_, D> {
    /// The transcript hash by which a repeat is recognised, whatever its cookie (CS-TRN-02).
    #[must_use]
    pub const fn hash(&self) -> &TranscriptHash {
        &self.hash
    }
}

/// Challenge is out; whoever answers has proved nothing yet.
#[derive(Debug)]
pub struct AwaitResponse<D = Whole> {
    secret: HandshakeSecret,
    transcript: Transcript<D>,
    /// Of the Response's box.
    keys: BoxKeys,
    /// What it says is kept nowhere else: an entry for somebody who has proved nothing is to be small (CS-RESP-14).
    challenge: [u8; CHALLENGE_BYTES],
    nonce_i: [u8; 32],
    offered: Suites,
    pub(crate) defences: D,
}

/// A Response that came from the peer that the Challenge went to. Only [`AwaitResponse::open`] makes one.
#[derive(Debug)]
pub struct OpenedResponse<D = Whole> {
    sid_r: Sid,
    at_box: TranscriptHash,
    text: Zeroizing<Buffer<CLAIM_PLAINTEXT_BYTES_MAX>>,
    transcript: Transcript<D>,
}

impl<D: Defences> AwaitResponse<D> {
    /// The session id to look this handshake up by.
    #[must_use]
    pub fn sid(&self) -> Sid {
        self.said().sid_r
    }

    /// The Challenge, to be sent: 215 bytes, and the same for every repeat of its Hello (CS-RESP-01).
    #[must_use]
    pub const fn challenge(&self) -> &[u8; CHALLENGE_BYTES] {
        &self.challenge
    }

    pub(crate) fn timestamp(&self) -> Timestamp {
        self.said().timestamp
    }

    fn said(&self) -> Challenge<'_> {
        let Ok(Message::Challenge(challenge)) = Message::decode(&self.challenge) else {
            unreachable!("a Challenge of its own making")
        };
        challenge
    }

    /// Opens a Response. Borrows, so one that does not open changes nothing (CS-RESP-02).
    ///
    /// # Errors
    /// [`Reject::BoxDoesNotOpen`].
    pub fn open(&self, response: &Response<'_>) -> Result<OpenedResponse<D>, Reject> {
        let sid_r = self.sid();
        let at_box = self.transcript.hash();
        let open = || boxes::open(self.defences, &self.keys, &at_box, response.sealed);
        let text = (response.sid_r == sid_r).then(open).flatten().ok_or(Reject::BoxDoesNotOpen)?;
        let mut transcript = self.transcript.clone();
        transcript.absorb(response.sealed);
        Ok(OpenedResponse { sid_r, at_box, text, transcript })
    }

    /// Moves on: from here every failure ends the handshake with the sealed refusal (CS-RESP-03).
    ///
    /// # Errors
    /// The refusal, if what was sealed is not a claim.
    ///
    /// # Panics
    /// If the Response was opened by another handshake: the driver's own mistake.
    pub fn claim(mut self, opened: OpenedResponse<D>) -> Result<Claim<D>, Denied<D>> {
        assert_eq!(opened.sid_r, self.sid(), "a handshake goes on with the Response that it opened");
        self.transcript = opened.transcript;
        match ClaimPlaintext::decode(&opened.text) {
            Ok(claim) => Ok(Claim { handshake: self, at_box: opened.at_box, claim }),
            Err(error) => Err(Denied::silent(self, Denial::MalformedClaim(error))),
        }
    }

    /// Seals a Verdict and enters it into the transcript.
    pub(crate) fn seal_verdict(&mut self, verdict: &VerdictPlaintext) -> Buffer<VERDICT_BYTES_MAX> {
        let mut bytes = box_header(Kind::Verdict, self.said().sid_i);
        self.transcript.absorb(&bytes);
        let at_box = self.transcript.hash();
        let keys = self.secret.box_keys(Label::Verdict, &at_box);
        boxes::seal(self.defences, &keys, &at_box, &Zeroizing::new(verdict.encode()), &mut bytes);
        let (_, sealed) = bytes.split_at(BOX_HEADER_BYTES);
        self.transcript.absorb(sealed);
        bytes
    }

    /// The session, once the accepting Verdict has entered the transcript.
    pub(crate) fn into_session(self) -> Unconfirmed<D> {
        let Challenge { sid_i, sid_r, .. } = self.said();
        let transcript = self.transcript.hash();
        Unconfirmed::new(Session::new(self.defences, Role::Responder, &self.secret, &transcript, sid_r, sid_i))
    }

    pub(crate) fn terms(&self, responder: &Identity, claim: &ClaimPlaintext) -> Terms {
        let said = self.said();
        Terms {
            responder: responder.clone(),
            user: claim.user.clone(),
            device: claim.device,
            sid_i: said.sid_i,
            sid_r: said.sid_r,
            nonce_i: self.nonce_i,
            nonce_r: *said.nonce,
            timestamp_i: claim.timestamp,
            timestamp_r: said.timestamp,
            offered: self.offered,
            suite: said.suite,
            wanted: claim.wanted.clone(),
        }
    }
}

/// An acceptance, ready to go out.
#[derive(Debug)]
pub struct Accepted<D = Whole> {
    /// The Verdict's bytes.
    pub verdict: Buffer<VERDICT_BYTES_MAX>,
    /// The session, not yet confirmed.
    pub session: Unconfirmed<D>,
    /// What both sides know of it.
    pub agreement: Agreement,
}

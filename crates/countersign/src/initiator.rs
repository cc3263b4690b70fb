//! The initiator's half of the exchange.
//!
//! `Initiator::begin` → [`AwaitChallenge`] → [`AwaitVerdict`] → [`Session`]; rules in `spec/initiator.md`.
//! Holds no socket, clock or generator: every fact from outside is an argument.

use crate::agreement::{Agreement, Terms};
use crate::boxes;
use crate::defence::{Defence, Defences, Whole};
use crate::hedge::{self, Hedge, Role};
use crate::identity::{Clearances, Expectation, Name};
use crate::judgement::LIFETIME_S;
use crate::primitives::{self, Ephemeral, PublicKey, SigningKey};
use crate::reject::Reject;
use crate::schedule::{BoxKeys, HandshakeSecret, Label};
use crate::session::Session;
use crate::signature::{SignedClaim, challenge_input, response_input};
use crate::time::{Now, Timestamp};
use crate::transcript::{Transcript, TranscriptHash};
use crate::wire::{
    BOX_HEADER_BYTES, Buffer, CHALLENGE_PLAINTEXT_BYTES, COOKIE_BYTES, Challenge, ChallengePlaintext, ClaimPlaintext,
    Cookie, HELLO_BYTES, Hello, Kind, RESPONSE_BYTES_MAX, Reason, Sid, Suites, VERDICT_PLAINTEXT_BYTES_MAX, Verdict,
    VerdictPlaintext, box_header,
};
use core::time::Duration;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// Whose clock is this handshake's time base.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ClockPolicy {
    /// One's own; a responder outside the skew ends the handshake.
    #[default]
    Own,
    /// The verified responder's, for this handshake with this responder and nothing more.
    Follow,
}

/// How an initiator treats clocks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct InitiatorPolicy {
    /// How far clocks may differ.
    pub skew: Duration,
    /// Whose clock counts.
    pub clock: ClockPolicy,
}

impl Default for InitiatorPolicy {
    fn default() -> Self {
        Self { skew: crate::SKEW, clock: ClockPolicy::Own }
    }
}

/// Why no handshake began.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BeginError {
    /// The expected responder's key is this device's own.
    #[error("the expected responder's key is this device's own: a device does not authenticate to itself")]
    OwnKey,
    /// No free session id was drawn in eight tries.
    #[error("no free session id was drawn: check the generator")]
    NoFreeSid,
}

/// A device of a user: makes handshakes.
#[derive(Debug)]
pub struct Initiator<D = Whole> {
    user: Name,
    key: SigningKey,
    device: [u8; 32],
    hedge: Hedge<D>,
    policy: InitiatorPolicy,
    defences: D,
}

impl Initiator {
    /// The device that holds `key`, of `user`.
    #[must_use]
    pub fn new(user: Name, key: SigningKey, policy: InitiatorPolicy) -> Self {
        Self::with_defences(Whole, user, key, policy)
    }
}

impl<D: Defences> Initiator<D> {
    /// The same, with the defences that hold.
    #[must_use]
    pub fn with_defences(defences: D, user: Name, key: SigningKey, policy: InitiatorPolicy) -> Self {
        let hedge = Hedge::new(defences, Role::Initiator, &key);
        Self { user, device: key.public(), key, hedge, policy, defences }
    }

    /// The user.
    #[must_use]
    pub const fn user(&self) -> &Name {
        &self.user
    }

    /// The device's public key, 32 bytes.
    #[must_use]
    pub const fn device(&self) -> &[u8; 32] {
        &self.device
    }

    /// How it treats clocks.
    #[must_use]
    pub const fn policy(&self) -> InitiatorPolicy {
        self.policy
    }

    /// Which defences hold.
    #[must_use]
    pub const fn defences(&self) -> D {
        self.defences
    }

    /// Begins a handshake with the expected responder, later than `latest`, the last timestamp it accepted from us.
    ///
    /// # Errors
    /// [`BeginError`]; nothing is sent.
    pub fn begin(
        &mut self,
        expected: &Expectation,
        wanted: Clearances,
        latest: Option<Timestamp>,
        now: Now,
        rng: &mut (impl CryptoRng + ?Sized),
        is_free: impl Fn(&Sid) -> bool,
    ) -> Result<AwaitChallenge<D>, BeginError> {
        self.begin_above(latest.map_or(Floor::None, Floor::Accepted), expected, wanted, now, rng, is_free)
    }

    /// Begins again after *stale*, later than the timestamp that the verified responder named (CS-INIT-13).
    ///
    /// # Errors
    /// [`BeginError`]; nothing is sent.
    pub fn begin_again(
        &mut self,
        expected: &Expectation,
        wanted: Clearances,
        named: Timestamp,
        now: Now,
        rng: &mut (impl CryptoRng + ?Sized),
        is_free: impl Fn(&Sid) -> bool,
    ) -> Result<AwaitChallenge<D>, BeginError> {
        self.begin_above(Floor::Named(named), expected, wanted, now, rng, is_free)
    }

    fn begin_above(
        &mut self,
        floor: Floor,
        expected: &Expectation,
        wanted: Clearances,
        now: Now,
        rng: &mut (impl CryptoRng + ?Sized),
        is_free: impl Fn(&Sid) -> bool,
    ) -> Result<AwaitChallenge<D>, BeginError> {
        if expected.identity.key == self.device {
            return Err(BeginError::OwnKey); // CS-INIT-01
        }
        let floor = if self.defences.holds(Defence::RisingTimestamp) { floor } else { Floor::None }; // CS-INIT-11
        let (stamp, chosen) = match self.policy.clock {
            ClockPolicy::Own => {
                let chosen = floor.raise(now.wall, self.policy.skew);
                (Stamp::Chosen(chosen), Some(chosen))
            }
            ClockPolicy::Follow => (Stamp::Followed { floor }, None),
        };
        let context = hedge::initiator_context(&expected.identity, &self.user, chosen, &wanted);
        let drawn = self.hedge.draw(rng, now.wall, &context, is_free).ok_or(BeginError::NoFreeSid)?;
        let hello = Hello {
            sid_i: drawn.sid,
            nonce: &drawn.nonce,
            suites: Suites::ONE,
            ephemeral: drawn.ephemeral.public(),
            cookie: &[0; COOKIE_BYTES],
        };
        let transcript = Transcript::of_hello(self.defences, &hello);
        Ok(AwaitChallenge {
            expected: expected.clone(),
            user: self.user.clone(),
            device: self.device,
            wanted,
            stamp,
            policy: self.policy,
            sid_i: drawn.sid,
            nonce_i: drawn.nonce,
            ephemeral: drawn.ephemeral,
            transcript,
            defences: self.defences,
        })
    }
}

/// Where this handshake's timestamp comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stamp {
    /// Chosen before the Hello.
    Chosen(Timestamp),
    /// The responder's, once it is verified.
    Followed { floor: Floor },
}

/// What a timestamp has to be later than.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Floor {
    /// Nothing.
    None,
    /// The last that the responder accepted from us, as far as we remember.
    Accepted(Timestamp),
    /// The last that the responder accepted from us, in its own words.
    Named(Timestamp),
}

impl Floor {
    /// The clock, or just after the floor; but a floor of our own beyond clock and skew comes from a clock that erred.
    fn raise(self, clock: Timestamp, skew: Duration) -> Timestamp {
        match self {
            Self::None => clock,
            Self::Accepted(latest) if latest > clock.plus(skew) => clock,
            Self::Accepted(latest) | Self::Named(latest) => clock.max(latest.next()),
        }
    }
}

/// Hello is out; the responder has proved nothing yet.
#[derive(Debug)]
pub struct AwaitChallenge<D = Whole> {
    expected: Expectation,
    user: Name,
    device: [u8; 32],
    wanted: Clearances,
    stamp: Stamp,
    policy: InitiatorPolicy,
    sid_i: Sid,
    nonce_i: [u8; 32],
    ephemeral: Ephemeral,
    transcript: Transcript<D>,
    defences: D,
}

/// A Challenge whose signature covers this very transcript. Only [`AwaitChallenge::check`] makes one.
#[derive(Debug)]
pub struct VerifiedChallenge<D = Whole> {
    sid_i: Sid,
    secret: HandshakeSecret,
    transcript: Transcript<D>,
    sid_r: Sid,
    suite: u8,
    nonce_r: [u8; 32],
    timestamp_r: Timestamp,
    timestamp_i: Timestamp,
}

impl<D: Defences> AwaitChallenge<D> {
    /// The session id to look this handshake up by.
    #[must_use]
    pub const fn sid(&self) -> Sid {
        self.sid_i
    }

    /// The Hello, 224 bytes, with this cookie; the same bytes for the same cookie (CS-INIT-15).
    #[must_use]
    pub fn hello(&self, cookie: &Cookie) -> Buffer<HELLO_BYTES> {
        Hello {
            sid_i: self.sid_i,
            nonce: &self.nonce_i,
            suites: Suites::ONE,
            ephemeral: self.ephemeral.public(),
            cookie,
        }
        .encode()
    }

    /// Judges a Challenge. Borrows, so a refused one changes nothing (CS-IMPL-04).
    ///
    /// # Errors
    /// Why it is refused. [`Reject::ResponderClock`] comes from the expected responder, proved; all else may be anybody's.
    pub fn check(&self, challenge: &Challenge<'_>, now: Now) -> Result<VerifiedChallenge<D>, Reject> {
        if !Suites::ONE.contains(challenge.suite) && self.defences.holds(Defence::SuiteOffered) {
            return Err(Reject::SuiteNotOffered); // CS-INIT-02
        }
        let reflected = primitives::same_ephemeral(challenge.ephemeral, self.ephemeral.public());
        if reflected && self.defences.holds(Defence::ReflectedEphemeral) {
            return Err(Reject::ReflectedEphemeral); // CS-KEY-05
        }
        let shared = self.ephemeral.agree_with(self.defences, challenge.ephemeral).ok_or(Reject::ZeroSharedSecret)?;
        let mut transcript = self.transcript.clone();
        transcript.absorb_challenge_header(challenge);
        let at_box = transcript.hash();
        let secret = HandshakeSecret::extract_on(self.ephemeral.backend(), &at_box, &shared);
        let keys = secret.box_keys(Label::Challenge, &at_box);
        let text: Zeroizing<Buffer<CHALLENGE_PLAINTEXT_BYTES>> =
            boxes::open(self.defences, &keys, &at_box, challenge.sealed).ok_or(Reject::BoxDoesNotOpen)?;
        self.check_proof(&at_box, &ChallengePlaintext::decode(&text)?)?;
        transcript.absorb(challenge.sealed);
        Ok(VerifiedChallenge {
            sid_i: self.sid_i,
            secret,
            transcript,
            sid_r: challenge.sid_r,
            suite: challenge.suite,
            nonce_r: *challenge.nonce,
            timestamp_r: challenge.timestamp,
            timestamp_i: self.timestamp(challenge.timestamp, now)?,
        })
    }

    /// The expected key, and its signature over this transcript and the expected identity.
    fn check_proof(&self, at_box: &TranscriptHash, proof: &ChallengePlaintext<'_>) -> Result<(), Reject> {
        let mut identity = self.expected.identity.clone();
        let other;
        let key = if *proof.key == identity.key {
            &self.expected.key
        } else if self.defences.holds(Defence::ResponderKeyPinned) {
            return Err(Reject::ImpostorKey); // CS-INIT-03
        } else {
            identity.key = *proof.key;
            other = PublicKey::decode_with(self.defences, self.ephemeral.backend(), proof.key)
                .map_err(|_| Reject::ImpostorKey)?;
            &other
        };
        let input = challenge_input(self.defences, at_box, &identity);
        let verifies = key.verifies_with(self.defences, &input, proof.signature);
        if !verifies && self.defences.holds(Defence::ResponderSignature) {
            return Err(Reject::ImpostorSignature); // CS-INIT-04
        }
        Ok(())
    }

    /// This handshake's own timestamp, once the responder's is verified.
    fn timestamp(&self, responder: Timestamp, now: Now) -> Result<Timestamp, Reject> {
        match self.stamp {
            Stamp::Followed { floor } => Ok(floor.raise(responder, self.policy.skew)),
            Stamp::Chosen(chosen) => {
                let skew = self.policy.skew;
                let within = (chosen.minus(skew)..=now.wall.plus(skew)).contains(&responder);
                if !within && self.defences.holds(Defence::ResponderClock) {
                    return Err(Reject::ResponderClock { responder }); // CS-INIT-05
                }
                Ok(chosen)
            }
        }
    }

    /// Moves on: signs and seals the Response. Takes `self`: the ephemeral is spent, and this step cannot fail.
    ///
    /// # Panics
    /// If the device is not the one that began, or the Challenge was verified by another handshake: the driver's own
    /// mistake.
    #[must_use]
    pub fn accept(
        self,
        initiator: &Initiator<D>,
        verified: VerifiedChallenge<D>,
    ) -> (AwaitVerdict<D>, Buffer<RESPONSE_BYTES_MAX>) {
        assert_eq!(initiator.device, self.device, "a handshake goes on with the device that began it");
        assert_eq!(verified.sid_i, self.sid_i, "a handshake goes on with the Challenge that it verified");
        let mut transcript = verified.transcript;
        let mut response = box_header(Kind::Response, verified.sid_r);
        transcript.absorb(&response);
        let at_box = transcript.hash();
        let claim = SignedClaim {
            user: &self.user,
            device: &self.device,
            timestamp: verified.timestamp_i,
            wanted: &self.wanted,
        };
        let input = response_input(self.defences, &at_box, &self.expected.identity, &claim);
        let text = Zeroizing::new(
            ClaimPlaintext {
                user: self.user.clone(),
                device: self.device,
                timestamp: verified.timestamp_i,
                wanted: self.wanted.clone(),
                signature: initiator.key.sign(&input),
            }
            .encode(),
        );
        let keys = verified.secret.box_keys(Label::Response, &at_box);
        boxes::seal(self.defences, &keys, &at_box, &text, &mut response);
        let (_, sealed) = response.split_at(BOX_HEADER_BYTES);
        transcript.absorb(sealed);
        let terms = Terms {
            responder: self.expected.identity,
            user: self.user,
            device: self.device,
            sid_i: self.sid_i,
            sid_r: verified.sid_r,
            nonce_i: self.nonce_i,
            nonce_r: verified.nonce_r,
            timestamp_i: verified.timestamp_i,
            timestamp_r: verified.timestamp_r,
            offered: Suites::ONE,
            suite: verified.suite,
            wanted: self.wanted,
        };
        let secret = verified.secret;
        let keys = boxes::awaited((Kind::Verdict, Label::Verdict), self.sid_i, &mut transcript, &secret);
        (AwaitVerdict { secret, transcript, keys, terms, defences: self.defences }, response)
    }
}

/// Response is out; the responder is genuine and has not answered yet.
#[derive(Debug)]
pub struct AwaitVerdict<D = Whole> {
    secret: HandshakeSecret,
    transcript: Transcript<D>,
    /// Of the Verdict's box.
    keys: BoxKeys,
    terms: Terms,
    defences: D,
}

/// A Verdict of the verified responder. Only [`AwaitVerdict::check`] makes one.
#[derive(Debug)]
pub enum VerifiedVerdict<D = Whole> {
    /// The responder accepted.
    Accepted(AcceptedVerdict<D>),
    /// The responder refused, and said this much.
    Refused(Reason),
}

/// An accepting Verdict.
#[derive(Debug)]
pub struct AcceptedVerdict<D = Whole> {
    sid_i: Sid,
    transcript: Transcript<D>,
    granted: Clearances,
    lifetime: Duration,
}

impl<D: Defences> AwaitVerdict<D> {
    /// The session id to look this handshake up by.
    #[must_use]
    pub const fn sid(&self) -> Sid {
        self.terms.sid_i
    }

    /// What was signed.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Judges a Verdict. Borrows, so a refused one changes nothing.
    ///
    /// # Errors
    /// Why the datagram is dropped. A refusal by the responder is no error: it is a Verdict.
    pub fn check(&self, verdict: &Verdict<'_>) -> Result<VerifiedVerdict<D>, Reject> {
        let is_addressed = verdict.sid_i == self.terms.sid_i;
        let open = || boxes::open(self.defences, &self.keys, &self.transcript.hash(), verdict.sealed);
        let text: Option<Zeroizing<Buffer<VERDICT_PLAINTEXT_BYTES_MAX>>> = is_addressed.then(open).flatten();
        let (granted, lifetime_s) = match text.map(|text| VerdictPlaintext::decode(&text)).transpose()? {
            Some(VerdictPlaintext::Refused(reason)) => return Ok(VerifiedVerdict::Refused(reason)),
            Some(VerdictPlaintext::Accepted { granted, lifetime_s }) => (granted, lifetime_s),
            None if self.defences.holds(Defence::VerdictAuthenticated) => return Err(Reject::BoxDoesNotOpen), // CS-INIT-09
            None => (self.terms.wanted.clone(), LIFETIME_S),
        };
        if !granted.is_subset_of(&self.terms.wanted) && self.defences.holds(Defence::GrantWithinWanted) {
            return Err(Reject::GrantNotWanted); // CS-INIT-10
        }
        let lifetime = Duration::from_secs(lifetime_s.into());
        let mut transcript = self.transcript.clone();
        transcript.absorb(verdict.sealed);
        Ok(VerifiedVerdict::Accepted(AcceptedVerdict { sid_i: self.terms.sid_i, transcript, granted, lifetime }))
    }

    /// Moves on to the session, the only thing with record keys (CS-SESS-01).
    ///
    /// # Panics
    /// If the Verdict was verified by another handshake: the driver's own mistake.
    #[must_use]
    pub fn accept(self, verdict: AcceptedVerdict<D>) -> (Session<D>, Agreement) {
        assert_eq!(verdict.sid_i, self.terms.sid_i, "a handshake ends with the Verdict that it verified");
        let agreement = Agreement { terms: self.terms, granted: verdict.granted, lifetime: verdict.lifetime };
        let session = Session::new(
            self.defences,
            Role::Initiator,
            &self.secret,
            &verdict.transcript.hash(),
            agreement.terms.sid_i,
            agreement.terms.sid_r,
        );
        (session, agreement)
    }
}

//! From a term to bytes.

use super::conversation::{challenge_header, header};
use super::grammar::{Cookie, Exchange, Field, Forged, Ids, Key, Says, Sealing, Signature, Spare, Time};
use super::knowledge::{Knowledge, NEUTRAL};
use crate::act::DatagramName;
use crate::host::PORT;
use countersign::signature::{SignedClaim, challenge_input, response_input};
use countersign::transcript::{Transcript, TranscriptHash};
use countersign::wire::{
    Challenge, ClaimPlaintext, Hello, Kind, Reason, Retry, SUITES_MAX, Sid, Suites, VerdictPlaintext, layout,
};
use countersign::{Clearances, Defences, Identity, Name, Now, Timestamp};
use curve25519_dalek::{EdwardsPoint, Scalar};
use ed25519_dalek::Signer;
use sha2::{Digest, Sha512};

/// How long a session lasts that the adversary grants, in seconds.
const LIFETIME_S: u32 = 600;

const NO_COOKIE: [u8; 33] = [0; 33];
/// Version, type and session id.
const HEADER_BYTES: usize = 10;

/// A Response before it is sealed.
struct Claimed<'a> {
    of: &'a Exchange,
    user: &'a str,
    device: Key,
    time: Time,
    wanted: &'a [String],
    signature: Signature,
}

impl<D: Defences> Knowledge<D> {
    /// The bytes of a message, if all that it needs is known. `now` is the true time.
    pub(crate) fn forge(&self, message: &Forged, now: Now) -> Option<Vec<u8>> {
        match message {
            Forged::Hello { ids, suites, ephemeral, cookie } => {
                let ((sid_i, nonce), ephemeral) = (self.ids(*ids)?, &self.point(*ephemeral)?);
                let mut offered = [0; SUITES_MAX];
                offered.get_mut(..suites.len())?.copy_from_slice(suites);
                let suites = Suites::decode(&offered).ok()?;
                let hello = Hello { sid_i, nonce: &nonce, suites, ephemeral, cookie: &NO_COOKIE };
                let cookie = &self.cookie(*cookie, &hello, now)?;
                Some(Hello { cookie, ..hello }.encode().to_vec())
            }
            Forged::Retry { hello, mark } => {
                Some(Retry { sid_i: self.hello(hello)?.sid_i, cookie: &[*mark; 33] }.encode().to_vec())
            }
            Forged::Challenge { hello, ids, suite, time, ephemeral, key, signature, sealing } => {
                let timestamp = self.time(*time, now.wall)?;
                let ((sid_r, nonce), ephemeral) = (self.ids(*ids)?, &self.point(*ephemeral)?);
                let (sid_i, nonce) = (self.hello(hello)?.sid_i, &nonce);
                let header =
                    Challenge { sid_i, sid_r, suite: *suite, nonce, timestamp, ephemeral, sealed: &[], bytes: &[] };
                self.challenge_box(hello, &header, *key, *signature, *sealing)
            }
            Forged::Response { of, user, device, time, wanted, signature } => {
                let claimed = Claimed { of, user, device: *device, time: *time, wanted, signature: *signature };
                self.response(&claimed, now.wall)
            }
            Forged::Verdict { of, says } => {
                let text = match says {
                    Says::Granted(granted) => {
                        VerdictPlaintext::Accepted { granted: clearances(granted)?, lifetime_s: LIFETIME_S }
                    }
                    Says::Refused => VerdictPlaintext::Refused(Reason::None),
                };
                let sid = self.hello(&of.hello)?.sid_i;
                let sealed = self.follow(of)?.seal(Kind::Verdict, sid, &text.encode(), Sealing::Proper)?;
                Some([&header(Kind::Verdict, sid)[..], &sealed].concat())
            }
            Forged::Record { of, as_initiator, counter, kind, data } => {
                let to =
                    if *as_initiator { self.challenge(&of.challenge)?.sid_r } else { self.hello(&of.hello)?.sid_i };
                let text = [&[*kind][..], data.as_bytes()].concat();
                self.follow(of)?.record(*as_initiator, to, *counter, &text)
            }
            Forged::Edited { of, field, with } => self.edited(of, *field, *with),
            Forged::Cut { of, to_bytes } => {
                // A header is left, and something is missing.
                let fewer = HEADER_BYTES..self.bytes(of)?.len();
                let length = usize::from(*to_bytes);
                self.bytes(of)?.get(..length).filter(|_| fewer.contains(&length)).map(<[u8]>::to_vec)
            }
            Forged::Empty { like, fill } => {
                let bytes = self.bytes(like)?;
                let kind = Kind::of(bytes).ok()?;
                let mut text = layout(kind, bytes.len()).filter(|field| is_sealed(field.name)).map(|field| field.at);
                let mut bytes = bytes.to_vec();
                bytes.get_mut(text.next()?.start..)?.fill(*fill);
                Some(bytes)
            }
        }
    }

    fn ids(&self, ids: Ids) -> Option<(Sid, [u8; 32])> {
        match ids {
            Ids::Own(mark) => Some((Sid([mark; 8]), [mark; 32])),
            Ids::Of(name) => self.hello(&name).map(|hello| (hello.sid_i, *hello.nonce)).or_else(|| {
                let challenge = self.challenge(&name)?;
                Some((challenge.sid_r, *challenge.nonce))
            }),
        }
    }

    /// A cookie for a Hello.
    fn cookie(&self, cookie: Option<Cookie>, hello: &Hello<'_>, now: Now) -> Option<[u8; 33]> {
        match cookie {
            None => Some(NO_COOKIE),
            Some(Cookie::Of(retry)) => self.field(&retry, Field::Cookie)?.first_chunk().copied(),
            Some(Cookie::Baked(by, to)) => {
                let hello = Transcript::of_hello(self.defences, hello).hash();
                Some(self.cookie_jar(by)?.bake(now.monotonic, to.address(PORT), &hello))
            }
        }
    }

    fn challenge_box(
        &self,
        hello: &DatagramName,
        challenge: &Challenge<'_>,
        key: Key,
        signature: Signature,
        sealing: Sealing,
    ) -> Option<Vec<u8>> {
        let hello = self.hello(hello)?;
        let shared = self.shared(hello.ephemeral, challenge.ephemeral)?;
        let conversation = super::conversation::Conversation::new(self.defences, &hello, challenge, &shared);
        let at_box = conversation.at_box(Kind::Challenge, challenge.sid_r);
        let key = self.public_key(key)?;
        // Whoever signs a Challenge signs for the key in it.
        let input = |responder: &Identity| {
            challenge_input(self.defences, &at_box, &Identity { key, ..responder.clone() }).to_vec()
        };
        let text = [&key[..], &self.sign(signature, input)?].concat();
        let sealed = conversation.seal(Kind::Challenge, challenge.sid_r, &text, sealing)?;
        Some([challenge_header(challenge), sealed].concat())
    }

    fn response(&self, claimed: &Claimed<'_>, now: Timestamp) -> Option<Vec<u8>> {
        let sid_r = self.challenge(&claimed.of.challenge)?.sid_r;
        let conversation = self.follow(claimed.of)?;
        let mut claim = ClaimPlaintext {
            user: Name::new(claimed.user.as_bytes()).ok()?,
            device: self.public_key(claimed.device)?,
            timestamp: self.time(claimed.time, now)?,
            wanted: clearances(claimed.wanted)?,
            signature: [0; 64],
        };
        let at_box = conversation.at_box(Kind::Response, sid_r);
        claim.signature =
            self.sign(claimed.signature, |responder| claim_input(self.defences, &at_box, responder, &claim))?;
        let sealed = conversation.seal(Kind::Response, sid_r, &claim.encode(), Sealing::Proper)?;
        Some([&header(Kind::Response, sid_r)[..], &sealed].concat())
    }

    /// A signature over what `input` says of a responder.
    fn sign(&self, signature: Signature, input: impl FnOnce(&Identity) -> Vec<u8>) -> Option<[u8; 64]> {
        match signature {
            Signature::By(key, responder) => {
                let message = input(self.responders.get(&responder)?);
                Some(ed25519_dalek::SigningKey::from_bytes(&self.signing_key(key)?).sign(&message).to_bytes())
            }
            Signature::Degenerate(key, responder) => {
                let message = input(self.responders.get(&responder)?);
                degenerate(&self.signing_key(key)?, &message)
            }
            Signature::Elsewhere(key, responder) => {
                let message = input(self.responders.get(&responder)?);
                let seed = self.seed_used_elsewhere(key).filter(|_| !is_signed_here(&message))?;
                Some(ed25519_dalek::SigningKey::from_bytes(&seed).sign(&message).to_bytes())
            }
            Signature::Of(exchange) => self.signature_in(&exchange),
            Signature::OfNeutral => joined(
                &EdwardsPoint::mul_base(&Scalar::from(OF_NEUTRAL)).compress().to_bytes(),
                &Scalar::from(OF_NEUTRAL).to_bytes(),
            ),
            Signature::Junk => Some([0x55; 64]),
        }
    }

    /// The signature in the last box of an exchange.
    fn signature_in(&self, of: &Exchange) -> Option<[u8; 64]> {
        let text = self.open(of)?;
        if of.response.is_some() {
            return ClaimPlaintext::decode(&text).ok().map(|claim| claim.signature);
        }
        text.last_chunk().copied()
    }

    fn time(&self, time: Time, now: Timestamp) -> Option<Timestamp> {
        match time {
            Time::Ahead(ms) => Some(Timestamp::from_millis(now.as_millis().saturating_add_signed(ms))),
            Time::Of(of) if of.response.is_some() => {
                ClaimPlaintext::decode(&self.open(&Exchange { verdict: None, ..of })?).ok().map(|claim| claim.timestamp)
            }
            Time::Of(of) => self.challenge(&of.challenge).map(|challenge| challenge.timestamp),
        }
    }

    fn field(&self, of: &DatagramName, field: Field) -> Option<&[u8]> {
        let bytes = self.bytes(of)?;
        bytes.get(place(bytes, field)?)
    }

    fn edited(&self, of: &DatagramName, field: Field, with: Spare) -> Option<Vec<u8>> {
        let mut bytes = self.bytes(of)?.to_vec();
        let old = self.field(of, field)?;
        let new = match with {
            Spare::Of(other) => self.field(&other, field)?.to_vec(),
            Spare::Fill(byte) => vec![byte; old.len()],
            Spare::Plus(more) => plus(old, more),
            Spare::Point(point) => self.point(point)?.to_vec(),
        };
        let place = place(&bytes, field)?;
        let at = bytes.get_mut(place)?;
        if at.len() != new.len() {
            return None;
        }
        at.copy_from_slice(&new);
        Some(bytes)
    }
}

fn claim_input<D: Defences>(defences: D, at_box: &TranscriptHash, to: &Identity, claim: &ClaimPlaintext) -> Vec<u8> {
    let ClaimPlaintext { user, device, timestamp, wanted, .. } = claim;
    let signed = SignedClaim { user, device, timestamp: *timestamp, wanted };
    response_input(defences, at_box, to, &signed).to_vec()
}

/// Where a field lies in a datagram.
fn place(bytes: &[u8], field: Field) -> Option<core::ops::Range<usize>> {
    layout(Kind::of(bytes).ok()?, bytes.len()).find(|known| known.name == field.name()).map(|field| field.at)
}

/// Whether a text begins like what is signed in this protocol and version: no other protocol has a text that does.
fn is_signed_here(text: &[u8]) -> bool {
    text.get(1..).is_some_and(|label| label.starts_with(b"countersign v1 "))
}

fn is_sealed(field: &str) -> bool {
    matches!(field, "box nonce" | "sealed")
}

/// A big-endian number and another, modulo its size.
fn plus(number: &[u8], more: u64) -> Vec<u8> {
    let mut sum = number.to_vec();
    let mut carry = u128::from(more);
    for byte in sum.iter_mut().rev() {
        carry = carry.wrapping_add(u128::from(*byte));
        let [.., low] = carry.to_be_bytes();
        *byte = low;
        carry >>= 8;
    }
    sum
}

fn clearances(texts: &[String]) -> Option<Clearances> {
    let texts: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
    Clearances::new(&texts).ok()
}

/// A signature with the neutral element as R: S is the hash times the secret scalar, and gives it away.
fn degenerate(seed: &[u8; 32], message: &[u8]) -> Option<[u8; 64]> {
    let key = ed25519_dalek::SigningKey::from_bytes(seed);
    let hash = Sha512::new().chain_update(NEUTRAL).chain_update(key.verifying_key().as_bytes()).chain_update(message);
    let challenge = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
    let response: Scalar = [challenge, key.to_scalar()].iter().product();
    joined(&NEUTRAL, response.as_bytes())
}

/// Any number: R is as many base points, S is it.
const OF_NEUTRAL: u64 = 3_141_592_653;

fn joined(r: &[u8; 32], s: &[u8; 32]) -> Option<[u8; 64]> {
    let mut signature = [0; 64];
    let (first, second) = signature.split_at_mut_checked(32)?;
    first.copy_from_slice(r);
    second.copy_from_slice(s);
    Some(signature)
}

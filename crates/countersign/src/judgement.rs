//! From a claim to a Verdict: the responder judges a claim against the stored profile.
//!
//! [`Claim`] → [`Verified`] → (the store's [`Receipt`]) → [`Accepted`]; every other way out is a [`Denied`].

use crate::agreement::Agreement;
use crate::defence::{Defence, Defences, Whole};
use crate::identity::{Clearances, Identity, Name};
use crate::primitives::PublicKey;
use crate::reject::Denial;
use crate::responder::{Accepted, AwaitResponse, Responder};
use crate::signature::{SignedClaim, response_input};
use crate::time::{Now, Timestamp};
use crate::transcript::TranscriptHash;
use crate::wire::{Buffer, ClaimPlaintext, Reason, VERDICT_BYTES_MAX, VerdictPlaintext};
use core::time::Duration;

/// The lifetime of a session, in seconds, where a profile has no reason for another.
pub const LIFETIME_S: u32 = 3_600;

/// What the store knows of a user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Profile {
    /// The keys of the devices enrolled, 32 bytes each.
    pub devices: Vec<[u8; 32]>,
    /// The clearances held.
    pub held: Clearances,
    /// The clearances without which policy lets nobody in.
    pub required: Clearances,
    /// The lifetime of a session in seconds.
    pub lifetime_s: u32,
}

/// A Response that opened, not yet judged: ask the store for the user's profile.
#[derive(Debug)]
pub struct Claim<D = Whole> {
    pub(crate) handshake: AwaitResponse<D>,
    pub(crate) at_box: TranscriptHash,
    pub(crate) claim: ClaimPlaintext,
}

impl<D: Defences> Claim<D> {
    /// The user claimed.
    #[must_use]
    pub const fn user(&self) -> &Name {
        &self.claim.user
    }

    /// The device claimed, 32 bytes.
    #[must_use]
    pub const fn device(&self) -> &[u8; 32] {
        &self.claim.device
    }

    /// Judges the claim against what the store said. The same work whatever is at fault (CS-REF-03).
    ///
    /// # Errors
    /// The refusal, with its local reason.
    pub fn judge(
        self,
        responder: &Responder<D>,
        profile: Option<&Profile>,
        now: Now,
    ) -> Result<Verified<D>, Denied<D>> {
        let defences = self.handshake.defences;
        // Before anything is known of user or device: decoding and verifying cost the same for both (CS-REF-03).
        let key = PublicKey::decode_with(defences, responder.backend(), &self.claim.device);
        let enrolled = profile.is_some_and(|profile| profile.devices.contains(&self.claim.device));
        let is_worth_it = enrolled || defences.holds(Defence::EqualWork);
        let verifies = is_worth_it && key.as_ref().is_ok_and(|key| self.signature_verifies(responder.identity(), key));
        let in_time = self.is_in_time(responder, now);
        let (granted, sufficient) = profile.map_or((Clearances::none(), false), |profile| self.grant(profile));
        let fails = |defence, passed: bool| !passed && defences.holds(defence);

        let denial = if key.is_err() {
            Some(Denial::WeakDeviceKey)
        } else if fails(Defence::OwnKey, self.claim.device != responder.identity().key) {
            Some(Denial::OwnKey) // CS-RESP-12
        } else if profile.is_none() {
            Some(Denial::UnknownUser)
        } else if fails(Defence::DeviceEnrolled, enrolled) {
            Some(Denial::UnknownDevice) // CS-RESP-04
        } else if fails(Defence::DeviceSignature, verifies) {
            Some(Denial::BadSignature) // CS-RESP-05
        } else if fails(Defence::TimestampWindow, in_time) {
            Some(Denial::Clock { device: self.claim.timestamp }) // CS-RESP-06
        } else if fails(Defence::RequiredClearances, sufficient) {
            Some(Denial::Clearance) // CS-RESP-08
        } else {
            None
        };
        let lifetime_s = profile.map_or(0, |profile| profile.lifetime_s);
        let Some(denial) = denial else {
            return Ok(Verified { judged: self, responder: responder.identity().clone(), granted, lifetime_s });
        };
        // CS-REF-02: a reason is told only to an enrolled device that has proved itself.
        let tells = matches!(denial, Denial::Clock { .. }) && enrolled && verifies;
        let tells_anyone = !in_time && !defences.holds(Defence::ReasonWithheld);
        let told = if tells || tells_anyone { Reason::Clock } else { Reason::None };
        Err(Denied { handshake: self.handshake, denial, told })
    }

    fn signature_verifies(&self, responder: &Identity, key: &PublicKey) -> bool {
        let claim = SignedClaim {
            user: &self.claim.user,
            device: &self.claim.device,
            timestamp: self.claim.timestamp,
            wanted: &self.claim.wanted,
        };
        let input = response_input(self.handshake.defences, &self.at_box, responder, &claim);
        key.verifies_with(self.handshake.defences, &input, &self.claim.signature)
    }

    fn is_in_time(&self, responder: &Responder<D>, now: Now) -> bool {
        let policy = responder.policy();
        let earliest = self.handshake.timestamp().minus(policy.skew).minus(policy.flight);
        (earliest..=now.wall.plus(policy.skew)).contains(&self.claim.timestamp)
    }

    /// What is granted, and whether that is enough.
    fn grant(&self, profile: &Profile) -> (Clearances, bool) {
        let wanted = &self.claim.wanted;
        let granted = if self.handshake.defences.holds(Defence::GrantWithinHeld) {
            wanted.intersection(&profile.held) // CS-RESP-07
        } else {
            wanted.clone()
        };
        let sufficient = granted.is_empty() <= wanted.is_empty() && profile.required.is_subset_of(&granted);
        (granted, sufficient)
    }
}

/// A claim that holds, but for the latest-timestamp rule: ask the store to advance.
#[derive(Debug)]
pub struct Verified<D = Whole> {
    judged: Claim<D>,
    responder: Identity,
    granted: Clearances,
    lifetime_s: u32,
}

/// What the store says of a timestamp.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Advance {
    /// It is the latest now, durably.
    Advanced(Receipt),
    /// It is not later than this one.
    Stale {
        /// The latest accepted.
        latest: Timestamp,
    },
}

/// The store's word that this timestamp is now the latest of this user's device. Durable before it exists.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Receipt {
    /// The user.
    pub user: Name,
    /// The device, 32 bytes.
    pub device: [u8; 32],
    /// The timestamp that was stored.
    pub timestamp: Timestamp,
}

impl<D: Defences> Verified<D> {
    /// The row and the timestamp to advance: what the receipt must say.
    #[must_use]
    pub fn advance(&self) -> Receipt {
        let claim = &self.judged.claim;
        Receipt { user: claim.user.clone(), device: claim.device, timestamp: claim.timestamp }
    }

    /// Makes the Verdict, in exchange for what the store said (CS-RESP-09).
    ///
    /// # Errors
    /// The refusal: stale, told to the device, or a receipt for something else.
    pub fn conclude(self, advance: &Advance) -> Result<Accepted<D>, Denied<D>> {
        let denial = match advance {
            Advance::Advanced(receipt) if *receipt == self.advance() => None,
            Advance::Advanced(_) => Some((Denial::WrongReceipt, Reason::None)),
            Advance::Stale { latest } if self.judged.handshake.defences.holds(Defence::LatestTimestamp) => {
                Some((Denial::Stale { latest: *latest }, Reason::Stale(*latest))) // CS-RESP-09
            }
            Advance::Stale { .. } => None,
        };
        let mut handshake = self.judged.handshake;
        if let Some((denial, told)) = denial {
            return Err(Denied { handshake, denial, told });
        }
        let terms = handshake.terms(&self.responder, &self.judged.claim);
        let plaintext = VerdictPlaintext::Accepted { granted: self.granted.clone(), lifetime_s: self.lifetime_s };
        let verdict = handshake.seal_verdict(&plaintext);
        let lifetime = Duration::from_secs(self.lifetime_s.into());
        let agreement = Agreement { terms, granted: self.granted, lifetime };
        Ok(Accepted { verdict, session: handshake.into_session(), agreement })
    }
}

/// A refusal, with its local reason and what is told of it.
#[derive(Debug)]
pub struct Denied<D = Whole> {
    handshake: AwaitResponse<D>,
    denial: Denial,
    told: Reason,
}

impl<D: Defences> Denied<D> {
    pub(crate) const fn silent(handshake: AwaitResponse<D>, denial: Denial) -> Self {
        Self { handshake, denial, told: Reason::None }
    }

    /// Why, for the local audit log.
    #[must_use]
    pub const fn denial(&self) -> Denial {
        self.denial
    }

    /// The one sealed refusal: 102 bytes, whatever the reason (CS-REF-01).
    #[must_use]
    pub fn into_verdict(mut self) -> Buffer<VERDICT_BYTES_MAX> {
        self.handshake.seal_verdict(&VerdictPlaintext::Refused(self.told))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Expectation;
    use crate::initiator::{Initiator, InitiatorPolicy};
    use crate::primitives::SigningKey;
    use crate::responder::ResponderPolicy;
    use crate::time::Moment;
    use crate::wire::{COOKIE_BYTES, Message};
    use crate::work::{Operation, Work};
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    const NOW: Now = Now { wall: Timestamp::from_millis(1_790_000_000_000), monotonic: Moment::from_micros(0) };

    /// A key decoded and a signature checked.
    fn one_check() -> Work {
        Work::NONE.and(Operation::Decoding, 1).and(Operation::Verification, 1)
    }

    fn name(name: &str) -> Name {
        Name::new(name.as_bytes()).unwrap()
    }

    /// The claim of a device that wants "read", as a responder has opened it.
    fn opened() -> (Responder, Claim) {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut device = Initiator::new(name("ada"), SigningKey::from_seed(&[1; 32]), InitiatorPolicy::default());
        let mut server = Responder::new(name("vault"), SigningKey::from_seed(&[2; 32]), ResponderPolicy::default());
        let expected = Expectation::new(name("vault"), &server.identity().key).unwrap();
        let wanted = Clearances::new(&[b"read"]).unwrap();
        let waiting = device.begin(&expected, wanted, None, NOW, &mut rng, |_| true).unwrap();
        let hello = waiting.hello(&[0; COOKIE_BYTES]);
        let Ok(Message::Hello(hello)) = Message::decode(&hello) else { unreachable!() };
        let half_open = server.challenge(server.screen(&hello).unwrap(), NOW, &mut rng, |_| true).unwrap();
        let Ok(Message::Challenge(challenge)) = Message::decode(half_open.challenge()) else { unreachable!() };
        let verified = waiting.check(&challenge, NOW).unwrap();
        let (_, response) = waiting.accept(&device, verified);
        let Ok(Message::Response(response)) = Message::decode(&response) else { unreachable!() };
        let opened = half_open.open(&response).unwrap();
        (server, half_open.claim(opened).unwrap())
    }

    /// CS-REF-03, CS-RESP-05: one signature is checked, whoever is unknown and whatever is lacking.
    #[test]
    fn every_claim_costs_one_signature_check() {
        let held = Clearances::new(&[b"read"]).unwrap();
        let (_, claim) = opened();
        let enrolled = Profile { devices: vec![*claim.device()], held, required: Clearances::none(), lifetime_s: 60 };
        let strange = Profile { devices: vec![], ..enrolled.clone() };
        let poor = Profile { held: Clearances::none(), ..enrolled.clone() };
        let late = Now { wall: NOW.wall.plus(Duration::from_secs(86_400)), ..NOW };
        let early = Now { wall: NOW.wall.minus(Duration::from_secs(86_400)), ..NOW };
        let cases = [
            (Some(&enrolled), NOW, None),
            (Some(&enrolled), late, None),
            (None, NOW, Some(Denial::UnknownUser)),
            (Some(&strange), NOW, Some(Denial::UnknownDevice)),
            (Some(&poor), NOW, Some(Denial::Clearance)),
            (Some(&enrolled), early, Some(Denial::Clock { device: NOW.wall })),
        ];
        for (profile, now, denial) in cases {
            let (server, claim) = opened();
            let before = Work::done();
            let judged = claim.judge(&server, profile, now);
            assert_eq!(judged.err().map(|denied| denied.denial()), denial);
            assert_eq!(Work::since(before).dear(), one_check(), "{denial:?}");
        }
        let (server, mut claim) = opened();
        claim.claim.signature = [7; 64];
        let before = Work::done();
        let judged = claim.judge(&server, Some(&enrolled), NOW);
        assert_eq!(judged.err().map(|denied| denied.denial()), Some(Denial::BadSignature));
        assert_eq!(Work::since(before).dear(), one_check());
    }
}

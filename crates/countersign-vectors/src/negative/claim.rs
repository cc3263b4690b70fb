//! Claims that are claims, and are refused: for their key, their signature, or what the responder knows.

use super::{Fault, Stage};
use crate::forge::{self, NEUTRAL_POINT, Nonce};
use crate::inputs::{Inputs, example};
use crate::refusal::Refusal;
use crate::replay::State;
use core::time::Duration;
use countersign::signature::{SignedClaim, challenge_input, response_input};
use countersign::transcript::TranscriptHash;
use countersign::wire::ClaimPlaintext;
use countersign::{Clearances, Denial, Identity, Name, SigningKey, Timestamp, Whole};

pub(super) fn faults() -> Vec<Fault> {
    let mut faults = keys();
    faults.extend(signatures());
    faults.extend(facts());
    faults
}

fn fault(stage: &Stage, file: &str, title: &str, datagram: Vec<u8>, denial: Denial) -> Fault {
    stage.fault(State::AwaitResponse, file, title, datagram, Refusal::Refuse(denial))
}

/// The claim that the honest device makes, with another key and signature. `sign` is given th4.
fn claimed(stage: &Stage, device: [u8; 32], sign: impl FnOnce(&TranscriptHash) -> [u8; 64]) -> Vec<u8> {
    let initiator = &stage.inputs.initiator;
    forge::response(&stage.dissect(2), Nonce::OfText, |th4| {
        ClaimPlaintext {
            user: initiator.user.clone(),
            device,
            timestamp: initiator.clock,
            wanted: initiator.wanted.clone(),
            signature: sign(th4),
        }
        .encode()
        .to_vec()
    })
}

/// What the honest device signs, for this key, responder and timestamp.
fn input(
    stage: &Stage,
    th4: &TranscriptHash,
    device: &[u8; 32],
    responder: &Identity,
    timestamp: Timestamp,
) -> Vec<u8> {
    let initiator = &stage.inputs.initiator;
    let claim = SignedClaim { user: &initiator.user, device, timestamp, wanted: &initiator.wanted };
    response_input(Whole, th4, responder, &claim).to_vec()
}

/// Keys that are refused although they are enrolled.
fn keys() -> Vec<Fault> {
    let weak = |file, title, key: [u8; 32]| {
        let stage = Stage::new(enrolled(key));
        let datagram = claimed(&stage, key, |_| forge::signature_of_neutral_key());
        fault(&stage, file, title, datagram, Denial::WeakDeviceKey)
    };
    let own = example().initiator.expected.key;
    let stage = Stage::new(enrolled(own));
    let datagram = claimed(&stage, own, |th4| {
        let Inputs { initiator, responder, .. } = &stage.inputs;
        forge::sign(&responder.seed, &input(&stage, th4, &own, &initiator.expected, initiator.clock))
    });
    vec![
        weak(
            "claim-key-small-order",
            "the device key is the neutral point; the signature is one it verifies",
            NEUTRAL_POINT,
        ),
        weak("claim-key-not-canonical", "the device key is a point whose y is not below p", NOT_CANONICAL),
        weak("claim-key-negative-zero", "the device key is the neutral point with its sign bit set", NEGATIVE_ZERO),
        weak("claim-key-no-point", "the device key is no point of the curve", NO_POINT),
        fault(
            &stage,
            "claim-own-key",
            "the device key is the responder's own, with a good signature",
            datagram,
            Denial::OwnKey,
        ),
    ]
}

fn enrolled(key: [u8; 32]) -> Inputs {
    let mut inputs = example();
    inputs.store.profile.devices.push(key);
    inputs
}

fn signatures() -> Vec<Fault> {
    let stage = &Stage::new(example());
    let Inputs { initiator, .. } = &stage.inputs;
    let device = *stage.inputs.initiator().device();
    let expected = &initiator.expected;
    let renamed = Identity { name: Name::new(b"vault2").expect("a short name"), key: expected.key };
    let rekeyed = Identity { name: expected.name.clone(), key: SigningKey::from_seed(&[0x77; 32]).public() };
    let honest = |th4: &TranscriptHash| input(stage, th4, &device, expected, initiator.clock);
    let case = |file, title, sign: &dyn Fn(&TranscriptHash) -> [u8; 64]| {
        fault(stage, file, title, claimed(stage, device, sign), Denial::BadSignature)
    };
    vec![
        case("claim-signature-other-key", "signed by another key", &|th4| forge::sign(&[0x77; 32], &honest(th4))),
        case("claim-signature-other-name", "signed for a responder of another name", &|th4| {
            forge::sign(&initiator.seed, &input(stage, th4, &device, &renamed, initiator.clock))
        }),
        case("claim-signature-other-responder", "signed for a responder of another key", &|th4| {
            forge::sign(&initiator.seed, &input(stage, th4, &device, &rekeyed, initiator.clock))
        }),
        case("claim-signature-other-time", "signed over another timestamp than the claim's", &|th4| {
            forge::sign(&initiator.seed, &input(stage, th4, &device, expected, initiator.clock.next()))
        }),
        case("claim-signature-other-position", "what is signed is a Challenge's input", &|th4| {
            forge::sign(&initiator.seed, &challenge_input(Whole, th4, expected))
        }),
        case("claim-signature-other-transcript", "a signature over th3 instead of th4", &|_| {
            let th3 = stage.dissect(2).challenge.expect("the Challenge opens").th3;
            forge::sign(&initiator.seed, &honest(&th3))
        }),
        case("claim-signature-small-order", "R is the neutral point, and the equation holds", &|th4| {
            forge::sign_with_small_order_r(&initiator.seed, &honest(th4))
        }),
        case("claim-signature-large-s", "S with the group order added, and the equation holds", &|th4| {
            forge::sign_with_large_s(&initiator.seed, &honest(th4))
        }),
    ]
}

/// Honest Responses to a responder that knows better.
fn facts() -> Vec<Fault> {
    let list = |clearances: &[&[u8]]| Clearances::new(clearances).expect("a short list");
    let case = |file, title, denial, change: &dyn Fn(&mut Inputs)| {
        let mut inputs = example();
        change(&mut inputs);
        let stage = Stage::new(inputs);
        let response = stage.exchange.response.clone();
        fault(&stage, file, title, response, denial)
    };
    let clock = example().initiator.clock;
    let late = |inputs: &Inputs| inputs.responder.clock_at_response.plus(inputs.responder.skew).next();
    let early = example().responder.clock.minus(Duration::from_millis(180_001));
    vec![
        case("claim-user-unknown", "there is no such user", Denial::UnknownUser, &|inputs| {
            inputs.store.user = Name::new(b"bob").expect("a short name");
        }),
        case("claim-device-unknown", "the device is not enrolled", Denial::UnknownDevice, &|inputs| {
            inputs.store.profile.devices = vec![SigningKey::from_seed(&[0x55; 32]).public()];
        }),
        case(
            "claim-clock-early",
            "t_i is a millisecond before its window",
            Denial::Clock { device: early },
            &|inputs| {
                inputs.initiator.skew = Duration::from_secs(600);
                inputs.initiator.clock = early;
                inputs.initiator.clock_at_challenge = early;
            },
        ),
        case(
            "claim-clock-late",
            "t_i is a millisecond after its window",
            Denial::Clock { device: late(&example()) },
            &|inputs| {
                inputs.initiator.skew = Duration::from_secs(600);
                inputs.initiator.clock = late(inputs);
                inputs.initiator.clock_at_challenge = inputs.initiator.clock;
            },
        ),
        case("claim-stale-equal", "t_i is the latest accepted timestamp", Denial::Stale { latest: clock }, &|inputs| {
            inputs.store.latest = Some(inputs.initiator.clock);
        }),
        case(
            "claim-stale",
            "t_i is before the latest accepted timestamp",
            Denial::Stale { latest: clock.next() },
            &|inputs| {
                inputs.store.latest = Some(inputs.initiator.clock.next());
            },
        ),
        case("claim-nothing-held", "nothing of what is wanted is held", Denial::Clearance, &|inputs| {
            inputs.initiator.wanted = list(&[b"delete", b"rename"]);
        }),
        case(
            "claim-required-lacking",
            "a clearance that policy requires is not wanted",
            Denial::Clearance,
            &|inputs| {
                inputs.store.profile.required = list(&[b"admin"]);
            },
        ),
        case("claim-receipt", "the store's receipt is for another timestamp", Denial::WrongReceipt, &|inputs| {
            inputs.store.receipt = Some(inputs.initiator.clock.next());
        }),
    ]
}

/// The encoding p + 3: a second one of the point whose y is 3.
const NOT_CANONICAL: [u8; 32] = {
    let mut key = [0xff; 32];
    let [first, .., last] = &mut key;
    *first = 0xf0;
    *last = 0x7f;
    key
};

/// x = 0, y = 1, and the sign bit of x set.
const NEGATIVE_ZERO: [u8; 32] = {
    let mut key = NEUTRAL_POINT;
    let [.., last] = &mut key;
    *last = 0x80;
    key
};

/// y = 2 is not on the curve.
const NO_POINT: [u8; 32] = {
    let mut key = [0; 32];
    let [first, ..] = &mut key;
    *first = 2;
    key
};

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::VerifyingKey;

    /// CS-SIG-02: two keys are refused for their encoding, the third is no key to anybody.
    #[test]
    fn only_the_key_that_is_no_point_is_refused_elsewhere() {
        assert!(VerifyingKey::from_bytes(&NEGATIVE_ZERO).is_ok());
        assert!(VerifyingKey::from_bytes(&NOT_CANONICAL).is_ok_and(|key| !key.is_weak()));
        assert!(VerifyingKey::from_bytes(&NO_POINT).is_err());
    }
}

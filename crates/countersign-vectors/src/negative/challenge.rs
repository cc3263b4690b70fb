//! Challenges that an initiator drops. All but two are sealed so that they open, up to the check that is meant.

use super::{Fault, Stage, last_bit_turned};
use crate::forge::{self, Nonce};
use crate::inputs::example;
use crate::refusal::Refusal;
use crate::replay::State;
use core::time::Duration;
use countersign::primitives::Ephemeral;
use countersign::signature::{SignedClaim, challenge_input, response_input};
use countersign::transcript::TranscriptHash;
use countersign::wire::{Challenge, DecodeError, Hello, Message};
use countersign::{Identity, Name, Reject, SigningKey, Timestamp, Whole};

pub(super) fn faults() -> Vec<Fault> {
    let stage = Stage::new(example());
    let mut faults = boxes(&stage);
    faults.extend(headers(&stage));
    faults.extend(proofs(&stage));
    faults.extend(clocks(&stage));
    faults
}

fn fault(stage: &Stage, file: &str, title: &str, datagram: Vec<u8>, reject: Reject) -> Fault {
    stage.fault(State::AwaitChallenge, file, title, datagram, Refusal::Drop(reject))
}

/// What the honest responder answered, and to what.
fn honest(stage: &Stage) -> (Hello<'_>, Challenge<'_>) {
    match (Message::decode(&stage.exchange.hello), Message::decode(&stage.exchange.challenge)) {
        (Ok(Message::Hello(hello)), Ok(Message::Challenge(challenge))) => (hello, challenge),
        _ => unreachable!("honest messages decode"),
    }
}

fn ss(stage: &Stage) -> [u8; 32] {
    *stage.dissect(2).challenge.expect("the Challenge opens").ss
}

/// The honest plaintext over any transcript: the responder's key, and its signature under its own name.
fn proof(stage: &Stage, th2: &TranscriptHash) -> Vec<u8> {
    let identity = stage.inputs.initiator.expected.clone();
    let signature = forge::sign(&stage.inputs.responder.seed, &challenge_input(Whole, th2, &identity));
    [&identity.key[..], &signature].concat()
}

fn boxes(stage: &Stage) -> Vec<Fault> {
    let challenge = &stage.exchange.challenge;
    let (hello, header) = honest(stage);
    let other_nonce = forge::challenge(&hello, &header, &ss(stage), Nonce::Other([7; 12]), |th2| proof(stage, th2));
    let shorter = challenge.iter().take(214).copied().collect();
    let short = Reject::Decode(DecodeError::Length);
    vec![
        fault(stage, "challenge-short", "a Challenge one byte short", shorter, short),
        fault(stage, "challenge-tag", "a bit of the tag turned", last_bit_turned(challenge), Reject::BoxDoesNotOpen),
        fault(
            stage,
            "challenge-box-nonce",
            "a box that opens, under a nonce that is not its text's",
            other_nonce,
            Reject::BoxDoesNotOpen,
        ),
    ]
}

fn headers(stage: &Stage) -> Vec<Fault> {
    let (hello, header) = honest(stage);
    let forged = |header: &Challenge<'_>, ss: &[u8; 32]| {
        forge::challenge(&hello, header, ss, Nonce::OfText, |th2| proof(stage, th2))
    };
    let own = Ephemeral::from_secret(stage.initiators.ephemeral());
    let with_itself = own.agree(own.public()).expect("not of small order");
    let [body @ .., top] = *own.public();
    let mut top_bit_set = [top | 0x80; 32];
    top_bit_set.iter_mut().zip(body).for_each(|(byte, own)| *byte = own);
    let reflected = |e_r| forged(&Challenge { ephemeral: e_r, ..header }, &with_itself);
    let of_small_order = |e_r| forged(&Challenge { ephemeral: e_r, ..header }, &[0; 32]);
    vec![
        fault(
            stage,
            "challenge-suite-2",
            "a suite that was not offered, in a genuine Challenge otherwise",
            forged(&Challenge { suite: 2, ..header }, &ss(stage)),
            Reject::SuiteNotOffered,
        ),
        fault(
            stage,
            "challenge-suite-0",
            "suite 0, the filler of the offer",
            forged(&Challenge { suite: 0, ..header }, &ss(stage)),
            Reject::SuiteNotOffered,
        ),
        fault(
            stage,
            "challenge-reflected",
            "e_r is e_i; sealed over the secret that the initiator shares with itself",
            reflected(own.public()),
            Reject::ReflectedEphemeral,
        ),
        fault(
            stage,
            "challenge-reflected-top-bit",
            "e_r is e_i with its top bit set",
            reflected(&top_bit_set),
            Reject::ReflectedEphemeral,
        ),
        fault(
            stage,
            "challenge-zero-secret",
            "e_r is 0; sealed over the secret of 32 zeros",
            of_small_order(&[0; 32]),
            Reject::ZeroSharedSecret,
        ),
        fault(
            stage,
            "challenge-zero-secret-order-8",
            "e_r is of order 8; sealed over the secret of 32 zeros",
            of_small_order(&ORDER_8),
            Reject::ZeroSharedSecret,
        ),
    ]
}

fn proofs(stage: &Stage) -> Vec<Fault> {
    let (hello, header) = honest(stage);
    let ss = ss(stage);
    let expected = &stage.inputs.initiator.expected;
    let seed = &stage.inputs.responder.seed;
    let other_seed = [0x77; 32];
    let other = Identity { name: expected.name.clone(), key: SigningKey::from_seed(&other_seed).public() };
    let renamed = Identity { name: Name::new(b"vault2").expect("a short name"), key: expected.key };
    let sealed = |key: &[u8; 32], sign: &dyn Fn(&TranscriptHash) -> [u8; 64]| {
        forge::challenge(&hello, &header, &ss, Nonce::OfText, |th2| [&key[..], &sign(th2)].concat())
    };
    let input = |th2: &TranscriptHash, identity: &Identity| challenge_input(Whole, th2, identity).to_vec();
    let case = |file, title, sign: &dyn Fn(&TranscriptHash) -> [u8; 64]| {
        fault(stage, file, title, sealed(&expected.key, sign), Reject::ImpostorSignature)
    };
    let stranger = sealed(&other.key, &|th2| forge::sign(&other_seed, &input(th2, &other)));
    vec![
        fault(
            stage,
            "challenge-other-key",
            "another key, with a good signature of its own",
            stranger,
            Reject::ImpostorKey,
        ),
        case("challenge-signature-other-key", "the expected key, signed by another", &|th2| {
            forge::sign(&other_seed, &input(th2, expected))
        }),
        case("challenge-signature-other-name", "the expected key, signed under another name", &|th2| {
            forge::sign(seed, &input(th2, &renamed))
        }),
        case("challenge-signature-other-transcript", "a signature over th1 instead of th2", &|_| {
            forge::sign(seed, &input(&stage.dissect(1).th1, expected))
        }),
        case("challenge-signature-other-position", "what is signed is a Response's input", &|th2| {
            forge::sign(seed, &as_response(stage, th2))
        }),
        case("challenge-signature-small-order", "R is the neutral point, and the equation holds", &|th2| {
            forge::sign_with_small_order_r(seed, &input(th2, expected))
        }),
        case("challenge-signature-large-s", "S with the group order added, and the equation holds", &|th2| {
            forge::sign_with_large_s(seed, &input(th2, expected))
        }),
    ]
}

/// What a device would sign over this transcript.
fn as_response(stage: &Stage, th: &TranscriptHash) -> Vec<u8> {
    let initiator = &stage.inputs.initiator;
    let device = stage.inputs.initiator().device().to_owned();
    let (user, wanted, timestamp) = (&initiator.user, &initiator.wanted, initiator.clock);
    let claim = SignedClaim { user, device: &device, timestamp, wanted };
    response_input(Whole, th, &initiator.expected, &claim).to_vec()
}

fn clocks(stage: &Stage) -> Vec<Fault> {
    let (hello, header) = honest(stage);
    let initiator = &stage.inputs.initiator;
    let millisecond = Duration::from_millis(1);
    let at = |timestamp: Timestamp| {
        let header = Challenge { timestamp, ..header };
        forge::challenge(&hello, &header, &ss(stage), Nonce::OfText, |th2| proof(stage, th2))
    };
    let case =
        |file, title, responder| fault(stage, file, title, at(responder), Reject::ResponderClock { responder }).last();
    let early = initiator.clock.minus(initiator.skew).minus(millisecond);
    let late = initiator.clock_at_challenge.plus(initiator.skew).plus(millisecond);
    vec![
        case("challenge-clock-early", "t_r is a millisecond before its window", early),
        case("challenge-clock-late", "t_r is a millisecond after its window", late),
    ]
}

const ORDER_8: [u8; 32] = [
    0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d,
    0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
];

//! Responses that a responder drops, and claims that open and are not what a claim should be.

use super::{Fault, Stage, decode, last_bit_turned, malformed, patched};
use crate::forge::{self, Nonce};
use crate::inputs::example;
use crate::refusal::Refusal;
use crate::replay::State;
use countersign::Reject;
use countersign::wire::DecodeError;

/// `device[32] ‖ t_i`, between the user and the list.
const MIDDLE_BYTES: usize = 40;

pub(super) fn faults() -> Vec<Fault> {
    let stage = Stage::new(example());
    let mut faults = dropped(&stage);
    faults.extend(malformed_claims(&stage));
    faults
}

fn fault(stage: &Stage, file: &str, title: &str, datagram: Vec<u8>, expect: Refusal) -> Fault {
    stage.fault(State::AwaitResponse, file, title, datagram, expect)
}

fn sealed(stage: &Stage, nonce: Nonce, text: &[u8]) -> Vec<u8> {
    forge::response(&stage.dissect(2), nonce, |_| text.to_vec())
}

/// The honest claim, with its padding.
fn plaintext(stage: &Stage) -> Vec<u8> {
    stage.dissect(3).response.expect("the Response opens").sealed.plaintext.to_vec()
}

fn dropped(stage: &Stage) -> Vec<Fault> {
    let response = &stage.exchange.response;
    let shorter = response.iter().take(response.len().saturating_sub(1)).copied().collect();
    let one_step = response.iter().take(10 + 28 + 64).copied().collect();
    let too_long = response.iter().copied().cycle().take(10 + 28 + 64 * 12).collect();
    let other_nonce = sealed(stage, Nonce::Other([7; 12]), &plaintext(stage));
    let closed = Refusal::Drop(Reject::BoxDoesNotOpen);
    let length = decode(DecodeError::Length);
    vec![
        fault(stage, "response-short", "a Response one byte short", shorter, length),
        fault(stage, "response-one-step", "a Response of one step, too short for a claim", one_step, length),
        fault(stage, "response-twelve-steps", "a Response of twelve steps, one too many", too_long, length),
        fault(stage, "response-tag", "a bit of the tag turned", last_bit_turned(response), closed),
        fault(stage, "response-header", "a bit of sid_r turned", patched(response, 9, &[flipped(response, 9)]), closed),
        fault(
            stage,
            "response-box-nonce",
            "a box that opens, under a nonce that is not its text's",
            other_nonce,
            closed,
        ),
    ]
}

fn flipped(datagram: &[u8], at: usize) -> u8 {
    datagram.get(at).map_or(0, |byte| byte ^ 1)
}

fn malformed_claims(stage: &Stage) -> Vec<Fault> {
    let honest = plaintext(stage);
    let read = with_length(b"read");
    let case = |file, title, text: &[u8], error| {
        fault(stage, file, title, sealed(stage, Nonce::OfText, text), malformed(error))
    };
    let user = |file, title, user: &[u8]| {
        let text = raw_claim(stage, &with_length(user), &read);
        case(file, title, &text, DecodeError::Name)
    };
    let list = |file, title, list: &[u8]| {
        let text = raw_claim(stage, &with_length(b"ada"), list);
        case(file, title, &text, DecodeError::Clearances)
    };
    let another_step = [&honest[..], &[0; 64]].concat();
    let seventeen: Vec<u8> = (b'a'..=b'q').flat_map(|letter| [1, letter]).collect();
    vec![
        case("claim-padding", "the last padding byte is 1", &last_bit_turned(&honest), DecodeError::Padding),
        case("claim-padding-step", "one more step of padding than the fewest", &another_step, DecodeError::Length),
        case(
            "claim-user-past-end",
            "the user's length runs past the end",
            &patched(&honest, 0, &[255]),
            DecodeError::Length,
        ),
        user("claim-user-empty", "a user of no bytes", b""),
        user("claim-user-long", "a user of 65 bytes", &[b'u'; 65]),
        list("claim-clearances-unsorted", "two clearances, descending", &[&with_length(b"write")[..], &read].concat()),
        list("claim-clearances-by-length", "two clearances, ordered by length instead of bytes", b"\x01b\x02aa"),
        list("claim-clearances-twice", "one clearance twice", &[&read[..], &read].concat()),
        list("claim-clearances-empty", "a clearance of no bytes", &[0]),
        list("claim-clearances-long", "a clearance of 33 bytes", &with_length(&[b'c'; 33])),
        list("claim-clearances-17", "seventeen clearances", &seventeen),
        list("claim-clearances-past-end", "a clearance that runs past its list", b"\x09read"),
    ]
}

/// A claim of any user and list, with the honest rest; its signature is not looked at.
fn raw_claim(stage: &Stage, user: &[u8], list: &[u8]) -> Vec<u8> {
    let honest = plaintext(stage);
    let user_bytes = stage.inputs.initiator.user.as_bytes().len().saturating_add(1);
    let middle = honest.iter().skip(user_bytes).take(MIDDLE_BYTES).copied();
    let list_bytes = u16::try_from(list.len()).expect("a short list").to_be_bytes();
    let mut text = user.to_vec();
    text.extend(middle);
    text.extend(list_bytes);
    text.extend(list);
    text.extend([0; 64]);
    forge::padded(text)
}

fn with_length(bytes: &[u8]) -> Vec<u8> {
    let length = u8::try_from(bytes.len()).expect("short bytes");
    [&[length][..], bytes].concat()
}

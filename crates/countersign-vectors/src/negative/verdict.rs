//! Verdicts that an initiator drops, from the genuine responder, which misbehaves, or from nobody.

use super::{Fault, Stage, decode, last_bit_turned, patched};
use crate::forge::{self, Nonce};
use crate::inputs::example;
use crate::refusal::Refusal;
use crate::replay::State;
use countersign::wire::{DecodeError, VerdictPlaintext};
use countersign::{Clearances, Reject};

pub(super) fn faults() -> Vec<Fault> {
    let stage = &Stage::new(example());
    let honest = stage.dissect(4).verdict.expect("the Verdict opens").sealed.plaintext.to_vec();
    let verdict = &stage.exchange.verdict;
    let fault = |file, title, datagram, expect| stage.fault(State::AwaitVerdict, file, title, datagram, expect);
    let sealed = |nonce, text: &[u8]| forge::verdict(&stage.dissect(3), nonce, text);
    let case = |file, title, text: &[u8], expect| fault(file, title, sealed(Nonce::OfText, text), expect);
    let undefined = decode(DecodeError::Verdict);
    let refused = |code: u8, reason: u8, latest: u8| forge::padded(vec![code, reason, 0, 0, 0, 0, 0, 0, 0, latest]);
    let accepted = |list: &[u8]| {
        let length = u16::try_from(list.len()).expect("a short list").to_be_bytes();
        forge::padded([&[1][..], &length, list, &3_600_u32.to_be_bytes()].concat())
    };
    let granting = |clearances: &[&[u8]]| {
        let granted = Clearances::new(clearances).expect("a short list");
        VerdictPlaintext::Accepted { granted, lifetime_s: 3_600 }.encode()
    };
    let closed = Refusal::Drop(Reject::BoxDoesNotOpen);
    let not_wanted = Refusal::Drop(Reject::GrantNotWanted);
    let longer = verdict.iter().copied().chain([0]).collect();
    let ten_steps = verdict.iter().copied().cycle().take(10 + 28 + 64 * 10).collect();
    vec![
        fault("verdict-long", "a Verdict one byte too long", longer, decode(DecodeError::Length)),
        fault("verdict-ten-steps", "a Verdict of ten steps, one too many", ten_steps, decode(DecodeError::Length)),
        fault("verdict-tag", "a bit of the tag turned", last_bit_turned(verdict), closed),
        fault("verdict-invented", "a refusal that nobody sealed", patched(verdict, 10, &[0; 92]), closed),
        fault(
            "verdict-box-nonce",
            "a box that opens, under a nonce that is not its text's",
            sealed(Nonce::Other([7; 12]), &honest),
            closed,
        ),
        case("verdict-code-0", "code 0", &refused(0, 0, 0), undefined),
        case("verdict-code-3", "code 3, which is reserved", &refused(3, 0, 0), undefined),
        case("verdict-reason-3", "refused for reason 3", &refused(2, 3, 0), undefined),
        case("verdict-latest-unasked", "refused for no reason, with a latest timestamp", &refused(2, 0, 1), undefined),
        case("verdict-clock-latest", "refused for the clock, with a latest timestamp", &refused(2, 1, 1), undefined),
        case("verdict-padding", "the last padding byte is 1", &last_bit_turned(&honest), decode(DecodeError::Padding)),
        case(
            "verdict-padding-step",
            "one more step of padding than the fewest",
            &[&honest[..], &[0; 64]].concat(),
            decode(DecodeError::Length),
        ),
        case(
            "verdict-granted-twice",
            "one clearance granted twice",
            &accepted(b"\x04read\x04read"),
            decode(DecodeError::Clearances),
        ),
        case(
            "verdict-grants-more",
            "grants what is held and was not wanted",
            &granting(&[b"read", b"write"]),
            not_wanted,
        ),
        case(
            "verdict-grants-other",
            "grants another clearance than the one wanted",
            &granting(&[b"write"]),
            not_wanted,
        ),
    ]
}

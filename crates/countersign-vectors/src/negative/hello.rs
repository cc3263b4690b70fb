//! Hellos that a responder drops, and datagrams that are no message.

use super::{Fault, Stage, decode, patched};
use crate::inputs::example;
use crate::refusal::Refusal;
use crate::replay::State;
use countersign::Reject;
use countersign::wire::DecodeError;

/// Offsets of `spec/wire.md`.
const SUITES: usize = 42;
const E_I: usize = 50;
const PADDING: usize = 115;

pub(super) fn faults() -> Vec<Fault> {
    let stage = Stage::new(example());
    let mut faults = shapes(&stage);
    faults.extend(contents(&stage));
    faults
}

fn fault(stage: &Stage, file: &str, title: &str, datagram: Vec<u8>, expect: Refusal) -> Fault {
    stage.fault(State::Listen, file, title, datagram, expect)
}

fn shapes(stage: &Stage) -> Vec<Fault> {
    let hello = &stage.exchange.hello;
    let shorter = hello.iter().take(223).copied().collect();
    let longer = hello.iter().copied().chain([0]).collect();
    let case = |file, title, datagram, error| fault(stage, file, title, datagram, decode(error));
    vec![
        case("datagram-empty", "a datagram of no bytes", vec![], DecodeError::Length),
        case("datagram-one-byte", "a datagram of one byte", vec![1], DecodeError::Length),
        case("datagram-version-0", "version 0", patched(hello, 0, &[0]), DecodeError::Version),
        case("datagram-version-2", "version 2", patched(hello, 0, &[2]), DecodeError::Version),
        case("datagram-type-0", "type 0", patched(hello, 1, &[0]), DecodeError::Kind),
        case("datagram-type-6", "type 6, which is reserved", patched(hello, 1, &[6]), DecodeError::Kind),
        case("datagram-type-8", "type 8", patched(hello, 1, &[8]), DecodeError::Kind),
        case("hello-short", "a Hello one byte short", shorter, DecodeError::Length),
        case("hello-long", "a Hello one byte too long", longer, DecodeError::Length),
        case("hello-suites-none", "a Hello that offers nothing", patched(hello, SUITES, &[0; 8]), DecodeError::Suites),
        case("hello-suites-twice", "suite 1 offered twice", patched(hello, SUITES, &[1, 1]), DecodeError::Suites),
        case("hello-suites-gap", "a suite after a zero", patched(hello, SUITES, &[1, 0, 2]), DecodeError::Suites),
        case("hello-padding-first", "the first padding byte is 1", patched(hello, PADDING, &[1]), DecodeError::Padding),
        case("hello-padding-last", "the last padding byte is 1", patched(hello, 223, &[1]), DecodeError::Padding),
    ]
}

fn contents(stage: &Stage) -> Vec<Fault> {
    let hello = &stage.exchange.hello;
    let case = |file, title, datagram, reject| fault(stage, file, title, datagram, Refusal::Drop(reject));
    let mut faults = vec![case(
        "hello-suites-unknown",
        "a well-formed offer of suites that the responder does not have",
        patched(hello, SUITES, &[2, 255]),
        Reject::NoCommonSuite,
    )];
    let base = data_encoding::HEXLOWER;
    for (name, what, digits) in SMALL_ORDER {
        let point = base.decode(digits.as_bytes()).expect("hexadecimal digits");
        let file = format!("hello-small-order-{name}");
        let title = format!("e_i of small order: {what}");
        let datagram = patched(hello, E_I, &point);
        faults.push(fault(stage, &file, &title, datagram, Refusal::Drop(Reject::SmallOrderEphemeral)));
    }
    faults
}

/// The list of `spec/keys.md`, CS-KEY-04, and one with its top bit set.
const SMALL_ORDER: [(&str, &str, &str); 8] = [
    ("0", "u = 0", "0000000000000000000000000000000000000000000000000000000000000000"),
    ("1", "u = 1", "0100000000000000000000000000000000000000000000000000000000000000"),
    ("8a", "one of order 8", "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    ("8b", "the other of order 8", "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
    ("p-minus-1", "u = p - 1", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ("p", "u = p", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ("p-plus-1", "u = p + 1", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    ("top-bit", "one of order 8, top bit set", "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7"),
];

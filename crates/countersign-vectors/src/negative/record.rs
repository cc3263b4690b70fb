//! Records that either side drops.

use super::{Fault, Stage, decode, last_bit_turned, patched};
use crate::dissect::{Direction, OpenedSession};
use crate::forge;
use crate::inputs::example;
use crate::refusal::Refusal;
use crate::replay::State;
use countersign::wire::{DATAGRAM_BYTES_MAX, DecodeError, RECORD_HEADER_BYTES, RecordKind};
use countersign::{EPOCH_RECORDS, Reject, WINDOW_RECORDS};

const CONFIRM: &[u8] = &[RecordKind::Confirm as u8];

pub(super) fn faults() -> Vec<Fault> {
    let stage = &Stage::new(example());
    let session = &stage.dissect(4).session.expect("the handshake was accepted");
    let mut faults = unopened(stage, session);
    faults.extend(opened(stage, session));
    faults.extend(counted(stage, session));
    faults
}

/// A record under the first key of a direction.
fn sealed(direction: &Direction, counter: u64, text: &[u8]) -> Vec<u8> {
    let (_, key) = direction.epochs.first().expect("there is a first epoch");
    forge::record(key, direction.receiver, counter, text)
}

/// A fault before the first genuine record, a confirm.
fn fault(
    stage: &Stage,
    state: State,
    direction: &Direction,
    (file, title): (&str, &str),
    datagram: Vec<u8>,
    expect: Refusal,
) -> Fault {
    let genuine = Some(sealed(direction, 0, CONFIRM));
    Fault { genuine, ..stage.fault(state, file, title, datagram, expect) }
}

/// Shapes, tags and headers.
fn unopened(stage: &Stage, session: &OpenedSession) -> Vec<Fault> {
    let (inbound, outbound) = (&session.initiator_to_responder, &session.responder_to_initiator);
    let case = |named, datagram, expect| fault(stage, State::Unconfirmed, inbound, named, datagram, expect);
    let closed = Refusal::Drop(Reject::RecordDoesNotOpen);
    let confirm = sealed(inbound, 0, CONFIRM);
    let no_kind = sealed(inbound, 0, &[]);
    let over = sealed(inbound, 0, &vec![RecordKind::Data as u8; DATAGRAM_BYTES_MAX - RECORD_HEADER_BYTES - 15]);
    let reflected = patched(&sealed(outbound, 0, CONFIRM), 2, &inbound.receiver.0);
    let to_initiator = last_bit_turned(&sealed(outbound, 0, CONFIRM));
    vec![
        case(("record-no-kind", "a record of no text: not even a kind"), no_kind, decode(DecodeError::Length)),
        case(("record-over-1200", "a datagram of 1,201 bytes"), over, decode(DecodeError::Length)),
        case(("record-tag", "a bit of the tag turned"), last_bit_turned(&confirm), closed),
        case(("record-counter", "the next counter written over a record's own"), patched(&confirm, 17, &[1]), closed),
        case(("record-reflected", "the responder's own record, sent back to it under its sid"), reflected, closed),
        fault(
            stage,
            State::Confirming,
            outbound,
            ("record-to-initiator-tag", "a bit of the tag of the responder's record turned"),
            to_initiator,
            closed,
        ),
    ]
}

/// Records that open on something that is no record: they count as not opened.
fn opened(stage: &Stage, session: &OpenedSession) -> Vec<Fault> {
    let inbound = &session.initiator_to_responder;
    let case = |file, title, text: &[u8]| {
        let datagram = sealed(inbound, 0, text);
        fault(stage, State::Unconfirmed, inbound, (file, title), datagram, Refusal::Drop(Reject::RecordDoesNotOpen))
    };
    vec![
        case("record-kind-0", "kind 0", &[0]),
        case("record-kind-4", "kind 4", &[4]),
        case("record-close-data", "a close with data", &[RecordKind::Close as u8, 0]),
        case("record-confirm-data", "a confirm with data", &[RecordKind::Confirm as u8, 0]),
    ]
}

/// Records whose counter is not to be taken.
fn counted(stage: &Stage, session: &OpenedSession) -> Vec<Fault> {
    let inbound = &session.initiator_to_responder;
    let (_, next_key) = inbound.epochs.get(1).expect("the second epoch is always there");
    let two_ahead = EPOCH_RECORDS.saturating_mul(2);
    let ahead = forge::record(next_key, inbound.receiver, two_ahead, CONFIRM);
    let last = sealed(inbound, u64::MAX, CONFIRM);
    let after = |named, before: &[u64], datagram: u64, genuine: u64, expect| {
        let established = fault(stage, State::Established, inbound, named, sealed(inbound, datagram, CONFIRM), expect);
        let mut messages = established.scene.messages;
        let records = before.iter().zip(0..);
        messages
            .extend(records.map(|(counter, number)| (format!("record_{number}"), sealed(inbound, *counter, CONFIRM))));
        let scene = crate::replay::Scene { messages, ..established.scene };
        Fault { scene, genuine: Some(sealed(inbound, genuine, CONFIRM)), ..established }
    };
    let replayed = Refusal::Drop(Reject::RecordReplayed);
    let newest = WINDOW_RECORDS.saturating_add(3);
    vec![
        fault(
            stage,
            State::Unconfirmed,
            inbound,
            ("record-two-epochs-ahead", "a record two epochs ahead"),
            ahead,
            Refusal::Drop(Reject::EpochOutOfReach),
        ),
        fault(
            stage,
            State::Unconfirmed,
            inbound,
            ("record-last-counter", "the last counter of all, which is never sealed"),
            last,
            replayed,
        ),
        after(("record-replayed", "a record that was opened before"), &[0], 0, 1, replayed),
        after(("record-replayed-late", "an older record that was opened before"), &[0, 2], 0, 1, replayed),
        after(("record-below-window", "a record 1,024 below the newest"), &[0, newest], 3, 4, replayed),
    ]
}

//! The words of the story: fields, what is sealed, who knows what, and why a state is entered.

use countersign::wire::{ClaimPlaintext, Kind, Message, Reason, Record, RecordKind, VerdictPlaintext, layout};
use countersign::{Clearances, Role};
use countersign_endpoint::{InitiatorState, Outcome, ResponderState};
use countersign_vectors::Dissection;
use data_encoding::HEXLOWER;
use std::fmt::{Result, Write};

const INDENT: &str = "            ";
const SHOWN_BYTES: usize = 32;

/// The name of a message.
pub(super) fn kind(bytes: &[u8]) -> String {
    Kind::of(bytes).map_or_else(|_| "bytes that are no message".to_owned(), |kind| format!("{kind:?}"))
}

/// Hexadecimal, cut where nobody would read on.
pub(super) fn hex(bytes: &[u8]) -> String {
    match bytes.get(..SHOWN_BYTES).filter(|_| bytes.len() > SHOWN_BYTES) {
        None => HEXLOWER.encode(bytes),
        Some(_) if bytes.iter().all(|byte| *byte == 0) => format!("{} zero bytes", bytes.len()),
        Some(shown) => format!("{}… ({} bytes)", HEXLOWER.encode(shown), bytes.len()),
    }
}

/// Every field of a message, what is sealed in it, and who knows what once it is sent.
pub(super) fn message(out: &mut String, bytes: &[u8], by_client: bool, dissection: Option<&Dissection>) -> Result {
    let Ok(message) = Message::decode(bytes) else { return Ok(()) };
    let Ok(kind) = Kind::of(bytes) else { return Ok(()) };
    for field in layout(kind, bytes.len()) {
        let value = bytes.get(field.at).unwrap_or_default();
        match (field.name, value.first_chunk()) {
            ("t_r", Some(millis)) => line(out, "t_r", &millis_since_epoch(u64::from_be_bytes(*millis)))?,
            (name, _) => line(out, name, &hex(value))?,
        }
    }
    if let Some(dissection) = dissection {
        sealed(out, &message, by_client, dissection)?;
    }
    writeln!(out, "{INDENT}{}", knowledge(kind))
}

fn sealed(out: &mut String, message: &Message<'_>, by_client: bool, dissection: &Dissection) -> Result {
    match message {
        Message::Hello(_) | Message::Retry(_) => Ok(()),
        Message::Challenge(_) => dissection.challenge.as_ref().map_or(Ok(()), |challenge| {
            sealed_line(out, "key", &hex(&challenge.key))?;
            sealed_line(out, "signature", &hex(&challenge.signature))
        }),
        Message::Response(_) => match dissection.response.as_ref().map(|response| &response.claim) {
            Some(Ok(claim)) => sealed_claim(out, claim),
            Some(Err(_)) | None => Ok(()),
        },
        Message::Verdict(_) => match dissection.verdict.as_ref().map(|verdict| &verdict.verdict) {
            Some(Ok(VerdictPlaintext::Accepted { granted, lifetime_s })) => {
                sealed_line(out, "code", "accepted")?;
                sealed_line(out, "granted", &list(granted))?;
                sealed_line(out, "lifetime", &format!("{lifetime_s} s"))
            }
            Some(Ok(VerdictPlaintext::Refused(reason))) => sealed_line(out, "refused", refused(*reason)),
            Some(Err(_)) | None => Ok(()),
        },
        Message::Record(record) => sealed_record(out, record, by_client, dissection),
    }
}

fn sealed_claim(out: &mut String, claim: &ClaimPlaintext) -> Result {
    sealed_line(out, "user", &claim.user.to_string())?;
    sealed_line(out, "device key", &hex(&claim.device))?;
    sealed_line(out, "t_i", &millis_since_epoch(claim.timestamp.as_millis()))?;
    sealed_line(out, "wanted", &list(&claim.wanted))?;
    sealed_line(out, "signature", &hex(&claim.signature))
}

fn sealed_record(out: &mut String, record: &Record<'_>, by_client: bool, dissection: &Dissection) -> Result {
    let sender = if by_client { Role::Initiator } else { Role::Responder };
    let records = dissection.session.iter().flat_map(|session| &session.records);
    let opened = records.into_iter().find(|opened| opened.sender == sender && opened.counter == record.counter);
    let Some(opened) = opened else { return Ok(()) };
    let kind = match opened.kind {
        Ok(RecordKind::Data) => "data",
        Ok(RecordKind::Close) => "close: nothing comes after this",
        Ok(RecordKind::Confirm) => "confirm: this side has accepted",
        Err(_) => "undefined",
    };
    sealed_line(out, "kind", kind)?;
    match opened.plaintext.split_first() {
        Some((_, data)) if !data.is_empty() => sealed_line(out, "data", &format!("\"{}\"", data.escape_ascii())),
        _ => Ok(()),
    }
}

fn millis_since_epoch(millis: u64) -> String {
    format!("{millis} ms since the Unix epoch")
}

const fn refused(reason: Reason) -> &'static str {
    match reason {
        Reason::None => "no reason is given",
        Reason::Clock => "the initiator's clock is wrong",
        Reason::Stale(_) => "the timestamp is not later than the latest",
    }
}

fn list(clearances: &Clearances) -> String {
    format!("{clearances:?}")
}

fn line(out: &mut String, name: &str, value: &str) -> Result {
    writeln!(out, "{INDENT}{name:<16}{value}")
}

fn sealed_line(out: &mut String, name: &str, value: &str) -> Result {
    writeln!(out, "{INDENT}  sealed: {name:<14}{value}")
}

/// Who knows what, once a message of this kind is on its way.
const fn knowledge(kind: Kind) -> &'static str {
    match kind {
        Kind::Hello => "known: to all on the way, that somebody says Hello; to nobody, who it is.",
        Kind::Retry => "known: that the responder is busy. It keeps nothing of this Hello.",
        Kind::Challenge => {
            "known: to all on the way, the responder's clock; to the initiator alone, its key and its proof."
        }
        Kind::Response => "known: to the verified responder alone, who the initiator is and what it wants.",
        Kind::Verdict => "known: to the initiator alone, what the responder decided.",
        Kind::Record => "known: to the two alone.",
    }
}

/// Why the initiator enters a state.
pub(super) const fn initiator(state: InitiatorState, ended: Option<Outcome>) -> &'static str {
    match state {
        InitiatorState::Queued => "another handshake with this responder is under way",
        InitiatorState::AwaitChallenge => "its Hello is out, and nothing of who it is",
        InitiatorState::AwaitVerdict => "the expected name and key have signed this very transcript; it answers",
        InitiatorState::Confirming => "the Verdict opened and accepts; it has a session, and says so",
        InitiatorState::Established => "a record of the responder opened; both know that both accepted",
        InitiatorState::Ended => match ended {
            None => "it has closed the session",
            Some(Outcome::Refused(_)) => "the verified responder refused",
            Some(Outcome::TimedOut) => "its deadline has passed, and nobody proved to be the one it wants to reach",
            Some(Outcome::Impostor) => "its deadline has passed, and somebody answered who was not the one it wants",
            Some(Outcome::Clock { .. }) => "the verified responder's clock is outside the skew",
            Some(Outcome::NotBegun(_)) => "it could not begin",
        },
    }
}

/// Why the responder enters a state.
pub(super) const fn responder(state: ResponderState) -> &'static str {
    match state {
        ResponderState::Listen => "nothing is kept of the handshake any more",
        ResponderState::AwaitResponse => "it has proved itself, and keeps one entry; nobody has proved anything to it",
        ResponderState::AwaitProfile => "the Response opened; it asks its store for the user's profile",
        ResponderState::StalledProfile => "the store failed; the next repeat of the Response asks again",
        ResponderState::AwaitAdvance => {
            "enrolled, signed, in time, clearances held; it asks its store to make the timestamp the latest"
        }
        ResponderState::StalledAdvance => "the store failed; the next repeat of the Response asks again",
        ResponderState::Unconfirmed => "the timestamp is stored, the Verdict is out; the session carries nothing yet",
        ResponderState::Established => "a record of the initiator opened; both have accepted",
        ResponderState::Concluded => "the session is over, or never was; the Verdict is kept for repeats",
    }
}

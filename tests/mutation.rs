//! Which refusal does a change of one bit on the way lead to, field by field, and does it leave the state as it was?

use countersign::wire::{COOKIE_BYTES, DecodeError, Kind, RETRY_BYTES, Reason, layout};
use countersign::{Content, CookieJar, Reject, VerifiedVerdict, Whole};
use countersign_tests::exchange::{
    Challenged, Established, Exchange, Greeted, Judged, NOW, Refused, Responded, generator, hello, record, response,
    retry, retry_for, verdict,
};

/// A bit of a datagram that was flipped on the way.
struct Flip {
    field: &'static str,
    /// The byte within the field, the bit within the byte.
    at: (usize, u32),
    bytes: Vec<u8>,
}

/// Each bit of each field in turn.
fn flips(kind: Kind, genuine: &[u8]) -> impl Iterator<Item = Flip> {
    let bits = |bytes: usize| (0..bytes).flat_map(|byte| (0..8).map(move |bit| (byte, bit)));
    layout(kind, genuine.len()).flat_map(move |field| {
        bits(field.at.len()).map(move |at| {
            let mut bytes = genuine.to_vec();
            bytes[field.at.start + at.0] ^= 1 << at.1;
            Flip { field: field.name, at, bytes }
        })
    })
}

const fn decode(error: DecodeError) -> Refused {
    Refused::Rejected(Reject::Decode(error))
}

/// What becomes of a message whose type was changed: another type of the same size is a message that nobody awaits.
fn of_another_type(kind: Kind, flip: &Flip) -> Refused {
    match (kind as u8 ^ 1 << flip.at.1, flip.bytes.len()) {
        (4, bytes) if (166..=742).contains(&bytes) && (bytes - 38) % 64 == 0 => Refused::OutOfTurn(Kind::Response),
        (5, bytes) if (102..=614).contains(&bytes) && (bytes - 38) % 64 == 0 => Refused::OutOfTurn(Kind::Verdict),
        (7, 35..=1_200) => Refused::OutOfTurn(Kind::Record),
        (1..=5, _) => decode(DecodeError::Length),
        _ => decode(DecodeError::Kind),
    }
}

/// Offers every flip, compares the refusals with `expected`, and returns how many flips there were.
fn refusals(
    kind: Kind,
    genuine: &[u8],
    expected: impl Fn(&Flip) -> Option<Refused>,
    offer: impl Fn(&[u8]) -> Option<Refused>,
) -> usize {
    flips(kind, genuine)
        .map(|flip| {
            let expected = match flip.field {
                "version" => Some(decode(DecodeError::Version)),
                "type" => Some(of_another_type(kind, &flip)),
                _ => expected(&flip),
            };
            assert_eq!(offer(&flip.bytes), expected, "{kind:?}: {} {:?}", flip.field, flip.at);
        })
        .count()
}

/// CS-TRN-01, CS-TRN-02, CS-IMPL-04
#[test]
fn a_changed_hello_is_refused_or_its_challenge_is() {
    let mut exchange = Exchange::honest(1);
    let Greeted { waiting, flight } = exchange.greeted();
    let not_opened = Some(Refused::Rejected(Reject::BoxDoesNotOpen));
    let expected = |flip: &Flip| match (flip.field, flip.at) {
        ("sid_i" | "n_i" | "e_i", _) => not_opened,
        ("suites", (0, 0)) => Some(decode(DecodeError::Suites)), // 0: an empty offer
        ("suites", (0, _)) => Some(Refused::Rejected(Reject::NoCommonSuite)),
        ("suites", (1, 0)) => Some(decode(DecodeError::Suites)), // 1: a suite offered twice
        ("suites", (1, _)) => not_opened,                        // one suite more, unknown to the responder
        ("suites", _) => Some(decode(DecodeError::Suites)),
        ("cookie", _) => None, // not in the transcript
        ("padding", _) => Some(decode(DecodeError::Padding)),
        other => panic!("a field without an expectation: {other:?}"),
    };
    let cell = std::cell::RefCell::new(exchange);
    let offered = refusals(Kind::Hello, &flight.hello, expected, |bytes| {
        let mut exchange = cell.borrow_mut();
        let answer = exchange.answer(bytes).and_then(|(_, challenge)| exchange.check(&waiting, &challenge));
        answer.err()
    });
    assert_eq!(offered, 224 * 8);

    let (_, challenge) = cell.borrow_mut().answer(&flight.hello).expect("the genuine Hello is answered");
    assert!(cell.borrow().check(&waiting, &challenge).is_ok());
}

/// CS-TRN-01, CS-INIT-06, CS-IMPL-04
#[test]
fn a_changed_challenge_is_refused() {
    let mut exchange = Exchange::honest(2);
    let Challenged { waiting, flight, .. } = exchange.challenged();
    let expected = |flip: &Flip| {
        Some(Refused::Rejected(match flip.field {
            "suite" => Reject::SuiteNotOffered,
            "sid_i" | "sid_r" | "n_r" | "t_r" | "e_r" => Reject::BoxDoesNotOpen,
            "box nonce" | "box ciphertext" | "box tag" => Reject::BoxDoesNotOpen,
            other => panic!("a field without an expectation: {other}"),
        }))
    };
    let offered = refusals(Kind::Challenge, &flight.challenge, expected, |bytes| exchange.check(&waiting, bytes).err());
    assert_eq!(offered, 215 * 8);
    assert!(exchange.check(&waiting, &flight.challenge).is_ok());
}

/// CS-TRN-01, CS-RESP-02, CS-IMPL-04
#[test]
fn a_changed_response_is_refused() {
    let mut exchange = Exchange::honest(3);
    let Responded { half_open, flight, .. } = exchange.responded();
    let expected = |flip: &Flip| match flip.field {
        "sid_r" | "box nonce" | "box ciphertext" | "box tag" => Some(Refused::Rejected(Reject::BoxDoesNotOpen)),
        other => panic!("a field without an expectation: {other}"),
    };
    let offered = refusals(Kind::Response, &flight.response, expected, |bytes| {
        response(bytes).and_then(|response| Ok(half_open.open(&response)?)).err()
    });
    assert_eq!(offered, flight.response.len() * 8);
    assert!(exchange.judge(half_open, &flight.response).is_ok());
}

/// CS-TRN-01, CS-INIT-09, CS-IMPL-04
#[test]
fn a_changed_verdict_is_refused() {
    let Judged { waiting, flight, .. } = Exchange::honest(4).judged();
    let expected = |flip: &Flip| match flip.field {
        "sid_i" | "box nonce" | "box ciphertext" | "box tag" => Some(Refused::Rejected(Reject::BoxDoesNotOpen)),
        other => panic!("a field without an expectation: {other}"),
    };
    let offered = refusals(Kind::Verdict, &flight.verdict, expected, |bytes| {
        verdict(bytes).and_then(|verdict| Ok(waiting.check(&verdict)?)).err()
    });
    assert_eq!(offered, flight.verdict.len() * 8);
    let judged = waiting.check(&verdict(&flight.verdict).unwrap());
    assert!(matches!(judged, Ok(VerifiedVerdict::Accepted(_))));
}

/// CS-INIT-09, CS-IMPL-04
#[test]
fn a_changed_refusal_is_refused_like_any_verdict() {
    let mut exchange = Exchange::honest(5);
    let Responded { waiting, half_open, flight } = exchange.responded();
    let refusal = exchange.judge_stale(half_open, &flight.response);
    let not_opened = |_: &Flip| Some(Refused::Rejected(Reject::BoxDoesNotOpen));
    refusals(Kind::Verdict, &refusal, not_opened, |bytes| {
        verdict(bytes).and_then(|verdict| Ok(waiting.check(&verdict)?)).err()
    });
    let judged = waiting.check(&verdict(&refusal).unwrap());
    assert!(matches!(judged, Ok(VerifiedVerdict::Refused(Reason::Stale(_)))), "{judged:?}");
}

/// CS-REC-01, CS-REC-04, CS-IMPL-04
#[test]
fn a_changed_record_is_refused() {
    let mut exchange = Exchange::honest(6);
    let Judged { accepted, flight: _, waiting } = exchange.judged();
    let Ok(VerifiedVerdict::Accepted(granted)) = waiting.check(&verdict(&accepted.verdict).unwrap()) else {
        panic!("the Verdict accepts")
    };
    let (mut initiators, _) = waiting.accept(granted);
    let genuine = initiators.confirm().unwrap().to_vec();
    let expected = |flip: &Flip| {
        Some(Refused::Rejected(match (flip.field, flip.at) {
            // The counter is 0: its bits from 2^21 up stand for epochs two and more ahead.
            ("counter", (byte, bit)) if 8 * (7 - byte) as u32 + bit > 20 => Reject::EpochOutOfReach,
            ("sid" | "counter" | "sealed" | "tag", _) => Reject::RecordDoesNotOpen,
            other => panic!("a field without an expectation: {other:?}"),
        }))
    };
    let offered = refusals(Kind::Record, &genuine, expected, |bytes| {
        record(bytes).and_then(|record| Ok(accepted.session.check(&record)?)).err()
    });
    assert_eq!(offered, 35 * 8);

    let opened = accepted.session.check(&record(&genuine).unwrap()).expect("the genuine record opens");
    let (session, _) = accepted.session.confirm(opened);
    assert_eq!(session.check(&record(&genuine).unwrap()).err(), Some(Reject::RecordReplayed));
}

/// CS-REC-01, CS-IMPL-04
#[test]
fn a_changed_record_of_data_is_refused_by_both_sides() {
    let Established { mut initiators, mut responders, .. } = Exchange::honest(7).established();
    let sent = [initiators.seal(b"to the responder").unwrap(), responders.seal(b"to the initiator").unwrap()];
    for (receiver, genuine) in [&mut responders, &mut initiators].into_iter().zip(sent) {
        let newest = receiver.newest();
        for flip in flips(Kind::Record, &genuine).filter(|flip| !["version", "type"].contains(&flip.field)) {
            let refused = receiver.check(&record(&flip.bytes).unwrap()).err();
            // Counter 1 of the initiator with its last bit flipped is counter 0, which has been opened.
            let replayed = newest == Some(0) && flip.field == "counter" && flip.at == (7, 0);
            let expected = match flip.at {
                _ if replayed => Reject::RecordReplayed,
                (byte, bit) if flip.field == "counter" && 8 * (7 - byte) as u32 + bit > 20 => Reject::EpochOutOfReach,
                _ => Reject::RecordDoesNotOpen,
            };
            assert_eq!(refused, Some(expected), "{} {:?}", flip.field, flip.at);
        }
        assert_eq!(receiver.newest(), newest);
        let opened = receiver.check(&record(&genuine).unwrap()).expect("the genuine record opens");
        assert!(matches!(receiver.take(opened), Content::Data(data) if data.starts_with(b"to the ")));
    }
}

/// CS-COOKIE-02, CS-COOKIE-03, CS-WIRE-01
#[test]
fn a_changed_retry_is_refused_or_its_cookie_is() {
    let mut exchange = Exchange::honest(8);
    let Greeted { waiting, flight } = exchange.greeted();
    let genuine = retry_for(&exchange.responder, &flight.hello);
    // The jar that `retry_for` bakes with.
    let jar = CookieJar::new(Whole, &mut generator(0, 3));
    let from = ([192, 0, 2, 1], 4_000).into();
    let is_good = |cookie: &[u8; COOKIE_BYTES]| {
        let greeting = waiting.hello(cookie);
        let greeting = hello(&greeting).unwrap();
        jar.is_good(NOW.monotonic, from, exchange.responder.screen(&greeting).unwrap().hash(), greeting.cookie)
    };
    assert!(is_good(retry(&genuine).unwrap().cookie), "the genuine cookie is good");
    let mut bad = 0;
    let expected = |_: &Flip| None;
    let offered = refusals(Kind::Retry, &genuine, expected, |bytes| retry(bytes).err());
    for flip in flips(Kind::Retry, &genuine).filter(|flip| flip.field == "cookie") {
        assert!(!is_good(retry(&flip.bytes).unwrap().cookie), "bit {:?} of the cookie", flip.at);
        bad += 1;
    }
    for flip in flips(Kind::Retry, &genuine).filter(|flip| flip.field == "sid_i") {
        assert_ne!(retry(&flip.bytes).unwrap().sid_i, waiting.sid(), "nobody waits under that sid");
    }
    assert_eq!((offered, bad), (RETRY_BYTES * 8, COOKIE_BYTES * 8));
}

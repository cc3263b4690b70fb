//! What does a datagram of no worth cost whoever gets it, as a part of a whole handshake?
//!
//! `cargo bench --bench flood` prints the ratios on each backend, and fails if one exceeds 1/200. A bad Challenge is the one that
//! takes public-key work (CS-INIT-08 limits them to 8 a second): its price is shown beside.

use countersign::wire::{
    COOKIE_BYTES, DecodeError, Kind, Message, RECORD_DATA_BYTES_MAX, RECORD_HEADER_BYTES, RESPONSE_BYTES_MAX, Retry,
    SID_BYTES, VERDICT_BYTES_MAX,
};
use countersign::{Backend, EPOCH_RECORDS, Reject};
use countersign_benches::{Contestant, Limit, Pair, Parties, Side, Verdict, backends, in_turn, micros};
use countersign_endpoint::{Dropped, Limits};
use std::process::ExitCode;
use std::time::Duration;

const LIMIT: f64 = 1.0 / 200.0;

fn main() -> ExitCode {
    let mut verdict = Verdict::default();
    for (name, backend) in backends() {
        println!("{name}");
        let limit = Limit { rounds: usize::MAX, time: Duration::from_secs(10) };
        let times = in_turn(contestants(backend), limit, |_| ());
        times.iter().for_each(micros);
        let (whole, pieces) = times.split_first().expect("a whole handshake");
        for piece in pieces {
            let limit = (piece.name != BAD_CHALLENGE).then_some(LIMIT);
            verdict.ratio(piece, whole, limit);
        }
    }
    verdict.exit_code()
}

const BAD_CHALLENGE: &str = "Challenge that does not open";

fn contestants(backend: Backend) -> Vec<Contestant> {
    let mut parties = Parties::new(backend);
    let handshake = Contestant::new("handshake", move || parties.handshake());
    let (no_box, no_record) = (Err(Reject::BoxDoesNotOpen.into()), Err(Reject::RecordDoesNotOpen.into()));
    let longest = RECORD_DATA_BYTES_MAX;
    let refused = [
        dropped("wrong shape", Err(Reject::from(DecodeError::Length).into()), wrong_shape(backend)),
        dropped("Response, unknown session id", Err(Dropped::UnknownSid), unknown_sid(backend)),
        dropped("Response, longest", no_box, bad_response(backend)),
        dropped("Response, longest, after the Verdict", Err(Dropped::OutOfTurn), late_response(backend)),
        dropped("Verdict, longest", no_box, bad_verdict(backend)),
        dropped("Record, shortest", no_record, bad_record(backend, 0)),
        dropped("Record, longest", no_record, bad_record(backend, longest)),
        dropped("Record, longest, of the next epoch", no_record, of_next_epoch(bad_record(backend, longest))),
        dropped("Retry beyond its budget", Ok(()), retry(backend)),
        dropped("Challenge beyond its budget", Err(Dropped::RateLimited), challenge(backend)),
    ];
    [handshake].into_iter().chain(refused).chain([bad_cookie(backend), bad_challenge(backend)]).collect()
}

/// A datagram for a side that does nothing with it, and says so.
fn dropped(name: &str, said: Result<(), Dropped>, (mut pair, to, datagram): (Pair, Side, Vec<u8>)) -> Contestant {
    // The first few may be within a budget.
    (0..100).for_each(|_| drop((pair.deliver(to, &datagram), pair.sent_by(to))));
    assert_eq!(pair.deliver(to, &datagram), said, "{name}");
    assert!(pair.sent_by(to).is_empty(), "{name}: nothing is sent");
    Contestant::new(name, move || pair.deliver(to, &datagram))
}

fn pair(backend: Backend) -> Pair {
    Pair::new(backend, Limits::default())
}

fn changed(mut datagram: Vec<u8>) -> Vec<u8> {
    *datagram.last_mut().expect("no datagram is empty") ^= 1;
    datagram
}

fn wrong_shape(backend: Backend) -> (Pair, Side, Vec<u8>) {
    let mut pair = pair(backend);
    let mut hello = pair.connect();
    hello.pop();
    (pair, Side::Server, hello)
}

/// Both sides, with the Response not yet delivered.
fn half_open(backend: Backend) -> (Pair, Vec<u8>) {
    let mut pair = pair(backend);
    let hello = pair.connect();
    let challenge = pair.answers(Side::Server, &hello).pop().expect("a Challenge");
    let response = pair.answers(Side::Device, &challenge).pop().expect("a Response");
    (pair, response)
}

fn unknown_sid(backend: Backend) -> (Pair, Side, Vec<u8>) {
    let (pair, mut response) = half_open(backend);
    response[2] ^= 1;
    (pair, Side::Server, response)
}

fn bad_response(backend: Backend) -> (Pair, Side, Vec<u8>) {
    let (pair, mut response) = half_open(backend);
    response.resize(RESPONSE_BYTES_MAX, 0);
    (pair, Side::Server, response)
}

fn late_response(backend: Backend) -> (Pair, Side, Vec<u8>) {
    let (mut pair, mut response) = half_open(backend);
    pair.answers(Side::Server, &response);
    response.resize(RESPONSE_BYTES_MAX, 0);
    (pair, Side::Server, response)
}

fn bad_verdict(backend: Backend) -> (Pair, Side, Vec<u8>) {
    let (mut pair, response) = half_open(backend);
    let mut verdict = pair.answers(Side::Server, &response).pop().expect("a Verdict");
    verdict.resize(VERDICT_BYTES_MAX, 0);
    (pair, Side::Device, verdict)
}

fn bad_record(backend: Backend, bytes: usize) -> (Pair, Side, Vec<u8>) {
    let mut pair = pair(backend);
    pair.handshake();
    let record = pair.record(&vec![7; bytes]);
    (pair, Side::Server, changed(record))
}

fn of_next_epoch((pair, to, mut record): (Pair, Side, Vec<u8>)) -> (Pair, Side, Vec<u8>) {
    record[2 + SID_BYTES..RECORD_HEADER_BYTES].copy_from_slice(&EPOCH_RECORDS.to_be_bytes());
    (pair, to, record)
}

fn retry(backend: Backend) -> (Pair, Side, Vec<u8>) {
    let mut pair = pair(backend);
    let hello = pair.connect();
    let Ok(Message::Hello(hello)) = Message::decode(&hello) else { panic!("a Hello") };
    let retry = Retry { sid_i: hello.sid_i, cookie: &[9; COOKIE_BYTES] }.encode();
    (pair, Side::Device, retry.to_vec())
}

fn challenge(backend: Backend) -> (Pair, Side, Vec<u8>) {
    let mut pair = pair(backend);
    let hello = pair.connect();
    let challenge = pair.answers(Side::Server, &hello).pop().expect("a Challenge");
    (pair, Side::Device, changed(challenge))
}

/// A Hello under load whose cookie is of this minute, and wrong: it is compared, and another is made.
fn bad_cookie(backend: Backend) -> Contestant {
    let mut pair = Pair::new(backend, Limits { half_open_before_cookies: 0, ..Limits::default() });
    let hello = pair.connect();
    Contestant::new("Hello with a bad cookie, Retry made", move || {
        let retry = pair.answers(Side::Server, &hello);
        assert!(retry.first().is_some_and(|retry| Kind::of(retry) == Ok(Kind::Retry)));
    })
}

fn bad_challenge(backend: Backend) -> Contestant {
    let mut parties = Parties::new(backend);
    let (waiting, hello) = parties.hello();
    let challenge = changed(parties.challenge(&hello).challenge().to_vec());
    Contestant::new(BAD_CHALLENGE, move || parties.refuses(&waiting, &challenge))
}

//! What does a datagram of no worth cost whoever gets it, as a part of a whole handshake?
//!
//! `cargo bench --bench flood` prints the ratios on each backend, and fails if one exceeds 1/200. Shown beside, without a limit: a bad
//! Challenge, which takes public-key work and of which CS-INIT-08 lets 8 a second in, and what finds a table that is so full that
//! nothing of it is in the processor's cache.

use countersign::wire::{
    COOKIE_BYTES, DATAGRAM_BYTES_MAX, DecodeError, Kind, Message, RECORD_DATA_BYTES_MAX, RECORD_HEADER_BYTES,
    RESPONSE_BYTES_MAX, Retry, SID_BYTES, VERDICT_BYTES_MAX, VERSION,
};
use countersign::{Backend, EPOCH_RECORDS, Reject};
use countersign_benches::{Contestant, Limit, Pair, Parties, Side, Verdict, backends, in_turn, micros};
use countersign_endpoint::{Dropped, Limits};
use std::cell::RefCell;
use std::iter;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

const LIMIT: f64 = 1.0 / 200.0;

fn main() -> ExitCode {
    let mut verdict = Verdict::default();
    for (name, backend) in backends() {
        println!("{name}");
        let mut parties = Parties::new(backend);
        let handshake = Contestant::new("handshake", move || parties.handshake());
        let full = Full::new(backend);
        let (limited, shown) = (within_limit(backend, &full), beside(backend, &full));
        let limits = iter::repeat_n(Some(LIMIT), limited.len()).chain(iter::repeat_n(None, shown.len()));
        let limits: Vec<_> = limits.collect();
        let all = iter::once(handshake).chain(limited).chain(shown).collect();
        let times = in_turn(all, Limit { rounds: usize::MAX, time: Duration::from_secs(10) }, |_| ());
        times.iter().for_each(micros);
        let (whole, pieces) = times.split_first().expect("a whole handshake");
        for (piece, limit) in pieces.iter().zip(limits) {
            verdict.ratio(piece, whole, limit);
        }
    }
    verdict.exit_code()
}

/// What costs next to nothing.
fn within_limit(backend: Backend, full: &Full) -> Vec<Contestant> {
    let longest = RECORD_DATA_BYTES_MAX;
    let dropped = [
        dropped("wrong shape", Err(Reject::from(DecodeError::Length).into()), wrong_shape(backend)),
        dropped("Response, unknown session id", Err(Dropped::UnknownSid), unknown_sid(backend)),
        dropped("Response, longest", NO_BOX, bad_response(backend)),
        dropped("Response, longest, after the Verdict", Err(Dropped::OutOfTurn), late_response(backend)),
        dropped("Verdict, longest", NO_BOX, bad_verdict(backend)),
        dropped("Record, shortest", NO_RECORD, bad_record(backend, 0)),
        dropped("Record, longest", NO_RECORD, bad_record(backend, longest)),
        dropped("Record, longest, of the next epoch", NO_RECORD, of_next_epoch(bad_record(backend, longest))),
        dropped("Retry beyond its budget", Ok(()), retry(backend)),
        dropped("Challenge beyond its budget", Err(Dropped::RateLimited), challenge(backend)),
    ];
    let hellos = [
        bad_cookie("Hello, bad cookie, Retry made", &loaded(backend)),
        bad_cookie("Hello, bad cookie, Retry made, table full", &full.pair),
    ];
    dropped.into_iter().chain(hellos).collect()
}

const NO_BOX: Result<(), Dropped> = Err(Dropped::Rejected(Reject::BoxDoesNotOpen));
const NO_RECORD: Result<(), Dropped> = Err(Dropped::Rejected(Reject::RecordDoesNotOpen));

/// What costs more: whose sender has seen a Hello, or the ids of very many sessions.
fn beside(backend: Backend, full: &Full) -> Vec<Contestant> {
    let half_open =
        Rc::new(RefCell::new(Pair::new(backend, Limits { half_open_before_cookies: HELD, ..Limits::default() })));
    let awaited: Rc<[_]> = half_open_sids(&mut half_open.borrow_mut(), backend).collect();
    let response = blank(Kind::Response, RESPONSE_BYTES_MAX);
    let mut record = blank(Kind::Record, DATAGRAM_BYTES_MAX);
    record[RECORD_HEADER_BYTES - 1] = 9; // a counter that is not used
    vec![
        for_any("Response, longest, any of a full table", NO_BOX, &half_open, &awaited, response.clone()),
        for_any(
            "Response, longest, after the Verdict, any of a full table",
            Err(Dropped::OutOfTurn),
            &full.pair,
            &full.sids,
            response,
        ),
        for_any("Record, longest, any of a full table", NO_RECORD, &full.pair, &full.sids, record),
        bad_challenge(backend),
        misnamed_challenge(backend),
        answered_hello(backend),
    ]
}

/// So many sessions, and as many entries that have not lapsed: by default no handshake begins where there are 65,536 of both together.
const HELD: usize = 32_000;

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

type Shared = Rc<RefCell<Pair>>;

/// Both sides, of which the server wants a cookie from everybody.
fn loaded(backend: Backend) -> Shared {
    Rc::new(RefCell::new(Pair::new(backend, Limits { half_open_before_cookies: 0, ..Limits::default() })))
}

/// The same, with so many entries and sessions, and the server's ids of them.
struct Full {
    pair: Shared,
    sids: Rc<[[u8; SID_BYTES]]>,
}

impl Full {
    fn new(backend: Backend) -> Self {
        let pair = loaded(backend);
        let another = |_| {
            let mut pair = pair.borrow_mut();
            pair.handshake();
            *pair.record(&[])[2..].first_chunk().expect("a Record has a session id")
        };
        Self { sids: (0..HELD).map(another).collect(), pair }
    }
}

/// The server's ids of so many handshakes that wait for a Response.
fn half_open_sids(pair: &mut Pair, backend: Backend) -> impl Iterator<Item = [u8; SID_BYTES]> {
    let mut parties = Parties::new(backend);
    (0..HELD).map(move |_| {
        let (_, hello) = parties.hello();
        let challenge = pair.answers(Side::Server, &hello).pop().expect("a Challenge");
        *challenge[2 + SID_BYTES..].first_chunk().expect("a Challenge has a session id")
    })
}

/// A new Hello each time, whose cookie is of this minute, and wrong: it is compared, and another is made.
fn bad_cookie(name: &str, pair: &Shared) -> Contestant {
    let pair = Rc::clone(pair);
    let mut hello = pair.borrow_mut().connect();
    let mut nonce = 0_u64;
    Contestant::new(name, move || {
        nonce += 1;
        hello[2 + SID_BYTES..][..8].copy_from_slice(&nonce.to_be_bytes());
        let mut pair = pair.borrow_mut();
        assert_eq!(pair.deliver(Side::Server, &hello), Ok(()));
        let retry = pair.next_sent_by(Side::Server).expect("a Retry");
        assert!(Kind::of(&retry) == Ok(Kind::Retry));
    })
}

fn blank(kind: Kind, bytes: usize) -> Vec<u8> {
    let mut datagram = vec![0; bytes];
    datagram[..2].copy_from_slice(&[VERSION, kind as u8]);
    datagram
}

/// A datagram that is addressed now to this session, now to that.
fn for_any(
    name: &str,
    said: Result<(), Dropped>,
    pair: &Shared,
    sids: &Rc<[[u8; SID_BYTES]]>,
    mut datagram: Vec<u8>,
) -> Contestant {
    let (pair, sids) = (Rc::clone(pair), Rc::clone(sids));
    let mut at = 0;
    Contestant::new(name, move || {
        // Far from the last one, in the order in which they were made; chance would take time of its own.
        at = (at + 12_347) % sids.len();
        datagram[2..][..SID_BYTES].copy_from_slice(&sids[at]);
        assert_eq!(pair.borrow_mut().deliver(Side::Server, &datagram), said);
    })
}

fn bad_challenge(backend: Backend) -> Contestant {
    let mut parties = Parties::new(backend);
    let (waiting, hello) = parties.hello();
    let challenge = changed(parties.challenge(&hello).challenge().to_vec());
    Contestant::new("Challenge that does not open", move || {
        assert_eq!(parties.refusal(&waiting, &challenge), Some(Reject::BoxDoesNotOpen));
    })
}

/// What a stranger with a good cookie has a responder do.
fn answered_hello(backend: Backend) -> Contestant {
    let mut parties = Parties::new(backend);
    let (_, hello) = parties.hello();
    Contestant::new("Hello answered with a Challenge", move || parties.challenge(&hello))
}

/// Whoever has seen a Hello can seal a box that opens, and put the expected key and any signature in it.
fn misnamed_challenge(backend: Backend) -> Contestant {
    let mut parties = Parties::new(backend);
    let (waiting, hello) = parties.hello();
    let challenge = *parties.misnamed_challenge(&hello).challenge();
    Contestant::new("Challenge that opens, signature wrong", move || {
        assert_eq!(parties.refusal(&waiting, &challenge), Some(Reject::ImpostorSignature));
    })
}

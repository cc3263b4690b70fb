//! Does a box stay sound when generator and clock repeat themselves?

use countersign::wire::BOX_HEADER_BYTES;
use countersign::{Ablated, Defence, Defences, Reject, Whole};
use countersign_tests::exchange::{
    Challenged, Exchange, Flight, Greeted, NOW, Refused, Responded, Stuck, clearances, generator, response,
};
use std::collections::BTreeSet;

const WITHOUT_SYNTHETIC_NONCE: &[Defence] = &[Defence::SyntheticNonce, Defence::NonceRecomputed];

/// The nonce and the ciphertext of a Response or a Verdict.
fn sealed(datagram: &[u8]) -> ([u8; 12], &[u8]) {
    let (nonce, rest) = datagram[BOX_HEADER_BYTES..].split_first_chunk().unwrap();
    (*nonce, &rest[..rest.len() - 16])
}

fn stuck<D: Defences>(defences: D) -> Exchange<D, D, Stuck> {
    Exchange::with_defences(defences, defences, Stuck(7), Stuck(9))
}

/// One transcript, two Verdicts: what a responder says that was restored from a snapshot and judges a second time.
fn two_verdicts<D: Defences>(defences: D) -> [Vec<u8>; 2] {
    let [first, second] = [(), ()].map(|()| {
        let mut exchange = stuck(defences);
        let Responded { half_open, flight, .. } = exchange.responded();
        (exchange, half_open, flight)
    });
    assert_eq!(first.2, second.2, "generator, clock and counter repeat, and so do all bytes up to the Verdict");
    let accepting = first.0.judge(first.1, &first.2.response).unwrap().verdict.to_vec();
    let refusing = second.0.judge_stale(second.1, &second.2.response);
    [accepting, refusing]
}

/// CS-BOX-01
#[test]
fn two_verdicts_under_one_transcript_have_two_nonces() {
    let verdicts = two_verdicts(Whole);
    let [(one, _), (other, _)] = [&verdicts[0], &verdicts[1]].map(|verdict| sealed(verdict));
    assert_ne!(one, other);
}

/// CS-BOX-01
#[test]
fn without_the_synthetic_nonce_two_verdicts_give_away_their_difference() {
    let verdicts = two_verdicts(Ablated::without(WITHOUT_SYNTHETIC_NONCE));
    let [(one, accepting), (other, refusing)] = [&verdicts[0], &verdicts[1]].map(|verdict| sealed(verdict));
    assert_eq!(one, other);
    // Key stream and key stream cancel: code 1 beside code 2, and the padding of both beside itself.
    assert_eq!(accepting[0] ^ refusing[0], 1 ^ 2);
    assert_eq!(accepting[18..64], refusing[18..64]);
}

/// One Challenge, two Responses: what an initiator says that was restored from a snapshot and then wants something else.
fn two_responses<D: Defences>(defences: D) -> [Vec<u8>; 2] {
    let mut exchange = stuck(defences);
    let Challenged { waiting, flight, .. } = exchange.challenged();
    let mut restored = stuck(defences);
    restored.wanted = clearances(&["admin"]);
    let Greeted { waiting: again, flight: Flight { hello, .. } } = restored.greeted();
    assert_eq!(hello, flight.hello, "the draws repeat, so one Challenge answers both");
    [(exchange, waiting), (restored, again)].map(|(exchange, waiting)| {
        let verified = exchange.check(&waiting, &flight.challenge).unwrap();
        waiting.accept(&exchange.initiator, verified).1.to_vec()
    })
}

/// CS-BOX-01, CS-HEDGE-02
#[test]
fn two_responses_under_one_transcript_have_two_nonces() {
    let responses = two_responses(Ablated::without(&[Defence::HedgedRandomness]));
    let [(one, _), (other, _)] = [&responses[0], &responses[1]].map(|response| sealed(response));
    assert_ne!(one, other);
}

/// CS-BOX-01
#[test]
fn without_the_synthetic_nonce_two_responses_share_a_nonce_and_a_key_stream() {
    let defences = [&[Defence::HedgedRandomness], WITHOUT_SYNTHETIC_NONCE].concat();
    let responses = two_responses(Ablated::without(&defences));
    let [(one, first), (other, second)] = [&responses[0], &responses[1]].map(|response| sealed(response));
    assert_eq!(one, other);
    assert_eq!(first[..44], second[..44], "user, device and timestamp are the same");
    assert_ne!(first[44..], second[44..]);
}

/// CS-BOX-01
#[test]
fn one_text_under_one_transcript_has_one_box() {
    let [first, second] = [(), ()].map(|()| {
        let mut exchange = stuck(Whole);
        let Responded { half_open, flight, .. } = exchange.responded();
        exchange.judge(half_open, &flight.response).unwrap().verdict.to_vec()
    });
    assert_eq!(first, second);
}

/// CS-BOX-01
#[test]
fn every_box_of_many_exchanges_has_a_nonce_of_its_own() {
    let mut nonces = BTreeSet::new();
    for seed in 0..64 {
        let flight = Exchange::honest(seed).judged().flight;
        nonces.insert(flight.challenge[91..103].to_vec());
        nonces.extend([&flight.response, &flight.verdict].map(|datagram| sealed(datagram).0.to_vec()));
    }
    assert_eq!(nonces.len(), 3 * 64);
}

/// CS-BOX-02
#[test]
fn a_challenge_under_a_nonce_that_is_not_its_own_is_refused() {
    let careless = Ablated::without(WITHOUT_SYNTHETIC_NONCE);
    let mut exchange = Exchange::with_defences(Whole, careless, generator(1, 1), generator(1, 2));
    let Challenged { waiting, flight, .. } = exchange.challenged();
    assert_eq!(flight.challenge[91..103], [0; 12]);
    let refused = exchange.check(&waiting, &flight.challenge).err();
    assert_eq!(refused, Some(Refused::Rejected(Reject::BoxDoesNotOpen)));
}

/// CS-BOX-02
#[test]
fn without_the_recomputation_it_is_accepted() {
    let trusting = Ablated::without(&[Defence::NonceRecomputed]);
    let careless = Ablated::without(WITHOUT_SYNTHETIC_NONCE);
    let mut exchange = Exchange::with_defences(trusting, careless, generator(1, 1), generator(1, 2));
    let Challenged { waiting, flight, .. } = exchange.challenged();
    assert!(exchange.check(&waiting, &flight.challenge).is_ok());
}

/// Runs to the Response of a device whose nonces are all zero.
fn careless_response<R: Defences>(responders: R) -> Option<Reject> {
    let careless = Ablated::without(WITHOUT_SYNTHETIC_NONCE);
    let mut exchange = Exchange::with_defences(careless, responders, generator(2, 1), generator(2, 2));
    let Responded { half_open, flight, .. } = exchange.responded();
    assert_eq!(sealed(&flight.response).0, [0; 12]);
    half_open.open(&response(&flight.response).unwrap()).err()
}

/// CS-BOX-02
#[test]
fn a_response_under_a_nonce_that_is_not_its_own_is_refused() {
    assert_eq!(careless_response(Whole), Some(Reject::BoxDoesNotOpen));
    assert_eq!(careless_response(Ablated::without(&[Defence::NonceRecomputed])), None);
}

/// CS-IMPL-03
#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let flight = |seed| Exchange::honest(seed).established().flight;
    assert_eq!(flight(5), flight(5));
    let (one, other) = (flight(5), flight(6));
    assert_ne!(one.hello, other.hello);
    assert_ne!(one.challenge, other.challenge);
    assert_ne!(one.response, other.response);
    assert_ne!(one.verdict, other.verdict);
    assert_ne!(one.confirm, other.confirm);
}

/// CS-IMPL-03
#[test]
fn another_clock_or_wish_gives_other_bytes() {
    let quiet = Exchange::honest(5).established().flight;
    let mut later = Exchange::honest(5);
    later.initiators_now.wall = NOW.wall.next();
    assert_ne!(later.established().flight.hello, quiet.hello);
    let mut modest = Exchange::honest(5);
    modest.wanted = clearances(&["read"]);
    assert_ne!(modest.established().flight.hello, quiet.hello);
}

/// CS-IMPL-03
#[test]
fn with_every_defence_in_place_an_ablated_build_sends_the_same_bytes() {
    let none = Ablated::default();
    let mut ablated = Exchange::with_defences(none, none, generator(5, 1), generator(5, 2));
    assert_eq!(ablated.established().flight, Exchange::honest(5).established().flight);
}

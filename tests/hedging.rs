//! Do session ids, nonces and ephemerals rest on more than the generator?

#[path = "support/formula.rs"]
mod formula;

use countersign::primitives::Ephemeral;
use countersign::{
    Ablated, BeginError, ClockPolicy, Defence, Defences, Expectation, Initiator, InitiatorPolicy, Reject, Responder,
    ResponderPolicy, Role, SigningKey, Timestamp, Whole,
};
use countersign_tests::exchange::{
    DEVICE_SEED, Exchange, NOW, RESPONDER_SEED, Stuck, clearances, generator, hello, name,
};
use formula::{Draw, initiators_context, responders_context};
use rand::Rng;
use std::cell::Cell;
use std::collections::BTreeSet;

const STUCK: Stuck = Stuck(7);
const UNHEDGED: &[Defence] = &[Defence::HedgedRandomness];

/// Session id, nonce and ephemeral as they went out.
type Sent = [Vec<u8>; 3];

fn sent_in_hello(bytes: &[u8]) -> Sent {
    [bytes[2..10].to_vec(), bytes[10..42].to_vec(), bytes[50..82].to_vec()]
}

fn sent_in_challenge(bytes: &[u8]) -> Sent {
    [bytes[10..18].to_vec(), bytes[19..51].to_vec(), bytes[59..91].to_vec()]
}

fn stuck<D: Defences>(defences: D) -> Exchange<D, D, Stuck> {
    Exchange::with_defences(defences, defences, STUCK, STUCK)
}

fn device<D: Defences>(defences: D, user: &str, seed: [u8; 32], policy: InitiatorPolicy) -> Initiator<D> {
    Initiator::with_defences(defences, name(user), SigningKey::from_seed(&seed), policy)
}

/// What the same stuck generator gives the initiator in handshakes that differ in one thing each; the last two differ
/// in the long-term key and not at all.
fn initiators_draws<D: Defences>(defences: D) -> Vec<(&'static str, Sent)> {
    let own = InitiatorPolicy::default();
    let drawn = |change: &dyn Fn(&mut Exchange<D, D, Stuck>)| {
        let mut exchange = stuck(defences);
        change(&mut exchange);
        sent_in_hello(&exchange.greeted().flight.hello)
    };
    let with_latest = {
        let mut exchange = stuck(defences);
        let latest = Some(NOW.wall.next());
        let begun =
            exchange.initiator.begin(&exchange.expected, exchange.wanted, latest, NOW, &mut { STUCK }, |_| true);
        sent_in_hello(&begun.unwrap().hello(&[0; 33]))
    };
    let other_key = Expectation::new(name("vault"), &SigningKey::from_seed(&[1; 32]).public()).unwrap();
    let other_name = |exchange: &Exchange<D, D, Stuck>| {
        Expectation::new(name("vault2"), &exchange.responder.identity().key).unwrap()
    };
    let follow = InitiatorPolicy { clock: ClockPolicy::Follow, ..own };
    // Under this policy the timestamp is not chosen yet, so only the clock can tell the two apart.
    let clock_alone = drawn(&|exchange| {
        exchange.initiator = device(defences, "ada", DEVICE_SEED, follow);
        exchange.initiators_now.wall = NOW.wall.next();
    });
    vec![
        ("counter", drawn(&|exchange| drop(exchange.begin()))),
        ("clock", drawn(&|exchange| exchange.initiators_now.wall = NOW.wall.next())),
        ("timestamp", with_latest),
        ("clock alone", clock_alone),
        ("policy", drawn(&|exchange| exchange.initiator = device(defences, "ada", DEVICE_SEED, follow))),
        ("wish", drawn(&|exchange| exchange.wanted = clearances(&["read"]))),
        ("user", drawn(&|exchange| exchange.initiator = device(defences, "eve", DEVICE_SEED, own))),
        ("responder's name", drawn(&|exchange| exchange.expected = other_name(exchange))),
        ("responder's key", drawn(&|exchange| exchange.expected = other_key.clone())),
        ("own key", drawn(&|exchange| exchange.initiator = device(defences, "ada", [3; 32], own))),
        ("nothing", drawn(&|_| ())),
    ]
}

/// The same for the responder. Each Hello is another device's but the one of the last.
fn responders_draws<D: Defences>(defences: D) -> Vec<(&'static str, Sent)> {
    let greeting = Exchange::honest(1).greeted().flight.hello;
    let with = |at: usize, bit: u8| {
        let mut bytes = greeting.clone();
        bytes[at] ^= bit;
        bytes
    };
    let drawn = |greeting: &[u8], change: &dyn Fn(&mut Exchange<D, D, Stuck>)| {
        let mut exchange = stuck(defences);
        change(&mut exchange);
        sent_in_challenge(&exchange.answer(greeting).unwrap().1)
    };
    let other = || {
        let key = SigningKey::from_seed(&[4; 32]);
        Responder::with_defences(defences, name("vault"), key, ResponderPolicy::default())
    };
    vec![
        ("counter", drawn(&greeting, &|exchange| drop(exchange.answer(&greeting)))),
        ("clock", drawn(&greeting, &|exchange| exchange.responders_now.wall = NOW.wall.next())),
        ("sid_i", drawn(&with(2, 1), &|_| ())),
        ("n_i", drawn(&with(10, 1), &|_| ())),
        ("suites", drawn(&with(43, 2), &|_| ())),
        ("e_i", drawn(&with(50, 1), &|_| ())),
        ("own key", drawn(&greeting, &|exchange| exchange.responder = other())),
        ("nothing", drawn(&greeting, &|_| ())),
    ]
}

fn assert_all_distinct(draws: &[(&str, Sent)]) {
    for part in 0..3 {
        let distinct: BTreeSet<&Vec<u8>> = draws.iter().map(|(_, sent)| &sent[part]).collect();
        assert_eq!(distinct.len(), draws.len(), "part {part} of {draws:?}");
    }
}

/// CS-HEDGE-01, CS-HEDGE-02
#[test]
fn a_stuck_generator_gives_other_values_for_whatever_differs() {
    let draws = initiators_draws(Whole);
    assert_all_distinct(&draws);
    assert_eq!(draws.last(), initiators_draws(Whole).last(), "and the same for the same");
    let draws = responders_draws(Whole);
    assert_all_distinct(&draws);
    assert_eq!(draws.last(), responders_draws(Whole).last());
}

/// CS-HEDGE-02
#[test]
fn without_hedging_a_stuck_generator_gives_the_same_values_again() {
    let unhedged = Ablated::without(UNHEDGED);
    for draws in [initiators_draws(unhedged), responders_draws(unhedged)] {
        let (_, nothing) = draws.last().unwrap();
        for (difference, sent) in &draws {
            assert_eq!(sent == nothing, *difference != "own key", "{difference}");
        }
    }
}

/// CS-HEDGE-02
#[test]
fn the_two_roles_of_one_key_draw_differently() {
    let mut exchange = stuck(Whole);
    exchange.responder = Responder::new(name("vault"), SigningKey::from_seed(&DEVICE_SEED), ResponderPolicy::default());
    let greeting = exchange.greeted().flight.hello;
    let challenge = exchange.answer(&greeting).unwrap().1;
    assert_all_distinct(&[("initiator", sent_in_hello(&greeting)), ("responder", sent_in_challenge(&challenge))]);
}

/// CS-HEDGE-01, CS-IMPL-03
#[test]
fn another_generator_gives_other_values() {
    let draws: Vec<_> =
        (0..64).map(|seed| ("seed", sent_in_hello(&Exchange::honest(seed).greeted().flight.hello))).collect();
    assert_all_distinct(&draws);
}

/// CS-HEDGE-02
#[test]
fn a_cookie_or_a_retransmission_draws_nothing_anew() {
    let mut exchange = stuck(Whole);
    let waiting = exchange.begin();
    assert_eq!(waiting.hello(&[0; 33]), waiting.hello(&[0; 33]));
    let [without, with] = [[0; 33], [9; 33]].map(|cookie| waiting.hello(&cookie));
    assert_eq!(sent_in_hello(&without), sent_in_hello(&with));
    let answers = [without, with].map(|greeting| stuck(Whole).answer(&greeting).unwrap().1);
    assert_eq!(answers[0], answers[1], "the cookie is not in the transcript");
}

/// What the formula says goes out.
fn sent(draw: &Draw) -> Sent {
    let out = draw.expand();
    let ephemeral = Ephemeral::from_secret(out[40..].try_into().unwrap());
    [out[..8].to_vec(), out[8..40].to_vec(), ephemeral.public().to_vec()]
}

/// CS-HEDGE-01, CS-HEDGE-02
#[test]
fn draws_follow_the_formula_of_the_specification() {
    let mut exchange = Exchange::honest(3);
    let clock = NOW.wall.as_millis();
    let responders_key = exchange.responder.identity().key;
    let mut generated = [[0; 32]; 2];
    generator(3, 1).fill_bytes(&mut generated[0]);
    generator(3, 2).fill_bytes(&mut generated[1]);

    let greeting = exchange.greeted().flight.hello;
    let context = initiators_context(&responders_key, Some(clock), exchange.wanted.as_bytes());
    let [of_initiator, of_responder] = generated;
    let initiators = Draw {
        long_term_seed: DEVICE_SEED,
        generated: of_initiator,
        role: Role::Initiator,
        counter: 0,
        clock,
        context,
    };
    assert_eq!(sent_in_hello(&greeting), sent(&initiators));

    exchange.responders_now.wall = Timestamp::from_millis(clock + 5);
    let challenge = exchange.answer(&greeting).unwrap().1;
    let responders = Draw {
        long_term_seed: RESPONDER_SEED,
        generated: of_responder,
        role: Role::Responder,
        counter: 0,
        clock: clock + 5,
        context: responders_context(&greeting, clock + 5),
    };
    assert_eq!(sent_in_challenge(&challenge), sent(&responders));
}

/// CS-HEDGE-02
#[test]
fn under_follow_the_timestamp_is_not_in_the_context() {
    let mut exchange = stuck(Whole);
    let follow = InitiatorPolicy { clock: ClockPolicy::Follow, ..InitiatorPolicy::default() };
    exchange.initiator = device(Whole, "ada", DEVICE_SEED, follow);
    let context = initiators_context(&exchange.responder.identity().key, None, exchange.wanted.as_bytes());
    let draw = Draw {
        long_term_seed: DEVICE_SEED,
        generated: [7; 32],
        role: Role::Initiator,
        counter: 0,
        clock: NOW.wall.as_millis(),
        context,
    };
    assert_eq!(sent_in_hello(&exchange.greeted().flight.hello), sent(&draw));
}

/// CS-HEDGE-01, CS-HEDGE-02
#[test]
fn a_session_id_in_use_is_drawn_again_from_the_same_reading_of_the_generator() {
    let context = |exchange: &Exchange<Whole>| {
        let key = exchange.responder.identity().key;
        initiators_context(&key, Some(NOW.wall.as_millis()), exchange.wanted.as_bytes())
    };
    for taken in 0..8 {
        let mut exchange = Exchange::honest(4);
        let mut draws = generator(4, 1);
        let asked = Cell::new(0);
        let is_free = |_: &_| asked.replace(asked.get() + 1) == taken;
        let wanted = exchange.wanted.clone();
        let waiting = exchange.initiator.begin(&exchange.expected, wanted, None, NOW, &mut draws, is_free).unwrap();
        assert_eq!(draws.get_word_pos(), 8, "32 bytes were read");
        let mut generated = [0; 32];
        generator(4, 1).fill_bytes(&mut generated);
        let draw = Draw {
            long_term_seed: DEVICE_SEED,
            generated,
            role: Role::Initiator,
            counter: taken,
            clock: NOW.wall.as_millis(),
            context: context(&exchange),
        };
        assert_eq!(sent_in_hello(&waiting.hello(&[0; 33])), sent(&draw), "{taken} were in use");
    }
}

/// CS-HEDGE-01
#[test]
fn after_eight_session_ids_in_use_nothing_begins() {
    let mut exchange = Exchange::honest(5);
    let asked = Cell::new(0);
    let none_is_free = |_: &_| asked.replace(asked.get() + 1) > 1_000;
    let wanted = exchange.wanted.clone();
    let mut draws = generator(5, 1);
    let begun = exchange.initiator.begin(&exchange.expected, wanted, None, NOW, &mut draws, none_is_free);
    assert_eq!((begun.err(), asked.take()), (Some(BeginError::NoFreeSid), 8));

    let greeting = exchange.greeted().flight.hello;
    let mut draws = generator(5, 2);
    let screened = exchange.responder.screen(&hello(&greeting).unwrap()).unwrap();
    let answer = exchange.responder.challenge(screened, NOW, &mut draws, none_is_free);
    assert_eq!((answer.err(), asked.take()), (Some(Reject::NoFreeSid), 8));
    assert!(exchange.answer(&greeting).is_ok());
}

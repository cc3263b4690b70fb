//! Can any datagram, in any state, do more than be refused?

use countersign::wire::{Kind, Message, layout};
use countersign::{AwaitChallenge, AwaitResponse, AwaitVerdict, Session, Unconfirmed, Whole};
use countersign_tests::exchange::{
    Challenged, Established, Exchange, Flight, Judged, NOW, Responded, challenge, hello, kind_of, record, response,
    specimens, verdict,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{TestRng, TestRunner};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// What may happen to a genuine datagram on its way.
#[derive(Clone, Debug)]
enum Fate {
    Untouched,
    Overwritten(Vec<(Index, u8)>),
    OneFieldReplaced(Index, u8),
    Resized(Index),
    HeaderAlone(Vec<u8>),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        Just(Fate::Untouched),
        vec((any::<Index>(), any::<u8>()), 1..=4).prop_map(Fate::Overwritten),
        (any::<Index>(), any::<u8>()).prop_map(|(field, value)| Fate::OneFieldReplaced(field, value)),
        any::<Index>().prop_map(Fate::Resized),
        vec(any::<u8>(), 0..=1_300).prop_map(Fate::HeaderAlone),
    ]
}

fn suffered(kind: Kind, genuine: &[u8], fate: Fate) -> Vec<u8> {
    let mut bytes = genuine.to_vec();
    match fate {
        Fate::Untouched => {}
        Fate::Overwritten(changes) => {
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
        }
        Fate::OneFieldReplaced(field, value) => {
            let fields: Vec<_> = layout(kind, bytes.len()).collect();
            bytes[field.get(&fields).at.clone()].fill(value);
        }
        Fate::Resized(length) => bytes.resize(length.index(1_300), 0),
        Fate::HeaderAlone(rest) => {
            bytes.truncate(2);
            bytes.extend(rest);
        }
    }
    bytes
}

/// Datagrams of one seed after some fate, and bytes that were never a datagram.
fn datagram(seed: u64) -> impl Strategy<Value = Vec<u8>> {
    let suffering =
        (select(specimens(seed)), fate()).prop_map(|((kind, genuine), fate)| suffered(kind, &genuine, fate));
    prop_oneof![9 => suffering, 1 => vec(any::<u8>(), 0..=1_300)]
}

/// The same cases in every run.
fn run<T: core::fmt::Debug>(cases: u32, strategy: impl Strategy<Value = T>, each: impl Fn(T)) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(Default::default()))
        .run(&strategy, |value| {
            each(value);
            Ok(())
        })
        .unwrap();
}

/// Every field of a message in the order of the specification.
fn reassembled(message: &Message<'_>) -> Vec<u8> {
    let head = [1, kind_of(message) as u8];
    match message {
        Message::Hello(hello) => {
            [&head[..], &hello.sid_i.0, hello.nonce, hello.suites.as_bytes(), hello.ephemeral, hello.cookie, &[0; 109]]
                .concat()
        }
        Message::Retry(retry) => [&head[..], &retry.sid_i.0, retry.cookie].concat(),
        Message::Challenge(challenge) => {
            let timestamp = challenge.timestamp.as_millis().to_be_bytes();
            let sids = [challenge.sid_i.0, challenge.sid_r.0].concat();
            let rest = [challenge.ephemeral, challenge.sealed].concat();
            [&head[..], &sids, &[challenge.suite], challenge.nonce, &timestamp, &rest].concat()
        }
        Message::Response(response) => [&head[..], &response.sid_r.0, response.sealed].concat(),
        Message::Verdict(verdict) => [&head[..], &verdict.sid_i.0, verdict.sealed].concat(),
        Message::Record(record) => {
            let counter = record.counter.to_be_bytes();
            let bytes = [&head[..], &record.sid.0, &counter, record.sealed].concat();
            assert_eq!(record.header[..], bytes[..18]);
            bytes
        }
    }
}

/// CS-WIRE-10
#[test]
fn whatever_decodes_is_its_fields_and_nothing_else() {
    let decoded = RefCell::new(BTreeMap::<Kind, u32>::new());
    let refused = Cell::new(0);
    run(4_000, datagram(1), |bytes| match Message::decode(&bytes) {
        Ok(message) => {
            assert_eq!(reassembled(&message), bytes);
            let again = match message {
                Message::Hello(hello) => hello.encode().to_vec(),
                Message::Retry(retry) => retry.encode().to_vec(),
                Message::Challenge(challenge) => challenge.bytes.to_vec(),
                Message::Response(response) => response.bytes.to_vec(),
                Message::Verdict(verdict) => verdict.bytes.to_vec(),
                Message::Record(_) => bytes.clone(),
            };
            assert_eq!(again, bytes);
            *decoded.borrow_mut().entry(kind_of(&message)).or_default() += 1;
        }
        Err(_) => refused.set(refused.get() + 1),
    });
    let decoded = decoded.into_inner();
    assert!(Kind::ALL.iter().all(|kind| decoded.get(kind).is_some_and(|count| *count > 50)), "{decoded:?}");
    assert!(refused.get() > 500, "only {} refused", refused.get());
}

/// One state of each kind that waits for a datagram, all of one exchange.
struct States {
    listening: RefCell<Exchange<Whole>>,
    await_challenge: AwaitChallenge,
    await_response: AwaitResponse,
    await_verdict: AwaitVerdict,
    unconfirmed: Unconfirmed,
    session: Session,
    flight: Flight,
}

impl States {
    /// Every state at once: the same seed gives the same exchange, stopped at each message.
    fn of(seed: u64) -> Self {
        let Challenged { waiting: await_challenge, half_open: await_response, .. } =
            Exchange::honest(seed).challenged();
        let Responded { waiting: await_verdict, .. } = Exchange::honest(seed).responded();
        let Judged { accepted, .. } = Exchange::honest(seed).judged();
        let Established { responders: session, flight, .. } = Exchange::honest(seed).established();
        let listening = RefCell::new(Exchange::honest(seed));
        let unconfirmed = accepted.session;
        Self { listening, await_challenge, await_response, await_verdict, unconfirmed, session, flight }
    }

    /// How many states took the datagram, each having been offered it.
    fn offer(&self, bytes: &[u8]) -> usize {
        let takes = [
            self.listening.borrow_mut().answer(bytes).is_ok(),
            challenge(bytes).is_ok_and(|message| self.await_challenge.check(&message, NOW).is_ok()),
            response(bytes).is_ok_and(|message| self.await_response.open(&message).is_ok()),
            verdict(bytes).is_ok_and(|message| self.await_verdict.check(&message).is_ok()),
            record(bytes).is_ok_and(|message| self.unconfirmed.check(&message).is_ok()),
            record(bytes).is_ok_and(|message| self.session.check(&message).is_ok()),
        ];
        takes.into_iter().filter(|takes| *takes).count()
    }

    /// Each message has its one taker still; a confirmation was for the session that is confirmed by now.
    fn assert_unchanged(&self) {
        let Flight { hello, challenge, response, verdict, confirm } = &self.flight;
        assert_eq!([hello, challenge, response, verdict, confirm].map(|bytes| self.offer(bytes)), [1; 5]);
    }
}

/// CS-IMPL-01, CS-IMPL-04
#[test]
fn no_state_takes_a_datagram_that_is_not_genuine_and_none_panics() {
    let states = States::of(2);
    let genuine: Vec<Vec<u8>> = specimens(2).into_iter().map(|(_, bytes)| bytes).collect();
    let (taken, refused) = (Cell::new(0), Cell::new(0));
    run(4_000, datagram(2), |bytes| {
        let takers = states.offer(&bytes);
        // Anybody's Hello may begin a handshake; all else has to be what one of the parties sent.
        assert!(takers == 0 || hello(&bytes).is_ok() || genuine.contains(&bytes), "{bytes:?}");
        let counter = if takers > 0 { &taken } else { &refused };
        counter.set(counter.get() + 1);
    });
    assert!(taken.get() > 50 && refused.get() > 1_000, "{} taken, {} refused", taken.get(), refused.get());
    states.assert_unchanged();
}

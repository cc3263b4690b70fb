//! Rules that no world breaks without somebody who sets out to, at the observer itself.

use super::wire::{CHALLENGE, HELLO, RECORD, RESPONSE, RETRY, VERDICT};
use super::{Claimed, MEMORY, Observer};
use crate::act::{HandshakeNumber, QuestionName};
use crate::adversary::{NEUTRAL, Realm, own_seed};
use crate::cast::{Part, Standing};
use crate::host::{Address, HostId, PORT};
use crate::machine::Build;
use crate::run::{Intent, SidBytes};
use crate::scenario::Scenario;
use crate::stage::Stage;
use core::time::Duration;
use countersign::wire::{Reason, Sid, Suites};
use countersign::{
    Agreement, Backend, Clearances, Denial, EPOCH_RECORDS, Moment, Operation, Reject, SigningKey, Terms, Timestamp,
    Whole, Work,
};
use countersign_endpoint::{Dropped, Event, HandshakeId, Outcome};
use std::rc::Rc;

const SID_I: SidBytes = [1; 8];
const SID_R: SidBytes = [2; 8];
const RESPONSE_TO_SID_R: [u8; 10] = [1, RESPONSE, 2, 2, 2, 2, 2, 2, 2, 2];

/// A world in which nothing has happened; every Hello needs a cookie.
struct Bench {
    stage: Stage<Whole>,
    server: HostId,
    client: HostId,
}

impl Bench {
    fn new() -> Self {
        let mut scenario = Scenario::named("lan").unwrap();
        scenario.limits.half_open_before_cookies = 0;
        Self::in_world(scenario)
    }

    fn in_world(scenario: Scenario) -> Self {
        let build = Build { defences: Whole, backend: Backend::Portable, seed: 1, limits: scenario.limits };
        let stage = Stage::new(Rc::new(scenario), build, 0);
        let (server, client) = (stage.roles.servers[0], stage.roles.clients[0]);
        Self { stage, server, client }
    }

    fn observer(&mut self) -> &mut Observer {
        &mut self.stage.observer
    }

    fn begin(&mut self) {
        let (client, server) = (self.client, self.server);
        let intent = Intent { server, via: server, wanted: wish(&[b"read"]), entitled: true };
        self.observer().begun(at(0), client, SID_I, intent, HandshakeNumber(1), at(60));
    }

    fn agreement(&self) -> Agreement {
        let Some(Part::Server(responder)) = self.stage.part(self.server) else { panic!("a server") };
        let Some(Part::Client { user, device, .. }) = self.stage.part(self.client) else { panic!("a client") };
        let terms = Terms {
            responder: responder.identity().clone(),
            user: user.clone(),
            device: *device,
            sid_i: Sid(SID_I),
            sid_r: Sid(SID_R),
            nonce_i: [3; 32],
            nonce_r: [4; 32],
            timestamp_i: Timestamp::default(),
            timestamp_r: Timestamp::default(),
            offered: Suites::ONE,
            suite: 1,
            wanted: wish(&[b"read"]),
        };
        Agreement { terms, granted: wish(&[b"read"]), lifetime: Duration::from_secs(60) }
    }

    fn hears(&mut self, when: Moment, host: HostId, event: &Event) {
        let Stage { observer, conditions, .. } = &mut self.stage;
        observer.event(when, host, Some(SID_I), event, conditions);
    }

    fn sends(&mut self, when: Moment, from: HostId, to: Address, bytes: &[u8]) {
        let Stage { observer, conditions, .. } = &mut self.stage;
        observer.sent(when, from, to, HandshakeNumber(1), bytes, conditions);
    }

    /// A server is handed a Hello from there, and answers with this.
    fn answers(&mut self, when: Moment, from: Address, hello: &[u8], answer: &[u8]) {
        let server = self.server;
        self.observer().handing(from, hello);
        self.observer().handed(when, server, hello, Ok(()));
        self.sends(when, server, from, answer);
        self.observer().after_turn(when, server, (0, 0));
    }

    /// The client's claim reaches the server.
    fn claims(&mut self) {
        let from = (self.client, PORT);
        self.begin();
        self.answers(at(1), from, &hello(1, 0), &message(CHALLENGE, 215, &SID_R));
        self.observer().has_worked(&RESPONSE_TO_SID_R, Ok(()), Work::default());
    }

    /// The store answers the last question, and the server does this much with it.
    fn judges(&mut self, nth: u32, (is_lookup, has_failed): (bool, bool), verifications: u64) {
        let question = self.question(nth);
        self.observer().store_answers(&question);
        let decodings = u64::from(is_lookup && !has_failed);
        let work = Work::NONE.and(Operation::Decoding, decodings).and(Operation::Verification, verifications);
        self.observer().has_judged(is_lookup, has_failed, work);
    }

    /// The server asks its store.
    fn asks(&mut self) {
        let server = self.server;
        self.observer().asked(server, HandshakeNumber(1));
        self.observer().after_turn(at(1), server, (0, 0));
    }

    fn refuses(&mut self) {
        let (server, client) = (self.server, self.client);
        let denied = Event::Denied { from: client.address(PORT), claimant: None, denial: Denial::UnknownUser };
        self.hears(at(1), server, &denied);
        self.sends(at(1), server, (client, PORT), &message(VERDICT, 102, &[]));
    }

    fn question(&self, nth: u32) -> QuestionName {
        QuestionName { server: self.server, handshake: HandshakeNumber(1), nth }
    }

    fn rules(&self) -> Vec<&str> {
        self.stage.observer.ledger.violations().iter().map(|violation| violation.rule.as_str()).collect()
    }

    fn sees(&self, rule: &str) -> bool {
        self.rules().contains(&rule)
    }
}

fn at(seconds: u64) -> Moment {
    Moment::default().plus(Duration::from_secs(seconds))
}

fn wish(wanted: &[&[u8]]) -> Clearances {
    Clearances::new(wanted).unwrap()
}

/// A message of this kind and size, with this after the first session id.
fn message(kind: u8, bytes: usize, tail: &[u8]) -> Vec<u8> {
    let mut message = [&[1, kind][..], &SID_I, tail].concat();
    message.resize(bytes, 0);
    message
}

fn hello(nonce: u8, cookie: u8) -> Vec<u8> {
    let mut hello = message(HELLO, 224, &[nonce; 32]);
    hello[82..115].fill(cookie);
    hello
}

fn accepted(agreement: Agreement) -> Event {
    Event::Accepted { handshake: HandshakeId(0), session: Sid(SID_I), agreement: Box::new(agreement) }
}

/// CS-INIT-02, CS-INIT-10
#[test]
fn a_suite_that_was_not_offered_and_a_grant_that_was_not_wanted_are_seen() {
    let mut bench = Bench::new();
    let (client, good) = (bench.client, bench.agreement());
    bench.hears(at(1), client, &accepted(good.clone()));
    assert!(!bench.sees("suite") && !bench.sees("grant"));
    let other = Agreement { terms: Terms { suite: 2, ..good.terms.clone() }, ..good.clone() };
    bench.hears(at(1), client, &accepted(other));
    assert!(bench.sees("suite") && !bench.sees("grant"));
    bench.hears(at(1), client, &accepted(Agreement { granted: wish(&[b"read", b"write"]), ..good }));
    assert!(bench.sees("grant"));
}

/// CS-INIT-10: what its people wanted counts, whatever the terms say.
#[test]
fn a_grant_is_held_against_what_was_wanted() {
    let mut bench = Bench::new();
    bench.begin();
    let (client, mut agreement) = (bench.client, bench.agreement());
    agreement.terms.wanted = wish(&[b"read", b"write"]);
    agreement.granted = agreement.terms.wanted.clone();
    bench.hears(at(1), client, &accepted(agreement));
    assert!(bench.sees("grant"));
}

/// CS-RESP-12
#[test]
fn a_responder_that_takes_its_own_key_for_a_devices_is_seen() {
    let mut bench = Bench::new();
    let (server, mut agreement) = (bench.server, bench.agreement());
    let admitted = |agreement| Event::Admitted { session: Sid(SID_R), agreement: Box::new(agreement) };
    bench.hears(at(1), server, &admitted(agreement.clone()));
    assert!(!bench.sees("own-key"));
    agreement.terms.device = agreement.terms.responder.key;
    bench.hears(at(1), server, &admitted(agreement));
    assert!(bench.sees("own-key"));
}

/// CS-RESP-07, CS-RESP-08
#[test]
fn what_is_due_is_what_is_wanted_and_held_if_that_is_enough() {
    let mut bench = Bench::new();
    let client = bench.client;
    let Some(Part::Client { standing, required, .. }) = bench.observer().parts.get_mut(usize::from(client.0)) else {
        panic!("a client")
    };
    *required = wish(&[b"write"]);
    assert_eq!(*standing, Standing::Enrolled);
    let part = bench.observer().part(client).unwrap();
    assert_eq!(part.grant(&wish(&[b"administer", b"write"])), Some(wish(&[b"write"])));
    for too_little in [wish(&[b"read"]), wish(&[b"administer"]), Clearances::none()] {
        assert_eq!(part.grant(&too_little), None, "{too_little:?}");
    }
}

/// CS-INIT-07
#[test]
fn who_gives_up_before_its_deadline_is_seen() {
    for (seconds, is_early) in [(59, true), (60, false)] {
        let mut bench = Bench::new();
        bench.begin();
        let client = bench.client;
        let ended = Event::Ended { handshake: HandshakeId(0), outcome: Outcome::TimedOut };
        bench.hears(at(seconds), client, &ended);
        assert_eq!(bench.sees("wait"), is_early, "at {seconds} s");
    }
}

/// CS-REF-01
#[test]
fn a_refusal_of_another_size_is_seen() {
    for (bytes, is_other) in [(102, false), (166, true)] {
        let mut bench = Bench::new();
        let (server, client) = (bench.server, bench.client);
        let denied = Event::Denied { from: client.address(PORT), claimant: None, denial: Denial::UnknownUser };
        bench.hears(at(1), server, &denied);
        bench.sends(at(1), server, (client, PORT), &message(VERDICT, bytes, &[]));
        assert_eq!(bench.sees("one size"), is_other, "of {bytes} bytes");
    }
}

/// CS-REF-02
#[test]
fn a_reason_that_is_told_is_held_against_who_may_know() {
    for (is_enrolled, reason, is_seen) in [
        (true, Reason::Clock, false),
        (false, Reason::Clock, true),
        (false, Reason::Stale(Timestamp::default()), true),
        (false, Reason::None, false),
    ] {
        let mut bench = Bench::new();
        bench.client = bench.stage.roles.clients[if is_enrolled { 0 } else { 7 }];
        bench.begin();
        let client = bench.client;
        let ended = Event::Ended { handshake: HandshakeId(0), outcome: Outcome::Refused(reason) };
        bench.hears(at(1), client, &ended);
        assert_eq!(bench.sees("reason"), is_seen, "{is_enrolled} {reason:?}");
    }
}

/// CS-REF-03
#[test]
fn a_refusal_that_costs_more_or_less_than_another_is_seen() {
    let (enrolled, strange) = (0, 7);
    let (lookup, advance) = ((true, false), (false, false));
    for (client, checks, then, is_seen) in [
        (enrolled, 1, None, false),
        (strange, 1, None, false),
        (strange, 0, None, true),
        (strange, 2, None, true),
        (enrolled, 1, Some(lookup), true),
        (enrolled, 1, Some(advance), false),
        (strange, 1, Some(advance), true),
    ] {
        let mut bench = Bench::new();
        bench.client = bench.stage.roles.clients[client];
        bench.claims();
        bench.asks();
        bench.judges(1, lookup, checks);
        if let Some(then) = then {
            bench.asks();
            bench.judges(2, then, 0);
        }
        bench.refuses();
        assert_eq!(bench.sees("equal work"), is_seen, "client {client}: {checks} checks, {then:?}");
    }
}

/// CS-REF-03, CS-RESP-11: a store that failed is asked again when the Response comes again, and that counts once.
#[test]
fn a_refusal_after_a_failure_of_the_store_costs_what_others_cost() {
    let mut bench = Bench::new();
    bench.claims();
    bench.asks();
    bench.judges(1, (true, true), 0);
    bench.observer().has_worked(&RESPONSE_TO_SID_R, Ok(()), Work::default());
    bench.asks();
    bench.observer().has_worked(&RESPONSE_TO_SID_R, Err(Dropped::OutOfTurn), Work::default());
    bench.judges(2, (true, false), 1);
    bench.refuses();
    assert!(!bench.sees("equal work"), "{:?}", bench.rules());
    let mut bench = Bench::new();
    bench.claims();
    bench.refuses();
    assert!(bench.sees("equal work"), "nobody was looked up");
}

/// CS-REF-02, CS-REF-03: who the adversary says that it is, and what it has proved.
#[test]
fn a_reason_that_the_adversary_can_read_is_held_against_what_it_has_proved() {
    let (nothing, clock) = ([2; 1], [2, 1]);
    let text = |told: &[u8]| [told, &[0; 10]].concat();
    let stale_without_saying = [&[2, 0][..], &[0; 7], &[1]].concat();
    for (is_hers, is_signed, verdict, is_seen) in [
        (true, true, text(&clock), false),
        (true, false, text(&clock), true),
        (false, true, text(&clock), true),
        (false, true, stale_without_saying, true),
        (false, false, text(&nothing), false),
        (false, false, text(&[1, 1]), false),
    ] {
        let mut bench = Bench::in_world(Realm::Honest.scenario());
        let Some(Part::Client { user, device, .. }) = bench.stage.part(bench.client) else { panic!("a client") };
        let device = if is_hers { *device } else { [9; 32] };
        let claimed = Claimed { user: user.as_bytes().to_vec(), device, is_signed };
        let server = bench.server;
        bench.observer().claim_forged(&RESPONSE_TO_SID_R, &claimed);
        bench.observer().opened(at(1), server, &RESPONSE_TO_SID_R, &verdict);
        assert_eq!(bench.sees("reason"), is_seen, "{is_hers} {is_signed} {verdict:?}");
    }
}

/// CS-SIG-02, CS-REF-03: a key that does not decode is nobody's, so that to refuse it tells nothing.
#[test]
fn a_claim_under_a_weak_key_need_not_cost_what_others_cost() {
    for (device, is_seen) in [(NEUTRAL, false), ([0xff; 32], false), (own_key(), true)] {
        let mut bench = Bench::in_world(Realm::Honest.scenario());
        bench.observer().claim_forged(&RESPONSE_TO_SID_R, &Claimed { user: vec![], device, is_signed: true });
        bench.claims();
        bench.asks();
        bench.judges(1, (true, false), 0);
        bench.refuses();
        assert_eq!(bench.sees("equal work"), is_seen, "{device:?}");
    }
}

fn own_key() -> [u8; 32] {
    SigningKey::from_seed(&own_seed(0)).public()
}

/// CS-REC-04
#[test]
fn an_attempt_at_a_record_from_far_ahead_is_seen() {
    let reject = |reject| Err(Dropped::Rejected(reject));
    for (epoch, result, is_seen) in [
        (2, reject(Reject::EpochOutOfReach), false),
        (2, Err(Dropped::UnknownSid), false),
        (2, reject(Reject::RecordDoesNotOpen), true),
        (2, Ok(()), true),
        (1, reject(Reject::RecordDoesNotOpen), false),
    ] {
        let mut bench = Bench::new();
        let (server, client) = (bench.server, bench.client);
        let counter: u64 = epoch * EPOCH_RECORDS;
        let record = message(RECORD, 40, &counter.to_be_bytes());
        bench.observer().handing((client, PORT), &record);
        bench.observer().handed(at(1), server, &record, result);
        assert_eq!(bench.sees("reach"), is_seen, "epoch {epoch}: {result:?}");
    }
}

/// CS-RESP-01, CS-RESP-13
#[test]
fn a_second_challenge_is_one_too_many_as_long_as_the_first_lives() {
    for (seconds, is_seen) in [(0, true), (118, true), (120, false)] {
        let mut bench = Bench::new();
        let from = (bench.client, PORT);
        let challenge = |sid_r: u8| message(CHALLENGE, 215, &[sid_r; 8]);
        bench.answers(at(1), from, &hello(1, 0), &challenge(1));
        bench.answers(at(1 + seconds), from, &hello(1, 9), &challenge(1));
        bench.answers(at(1 + seconds), from, &hello(2, 0), &challenge(2));
        assert!(!bench.sees("regenerated"), "a repeat, and another Hello");
        bench.answers(at(1 + seconds), from, &hello(1, 0), &challenge(3));
        assert_eq!(bench.sees("regenerated"), is_seen, "after {seconds} s");
    }
    let mut bench = Bench::new();
    let (server, from) = (bench.server, (bench.client, PORT));
    bench.answers(at(1), from, &hello(1, 0), &message(CHALLENGE, 215, &[1; 8]));
    bench.observer().crashed(at(2), server);
    bench.answers(at(3), from, &hello(1, 0), &message(CHALLENGE, 215, &[2; 8]));
    assert!(!bench.sees("regenerated"), "it has forgotten");
}

/// CS-COOKIE-02, CS-COOKIE-03, CS-COOKIE-04
#[test]
fn a_cookie_is_good_for_one_address_and_hello_for_two_epochs() {
    let client = Bench::new().client;
    let here = (client, PORT);
    for (from, hello, seconds, is_good) in [
        (here, hello(1, 7), 1, true),
        (here, hello(1, 7), 119, true),
        (here, hello(1, 7), 121, false),
        (here, hello(1, 8), 1, false),
        (here, hello(2, 7), 1, false),
        ((client, PORT + 1), hello(1, 7), 1, false),
        ((HostId(0), PORT), hello(1, 7), 1, false),
    ] {
        let mut bench = Bench::new();
        bench.answers(at(1), here, &self::hello(1, 0), &message(RETRY, 43, &[7; 33]));
        bench.answers(at(1 + seconds), from, &hello, &message(CHALLENGE, 215, &SID_R));
        assert_eq!(bench.sees("cookie"), !is_good, "{from:?} after {seconds} s");
    }
}

/// CS-INIT-08: a Challenge is dropped as one too many only if it is.
#[test]
fn a_challenge_counts_as_lost_only_when_the_budget_is_spent() {
    let mut bench = Bench::new();
    bench.begin();
    let client = bench.client;
    let challenge = message(CHALLENGE, 215, &SID_R);
    let arrived = |bench: &mut Bench| bench.observer().runs[&SID_I].challenges_arrived.contains(&SID_R);
    bench.observer().runs.get_mut(&SID_I).unwrap().challenges_arrived.insert(SID_R);
    bench.observer().handed(at(0), client, &challenge, Err(Dropped::RateLimited));
    assert!(arrived(&mut bench), "sixteen are allowed, and none was judged");
    for _ in 0..16 {
        bench.observer().handed(at(0), client, &challenge, Err(Dropped::Rejected(Reject::BoxDoesNotOpen)));
    }
    assert!(!bench.sees("bucket"));
    bench.observer().handed(at(0), client, &challenge, Err(Dropped::RateLimited));
    assert!(!arrived(&mut bench));
    bench.observer().handed(at(0), client, &challenge, Err(Dropped::Rejected(Reject::BoxDoesNotOpen)));
    assert!(bench.sees("bucket"));
}

/// CS-IMPL-03: whatever was remembered is forgotten in time.
#[test]
fn what_was_remembered_of_challenges_and_boxes_is_forgotten() {
    let mut bench = Bench::new();
    let (client, from) = (bench.client, (bench.client, PORT));
    let memory = |bench: &Bench| format!("{:?} {:?}", bench.stage.observer.made, bench.stage.observer.boxes);
    let nothing = memory(&bench);
    bench.answers(at(1), from, &hello(1, 0), &message(RETRY, 43, &[7; 33]));
    bench.answers(at(1), from, &hello(1, 7), &message(CHALLENGE, 215, &SID_R));
    assert_ne!(memory(&bench), nothing);
    let server = bench.server;
    let later = at(2).plus(MEMORY);
    let intent = Intent { server, via: server, wanted: Clearances::none(), entitled: true };
    bench.observer().begun(later, client, SID_I, intent, HandshakeNumber(2), later);
    bench.observer().after_turn(later, server, (0, 0));
    bench.observer().crashed(later, server);
    assert_eq!(memory(&bench), nothing);
}

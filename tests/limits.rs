//! Does the code keep the numbers of the specification, every row of the table?

use core::cell::Cell;
use core::time::Duration;
use countersign::wire::{DATAGRAM_BYTES_MAX, RECORD_DATA_BYTES_MAX};
use countersign::{
    BeginError, CLEARANCE_BYTES_MAX, CLEARANCES_MAX, COOKIE_EPOCH, Clearances, DEADLINE, EPOCH_RECORDS, Initiator,
    InitiatorPolicy, LIFETIME_S, NAME_BYTES_MAX, Responder, ResponderPolicy, SKEW, SigningKey, WINDOW_RECORDS,
};
use countersign_endpoint::{Event, Limits, LimitsError};
use countersign_tests::table::rows;
use countersign_tests::world::{DEVICE_SEED, Generator, SERVER_SEED, Setup, Side, server_name, user};

const SPECIFICATION: &str = include_str!("../spec/limits.md");
const ROWS: usize = 24;

/// The value in the code of a name in the table, in its unit.
fn in_code(name: &str, unit: &str) -> u64 {
    let limits = Limits::default();
    let whole = |count: usize| u64::try_from(count).unwrap();
    let seconds = |span: Duration| {
        assert_eq!((unit, span.subsec_nanos()), ("seconds", 0), "{name}");
        span.as_secs()
    };
    match name {
        "skew" => seconds(SKEW),
        "flight grace" => seconds(ResponderPolicy::default().flight),
        "deadline" => seconds(limits.deadline),
        "first retransmission" => seconds(limits.retransmit_first),
        "longest retransmission interval" => seconds(limits.retransmit_max),
        "retries per expiry" => limits.retries_per_expiry.into(),
        "challenge burst" => limits.challenge_burst.into(),
        "challenge refill" => limits.challenges_per_second.into(),
        "stale restarts" => whole(restarts()),
        "half-open lifetime" => seconds(limits.half_open_lifetime),
        "half-open entries before cookies" => whole(limits.half_open_before_cookies),
        "entries in the table" => whole(limits.entries_max),
        "cookie epoch" => seconds(COOKIE_EPOCH),
        "draws for a free sid" => draws(),
        "confirm grace" => seconds(limits.confirm_grace),
        "session lifetime" => LIFETIME_S.into(),
        "replay window" => WINDOW_RECORDS,
        "epoch length" => EPOCH_RECORDS,
        "datagram" => whole(DATAGRAM_BYTES_MAX),
        "record data" => whole(RECORD_DATA_BYTES_MAX),
        "clearances" => whole(CLEARANCES_MAX),
        "clearance" => whole(CLEARANCE_BYTES_MAX),
        "name" => whole(NAME_BYTES_MAX),
        "queue per responder" => whole(limits.queue_max),
        other => panic!("the table has an unknown row: {other}"),
    }
}

/// How often an initiator begins again when the store finds every timestamp stale.
fn restarts() -> usize {
    let mut world = Setup::whole(1).build();
    world.store_answers = false;
    world.connect();
    for _ in 0..4 {
        world.run();
        while let Some(question) = world.questions.pop_front() {
            let (ticket, answer) = countersign_endpoint::answer(&mut world.store, &question).unwrap();
            let stale = countersign_endpoint::Answer::Stale { latest: world.now(Side::Server).wall };
            let is_lookup = matches!(question, countersign_endpoint::Output::Lookup { .. });
            world.answer(ticket, if is_lookup { answer } else { stale });
        }
    }
    let begun = world.events.iter().filter(|(_, event)| matches!(event, Event::Begun { .. })).count();
    begun - 1
}

/// How many session ids are drawn when none is free.
fn draws() -> u64 {
    let world = Setup::whole(1).build();
    let drawn = Cell::new(0);
    let mut device = Initiator::new(user(), SigningKey::from_seed(&DEVICE_SEED), InitiatorPolicy::default());
    let never_free = |_: &countersign::wire::Sid| {
        drawn.set(drawn.get() + 1);
        false
    };
    let now = world.now(Side::Device);
    let rng = &mut Generator::working(1);
    let begun = device.begin(&world.expected, Clearances::none(), None, now, rng, never_free);
    assert_eq!(begun.map(|_| ()), Err(BeginError::NoFreeSid));
    drawn.get()
}

/// CS-INIT-14, CS-RESP-13, CS-REC-02: each row of the table is the value that the code uses.
#[test]
fn every_row_is_the_constant_of_the_code() {
    let table = rows(SPECIFICATION, "# Timers and limits");
    assert_eq!(table.len(), ROWS);
    for row in table {
        let [name, default, unit, _] = row[..] else { panic!("not a row of four cells: {row:?}") };
        assert_eq!(in_code(name, unit), default.parse::<u64>().unwrap(), "{name}");
    }
}

/// CS-INIT-05, CS-RESP-06: the skew is that of both roles, and the flight grace is the longest deadline.
#[test]
fn both_roles_begin_with_the_same_skew() {
    assert_eq!(InitiatorPolicy::default().skew, SKEW);
    assert_eq!(ResponderPolicy::default().skew, SKEW);
    assert_eq!(ResponderPolicy::default().flight, DEADLINE);
    let key = || SigningKey::from_seed(&SERVER_SEED);
    let responder = Responder::new(server_name(), key(), ResponderPolicy::default());
    assert_eq!(responder.policy(), ResponderPolicy::default());
    assert_eq!(Initiator::new(user(), key(), InitiatorPolicy::default()).policy(), InitiatorPolicy::default());
}

/// CS-RESP-13: the half-open lifetime is the longest deadline and the confirm grace.
#[test]
fn what_is_half_open_outlasts_the_last_confirm() {
    let limits = Limits::default();
    assert_eq!(limits.half_open_lifetime, DEADLINE + limits.confirm_grace);
}

/// CS-INIT-14
#[test]
fn a_longer_deadline_is_a_configuration_error() {
    let with = |deadline| Limits { deadline, ..Limits::default() }.check();
    let (shortest, millisecond) = (Duration::from_secs(1), Duration::from_millis(1));
    assert_eq!(with(DEADLINE), Ok(()));
    assert_eq!(with(shortest), Ok(()));
    for wrong in [DEADLINE + millisecond, shortest - millisecond, Duration::ZERO, Duration::MAX] {
        assert_eq!(with(wrong), Err(LimitsError::Deadline(wrong)));
    }
}

/// CS-INIT-14
#[test]
fn intervals_that_do_not_rise_are_a_configuration_error() {
    let with =
        |retransmit_first, retransmit_max| Limits { retransmit_first, retransmit_max, ..Limits::default() }.check();
    let millis = Duration::from_millis;
    assert_eq!(with(millis(1), millis(1)), Ok(()));
    assert_eq!(with(Duration::from_micros(999), millis(4)), Err(LimitsError::Retransmission));
    assert_eq!(with(millis(5), millis(4)), Err(LimitsError::Retransmission));
}

/// CS-INIT-08
#[test]
fn a_bucket_that_never_fills_is_a_configuration_error() {
    let with = |challenge_burst, challenges_per_second| {
        Limits { challenge_burst, challenges_per_second, ..Limits::default() }.check()
    };
    assert_eq!(with(1, 1), Ok(()));
    assert_eq!(with(1, 1_000_000), Ok(()));
    for (burst, refill) in [(0, 8), (16, 0), (16, 1_000_001)] {
        assert_eq!(with(burst, refill), Err(LimitsError::Challenges));
    }
}

/// CS-INIT-14: an endpoint is not made with limits that make no sense.
#[test]
fn an_endpoint_checks_its_limits() {
    let limits = Limits { deadline: Duration::from_secs(61), ..Limits::default() };
    let endpoint = countersign_endpoint::Endpoint::<_, countersign::Whole>::new(limits, Generator::working(1));
    assert_eq!(endpoint.map(|_| ()), Err(LimitsError::Deadline(Duration::from_secs(61))));
}

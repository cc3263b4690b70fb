//! Does the initiator do, in every state and on every input, what the table of the specification says?

use core::time::Duration;
use countersign::Timestamp;
use countersign::wire::{Kind, Message, Reason, Retry, Sid};
use countersign_endpoint::{Closed, Event, HandshakeId, InitiatorState, Outcome, Store};
use countersign_tests::cell::{Cell, Observed, cells, observe};
use countersign_tests::world::{
    DEVICE, DEVICE_SEED, Datagram, Generator, SERVER, SERVER_SEED, START, Setup, Side, World, profile, responder_with,
    user,
};

const SPECIFICATION: &str = include_str!("../spec/states.md");
const SEED: u64 = 1;
const STATES: [&str; 5] = ["AwaitChallenge", "AwaitVerdict", "Confirming", "Established", "Ended"];
const INPUTS: [&str; 13] = [
    "retry",
    "genuine challenge",
    "late challenge",
    "false challenge",
    "accepting verdict",
    "refusing verdict",
    "stale verdict",
    "false verdict",
    "record",
    "close",
    "false record",
    "timer",
    "deadline",
];

/// What the server says to this device's first Hello, in worlds that differ in the end alone.
struct Script {
    challenge: Datagram,
    accepting: Datagram,
    refusing: Datagram,
    stale: Datagram,
    confirm: Datagram,
    data: Datagram,
    close: Datagram,
}

/// The same device, and a server that decides otherwise: what came before the Verdict is the same, byte for byte.
fn played(prepare: impl FnOnce(&mut World)) -> (World, Datagram, Datagram) {
    let mut world = Setup::whole(SEED).build();
    prepare(&mut world);
    world.connect();
    let challenge = world.run_until(Kind::Challenge);
    world.deliver(&challenge).unwrap();
    let verdict = world.run_until(Kind::Verdict);
    (world, challenge, verdict)
}

impl Script {
    fn new() -> Self {
        let no_clearance = |world: &mut World| world.store.enrol(user(), profile(&[b"write"]));
        let far_ahead = |world: &mut World| {
            let device = profile(&[]).devices[0];
            let _ = world.store.advance(&user(), &device, Timestamp::from_millis(START + 5_000)).unwrap();
        };
        let (_, _, refusing) = played(no_clearance);
        let (_, _, stale) = played(far_ahead);
        let (mut talking, challenge, accepting) = played(|_| ());
        let (mut closing, ..) = played(|_| ());
        let last = |world: &mut World| {
            world.deliver(&accepting).unwrap();
            let confirms = world.run();
            (confirms.last().unwrap().clone(), world.server_session().unwrap())
        };
        let (confirm, session) = last(&mut talking);
        talking.server.send(talking.now(Side::Server), session, b"welcome").unwrap();
        talking.settle(Side::Server);
        let (_, session) = last(&mut closing);
        closing.server.close(closing.now(Side::Server), session).unwrap();
        closing.settle(Side::Server);
        let (data, close) = (talking.take(Kind::Record), closing.take(Kind::Record));
        Self { challenge, accepting, refusing, stale, confirm, data, close }
    }
}

/// A world whose device is in a state, by what it was sent so far.
struct Stage {
    world: World,
    handshake: HandshakeId,
    hello: Datagram,
    /// What the device sent last.
    last: Datagram,
}

impl Stage {
    /// The device begins, and is sent these.
    fn after(received: &[&Datagram]) -> Self {
        let mut world = Setup::whole(SEED).build();
        let handshake = world.connect();
        let hello = world.wire[0].clone();
        received.iter().for_each(|datagram| world.deliver(datagram).unwrap());
        let last = world.wire.back().unwrap().clone();
        Self { world, handshake, hello, last }
    }

    fn state(&self) -> String {
        format!("{:?}", self.world.device.initiator_state(self.handshake))
    }
}

/// Every way into a state.
fn stages(script: &Script, state: &str) -> Vec<Stage> {
    let Script { challenge, accepting, refusing, confirm, close, .. } = script;
    let ways: &[&[&Datagram]] = match state {
        "AwaitChallenge" => &[&[]],
        "AwaitVerdict" => &[&[challenge]],
        "Confirming" => &[&[challenge, accepting]],
        "Established" => &[&[challenge, accepting, confirm]],
        "Ended" => &[&[challenge, refusing], &[challenge, accepting, confirm, close]],
        other => panic!("the table has an unknown state: {other}"),
    };
    ways.iter().map(|received| Stage::after(received)).collect()
}

/// What a responder answers to the device's Hello, if its key is this and its clock so far ahead.
fn answered(hello: &Datagram, key: &[u8; 32], ahead: u64) -> Datagram {
    let mut world = Setup::whole(SEED).build();
    world.server = responder_with(key, Generator::working(77));
    world.server_ahead_ms = i64::try_from(ahead).unwrap();
    world.deliver(hello).unwrap();
    world.take(Kind::Challenge)
}

fn damaged(datagram: &Datagram) -> Datagram {
    let mut damaged = datagram.clone();
    *damaged.bytes.last_mut().unwrap() ^= 1;
    damaged
}

/// What is delivered for an input: each of these is one instance of it.
fn datagrams(script: &Script, stage: &Stage, cell: &Cell<'_>) -> Vec<Datagram> {
    let Ok(Message::Hello(hello)) = Message::decode(&stage.hello.bytes) else { unreachable!() };
    let retry = Retry { sid_i: hello.sid_i, cookie: &[7; 33] }.encode().to_vec();
    match cell.input {
        "retry" => vec![Datagram { from: SERVER, to: DEVICE, bytes: retry }],
        "genuine challenge" if cell.state == "AwaitChallenge" => vec![script.challenge.clone()],
        "genuine challenge" => vec![script.challenge.clone(), answered(&stage.hello, &SERVER_SEED, 0)],
        "late challenge" => vec![answered(&stage.hello, &SERVER_SEED, 3_600_000)],
        "false challenge" => vec![damaged(&script.challenge), answered(&stage.hello, &[0xee; 32], 0)],
        "accepting verdict" => vec![script.accepting.clone()],
        "refusing verdict" => vec![script.refusing.clone()],
        "stale verdict" => vec![script.stale.clone()],
        "false verdict" => vec![damaged(&script.accepting), damaged(&script.refusing)],
        "record" if cell.state == "Confirming" => vec![script.confirm.clone()],
        "record" => vec![script.data.clone()],
        "close" => vec![script.close.clone()],
        "false record" if cell.state == "Established" => vec![damaged(&script.data), script.confirm.clone()],
        "false record" => vec![damaged(&script.data), damaged(&script.confirm)],
        other => panic!("the table has an unknown input: {other}"),
    }
}

/// When the input comes about by waiting: how long it takes, in milliseconds.
fn waiting(cell: &Cell<'_>) -> Option<u64> {
    match (cell.input, cell.state) {
        ("timer", "Established" | "Ended") => Some(10_000),
        ("timer", _) => Some(1_000),
        ("deadline", "AwaitChallenge" | "AwaitVerdict") => Some(60_000),
        ("deadline", "Confirming") => Some(120_000),
        ("deadline", _) => Some(3_600_000),
        _ => None,
    }
}

fn check_action(cell: &Cell<'_>, stage: &Stage, observed: &Observed) {
    let sent: Vec<(Kind, usize)> =
        observed.sent.iter().map(|datagram| (datagram.kind(), datagram.bytes.len())).collect();
    let is_answered = match cell.action {
        "drop" => observed.refused && observed.is_nothing(),
        "nothing" => !observed.refused && observed.is_nothing(),
        "send Hello" => matches!(sent[..], [(Kind::Hello, 224)]) && is_hello(cell, stage, observed),
        "repeat Hello" | "repeat Response" => {
            let kind = if cell.action == "repeat Hello" { Kind::Hello } else { Kind::Response };
            observed.sent == [stage.last.clone()] && stage.last.kind() == kind && observed.events.is_empty()
        }
        "send Response" => matches!(sent[..], [(Kind::Response, 166)]) && observed.events.is_empty(),
        "send confirm" => matches!(sent[..], [(Kind::Record, 35)]) && is_confirm(cell, stage, observed),
        "deliver" => {
            let data = matches!(&observed.events[..], [Event::Data { data, .. }] if data == b"welcome");
            data && sent.is_empty()
        }
        "report clock" => ended(observed, |outcome| matches!(outcome, Outcome::Clock { .. })),
        "report timed out" => ended(observed, |outcome| outcome == Outcome::TimedOut),
        "report refused" => ended(observed, |outcome| outcome == Outcome::Refused(Reason::None)),
        "report confirmed" => matches!(observed.events[..], [Event::Confirmed { .. }]) && sent.is_empty(),
        // A close is a record of the peer, so the first one of all also confirms.
        "report closed" if cell.state == "Confirming" => {
            let confirms = matches!(observed.events[0], Event::Confirmed { .. });
            confirms && closed(observed, 1, |why| why == Closed::ByPeer { missing: 1 })
        }
        "report closed" => closed(observed, 0, |why| why == Closed::ByPeer { missing: 0 }),
        "report unconfirmed" => closed(observed, 0, |why| why == Closed::Unconfirmed),
        "report expired" => closed(observed, 0, |why| why == Closed::Expired),
        other => panic!("the table has an unknown action: {other}"),
    };
    assert!(is_answered, "{cell:?}: {observed:#?}");
}

/// After a Retry the same with its cookie; after *stale* a new one; when its turn comes the first.
fn is_hello(cell: &Cell<'_>, stage: &Stage, observed: &Observed) -> bool {
    let mut with_cookie = stage.hello.bytes.clone();
    with_cookie[82..115].fill(7);
    let begun = matches!(observed.events[..], [Event::Begun { .. }]);
    match cell.input {
        "retry" => observed.sent[0].bytes == with_cookie && observed.events.is_empty(),
        _ => observed.sent[0].bytes[2..82] != stage.hello.bytes[2..82] && begun,
    }
}

/// A fresh record each time, the first with the event of acceptance.
fn is_confirm(cell: &Cell<'_>, stage: &Stage, observed: &Observed) -> bool {
    let counter = |datagram: &Datagram| match Message::decode(&datagram.bytes) {
        Ok(Message::Record(record)) => record.counter,
        other => panic!("not a record: {other:?}"),
    };
    match cell.input {
        "accepting verdict" => {
            counter(&observed.sent[0]) == 0 && matches!(observed.events[..], [Event::Accepted { .. }])
        }
        _ => counter(&observed.sent[0]) == counter(&stage.last) + 1 && observed.events.is_empty(),
    }
}

fn ended(observed: &Observed, is_expected: impl Fn(Outcome) -> bool) -> bool {
    let expected = matches!(observed.events[..], [Event::Ended { outcome, .. }] if is_expected(outcome));
    expected && observed.sent.is_empty()
}

fn closed(observed: &Observed, after: usize, is_expected: impl Fn(Closed) -> bool) -> bool {
    let expected = matches!(observed.events[after..], [Event::Closed { why, .. }] if is_expected(why));
    expected && observed.sent.is_empty()
}

/// Exercises one cell in every way there is. Returns how many there were.
fn exercise(script: &Script, cell: &Cell<'_>) -> usize {
    let mut exercised = 0;
    let ways = stages(script, cell.state).len();
    for way in 0..ways {
        let stage = || stages(script, cell.state).remove(way);
        assert_eq!(stage().state(), cell.state, "{cell:?}");
        let mut judge = |mut stage: Stage, input: &dyn Fn(&mut World) -> Result<(), countersign_endpoint::Dropped>| {
            let observed = observe(&mut stage.world, Side::Device, input);
            check_action(cell, &stage, &observed);
            assert_eq!(stage.state(), cell.next, "{cell:?}");
            exercised += 1;
        };
        if let Some(millis) = waiting(cell) {
            let mut stage = stage();
            stage.world.pass(Duration::from_millis(millis - 1));
            judge(stage, &|world| {
                world.pass(Duration::from_millis(1));
                Ok(())
            });
        } else {
            for datagram in datagrams(script, &stage(), cell) {
                judge(stage(), &|world| world.deliver(&datagram));
            }
        }
    }
    exercised
}

/// CS-IMPL-04, CS-INIT-06, CS-INIT-15: every cell of the initiator's table holds, each refusal without a trace.
#[test]
fn every_cell_of_the_initiator_holds() {
    let script = Script::new();
    let mut expected: Vec<(&str, &str)> = vec![("Queued", "turn")];
    expected.extend(STATES.iter().flat_map(|state| INPUTS.iter().map(move |input| (*state, *input))));
    let cells = cells(SPECIFICATION, "## Initiator", &expected);
    assert_eq!(cells.len(), 66);
    let ways = cells.iter().filter(|cell| cell.state != "Queued").map(|cell| exercise(&script, cell));
    let exercised: Vec<usize> = ways.collect();
    assert_eq!(exercised.len(), 65, "the turn is the 66th");
    assert!(exercised.iter().all(|ways| *ways > 0));
}

/// CS-INIT-12: the 66th cell. No sid is assigned and no timer runs before the turn.
#[test]
fn a_queued_handshake_begins_at_its_turn() {
    let script = Script::new();
    let table = countersign_tests::table::rows(SPECIFICATION, "## Initiator");
    let [state, input, action, next] = table[0][..] else { panic!("not a row of four cells") };
    let turn = Cell { state, input, action, next };
    assert_eq!((state, input), ("Queued", "turn"));
    let mut stage = Stage::after(&[&script.challenge]);
    stage.handshake = stage.world.connect();
    assert_eq!(stage.state(), "Queued");
    let mut observed = observe(&mut stage.world, Side::Device, |world| world.deliver(&script.refusing));
    let end = observed.events.remove(0);
    assert!(matches!(end, Event::Ended { .. }), "the end of the first is the turn of the second");
    check_action(&turn, &stage, &observed);
    assert_eq!(stage.state(), next);
}

/// CS-INIT-13: the note to *AwaitVerdict, stale verdict*.
#[test]
fn a_second_stale_verdict_ends_the_handshake() {
    let (mut world, _, stale) = played(|world| {
        let device = profile(&[]).devices[0];
        let _ = world.store.advance(&user(), &device, Timestamp::from_millis(START + 5_000)).unwrap();
    });
    let device = profile(&[]).devices[0];
    let _ = world.store.advance(&user(), &device, Timestamp::from_millis(START + 9_000)).unwrap();
    world.deliver(&stale).unwrap();
    world.run();
    let latest = Timestamp::from_millis(START + 9_000);
    let outcome = Outcome::Refused(Reason::Stale(latest));
    let handshake = HandshakeId(0);
    assert_eq!(world.events.last(), Some(&(Side::Device, Event::Ended { handshake, outcome })));
    assert_eq!(world.device.initiator_state(handshake), InitiatorState::Ended);
}

/// CS-INIT-07: the note to *AwaitChallenge, deadline*.
#[test]
fn a_look_alike_makes_the_deadline_an_impostors() {
    let mut stage = Stage::after(&[]);
    let look_alike = answered(&stage.hello, &DEVICE_SEED.map(|byte| byte ^ 1), 0);
    stage.world.deliver(&look_alike).unwrap_err();
    stage.world.pass(Duration::from_millis(59_999));
    assert_eq!(stage.state(), "AwaitChallenge");
    stage.world.pass(Duration::from_millis(1));
    let end = Event::Ended { handshake: stage.handshake, outcome: Outcome::Impostor };
    assert_eq!(stage.world.events.last(), Some(&(Side::Device, end)));
    let began = stage.world.events.first();
    assert!(matches!(began, Some((Side::Device, Event::Begun { sid: Sid(_), .. }))));
}

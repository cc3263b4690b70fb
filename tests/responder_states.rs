//! Does the responder do, in every state and on every input, what the table of the specification says?

use core::time::Duration;
use countersign::wire::{Kind, Message, Sid};
use countersign::{Ablated, Defence, Initiator, InitiatorPolicy, Receipt, SigningKey, Timestamp};
use countersign_endpoint::{Answer, AnswerError, Closed, Dropped, Event, Output, ResponderState, Ticket};
use countersign_tests::cell::{Cell, Observed, cells, observe};
use countersign_tests::world::{
    DEVICE, DEVICE_SEED, Datagram, Generator, SERVER, SERVER_SEED, Setup, Side, World, profile, responder_with, user,
};

const SPECIFICATION: &str = include_str!("../spec/states.md");
const SEED: u64 = 1;
const STATES: [&str; 9] = [
    "Listen",
    "AwaitResponse",
    "AwaitProfile",
    "StalledProfile",
    "AwaitAdvance",
    "StalledAdvance",
    "Unconfirmed",
    "Established",
    "Concluded",
];
const FRESH: [&str; 3] = ["hello", "hello under load", "hello with cookie under load"];
const REPEATS: [&str; 2] = ["repeated hello", "repeated response"];
const OTHERS: [&str; 11] = [
    "response",
    "other response",
    "admitting profile",
    "refusing profile",
    "advanced",
    "stale",
    "store error",
    "record",
    "close",
    "false record",
    "lapse",
];

/// What a device sends in a handshake that ends well, and what else it could have sent.
struct Script {
    hello: Datagram,
    challenge: Datagram,
    response: Datagram,
    /// Opens as well, and differs.
    second_response: Datagram,
    /// One that was taken, in another handshake.
    taken_elsewhere: Datagram,
    verdict: Datagram,
    confirm: Datagram,
    data: Datagram,
    close: Datagram,
    /// The Hello with the cookie that the server gives under load.
    hello_with_cookie: Datagram,
    sid: Sid,
}

impl Script {
    fn new() -> Self {
        let mut world = Setup::whole(SEED).build();
        world.connect();
        let hello = world.wire[0].clone();
        let challenge = world.run_until(Kind::Challenge);
        world.deliver(&challenge).unwrap();
        let response = world.run_until(Kind::Response);
        world.deliver(&response).unwrap();
        let verdict = world.run_until(Kind::Verdict);
        world.deliver(&verdict).unwrap();
        let confirm = world.take(Kind::Record);
        let session = world.device_session().unwrap();
        world.device.send(world.now(Side::Device), session, b"good day").unwrap();
        world.settle(Side::Device);
        let data = world.take(Kind::Record);
        world.device.close(world.now(Side::Device), session).unwrap();
        world.settle(Side::Device);
        let close = world.take(Kind::Record);
        let sid = world.server_session().unwrap();
        let mut taken_elsewhere = elsewhere();
        taken_elsewhere.bytes[2..10].copy_from_slice(&sid.0);
        let second_response = second_response(&challenge);
        let hello_with_cookie = hello_with_cookie(&hello);
        Self {
            hello,
            challenge,
            response,
            second_response,
            taken_elsewhere,
            verdict,
            confirm,
            data,
            close,
            hello_with_cookie,
            sid,
        }
    }
}

/// The Response of a device that has drawn the same, but signs something else.
fn second_response(challenge: &Datagram) -> Datagram {
    let careless = Ablated::without(&[Defence::ClaimSigned]);
    let key = SigningKey::from_seed(&DEVICE_SEED);
    let mut twin = Initiator::with_defences(careless, user(), key, InitiatorPolicy::default());
    let world = Setup::whole(SEED).build();
    let now = world.now(Side::Device);
    let wanted = countersign::Clearances::new(&[b"read"]).unwrap();
    let mut rng = Generator::working(SEED);
    let waiting = twin.begin(&world.expected, wanted, None, now, &mut rng, |_| true).unwrap();
    let Ok(Message::Challenge(challenge)) = Message::decode(&challenge.bytes) else { unreachable!() };
    let verified = waiting.check(&challenge, now).unwrap();
    let (_, response) = waiting.accept(&twin, verified);
    Datagram { from: DEVICE, to: SERVER, bytes: response.to_vec() }
}

/// A Response that the same server has taken in another handshake.
fn elsewhere() -> Datagram {
    let mut world = Setup::whole(SEED + 1).build();
    world.server = responder_with(&SERVER_SEED, Generator::working(!SEED));
    world.connect();
    let response = world.run_until(Kind::Response);
    world.deliver(&response).unwrap();
    response
}

fn hello_with_cookie(hello: &Datagram) -> Datagram {
    let mut world = loaded();
    world.deliver(hello).unwrap();
    let retry = world.take(Kind::Retry);
    let mut hello = hello.clone();
    hello.bytes[82..115].copy_from_slice(&retry.bytes[10..43]);
    hello
}

fn loaded() -> World {
    let mut setup = Setup::whole(SEED);
    setup.limits.half_open_before_cookies = 0;
    setup.build()
}

/// A world whose server is in a state.
struct Stage {
    world: World,
    /// The ticket of the last question, open or not; of none if there was none.
    ticket: Ticket,
}

impl Stage {
    fn new(world: World) -> Self {
        Self { world, ticket: Ticket(0) }
    }

    fn deliver(mut self, datagram: &Datagram) -> Self {
        self.world.deliver(datagram).unwrap();
        self.note_question();
        self
    }

    fn answer(mut self, answer: Answer) -> Self {
        self.world.answer(self.ticket, answer);
        self.note_question();
        self
    }

    fn note_question(&mut self) {
        if let Some(Output::Lookup { ticket, .. } | Output::Advance { ticket, .. }) = self.world.questions.back() {
            self.ticket = *ticket;
        }
    }
}

/// What the store says when all is well: the profile, and the receipt.
fn admitting() -> Answer {
    Answer::Profile(profile(&[b"read"]))
}

fn receipt() -> Answer {
    let timestamp = Timestamp::from_millis(countersign_tests::world::START);
    Answer::Advanced(Receipt { user: user(), device: profile(&[]).devices[0], timestamp })
}

/// Every way into a state.
fn stages(script: &Script, state: &str) -> Vec<Stage> {
    let mut world = Setup::whole(SEED).build();
    world.store_answers = false;
    let listen = Stage::new(world);
    let await_profile = |stage: Stage| stage.deliver(&script.hello).deliver(&script.response);
    let await_advance = |stage: Stage| await_profile(stage).answer(admitting());
    let unconfirmed = |stage: Stage| await_advance(stage).answer(receipt());
    match state {
        "Listen" => vec![listen],
        "AwaitResponse" => vec![listen.deliver(&script.hello)],
        "AwaitProfile" => vec![await_profile(listen)],
        "StalledProfile" => vec![await_profile(listen).answer(Answer::StoreError)],
        "AwaitAdvance" => vec![await_advance(listen)],
        "StalledAdvance" => vec![await_advance(listen).answer(Answer::StoreError)],
        "Unconfirmed" => vec![unconfirmed(listen)],
        "Established" => vec![unconfirmed(listen).deliver(&script.confirm)],
        "Concluded" => {
            let mut again = Setup::whole(SEED).build();
            again.store_answers = false;
            let refused = await_profile(Stage::new(again)).answer(Answer::NoProfile);
            vec![refused, unconfirmed(listen).deliver(&script.confirm).deliver(&script.close)]
        }
        other => panic!("the table has an unknown state: {other}"),
    }
}

fn damaged(datagram: &Datagram) -> Datagram {
    let mut damaged = datagram.clone();
    *damaged.bytes.last_mut().unwrap() ^= 1;
    damaged
}

/// An input, as the world can give it.
enum Input {
    Deliver(Datagram),
    /// Of the store, to the last question that there was.
    Answer(Answer),
    /// The last millisecond of the lifetime.
    Lapse,
}

/// Each of these is one instance of an input.
fn inputs(script: &Script, cell: &Cell<'_>) -> Vec<Input> {
    let is_first = cell.state == "AwaitResponse" || cell.state == "Listen";
    let Script { hello, hello_with_cookie, response, second_response, confirm, data, close, .. } = script;
    let deliver = |datagrams: &[&Datagram]| datagrams.iter().map(|one| Input::Deliver(Datagram::clone(one))).collect();
    let stranger = countersign::Profile { devices: vec![], ..profile(&[b"read"]) };
    match cell.input {
        "hello" | "hello under load" => deliver(&[hello]),
        "hello with cookie under load" => deliver(&[hello_with_cookie]),
        "repeated hello" => deliver(&[hello, hello_with_cookie]),
        "response" if is_first => deliver(&[response]),
        "response" => deliver(&[second_response]),
        "repeated response" if cell.state == "AwaitResponse" => deliver(&[&script.taken_elsewhere]),
        "repeated response" => deliver(&[response]),
        "other response" => deliver(&[&damaged(response), &script.taken_elsewhere]),
        "admitting profile" => vec![Input::Answer(admitting())],
        "refusing profile" => vec![Input::Answer(Answer::NoProfile), Input::Answer(Answer::Profile(stranger))],
        "advanced" => vec![Input::Answer(receipt())],
        "stale" => vec![Input::Answer(Answer::Stale { latest: Timestamp::from_millis(u64::MAX) })],
        "store error" => vec![Input::Answer(Answer::StoreError)],
        "record" if cell.state == "Unconfirmed" => deliver(&[confirm]),
        "record" => deliver(&[data]),
        "close" => deliver(&[close]),
        "false record" if cell.state == "Established" => deliver(&[&damaged(data), confirm]),
        "false record" => deliver(&[&damaged(data), &damaged(confirm)]),
        "lapse" => vec![Input::Lapse],
        other => panic!("the table has an unknown input: {other}"),
    }
}

impl Input {
    fn give(&self, world: &mut World, ticket: Ticket) -> Result<(), Refusal> {
        match self {
            Self::Deliver(datagram) => world.deliver(datagram).map_err(Refusal::Dropped),
            Self::Answer(answer) => world.try_answer(ticket, answer.clone()).map_err(Refusal::Answer),
            Self::Lapse => {
                world.pass(Duration::from_millis(1));
                Ok(())
            }
        }
    }
}

/// Why an input was dropped.
#[derive(Debug)]
#[expect(dead_code, reason = "for whoever reads why an input was dropped")]
enum Refusal {
    Dropped(Dropped),
    Answer(AnswerError),
}

fn check_action(script: &Script, cell: &Cell<'_>, observed: &Observed) {
    let sent: Vec<(Kind, usize)> =
        observed.sent.iter().map(|datagram| (datagram.kind(), datagram.bytes.len())).collect();
    let events = &observed.events[..];
    let is_silent = sent.is_empty() && events.is_empty() && observed.questions.is_empty();
    let entries = observed.kept.map(|[entries, ..]| entries);
    let holds = match cell.action {
        "drop" => observed.refused && observed.is_nothing(),
        "nothing" => !observed.refused && observed.is_nothing(),
        "send Challenge" => observed.sent == [script.challenge.clone()] && entries == [0, 1],
        "send Retry" => sent == [(Kind::Retry, 43)] && entries == [0, 0] && events.is_empty(),
        "repeat Challenge" => observed.sent == [script.challenge.clone()] && observed.kept[0] == observed.kept[1],
        "repeat Verdict" => matches!(sent[..], [(Kind::Verdict, 102)]) && observed.kept[0] == observed.kept[1],
        "ask profile" => matches!(observed.questions[..], [Output::Lookup { .. }]) && sent.is_empty(),
        "ask advance" => matches!(observed.questions[..], [Output::Advance { .. }]) && sent.is_empty(),
        "send acceptance" => observed.sent == [script.verdict.clone()] && matches!(events, [Event::Admitted { .. }]),
        "send refusal" => sent == [(Kind::Verdict, 102)] && matches!(events, [Event::Denied { .. }]),
        "send confirm" => sent == [(Kind::Record, 35)] && matches!(events, [Event::Confirmed { .. }]),
        "deliver" => matches!(events, [Event::Data { data, .. }] if data == b"good day") && sent.is_empty(),
        // A close is a record of the peer, so the first one of all also confirms.
        "report closed" if cell.state == "Unconfirmed" => {
            let why = Closed::ByPeer { missing: 2 };
            sent.is_empty() && *events == [Event::Confirmed { session: script.sid }, closed(script, why)]
        }
        "report closed" => sent.is_empty() && *events == [closed(script, Closed::ByPeer { missing: 1 })],
        "report lapsed" => sent.is_empty() && *events == [closed(script, Closed::Lapsed)] && entries == [1, 0],
        "forget" => is_silent && entries == [1, 0],
        other => panic!("the table has an unknown action: {other}"),
    };
    assert!(holds, "{cell:?}: {observed:#?}");
}

fn closed(script: &Script, why: Closed) -> Event {
    Event::Closed { session: script.sid, why }
}

/// Exercises one cell from every way into its state, with every instance of its input. Returns how many there were.
fn exercise(script: &Script, cell: &Cell<'_>) -> usize {
    let state = |stage: &Stage| format!("{:?}", stage.world.server.responder_state(script.sid));
    let mut exercised = 0;
    for input in inputs(script, cell) {
        let stages =
            if cell.input.ends_with("under load") { vec![Stage::new(loaded())] } else { stages(script, cell.state) };
        for mut stage in stages {
            if matches!(input, Input::Lapse) {
                stage.world.pass(Duration::from_millis(119_999));
            }
            assert_eq!(state(&stage), cell.state, "{cell:?}");
            let verdict = stage.world.wire.iter().find(|datagram| datagram.kind() == Kind::Verdict).cloned();
            let observed = observe(&mut stage.world, Side::Server, |world| input.give(world, stage.ticket));
            check_action(script, cell, &observed);
            if cell.action == "repeat Verdict" {
                assert_eq!(observed.sent, [verdict.expect("it was sent before")], "{cell:?}");
            }
            assert_eq!(state(&stage), cell.next, "{cell:?}");
            exercised += 1;
        }
    }
    exercised
}

/// CS-IMPL-04, CS-RESP-01, CS-RESP-10: every cell of the responder's table holds, each refusal without a trace.
#[test]
fn every_cell_of_the_responder_holds() {
    let script = Script::new();
    let of_all = STATES.iter().flat_map(|state| OTHERS.iter().map(move |input| (*state, *input)));
    let of_entries = STATES[1..].iter().flat_map(|state| REPEATS.iter().map(move |input| (*state, *input)));
    let of_listen = FRESH.iter().map(|input| ("Listen", *input));
    let expected: Vec<(&str, &str)> = of_all.chain(of_entries).chain(of_listen).collect();
    let cells = cells(SPECIFICATION, "## Responder", &expected);
    let exercised: Vec<usize> = cells.iter().map(|cell| exercise(&script, cell)).collect();
    assert_eq!(exercised.len(), 118);
    assert!(exercised.iter().all(|ways| *ways > 0));
}

/// CS-RESP-10: what the cells call `response` after the first is one that would have been taken, had it been first.
#[test]
fn the_second_response_would_have_opened() {
    let script = Script::new();
    let stage = stages(&script, "AwaitResponse").remove(0).deliver(&script.second_response);
    assert_eq!(stage.world.server.responder_state(script.sid), ResponderState::AwaitProfile);
    assert_ne!(script.second_response, script.response);
}

/// CS-RESP-13, CS-RESP-10: the note to *Established, lapse*.
#[test]
fn after_its_lapse_a_session_goes_on_and_its_messages_are_strange() {
    let script = Script::new();
    let mut stage = stages(&script, "Established").remove(0);
    stage.world.pass(Duration::from_secs(120));
    assert_eq!(stage.world.deliver(&script.response), Err(Dropped::UnknownSid));
    stage.world.deliver(&script.hello).unwrap();
    let challenge = stage.world.wire.back().unwrap();
    assert!(challenge.kind() == Kind::Challenge && *challenge != script.challenge, "a repeat is a fresh Hello now");
    stage.world.deliver(&script.data).unwrap();
    let delivered = Event::Data { session: script.sid, data: b"good day".to_vec() };
    assert_eq!(stage.world.events.last(), Some(&(Side::Server, delivered)));
}

/// CS-SESS-02: the note to *Unconfirmed, record*.
#[test]
fn data_confirms_and_is_not_answered() {
    let script = Script::new();
    let mut stage = stages(&script, "Unconfirmed").remove(0);
    let observed = observe(&mut stage.world, Side::Server, |world| world.deliver(&script.data));
    let data = Event::Data { session: script.sid, data: b"good day".to_vec() };
    assert_eq!(observed.events, [Event::Confirmed { session: script.sid }, data]);
    assert_eq!(observed.sent, []);
}

/// CS-SESS-04: the note to *Established, record*.
#[test]
fn a_later_confirm_is_answered_and_delivers_nothing() {
    let script = Script::new();
    let mut stage = stages(&script, "Unconfirmed").remove(0).deliver(&script.data);
    let observed = observe(&mut stage.world, Side::Server, |world| world.deliver(&script.confirm));
    assert_eq!(observed.events, []);
    assert_eq!(observed.sent.iter().map(|record| record.bytes.len()).collect::<Vec<_>>(), [35]);
}

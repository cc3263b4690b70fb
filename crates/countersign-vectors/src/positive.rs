//! Whole handshakes of honest parties, with every value on the way.

use crate::dissect::{Dissection, Evidence};
use crate::exchange::{Exchange, Sessions};
use crate::forge;
use crate::format::VectorFile;
use crate::hedging::Draw;
use crate::inputs::{Inputs, example};
use crate::refusal::Refusal;
use core::time::Duration;
use countersign::transcript::Transcript;
use countersign::wire::{COOKIE_BYTES, Message, RecordKind, Retry};
use countersign::{
    Backend, Clearances, ClockPolicy, Content, EPOCH_RECORDS, Identity, Name, Role, Session, SigningKey, Whole,
};

/// One handshake to be written.
struct Case {
    file: &'static str,
    title: &'static str,
    inputs: Inputs,
    /// Whether the first Hello is answered with a Retry.
    retry: bool,
    /// Whether records follow.
    records: bool,
    /// Label, context and length of an export.
    export: (&'static [u8], &'static [u8], usize),
}

/// Every positive vector, computed on this backend.
pub(crate) fn files(backend: Backend) -> Vec<VectorFile> {
    let retry = Case { retry: true, ..case("accepted-after-retry", "accepted, after a Retry", example()) };
    let records = Case { records: true, ..case("records", "accepted, then records of two epochs", example()) };
    [
        case("accepted", "accepted: one clearance wanted of several held", example()),
        Case { export: (&[b'x'; 255], &[b'y'; 300], 255), ..maximal() },
        Case { export: (b"x", b"", 1), ..minimal() },
        retry,
        records,
        follow(),
        refused_unknown_device(),
        refused_clock(),
        refused_stale(),
    ]
    .into_iter()
    .map(|mut case| {
        case.inputs.backend = backend;
        case.file()
    })
    .collect()
}

const fn case(file: &'static str, title: &'static str, inputs: Inputs) -> Case {
    Case { file, title, inputs, retry: false, records: false, export: (b"example", b"context", 48) }
}

fn maximal() -> Case {
    let mut inputs = example();
    let long: Vec<[u8; 32]> = (b'a'..=b'p').map(|letter| [letter; 32]).collect();
    let long: Vec<&[u8]> = long.iter().map(<[u8; 32]>::as_slice).collect();
    let all = Clearances::new(&long).expect("16 of 32 bytes are the most");
    inputs.initiator.wanted = all.clone();
    inputs.store.profile.held = all;
    rename(&mut inputs, &[b'u'; 64], &[b'r'; 64]);
    case("accepted-many-clearances", "accepted: the longest names, 16 clearances of 32 bytes", inputs)
}

fn minimal() -> Case {
    let mut inputs = example();
    inputs.initiator.wanted = Clearances::none();
    inputs.store.profile.held = Clearances::none();
    inputs.store.profile.lifetime_s = 0;
    inputs.store.latest = None;
    rename(&mut inputs, b"u", b"r");
    case("accepted-minimal", "accepted: names of one byte, no clearances, no earlier timestamp", inputs)
}

fn rename(inputs: &mut Inputs, user: &[u8], responder: &[u8]) {
    let user = Name::new(user).expect("1 to 64 bytes");
    inputs.initiator.user = user.clone();
    inputs.store.user = user;
    inputs.responder.name = Name::new(responder).expect("1 to 64 bytes");
    inputs.initiator.expected.name = inputs.responder.name.clone();
}

fn follow() -> Case {
    let mut inputs = example();
    let day = Duration::from_secs(86_400);
    inputs.initiator.clock_policy = ClockPolicy::Follow;
    inputs.initiator.clock = inputs.initiator.clock.minus(day);
    inputs.initiator.clock_at_challenge = inputs.initiator.clock_at_challenge.minus(day);
    inputs.initiator.latest = Some(inputs.responder.clock.plus(Duration::from_secs(1)));
    case("follow", "accepted: a device a day behind follows the responder's clock, above its last timestamp", inputs)
}

fn refused_unknown_device() -> Case {
    let mut inputs = example();
    inputs.store.profile.devices = vec![SigningKey::from_seed(&[0x55; 32]).public()];
    case("refused", "refused: the device is not enrolled", inputs)
}

fn refused_clock() -> Case {
    let mut inputs = example();
    inputs.initiator.skew = Duration::from_secs(600);
    inputs.initiator.clock = inputs.responder.clock.minus(Duration::from_millis(180_001));
    inputs.initiator.clock_at_challenge = inputs.initiator.clock.plus(Duration::from_millis(40));
    case("refused-clock", "refused: the device's clock is a millisecond too far behind, and the device is told", inputs)
}

fn refused_stale() -> Case {
    let mut inputs = example();
    inputs.store.latest = Some(inputs.initiator.clock);
    case("refused-stale", "refused: the timestamp is not later than the latest, and the device is told", inputs)
}

impl Case {
    fn file(&self) -> VectorFile {
        let mut exchange = Exchange::run(&self.inputs);
        let mut messages = self.messages(&exchange);
        let responder = identity(&self.inputs);
        let (initiators, responders) = draws(&self.inputs, &exchange.hello, &messages);
        if self.records
            && let Ok(sessions) = exchange.ended
        {
            let dissection = dissect(&responder, Role::Responder, &responders, &messages);
            messages.extend(records(sessions, &dissection));
            exchange = Exchange::run(&self.inputs);
        }
        let dissection = dissect(&responder, Role::Responder, &responders, &messages);
        let others = dissect(&responder, Role::Initiator, &initiators, &messages);
        assert!(dissection.values().eq(others.values()), "both sides know the same");

        let mut file = VectorFile::new(format!("{}.txt", self.file));
        file.push("title", self.title);
        file.push("kind", "positive");
        let expect =
            exchange.ended.as_ref().map_or_else(|denial| Refusal::Refuse(*denial).to_string(), |_| "accept".into());
        file.push("expect", expect.as_str());
        self.inputs.write(&mut file);
        let steps = Steps { messages: &messages, initiators: &initiators, responders: &responders };
        for (name, value) in dissection.values() {
            steps.write_before(&mut file, &name);
            file.push(&name, value);
            steps.write_after(&mut file, &name);
        }
        if let Ok(sessions) = &exchange.ended {
            self.write_export(&mut file, sessions, &dissection);
        }
        file
    }

    /// The handshake's messages as they were sent.
    fn messages(&self, exchange: &Exchange) -> Vec<(String, Vec<u8>)> {
        let Exchange { hello, challenge, response, verdict, ended: _ } = exchange;
        let mut messages = vec![("hello", hello.clone())];
        if self.retry {
            let cookie = &[0x66; COOKIE_BYTES];
            let Ok(Message::Hello(first)) = Message::decode(hello) else { unreachable!("an honest Hello decodes") };
            messages.push(("retry", Retry { sid_i: first.sid_i, cookie }.encode().to_vec()));
            let again = self.inputs.begin(&mut self.inputs.initiator()).hello(cookie);
            messages.push(("hello_with_cookie", again.to_vec()));
        }
        messages.extend([
            ("challenge", challenge.clone()),
            ("response", response.clone()),
            ("verdict", verdict.clone()),
        ]);
        messages.into_iter().map(|(name, message)| (name.to_owned(), message)).collect()
    }

    fn write_export(&self, file: &mut VectorFile, sessions: &Sessions, dissection: &Dissection) {
        let (label, context, bytes) = self.export;
        let mut out = vec![0; bytes];
        sessions.initiator.export(label, context, &mut out).expect("label and length are in bounds");
        let mut other = vec![0; bytes];
        sessions.responder.export(label, context, &mut other).expect("label and length are in bounds");
        assert_eq!(out, other, "both sides export the same");
        assert_eq!(dissection.export(label, context, bytes), Some(Ok(other)), "and so does the formula");
        file.push("export_label", label);
        file.push("export_context", context);
        file.push("export", &out);
    }
}

/// What stands between the values of a dissection, so that each line follows from those above it.
struct Steps<'a> {
    messages: &'a [(String, Vec<u8>)],
    initiators: &'a Draw,
    responders: &'a Draw,
}

impl Steps<'_> {
    fn write_before(&self, file: &mut VectorFile, value: &str) {
        match value {
            "th1" => {
                file.section("Hello");
                self.initiators.write(file, "initiator");
                self.push(file, "hello");
                self.push(file, "retry");
                self.push(file, "hello_with_cookie");
            }
            "ss" => {
                file.section("Challenge");
                self.responders.write(file, "responder");
            }
            "th3" => self.push(file, "challenge"),
            "th4" => file.section("Response"),
            "th5" => self.push(file, "response"),
            "th6" => file.section("Verdict"),
            "th7" => self.push(file, "verdict"),
            "initiator_to_responder_s_0" => file.section("Session"),
            _ => {}
        }
    }

    fn write_after(&self, file: &mut VectorFile, value: &str) {
        if let Some(record) = value.strip_suffix("_plaintext").filter(|name| name.starts_with("record_")) {
            self.push(file, record);
        }
    }

    /// The message of this name, if it was sent.
    fn push(&self, file: &mut VectorFile, name: &str) {
        if let Some((_, message)) = self.messages.iter().find(|(sent, _)| sent == name) {
            file.push(name, message);
        }
    }
}

/// The responder as it is.
pub(crate) fn identity(inputs: &Inputs) -> Identity {
    inputs.responder().identity().clone()
}

/// Both sides' draws. The initiator's rests on its timestamp, which the responder's side of the recording shows.
pub(crate) fn draws(inputs: &Inputs, hello: &[u8], messages: &[(String, Vec<u8>)]) -> (Draw, Draw) {
    let Ok(Message::Hello(hello)) = Message::decode(hello) else { unreachable!("an honest Hello decodes") };
    let th1 = Transcript::of_hello(Whole, &hello).hash();
    let responders = Draw::of_responder(inputs, &th1);
    let dissection = dissect(&identity(inputs), Role::Responder, &responders, messages);
    let response = dissection.response.expect("the Response opens");
    let timestamp = response.claim.expect("an honest claim decodes").timestamp;
    (Draw::of_initiator(inputs, timestamp), responders)
}

/// A recording, taken apart with one side's draw.
pub(crate) fn dissect(responder: &Identity, side: Role, draw: &Draw, messages: &[(String, Vec<u8>)]) -> Dissection {
    let evidence = Evidence { side, ephemeral: draw.ephemeral(), responder: Some(responder) };
    Dissection::of(&evidence, messages.iter().map(|(_, message)| message.as_slice())).expect("there is a Hello")
}

/// Confirms, data both ways, a step to epoch 1, a close.
fn records(sessions: Sessions, dissection: &Dissection) -> Vec<(String, Vec<u8>)> {
    let Sessions { mut initiator, responder: unconfirmed } = sessions;
    let keys = &dissection.session.as_ref().expect("the handshake was accepted").initiator_to_responder;
    let (_, next) = keys.epochs.get(1).expect("the second epoch is always there");

    let confirm = initiator.confirm().expect("counters are left").to_vec();
    let Ok(Message::Record(record)) = Message::decode(&confirm) else { unreachable!("an honest Record decodes") };
    let opened = unconfirmed.check(&record).expect("an honest Record opens");
    let (mut responder, _) = unconfirmed.confirm(opened);
    let answer = responder.confirm().expect("counters are left").to_vec();
    let data = initiator.seal(b"from the initiator").expect("short data").to_vec();
    let empty = responder.seal(b"").expect("short data").to_vec();
    let stepped =
        forge::record(next, keys.receiver, EPOCH_RECORDS, &[&[RecordKind::Data as u8][..], b"epoch 1"].concat());
    for record in [&data, &stepped] {
        take(&mut responder, record);
    }
    let close = responder.close().expect("counters are left").to_vec();
    for record in [&answer, &empty] {
        take(&mut initiator, record);
    }
    assert_eq!(take(&mut initiator, &close), Content::Close { missing: 0 });
    let all = [confirm, answer, data, empty, stepped, close];
    all.into_iter().zip(0..).map(|(record, number)| (format!("record_{number}"), record)).collect()
}

fn take(session: &mut Session, record: &[u8]) -> Content {
    let Ok(Message::Record(record)) = Message::decode(record) else { unreachable!("an honest Record decodes") };
    let opened = session.check(&record).expect("an honest Record opens");
    session.take(opened)
}

//! Does a diagram tell what happened, and tell apart what must be?

use super::*;
use countersign_sim::{
    Claim, DatagramName, Flip, HostId, Nature, QuestionName, Scenario, StoreFault, TRACE_SCHEMA, TraceHeader, Violation,
};

const VAULT: HostId = HostId(0);
const USER: HostId = HostId(1);
const CLONE: HostId = HostId(2);
const FIRST: HandshakeNumber = HandshakeNumber(1);
const HELLO: u8 = 1;
const CHALLENGE: u8 = 3;
const RESPONSE: u8 = 4;
const VERDICT: u8 = 5;

/// A trace that is made by hand; steps are numbered as they come.
struct Script(Trace);

impl Script {
    fn new() -> Self {
        let hosts = ["vault-00000.example", "user-00000.example", "vault-00001.example"];
        let header = TraceHeader {
            schema: TRACE_SCHEMA.to_owned(),
            build: "countersign 0.1.0".to_owned(),
            seed: 7,
            world: 3,
            handshakes: 1,
            scenario: Scenario { name: "train".to_owned(), ..Scenario::default() },
            without: Vec::new(),
            hosts: hosts.map(str::to_owned).into(),
        };
        Self(Trace { header, lines: Vec::new() })
    }

    fn step(mut self, at_ms: u64, act: Act, effects: Vec<Effect>) -> Self {
        let last = self.0.lines.iter().map(|line| line.step).max().unwrap_or(0);
        let step = if matches!(act, Act::Timer { .. }) { 0 } else { last.saturating_add(1) };
        self.0.lines.push(Line { step, at_us: at_ms.saturating_mul(1_000), act, effects });
        self
    }

    fn begin(self, at_ms: u64) -> Self {
        let wanted = ["read", "write"].map(str::to_owned).into();
        let act = Act::Connect { client: USER, server: VAULT, via: VAULT, wanted };
        self.step(at_ms, act, vec![said(USER, "begun"), sent(HELLO, 1)])
    }

    fn carried(self, at_ms: u64, kind: u8, nth: u32, effects: Vec<Effect>) -> Self {
        self.step(at_ms, deliver(kind, nth, Nature::Carried), effects)
    }

    fn drawn(&self) -> String {
        diagram::draw(&items(&self.0), ALL)
    }
}

/// Clients say Hello and Response, servers the rest.
fn ends(kind: u8) -> (HostId, HostId) {
    if [HELLO, RESPONSE].contains(&kind) { (USER, VAULT) } else { (VAULT, USER) }
}

fn datagram(kind: u8, nth: u32) -> DatagramName {
    DatagramName { from: ends(kind).0, handshake: FIRST, kind, nth }
}

fn sent(kind: u8, nth: u32) -> Effect {
    Effect::Sent { datagram: datagram(kind, nth), to: ends(kind).1, bytes: 1200, sha256: "00".repeat(8) }
}

fn said(host: HostId, what: &str) -> Effect {
    Effect::Said { host, handshake: FIRST, what: what.to_owned() }
}

fn dropped(host: HostId, why: &str) -> Effect {
    Effect::Dropped { host, why: why.to_owned() }
}

fn asked(nth: u32) -> QuestionName {
    QuestionName { server: VAULT, handshake: FIRST, nth }
}

fn deliver(kind: u8, nth: u32, nature: Nature) -> Act {
    let (from, to) = ends(kind);
    Act::Deliver { datagram: datagram(kind, nth), to, from, flip: None, nature }
}

fn honest() -> Script {
    let answer = |nth| Act::Answer { question: asked(nth), fault: StoreFault::None };
    Script::new()
        .begin(0)
        .carried(51, HELLO, 1, vec![sent(CHALLENGE, 1)])
        .step(1_000, Act::Timer { host: USER }, vec![sent(HELLO, 2)])
        .carried(1_043, HELLO, 2, vec![sent(CHALLENGE, 2)])
        .carried(1_100, CHALLENGE, 2, vec![sent(RESPONSE, 1)])
        .carried(1_160, RESPONSE, 1, vec![Effect::Asked { question: asked(1) }])
        .step(1_162, answer(1), vec![Effect::Asked { question: asked(2) }])
        .step(1_163, answer(2), vec![sent(VERDICT, 1), said(VAULT, "admitted")])
        .carried(1_200, HELLO, 2, vec![dropped(VAULT, "the message is out of turn")])
        .carried(1_234, VERDICT, 1, vec![said(USER, "accepted")])
}

#[test]
fn a_lost_challenge_and_its_repeat_are_told_apart() {
    golden(&honest().drawn(), include_str!("golden/lost_challenge.txt"));
}

fn replay() -> Script {
    let flip = Some(Flip { byte: 40, bit: 3 });
    let corrupted = Act::Deliver { datagram: datagram(HELLO, 1), to: VAULT, from: USER, flip, nature: Nature::Carried };
    let forged = Act::Deliver { datagram: datagram(HELLO, 1), to: VAULT, from: USER, flip, nature: Nature::Forged };
    let elsewhere =
        Act::Deliver { datagram: datagram(HELLO, 1), to: CLONE, from: USER, flip: None, nature: Nature::Replayed };
    Script::new()
        .begin(0)
        .step(30, Act::ClockStep { host: VAULT, by_ms: -3_200 }, Vec::new())
        .step(51, corrupted, vec![dropped(VAULT, "not a message: the length is wrong")])
        .step(60, forged, vec![dropped(VAULT, "the ephemeral is of small order")])
        .step(70, elsewhere, vec![dropped(CLONE, "the session id is unknown")])
        .step(80, Act::Junk { to: VAULT, from: CLONE, bytes: "00".repeat(34) }, vec![dropped(VAULT, "not a message")])
        .step(90, Act::Junk { to: USER, from: VAULT, bytes: "00".repeat(1200) }, Vec::new())
        .step(100, Act::Crash { host: VAULT }, vec![])
        .step(105, Act::Rebind { client: USER }, vec![])
        .step(110, Act::Start { host: CLONE }, vec![])
}

#[test]
fn a_replay_that_is_refused_is_told_apart_from_what_is_genuine() {
    golden(&replay().drawn(), include_str!("golden/replay.txt"));
}

fn violation() -> Violation {
    Violation {
        claim: Claim::A2,
        rule: "nobody asked".to_owned(),
        world: 3,
        nth: 1,
        at_us: 70_000,
        what: "vault-00000.example accepted user-00000.example, who began no such handshake".to_owned(),
    }
}

fn violated() -> Script {
    Script::new().begin(0).step(
        70,
        deliver(RESPONSE, 1, Nature::Replayed),
        vec![sent(VERDICT, 1), said(VAULT, "admitted"), Effect::Violated(violation())],
    )
}

#[test]
fn a_violated_claim_is_told_in_words() {
    golden(&excerpt(&violated().0, "a.ndjson"), include_str!("golden/violation.txt"));
}

/// Five hosts are too many for columns.
#[test]
fn many_hosts_are_named_in_every_line() {
    let mut script = replay();
    script.0.header.hosts.extend(["user-00001.example".to_owned(), "a stranger".to_owned()]);
    let crash = Act::Crash { host: HostId(3) };
    let stranger = Act::Stranger { to: VAULT, bytes: "00".repeat(1200) };
    let script = script.step(200, crash, Vec::new()).step(200, stranger, Vec::new());
    golden(&script.drawn(), include_str!("golden/list.txt"));
}

/// What arrives after the last step that is shown is on its way there, not lost.
#[test]
fn a_long_trace_is_shown_as_far_as_200_steps() {
    let steps = 0..STEPS_SHOWN as u64 + 50;
    let start = |script: Script, at| script.step(10 + at, Act::Rebind { client: USER }, Vec::new());
    let script = steps.fold(Script::new().begin(0), start).carried(900, HELLO, 1, Vec::new());
    let text = excerpt(&script.0, "a.ndjson");
    assert_eq!(text.matches("its address changes").count(), STEPS_SHOWN - 1);
    assert!(text.contains("   0.000 s   │╌╌ Hello ╌╌"), "{text}");
    assert!(text.contains("\nnot shown: 52 more steps; to see"), "{text}");
    assert!(text.contains("countersign trace show a.ndjson --handshake N\n(it has handshake 1 alone)\n"), "{text}");
    assert!(text.lines().filter(|line| line.contains("vault-00000.example")).count() >= 3, "names again below");
}

/// What matters in a long trace with a violation is at its end.
#[test]
fn a_long_trace_is_shown_up_to_its_violation() {
    let steps = 0..STEPS_SHOWN as u64 + 50;
    let start = |script: Script, at| script.step(10 + at, Act::Rebind { client: USER }, Vec::new());
    let effects = vec![said(VAULT, "admitted"), Effect::Violated(violation())];
    let script = steps.fold(Script::new().begin(0), start).carried(900, RESPONSE, 1, effects);
    let text = excerpt(&script.0, "a b.ndjson");
    assert_eq!(text.matches("its address changes").count(), STEPS_SHOWN - 1);
    assert!(text.contains("● VIOLATED A2, client authentication"), "{text}");
    assert!(text.contains("\nVIOLATED A2 in handshake 1 at step 252: vault-00000.example accepted "), "{text}");
    assert!(text.contains("\nnot shown: 52 steps before; to see one handshake to its end: "), "{text}");
    assert!(text.contains("countersign trace show 'a b.ndjson' --handshake N\n"), "{text}");
}

/// Of a violation in another handshake nothing is said.
#[test]
fn the_view_of_a_handshake_tells_of_its_own_violations_alone() {
    let trace = violated().begin(2_000).0;
    let told = |number| handshake(&trace, HandshakeNumber(number), "a.ndjson").unwrap_or_default();
    assert!(told(1).contains("VIOLATED A2 in handshake 1 at step 2: "), "{}", told(1));
    assert!(told(3).contains("asks for handshake 3 with") && !told(3).contains("VIOLATED"), "{}", told(3));
}

#[test]
fn one_handshake_is_shown_alone_and_another_is_not_found() {
    let trace = honest().begin(2_000).0;
    let Ok(shown) = handshake(&trace, FIRST, "a.ndjson") else { panic!("it is there") };
    assert!(shown.starts_with("handshake 1 of world 3 of seed 7, scenario train, "), "{shown}");
    assert!(shown.contains("Challenge (2)"), "{shown}");
    let Err(Failure::Usage(complaint)) = handshake(&trace, HandshakeNumber(99), "a.ndjson") else { panic!("no such") };
    assert_eq!(complaint, "a.ndjson has no handshake 99; it has handshakes 1 and 10");
}

#[test]
fn what_stands_in_a_file_does_not_command_the_terminal() {
    let mut script = honest();
    script.0.header.scenario.name = "\u{1b}[31mred".to_owned();
    assert!(printable(&excerpt(&script.0, "a.ndjson")).contains("scenario ?[31mred"));
}

/// No line is wider than a terminal, and none ends in blanks.
#[test]
fn diagrams_of_few_hosts_fit_100_columns() {
    for text in [honest().drawn(), replay().drawn(), diagram::legend()] {
        for line in text.lines() {
            assert!(line.chars().count() <= 100 && line.trim_end() == line, "{line}");
        }
    }
}

#[track_caller]
fn golden(drawn: &str, expected: &str) {
    assert!(drawn == expected, "drawn:\n{drawn}\nexpected:\n{expected}");
}

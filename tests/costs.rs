//! Does each message cost what the specification says, counted, on either backend?

use countersign::{
    Accepted, Backend, CookieJar, EPOCH_RECORDS, Moment, Operation, Reject, Session, VerifiedVerdict, Whole, Work,
};
use countersign_tests::backends::backends;
use countersign_tests::exchange::{self, Established, Exchange, Responded, generator};
use countersign_tests::table::rows;
use std::fs;
use std::path::Path;

/// The steps of one exchange: the message, whose step it is, and what it took.
#[derive(Default)]
struct Ledger(Vec<(&'static str, &'static str, Work)>);

impl Ledger {
    fn note<T>(&mut self, message: &'static str, side: &'static str, step: impl FnOnce() -> T) -> T {
        let before = Work::done();
        let value = step();
        self.0.push((message, side, Work::since(before)));
        value
    }

    /// As the specification writes them down.
    fn written(&self) -> Vec<Vec<String>> {
        let cells = |(message, side, work): &(&str, &str, Work)| {
            let counts = Operation::ALL.into_iter().map(|operation| work.of(operation).to_string());
            [(*message).to_owned(), (*side).to_owned()].into_iter().chain(counts).collect()
        };
        let handshake = self.0.iter().filter(|(message, _, _)| HANDSHAKE.contains(message));
        let handshake = handshake.fold(Work::NONE, |sum, (_, _, work)| sum.plus(*work));
        self.0.iter().chain([&("handshake", "both", handshake)]).map(cells).collect()
    }
}

/// What no handshake goes without.
const HANDSHAKE: [&str; 5] = [
    "Hello made",
    "Hello judged, Challenge made",
    "Challenge judged, Response made",
    "Response judged, Verdict made",
    "Verdict judged",
];

fn on(backend: Backend) -> Exchange<Whole> {
    Exchange::on([backend; 2], (Whole, Whole), generator(1, 1), generator(1, 2))
}

/// Hello, Retry, Hello again, and what its cookie takes before it is answered.
fn note_retry(ledger: &mut Ledger, backend: Backend) {
    let mut parties = on(backend);
    let (minute_7, from) = (Moment::from_micros(7 * 60_000_000), ([192, 0, 2, 1], 4_000).into());
    let mut jar = CookieJar::new(Whole, &mut generator(1, 3));
    jar.prepare(minute_7);
    let (waiting, hello) = ledger.note("Hello made", "initiator", || {
        let waiting = parties.begin();
        let hello = waiting.hello(&[0; 33]);
        (waiting, hello)
    });
    let (hash, cookie) = ledger.note("Hello judged, Retry made", "responder", || {
        let hello = exchange::hello(&hello).unwrap();
        let hash = *parties.responder.screen(&hello).unwrap().hash();
        assert!(!jar.is_good(minute_7, from, &hash, hello.cookie));
        (hash, jar.bake(minute_7, from, &hash))
    });
    ledger.note("Retry judged, Hello made", "initiator", || waiting.hello(&cookie));
    ledger.note("cookie judged", "responder", || assert!(jar.is_good(minute_7, from, &hash, &cookie)));
}

/// From the answer to a Hello to the initiator's session.
fn note_handshake(ledger: &mut Ledger, backend: Backend) -> (Session, Accepted) {
    let mut parties = on(backend);
    let greeted = parties.greeted();
    let (half_open, challenge) =
        ledger.note("Hello judged, Challenge made", "responder", || parties.answer(&greeted.flight.hello).unwrap());
    let waiting = greeted.waiting;
    let (waiting, response) = ledger.note("Challenge judged, Response made", "initiator", || {
        let verified = parties.check(&waiting, &challenge).unwrap();
        waiting.accept(&parties.initiator, verified)
    });
    let accepted =
        ledger.note("Response judged, Verdict made", "responder", || parties.judge(half_open, &response).unwrap());
    let session = ledger.note("Verdict judged", "initiator", || {
        let Ok(VerifiedVerdict::Accepted(verdict)) = waiting.check(&exchange::verdict(&accepted.verdict).unwrap())
        else {
            panic!("a Verdict that accepts")
        };
        waiting.accept(verdict).0
    });
    (session, accepted)
}

/// The two confirmations.
fn note_confirmations(ledger: &mut Ledger, mut initiators: Session, accepted: Accepted) {
    let record = ledger.note("Record made", "initiator", || initiators.confirm().unwrap());
    let mut responders = ledger.note("Record judged", "responder", || {
        let opened = accepted.session.check(&exchange::record(&record).unwrap()).unwrap();
        accepted.session.confirm(opened).0
    });
    let record = ledger.note("Record made", "responder", || responders.confirm().unwrap());
    ledger.note("Record judged", "initiator", || {
        let opened = initiators.check(&exchange::record(&record).unwrap()).unwrap();
        initiators.take(opened)
    });
}

/// CS-IMPL-07
#[test]
fn every_message_costs_what_the_table_says() {
    let specification = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/costs.md");
    let specification = fs::read_to_string(specification).unwrap();
    for backend in backends() {
        let mut ledger = Ledger::default();
        note_retry(&mut ledger, backend);
        let (session, accepted) = note_handshake(&mut ledger, backend);
        note_confirmations(&mut ledger, session, accepted);
        let counted = ledger.written();
        let table: String = counted.iter().map(|row| format!("| {} |\n", row.join(" | "))).collect();
        assert_eq!(rows(&specification, "### CS-IMPL-07"), counted, "{backend:?} counts\n{table}");
    }
}

/// CS-REC-04: the next epoch's key is made for the first record that claims it, and not again for those that follow.
#[test]
fn a_forged_record_of_the_next_epoch_costs_one_call_of_the_aead() {
    for backend in backends() {
        let Established { mut initiators, responders, .. } = on(backend).established();
        let mut forged = initiators.seal(b"what was said").unwrap().to_vec();
        forged[10..18].copy_from_slice(&EPOCH_RECORDS.to_be_bytes());
        let refused = || {
            let before = Work::done();
            let refused = responders.check(&exchange::record(&forged).unwrap()).map(drop);
            assert_eq!(refused, Err(Reject::RecordDoesNotOpen));
            Work::since(before)
        };
        assert_eq!(refused().of(Operation::Hmac), 2, "{backend:?}");
        for _ in 0..3 {
            let work = refused();
            let counted = Operation::ALL.into_iter().map(|operation| (operation, work.of(operation)));
            let counted: Vec<_> = counted.filter(|(_, count)| *count > 0).collect();
            assert_eq!(counted, [(Operation::Open, 1), (Operation::TextByte, 14)], "{backend:?}");
        }
    }
}

/// CS-RESP-02: what opens the awaited Response was made with the Challenge.
#[test]
fn a_response_that_does_not_open_costs_one_call_of_the_aead_and_two_blocks() {
    for backend in backends() {
        let Responded { half_open, mut flight, .. } = on(backend).responded();
        *flight.response.last_mut().unwrap() ^= 1;
        let before = Work::done();
        let refused = half_open.open(&exchange::response(&flight.response).unwrap()).map(drop);
        let work = Work::since(before);
        assert_eq!(refused, Err(Reject::BoxDoesNotOpen));
        assert_eq!((work.of(Operation::Open), work.of(Operation::Hmac)), (1, 0), "{backend:?}");
        assert!(work.of(Operation::Block) <= 2, "{backend:?}");
    }
}

/// CS-IMPL-07: the columns are the operations that are counted.
#[test]
fn the_columns_of_the_table_are_what_is_counted() {
    let names: Vec<&str> = Operation::ALL.into_iter().map(Operation::name).collect();
    let head = format!("| Message | Side | {} |", names.join(" | "));
    let specification = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/costs.md");
    assert!(fs::read_to_string(specification).unwrap().lines().any(|line| line == head), "{head}");
}

//! Does anything that is printed for debugging show a secret?

#[path = "support/formula.rs"]
mod formula;

use countersign::primitives::Ephemeral;
use countersign::schedule::{HandshakeSecret, Label, Secret, export, next_epoch, record_key};
use countersign::transcript::Transcript;
use countersign::{Advance, Content, CookieJar, Role, SigningKey, VerifiedVerdict, Whole};
use countersign_tests::exchange::{
    Challenged, DEVICE_SEED, Exchange, Flight, Greeted, NOW, RESPONDER_SEED, Responded, Stuck, challenge, hello,
    record, response, verdict,
};
use data_encoding::{HEXLOWER, HEXUPPER};
use formula::{Draw, initiators_context, responders_context};
use std::fmt::Debug;
use zeroize::ZeroizeOnDrop;

/// Generators whose output is known, so that everything secret of the exchange is.
const GENERATED: [u8; 2] = [0xa7, 0xb9];

fn known_exchange() -> Exchange<Whole, Whole, Stuck> {
    Exchange::with_defences(Whole, Whole, Stuck(GENERATED[0]), Stuck(GENERATED[1]))
}

/// Four bytes in a row of the secret, as digits of base 16 or as a list of numbers.
fn shows(printed: &str, secret: &[u8]) -> bool {
    let printed: String = printed.split_whitespace().collect();
    let list = |bytes: &[u8], number: fn(&u8) -> String| bytes.iter().map(number).collect::<Vec<_>>().join(",");
    secret.windows(4).any(|bytes| {
        printed.contains(&HEXLOWER.encode(bytes))
            || printed.contains(&HEXUPPER.encode(bytes))
            || printed.contains(&list(bytes, u8::to_string))
            || printed.contains(&list(bytes, |byte| format!("{byte:02x}")))
            || printed.contains(&list(bytes, |byte| format!("0x{byte:02x}")))
    })
}

/// Everything secret of the exchange up to its session.
fn secrets(exchange: &Exchange<Whole, Whole, Stuck>, flight: &Flight) -> Vec<(&'static str, Vec<u8>)> {
    let clock = NOW.wall.as_millis();
    let responders_key = exchange.responder.identity().key;
    let draw = |role, long_term_seed, generated, context| {
        Draw { long_term_seed, generated: [generated; 32], role, counter: 0, clock, context }.expand()
    };
    let context = initiators_context(&responders_key, Some(clock), exchange.wanted.as_bytes());
    let initiators = draw(Role::Initiator, DEVICE_SEED, GENERATED[0], context);
    let responders = draw(Role::Responder, RESPONDER_SEED, GENERATED[1], responders_context(&flight.hello, clock));
    let [initiators, responders] =
        [initiators, responders].map(|out| <[u8; 32]>::try_from(&out[40..]).expect("the last 32 of 72 bytes"));

    let answer = challenge(&flight.challenge).unwrap();
    let shared = Ephemeral::from_secret(&initiators).agree(answer.ephemeral).unwrap();
    let mut transcript = Transcript::of_hello(Whole, &hello(&flight.hello).unwrap());
    transcript.absorb_challenge_header(&answer);
    let th2 = transcript.hash();
    let secret = HandshakeSecret::extract(&th2, &shared);
    let mut secrets = vec![
        ("the device's long-term key", DEVICE_SEED.to_vec()),
        ("the responder's long-term key", RESPONDER_SEED.to_vec()),
        ("the generator's output", vec![GENERATED[0]; 32]),
        ("the generator's output", vec![GENERATED[1]; 32]),
        ("the initiator's ephemeral", initiators.to_vec()),
        ("the responder's ephemeral", responders.to_vec()),
        ("the shared secret", shared.to_vec()),
        ("prk", secret.as_bytes().to_vec()),
    ];
    let boxes = [
        (Label::Challenge, &flight.challenge, 91),
        (Label::Response, &flight.response, 10),
        (Label::Verdict, &flight.verdict, 10),
    ];
    for (label, datagram, header) in boxes {
        if label != Label::Challenge {
            transcript.absorb(&datagram[..header]);
        }
        let keys = secret.box_keys(label, &transcript.hash());
        secrets.extend([("an AEAD key", keys.aead.to_vec()), ("a nonce key", keys.nonce.to_vec())]);
        transcript.absorb(&datagram[header..]);
    }
    let th7 = transcript.hash();
    for label in [Label::InitiatorToResponder, Label::ResponderToInitiator] {
        let epoch = secret.key(label, &th7);
        let next = next_epoch(&epoch);
        secrets.extend([("a record key", record_key(&epoch).to_vec()), ("the next epoch", next.to_vec())]);
        secrets.push(("an epoch secret", epoch.to_vec()));
    }
    secrets.push(("the exporter", secret.key(Label::Exporter, &th7).to_vec()));
    secrets
}

/// How the states of one exchange print, each in both forms.
#[derive(Default)]
struct Prints(Vec<(&'static str, String)>);

impl Prints {
    fn note(&mut self, what: &'static str, value: &impl Debug) {
        self.0.extend([(what, format!("{value:?}")), (what, format!("{value:#?}"))]);
    }
}

fn prints_of_initiator(prints: &mut Prints) -> Flight {
    let mut exchange = known_exchange();
    prints.note("Initiator", &exchange.initiator);
    let Greeted { waiting, mut flight } = exchange.greeted();
    prints.note("AwaitChallenge", &waiting);
    let (half_open, bytes) = exchange.answer(&flight.hello).unwrap();
    flight.challenge = bytes;
    let verified = exchange.check(&waiting, &flight.challenge).unwrap();
    prints.note("VerifiedChallenge", &verified);
    let (waiting, bytes) = waiting.accept(&exchange.initiator, verified);
    prints.note("Buffer", &bytes);
    prints.note("AwaitVerdict", &waiting);
    flight.response = bytes.to_vec();
    let accepted = exchange.judge(half_open, &flight.response).unwrap();
    flight.verdict = accepted.verdict.to_vec();
    let judged = waiting.check(&verdict(&flight.verdict).unwrap()).unwrap();
    prints.note("VerifiedVerdict", &judged);
    let VerifiedVerdict::Accepted(granted) = judged else { panic!("the Verdict accepts") };
    let (mut session, agreement) = waiting.accept(granted);
    prints.note("Session", &session);
    prints.note("Agreement", &agreement);
    flight.confirm = session.confirm().unwrap().to_vec();
    flight
}

fn prints_of_responder(prints: &mut Prints) {
    let mut exchange = known_exchange();
    prints.note("Responder", &exchange.responder);
    prints.note("CookieJar", &CookieJar::new(Whole, &mut Stuck(GENERATED[1])));
    let Challenged { waiting, half_open, flight } = exchange.challenged();
    prints.note("AwaitResponse", &half_open);
    let verified = exchange.check(&waiting, &flight.challenge).unwrap();
    let bytes = waiting.accept(&exchange.initiator, verified).1;
    let opened = half_open.open(&response(&bytes).unwrap()).unwrap();
    prints.note("OpenedResponse", &opened);
    let claim = half_open.claim(opened).unwrap();
    prints.note("Claim", &claim);
    let verified = claim.judge(&exchange.responder, Some(&exchange.profile), NOW).unwrap();
    prints.note("Verified", &verified);
    let receipt = verified.advance();
    prints.note("Receipt", &receipt);
    let accepted = verified.conclude(&Advance::Advanced(receipt)).unwrap();
    prints.note("Accepted", &accepted);
    prints.note("Unconfirmed", &accepted.session);
}

fn prints_of_refusal(prints: &mut Prints) {
    let mut exchange = known_exchange();
    let Responded { half_open, flight, .. } = exchange.responded();
    exchange.profile.devices.clear();
    prints.note("Denied", &exchange.judge(half_open, &flight.response).unwrap_err());
}

fn prints_of_parts(prints: &mut Prints, flight: &Flight) {
    prints.note("SigningKey", &SigningKey::from_seed(&DEVICE_SEED));
    // Every other secret of the exchange is under these names, so print those very values.
    let exchange = known_exchange();
    let by_name = |wanted: &str| {
        let all = secrets(&exchange, flight);
        let (_, secret) = all.into_iter().find(|(name, _)| *name == wanted).unwrap();
        <[u8; 32]>::try_from(secret).unwrap()
    };
    let ephemeral = Ephemeral::from_secret(&by_name("the initiator's ephemeral"));
    prints.note("Ephemeral", &ephemeral);
    let answer = challenge(&flight.challenge).unwrap();
    prints.note("the shared secret", &ephemeral.agree(answer.ephemeral));
    let mut transcript = Transcript::of_hello(Whole, &hello(&flight.hello).unwrap());
    transcript.absorb_challenge_header(&answer);
    prints.note("Transcript", &transcript);
    let th2 = transcript.hash();
    let secret = HandshakeSecret::extract(&th2, &by_name("the shared secret"));
    prints.note("HandshakeSecret", &secret);
    let keys = secret.box_keys(Label::Challenge, &th2);
    prints.note("BoxKeys", &keys);
    prints.note("Secret", &keys.aead);
    prints.note("Secret", &keys.nonce);
}

/// CS-IMPL-02
#[test]
fn no_print_for_debugging_shows_a_secret() {
    let mut prints = Prints::default();
    let flight = prints_of_initiator(&mut prints);
    prints_of_responder(&mut prints);
    prints_of_refusal(&mut prints);
    prints_of_parts(&mut prints, &flight);
    let secrets = secrets(&known_exchange(), &flight);
    assert!(prints.0.len() > 40 && secrets.len() > 20);
    for (what, printed) in &prints.0 {
        for (which, secret) in &secrets {
            assert!(!shows(printed, secret), "{what} shows {which}: {printed}");
        }
    }
}

/// CS-IMPL-02
#[test]
fn the_search_finds_a_secret_that_is_shown() {
    let secret: Vec<u8> = (200..232).collect();
    let part = &secret[10..20];
    for printed in [
        format!("{part:?}"),
        format!("{part:#?}"),
        format!("{part:02x?}"),
        format!("{part:#04x?}"),
        HEXLOWER.encode(part),
        HEXUPPER.encode(part),
    ] {
        assert!(shows(&format!("Session {{ key: {printed} }}"), &secret), "{printed}");
    }
    assert!(!shows("Session { id: [1, 2, 3, 4] }", &secret));
}

/// CS-IMPL-02
#[test]
fn the_secrets_looked_for_are_those_of_the_exchange() {
    let mut exchange = known_exchange();
    let established = exchange.established();
    let all = secrets(&known_exchange(), &established.flight);
    let (_, exporter) = all.iter().find(|(name, _)| *name == "the exporter").unwrap();
    let (mut one, mut two) = ([0; 32], [0; 32]);
    established.initiators.export(b"label", b"", &mut one).unwrap();
    let exporter = Secret::take(&mut exporter[..].try_into().unwrap());
    export(&exporter, b"label", b"", &mut two).unwrap();
    assert_eq!(one, two);
}

/// CS-IMPL-02
#[test]
fn data_of_the_application_is_not_printed_before_it_is_delivered() {
    let mut established = Exchange::honest(1).established();
    let data: Vec<u8> = (100..140).collect();
    let sealed = established.initiators.seal(&data).unwrap();
    let opened = established.responders.check(&record(&sealed).unwrap()).unwrap();
    assert!(!shows(&format!("{opened:?}"), &data));
    assert_eq!(established.responders.take(opened), Content::Data(data));
}

/// CS-IMPL-02: what holds a key erases it when it is dropped; the types that consist of these do so with them.
#[test]
fn keys_are_erased_on_drop() {
    const fn is_erased<T: ZeroizeOnDrop>() {}
    is_erased::<Secret>();
    is_erased::<SigningKey>();
    is_erased::<Ephemeral>();
    let mut bytes = [7; 32];
    let secret = Secret::take(&mut bytes);
    assert_eq!((bytes, *secret), ([0; 32], [7; 32]), "taken, and wiped where it was");
}

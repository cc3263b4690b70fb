//! Does a party built from the specification on another library agree with ours, and is it refused when it deviates?
//!
//! The other initiator's boxes, nonces and signatures are ring's; its transcript and keys come from the public
//! functions for recorded handshakes.

use countersign::primitives::{Ephemeral, sha256};
use countersign::schedule::{BoxKeys, HandshakeSecret, Label, record_key};
use countersign::signature::{SignedClaim, challenge_input, response_input};
use countersign::transcript::Transcript;
use countersign::wire::{ClaimPlaintext, DecodeError, Hello, Reason, Sid, Suites, VerdictPlaintext};
use countersign::{Accepted, AwaitResponse, Clearances, Content, Denial, PublicKey, Reject, Unconfirmed, Whole};
use countersign_tests::exchange::{
    DEVICE_SEED, Established, Exchange, NOW, challenge, clearances, hello, name, record, response,
};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

fn cipher(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key).unwrap())
}

fn synthetic_nonce(keys: &BoxKeys, text: &[u8]) -> [u8; 12] {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, keys.nonce.as_slice());
    ring::hmac::sign(&key, text).as_ref()[..12].try_into().unwrap()
}

fn seal_with(key: &[u8; 32], nonce: [u8; 12], ad: &[u8], text: &[u8]) -> Vec<u8> {
    let mut sealed = text.to_vec();
    cipher(key).seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(ad), &mut sealed).unwrap();
    sealed
}

/// The text of a box, whose nonce has to be that of its text.
fn open_box(keys: &BoxKeys, ad: &[u8; 32], sealed: &[u8]) -> Vec<u8> {
    let (nonce, ciphertext) = sealed.split_first_chunk().unwrap();
    let mut text = ciphertext.to_vec();
    let aad = Aad::from(&ad[..]);
    let bytes = cipher(&keys.aead).open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut text).unwrap().len();
    text.truncate(bytes);
    assert_eq!(synthetic_nonce(keys, &text), *nonce, "the nonce is that of the text");
    text
}

/// The other initiator, after it has opened the Challenge.
struct Other {
    secret: HandshakeSecret,
    transcript: Transcript<Whole>,
    at_response: [u8; 32],
    sid_r: Sid,
    device: Ed25519KeyPair,
}

impl Other {
    /// Greets the responder of the exchange and checks its Challenge, all with ring.
    fn greet(exchange: &mut Exchange<Whole>) -> (Self, AwaitResponse) {
        let ephemeral = Ephemeral::from_secret(&[0x77; 32]);
        let greeting = Hello {
            sid_i: Sid(*b"other i."),
            nonce: &[0x11; 32],
            suites: Suites::ONE,
            ephemeral: ephemeral.public(),
            cookie: &[0; 33],
        };
        let bytes = greeting.encode();
        let mut transcript = Transcript::of_hello(Whole, &hello(&bytes).unwrap());
        let (half_open, bytes) = exchange.answer(&bytes).expect("the Hello is good");
        let answer = challenge(&bytes).unwrap();
        transcript.absorb_challenge_header(&answer);
        let at_box = transcript.hash();
        let secret = HandshakeSecret::extract(&at_box, &ephemeral.agree(answer.ephemeral).unwrap());
        let proof = open_box(&secret.box_keys(Label::Challenge, &at_box), &at_box, answer.sealed);
        let (key, signature) = proof.split_at(32);
        assert_eq!(key, exchange.responder.identity().key);
        let input = challenge_input(Whole, &at_box, exchange.responder.identity());
        UnparsedPublicKey::new(&ED25519, key).verify(&input, signature).expect("ring verifies the responder");
        assert!(PublicKey::decode(key.try_into().unwrap()).unwrap().verifies(&input, signature.try_into().unwrap()));

        transcript.absorb(answer.sealed);
        transcript.absorb(&[1, 4]);
        transcript.absorb(&answer.sid_r.0);
        let at_response = transcript.hash();
        let device = Ed25519KeyPair::from_seed_unchecked(&DEVICE_SEED).unwrap();
        (Self { secret, transcript, at_response, sid_r: answer.sid_r, device }, half_open)
    }

    /// The genuine claim, signed by ring.
    fn claim(&self, exchange: &Exchange<Whole>) -> ClaimPlaintext {
        let device: [u8; 32] = self.device.public_key().as_ref().try_into().unwrap();
        let (user, wanted) = (name("ada"), clearances(&["read", "write"]));
        let signed = SignedClaim { user: &user, device: &device, timestamp: NOW.wall, wanted: &wanted };
        let input = response_input(Whole, &self.at_response, exchange.responder.identity(), &signed);
        let signature = self.device.sign(&input).as_ref().try_into().unwrap();
        ClaimPlaintext { user, device, timestamp: NOW.wall, wanted, signature }
    }

    fn keys(&self) -> BoxKeys {
        self.secret.box_keys(Label::Response, &self.at_response)
    }

    /// A Response with this text under this nonce.
    fn respond_with(&mut self, nonce: [u8; 12], text: &[u8]) -> Vec<u8> {
        let sealed = [&nonce[..], &seal_with(&self.keys().aead, nonce, &self.at_response, text)].concat();
        self.transcript.absorb(&sealed);
        [&[1, 4], &self.sid_r.0[..], &sealed].concat()
    }

    /// A Response with this text under the nonce that belongs to it.
    fn respond(&mut self, text: &[u8]) -> Vec<u8> {
        self.respond_with(synthetic_nonce(&self.keys(), text), text)
    }

    /// What the Verdict says.
    fn read(&mut self, verdict: &[u8]) -> VerdictPlaintext {
        let (header, sealed) = verdict.split_at(10);
        self.transcript.absorb(header);
        let at_box = self.transcript.hash();
        let text = open_box(&self.secret.box_keys(Label::Verdict, &at_box), &at_box, sealed);
        self.transcript.absorb(sealed);
        VerdictPlaintext::decode(&text).unwrap()
    }

    /// The record with this counter and text, for the responder.
    fn record(&self, counter: u64, text: &[u8]) -> Vec<u8> {
        let header = [&[1, 7], &self.sid_r.0[..], &counter.to_be_bytes()].concat();
        let secret = self.secret.key(Label::InitiatorToResponder, &self.transcript.hash());
        let nonce = [&[0; 4][..], &counter.to_be_bytes()].concat().try_into().unwrap();
        [&header[..], &seal_with(&record_key(&secret), nonce, &header, text)].concat()
    }
}

/// The other initiator after an honest handshake, and the responder's side of it.
fn accepted(seed: u64) -> (Other, Unconfirmed) {
    let mut exchange = Exchange::honest(seed);
    let (mut other, half_open) = Other::greet(&mut exchange);
    let text = other.claim(&exchange).encode();
    let bytes = other.respond(&text);
    let Accepted { verdict, session, .. } = exchange.judge(half_open, &bytes).expect("the claim holds");
    let granted = clearances(&["read", "write"]);
    assert_eq!(other.read(&verdict), VerdictPlaintext::Accepted { granted, lifetime_s: 600 });
    (other, session)
}

/// CS-KEY-02, CS-KEY-03, CS-BOX-01
#[test]
fn an_initiator_on_another_library_is_accepted() {
    let (other, session) = accepted(1);
    let bytes = other.record(0, &[3]);
    let opened = session.check(&record(&bytes).unwrap()).expect("its confirmation opens");
    let (mut session, content) = session.confirm(opened);
    assert_eq!(content, Content::Confirm);

    let sealed = session.seal(b"welcome").unwrap();
    let secret = other.secret.key(Label::ResponderToInitiator, &other.transcript.hash());
    let (header, ciphertext) = sealed.split_at(18);
    let mut text = ciphertext.to_vec();
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    let opened = cipher(&record_key(&secret)).open_in_place(nonce, Aad::from(header), &mut text).unwrap();
    assert_eq!(opened, b"\x01welcome");
}

/// CS-EXP-01
#[test]
fn both_sides_and_a_second_schedule_export_the_same() {
    let (other, session) = accepted(2);
    let exporter = other.secret.key(Label::Exporter, &other.transcript.hash());
    let (mut one, mut two) = ([0; 100], [0; 100]);
    session.export(b"a label", b"a context", &mut one).unwrap();
    let info = [b"countersign v1 export\x07a label", &sha256(b"a context")[..]].concat();
    hkdf::Hkdf::<sha2::Sha256>::from_prk(exporter.as_slice()).unwrap().expand(&info, &mut two).unwrap();
    assert_eq!(one, two);

    let Established { initiators, responders, .. } = Exchange::honest(2).established();
    initiators.export(b"a label", b"a context", &mut one).unwrap();
    responders.export(b"a label", b"a context", &mut two).unwrap();
    assert_eq!(one, two);
}

/// CS-BOX-02, CS-RESP-02
#[test]
fn a_box_under_another_nonce_than_that_of_its_text_is_refused() {
    let mut exchange = Exchange::honest(3);
    let (mut other, half_open) = Other::greet(&mut exchange);
    let text = other.claim(&exchange).encode();
    for bit in 0..96 {
        let mut nonce = synthetic_nonce(&other.keys(), &text);
        nonce[bit / 8] ^= 1 << (bit % 8);
        let bytes = other.respond_with(nonce, &text);
        assert_eq!(half_open.open(&response(&bytes).unwrap()).err(), Some(Reject::BoxDoesNotOpen), "bit {bit}");
    }
    let bytes = other.respond(&text);
    assert!(exchange.judge(half_open, &bytes).is_ok());
}

/// CS-BOX-03, CS-TRN-01
#[test]
fn a_box_over_other_associated_data_is_refused() {
    let mut exchange = Exchange::honest(4);
    let (mut other, half_open) = Other::greet(&mut exchange);
    let text = other.claim(&exchange).encode();
    let nonce = synthetic_nonce(&other.keys(), &text);
    for ad in [&[][..], &[0; 32], &other.at_response[..31]] {
        let sealed = [&nonce[..], &seal_with(&other.keys().aead, nonce, ad, &text)].concat();
        let bytes = [&[1, 4], &other.sid_r.0[..], &sealed].concat();
        assert_eq!(half_open.open(&response(&bytes).unwrap()).err(), Some(Reject::BoxDoesNotOpen));
    }
    let bytes = other.respond(&text);
    assert!(exchange.judge(half_open, &bytes).is_ok());
}

/// What the responder makes of a claim: its own reason, and what it tells.
fn denied(seed: u64, change: impl Fn(&mut ClaimPlaintext), spoil: impl Fn(&mut Vec<u8>)) -> (Denial, Reason) {
    let mut exchange = Exchange::honest(seed);
    let (mut other, half_open) = Other::greet(&mut exchange);
    let mut claim = other.claim(&exchange);
    change(&mut claim);
    let mut text = claim.encode().to_vec();
    spoil(&mut text);
    let bytes = other.respond(&text);
    let refusal = exchange.judge(half_open, &bytes).expect_err("the claim is at fault");
    let denial = refusal.denial();
    let verdict = refusal.into_verdict();
    assert_eq!(verdict.len(), 102);
    let VerdictPlaintext::Refused(told) = other.read(&verdict) else { panic!("a refusal") };
    (denial, told)
}

/// CS-RESP-03, CS-WIRE-08, CS-REF-01
#[test]
fn what_opens_and_is_no_claim_is_refused() {
    let malformed = |error| (Denial::MalformedClaim(error), Reason::None);
    let spoiled = |spoil: fn(&mut Vec<u8>)| denied(5, |_| (), spoil);
    assert_eq!(spoiled(|text| text.extend([0; 64])), malformed(DecodeError::Length), "a step of padding too many");
    assert_eq!(spoiled(|text| *text.last_mut().unwrap() = 1), malformed(DecodeError::Padding));
    assert_eq!(spoiled(|text| text[0] = 0), malformed(DecodeError::Name));
    assert_eq!(spoiled(|text| text[0] = 65), malformed(DecodeError::Name));
    assert_eq!(spoiled(|text| text[41 + 3 + 2] = 33), malformed(DecodeError::Clearances));
    assert_eq!(spoiled(|text| text.fill(0xff)), malformed(DecodeError::Length));
    assert_eq!(spoiled(|text| text.fill(0)), malformed(DecodeError::Name));
}

/// CS-SIG-02, CS-RESP-05, CS-REF-02
#[test]
fn a_claim_with_a_weak_key_or_another_signature_is_refused() {
    let weak = |key: [u8; 32]| denied(6, |claim| claim.device = key, |_| ());
    let mut negative_zero = [0; 32];
    (negative_zero[0], negative_zero[31]) = (1, 0x80);
    for key in [[0; 32], [0xff; 32], negative_zero] {
        assert_eq!(weak(key), (Denial::WeakDeviceKey, Reason::None));
    }
    let bad = (Denial::BadSignature, Reason::None);
    assert_eq!(denied(6, |claim| claim.signature[0] ^= 1, |_| ()), bad);
    assert_eq!(denied(6, |claim| claim.timestamp = claim.timestamp.next(), |_| ()), bad);
    assert_eq!(denied(6, |claim| claim.wanted = clearances(&["read"]), |_| ()), bad);
    assert_eq!(denied(6, |claim| claim.wanted = Clearances::none(), |_| ()), bad);
}

/// CS-REC-01, CS-IMPL-04
#[test]
fn a_record_of_an_unknown_kind_or_a_close_with_data_is_refused() {
    let (other, session) = accepted(7);
    let unknown = (0..=255).filter(|kind| ![1, 2, 3].contains(kind)).map(|kind| vec![kind]);
    for text in unknown.chain([vec![2, 0], vec![3, 0]]) {
        let bytes = other.record(0, &text);
        let refused = session.check(&record(&bytes).unwrap()).err();
        assert_eq!(refused, Some(Reject::RecordDoesNotOpen), "{text:?}");
    }
    for text in [[1], [2], [3]] {
        let bytes = other.record(0, &text);
        assert!(session.check(&record(&bytes).unwrap()).is_ok(), "{text:?}");
    }
}

//! Is there one answer about a key, a signature and an ephemeral, and is it the strict one?

use countersign::primitives::{Ephemeral, is_small_order, same_ephemeral};
use countersign::{Ablated, Defence, Defences, Expectation, PublicKey, Reject, WeakKey, Whole};
use countersign_tests::backends::backends;
use countersign_tests::exchange::{Challenged, Exchange, Greeted, Refused, generator, name};
use data_encoding::HEXLOWER;
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{TestRng, TestRunner};
use rand::rngs::ChaCha20Rng;
use std::cell::Cell;

const SPECIFICATION: &str = include_str!("../spec/keys.md");

/// The offsets of the ephemerals in a Hello and in a Challenge.
const E_I: core::ops::Range<usize> = 50..82;
const E_R: core::ops::Range<usize> = 59..91;

/// The order of the group, little-endian.
const L: [u8; 32] =
    *b"\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10";

/// The twelve vectors of Chalkias, Garillot and Nikolaenko, "Taming the many EdDSAs" (2020), in their order, as
/// published beside the paper: what is odd about each, message, key, signature.
const TAMING: [(&str, &str, &str, &str); 12] = [
    (
        "S = 0, A and R of small order",
        "8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a0000000000000000000000000000000000000000000000000000000000000000",
    ),
    (
        "A of small order, R mixed",
        "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
    ),
    (
        "A mixed, R of small order",
        "aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e",
    ),
    (
        "A and R mixed, and good without the cofactor",
        "9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        "9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009",
    ),
    (
        "A and R mixed, good with the cofactor only",
        "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        "160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed5125ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09",
    ),
    (
        "A mixed, good with the cofactor only and k not reduced early",
        "e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c",
        "cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d",
        "21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405",
    ),
    (
        "S above the group order",
        "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
        "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
        "e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514",
    ),
    (
        "S far above the group order",
        "85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40",
        "442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623",
        "8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa19427e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22",
    ),
    (
        "R of small order and not canonical, hashed reduced",
        "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f",
    ),
    (
        "R of small order and not canonical, hashed as it is",
        "9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908",
    ),
    (
        "A of small order and not canonical, hashed reduced",
        "e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dca5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
    ),
    (
        "A of small order and not canonical, hashed as it is",
        "39a591f5321bbe07fd5a23dc2f39d025d74526615746727ceefd6e82ae65c06f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dca5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04",
    ),
];

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    HEXLOWER.decode(hex.as_bytes()).expect("hexadecimal digits").try_into().expect("of this many bytes")
}

/// The encodings in the table of the specification under this heading row.
fn encodings(heading: &str) -> Vec<[u8; 32]> {
    let (_, rows) = SPECIFICATION.split_once(heading).expect("the specification has this table");
    let rows = rows.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| bytes(row.split('`').nth(1).expect("an encoding"))).collect()
}

fn small_order_keys() -> Vec<[u8; 32]> {
    encodings("| Order | Encoding (32 bytes) |")
}

/// Every encoding of the seven values, with the top bit clear and set.
fn small_order_ephemerals() -> Vec<[u8; 32]> {
    let masked = encodings("| u-coordinate | Encoding (32 bytes, top bit cleared) |");
    masked.iter().flat_map(|encoding| [*encoding, with_top_bit(encoding)]).collect()
}

fn with_top_bit(encoding: &[u8; 32]) -> [u8; 32] {
    let mut set = *encoding;
    set[31] ^= 0x80;
    set
}

/// Every encoding whose y is not below p, with either sign.
fn keys_from_p_upwards() -> Vec<[u8; 32]> {
    let y = |low: u8| {
        let mut encoding = [0xff; 32];
        (encoding[0], encoding[31]) = (low, 0x7f);
        encoding
    };
    (0xed..=0xff).flat_map(|low| [y(low), with_top_bit(&y(low))]).collect()
}

/// x = 0 with the sign bit set.
fn keys_of_negative_zero() -> [[u8; 32]; 2] {
    let (mut one, mut minus_one) = ([0; 32], [0xff; 32]);
    (one[0], one[31], minus_one[0]) = (1, 0x80, 0xec);
    [one, minus_one]
}

/// The answer of every backend, which is one.
fn ours(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let on = |backend| PublicKey::decode_on(backend, key).is_ok_and(|key| key.verifies(message, signature));
    let answers: Vec<bool> = backends().into_iter().map(on).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?} to {}", HEXLOWER.encode(signature));
    answers[0]
}

fn strict(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let signature = Signature::from_bytes(signature);
    VerifyingKey::from_bytes(key).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

fn lax(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let signature = Signature::from_bytes(signature);
    VerifyingKey::from_bytes(key).is_ok_and(|key| key.verify(message, &signature).is_ok())
}

/// CS-SIG-01, CS-SIG-02
#[test]
fn the_published_edge_cases_are_judged_strictly() {
    let mut only_lax = 0;
    for (number, (oddity, message, key, signature)) in TAMING.into_iter().enumerate() {
        let (message, key, signature) = (bytes::<32>(message), bytes(key), bytes(signature));
        assert_eq!(ours(&key, &message, &signature), number == 3, "{number}: {oddity}");
        assert_eq!(strict(&key, &message, &signature), number == 3, "{number}: {oddity}");
        only_lax += usize::from(lax(&key, &message, &signature) && number != 3);
    }
    assert!(only_lax > 0, "the plain check accepts some that the strict one refuses");
}

/// CS-SIG-02
#[test]
fn every_key_of_small_order_is_refused_in_every_spelling() {
    let spelled_twice = keys_from_p_upwards().into_iter().take(4);
    let spellings: Vec<_> =
        small_order_keys().into_iter().chain(spelled_twice).chain(keys_of_negative_zero()).collect();
    assert_eq!(spellings.len(), 14);
    for encoding in spellings {
        let key = VerifyingKey::from_bytes(&encoding).expect("the library decodes it");
        assert!(key.is_weak(), "{}", HEXLOWER.encode(&encoding));
        for backend in backends() {
            assert_eq!(PublicKey::decode_on(backend, &encoding), Err(WeakKey), "{}", HEXLOWER.encode(&encoding));
        }
        assert!(Expectation::new(name("vault"), &encoding).is_err());
    }
}

/// CS-SIG-02
#[test]
fn every_key_that_is_not_canonical_is_refused() {
    let encodings = [&keys_from_p_upwards()[..], &keys_of_negative_zero()].concat();
    assert_eq!(encodings.len(), 40);
    for encoding in encodings {
        for backend in backends() {
            assert_eq!(PublicKey::decode_on(backend, &encoding), Err(WeakKey), "{}", HEXLOWER.encode(&encoding));
        }
    }
}

/// CS-SIG-01
#[test]
fn a_signature_with_an_r_of_small_order_is_refused_in_every_spelling() {
    let key = SigningKey::from_bytes(&[3; 32]);
    let signature = key.sign(b"message").to_bytes();
    assert!(ours(key.verifying_key().as_bytes(), b"message", &signature));
    let spellings = [&small_order_keys()[..], &keys_from_p_upwards()[..4], &keys_of_negative_zero()].concat();
    for r in spellings {
        let mut forged = signature;
        forged[..32].copy_from_slice(&r);
        assert!(!ours(key.verifying_key().as_bytes(), b"message", &forged));
        assert!(!strict(key.verifying_key().as_bytes(), b"message", &forged));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    /// CS-SIG-02
    #[test]
    fn a_key_decodes_if_the_library_decodes_it_and_it_is_neither_weak_nor_spelled_oddly(encoding in any_encoding()) {
        let expected = VerifyingKey::from_bytes(&encoding)
            .is_ok_and(|key| !key.is_weak() && key.to_edwards().compress().to_bytes() == encoding);
        for backend in backends() {
            let decoded = PublicKey::decode_on(backend, &encoding);
            prop_assert_eq!(decoded.is_ok(), expected);
            prop_assert!(decoded.is_ok_and(|key| *key.as_bytes() == encoding) == expected);
        }
    }
}

/// Any 32 bytes, and the smallest and largest y of either sign.
fn any_encoding() -> impl Strategy<Value = [u8; 32]> {
    let extreme = (any::<u8>(), any::<bool>(), any::<bool>()).prop_map(|(low, small, negative)| {
        let mut encoding = if small { [0; 32] } else { [0xff; 32] };
        (encoding[0], encoding[31]) = (low, if small { 0 } else { 0x7f });
        if negative { with_top_bit(&encoding) } else { encoding }
    });
    prop_oneof![any::<[u8; 32]>(), extreme]
}

/// What is done to a good signature.
#[derive(Clone, Debug)]
enum Twist {
    Nothing,
    BitOfKey(Index),
    BitOfSignature(Index),
    BitOfMessage(Index),
    AddGroupOrder,
    ReplaceR([u8; 32]),
    ReplaceKey([u8; 32]),
    /// Under a key of small order, S = 0 fits an R of small order now and then.
    ForgeZero([u8; 32], [u8; 32]),
    /// Under a key of small order, any S fits R = `[S]B` now and then, and always if the key is neutral.
    Forge([u8; 32]),
}

fn twist() -> impl Strategy<Value = Twist> {
    let odd = || select([&small_order_keys()[..], &keys_from_p_upwards()[..4], &keys_of_negative_zero()].concat());
    prop_oneof![
        Just(Twist::Nothing),
        any::<Index>().prop_map(Twist::BitOfKey),
        any::<Index>().prop_map(Twist::BitOfSignature),
        any::<Index>().prop_map(Twist::BitOfMessage),
        Just(Twist::AddGroupOrder),
        odd().prop_map(Twist::ReplaceR),
        odd().prop_map(Twist::ReplaceKey),
        (odd(), odd()).prop_map(|(r, key)| Twist::ForgeZero(r, key)),
        odd().prop_map(Twist::Forge),
    ]
}

fn flip(bytes: &mut [u8], bit: Index) {
    let bit = bit.index(bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
}

fn add_group_order(s: &mut [u8]) {
    let mut carry = 0;
    for (byte, of_order) in s.iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(of_order) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
}

/// A good signature and what the twist makes of it: key, message, signature.
fn twisted(seed: &[u8; 32], mut message: [u8; 16], twist: Twist) -> ([u8; 32], [u8; 16], [u8; 64]) {
    let signer = SigningKey::from_bytes(seed);
    let mut signature = signer.sign(&message).to_bytes();
    let mut key = signer.verifying_key().to_bytes();
    match twist {
        Twist::Nothing => {}
        Twist::BitOfKey(bit) => flip(&mut key, bit),
        Twist::BitOfSignature(bit) => flip(&mut signature, bit),
        Twist::BitOfMessage(bit) => flip(&mut message, bit),
        Twist::AddGroupOrder => add_group_order(&mut signature[32..]),
        Twist::ReplaceR(r) => signature[..32].copy_from_slice(&r),
        Twist::ReplaceKey(weak) => key = weak,
        Twist::ForgeZero(r, weak) => {
            key = weak;
            signature = [r, [0; 32]].concat().try_into().unwrap();
        }
        Twist::Forge(weak) => {
            signature = [key, signer.to_scalar().to_bytes()].concat().try_into().unwrap();
            key = weak;
        }
    }
    (key, message, signature)
}

/// CS-SIG-01, CS-SIG-02
#[test]
fn our_check_gives_the_answers_of_verify_strict() {
    let (accepted, refused, only_lax) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let count = |counter: &Cell<u32>, by: bool| counter.set(counter.get() + u32::from(by));
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(Default::default()))
        .run(&(any::<[u8; 32]>(), any::<[u8; 16]>(), twist()), |(seed, message, twist)| {
            let (key, message, signature) = twisted(&seed, message, twist);
            let answer = ours(&key, &message, &signature);
            prop_assert_eq!(answer, strict(&key, &message, &signature));
            count(&accepted, answer);
            count(&refused, !answer);
            count(&only_lax, !answer && lax(&key, &message, &signature));
            Ok(())
        })
        .unwrap();
    let counts = [accepted.get(), refused.get(), only_lax.get()];
    assert!(counts[0] > 100 && counts[1] > 1_000 && counts[2] > 30, "accepted, refused, laxly accepted: {counts:?}");
}

/// Offers a Hello whose `e_i` was replaced. The answer, and whether the generator was read.
fn answer_to_ephemeral<D: Defences>(defences: D, ephemeral: &[u8; 32]) -> (Option<Refused>, bool) {
    let mut exchange =
        Exchange::<D, D, ChaCha20Rng>::with_defences(defences, defences, generator(1, 1), generator(1, 2));
    let Greeted { waiting, mut flight } = exchange.greeted();
    let genuine = flight.hello.clone();
    flight.hello[E_I].copy_from_slice(ephemeral);
    let before = exchange.responders_generator.get_word_pos();
    let refused = exchange.answer(&flight.hello).err();
    let was_read = exchange.responders_generator.get_word_pos() != before;
    let (_, challenge) = exchange.answer(&genuine).expect("the genuine Hello is answered after it");
    assert!(exchange.check(&waiting, &challenge).is_ok());
    (refused, was_read)
}

/// CS-KEY-04
#[test]
fn an_initiators_ephemeral_of_small_order_is_refused_before_a_draw() {
    let ephemerals = small_order_ephemerals();
    assert_eq!(ephemerals.len(), 14);
    for ephemeral in ephemerals {
        assert!(is_small_order(&ephemeral));
        let (refused, was_read) = answer_to_ephemeral(Whole, &ephemeral);
        assert_eq!(refused, Some(Refused::Rejected(Reject::SmallOrderEphemeral)), "{}", HEXLOWER.encode(&ephemeral));
        assert!(!was_read);
    }
}

/// CS-KEY-01, CS-KEY-04
#[test]
fn without_the_list_the_zero_secret_is_refused_and_without_both_nothing_is() {
    let without_list = Ablated::without(&[Defence::SmallOrderEphemeral]);
    let without_both = Ablated::without(&[Defence::SmallOrderEphemeral, Defence::ContributoryExchange]);
    for ephemeral in small_order_ephemerals() {
        let (refused, was_read) = answer_to_ephemeral(without_list, &ephemeral);
        assert_eq!(refused, Some(Refused::Rejected(Reject::ZeroSharedSecret)), "{}", HEXLOWER.encode(&ephemeral));
        assert!(was_read);
        assert_eq!(answer_to_ephemeral(without_both, &ephemeral).0, None);
    }
}

/// Puts another `e_r` into a genuine Challenge.
fn judgement_of_ephemeral<D: Defences>(defences: D, ephemeral: impl Fn(&[u8]) -> [u8; 32]) -> Option<Refused> {
    let mut exchange =
        Exchange::<D, D, ChaCha20Rng>::with_defences(defences, defences, generator(2, 1), generator(2, 2));
    let Challenged { waiting, flight, .. } = exchange.challenged();
    let mut forged = flight.challenge.clone();
    forged[E_R].copy_from_slice(&ephemeral(&flight.hello[E_I]));
    let refused = exchange.check(&waiting, &forged).err();
    assert!(exchange.check(&waiting, &flight.challenge).is_ok(), "the genuine Challenge is accepted after it");
    refused
}

/// CS-KEY-01
#[test]
fn a_responders_ephemeral_of_small_order_is_refused() {
    let without = Ablated::without(&[Defence::ContributoryExchange]);
    for ephemeral in small_order_ephemerals() {
        let refused = judgement_of_ephemeral(Whole, |_| ephemeral);
        assert_eq!(refused, Some(Refused::Rejected(Reject::ZeroSharedSecret)), "{}", HEXLOWER.encode(&ephemeral));
        let refused = judgement_of_ephemeral(without, |_| ephemeral);
        assert_eq!(refused, Some(Refused::Rejected(Reject::BoxDoesNotOpen)), "a box of another secret stays closed");
    }
}

/// CS-KEY-05
#[test]
fn a_reflected_ephemeral_is_refused_whatever_its_top_bit() {
    let without = Ablated::without(&[Defence::ReflectedEphemeral]);
    let own = |e_i: &[u8]| <[u8; 32]>::try_from(e_i).unwrap();
    for reflect in [&own as &dyn Fn(&[u8]) -> [u8; 32], &|e_i| with_top_bit(&own(e_i))] {
        let refused = judgement_of_ephemeral(Whole, reflect);
        assert_eq!(refused, Some(Refused::Rejected(Reject::ReflectedEphemeral)));
        assert_eq!(judgement_of_ephemeral(without, reflect), Some(Refused::Rejected(Reject::BoxDoesNotOpen)));
    }
    assert!(same_ephemeral(&[5; 32], &with_top_bit(&[5; 32])) && !same_ephemeral(&[5; 32], &[6; 32]));
}

/// CS-KEY-01, CS-KEY-04
#[test]
fn the_list_names_exactly_the_ephemerals_that_give_a_zero_secret() {
    let ephemerals = backends().into_iter().map(|backend| Ephemeral::from_secret_on(backend, &[9; 32]));
    let ephemerals: Vec<_> = ephemerals.collect();
    let is_zero = |peer: &[u8; 32], expected| ephemerals.iter().all(|own| own.agree(peer).is_none() == expected);
    assert!(small_order_ephemerals().iter().all(|peer| is_zero(peer, true)));
    // The neighbours: 2, 3, …, and p - 19, …, 2^255 - 1.
    let near = |first: u8, fill: u8, last: u8| {
        let mut value = [fill; 32];
        (value[0], value[31]) = (first, last);
        value
    };
    let neighbours = (0..=255).flat_map(|low| [near(low, 0, 0), near(low, 0xff, 0x7f)]);
    for value in neighbours.flat_map(|value| [value, with_top_bit(&value)]) {
        assert!(is_zero(&value, is_small_order(&value)), "{}", HEXLOWER.encode(&value));
    }
}

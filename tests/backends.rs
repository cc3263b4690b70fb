//! Do both backends give the same bytes and the same verdicts, whatever they are given?
//!
//! `strictness.rs` and `wycheproof.rs` ask the same of published and forged edge cases.

use countersign::primitives::Ephemeral;
use countersign::{Ablated, Backend, Defence, Memo, Operation, PublicKey, SigningKey, Whole, Work};
use countersign_sim::{RunOf, Scenario, Shard, run_worlds};
use countersign_tests::backends::backends;
use countersign_tests::exchange::{Exchange, Flight, generator};
use countersign_vectors::{VectorFile, handshakes, replay_on};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use rand::rngs::ChaCha20Rng;
use std::fs;
use std::path::{Path, PathBuf};

/// What every backend makes of it, which must be one thing.
fn same<T: PartialEq + core::fmt::Debug>(compute: impl Fn(Backend) -> T) -> T {
    let mut all = backends().into_iter().map(compute);
    let first = all.next().expect("there is the portable backend");
    all.for_each(|other| assert_eq!(other, first));
    first
}

fn flip(bytes: &mut [u8], bit: Index) {
    let bit = bit.index(bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
}

/// Any 32 bytes; the u-coordinates around 0, p and 2^255, with the top bit set or not: not canonical, of small order.
fn share() -> impl Strategy<Value = [u8; 32]> {
    let order_8 = select(vec![
        *b"\xe0\xeb\x7a\x7c\x3b\x41\xb8\xae\x16\x56\xe3\xfa\xf1\x9f\xc4\x6a\xda\x09\x8d\xeb\x9c\x32\xb1\xfd\x86\x62\x05\x16\x5f\x49\xb8\x00",
        *b"\x5f\x9c\x95\xbc\xa3\x50\x8c\x24\xb1\xd0\xb1\x55\x9c\x83\xef\x5b\x04\x44\x5c\xc4\x58\x1c\x8e\x86\xd8\x22\x4e\xdd\xd0\x9f\x11\x57",
    ]);
    let extreme = (any::<u8>(), any::<bool>()).prop_map(|(low, is_high)| {
        let mut u = if is_high { [0xff; 32] } else { [0; 32] };
        (u[0], u[31]) = (low, if is_high { 0x7f } else { 0 });
        u
    });
    (prop_oneof![any::<[u8; 32]>(), extreme, order_8], any::<bool>()).prop_map(|(mut u, top)| {
        u[31] |= u8::from(top) << 7;
        u
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    /// CS-IMPL-03, CS-IMPL-05: a key, and what it signs; and each checks what the other signed.
    #[test]
    fn keys_and_signatures_are_the_same(seed: [u8; 32], message in vec(any::<u8>(), 0..700)) {
        let public = same(|backend| SigningKey::from_seed_on(backend, &seed).public());
        // A signature is made of a salt, whose hash shows, and else only inside a handshake: so it is the library's.
        let signature = ed25519_dalek::Signer::sign(&ed25519_dalek::SigningKey::from_bytes(&seed), &message).to_bytes();
        prop_assert!(same(|backend| PublicKey::decode_on(backend, &public).unwrap().verifies(&message, &signature)));
        same(|backend| *countersign::hedge::salt(&SigningKey::from_seed_on(backend, &seed)));
    }

    /// CS-IMPL-05: a signature, a key or a message with a bit changed is refused by both.
    #[test]
    fn what_was_changed_is_judged_the_same(seed: [u8; 32], mut message in vec(any::<u8>(), 1..200), bits: [Index; 3], what in 0..4) {
        let signer = ed25519_dalek::SigningKey::from_bytes(&seed);
        let mut signature = ed25519_dalek::Signer::sign(&signer, &message).to_bytes();
        let mut key = signer.verifying_key().to_bytes();
        match what {
            0 => {}
            1 => flip(&mut signature, bits[0]),
            2 => flip(&mut key, bits[1]),
            _ => flip(&mut message, bits[2]),
        }
        let verdict = same(|backend| {
            PublicKey::decode_on(backend, &key).map(|key| (*key.as_bytes(), key.verifies(&message, &signature)))
        });
        prop_assert_eq!(verdict.is_ok_and(|(_, verifies)| verifies), what == 0);
    }

    /// CS-KEY-01, CS-IMPL-05: an ephemeral and what it agrees on, also with shares that are odd.
    #[test]
    fn exchanges_are_the_same(secret: [u8; 32], peer in share()) {
        same(|backend| *Ephemeral::from_secret_on(backend, &secret).public());
        let zero = same(|backend| Ephemeral::from_secret_on(backend, &secret).agree(&peer).map(|shared| *shared)).is_none();
        prop_assert_eq!(zero, countersign::primitives::is_small_order(&peer));
    }

    /// CS-IMPL-05: what one seals the other opens, and neither opens what was changed.
    #[test]
    fn seals_are_the_same(
        key: [u8; 32],
        nonce: [u8; 12],
        ad in vec(any::<u8>(), 0..80),
        text in vec(any::<u8>(), 0..1_300),
        bit: Index,
        what: u8,
    ) {
        let (sealed, tag) = same(|backend| {
            let mut sealed = text.clone();
            let tag = backend.seal(&key, &nonce, &ad, &mut sealed);
            (sealed, tag)
        });
        let (mut sealed, mut tag, mut ad) = (sealed, tag, ad);
        let changed = match what % 4 {
            1 if !sealed.is_empty() => { flip(&mut sealed, bit); true }
            2 => { flip(&mut tag, bit); true }
            3 if !ad.is_empty() => { flip(&mut ad, bit); true }
            _ => false,
        };
        let opened = same(|backend| {
            let mut opened = sealed.clone();
            backend.open(&key, &nonce, &ad, &mut opened, &tag).then_some(opened)
        });
        prop_assert_eq!(opened, (!changed).then_some(text));
    }
}

/// One handshake, the device's backend first; both sides must agree, and export the same.
fn handshake(on: [Backend; 2], seed: u64) -> Flight {
    let mut exchange =
        Exchange::<Whole, Whole, ChaCha20Rng>::on(on, (Whole, Whole), generator(seed, 1), generator(seed, 2));
    let established = exchange.established();
    assert_eq!(established.agreements[0], established.agreements[1]);
    let mut exports = [[0; 32]; 2];
    established.initiators.export(b"test", b"", &mut exports[0]).unwrap();
    established.responders.export(b"test", b"", &mut exports[1]).unwrap();
    assert_eq!(exports[0], exports[1]);
    established.flight
}

/// CS-IMPL-03: the same datagrams, whichever side is on which backend.
#[test]
fn handshakes_across_backends_are_byte_for_byte_the_same() {
    for seed in 0..50 {
        let portable = handshake([Backend::Portable; 2], seed);
        for device in backends() {
            same(|server| assert_eq!(handshake([device, server], seed), portable));
        }
    }
}

/// CS-IMPL-03: what is remembered is what would be computed, and work is counted the same, on either backend.
#[test]
fn the_memo_and_the_count_of_work_do_not_depend_on_the_backend() {
    let expected = handshake([Backend::Portable; 2], 7);
    let work = same(|backend| {
        let _memo = Memo::begin();
        let before = Work::done();
        assert_eq!(handshake([backend; 2], 7), expected);
        assert_eq!(handshake([backend; 2], 7), expected, "remembered");
        Work::since(before)
    });
    assert!(Operation::ALL.into_iter().all(|operation| work.of(operation) > 0), "{work:?}");
}

fn vector_files() -> Vec<VectorFile> {
    let directory: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors");
    let names = fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let texts = names.filter(|name| name.ends_with(".txt"));
    texts
        .map(|name| {
            let text = fs::read_to_string(directory.join(&name)).unwrap();
            VectorFile::parse(name, &text).unwrap()
        })
        .collect()
}

/// CS-IMPL-03, CS-IMPL-05: the vectors are made, and their faults refused, on either backend.
#[test]
fn the_vectors_hold_on_every_backend() {
    let files = vector_files();
    let faults: Vec<_> = files.iter().filter(|file| file.text("kind") == Ok("negative")).collect();
    assert!(faults.len() > 90, "{} faults", faults.len());
    for backend in backends() {
        for made in handshakes(backend) {
            let kept = files.iter().find(|file| file.name() == made.name()).unwrap();
            assert_eq!(made.render(), kept.render(), "{}", made.name());
        }
        for fault in &faults {
            assert_eq!(replay_on(backend, fault), Ok(()), "{}", fault.name());
        }
    }
}

/// CS-IMPL-03: a seed gives one report, on either backend.
#[test]
fn a_simulation_is_the_same_on_every_backend() {
    let run = |scenario: &str, backend, defences: Option<&[Defence]>| {
        let run = RunOf { backend, ..RunOf::new(Scenario::named(scenario).unwrap(), 11, 600) };
        let report = match defences {
            None => run_worlds(&run, Shard::WHOLE, 1, Whole, || ()),
            Some(off) => run_worlds(&run, Shard::WHOLE, 1, Ablated::without(off), || ()),
        };
        let mut report = report.unwrap();
        report.run.backend = Backend::Portable;
        assert!(report.accepted > 100);
        report
    };
    for scenario in ["default", "awful"] {
        same(|backend| run(scenario, backend, None));
    }
    let lax = [
        Defence::WeakKeyRefused,
        Defence::StrictSignature,
        Defence::ContributoryExchange,
        Defence::SmallOrderEphemeral,
    ];
    same(|backend| run("default", backend, Some(&lax)));
}

/// CS-IMPL-06: where the processor has what is needed, the fast backend is there: what is skipped without it is not skipped
/// here.
#[test]
#[cfg(target_arch = "x86_64")]
fn a_processor_that_has_what_it_takes_has_the_fast_backend() {
    let has = [
        is_x86_feature_detected!("adx"),
        is_x86_feature_detected!("aes"),
        is_x86_feature_detected!("avx2"),
        is_x86_feature_detected!("bmi1"),
        is_x86_feature_detected!("bmi2"),
        is_x86_feature_detected!("pclmulqdq"),
    ];
    assert_eq!(Backend::fast().is_some(), has.into_iter().all(|has| has));
}

//! Has what a box holds one encoding too, padding included?

use countersign::wire::{ClaimPlaintext, DecodeError, PADDING_STEP_BYTES, Reason, VerdictPlaintext};
use countersign::{Clearances, Name, Timestamp};
use countersign_tests::exchange::clearances;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::Cell;

/// A claim of a user with a name of this many bytes.
fn claim(user_bytes: usize, wanted: Clearances) -> ClaimPlaintext {
    ClaimPlaintext {
        user: Name::new(&vec![b'u'; user_bytes]).unwrap(),
        device: [0xde; 32],
        timestamp: Timestamp::from_millis(0x0102_0304_0506_0708),
        wanted,
        signature: [0x51; 64],
    }
}

/// Bytes of a claim before its padding, by the table in the specification.
fn claim_bytes(claim: &ClaimPlaintext) -> usize {
    107 + claim.user.as_bytes().len() + claim.wanted.as_bytes().len()
}

/// Every verdict there is, with a list of clearances for the accepting ones.
fn verdicts() -> Vec<(VerdictPlaintext, usize)> {
    let accepted = |granted: Clearances| {
        let content = 7 + granted.as_bytes().len();
        (VerdictPlaintext::Accepted { granted, lifetime_s: 0x0a0b_0c0d }, content)
    };
    vec![
        accepted(Clearances::none()),
        accepted(clearances(&["read", "write"])),
        accepted(clearances(&["a".repeat(28).as_str(), "b".repeat(27).as_str()])), // 64 bytes: no padding
        (VerdictPlaintext::Refused(Reason::None), 10),
        (VerdictPlaintext::Refused(Reason::Clock), 10),
        (VerdictPlaintext::Refused(Reason::Stale(Timestamp::from_millis(7))), 10),
        (VerdictPlaintext::Refused(Reason::Stale(Timestamp::from_millis(0))), 10),
    ]
}

fn decode_claim(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    ClaimPlaintext::decode(bytes).map(|claim| claim.encode().to_vec())
}

/// CS-WIRE-08
#[test]
fn a_claim_has_the_fewest_padding_bytes_and_they_are_zero() {
    for user_bytes in 1..=64 {
        let claim = claim(user_bytes, clearances(&["read"]));
        let (content, bytes) = (claim_bytes(&claim), claim.encode().to_vec());
        assert_eq!(bytes.len(), content.next_multiple_of(PADDING_STEP_BYTES));
        assert_eq!(decode_claim(&bytes), Ok(bytes.clone()));
        for at in content..bytes.len() {
            for bit in 0..8 {
                assert_eq!(decode_claim(&flipped(&bytes, at, bit)), Err(DecodeError::Padding), "bit {bit} of {at}");
            }
        }
    }
    let full = claim(21, Clearances::none());
    assert_eq!((claim_bytes(&full), full.encode().len()), (128, 128), "none if already a whole step");
}

/// CS-WIRE-08, CS-WIRE-10
#[test]
fn a_claim_of_another_length_is_refused() {
    for user_bytes in [1, 21, 22, 64] {
        let bytes = claim(user_bytes, clearances(&["read", "write"])).encode().to_vec();
        for length in (0..=bytes.len() + 2 * PADDING_STEP_BYTES).filter(|length| *length != bytes.len()) {
            let mut resized = bytes.clone();
            resized.resize(length, 0);
            assert_eq!(decode_claim(&resized), Err(DecodeError::Length), "{length} for {}", bytes.len());
        }
    }
}

/// CS-WIRE-06, CS-WIRE-07
#[test]
fn a_claim_with_a_bad_name_or_list_is_refused() {
    let good = claim(64, clearances(&["a", "b"])).encode().to_vec();
    let with_name_of = |length: u8| with_byte(&good, 0, length);
    assert_eq!(decode_claim(&with_name_of(0)), Err(DecodeError::Name));
    assert_eq!(decode_claim(&with_name_of(65)), Err(DecodeError::Name));
    assert_eq!(decode_claim(&with_name_of(255)), Err(DecodeError::Length));

    let list = 41 + 64 + 2;
    assert_eq!(&good[list..list + 4], [1, b'a', 1, b'b']);
    assert_eq!(decode_claim(&with_byte(&good, list + 1, b'b')), Err(DecodeError::Clearances), "repeated");
    assert_eq!(decode_claim(&with_byte(&good, list + 1, b'c')), Err(DecodeError::Clearances), "descending");
    assert_eq!(decode_claim(&with_byte(&good, list, 0)), Err(DecodeError::Clearances), "empty");
    assert_eq!(decode_claim(&with_byte(&good, list, 4)), Err(DecodeError::Clearances), "beyond the list");
    assert_eq!(decode_claim(&with_byte(&good, list - 1, 3)), Err(DecodeError::Clearances), "cut short");
    assert_eq!(decode_claim(&with_byte(&good, list - 2, 255)), Err(DecodeError::Length), "beyond the claim");
}

/// CS-WIRE-08
#[test]
fn a_verdict_has_the_fewest_padding_bytes_and_they_are_zero() {
    for (verdict, content) in verdicts() {
        let bytes = verdict.encode().to_vec();
        assert_eq!(bytes.len(), content.next_multiple_of(PADDING_STEP_BYTES), "{verdict:?}");
        assert_eq!(VerdictPlaintext::decode(&bytes), Ok(verdict));
        for (at, bit) in (content..bytes.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            assert_eq!(VerdictPlaintext::decode(&flipped(&bytes, at, bit)), Err(DecodeError::Padding));
        }
    }
}

/// CS-WIRE-08, CS-WIRE-10
#[test]
fn a_verdict_of_another_length_is_refused() {
    for (verdict, _) in verdicts() {
        let bytes = verdict.encode().to_vec();
        for length in (0..=bytes.len() + 2 * PADDING_STEP_BYTES).filter(|length| *length != bytes.len()) {
            let mut resized = bytes.clone();
            resized.resize(length, 0);
            assert_eq!(VerdictPlaintext::decode(&resized), Err(DecodeError::Length), "{verdict:?} of {length}");
        }
    }
}

/// CS-WIRE-10
#[test]
fn an_undefined_code_or_reason_is_refused() {
    for (verdict, _) in verdicts() {
        let bytes = verdict.encode().to_vec();
        for code in (0..=255).filter(|code| ![1, 2].contains(code)) {
            assert_eq!(VerdictPlaintext::decode(&with_byte(&bytes, 0, code)), Err(DecodeError::Verdict), "{code}");
        }
    }
    let refusal = VerdictPlaintext::Refused(Reason::Clock).encode().to_vec();
    for reason in 3..=255 {
        assert_eq!(VerdictPlaintext::decode(&with_byte(&refusal, 1, reason)), Err(DecodeError::Verdict), "{reason}");
    }
}

/// CS-WIRE-10, CS-REF-02
#[test]
fn latest_is_zero_unless_the_reason_is_stale() {
    for (at, bit) in (2..10).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        for reason in [Reason::None, Reason::Clock] {
            let bytes = VerdictPlaintext::Refused(reason).encode().to_vec();
            assert_eq!(VerdictPlaintext::decode(&flipped(&bytes, at, bit)), Err(DecodeError::Verdict), "{reason:?}");
        }
        let bytes = VerdictPlaintext::Refused(Reason::Stale(Timestamp::from_millis(0))).encode().to_vec();
        let latest = Timestamp::from_millis(1 << (8 * (9 - at) + bit));
        let told = VerdictPlaintext::decode(&flipped(&bytes, at, bit));
        assert_eq!(told, Ok(VerdictPlaintext::Refused(Reason::Stale(latest))));
    }
}

/// CS-REF-01
#[test]
fn a_refusal_is_one_step_whatever_its_reason() {
    for reason in [Reason::None, Reason::Clock, Reason::Stale(Timestamp::from_millis(u64::MAX))] {
        assert_eq!(VerdictPlaintext::Refused(reason).encode().len(), PADDING_STEP_BYTES);
    }
}

fn any_clearances() -> impl Strategy<Value = Clearances> {
    btree_set(vec(any::<u8>(), 1..=32), 0..=16).prop_map(|set| {
        let slices: Vec<&[u8]> = set.iter().map(Vec::as_slice).collect();
        Clearances::new(&slices).unwrap()
    })
}

fn any_claim() -> impl Strategy<Value = ClaimPlaintext> {
    let user = vec(any::<u8>(), 1..=64).prop_map(|bytes| Name::new(&bytes).unwrap());
    (user, any::<[u8; 32]>(), any::<u64>(), any_clearances(), any::<[u8; 32]>()).prop_map(
        |(user, device, millis, wanted, half)| ClaimPlaintext {
            user,
            device,
            timestamp: Timestamp::from_millis(millis),
            wanted,
            signature: [half, half].concat().try_into().unwrap(),
        },
    )
}

fn any_verdict() -> impl Strategy<Value = VerdictPlaintext> {
    prop_oneof![
        (any_clearances(), any::<u32>())
            .prop_map(|(granted, lifetime_s)| VerdictPlaintext::Accepted { granted, lifetime_s }),
        Just(VerdictPlaintext::Refused(Reason::None)),
        Just(VerdictPlaintext::Refused(Reason::Clock)),
        any::<u64>().prop_map(|latest| VerdictPlaintext::Refused(Reason::Stale(Timestamp::from_millis(latest)))),
    ]
}

/// The bytes of a valid plaintext as they are or with a few changed, and bytes that were never valid.
fn nearly(valid: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let changes = vec((any::<prop::sample::Index>(), any::<u8>()), 0..=2);
    let mutated = (valid, changes, -1..=1_isize).prop_map(|(mut bytes, changes, growth)| {
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.resize(bytes.len().saturating_add_signed(growth), 0);
        bytes
    });
    prop_oneof![4 => mutated, 1 => vec(any::<u8>(), 0..=704)]
}

/// Runs `decodes` on 2,000 of these, and wants both answers to have occurred.
fn decodes_sometimes(bytes: impl Strategy<Value = Vec<u8>>, decodes: impl Fn(&[u8]) -> Option<Vec<u8>>) {
    let (decoded, refused) = (Cell::new(0), Cell::new(0));
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) };
    TestRunner::new_with_rng(config, proptest::test_runner::TestRng::deterministic_rng(Default::default()))
        .run(&bytes, |bytes| {
            match decodes(&bytes) {
                Some(encoded) => {
                    prop_assert_eq!(encoded, bytes);
                    decoded.set(decoded.get() + 1);
                }
                None => refused.set(refused.get() + 1),
            }
            Ok(())
        })
        .unwrap();
    assert!(decoded.get() > 100 && refused.get() > 100, "{} decoded, {} refused", decoded.get(), refused.get());
}

/// CS-WIRE-10
#[test]
fn a_claim_that_decodes_encodes_to_the_same_bytes() {
    let valid = any_claim().prop_map(|claim| claim.encode().to_vec());
    decodes_sometimes(nearly(valid), |bytes| decode_claim(bytes).ok());
}

/// CS-WIRE-10
#[test]
fn a_verdict_that_decodes_encodes_to_the_same_bytes() {
    let valid = any_verdict().prop_map(|verdict| verdict.encode().to_vec());
    decodes_sometimes(nearly(valid), |bytes| {
        VerdictPlaintext::decode(bytes).ok().map(|verdict| verdict.encode().to_vec())
    });
}

/// CS-WIRE-07, CS-WIRE-10
#[test]
fn a_list_that_decodes_encodes_to_the_same_bytes() {
    let valid = any_clearances().prop_map(|list| list.as_bytes().to_vec()).prop_filter("not empty", |b| !b.is_empty());
    decodes_sometimes(nearly(valid), |bytes| Clearances::decode(bytes).ok().map(|list| list.as_bytes().to_vec()));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    /// CS-WIRE-10
    #[test]
    fn a_claim_survives_its_encoding(claim in any_claim()) {
        let decoded = ClaimPlaintext::decode(&claim.encode()).unwrap();
        prop_assert_eq!(decoded.user, claim.user);
        prop_assert_eq!(decoded.device, claim.device);
        prop_assert_eq!(decoded.timestamp, claim.timestamp);
        prop_assert_eq!(decoded.wanted, claim.wanted);
        prop_assert_eq!(decoded.signature, claim.signature);
    }

    /// CS-WIRE-10
    #[test]
    fn a_verdict_survives_its_encoding(verdict in any_verdict()) {
        prop_assert_eq!(VerdictPlaintext::decode(&verdict.encode()), Ok(verdict));
    }
}

/// CS-WIRE-08
#[test]
fn the_longest_claim_and_verdict_are_of_11_and_9_steps() {
    let each: Vec<[u8; 32]> = (1..=16).map(|number| [number; 32]).collect();
    let all = Clearances::new(&each.iter().map(|clearance| &clearance[..]).collect::<Vec<_>>()).unwrap();
    assert_eq!(claim(64, all.clone()).encode().len(), 11 * PADDING_STEP_BYTES);
    assert_eq!(claim(1, Clearances::none()).encode().len(), 2 * PADDING_STEP_BYTES);
    let verdict = VerdictPlaintext::Accepted { granted: all, lifetime_s: u32::MAX };
    assert_eq!(verdict.encode().len(), 9 * PADDING_STEP_BYTES);
}

fn flipped(bytes: &[u8], at: usize, bit: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[at] ^= 1 << bit;
    changed
}

fn with_byte(bytes: &[u8], at: usize, value: u8) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[at] = value;
    changed
}

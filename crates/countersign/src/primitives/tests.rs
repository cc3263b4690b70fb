//! What of the backends does not show outside.

use super::encodings::{NEGATIVE_ZERO_EDWARDS, SMALL_ORDER_EDWARDS};
use super::{Backend, PublicKey, SigningKey};
use crate::defence::{Ablated, Defence};
use rand::rngs::ChaCha20Rng;
use rand::{Rng, SeedableRng};

/// CS-IMPL-05: a signature has the same bytes on either backend.
#[test]
fn signatures_are_the_same() {
    let Some(fast) = Backend::fast() else { return eprintln!("skipped: there is no fast backend here") };
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    for length in 0..700 {
        let (mut seed, mut message) = ([0; 32], vec![0; length]);
        rng.fill_bytes(&mut seed);
        rng.fill_bytes(&mut message);
        let signed = [Backend::Portable, fast].map(|backend| SigningKey::from_seed_on(backend, &seed).sign(&message));
        assert_eq!(signed[0], signed[1]);
    }
}

/// CS-IMPL-05: nor does the backend show where the laboratory lets weak keys and signatures through.
#[test]
fn what_the_laboratory_lets_through_is_the_same() {
    let Some(fast) = Backend::fast() else { return eprintln!("skipped: there is no fast backend here") };
    let lax = Ablated::without(&[Defence::WeakKeyRefused, Defence::StrictSignature]);
    let not_canonical = (0xed..=0xff).map(|low| {
        let mut y = [0xff; 32];
        (y[0], y[31]) = (low, 0x7f);
        y
    });
    let keys = SMALL_ORDER_EDWARDS.into_iter().chain(NEGATIVE_ZERO_EDWARDS).chain(not_canonical);
    let mut verified = 0;
    for key in keys {
        let decode = |backend| PublicKey::decode_with(lax, backend, &key);
        assert_eq!(decode(Backend::Portable), decode(fast));
        let (Ok(portable), Ok(fast)) = (decode(Backend::Portable), decode(fast)) else { continue };
        for r in SMALL_ORDER_EDWARDS {
            let signature: [u8; 64] = [r, [0; 32]].concat().try_into().unwrap();
            for message in 0..8 {
                let answer = portable.verifies_with(lax, &[message], &signature);
                assert_eq!(fast.verifies_with(lax, &[message], &signature), answer);
                verified += u32::from(answer);
            }
        }
    }
    assert!(verified > 50, "weak keys verify what nobody signed: {verified}");
}

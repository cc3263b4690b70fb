//! A6: what a thief of long-term keys can do with a recorded handshake. Nothing, if every secret hangs on the ephemerals.
//!
//! The formulas are those of `spec/keys.md`, written again with another library, so that the code under test is not asked.

use super::wire::{COOKIE, slice};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::digest::{Context, SHA256, SHA512, digest};
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use x25519_dalek::x25519;

const HEADER_BYTES: usize = 91;
const E_I: usize = 50;
const E_R: usize = 59;

/// Whether a recorded Challenge opens for who holds this key's seed, 32 bytes, and tries it in every way in which one
/// could have slipped into the exchange.
pub(super) fn open(hello: &[u8], challenge: &[u8], seed: &[u8; 32]) -> bool {
    let Some(expanded) = slice::<32>(digest(&SHA512, seed).as_ref(), 0) else { return false };
    let publics = [slice::<32>(hello, E_I), slice::<32>(challenge, E_R)];
    let secrets = [*seed, expanded];
    let tries = publics.into_iter().flatten().flat_map(|public| secrets.map(|secret| x25519(secret, public)));
    tries.into_iter().any(|shared| opens(hello, challenge, &shared) == Some(true))
}

fn opens(hello: &[u8], challenge: &[u8], shared: &[u8; 32]) -> Option<bool> {
    let (header, sealed) = challenge.split_at_checked(HEADER_BYTES)?;
    let th2 = transcript(hello, header)?;
    let prk = Salt::new(HKDF_SHA256, &th2).extract(shared);
    let mut keys = [0; 64];
    prk.expand(&[b"countersign v1 ", b"challenge", &[0], &th2], Bytes(64)).ok()?.fill(&mut keys).ok()?;
    let key = LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, keys.get(..32)?).ok()?);
    let (nonce, sealed) = sealed.split_first_chunk()?;
    let mut sealed = sealed.to_vec();
    Some(key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(&th2), &mut sealed).is_ok())
}

/// th2: all before the Challenge's box, the cookie zeroed.
fn transcript(hello: &[u8], header: &[u8]) -> Option<[u8; 32]> {
    let mut context = Context::new(&SHA256);
    context.update(b"countersign v1");
    context.update(hello.get(..COOKIE.start)?);
    context.update(&[0; 33]);
    context.update(hello.get(COOKIE.end..)?);
    context.update(header);
    slice(context.finish().as_ref(), 0)
}

struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::wire::{COOKIE_BYTES, Message};
    use countersign::{
        Clearances, Expectation, Initiator, InitiatorPolicy, Name, Now, Responder, ResponderPolicy, SigningKey,
    };
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    /// CS-KEY-02: the check opens a box whose shared secret it has, and none of whose makers it has the keys alone.
    #[test]
    fn a_recorded_challenge_opens_with_its_shared_secret_and_with_no_long_term_key() {
        let (client_seed, server_seed) = ([1; 32], [2; 32]);
        let name = |name: &[u8]| Name::new(name).unwrap();
        let device = SigningKey::from_seed(&client_seed);
        let mut device = Initiator::new(name(b"ada"), device, InitiatorPolicy::default());
        let key = SigningKey::from_seed(&server_seed);
        let expected = Expectation::new(name(b"vault"), &key.public()).unwrap();
        let mut server = Responder::new(name(b"vault"), key, ResponderPolicy::default());
        let now = Now::default();
        let mut rng = ChaCha20Rng::seed_from_u64(5);
        let waiting = device.begin(&expected, Clearances::none(), None, now, &mut rng, |_| true).unwrap();
        let mut hello = waiting.hello(&[0; COOKIE_BYTES]).to_vec();
        // An ephemeral of the laboratory's own in place of the device's.
        let ephemeral = [7; 32];
        hello[E_I..E_I + 32].copy_from_slice(&x25519(ephemeral, x25519_dalek::X25519_BASEPOINT_BYTES));
        let Ok(Message::Hello(decoded)) = Message::decode(&hello) else { panic!("a Hello") };
        let screened = server.screen(&decoded).unwrap();
        let challenge = *server.challenge(screened, now, &mut rng, |_| true).unwrap().challenge();
        let public: [u8; 32] = slice(&challenge, E_R).unwrap();
        assert_eq!(opens(&hello, &challenge, &x25519(ephemeral, public)), Some(true));
        assert!(open(&hello, &challenge, &ephemeral), "who has an ephemeral secret has all");
        for seed in [client_seed, server_seed] {
            assert!(!open(&hello, &challenge, &seed));
        }
    }
}

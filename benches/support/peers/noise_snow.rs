//! snow: Noise XX and IK, `25519_ChaChaPoly_SHA256`; with its own resolver (curve25519-dalek, RustCrypto), and with one that any
//! user of snow can write, on the libraries of our fast backend (graviola's X25519, ring's AEAD and hash).
//!
//! In IK the initiator knows the responder's key beforehand, as in Countersign; in XX neither side does. Neither signs.

use crate::rounds::Contestant;
use countersign::Backend;
use graviola::key_agreement::x25519::{PublicKey, StaticPrivateKey};
use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::{CryptoResolver, RingResolver};
use snow::types::{Cipher, Dh, Hash, Random};
use snow::{Builder, Error, HandshakeState, Keypair, TransportState};

const XX: &str = "Noise_XX_25519_ChaChaPoly_SHA256";
const IK: &str = "Noise_IK_25519_ChaChaPoly_SHA256";

pub(super) fn peers() -> Vec<Contestant> {
    let mut peers = vec![contestant("snow XX, dalek", XX, own), contestant("snow IK, dalek", IK, own)];
    if Backend::fast().is_some() {
        peers.push(contestant("snow XX, graviola", XX, fast));
        peers.push(contestant("snow IK, graviola", IK, fast));
    }
    peers
}

/// A builder for a pattern and the long-term keys of both sides.
type NewBuilder = for<'a> fn(&'static str, &'a [Keypair; 2]) -> Builder<'a>;

fn own<'a>(pattern: &'static str, _: &'a [Keypair; 2]) -> Builder<'a> {
    Builder::new(pattern.parse().expect("a known pattern"))
}

fn fast<'a>(pattern: &'static str, pairs: &'a [Keypair; 2]) -> Builder<'a> {
    let known = pairs.each_ref().map(|pair| [&pair.private, &pair.public].map(|half| array(half)));
    Builder::with_resolver(pattern.parse().expect("a known pattern"), Box::new(FastResolver { known }))
}

fn contestant(name: &str, pattern: &'static str, builder: NewBuilder) -> Contestant {
    let pair = || Builder::new(pattern.parse().expect("a known pattern")).generate_keypair().expect("a key pair");
    let pairs = [pair(), pair()];
    Contestant::new(name, move || handshake(pattern, builder, &pairs))
}

fn handshake(pattern: &'static str, builder: NewBuilder, pairs: &[Keypair; 2]) -> [TransportState; 2] {
    let [device, server] = pairs;
    let builder = |pattern| builder(pattern, pairs);
    let mut initiator = builder(pattern).local_private_key(&device.private).expect("one key");
    if pattern == IK {
        initiator = initiator.remote_public_key(&server.public).expect("one key");
    }
    let responder = builder(pattern).local_private_key(&server.private).expect("one key");
    let mut initiator = initiator.build_initiator().expect("all that the pattern needs");
    let mut responder = responder.build_responder().expect("all that the pattern needs");
    while !initiator.is_handshake_finished() {
        pass(&mut initiator, &mut responder);
        if !responder.is_handshake_finished() {
            pass(&mut responder, &mut initiator);
        }
    }
    [initiator, responder].map(|side| side.into_transport_mode().expect("a finished handshake"))
}

fn pass(from: &mut HandshakeState, to: &mut HandshakeState) {
    let (mut message, mut payload) = ([0; 256], [0; 256]);
    let bytes = from.write_message(&[], &mut message).expect("its turn");
    to.read_message(&message[..bytes], &mut payload).expect("a genuine message");
}

/// The curve from graviola, all else from ring. It knows both halves of the long-term keys, as snow has the public one computed
/// again for every handshake.
struct FastResolver {
    known: [[[u8; 32]; 2]; 2],
}

impl CryptoResolver for FastResolver {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        RingResolver.resolve_rng()
    }

    fn resolve_dh(&self, _: &DHChoice) -> Option<Box<dyn Dh>> {
        Some(Box::new(FastDh { known: self.known, private: [0; 32], public: [0; 32] }))
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        RingResolver.resolve_hash(choice)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        RingResolver.resolve_cipher(choice)
    }
}

struct FastDh {
    known: [[[u8; 32]; 2]; 2],
    private: [u8; 32],
    public: [u8; 32],
}

impl Dh for FastDh {
    fn name(&self) -> &'static str {
        "25519"
    }

    fn pub_len(&self) -> usize {
        32
    }

    fn priv_len(&self) -> usize {
        32
    }

    fn set(&mut self, private: &[u8]) {
        self.private.copy_from_slice(private);
        let known = self.known.iter().find(|[known, _]| known == private);
        let computed = || StaticPrivateKey::from_array(&self.private).public_key().as_bytes();
        self.public = known.map_or_else(computed, |[_, public]| *public);
    }

    fn generate(&mut self, rng: &mut dyn Random) -> Result<(), Error> {
        let mut private = [0; 32];
        rng.try_fill_bytes(&mut private)?;
        self.set(&private);
        Ok(())
    }

    fn pubkey(&self) -> &[u8] {
        &self.public
    }

    fn privkey(&self) -> &[u8] {
        &self.private
    }

    fn dh(&self, public: &[u8], out: &mut [u8]) -> Result<(), Error> {
        // snow hands over its longest key's worth of bytes.
        let public = PublicKey::from_array(public.first_chunk().ok_or(Error::Dh)?);
        let shared = StaticPrivateKey::from_array(&self.private).diffie_hellman(&public).map_err(|_| Error::Dh)?;
        out[..32].copy_from_slice(&shared.0);
        Ok(())
    }
}

fn array(half: &[u8]) -> [u8; 32] {
    half.try_into().expect("a half of a key is 32 bytes")
}

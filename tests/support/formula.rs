//! The draw of sid, nonce and ephemeral, written once more from `spec/keys.md`.

use countersign::Role;
use ed25519_dalek::{Signer, SigningKey};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};

/// What one expansion takes in.
pub(crate) struct Draw {
    pub(crate) long_term_seed: [u8; 32],
    pub(crate) generated: [u8; 32],
    pub(crate) role: Role,
    pub(crate) counter: u64,
    pub(crate) clock: u64,
    pub(crate) context: [u8; 32],
}

impl Draw {
    /// `sid ‖ nonce ‖ ephemeral private key`.
    pub(crate) fn expand(&self) -> [u8; 72] {
        let tag = SigningKey::from_bytes(&self.long_term_seed).sign(b"\x14countersign v1 hedge").to_bytes();
        let mut info = b"countersign v1 hedge\0".to_vec();
        info.push(self.role as u8);
        info.extend(self.counter.to_be_bytes());
        info.extend(self.clock.to_be_bytes());
        info.extend(self.context);
        let mut out = [0; 72];
        Hkdf::<Sha256>::new(Some(&Sha256::digest(tag)), &self.generated).expand(&info, &mut out).unwrap();
        out
    }
}

/// The context of the exchange that `Exchange` sets up: the responder's identity, the user, `t_i` and what is wanted.
pub(crate) fn initiators_context(responders_key: &[u8; 32], t_i: Option<u64>, wanted: &[u8]) -> [u8; 32] {
    let stamp = [&[u8::from(t_i.is_some())][..], &t_i.unwrap_or(0).to_be_bytes()].concat();
    let length = u16::try_from(wanted.len()).unwrap().to_be_bytes();
    Sha256::digest([b"\x05vault", &responders_key[..], b"\x03ada", &stamp, &length, wanted].concat()).into()
}

/// The responder's: the transcript after the Hello, and `t_r`.
pub(crate) fn responders_context(hello: &[u8], t_r: u64) -> [u8; 32] {
    let mut without_cookie = hello.to_vec();
    without_cookie[82..115].fill(0);
    let th1 = Sha256::digest([&b"countersign v1"[..], &without_cookie].concat());
    Sha256::digest([&th1[..], &t_r.to_be_bytes()].concat()).into()
}

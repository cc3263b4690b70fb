//! boringtun: WireGuard (Noise IKpsk2, `25519_ChaChaPoly_BLAKE2s`) between two peers that know each other, up to the first
//! keepalive, by which the responder learns that the initiator has accepted. Its rate limit is off.

use crate::rounds::Contestant;
use boringtun::noise::rate_limiter::RateLimiter;
use boringtun::noise::{Tunn, TunnResult};
use boringtun::x25519::{PublicKey, StaticSecret};
use std::sync::Arc;

pub(super) fn peers() -> Vec<Contestant> {
    let secrets = [[1; 32], [2; 32]].map(StaticSecret::from);
    let publics = [PublicKey::from(&secrets[0]), PublicKey::from(&secrets[1])];
    let unlimited = |own| Some(Arc::new(RateLimiter::new(own, u64::MAX)));
    let [device, server] = secrets;
    let mut device = Tunn::new(device, publics[1], None, None, 1, unlimited(&publics[0]));
    let mut server = Tunn::new(server, publics[0], None, None, 2, unlimited(&publics[1]));
    vec![Contestant::new("boringtun, dalek", move || handshake(&mut device, &mut server))]
}

fn handshake(device: &mut Tunn, server: &mut Tunn) {
    let (mut one, mut other) = ([0; 256], [0; 256]);
    let initiation = sent(device.format_handshake_initiation(&mut one, true));
    let response = sent(server.decapsulate(None, initiation, &mut other));
    let keepalive = sent(device.decapsulate(None, response, &mut one));
    let done = server.decapsulate(None, keepalive, &mut other);
    assert!(matches!(done, TunnResult::Done), "{done:?}");
}

fn sent(result: TunnResult<'_>) -> &[u8] {
    let TunnResult::WriteToNetwork(bytes) = result else { panic!("a message to send: {result:?}") };
    bytes
}

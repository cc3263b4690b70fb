//! A small question under somebody else's address, and a large answer to him.

use crate::attack::{Attack, Goal, attack};
use crate::moves::intercept_hello;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Forged, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "hello-smaller-than-its-answer",
    story: "Somebody sends the vault a Hello without its padding, under the address of a victim who has proved nothing to the \
            vault. The answer goes to the victim.",
    stands_for: "amplification: servers that answer a small datagram from a false address with a large one",
    reference: "Rossow, Amplification Hell: Revisiting Network Protocols for DDoS Abuse, NDSS 2014",
    claim: Claim::A7,
    defence: Defence::HelloPadded,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("amplification"),
    achieved: "the vault sent the victim nearly twice as many bytes as it had been sent in his name",
};

/// A Hello up to its padding.
const BARE_BYTES: u16 = 115;

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (victim, server) = (play.client(0), play.server(0));
    let Some((_, hello)) = intercept_hello(play, victim, server, &["read"]) else { return false };
    play.forge(Forged::Cut { of: hello, to_bytes: BARE_BYTES }, server, victim);
    false
}

//! A handshake with one responder is relayed to another.

use crate::attack::{Attack, Goal, attack};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "relay-through-a-malicious-responder",
    story: "A device visits a responder of the adversary's, which has set itself up under a name of its own with the vault's \
            public key. It passes everything on to the vault. The device means the one, and the vault believes that the device \
            came to it.",
    stands_for: "Lowe's attack on Needham-Schroeder: a message that does not name the responder is good for another",
    reference: "Lowe, An attack on the Needham-Schroeder public-key authentication protocol, Information Processing Letters 56, 1995",
    claim: Claim::A2,
    defence: Defence::ClaimNamesResponder,
    weakened: &[Defence::ResponderNameSigned],
    realm: Realm::Honest,
    goal: Goal::Violates("device"),
    achieved: "the vault let a device in that had gone to somebody else",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server, mirror) = (play.client(0), play.server(0), play.mirror());
    play.connect(client, mirror, &["read"]);
    for _ in 0..ROUNDS {
        for datagram in play.drop_all() {
            let (to, from) = if datagram.from == client { (server, client) } else { (client, mirror) };
            play.deliver_to(datagram, to, from);
        }
    }
    false
}

/// Hello, Challenge, Response, Verdict, and a record each way.
const ROUNDS: usize = 6;

//! Both sides of a session count from zero.

use crate::attack::{Attack, Goal, attack};
use countersign::{Defence, Defences};
use countersign_sim::{Act, Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "keystream-reused",
    story: "The vault answers each order with what was ordered. Somebody who only listens compares what the two sides say under \
            one counter.",
    stands_for: "sessions with one key for both directions, in which who knows what one side says reads the other",
    reference: "Schneier and Mudge, Cryptanalysis of Microsoft's Point-to-Point Tunneling Protocol (PPTP), CCS 1998",
    claim: Claim::A6,
    defence: Defence::DirectionKeys,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("keystream"),
    achieved: "order and answer were one on the wire: both were sealed with the same keystream",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let handshake = play.connect(client, server, &["read"]);
    play.run();
    play.act(Act::Say { client, handshake });
    play.run();
    false
}

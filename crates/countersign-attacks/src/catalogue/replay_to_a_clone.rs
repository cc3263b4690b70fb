//! A whole handshake is played again to a clone of the responder.

use crate::attack::{Attack, Goal, attack};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "replay-to-a-clone",
    story: "The vault runs twice from one snapshot, so both draw the same nonce and ephemeral, at the same time. What a device \
            said to one of them is played to the other.",
    stands_for: "virtual machines that resume from one snapshot and draw the same random numbers",
    reference: "Ristenpart and Yilek, When Good Randomness Goes Bad, NDSS 2010",
    claim: Claim::A2,
    defence: Defence::LatestTimestamp,
    weakened: &[],
    realm: Realm::Clones,
    goal: Goal::Violates("once"),
    achieved: "one handshake let the device in twice",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let Some(clone) = play.clone_of_server() else { return false };
    play.connect(client, server, &["read"]);
    let recorded = play.run();
    for datagram in recorded.into_iter().filter(|datagram| datagram.from == client) {
        play.deliver_to(datagram, clone, client);
    }
    false
}

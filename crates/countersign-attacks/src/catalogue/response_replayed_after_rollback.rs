//! A recorded handshake for a responder that was rolled back.

use crate::attack::{Attack, Goal, attack};
use core::time::Duration;
use countersign::{Defence, Defences};
use countersign_sim::{Act, Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "response-replayed-after-rollback",
    story: "The vault's machine is rolled back to a snapshot: generator and clock are what they were, and only its store, which \
            is elsewhere, is not. What a device said to it then is played to it again.",
    stands_for: "virtual machines that are rolled back, and with them every nonce and every clock that was to be used once",
    reference: "Garfinkel and Rosenblum, When Virtual Is Harder than Real: Security Challenges in Virtual Machine Based Computing \
                Environments, HotOS 2005",
    claim: Claim::A2,
    defence: Defence::LatestTimestamp,
    weakened: &[],
    realm: Realm::StuckResponderAndClock,
    goal: Goal::Violates("once"),
    achieved: "one handshake let the device in twice, before the rollback and after it",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.connect(client, server, &["read"]);
    let recorded = play.run();
    play.act(Act::Crash { host: server });
    play.wait(Duration::from_secs(60));
    play.act(Act::Start { host: server });
    for datagram in recorded.into_iter().filter(|datagram| datagram.from == client) {
        play.deliver(datagram);
    }
    false
}

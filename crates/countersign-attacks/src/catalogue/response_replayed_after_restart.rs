//! A recorded handshake for a responder whose generator begins anew.

use crate::attack::{Attack, Goal, attack};
use core::time::Duration;
use countersign::{Defence, Defences};
use countersign_sim::{Act, Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "response-replayed-after-restart",
    story: "The vault starts again, a second later, and its generator gives what it gave before. What a device said to it then \
            is played to it again.",
    stands_for: "challenges that are drawn a second time, where no clock tells the two apart",
    reference: "Neuman and Stubblebine, A Note on the Use of Timestamps as Nonces, ACM Operating Systems Review 27(2), 1993",
    claim: Claim::A2,
    defence: Defence::TimestampInTranscript,
    weakened: &[Defence::HedgedRandomness, Defence::LatestTimestamp],
    realm: Realm::StuckResponder,
    goal: Goal::Violates("once"),
    achieved: "one handshake let the device in twice, before the restart and after it",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.connect(client, server, &["read"]);
    let recorded = play.run();
    play.act(Act::Crash { host: server });
    play.wait(Duration::from_secs(1));
    play.act(Act::Start { host: server });
    for datagram in recorded.into_iter().filter(|datagram| datagram.from == client) {
        play.deliver(datagram);
    }
    false
}

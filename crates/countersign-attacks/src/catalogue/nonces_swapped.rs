//! Two devices' nonces are exchanged on their way.

use crate::attack::{Attack, Goal, attack};
use crate::moves::intercept_hello;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Field, Forged, Play, Realm, Spare};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "nonces-swapped",
    story: "Two devices say Hello at once. Somebody on the path writes the nonce of each into the Hello of the other. \
            Each gets an answer to the other's challenge.",
    stands_for: "handshakes whose proof leaves out part of what was exchanged",
    reference: "CVE-2023-48795; Bäumer, Brinkmann and Schwenk, Terrapin Attack: Breaking SSH Channel Integrity By \
                Sequence Number Manipulation, USENIX Security 2024",
    claim: Claim::A1,
    defence: Defence::NoncesInTranscript,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("agreement"),
    achieved: "both accepted, and the vault had answered a challenge that was not the device's",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (one, other, server) = (play.client(0), play.client(1), play.server(0));
    let Some((_, first)) = intercept_hello(play, one, server, &["read"]) else { return false };
    let Some((_, second)) = intercept_hello(play, other, server, &["read"]) else { return false };
    for (client, own, others) in [(one, first, second), (other, second, first)] {
        play.forge(Forged::Edited { of: own, field: Field::NonceI, with: Spare::Of(others) }, server, client);
    }
    play.run();
    false
}

//! Somebody shows a device's key and cannot sign with it.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{claim, greet};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Play, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "device-key-without-signature",
    story: "Somebody says that he is a user, shows the public key of the user's device, and signs with nothing.",
    stands_for: "servers that take an empty signature for a valid one",
    reference: "CVE-2022-21449: Java took ECDSA signatures of zeros for valid ones, whatever the key",
    claim: Claim::A2,
    defence: Defence::DeviceSignature,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("device"),
    achieved: "somebody with nothing but a device's public key was let in as its user",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (victim, server, from) = (play.client(0), play.server(0), play.adversary());
    let Some(of) = greet(play, server, 7) else { return false };
    play.forge(claim(of, play.user(victim), Key::Of(victim), &["read"], Signature::Junk), server, from);
    false
}

//! Somebody with a device of his own claims to be another user.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{claim, greet};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Play, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "stranger-claims-a-user",
    story: "Somebody with a device of his own says that he is another user, and signs with his own key. The signature \
            is in order; only, that user never enrolled this device.",
    stands_for: "servers that verify a signature with whatever key comes with it",
    reference: "CVE-2018-0114: node-jose took the key that was embedded in the token for the one to verify it with",
    claim: Claim::A2,
    defence: Defence::DeviceEnrolled,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("device"),
    achieved: "a stranger's device was let into a user's account",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (victim, server, from) = (play.client(0), play.server(0), play.adversary());
    let Some(of) = greet(play, server, 7) else { return false };
    let own = Key::Own(1);
    play.forge(claim(of, play.user(victim), own, &["read"], Signature::By(own, server)), server, from);
    false
}

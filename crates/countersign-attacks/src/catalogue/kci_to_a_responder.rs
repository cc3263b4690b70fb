//! Who has stolen the vault's key poses to it as a user's device.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{claim, greet};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Loot, Play, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "kci-to-a-responder",
    story: "Somebody has stolen the vault's key, and can pose as the vault. Now he comes to the vault as a user: he \
            shows the key of the user's device, and signs with the vault's.",
    stands_for: "key compromise impersonation: a stolen key that works in both directions",
    reference: "Just and Vaudenay, Authenticated Multi-Party Key Agreement, ASIACRYPT 1996; Blake-Wilson, Johnson and \
                Menezes, Key Agreement Protocols and their Security Analysis, IMA Cryptography and Coding 1997",
    claim: Claim::A2,
    defence: Defence::DeviceSignature,
    weakened: &[],
    realm: Realm::StolenResponder,
    goal: Goal::Violates("device"),
    achieved: "the thief of the vault's key was any user to the vault",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (victim, server, from) = (play.client(0), play.server(0), play.adversary());
    play.steal(Loot::Key(server));
    let Some(of) = greet(play, server, 7) else { return false };
    let signature = Signature::By(Key::Of(server), server);
    play.forge(claim(of, play.user(victim), Key::Of(victim), &["read"], signature), server, from);
    false
}

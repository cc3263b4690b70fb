//! Who has stolen a device's key poses to it as the vault.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{accept, answer, intercept_hello};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Loot, Play, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "kci-to-a-device",
    story: "Somebody has stolen a device's key, and can pose as the device. Now he poses to it as the vault: he shows \
            the vault's key, signs with the device's, and accepts its claim.",
    stands_for: "key compromise impersonation: a stolen key that works in both directions",
    reference: "Blake-Wilson, Johnson and Menezes, Key Agreement Protocols and their Security Analysis, IMA \
                Cryptography and Coding 1997; Hlauschek and others, Prying Open Pandora's Box: KCI Attacks against \
                TLS, WOOT 2015",
    claim: Claim::A6,
    defence: Defence::ResponderSignature,
    weakened: &[],
    realm: Realm::StolenDevice,
    goal: Goal::Violates("secrecy"),
    achieved: "the thief of a device's key was the vault to that device",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.steal(Loot::Key(client));
    let Some((_, hello)) = intercept_hello(play, client, server, &["read"]) else { return false };
    let signed = answer(hello, Key::Of(server), Signature::By(Key::Of(client), server));
    if let Some(challenge) = play.forge(signed, client, server) {
        accept(play, (hello, challenge), (client, server), &["read"]);
    }
    false
}

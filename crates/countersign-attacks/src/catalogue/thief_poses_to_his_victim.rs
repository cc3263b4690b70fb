//! Who has stolen a device's key shows it to that very device.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{accept, answer, intercept_hello};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Loot, Play, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "thief-poses-to-his-victim",
    story: "Somebody has stolen a device's key. He answers the device under the vault's name with the device's own \
            key, properly signed, and accepts its claim.",
    stands_for: "key compromise impersonation where the other side's key is only looked at for being known",
    reference: "Blake-Wilson, Johnson and Menezes, Key Agreement Protocols and their Security Analysis, IMA \
                Cryptography and Coding 1997; Hlauschek and others, Prying Open Pandora's Box: KCI Attacks against \
                TLS, WOOT 2015",
    claim: Claim::A6,
    defence: Defence::ResponderKeyPinned,
    weakened: &[],
    realm: Realm::StolenDevice,
    goal: Goal::Violates("secrecy"),
    achieved: "the device took somebody with its own key for the vault",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.steal(Loot::Key(client));
    let Some((_, hello)) = intercept_hello(play, client, server, &["read"]) else { return false };
    let stolen = Key::Of(client);
    if let Some(challenge) = play.forge(answer(hello, stolen, Signature::By(stolen, server)), client, server) {
        accept(play, (hello, challenge), (client, server), &["read"]);
    }
    false
}

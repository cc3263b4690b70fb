//! Somebody on the path answers under the right name, with a key pair of his own.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{answer, intercept_hello};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Play, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "name-but-not-the-key",
    story: "Somebody on the path answers the Hello in the vault's place. He signs in the vault's name, with a key pair \
            that he made a minute ago. The signature is in order; only the key is not the vault's.",
    stands_for: "programs that take any valid certificate for the right one",
    reference: "Georgiev, Iyengar, Jana, Anubhai, Boneh and Shmatikov, The Most Dangerous Code in the World: \
                Validating SSL Certificates in Non-Browser Software, CCS 2012",
    claim: Claim::A3,
    defence: Defence::ResponderKeyPinned,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("response"),
    achieved: "the device told somebody who it is who had made himself a key in the vault's name",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let Some((_, hello)) = intercept_hello(play, client, server, &["read"]) else { return false };
    let own = Key::Own(0);
    play.forge(answer(hello, own, Signature::By(own, server)), client, server);
    false
}

//! A Hello for one name is led to another name under the same key.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{intercept_hello, of_kind};
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "right-key-under-another-name",
    story: "Somebody has set up a service of his own with the vault's public key, which is no secret. A user wants to \
            reach that service, and the Hello is led to the vault. The vault answers: key and signature are the \
            expected ones, the name is not.",
    stands_for: "hosts that share a certificate: traffic for one is led to the other, and the client notices nothing",
    reference: "Delignat-Lavaud and Bhargavan, Network-based Origin Confusion Attacks against HTTPS Virtual Hosting, \
                WWW 2015",
    claim: Claim::A3,
    defence: Defence::ResponderNameSigned,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("response"),
    achieved: "the device answered the vault and believed it was another",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server, mirror) = (play.client(0), play.server(0), play.mirror());
    let Some((_, hello)) = intercept_hello(play, client, mirror, &["read"]) else { return false };
    play.deliver_to(hello, server, client);
    if let Some(challenge) = of_kind(play.under_way(), Kind::Challenge) {
        play.deliver(challenge);
    }
    false
}

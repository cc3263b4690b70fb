//! A responder's own key comes to it as a device's.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{agreed, claim, greet};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Loot, Play, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "selfie-role-swap",
    story: "Somebody has enrolled the vault's public key as the device of a user. The vault's key is then stolen, and \
            its thief comes to the vault as that user. The vault would authenticate itself. Whoever has the key can do \
            so anyway: the narrow property is that no party takes itself for its peer.",
    stands_for: "a party that talks to itself and believes that somebody else is there",
    reference: "Drucker and Gueron, Selfie: Reflections on TLS 1.3 with PSK, Journal of Cryptology 2021",
    claim: Claim::A2,
    defence: Defence::OwnKey,
    weakened: &[],
    realm: Realm::StolenResponder,
    goal: Goal::Violates("own-key"),
    achieved: "the vault let itself in as a user's device",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (server, from) = (play.server(0), play.adversary());
    let own = Key::Of(server);
    play.steal(Loot::Key(server));
    let Some(of) = greet(play, server, 7) else { return false };
    play.forge(claim(of, "selfsame.example".to_owned(), own, &["read"], Signature::By(own, server)), server, from);
    agreed(play, server).is_some_and(|agreed| agreed.terms.device == agreed.terms.responder.key)
}

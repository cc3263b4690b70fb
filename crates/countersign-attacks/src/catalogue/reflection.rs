//! A device's own ephemeral comes back to it.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{Odd, answer_with, intercept_hello, of_kind};
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Loot, Play, Point, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "reflection",
    story: "Diffie-Hellman is broken, and a user visits a responder of the adversary's. It answers with the device's \
            own ephemeral. The device would agree on a secret with itself. No claim falls by that: the narrow property \
            is that nobody's half of the exchange is missing.",
    stands_for: "pairing that takes back its own public value",
    reference: "CVE-2020-26558: in Bluetooth's passkey pairing an attacker reflected the initiator's public key and \
                its proof",
    claim: Claim::A1,
    defence: Defence::ReflectedEphemeral,
    weakened: &[],
    realm: Realm::DhBroken,
    goal: Goal::Achieves,
    achieved: "the device went on with a secret that came from itself alone",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, mallory) = (play.client(0), play.mallory());
    play.steal(Loot::Ephemerals);
    let Some((_, hello)) = intercept_hello(play, client, mallory, &["read"]) else { return false };
    let own = Key::Own(0);
    let odd = Odd { ephemeral: Point::Of(hello), ..Odd::NOTHING };
    let reflected = answer_with(hello, own, Signature::By(own, mallory), odd);
    play.forge(reflected, client, mallory);
    of_kind(play.under_way(), Kind::Response).is_some()
}

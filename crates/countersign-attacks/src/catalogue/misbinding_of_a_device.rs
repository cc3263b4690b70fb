//! A device's claim is booked under another user's name.

use crate::attack::{Attack, Goal, attack};
use crate::moves::of_kind;
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Exchange, Forged, Key, Loot, Play, Realm, Signature, Time};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "misbinding-of-a-device",
    story: "Somebody has enrolled another's public key as the device of a user of his own; nobody asked him for a \
            signature. Diffie-Hellman is broken: on the path he opens the device's Response, writes his user's name in \
            it, and seals it again under the device's signature.",
    stands_for: "identity misbinding: a signed exchange that does not say who signs for whom",
    reference: "Sethi, Peltonen and Aura, Misbinding Attacks on Secure Device Pairing and Bootstrapping, AsiaCCS 2019; \
                Krawczyk, SIGMA, CRYPTO 2003",
    claim: Claim::A2,
    defence: Defence::ClaimSigned,
    weakened: &[],
    realm: Realm::DhBroken,
    goal: Goal::Violates("device"),
    achieved: "what a device did was booked to a user that it had never heard of",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.steal(Loot::Ephemerals);
    play.connect(client, server, &["read"]);
    let Some(hello) = of_kind(play.under_way(), Kind::Hello) else { return false };
    play.deliver(hello);
    let Some(challenge) = of_kind(play.under_way(), Kind::Challenge) else { return false };
    let Some(response) = play.run_until(Kind::Response) else { return false };
    let of = Exchange { hello, challenge, response: None, verdict: None };
    let opened = Exchange { response: Some(response), ..of };
    let rebooked = Forged::Response {
        of,
        user: "misbound.example".to_owned(),
        device: Key::Of(client),
        time: Time::Of(opened),
        wanted: vec!["read".to_owned()],
        signature: Signature::Of(opened),
    };
    play.forge(rebooked, server, client);
    false
}

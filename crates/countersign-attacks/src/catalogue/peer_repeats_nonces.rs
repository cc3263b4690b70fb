//! A peer seals its boxes under one nonce.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{Odd, answer_with, intercept_hello, of_kind};
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Play, Realm, Sealing, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "peer-repeats-nonces",
    story: "A user visits a responder that seals every box under the nonce zero, as a careless program would. Nobody \
            else can choose its nonces, so no claim falls by that: the narrow property is that a device notices and \
            does not speak to it.",
    stands_for: "servers that repeat nonces, and clients that let them",
    reference: "Böck, Zauner, Devlin, Somorovsky and Jovanovic, Nonce-Disrespecting Adversaries: Practical Forgery \
                Attacks on GCM in TLS, WOOT 2016",
    claim: Claim::A6,
    defence: Defence::NonceRecomputed,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Achieves,
    achieved: "the device went on with a peer whose nonces repeat",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, mallory) = (play.client(0), play.mallory());
    let Some((_, hello)) = intercept_hello(play, client, mallory, &["read"]) else { return false };
    let own = Key::Own(0);
    let odd = Odd { sealing: Sealing::ZeroNonce, ..Odd::NOTHING };
    let careless = answer_with(hello, own, Signature::By(own, mallory), odd);
    play.forge(careless, client, mallory);
    of_kind(play.under_way(), Kind::Response).is_some()
}

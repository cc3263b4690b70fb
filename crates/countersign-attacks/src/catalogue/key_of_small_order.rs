//! One signature serves every claim of a device with a weak key.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{claim, greet};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Play, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "key-of-small-order",
    story: "A user's device was enrolled with a key of small order; the enrolment took whatever key it was given. \
            Somebody without any key signs for it, with one signature that verifies over every text.",
    stands_for: "signature checks that take any bytes for a key, so that one signature belongs to many texts",
    reference: "Chalkias, Garillot and Nikolaenko, Taming the Many EdDSAs, SSR 2020; Brendel, Cremers, Jackson and \
                Zhao, The Provable Security of Ed25519, IEEE S&P 2021",
    claim: Claim::A2,
    defence: Defence::WeakKeyRefused,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("device"),
    achieved: "somebody without any key was let in as a user",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (server, from) = (play.server(0), play.adversary());
    let Some(of) = greet(play, server, 7) else { return false };
    let everybodys = claim(of, "careless.example".to_owned(), Key::Neutral, &["read"], Signature::OfNeutral);
    play.forge(everybodys, server, from);
    false
}

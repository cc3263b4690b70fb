//! The suite that was chosen is replaced on its way.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{intercept_hello, of_kind};
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Field, Forged, Play, Realm, Spare};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "suite-downgraded",
    story: "The vault chooses a suite. Somebody on the path writes another one into the Challenge. The device, in this \
            world, does not look whether it offered that one.",
    stands_for: "downgrades: the answer names a weaker cipher than the one that was chosen, and nobody signs for it",
    reference: "Adrian and others, Imperfect Forward Secrecy: How Diffie-Hellman Fails in Practice (Logjam), CCS 2015",
    claim: Claim::A1,
    defence: Defence::SuitesInTranscript,
    weakened: &[Defence::SuiteOffered],
    realm: Realm::Honest,
    goal: Goal::Violates("agreement"),
    achieved: "both accepted, each with another suite",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let Some((_, hello)) = intercept_hello(play, client, server, &["read"]) else { return false };
    play.deliver(hello);
    let Some(challenge) = of_kind(play.drop_all().into_iter(), Kind::Challenge) else { return false };
    play.forge(Forged::Edited { of: challenge, field: Field::Suite, with: Spare::Plus(1) }, client, server);
    play.run();
    false
}

//! A responder grants more than was wanted.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{accept, agreed, answer, intercept_hello};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Play, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "grant-not-wanted",
    story: "A user visits a responder of the adversary's, to read. It grants writing as well. The device would go on \
            with a power that nobody asked for.",
    stands_for: "a program that is talked into using more authority than the task needs",
    reference: "Hardy, The Confused Deputy, ACM Operating Systems Review 1988; RFC 6749, section 3.3: a scope may \
                differ from the one requested",
    claim: Claim::A1,
    defence: Defence::GrantWithinWanted,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("grant"),
    achieved: "the device was given a clearance that it had not asked for, and took it",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, mallory) = (play.client(0), play.mallory());
    let Some((_, hello)) = intercept_hello(play, client, mallory, &["read"]) else { return false };
    let own = Key::Own(0);
    if let Some(challenge) = play.forge(answer(hello, own, Signature::By(own, mallory)), client, mallory) {
        accept(play, (hello, challenge), (client, mallory), &["read", "write"]);
    }
    agreed(play, client).is_some_and(|agreed| !agreed.granted.is_subset_of(&agreed.terms.wanted))
}

//! A responder chooses a suite that was not offered.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{Odd, accept, agreed, answer_with, intercept_hello};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Play, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "suite-not-offered",
    story: "A user visits a responder of the adversary's. It chooses a suite that the device did not offer, and does \
            all else as it should.",
    stands_for: "clients that take whatever cipher the server names: OpenSSL accepted export keys that it had not \
                 asked for",
    reference: "CVE-2015-0204 (FREAK); Beurdouche and others, A Messy State of the Union: Taming the Composite State \
                Machines of TLS, IEEE S&P 2015",
    claim: Claim::A1,
    defence: Defence::SuiteOffered,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("suite"),
    achieved: "the device opened a session under a suite that it never offered",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, mallory) = (play.client(0), play.mallory());
    let Some((_, hello)) = intercept_hello(play, client, mallory, &["read"]) else { return false };
    let own = Key::Own(0);
    let odd = Odd { suite: 2, ..Odd::NOTHING };
    let chosen = answer_with(hello, own, Signature::By(own, mallory), odd);
    if let Some(challenge) = play.forge(chosen, client, mallory) {
        accept(play, (hello, challenge), (client, mallory), &["read"]);
    }
    agreed(play, client).is_some_and(|agreed| !agreed.terms.offered.contains(agreed.terms.suite))
}

//! A responder makes the shared secret zero.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{Odd, accept, agreed, answer_with, intercept_hello};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Play, Point, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "session-that-anybody-can-read",
    story: "A user visits a responder of the adversary's. It answers with an ephemeral of small order, so that the \
            shared secret is zero whatever the device drew. It could have told others the secret anyway: the narrow \
            property is that no side alone decides what the secret is.",
    stands_for: "key exchanges in which one side chooses the key, and so can make two sessions share one",
    reference: "Bhargavan, Delignat-Lavaud, Fournet, Pironti and Strub, Triple Handshakes and Cookie Cutters: Breaking \
                and Fixing Authentication over TLS, IEEE S&P 2014",
    claim: Claim::A1,
    defence: Defence::ContributoryExchange,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Achieves,
    achieved: "the device opened a session under a secret to which it had contributed nothing",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, mallory) = (play.client(0), play.mallory());
    let Some((_, hello)) = intercept_hello(play, client, mallory, &["read"]) else { return false };
    let own = Key::Own(0);
    let odd = Odd { ephemeral: Point::Small(0), ..Odd::NOTHING };
    let zero = answer_with(hello, own, Signature::By(own, mallory), odd);
    if let Some(challenge) = play.forge(zero, client, mallory) {
        accept(play, (hello, challenge), (client, mallory), &["read"]);
    }
    agreed(play, client).is_some()
}

//! A user leaves out what policy requires.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{Claims, make_claim};
use countersign::{Defence, Defences};
use countersign_endpoint::Event;
use countersign_sim::{Claim, Key, Play, Realm, Signature, Time};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "policy-evaded",
    story: "Policy lets this user in with one clearance only, and a client of the user's own making does not ask for it. It asks \
            for another, which the user holds too.",
    stands_for: "rules that the client is trusted to apply: whoever brings a client of his own leaves them out",
    reference: "Lanier, Duo Security Researchers Uncover Bypass of PayPal's Two-Factor Authentication, 2014",
    claim: Claim::A2,
    defence: Defence::RequiredClearances,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("policy"),
    achieved: "a session was opened without the clearance that policy requires of its user",
};

/// A user with a device of the adversary's own; policy requires "write".
const USER: &str = "mallory.example";
const DEVICE: Key = Key::Own(1);

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let server = play.server(0);
    let too_little = Claims {
        user: USER.to_owned(),
        device: DEVICE,
        time: Time::Ahead(0),
        wanted: &["read"],
        signature: Signature::By(DEVICE, server),
    };
    make_claim(play, server, too_little);
    play.said().any(|(host, _, event)| host == server && matches!(event, Event::Admitted { .. }))
}

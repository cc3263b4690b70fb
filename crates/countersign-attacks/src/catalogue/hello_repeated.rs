//! One Hello is delivered many times.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{entries, of_kind};
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "hello-repeated",
    story: "A Hello is recorded on the path and delivered ten times. Is each the beginning of something new?",
    stands_for: "state machines that take a repeated message for a new one, and draw, install or compute all anew",
    reference: "Vanhoef and Piessens, Key Reinstallation Attacks: Forcing Nonce Reuse in WPA2, CCS 2017; RFC 7296, section 2.1",
    claim: Claim::A4,
    defence: Defence::RepeatsIdentical,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("regenerated"),
    achieved: "one Hello was answered with ten Challenges, each with an entry and a key exchange of its own",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.connect(client, server, &["read"]);
    let Some(hello) = of_kind(play.under_way(), Kind::Hello) else { return false };
    (0..10).for_each(|_| _ = play.deliver(hello));
    entries(play, server) > 1
}

//! A Hello that is no key exchange costs one.

use crate::attack::{Attack, Goal, attack};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Forged, Ids, Play, Point, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "small-order-hello",
    story: "Somebody sends a Hello whose ephemeral is zero. It is refused in the end, whatever the order of the \
            checks. But it is to cost the vault a comparison and nothing more: an honest Hello after it gets the very \
            bytes that it would have got without it.",
    stands_for: "numbers that are no public keys, sent to make a server compute",
    reference: "CVE-2002-20001 (D(HE)at)",
    claim: Claim::A7,
    defence: Defence::SmallOrderEphemeral,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("twin"),
    achieved: "a Hello of zeros made the vault draw and compute, and so changed what it sent to others",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server, from) = (play.client(0), play.server(0), play.adversary());
    let zero = Forged::Hello { ids: Ids::Own(7), suites: vec![1], ephemeral: Point::Small(0), cookie: None };
    play.forge(zero, server, from);
    play.connect(client, server, &["read"]);
    play.run();
    false
}

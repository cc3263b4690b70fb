//! Strangers say Hello and nothing more.

use crate::attack::{Attack, Goal, attack};
use crate::moves::own_hello;
use core::time::Duration;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "silent-initiators",
    story: "Ten strangers say Hello and never a word more. What is kept for them, and for how long?",
    stands_for: "servers that wait for ever for whoever has begun a connection and says nothing more",
    reference: "Hansen, Slowloris HTTP DoS, 2009; CVE-2007-6750",
    claim: Claim::A7,
    defence: Defence::HalfOpenLifetime,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("half-open"),
    achieved: "what ten silent strangers left behind stayed for ever, and takes the room of honest devices",
};

/// Longer than anything half-open lasts.
const LONG: Duration = Duration::from_secs(125);

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (server, own) = (play.server(0), play.adversary());
    (0..10).for_each(|mark| _ = play.forge(own_hello(mark), server, own));
    play.wait(LONG);
    play.forge(own_hello(10), server, own);
    false
}

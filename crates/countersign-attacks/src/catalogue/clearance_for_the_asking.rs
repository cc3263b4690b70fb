//! A user asks for what it does not hold.

use crate::attack::{Attack, Goal, attack};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "clearance-for-the-asking",
    story: "A user who may read and write asks to administer the vault, under a signature that is quite in order.",
    stands_for: "servers that check who asks, and then take his word for what he may do",
    reference: "CVE-2014-6324 (MS14-068): a domain's Kerberos service believed the privileges that a user had written himself",
    claim: Claim::A2,
    defence: Defence::GrantWithinHeld,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("clearances"),
    achieved: "a user was made administrator for the asking",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.connect(client, server, &["administer"]);
    play.run();
    false
}

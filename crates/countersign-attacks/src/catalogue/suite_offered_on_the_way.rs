//! A suite is put into the offer on its way.

use crate::attack::{Attack, Goal, attack};
use crate::moves::intercept_hello;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Field, Forged, Play, Realm, Spare};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "suite-offered-on-the-way",
    story: "Somebody on the path writes a suite into the Hello that the device did not offer, before the one that it \
            did. The vault goes on with the one that both know. Each side then believes something else was offered.",
    stands_for: "offers that anybody on the path can change: the cipher suite rollback of SSL 2.0",
    reference: "Wagner and Schneier, Analysis of the SSL 3.0 Protocol, USENIX Workshop on Electronic Commerce 1996",
    claim: Claim::A1,
    defence: Defence::SuitesInTranscript,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("agreement"),
    achieved: "both accepted, and did not agree on what was offered",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let Some((_, hello)) = intercept_hello(play, client, server, &["read"]) else { return false };
    // From 1 to 2, 1.
    let changed = Forged::Edited { of: hello, field: Field::Suites, with: Spare::Plus(0x0101_0000_0000_0000) };
    play.forge(changed, server, client);
    play.run();
    false
}

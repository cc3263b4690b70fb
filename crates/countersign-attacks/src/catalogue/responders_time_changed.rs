//! The responder's timestamp is changed on its way.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{intercept_hello, of_kind};
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Field, Forged, Play, Realm, Spare};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "responders-time-changed",
    story: "Somebody on the path moves the vault's timestamp in the Challenge by a second. A device without a clock \
            would even take it for the time.",
    stands_for: "clocks that are set by what anybody on the path can write",
    reference: "Malhotra, Cohen, Brakke and Goldberg, Attacking the Network Time Protocol, NDSS 2016",
    claim: Claim::A1,
    defence: Defence::TimestampInTranscript,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("agreement"),
    achieved: "both accepted, and did not agree on the vault's time",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let Some((_, hello)) = intercept_hello(play, client, server, &["read"]) else { return false };
    play.deliver(hello);
    let Some(challenge) = of_kind(play.drop_all().into_iter(), Kind::Challenge) else { return false };
    play.forge(Forged::Edited { of: challenge, field: Field::Timestamp, with: Spare::Plus(1_000) }, client, server);
    play.run();
    false
}

//! Both ephemerals become zero on their way.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{intercept_hello, of_kind};
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Field, Forged, Play, Point, Realm, Spare};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "all-zero-exchange",
    story: "In this world nothing signed covers the ephemerals, and no list of bad ones is looked at. Somebody on the \
            path writes zero over both. Whatever each side's secret is, the shared one is zero. He needs no ephemeral \
            of his own, and can read all that follows.",
    stands_for: "pairing in which the public values are half signed and not checked",
    reference: "CVE-2018-5383; Biham and Neumann, Breaking the Bluetooth Pairing: The Fixed Coordinate Invalid Curve \
                Attack, SAC 2019",
    claim: Claim::A6,
    defence: Defence::ContributoryExchange,
    weakened: &[Defence::EphemeralsInTranscript, Defence::SmallOrderEphemeral],
    realm: Realm::Honest,
    goal: Goal::Violates("secrecy"),
    achieved: "both accepted a session whose secret everybody knows",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let Some((_, hello)) = intercept_hello(play, client, server, &["read"]) else { return false };
    let zero = Spare::Point(Point::Small(0));
    play.forge(Forged::Edited { of: hello, field: Field::EphemeralI, with: zero }, server, client);
    let Some(challenge) = of_kind(play.drop_all().into_iter(), Kind::Challenge) else { return false };
    play.forge(Forged::Edited { of: challenge, field: Field::EphemeralR, with: zero }, client, server);
    play.run();
    false
}

//! A man in the middle puts his own ephemerals in the place of both.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{intercept_hello, of_kind};
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{
    Claim, Exchange, Field, Forged, Ids, Key, Play, Point, Realm, Says, Sealing, Signature, Spare, Time,
};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "man-in-the-middle",
    story: "Somebody on the path swaps both ephemerals for his own, and passes the signatures on. Each side then shares a \
            secret with him.",
    stands_for: "unauthenticated Diffie-Hellman, and every exchange whose signatures do not cover it",
    reference: "Diffie, van Oorschot and Wiener, Authentication and Authenticated Key Exchanges, 1992",
    claim: Claim::A6,
    defence: Defence::EphemeralsInTranscript,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("secrecy"),
    achieved: "the device accepted, and the man in the middle has the secret of its session",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let Some((_, hello)) = intercept_hello(play, client, server, &["read"]) else { return false };
    let swapped = Forged::Edited { of: hello, field: Field::EphemeralI, with: Spare::Point(Point::Own(0)) };
    let Some(swapped) = play.forge(swapped, server, client) else { return false };
    let Some(genuine) = of_kind(play.under_way(), Kind::Challenge) else { return false };
    let at_server = Exchange { hello: swapped, challenge: genuine, response: None, verdict: None };
    // The same header but for the ephemeral, and the same text in the box.
    let copied = Forged::Challenge {
        hello,
        ids: Ids::Of(genuine),
        suite: 1,
        time: Time::Of(at_server),
        ephemeral: Point::Own(1),
        key: Key::Of(server),
        signature: Signature::Of(at_server),
        sealing: Sealing::Proper,
    };
    let Some(challenge) = play.forge(copied, client, server) else { return false };
    let Some(response) = of_kind(play.under_way(), Kind::Response) else { return false };
    let at_client = Exchange { hello, challenge, response: Some(response), verdict: None };
    play.forge(Forged::Verdict { of: at_client, says: Says::Granted(vec!["read".to_owned()]) }, client, server);
    false
}

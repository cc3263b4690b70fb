//! The last order is held back, and the session ended in its place.

use crate::attack::{Attack, Goal, attack};
use crate::moves::of_kind;
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_endpoint::{Closed, Event};
use countersign_sim::{Act, Claim, Forged, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "truncation",
    story: "Somebody on the path holds the last order back, and puts nothing in its place: the right header, and a box of one \
            byte repeated. The vault is to believe that the device said goodbye, and that nothing is missing.",
    stands_for: "streams whose end anybody can forge, so that what was cut off is not missed",
    reference: "Smyth and Pironti, Truncating TLS Connections to Violate Beliefs in Web Applications, WOOT 2013",
    claim: Claim::A7,
    defence: Defence::CloseAuthenticated,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("closed"),
    achieved: "an order was cut off, and the vault closed the session in the belief that it had got them all",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let handshake = play.connect(client, server, &["read"]);
    play.run();
    let Some(last) = of_kind(play.act(Act::Say { client, handshake }).into_iter(), Kind::Record) else { return false };
    play.drop_all();
    play.forge(Forged::Empty { like: last, fill: 0 }, server, client);
    let complete = Closed::ByPeer { missing: 0 };
    play.said().any(|(host, _, event)| host == server && matches!(event, Event::Closed { why, .. } if *why == complete))
}

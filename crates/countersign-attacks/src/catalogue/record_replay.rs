//! A record is delivered twice.

use crate::attack::{Attack, Goal, attack};
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Act, Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "record-replay",
    story: "An order is recorded on the path, and delivered a second time.",
    stands_for: "sessions that encrypt and do not count",
    reference: "Syverson, A Taxonomy of Replay Attacks, CSFW 1994",
    claim: Claim::A4,
    defence: Defence::ReplayWindow,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("replay"),
    achieved: "an order was carried out twice",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let handshake = play.connect(client, server, &["read"]);
    play.run();
    let sent = play.act(Act::Say { client, handshake });
    let records = sent.into_iter().filter(|name| name.kind == Kind::Record as u8);
    for record in records.collect::<Vec<_>>() {
        play.deliver(record);
        play.deliver(record);
    }
    false
}

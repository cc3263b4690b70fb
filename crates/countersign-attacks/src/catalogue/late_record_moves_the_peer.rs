//! A record that was held back comes from elsewhere.

use crate::attack::{Attack, Goal, attack};
use crate::moves::of_kind;
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Act, Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "late-record-moves-the-peer",
    story: "Somebody on the path holds an order back and lets the next one pass. Later, no longer on the path, he sends the old \
            one from an address of his own.",
    stands_for: "roaming that follows any packet which is authentic, however old",
    reference: "RFC 9000, section 9.3; RFC 9146, Connection Identifier for DTLS 1.2, section 6",
    claim: Claim::A7,
    defence: Defence::AddressFollowsNewest,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("address"),
    achieved: "the vault sent its answers to an address at which its peer has never been",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server, own) = (play.client(0), play.server(0), play.adversary());
    let handshake = play.connect(client, server, &["read"]);
    play.run();
    let mut order = || of_kind(play.act(Act::Say { client, handshake }).into_iter(), Kind::Record);
    let (Some(held_back), Some(newer)) = (order(), order()) else { return false };
    play.deliver(newer);
    let answers = play.deliver_to(held_back, server, own);
    answers.iter().any(|answer| play.destination(answer) == Some(own))
}

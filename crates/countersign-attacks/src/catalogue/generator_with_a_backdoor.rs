//! Somebody can compute what the vault's generator yields.

use crate::attack::{Attack, Goal, attack};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Loot, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "generator-with-a-backdoor",
    story: "Somebody can compute all that the vault's generator yields. He has none of its keys. A device opens a session, \
            and he listens.",
    stands_for: "Dual EC in Juniper's ScreenOS: who had chosen its constant could compute the keys of every VPN connection",
    reference: "Checkoway and others, A Systematic Analysis of the Juniper Dual EC Incident, CCS 2016; RFC 8937",
    claim: Claim::A6,
    defence: Defence::HedgeSalted,
    weakened: &[],
    realm: Realm::StolenState,
    goal: Goal::Violates("secrecy"),
    achieved: "he computed the vault's ephemeral from what its generator had yielded, and had the secret of the session",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.steal(Loot::Generator(server));
    play.connect(client, server, &["read"]);
    play.run();
    false
}

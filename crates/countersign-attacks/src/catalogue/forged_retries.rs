//! A flood of forged Retries.

use crate::attack::{Attack, Goal, attack};
use crate::moves::intercept_hello;
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_endpoint::Limits;
use countersign_sim::{Claim, Forged, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "forged-retries",
    story: "A hundred forged Retries ask a device to say Hello again. Nobody signs a Retry, and a Hello is five times as large: \
            the device is to flood the vault on somebody else's behalf.",
    stands_for: "reflection: small forged questions, and large answers to a third party",
    reference: "Rossow, Amplification Hell: Revisiting Network Protocols for DDoS Abuse, NDSS 2014; RFC 9000, section 17.2.5",
    claim: Claim::A7,
    defence: Defence::RetryBudget,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("retries"),
    achieved: "a hundred forged Retries made the device send a hundred Hellos",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let Some((_, hello)) = intercept_hello(play, client, server, &["read"]) else { return false };
    (0..100).for_each(|mark| _ = play.forge(Forged::Retry { hello, mark }, client, server));
    let hellos = play.under_way().filter(|name| name.kind == Kind::Hello as u8).count();
    u32::try_from(hellos).is_ok_and(|hellos| hellos > Limits::default().retries_per_expiry)
}

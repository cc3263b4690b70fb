//! A Verdict that does not open is believed.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{intercept_hello, of_kind};
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Field, Forged, Play, Realm, Spare};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "forged-verdict",
    story: "A device has been accepted, and the Verdict was recorded. Later another device's Response is lost on the \
            path. Somebody writes that device's session id on the recorded Verdict and delivers it. It does not open.",
    stands_for: "a word of success that is not authenticated",
    reference: "Mishra and Arbaugh, An Initial Security Analysis of the IEEE 802.1X Standard, University of Maryland \
                2002",
    claim: Claim::A1,
    defence: Defence::VerdictAuthenticated,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("agreement"),
    achieved: "the device accepted, and the vault had never heard its claim",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, other, server) = (play.client(0), play.client(1), play.server(0));
    play.connect(other, server, &["read"]);
    let Some(recorded) = of_kind(play.run().into_iter(), Kind::Verdict) else { return false };
    let Some((_, hello)) = intercept_hello(play, client, server, &["read"]) else { return false };
    play.deliver(hello);
    play.run_until(Kind::Response);
    play.forge(Forged::Edited { of: recorded, field: Field::SidI, with: Spare::Of(hello) }, client, server);
    false
}

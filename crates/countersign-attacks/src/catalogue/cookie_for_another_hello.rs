//! One cookie for many Hellos.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{cookie_for, entries, own_hello_with};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "cookie-for-another-hello",
    story: "Somebody fetches one cookie, and sends five different Hellos with it. The first is the one that it was baked for.",
    stands_for: "cookies that prove an address once and then open as many connections as their holder likes",
    reference: "RFC 7296, Internet Key Exchange Protocol Version 2, section 2.6: why a cookie covers nonce and SPI",
    claim: Claim::A7,
    defence: Defence::CookieBoundToHello,
    weakened: &[],
    realm: Realm::Loaded,
    goal: Goal::Violates("cookie"),
    achieved: "one cookie opened five entries",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (server, own) = (play.server(0), play.adversary());
    let Some(cookie) = cookie_for(play, 1, server) else { return false };
    (1..=5).for_each(|mark| _ = play.forge(own_hello_with(mark, Some(cookie)), server, own));
    entries(play, server) > 1
}

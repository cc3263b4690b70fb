//! A cookie is used from another address than it was fetched at.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{cookie_for, entries, own_hello_with};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "cookie-from-elsewhere",
    story: "Somebody fetches a cookie at his own address, and sends the Hello with it from the address of somebody else, who \
            will get the answer.",
    stands_for: "floods from forged addresses, and cookies that do not say where they were sent",
    reference: "CERT Advisory CA-1996-21, TCP SYN Flooding and IP Spoofing Attacks; Bernstein, SYN cookies, 1996",
    claim: Claim::A7,
    defence: Defence::CookieBoundToAddress,
    weakened: &[],
    realm: Realm::Loaded,
    goal: Goal::Violates("cookie"),
    achieved: "a Hello from an address at which its sender receives nothing got a Challenge and an entry",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (server, victim) = (play.server(0), play.client(1));
    let Some(cookie) = cookie_for(play, 1, server) else { return false };
    play.forge(own_hello_with(1, Some(cookie)), server, victim);
    entries(play, server) > 0
}

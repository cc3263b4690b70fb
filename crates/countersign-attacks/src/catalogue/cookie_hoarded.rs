//! Cookies are collected now and used later.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{cookie_for, entries, own_hello_with};
use core::time::Duration;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "cookie-hoarded",
    story: "Somebody collects cookies at an address that he has for a while, and spends all of them an hour later, when the \
            address is somebody else's.",
    stands_for: "tokens of address validation that outlive the address",
    reference: "RFC 9000, QUIC: A UDP-Based Multiplexed and Secure Transport, sections 8.1.4 and 21.3",
    claim: Claim::A7,
    defence: Defence::CookieExpires,
    weakened: &[],
    realm: Realm::Loaded,
    goal: Goal::Violates("cookie"),
    achieved: "a stock of old cookies opened as many entries in one instant",
};

const LATER: Duration = Duration::from_secs(3_600);

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (server, own) = (play.server(0), play.adversary());
    let stock: Vec<_> = (0..5).filter_map(|mark| Some((mark, cookie_for(play, mark, server)?))).collect();
    play.wait(LATER);
    for (mark, cookie) in stock {
        play.forge(own_hello_with(mark, Some(cookie)), server, own);
    }
    entries(play, server) > 0
}

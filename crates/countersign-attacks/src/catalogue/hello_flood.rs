//! More Hellos than there is room for.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{cookie_for, entries, own_hello_with};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "hello-flood",
    story: "Somebody who receives at an address of his own fetches a cookie for each of twenty Hellos and sends them all. The \
            vault has room for six.",
    stands_for: "floods that fill a server's memory, one half-open connection at a time",
    reference: "CERT Advisory CA-1996-21, TCP SYN Flooding and IP Spoofing Attacks; Eddy, RFC 4987, 2007",
    claim: Claim::A7,
    defence: Defence::TableBound,
    weakened: &[],
    realm: Realm::Loaded,
    goal: Goal::Violates("table"),
    achieved: "the table grew past its bound, and nothing would have stopped it but the end of the memory",
};

/// More than there is room for in the loaded world.
const FLOOD: u8 = 20;
const ROOM: usize = 6;

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (server, own) = (play.server(0), play.adversary());
    for mark in 0..FLOOD {
        let Some(cookie) = cookie_for(play, mark, server) else { return false };
        play.forge(own_hello_with(mark, Some(cookie)), server, own);
    }
    entries(play, server) > ROOM
}

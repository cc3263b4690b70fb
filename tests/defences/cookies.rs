//! What does a flood gain where cookies and Retries are lax?

use crate::attacker::{Guard, hello, hello_of, overwrite, take_if_sent, to_device, to_server};
use core::net::SocketAddr;
use countersign::primitives::Ephemeral;
use countersign::wire::{Cookie, Kind, Message, Retry};
use countersign::{COOKIE_EPOCH, Defences};
use countersign_endpoint::Limits;
use countersign_tests::world::{ELSEWHERE, Setup, World};

/// CS-COOKIE-02: a cookie fetched at one address comes back from another, and from another port.
///
/// World: the ordinary one, under load.
pub(crate) fn cookie_is_no_good_from_elsewhere<D: Defences>(defences: D) -> Guard {
    let spoofed = SocketAddr::new("198.51.100.7".parse().unwrap(), ELSEWHERE.port());
    let other_port = SocketAddr::new(ELSEWHERE.ip(), ELSEWHERE.port() + 1);
    let taken = [spoofed, other_port].into_iter().any(|from| {
        let mut world = under_load(defences);
        let cookie = fetch_cookie(&mut world, 1);
        opens_entry(&mut world, from, 1, &cookie)
    });
    Guard::broken_if(taken, "a cookie fetched once opened entries in the name of addresses that never saw it")
}

/// CS-COOKIE-03: one cookie for a hundred Hellos.
///
/// World: the ordinary one, under load.
pub(crate) fn cookie_is_no_good_for_another_hello<D: Defences>(defences: D) -> Guard {
    let mut world = under_load(defences);
    let cookie = fetch_cookie(&mut world, 1);
    let taken = (2..102).filter(|mark| opens_entry(&mut world, ELSEWHERE, *mark, &cookie)).count();
    Guard::broken_if(taken > 0, "one cookie opened a hundred entries")
}

/// CS-COOKIE-04: a cookie kept for three epochs.
///
/// World: the ordinary one, under load.
pub(crate) fn cookie_does_not_keep<D: Defences>(defences: D) -> Guard {
    let mut world = under_load(defences);
    let cookie = fetch_cookie(&mut world, 1);
    world.moment = world.moment.plus(COOKIE_EPOCH * 3);
    let taken = opens_entry(&mut world, ELSEWHERE, 1, &cookie);
    Guard::broken_if(taken, "cookies hoarded for minutes were all good at once")
}

/// CS-RETRY-01: a hundred forged Retries in one instant.
///
/// World: the ordinary one.
pub(crate) fn forged_retries_do_not_multiply_hellos<D: Defences>(defences: D) -> Guard {
    let mut world = Setup::with(defences, 84).build();
    world.connect();
    let sid_i = hello_of(&world.take(Kind::Hello).bytes).sid_i;
    for mark in 0..100 {
        to_device(&mut world, &Retry { sid_i, cookie: &[mark; 33] }.encode()).unwrap();
    }
    let hellos = world.lose_all().len();
    let budget = usize::try_from(Limits::default().retries_per_expiry).unwrap();
    assert!(hellos >= budget, "some are answered");
    Guard::broken_if(
        hellos > budget,
        "a hundred forged Retries made the device send a hundred Hellos, five times their size",
    )
}

/// A server that asks every Hello for a cookie.
fn under_load<D: Defences>(defences: D) -> World<D> {
    let limits = Limits { half_open_before_cookies: 0, ..Limits::default() };
    Setup { limits, ..Setup::with(defences, 81) }.build()
}

/// Sends a Hello without a cookie from elsewhere; the server keeps nothing of it.
fn fetch_cookie<D: Defences>(world: &mut World<D>, mark: u8) -> Cookie {
    assert!(!opens_entry(world, ELSEWHERE, mark, &[0; 33]));
    let retry = world.take(Kind::Retry).bytes;
    let Ok(Message::Retry(retry)) = Message::decode(&retry) else { panic!("no Retry: {retry:?}") };
    *retry.cookie
}

/// Sends a Hello with this cookie, and says whether it got a Challenge.
fn opens_entry<D: Defences>(world: &mut World<D>, from: SocketAddr, mark: u8, cookie: &Cookie) -> bool {
    let mut hello = hello(mark, Ephemeral::from_secret(&[mark; 32]).public());
    overwrite(&mut hello, "cookie", cookie);
    to_server(world, from, &hello).unwrap();
    take_if_sent(world, Kind::Challenge).is_some()
}

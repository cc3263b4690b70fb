//! What does the adversary have, once it has stolen a generator, a long-term key, a cookie key, or two of them?

use core::time::Duration;
use countersign::wire::Kind;
use countersign::{Ablated, Defence, Defences, Whole};
use countersign_sim::{
    Act, Claim, Cookie, DatagramName, Exchange, Forged, HostId, Ids, Loot, Play, Point, Realm, Violation,
};

/// A play in which a device opens a session with the first server, and this is stolen before it or after it, whatever
/// the world lets be stolen; and whether the adversary can read along.
fn reads<D: Defences>(defences: D, loot: &[Loot], is_before: bool) -> (bool, Option<Violation>) {
    let mut play = Play::new(Realm::StolenState, 1, defences);
    let steal = |play: &mut Play<D>| loot.iter().for_each(|loot| drop(play.act(Act::Steal { loot: *loot })));
    if is_before {
        steal(&mut play);
    }
    play.connect(play.client(0), play.server(0), &["read"]);
    let recorded = play.run();
    if !is_before {
        steal(&mut play);
    }
    let last = |kind| recorded.iter().rev().find(|name| name.kind == kind as u8).copied().expect("a whole handshake");
    let of = Exchange { hello: last(Kind::Hello), challenge: last(Kind::Challenge), response: None, verdict: None };
    (play.open(&of).is_some(), play.violation().cloned())
}

fn ends() -> [HostId; 2] {
    let play = Play::new(Realm::StolenState, 1, Whole);
    [play.client(0), play.server(0)]
}

/// CS-HEDGE-01, CS-HEDGE-03, CS-HEDGE-04: one of the two is not enough, for either side, before or after.
#[test]
fn generator_and_key_give_the_ephemeral_away_and_one_of_them_does_not() {
    for host in ends() {
        for is_before in [true, false] {
            for one in [Loot::Generator(host), Loot::Key(host), Loot::CookieKey(host)] {
                assert_eq!(reads(Whole, &[one], is_before), (false, None), "{one:?}, before: {is_before}");
            }
            let both = [Loot::Generator(host), Loot::Key(host)];
            assert!(reads(Whole, &both, is_before).0, "{both:?}, before: {is_before}");
        }
    }
}

/// It tries what it has against whatever is off, and need not know what that is.
#[test]
fn without_one_half_of_the_hedge_the_other_half_is_enough() {
    for host in ends() {
        let cases = [(Defence::HedgeSalted, Loot::Generator(host)), (Defence::HedgeSeeded, Loot::Key(host))];
        for (off, loot) in cases {
            let (reads, violation) = reads(Ablated::without(&[off]), &[loot], false);
            assert!(reads, "{loot:?} without {off}");
            // Who has a server's key is that server, to all that comes after; what came before is to stay secret.
            assert_eq!(violation.map(|violation| violation.claim), Some(Claim::A6), "{loot:?} without {off}");
        }
    }
}

/// What was stolen ends with the next start.
#[test]
fn a_generator_that_was_stolen_says_nothing_of_the_next_start() {
    let mut play = Play::new(Realm::StolenState, 1, Ablated::without(&[Defence::HedgeSalted]));
    let (client, server) = (play.client(0), play.server(0));
    assert!(play.steal(Loot::Generator(server)));
    play.act(Act::Crash { host: server });
    assert!(play.endpoint(server).is_none());
    play.act(Act::Start { host: server });
    play.connect(client, server, &["read"]);
    play.run();
    assert_eq!(play.violation(), None);
}

/// A Hello of the adversary's own, and whether the server answers with a Challenge.
fn gets_a_challenge(play: &mut Play<Whole>, mark: u8, server: HostId, from: HostId, cookie: Option<Cookie>) -> bool {
    let hello = Forged::Hello { ids: Ids::Own(mark), suites: vec![1], ephemeral: Point::Own(0), cookie };
    if play.forge(hello, server, from).is_none() {
        return false;
    }
    play.drop_all().iter().any(|name: &DatagramName| name.kind == Kind::Challenge as u8)
}

/// CS-COOKIE-01, CS-COOKIE-02: from any address, until the responder starts again. Nothing else is lost with the key.
#[test]
fn a_cookie_key_opens_entries_from_any_address_and_nothing_else() {
    for stolen in [Loot::CookieKey, Loot::Generator] {
        let mut play = Play::new(Realm::StolenState, 1, Whole);
        let (server, other, spoofed, own) = (play.server(0), play.server(1), play.client(1), play.adversary());
        let baked = Some(Cookie::Baked(server, spoofed));
        assert!(!gets_a_challenge(&mut play, 1, server, spoofed, baked), "without the key there is no such cookie");
        assert!(!gets_a_challenge(&mut play, 2, server, spoofed, None), "everybody is asked for one");
        assert!(play.steal(stolen(server)));
        assert!(gets_a_challenge(&mut play, 3, server, spoofed, baked));
        assert!(!gets_a_challenge(&mut play, 4, server, own, baked), "it is good for one address");
        assert!(!gets_a_challenge(&mut play, 5, other, spoofed, baked), "and for one responder");
        play.wait(Duration::from_secs(600));
        assert!(gets_a_challenge(&mut play, 6, server, spoofed, baked), "it is made anew each time");
        play.act(Act::Crash { host: server });
        play.act(Act::Start { host: server });
        assert!(!gets_a_challenge(&mut play, 7, server, spoofed, baked), "the key was drawn anew");
        play.compare_with_twin();
        assert_eq!(play.violation(), None);
    }
}

#[test]
fn long_term_keys_cannot_be_stolen_in_the_world_of_stolen_state() {
    let mut play = Play::new(Realm::StolenState, 1, Whole);
    for host in [play.client(0), play.server(0)] {
        assert!(!play.steal(Loot::Key(host)) && play.steal(Loot::Generator(host)));
    }
    assert!(!play.steal(Loot::Ephemerals));
}

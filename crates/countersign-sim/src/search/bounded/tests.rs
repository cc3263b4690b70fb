//! All within a bound: the same on any number of threads, nothing with the whole, the shortest where a defence is off.

use super::*;
use crate::adversary::{Forged, Ids, Point};
use countersign::{Ablated, Defence, Whole};

fn bounds<D>(defences: D, actions: u32, threads: usize) -> Bounds<D> {
    Bounds { realm: Realm::Honest, defences, seed: 1, actions, threads }
}

fn within<D: Defences + Send + Sync>(defences: D, actions: u32) -> Bounded {
    bounds(defences, actions, 2).run("test", || true)
}

/// Two handshakes without an adversary are one sequence of states; with one action the whole stays whole.
#[test]
fn the_whole_stands_within_the_bound_on_any_number_of_threads() {
    let one = bounds(Whole, 1, 1).run("test", || true);
    let two = bounds(Whole, 1, 2).run("test", || true);
    assert!(one.is_complete && one.found.is_none());
    assert_eq!((one.states.clone(), one.tried), (two.states, two.tried));
    assert!(matches!(one.states[..], [19, more] if more > 300), "{:?}", one.states);
}

/// With a defence off the shortest is found: as many actions as are known to be needed, and nothing with one less.
#[test]
fn with_a_defence_off_the_shortest_attack_is_found() {
    let shortest = [
        (Defence::ResponderSignature, 1),
        (Defence::ReplayWindow, 1),
        (Defence::CloseAuthenticated, 1),
        (Defence::SuitesInTranscript, 1),
        (Defence::DeviceEnrolled, 2),
    ];
    for (defence, actions) in shortest {
        let off = Ablated::without(&[defence]);
        let (found, what) = within(off, 2).found.unwrap();
        assert_eq!(found, actions, "{defence}");
        let again = what.trace.rerun(None, off);
        assert_eq!(again.lines, what.trace.lines, "{defence}");
        let fewer = within(off, actions - 1);
        assert!(fewer.is_complete && fewer.found.is_none(), "{defence}");
    }
}

/// Two plays that differ in the order of what has nothing to do with each other are in one state; what a host was told, and
/// in which of its conversations, makes two.
#[test]
fn the_order_of_strangers_makes_no_other_state() {
    let play = |order: [u8; 2], also: Option<u8>| {
        let mut play = Play::new(Realm::Honest, 1, Whole);
        let (server, from) = (play.server(0), play.adversary());
        for byte in order.into_iter().chain(also) {
            let (ids, ephemeral) = (Ids::Own(byte), Point::Own(byte));
            play.forge(Forged::Hello { ids, suites: vec![1], ephemeral, cookie: None }, server, from);
        }
        state(&play)
    };
    assert_eq!(play([1, 2], None), play([2, 1], None));
    assert_eq!(play([1, 2], Some(1)), play([2, 1], None), "a repeat that is answered as before");
    assert_ne!(play([1, 2], None), play([1, 3], None));
    assert_ne!(play([1, 2], Some(3)), play([1, 2], None));
}

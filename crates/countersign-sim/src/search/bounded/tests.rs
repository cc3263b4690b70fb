//! All within a bound: the same on any number of threads, nothing with the whole, the shortest where a defence is off.

use super::*;
use crate::act::{Act, Nature};
use crate::adversary::{Forged, Ids, Point};
use core::sync::atomic::{AtomicU32, Ordering};
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
    assert_eq!(one.states, [19, 452]);
}

/// With a defence off the shortest is found: as many actions as are known to be needed, and nothing with one less.
#[test]
fn with_a_defence_off_the_shortest_attack_is_found() {
    let shortest = [
        (Defence::ResponderSignature, 1),
        (Defence::ReplayWindow, 1),
        (Defence::CloseAuthenticated, 1),
        (Defence::SuitesInTranscript, 1),
        (Defence::HalfOpenLifetime, 1),
        (Defence::DeviceEnrolled, 2),
    ];
    for (defence, actions) in shortest {
        let off = Ablated::without(&[defence]);
        let (found, what) = within(off, 2).found.unwrap();
        assert_eq!(found, actions, "{defence}");
        assert!(what.trace.violation().is_some(), "{defence}");
        let steps = what.trace.lines.iter().filter(|line| line.step > 0);
        let own =
            steps.filter(|line| matches!(line.act, Act::Forge { .. } | Act::Deliver { nature: Nature::Replayed, .. }));
        assert!(own.count() <= usize::try_from(actions).unwrap(), "{defence}");
        let fewer = within(off, actions - 1);
        assert!(fewer.is_complete && fewer.found.is_none(), "{defence}");
    }
}

/// What was found before the time was up is not lost, and is not said to be the shortest.
#[test]
fn what_was_found_when_the_time_is_up_is_kept() {
    let asked = AtomicU32::new(0);
    let until = |times| {
        asked.store(0, Ordering::Relaxed);
        bounds(Ablated::without(&[Defence::ReplayWindow]), 1, 1)
            .run("test", || asked.fetch_add(1, Ordering::Relaxed) < times)
    };
    let all = until(u32::MAX);
    assert!(all.is_complete && all.found.is_some());
    let times = asked.load(Ordering::Relaxed);
    let cut = (1..times).map(until).find(|cut| cut.found.is_some()).expect("it is found before the layer is through");
    assert!(!cut.is_complete);
    let nothing = until(1);
    assert!(!nothing.is_complete && nothing.found.is_none());
}

/// The order of what has nothing to do with each other makes no other state: of two strangers, or of a stranger and a device.
/// What a host has lived through does, and so does a Hello that is lost.
#[test]
fn the_order_of_strangers_makes_no_other_state() {
    let play = |order: &[u8]| {
        let mut play = Play::new(Realm::Honest, 1, Whole);
        let (client, server, from) = (play.client(0), play.server(0), play.adversary());
        for byte in order {
            match byte {
                0 => _ = play.connect(client, server, &["read"]),
                9 => play.make(Move::Drop),
                _ => {
                    let (ids, ephemeral) = (Ids::Own(*byte), Point::Own(*byte));
                    play.forge(Forged::Hello { ids, suites: vec![1], ephemeral, cookie: None }, server, from);
                }
            }
        }
        state(&play)
    };
    assert_eq!(play(&[1, 2]), play(&[2, 1]));
    assert_eq!(play(&[1, 0]), play(&[0, 1]));
    assert_eq!(play(&[1, 2, 1]), play(&[2, 1]), "a repeat that is answered as before");
    assert_ne!(play(&[1, 2]), play(&[1, 3]));
    assert_ne!(play(&[1, 2, 3]), play(&[1, 2]));
    assert_ne!(play(&[0, 9]), play(&[0]));
}

//! Does a handshake hold together, and come to its end, over a network that loses, repeats and reorders?

use core::time::Duration;
use countersign::Moment;
use countersign::wire::Kind;
use countersign_endpoint::{Event, HandshakeId, InitiatorState, Outcome};
use countersign_tests::network::{Fate, Network, fates};
use countersign_tests::world::{Datagram, Setup, Side, World};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;

const DEADLINE: Moment = Moment::from_micros(60_000_000);

/// A handshake over such a network, up to its deadline.
fn handshake(seed: u64, is_loaded: bool, fates: Vec<Fate>) -> (World, Network, HandshakeId) {
    let mut setup = Setup::whole(seed);
    setup.limits.half_open_before_cookies = usize::from(!is_loaded) * 1_024;
    let mut world = setup.build();
    let mut network = Network::with(fates);
    let handshake = world.connect();
    network.run(&mut world, Duration::from_secs(60));
    (world, network, handshake)
}

/// Whether the device has accepted.
fn accepted(world: &World) -> bool {
    world.device_session().is_some()
}

/// A Verdict that reaches the device in time ends the wait, and nothing else can have come before it.
fn verdict_arrived(network: &Network) -> bool {
    let in_time = |at: Moment| at < DEADLINE;
    network.arrivals.iter().any(|arrival| arrival.datagram.kind() == Kind::Verdict && in_time(arrival.at))
}

/// Every message that arrives draws its answer, once: the oracle of A9, one link of the chain at a time.
fn check_links(network: &Network) -> Result<(), TestCaseError> {
    for arrival in network.arrived_at(Side::Server) {
        let answers: Vec<Kind> = arrival.answers.iter().map(kind_of).collect();
        match arrival.datagram.kind() {
            Kind::Hello => prop_assert!(matches!(answers[..], [Kind::Challenge] | [Kind::Retry])),
            Kind::Response => prop_assert_eq!(answers, [Kind::Verdict]),
            Kind::Record => prop_assert!(matches!(answers[..], [Kind::Record] | [])),
            Kind::Retry | Kind::Challenge | Kind::Verdict => prop_assert!(false, "the server was sent its own"),
        }
    }
    let mut first_of = BTreeMap::new();
    for arrival in network.arrived_at(Side::Device).filter(|arrival| arrival.at < DEADLINE) {
        let kind = arrival.datagram.kind();
        let answers: Vec<Kind> = arrival.answers.iter().map(kind_of).collect();
        let is_first = first_of.insert(kind, ()).is_none();
        match kind {
            Kind::Challenge if is_first => prop_assert_eq!(answers, [Kind::Response]),
            Kind::Verdict if is_first => prop_assert_eq!(answers, [Kind::Record]),
            Kind::Challenge | Kind::Verdict | Kind::Record => prop_assert_eq!(answers, []),
            Kind::Retry => prop_assert!(matches!(answers[..], [Kind::Hello] | [])),
            Kind::Hello | Kind::Response => prop_assert!(false, "the device was sent its own"),
        }
    }
    Ok(())
}

fn kind_of(datagram: &Datagram) -> Kind {
    datagram.kind()
}

/// All that is sent under one sid and type is one byte string, but for records and the cookie of a Hello.
fn check_repeats(network: &Network) -> Result<(), TestCaseError> {
    let mut first_of: BTreeMap<(Kind, Vec<u8>), Vec<u8>> = BTreeMap::new();
    for datagram in network.sent.iter().filter(|datagram| !matches!(datagram.kind(), Kind::Record | Kind::Retry)) {
        let mut bytes = datagram.bytes.clone();
        if datagram.kind() == Kind::Hello {
            bytes[82..115].fill(0);
        }
        let first = first_of.entry((datagram.kind(), bytes[2..10].to_vec())).or_insert_with(|| bytes.clone());
        prop_assert_eq!(&bytes, first);
    }
    Ok(())
}

/// Who accepted, agrees with who admitted before; there is at most one of each.
fn check_agreement(world: &World) -> Result<(), TestCaseError> {
    let mut admitted = None;
    for (_, event) in &world.events {
        match event {
            Event::Admitted { agreement, .. } => {
                prop_assert!(admitted.is_none(), "one handshake, one admission");
                admitted = Some(agreement.clone());
            }
            Event::Accepted { agreement, .. } => prop_assert_eq!(Some(agreement), admitted.as_ref()),
            _ => {}
        }
    }
    Ok(())
}

proptest! {
    /// CS-INIT-09, CS-INIT-14, CS-RESP-10: whoever gets the Verdict in time accepts, and the two agree (A1, A2, A9).
    #[test]
    fn one_copy_of_each_message_is_enough(seed: u64, is_loaded: bool, fates in fates(60)) {
        let (world, network, handshake) = handshake(seed, is_loaded, fates);
        check_links(&network)?;
        check_agreement(&world)?;
        prop_assert_eq!(accepted(&world), verdict_arrived(&network));
        let timed_out = Event::Ended { handshake, outcome: Outcome::TimedOut };
        prop_assert_eq!(world.events.contains(&(Side::Device, timed_out)), !verdict_arrived(&network));
    }

    /// CS-INIT-15, CS-RESP-01, CS-RESP-10
    #[test]
    fn every_repeat_is_byte_identical(seed: u64, is_loaded: bool, fates in fates(60)) {
        let (_, network, _) = handshake(seed, is_loaded, fates);
        check_repeats(&network)?;
    }

    /// CS-INIT-14, CS-SESS-03: once the network heals, the two get through.
    #[test]
    fn a_healed_network_brings_both_to_a_session(
        seed: u64,
        is_loaded: bool,
        fates in fates(60),
        faulty_ms in 0_u64..56_000,
    ) {
        let mut setup = Setup::whole(seed);
        setup.limits.half_open_before_cookies = usize::from(!is_loaded) * 1_024;
        let mut world = setup.build();
        let mut network = Network::with(fates);
        let handshake = world.connect();
        network.run(&mut world, Duration::from_millis(faulty_ms));
        network.heal();
        network.run(&mut world, Duration::from_secs(5));
        prop_assert!(world.both_established(handshake));
        check_agreement(&world)?;
    }

    /// CS-INIT-14: a handshake that was lost altogether is no obstacle to the next.
    #[test]
    fn after_a_time_out_the_next_handshake_gets_through(seed: u64, fates in fates(6)) {
        let (mut world, mut network, first) = handshake(seed, false, fates);
        prop_assume!(!accepted(&world));
        prop_assert_eq!(world.device.initiator_state(first), InitiatorState::Ended);
        network.heal();
        let second = world.connect();
        network.run(&mut world, Duration::from_secs(1));
        prop_assert!(world.both_established(second));
        prop_assert_eq!(world.events.iter().filter(|(_, event)| matches!(event, Event::Accepted { .. })).count(), 1);
    }

    /// CS-RESP-10, CS-RESP-09, CS-REC-02: nothing that was ever sent, sent again, is admitted again (A2, A4).
    #[test]
    fn replays_of_everything_ever_sent_admit_nobody(
        seed: u64,
        fates in fates(30),
        replays in proptest::collection::vec((any::<prop::sample::Index>(), 0_u64..8_000), 0..60),
    ) {
        let mut world = Setup::whole(seed).build();
        let mut network = Network::with(fates);
        let _ = world.connect();
        network.run(&mut world, Duration::from_secs(1));
        network.heal();
        network.run(&mut world, Duration::from_secs(4));
        let second = world.connect();
        network.run(&mut world, Duration::from_secs(1));
        let is_acceptance = |event: &Event| matches!(event, Event::Accepted { .. } | Event::Confirmed { .. });
        let acceptances = |world: &World| world.events.iter().filter(|(_, event)| is_acceptance(event)).count();
        prop_assert_eq!((world.admissions(), acceptances(&world)), (2, 6));
        let everything = network.sent.clone();
        for (which, pause) in replays {
            let _ = world.deliver(which.get(&everything));
            world.lose_all();
            world.pass(Duration::from_millis(pause));
            prop_assert_eq!((world.admissions(), acceptances(&world)), (2, 6));
        }
        prop_assert!(world.both_established(second));
        let session = world.device_session().unwrap();
        world.device.send(world.now(Side::Device), session, b"still here").unwrap();
        world.settle(Side::Device);
        world.run();
        let session = world.server_session().unwrap();
        let data = Event::Data { session, data: b"still here".to_vec() };
        prop_assert_eq!(world.events.last(), Some(&(Side::Server, data)));
    }
}

/// CS-INIT-14: the schedules above do what they are for: each kind of fault occurs, with acceptance and without.
#[test]
fn the_schedules_reach_acceptance_and_time_out_through_every_fault() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeMap::new();
    for seed in 0..128 {
        let fates = fates(60).new_tree(&mut runner).unwrap().current();
        let (world, network, _) = handshake(seed, seed % 2 == 0, fates);
        for (fault, occurred) in ["lost", "repeated", "overtaken"].iter().zip(network.faults()) {
            *seen.entry((*fault, accepted(&world))).or_insert(0) += u32::from(occurred);
        }
    }
    assert_eq!(seen.len(), 6);
    assert!(seen.values().all(|times| *times > 0), "{seen:?}");
}

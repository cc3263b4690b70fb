//! Does no Verdict exist before the store has spoken, whatever the store says?

use core::time::Duration;
use countersign::wire::Kind;
use countersign::{Denial, Name, Profile, Receipt, Timestamp};
use countersign_endpoint::{Answer, AnswerError, Event, Output, Store, Ticket, answer};
use countersign_tests::world::{DEVICE, Datagram, ELSEWHERE, START, Setup, Side, World, profile, user};

/// A world whose store is asked and does not answer.
fn asking() -> World {
    let mut world = Setup::whole(1).build();
    world.store_answers = false;
    world.connect();
    world.run();
    world
}

/// The store answers the oldest question truly.
fn answer_truly(world: &mut World) {
    let question = world.questions.pop_front().expect("the store was asked");
    let (ticket, answer) = answer(&mut world.store, &question).unwrap();
    world.answer(ticket, answer);
}

/// The store fails to answer the oldest question.
fn fail(world: &mut World) {
    let ticket = ticket_of(&world.questions.pop_front().expect("the store was asked"));
    world.answer(ticket, Answer::StoreError);
}

fn ticket_of(question: &Output) -> Ticket {
    match question {
        Output::Lookup { ticket, .. } | Output::Advance { ticket, .. } => *ticket,
        other => panic!("not a question: {other:?}"),
    }
}

fn receipt() -> Receipt {
    Receipt { user: user(), device: device(), timestamp: Timestamp::from_millis(START) }
}

fn device() -> [u8; 32] {
    profile(&[]).devices[0]
}

fn denials(world: &World) -> Vec<Denial> {
    let denial = |event: &Event| match event {
        Event::Denied { denial, .. } => Some(*denial),
        _ => None,
    };
    world.events.iter().filter_map(|(_, event)| denial(event)).collect()
}

/// CS-RESP-09: asked first for the profile, then to advance; the Verdict comes after both.
#[test]
fn the_verdict_waits_for_profile_and_receipt() {
    let mut world = asking();
    assert!(matches!(&world.questions[0], Output::Lookup { user: of, device: by, .. }
        if *of == user() && *by == device()));
    answer_truly(&mut world);
    assert_eq!((world.wire.len(), world.admissions()), (0, 0));
    assert_eq!(world.store.latest(&user(), &device()), None);
    let timestamp = Timestamp::from_millis(START);
    let ticket = ticket_of(&world.questions[0]);
    assert_eq!(world.questions[0], Output::Advance { ticket, user: user(), device: device(), timestamp });
    answer_truly(&mut world);
    assert_eq!(world.store.latest(&user(), &device()), Some(timestamp));
    assert_eq!((world.take(Kind::Verdict).to, world.admissions()), (DEVICE, 1));
}

/// CS-RESP-11: at either question; the next repeat of the Response asks again.
#[test]
fn a_failed_store_makes_no_verdict_and_is_asked_again() {
    for answered_before in [0, 1] {
        let mut world = asking();
        (0..answered_before).for_each(|_| answer_truly(&mut world));
        for _ in 0..3 {
            let question = world.questions[0].clone();
            fail(&mut world);
            assert_eq!((world.wire.len(), world.admissions(), world.server.half_open()), (0, 0, 1));
            world.pass(Duration::from_secs(4));
            world.run();
            assert_eq!(world.questions.len(), 1, "repeats while the question is open ask nothing more");
            let (old, new) = (ticket_of(&question), ticket_of(&world.questions[0]));
            assert_ne!(old, new);
            assert_eq!(world.try_answer(old, Answer::NoProfile), Err(AnswerError::UnknownTicket));
        }
        (answered_before..2).for_each(|_| answer_truly(&mut world));
        world.run();
        assert_eq!((world.admissions(), world.server.sessions(), world.device.sessions()), (1, 1, 1));
    }
}

/// CS-RESP-11: nothing but a repeat asks again.
#[test]
fn a_failed_store_is_not_asked_by_time_alone() {
    let mut world = asking();
    fail(&mut world);
    let response = {
        world.pass(Duration::from_secs(1));
        world.take(Kind::Response)
    };
    world.pass(Duration::from_secs(30));
    assert!(world.questions.is_empty());
    world.deliver(&response).unwrap();
    assert_eq!(world.questions.len(), 1);
}

/// CS-RESP-11, CS-INIT-13: if the failed advance was made after all, the restart heals it.
#[test]
fn an_advance_that_failed_after_its_commit_costs_a_restart() {
    let mut world = asking();
    answer_truly(&mut world);
    let Some(Output::Advance { user, device, timestamp, .. }) = world.questions.front().cloned() else { panic!() };
    let _ = world.store.advance(&user, &device, timestamp).unwrap();
    fail(&mut world);
    world.store_answers = true;
    world.pass(Duration::from_secs(1));
    world.run();
    assert_eq!(denials(&world), [Denial::Stale { latest: timestamp }]);
    let begun = world.events.iter().filter(|(_, event)| matches!(event, Event::Begun { .. })).count();
    assert_eq!((begun, world.admissions(), world.device.sessions()), (2, 1, 1));
}

/// CS-RESP-09: a receipt for another user, device or timestamp is no receipt.
#[test]
fn a_wrong_receipt_is_refused() {
    let other_user = Receipt { user: Name::new(b"eve.example").unwrap(), ..receipt() };
    let other_device = Receipt { device: [7; 32], ..receipt() };
    let earlier = Receipt { timestamp: Timestamp::from_millis(START - 1), ..receipt() };
    let later = Receipt { timestamp: Timestamp::from_millis(START + 1), ..receipt() };
    for wrong in [other_user, other_device, earlier, later] {
        let mut world = asking();
        answer_truly(&mut world);
        let ticket = ticket_of(&world.questions[0]);
        world.answer(ticket, Answer::Advanced(wrong));
        assert_eq!((denials(&world), world.admissions()), (vec![Denial::WrongReceipt], 0));
        assert_eq!(world.take(Kind::Verdict).bytes.len(), 102);
        assert_eq!(world.server.sessions(), 0);
    }
}

/// CS-RESP-09, CS-IMPL-04: what the store was not asked changes nothing, byte for byte.
#[test]
fn answers_that_nobody_asked_for_are_errors_that_change_nothing() {
    let of_lookup = [Answer::NoProfile, Answer::Profile(profile(&[b"read"]))];
    let of_advance = [Answer::Advanced(receipt()), Answer::Stale { latest: Timestamp::from_millis(START) }];
    let everything = || of_lookup.iter().chain(&of_advance).cloned().chain([Answer::StoreError]);
    let mut runs = Vec::new();
    for is_noisy in [false, true] {
        let mut world = asking();
        for unasked in [&of_advance, &of_lookup] {
            let ticket = ticket_of(&world.questions[0]);
            if is_noisy {
                for unknown in [Ticket(ticket.0 + 1), Ticket(u64::MAX)] {
                    let results: Vec<_> = everything().map(|answer| world.try_answer(unknown, answer)).collect();
                    assert_eq!(results, [Err(AnswerError::UnknownTicket); 5]);
                }
                for answer in unasked.clone() {
                    assert_eq!(world.try_answer(ticket, answer), Err(AnswerError::NotAsked));
                }
            }
            answer_truly(&mut world);
            if is_noisy {
                let results: Vec<_> = everything().map(|answer| world.try_answer(ticket, answer)).collect();
                assert_eq!(results, [Err(AnswerError::UnknownTicket); 5], "a question is answered once");
            }
        }
        let delivered = world.run();
        runs.push((delivered, world.events));
    }
    assert_eq!(runs[0], runs[1]);
}

/// CS-RESP-09: a refused claim leaves no row, and moves none.
#[test]
fn a_refused_claim_does_not_advance() {
    let refusing = [
        None,
        Some(Profile { devices: vec![], ..profile(&[b"read"]) }),
        Some(profile(&[b"write"])),
        Some(Profile { required: countersign::Clearances::new(&[b"write"]).unwrap(), ..profile(&[b"read"]) }),
    ];
    for profile in refusing {
        let mut setup = Setup::whole(1);
        setup.profile = profile;
        let mut world = setup.build();
        world.connect();
        world.run();
        assert_eq!(denials(&world).len(), 1);
        assert_eq!(world.store.latest(&user(), &device()), None);
        assert!(
            !world.events.iter().any(|(side, event)| *side == Side::Server && matches!(event, Event::Admitted { .. }))
        );
    }
}

/// CS-RESP-11: the Verdict goes to where the Response was last heard from.
#[test]
fn after_a_failure_the_verdict_goes_to_where_the_repeat_came_from() {
    let mut world = Setup::whole(1).build();
    world.store_answers = false;
    world.connect();
    let response = world.run_until(Kind::Response);
    world.deliver(&response).unwrap();
    fail(&mut world);
    world.deliver(&Datagram { from: ELSEWHERE, ..response }).unwrap();
    answer_truly(&mut world);
    answer_truly(&mut world);
    assert_eq!(world.take(Kind::Verdict).to, ELSEWHERE);
}

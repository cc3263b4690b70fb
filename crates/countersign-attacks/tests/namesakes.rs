//! Does the observer blame a host that has done right, when the adversary takes session ids of others, and when lives of one
//! handshake follow each other?

use countersign::Whole;
use countersign::wire::Kind;
use countersign_endpoint::Event;
use countersign_sim::{
    Act, DatagramName, Exchange, Forged, HostId, Ids, Key, Loot, Play, Point, Realm, Says, Sealing, Signature, Time,
};

fn last(of: impl Iterator<Item = DatagramName>, kind: Kind) -> DatagramName {
    of.filter(|name| name.kind == kind as u8).last().expect("one was sent")
}

/// A Hello of the adversary's under these ids, and the server's Challenge.
fn greet(play: &mut Play<Whole>, ids: Ids, server: HostId) -> Exchange {
    let from = play.adversary();
    let hello = Forged::Hello { ids, suites: vec![1], ephemeral: Point::Own(0), cookie: None };
    let hello = play.forge(hello, server, from).expect("it can be made");
    let challenge = last(play.history().iter().copied(), Kind::Challenge);
    Exchange { hello, challenge, response: None, verdict: None }
}

/// A client visits the adversary's own responder, which answers under these ids.
fn visit_mallory(play: &mut Play<Whole>, client: HostId, ids: Ids) {
    let (mallory, key) = (play.mallory(), Key::Own(0));
    play.connect(client, mallory, &["read"]);
    let hello = last(play.under_way(), Kind::Hello);
    let (suite, time, ephemeral, sealing) = (1, Time::Ahead(0), Point::Own(0), Sealing::Proper);
    let signature = Signature::By(key, mallory);
    let challenge = Forged::Challenge { hello, ids, suite, time, ephemeral, key, signature, sealing };
    play.forge(challenge, client, mallory).expect("it can be made");
    assert_eq!(last(play.under_way(), Kind::Response).from, client);
}

/// A3: a responder of the adversary's answers under the session id that another gave to the adversary.
#[test]
fn a_challenge_under_the_session_id_of_another_is_answered_by_who_meant_it() {
    let mut play = Play::new(Realm::Honest, 1, Whole);
    let (client, server) = (play.client(0), play.server(0));
    let of = greet(&mut play, Ids::Own(1), server);
    visit_mallory(&mut play, client, Ids::Of(of.challenge));
    assert_eq!(play.violation(), None);
}

/// A3: the same, when that other was told the session id of a handshake of the same device.
#[test]
fn a_challenge_that_never_arrived_is_not_the_one_that_was_answered() {
    let mut play = Play::new(Realm::Honest, 1, Whole);
    let (client, server, mirror) = (play.client(0), play.server(0), play.mirror());
    play.connect(client, mirror, &["read"]);
    let hello = last(play.under_way(), Kind::Hello);
    let of = greet(&mut play, Ids::Of(hello), server);
    visit_mallory(&mut play, client, Ids::Of(of.challenge));
    assert_eq!(play.violation(), None);
}

/// A session of the adversary's, under a device's session id, beside the session of that device.
#[test]
fn two_sessions_under_one_session_id_are_two() {
    for is_first in [true, false] {
        let mut play = Play::new(Realm::Honest, 1, Whole);
        let (client, server, own) = (play.client(0), play.server(0), play.adversary());
        play.connect(client, server, &["read"]);
        let hello = last(play.under_way(), Kind::Hello);
        if !is_first {
            play.run();
        }
        let of = greet(&mut play, Ids::Of(hello), server);
        let (device, wanted) = (Key::Own(1), vec!["write".to_owned()]);
        let (user, time, signature) = ("mallory.example".to_owned(), Time::Ahead(0), Signature::By(device, server));
        let response = Forged::Response { of, user, device, time, wanted, signature };
        let response = play.forge(response, server, own).expect("it can be made");
        let verdict = last(play.history().iter().copied(), Kind::Verdict);
        let of = Exchange { response: Some(response), verdict: Some(verdict), ..of };
        let record = Forged::Record { of, as_initiator: true, counter: 0, kind: 1, data: "hello".to_owned() };
        play.forge(record, server, own).expect("it can be made");
        play.run();
        assert_eq!(play.violation(), None, "is first: {is_first}");
    }
}

/// A9: an impostor that was met before a clone's refusal made the device begin again explains how the handshake ends.
#[test]
fn an_impostor_is_remembered_by_who_begins_again() {
    let mut play = Play::new(Realm::Clones, 1, Whole);
    let (client, server) = (play.client(0), play.server(0));
    let clone = play.clone_of_server().expect("there is one");
    play.connect(client, server, &["read"]);
    let hello = last(play.under_way(), Kind::Hello);
    let (ids, key, sealing) = (Ids::Own(1), Key::Own(0), Sealing::Proper);
    let (suite, time, ephemeral, signature) = (1, Time::Ahead(0), Point::Own(0), Signature::By(key, server));
    let impostor = Forged::Challenge { hello, ids, suite, time, ephemeral, key, signature, sealing };
    play.forge(impostor, client, server).expect("it can be made");
    play.deliver(hello);
    play.deliver(last(play.under_way(), Kind::Challenge));
    let response = last(play.under_way(), Kind::Response);
    play.deliver(response);
    play.deliver_to(hello, clone, client);
    play.deliver_to(response, clone, client);
    let refusal = last(play.under_way(), Kind::Verdict);
    assert_eq!(refusal.from, clone);
    play.deliver_to(refusal, client, server);
    play.drop_all();
    play.wait(core::time::Duration::from_secs(60));
    assert_eq!(play.violation(), None);
}

/// A3: a device that starts again at the moment at which it crashed draws what it drew before: nobody can tell its two
/// lives apart, whoever answers it.
#[test]
fn who_repeats_itself_at_once_is_not_blamed_for_its_answer() {
    let mut play = Play::new(Realm::StuckInitiator, 1, Whole);
    let (client, mallory) = (play.client(0), play.mallory());
    play.connect(client, mallory, &["read"]);
    play.act(Act::Crash { host: client });
    play.act(Act::Start { host: client });
    play.drop_all();
    visit_mallory(&mut play, client, Ids::Own(1));
    assert_eq!(play.violation(), None);
}

/// A4: nor for what it does with the records of that handshake, wherever they were to go.
#[test]
fn who_repeats_itself_at_once_is_not_blamed_for_what_it_takes() {
    let mut play = Play::new(Realm::StuckInitiatorAndClock, 1, Whole);
    let (client, server, mallory) = (play.client(0), play.server(0), play.mallory());
    play.connect(client, server, &["read"]);
    play.act(Act::Crash { host: client });
    play.act(Act::Start { host: client });
    play.drop_all();
    play.connect(client, server, &["read"]);
    play.run_until(Kind::Record).expect("it accepts");
    let record = last(play.history().iter().copied(), Kind::Record);
    play.deliver_to(record, server, mallory);
    let answer = last(play.history().iter().copied(), Kind::Record);
    assert_eq!((answer.from, play.destination(&answer)), (server, Some(mallory)));
    play.deliver_to(answer, client, server);
    assert_eq!(play.violation(), None);
}

/// A9: whose key was stolen may find that somebody has claimed a later time in his name: what he says is stale, and he begins
/// again.
#[test]
fn whose_key_is_stolen_may_begin_again() {
    let mut play = Play::new(Realm::StolenDevice, 1, Whole);
    let (client, server, thief) = (play.client(0), play.server(0), play.adversary());
    play.connect(client, server, &["read"]);
    assert!(play.steal(Loot::Key(client)));
    let of = greet(&mut play, Ids::Own(7), server);
    let device = Key::Of(client);
    let (user, signature) = (play.user(client), Signature::By(device, server));
    let (time, wanted) = (Time::Ahead(1_000), vec!["read".to_owned()]);
    play.forge(Forged::Response { of, user, device, time, wanted, signature }, server, thief);
    play.run();
    let hellos = play.history().iter().filter(|name| name.from == client && name.kind == Kind::Hello as u8);
    assert_eq!((hellos.count(), play.violations()), (2, &[][..]), "it has begun again");
}

/// A1: who visits the adversary, and is given the session id of a session that an honest responder has with somebody else, does
/// not share keys with that responder.
#[test]
fn a_session_with_the_adversary_is_not_that_of_a_responder() {
    let mut play = Play::new(Realm::Honest, 1, Whole);
    let (client, server, mallory, adversary) = (play.client(0), play.server(0), play.mallory(), play.adversary());
    let of = greet(&mut play, Ids::Own(7), server);
    let (user, device, time) = ("mallory.example".to_owned(), Key::Own(1), Time::Ahead(0));
    let (wanted, signature) = (vec!["read".to_owned(), "write".to_owned()], Signature::By(device, server));
    play.forge(Forged::Response { of, user, device, time, wanted, signature }, server, adversary);
    assert!(play.said().any(|(host, _, event)| host == server && matches!(event, Event::Admitted { .. })));
    visit_mallory(&mut play, client, Ids::Of(of.challenge));
    let [hello, response] = [Kind::Hello, Kind::Response].map(|kind| last(play.under_way(), kind));
    let challenge = last(play.history().iter().copied(), Kind::Challenge);
    let of = Exchange { hello, challenge, response: Some(response), verdict: None };
    let verdict = play.forge(Forged::Verdict { of, says: Says::Granted(vec!["read".to_owned()]) }, client, mallory);
    let of = Exchange { verdict, ..of };
    play.forge(Forged::Record { of, as_initiator: false, counter: 0, kind: 3, data: String::new() }, client, mallory);
    let knows = |event: &Event| matches!(event, Event::Confirmed { .. });
    assert!(play.said().any(|(host, _, event)| host == client && knows(event)), "it confirms");
    assert_eq!(play.violations(), []);
}

//! What can be had from a host that uses its key in another protocol too?

use countersign::{Ablated, Defence, Defences, Whole};
use countersign_sim::{Exchange, Forged, Ids, Key, Play, Point, Realm, Signature, Time};

/// Whether a device signs a claim, taking it for something of another protocol.
fn signs_a_claim<D: Defences>(realm: Realm, defences: D) -> bool {
    let mut play = Play::new(realm, 1, defences);
    let (device, server, from) = (play.client(0), play.server(0), play.adversary());
    let hello = Forged::Hello { ids: Ids::Own(7), suites: vec![1], ephemeral: Point::Own(0), cookie: None };
    let hello = play.forge(hello, server, from).expect("all of it is its own");
    let challenge = play.under_way().next().expect("the server has answered");
    let claim = Forged::Response {
        of: Exchange { hello, challenge, response: None, verdict: None },
        user: play.user(device),
        device: Key::Of(device),
        time: Time::Ahead(0),
        wanted: vec![],
        signature: Signature::Elsewhere(Key::Of(device), server),
    };
    play.forge(claim, server, from).is_some()
}

/// CS-SIG-03: nothing that begins with a label of this protocol, and nothing at all where its key has one use.
#[test]
fn a_host_signs_elsewhere_only_what_has_no_label_and_only_if_its_key_is_shared() {
    let unlabelled = Ablated::without(&[Defence::SignatureLabels]);
    for realm in Realm::ALL {
        assert!(!signs_a_claim(realm, Whole), "{}", realm.name());
        let expected = realm == Realm::SharedKeys;
        // A loaded responder answers with a Retry: there is no exchange to sign for.
        assert_eq!(signs_a_claim(realm, unlabelled), expected, "{}", realm.name());
    }
}

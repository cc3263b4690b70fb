//! Does a device know whom it wants to reach before it says a word?

use countersign::{BeginError, Clearances, Expectation, SigningKey, WeakKey};
use countersign_endpoint::{ConnectError, InitiatorState};
use countersign_tests::world::{DEVICE_SEED, SERVER, Setup, Side, server_name};

/// CS-INIT-01: its own key is no responder's, and nothing is sent, said or begun.
#[test]
fn a_device_does_not_begin_with_itself() {
    let mut world = Setup::whole(1).build();
    let own = Expectation::new(server_name(), &SigningKey::from_seed(&DEVICE_SEED).public()).unwrap();
    let now = world.now(Side::Device);
    let begun = world.device.connect(now, SERVER, &own, Clearances::none());
    assert_eq!(begun, Err(ConnectError::Begin(BeginError::OwnKey)));
    assert_eq!(world.device.poll_output(), None);
    let handshake = world.connect();
    world.run();
    assert_eq!(world.device.initiator_state(handshake), InitiatorState::Established, "it holds nobody up");
}

/// CS-INIT-01, CS-SIG-02: a key that is none is refused where it is configured.
#[test]
fn an_expectation_holds_a_key_that_can_sign() {
    let mut identity_point = [0; 32];
    identity_point[0] = 1;
    for weak in [[0; 32], [0xff; 32], identity_point] {
        assert_eq!(Expectation::new(server_name(), &weak).map(|_| ()), Err(WeakKey));
    }
}

/// CS-INIT-01: an endpoint without a device reaches nobody.
#[test]
fn a_server_does_not_connect() {
    let mut world = Setup::whole(1).build();
    let now = world.now(Side::Server);
    let begun = world.server.connect(now, SERVER, &world.expected, Clearances::none());
    assert_eq!(begun, Err(ConnectError::NoDevice));
    assert_eq!(world.server.poll_output(), None);
}

/// CS-INIT-01: until the responder is verified, nothing of user, device or wish is on the wire, sealed or not.
#[test]
fn the_hello_says_nothing_of_the_device() {
    let mut worlds = [Setup::whole(1).build(), Setup::whole(1).build()];
    let [little, much] = &mut worlds;
    little.connect_for(&[]);
    much.connect_for(&[b"read", b"write", b"administer"]);
    let [little, much] = worlds.map(|mut world| world.lose_all());
    assert_eq!(little.iter().map(|hello| hello.bytes.len()).collect::<Vec<_>>(), [224]);
    assert_eq!(much.len(), 1);
    let all = [&little[0].bytes[..], &much[0].bytes].concat();
    let names = [&b"ada.example"[..], b"vault.example", b"read", b"administer"];
    let device = SigningKey::from_seed(&DEVICE_SEED).public();
    assert!(names.iter().chain([&&device[..]]).all(|name| !all.windows(name.len()).any(|part| part == *name)));
}

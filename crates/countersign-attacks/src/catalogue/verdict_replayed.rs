//! A recorded Challenge and a recorded Verdict for a device that was rolled back.

use crate::attack::{Attack, Goal, attack};
use crate::moves::of_kind;
use core::time::Duration;
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Act, Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "verdict-replayed",
    story: "A device is rolled back, and its generator and its clock are what they were. It says Hello, and gets the Challenge \
            and the Verdict that were recorded the last time. The vault is gone.",
    stands_for: "parties that take an old answer for a new one, as they cannot tell their own question from the last one",
    reference: "Denning and Sacco, Timestamps in Key Distribution Protocols, Communications of the ACM 24(8), 1981",
    claim: Claim::A4,
    defence: Defence::RisingTimestamp,
    weakened: &[],
    realm: Realm::StuckInitiatorAndClock,
    goal: Goal::Violates("replay"),
    achieved: "the device accepted a vault that was not there, on a recorded Verdict",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.connect(client, server, &["read"]);
    let recorded = play.run();
    for host in [client, server] {
        play.act(Act::Crash { host });
    }
    play.wait(Duration::from_secs(60));
    play.act(Act::Start { host: client });
    play.connect(client, server, &["read"]);
    play.drop_all();
    for kind in [Kind::Challenge, Kind::Verdict] {
        if let Some(datagram) = of_kind(recorded.iter().copied(), kind) {
            play.deliver(datagram);
        }
    }
    false
}

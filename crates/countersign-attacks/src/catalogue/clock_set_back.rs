//! Somebody sets a device's clock back a little.

use crate::attack::{Attack, Goal, attack};
use core::time::Duration;
use countersign::wire::Reason;
use countersign::{Defence, Defences};
use countersign_endpoint::{Event, Outcome};
use countersign_sim::{Act, Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "clock-set-back",
    story: "A device has been to the vault. Somebody who answers for its time server sets its clock back by half a minute, well \
            within what is allowed. The device goes to the vault again.",
    stands_for: "devices that are locked out by whoever sets their clock back, because they date their claims by it alone",
    reference: "Malhotra, Cohen, Brakke and Goldberg, Attacking the Network Time Protocol, NDSS 2016; Donenfeld, another thread \
                on montonic counter alternatives, WireGuard mailing list, 8 August 2021",
    claim: Claim::A9,
    defence: Defence::RisingTimestamp,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("restarted"),
    achieved: "the device was refused as stale, and will be until its clock has caught up",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.connect(client, server, &["read"]);
    play.run();
    play.act(Act::ClockStep { host: client, by_ms: -30_000 });
    play.wait(Duration::from_secs(1));
    play.connect(client, server, &["read"]);
    play.run();
    play.said().any(|(host, _, event)| {
        host == client && matches!(event, Event::Ended { outcome: Outcome::Refused(Reason::Stale(_)), .. })
    })
}

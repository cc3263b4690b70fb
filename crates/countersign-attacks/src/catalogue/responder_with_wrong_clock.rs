//! A responder whose clock is wrong.

use crate::attack::{Attack, Goal, attack};
use crate::moves::of_kind;
use core::time::Duration;
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Act, Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "responder-with-wrong-clock",
    story: "Somebody who answers for the vault's time server sets its clock ten minutes ahead. A device that looks at the clock \
            in the Challenge knows that its claim will fail, and for whose fault.",
    stands_for: "authentication that rests on clocks which somebody else can set, and never compares them",
    reference: "Bellovin and Merritt, Limitations of the Kerberos Authentication System, USENIX Winter 1991",
    claim: Claim::A5,
    defence: Defence::ResponderClock,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("clock"),
    achieved: "the device told a machine whose clock is wrong who it is, and was refused for a clock that was right",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.act(Act::ClockStep { host: server, by_ms: 600_000 });
    play.wait(Duration::from_secs(1));
    play.connect(client, server, &["read"]);
    of_kind(play.run().into_iter(), Kind::Response).is_some()
}

//! One device begins two handshakes in the same moment.

use crate::attack::{Attack, Goal, attack};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "handshakes-at-once",
    story: "Two programs on one device connect in the same moment. The vault remembers the latest timestamp, and takes the \
            second for a replay of the first.",
    stands_for: "protection from replay that turns on honest clients which are faster than the clock that dates them",
    reference: "Altman, Proposed modifications to replay cache to prevent false positives, krbdev mailing list, 27 May 2005; \
                RFC 4120, section 3.2.3",
    claim: Claim::A9,
    defence: Defence::OneAtATime,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("restarted"),
    achieved: "an honest handshake was refused as stale, because of another one of the same device, and had to begin again",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.connect(client, server, &["read"]);
    play.connect(client, server, &["write"]);
    play.run();
    false
}

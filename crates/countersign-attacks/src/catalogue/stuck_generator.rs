//! A recorded Challenge for a device that draws again what it drew before.

use crate::attack::{Attack, Goal, attack};
use crate::moves::of_kind;
use core::time::Duration;
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Act, Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "stuck-generator",
    story: "A device starts again and its generator gives what it gave before. A Challenge that was recorded then is played \
            to it, while the vault is away.",
    stands_for: "devices that boot without entropy and draw the same keys and nonces",
    reference: "Heninger, Durumeric, Wustrow and Halderman, Mining Your Ps and Qs, USENIX Security 2012; RFC 8937",
    claim: Claim::A4,
    defence: Defence::HedgedRandomness,
    weakened: &[],
    realm: Realm::StuckInitiator,
    goal: Goal::Violates("freshness"),
    achieved: "the device began the same handshake again, and answered a Challenge of the one before",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.connect(client, server, &["read"]);
    let recorded = of_kind(play.run().into_iter(), Kind::Challenge);
    play.act(Act::Crash { host: client });
    play.wait(Duration::from_secs(1));
    play.act(Act::Start { host: client });
    play.connect(client, server, &["read"]);
    play.drop_all();
    if let Some(challenge) = recorded {
        play.deliver_to(challenge, client, server);
    }
    false
}

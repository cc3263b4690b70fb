//! A session is recorded today, and the key is stolen tomorrow.

use crate::attack::{Attack, Goal, attack};
use core::time::Duration;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Loot, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "recorded-traffic-keys-stolen-later",
    story: "Somebody records a session between a device and the vault. A day later he steals the vault's key, and goes back \
            to what he has recorded.",
    stands_for: "RSA key transport, where one stolen key opens all that was ever sent to it, and Heartbleed, which gave such \
                 keys away",
    reference: "Durumeric and others, The Matter of Heartbleed, IMC 2014; CVE-2014-0160",
    claim: Claim::A6,
    defence: Defence::HedgeSeeded,
    weakened: &[],
    realm: Realm::StolenLater,
    goal: Goal::Violates("secrecy"),
    achieved: "the stolen key gave the ephemeral of a handshake that was long over, and its session could be read",
};

const LATER: Duration = Duration::from_secs(86_400);

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.connect(client, server, &["read"]);
    play.run();
    play.wait(LATER);
    play.steal(Loot::Key(server));
    false
}

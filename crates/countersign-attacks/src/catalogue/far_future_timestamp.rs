//! A thief of a device's key claims with next year's date.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{Claims, make_claim};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Loot, Play, Realm, Signature, Time};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "far-future-timestamp",
    story: "Somebody has a device's key for a minute, and makes one claim with it, dated a year ahead. Then the owner's device \
            comes, with the right time. A clock that was set far ahead once does the same without any thief.",
    stands_for: "greatest-timestamp rules without an upper end: one date in the future locks the key out for good",
    reference: "Donenfeld, WireGuard: Next Generation Kernel Network Tunnel, NDSS 2017; and another thread on montonic counter \
                alternatives, WireGuard mailing list, 8 August 2021",
    claim: Claim::A5,
    defence: Defence::TimestampWindow,
    weakened: &[],
    realm: Realm::StolenDevice,
    goal: Goal::Violates("window"),
    achieved: "one claim from the future locked the device out for a year",
};

const YEAR_MS: i64 = 365 * 86_400 * 1_000;

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.steal(Loot::Key(client));
    let key = Key::Of(client);
    let from_the_future = Claims {
        user: play.user(client),
        device: key,
        time: Time::Ahead(YEAR_MS),
        wanted: &["read"],
        signature: Signature::By(key, server),
    };
    make_claim(play, server, from_the_future);
    play.connect(client, server, &["read"]);
    play.run();
    false
}

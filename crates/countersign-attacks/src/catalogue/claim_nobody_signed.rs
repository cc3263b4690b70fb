//! Somebody claims to be a user's device, and signs with nothing.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{Claims, make_claim};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Play, Realm, Signature, Time};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "claim-nobody-signed",
    story: "Somebody knows a user's name and the public key of his device, which is no secret. He claims to be that device, and \
            dates the claim as far ahead as is allowed, so that the device itself comes too late. He signs with nothing.",
    stands_for: "servers that look a key up and do not make its owner prove himself, or take any signature for a good one",
    reference: "CVE-2022-21449; Madden, CVE-2022-21449: Psychic Signatures in Java, 2022",
    claim: Claim::A2,
    defence: Defence::DeviceSignature,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates,
    achieved: "somebody was let in as the user with a public key alone, and the user's own timestamp was overtaken",
};

/// A little less than the skew.
const AHEAD_MS: i64 = 110_000;

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let unsigned = Claims {
        user: play.user(client),
        device: Key::Of(client),
        time: Time::Ahead(AHEAD_MS),
        wanted: &["read"],
        signature: Signature::Junk,
    };
    make_claim(play, server, unsigned);
    play.connect(client, server, &["read"]);
    play.run();
    false
}

//! Somebody who has proved nothing asks why he was refused.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{Claims, make_claim};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Play, Realm, Signature, Time};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "refusal-tells-why",
    story: "Somebody claims to be a user's device, signs with nothing, and dates the claim a year back. The refusal is sealed to \
            whoever made the claim, so he can open it, and looks whether it tells him more than that it is one.",
    stands_for: "refusals that differ, and let a stranger find out by asking who is known and what was wrong",
    reference: "CVE-2018-15473: OpenSSH answered differently for users that do not exist",
    claim: Claim::A8,
    defence: Defence::ReasonWithheld,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("reason"),
    achieved: "a stranger was told why the claim was refused",
};

const YEAR_MS: i64 = 365 * 86_400 * 1_000;

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let asking = Claims {
        user: play.user(client),
        device: Key::Of(client),
        time: Time::Ahead(-YEAR_MS),
        wanted: &["read"],
        signature: Signature::Junk,
    };
    make_claim(play, server, asking).is_some_and(|of| play.open(&of).is_some())
}

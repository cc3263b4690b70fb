//! A device signs so badly that its signature contains its key.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{agreed, claim, greet};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Play, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "signature-gives-its-key-away",
    story: "A device signs with a secret number that is always zero, as a broken signer would. Whoever reads such a \
            signature computes the device's key. Only the holder of the key can make one: the narrow property is that \
            nobody takes it.",
    stands_for: "signers whose secret number is not secret",
    reference: "fail0verflow, Console Hacking 2010: PS3 Epic Fail, 27C3, 2010",
    claim: Claim::A2,
    defence: Defence::StrictSignature,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Achieves,
    achieved: "a signature that gives its key away was as good as any",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (server, from) = (play.server(0), play.adversary());
    let own = Key::Own(1);
    let Some(of) = greet(play, server, 7) else { return false };
    let signature = Signature::Degenerate(own, server);
    play.forge(claim(of, "mallory.example".to_owned(), own, &["write"], signature), server, from);
    agreed(play, server).is_some()
}

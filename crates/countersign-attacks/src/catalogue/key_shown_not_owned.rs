//! Somebody shows the right key and cannot sign with it.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{answer, intercept_hello};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Play, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "key-shown-not-owned",
    story: "Somebody on the path answers the Hello, shows the vault's public key, which is no secret, and signs with nothing.",
    stands_for: "clients that compare a certificate and never verify that the other side owns its key",
    reference: "CVE-2014-1266 (\"goto fail\"): Apple's TLS skipped the signature of the key exchange",
    claim: Claim::A3,
    defence: Defence::ResponderSignature,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("response"),
    achieved: "the device told somebody who it is who had nothing but the vault's public key",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let Some((_, hello)) = intercept_hello(play, client, server, &["read"]) else { return false };
    play.forge(answer(hello, Key::Of(server), Signature::Junk), client, server);
    false
}

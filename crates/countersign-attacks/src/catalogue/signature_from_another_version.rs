//! A signature that the responder made in another version counts in this one.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{answer, intercept_hello};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Play, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "signature-from-another-version",
    story: "The vault speaks another version of the protocol with the same key. There it signs what it is asked, but \
            nothing that begins with a label of this version. Somebody on the path asks it for the text of a \
            Challenge, and answers a Hello with the signature. With labels he gets no such signature, and has nothing \
            to send.",
    stands_for: "an old version of a protocol, still spoken with the same key, that breaks the new one",
    reference: "Aviram and others, DROWN: Breaking TLS using SSLv2, USENIX Security 2016",
    claim: Claim::A3,
    defence: Defence::SignatureLabels,
    weakened: &[],
    realm: Realm::SharedKeys,
    goal: Goal::Violates("response"),
    achieved: "the device told somebody who it is who had a signature of the vault's from elsewhere",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let Some((_, hello)) = intercept_hello(play, client, server, &["read"]) else { return false };
    let key = Key::Of(server);
    play.forge(answer(hello, key, Signature::Elsewhere(key, server)), client, server);
    false
}

//! A signature that a device made in another protocol counts in this one.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{claim, greet};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Play, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "signature-from-another-protocol",
    story: "A user's device has one key for two protocols. In the other one it signs whatever it is asked, to prove \
            itself, but never a text that begins with a label of this one. Somebody asks it there for the text of a \
            claim, and shows the signature to the vault. With labels he gets no such signature, and has nothing to \
            send.",
    stands_for: "one key in two protocols, of which the second is made to break the first",
    reference: "Kelsey, Schneier and Wagner, Protocol Interactions and the Chosen Protocol Attack, Security Protocols \
                1997; Mavrogiannopoulos and others, A Cross-Protocol Attack on the TLS Protocol, CCS 2012",
    claim: Claim::A2,
    defence: Defence::SignatureLabels,
    weakened: &[],
    realm: Realm::SharedKeys,
    goal: Goal::Violates("device"),
    achieved: "somebody was let in with a signature that the device had made for something else",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (victim, server, from) = (play.client(0), play.server(0), play.adversary());
    let Some(of) = greet(play, server, 7) else { return false };
    let signature = Signature::Elsewhere(Key::Of(victim), server);
    play.forge(claim(of, play.user(victim), Key::Of(victim), &["read"], signature), server, from);
    false
}

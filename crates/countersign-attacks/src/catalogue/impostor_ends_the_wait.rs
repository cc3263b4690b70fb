//! A forged answer that comes before the genuine one.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{answer, of_kind};
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Key, Play, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "impostor-ends-the-wait",
    story: "Somebody who saw the Hello answers it before the vault does, with a key of his own and a signature of nothing. Then \
            the vault's answer comes.",
    stands_for: "handshakes that fail at the first bad answer, and so can be ended by whoever is quicker than the honest side",
    reference: "RFC 7296, section 2.21.1; Bellardo and Savage, 802.11 Denial-of-Service Attacks, USENIX Security 2003",
    claim: Claim::A7,
    defence: Defence::JunkIgnored,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("wait"),
    achieved: "one forged datagram ended the handshake, before the vault could answer",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.connect(client, server, &["read"]);
    let Some(hello) = of_kind(play.under_way(), Kind::Hello) else { return false };
    play.forge(answer(hello, Key::Own(0), Signature::Junk), client, server);
    play.run();
    false
}

//! Somebody who knows the shared secret rewrites a claim under its signature.

use crate::attack::{Attack, Goal, attack};
use crate::moves::of_kind;
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Exchange, Forged, Key, Loot, Play, Realm, Signature, Time};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "claim-rewritten",
    story: "Diffie-Hellman is broken. Somebody on the path opens the Response, asks for more in it, and seals it again under the \
            device's signature.",
    stands_for: "signatures that cover a challenge and not what is asked for with it",
    reference: "Abadi and Needham, Prudent Engineering Practice for Cryptographic Protocols, 1996, principle 1",
    claim: Claim::A2,
    defence: Defence::ClaimSigned,
    weakened: &[],
    realm: Realm::DhBroken,
    goal: Goal::Violates("device"),
    achieved: "the device was granted what it never asked for",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.steal(Loot::Ephemerals);
    play.connect(client, server, &["read"]);
    let Some(hello) = of_kind(play.under_way(), Kind::Hello) else { return false };
    let Some(response) = play.run_until(Kind::Response) else { return false };
    let challenge = countersign_sim::DatagramName { from: server, kind: Kind::Challenge as u8, nth: 1, ..hello };
    let of = Exchange { hello, challenge, response: None, verdict: None };
    let opened = Exchange { response: Some(response), ..of };
    let rewritten = Forged::Response {
        of,
        user: play.user(client),
        device: Key::Of(client),
        time: Time::Of(opened),
        wanted: vec!["read".to_owned(), "write".to_owned()],
        signature: Signature::Of(opened),
    };
    play.forge(rewritten, server, client);
    false
}

//! A record with the right session id and nothing that opens.

use crate::attack::{Attack, Goal, attack};
use crate::moves::of_kind;
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Field, Forged, Play, Realm, Spare};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "forged-close",
    story: "Somebody copies a record that he saw, counts it one up, and sends it. It does not open.",
    stands_for: "sessions that anybody can end: forged resets, and forged frames that say goodbye",
    reference: "Bellardo and Savage, 802.11 Denial-of-Service Attacks: Real Vulnerabilities and Practical Solutions, USENIX \
                Security 2003; RFC 5961, 2010",
    claim: Claim::A7,
    defence: Defence::CloseAuthenticated,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("closed"),
    achieved: "one forged datagram closed the session",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.connect(client, server, &["read"]);
    let recorded = play.run();
    let Some(of) = of_kind(recorded.into_iter().filter(|name| name.from == client), Kind::Record) else { return false };
    play.forge(Forged::Edited { of, field: Field::Counter, with: Spare::Plus(1) }, server, client);
    play.endpoint(server).is_some_and(|server| server.sessions() == 0)
}

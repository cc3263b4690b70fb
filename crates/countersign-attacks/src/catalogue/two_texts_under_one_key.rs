//! A clone refuses under the very key under which the other has accepted.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{of_kind, sealed};
use countersign::wire::Kind;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, DatagramName, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "two-texts-under-one-key",
    story: "The vault runs twice from one snapshot. What a device said to one is played to the other, which finds it stale, and \
            says so under the key under which the first has accepted. Somebody without any key adds up the two boxes.",
    stands_for: "authenticated encryption whose nonce is used twice: the texts leak, and then the key that authenticates",
    reference: "Böck, Zauner, Devlin, Somorovsky and Jovanovic, Nonce-Disrespecting Adversaries: Practical Forgery Attacks on GCM \
                in TLS, WOOT 2016",
    claim: Claim::A6,
    defence: Defence::SyntheticNonce,
    weakened: &[],
    realm: Realm::Clones,
    goal: Goal::Violates("one text"),
    achieved: "an acceptance and a refusal were sealed under one key and one nonce: their sum is the sum of the texts",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let Some(clone) = play.clone_of_server() else { return false };
    play.connect(client, server, &["read"]);
    let recorded = play.run();
    let Some(accepted) = of_kind(recorded.iter().copied(), Kind::Verdict) else { return false };
    for kind in [Kind::Hello, Kind::Response] {
        let said = recorded.iter().copied().filter(|datagram| datagram.from == client);
        let Some(datagram) = of_kind(said, kind) else { return false };
        play.deliver_to(datagram, clone, client);
    }
    let Some(refused) = of_kind(play.under_way(), Kind::Verdict) else { return false };
    let split = |name: &DatagramName| sealed(play, name).and_then(|sealed| sealed.split_at_checked(NONCE_BYTES));
    let (Some((one, first)), Some((other, second))) = (split(&accepted), split(&refused)) else { return false };
    one == other && first != second
}

/// Of a box.
const NONCE_BYTES: usize = 12;

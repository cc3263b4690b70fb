//! Two refusals that look alike and do not cost the same.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{claim, greet};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, DatagramName, HostId, Key, Play, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "refusals-told-apart-by-work",
    story: "Somebody claims twice to be a user, with nothing but public keys: once with the key of her device, and once with \
            another. Both are refused, in the same bytes. He looks at how much work each refusal was. (He would see it as time. \
            The laboratory counts operations, so that the result does not depend on the machine.)",
    stands_for: "logins whose answer comes sooner if the account does not exist",
    reference: "CVE-2016-6210: OpenSSH took longer to refuse users that exist",
    claim: Claim::A8,
    defence: Defence::EqualWork,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("equal work"),
    achieved: "the work of a refusal told which device is the user's",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let hers = claim_unsigned(play, server, 1, Key::Of(client));
    let another = claim_unsigned(play, server, 2, Key::Own(2));
    hers.is_some() && another.is_some()
}

/// Claims to be the first client's user, with this key.
fn claim_unsigned<D: Defences>(play: &mut Play<D>, server: HostId, mark: u8, device: Key) -> Option<DatagramName> {
    let of = greet(play, server, mark)?;
    let from = play.adversary();
    let message = claim(of, play.user(play.client(0)), device, &["read"], Signature::Junk);
    play.forge(message, server, from)
}

//! A look-alike answers with a key of its own.

use crate::attack::{Attack, Goal, attack};
use crate::moves::lead_astray;
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Play, Realm};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "phishing-look-alike",
    story: "A user is led to a machine that calls itself the vault. It is in good order, has a key of its own and \
            signs with it. The device is to tell it who it is.",
    stands_for: "phishing sites and evil twins: whoever only checks that the other side owns some key tells it \
                 everything",
    reference: "Dhamija, Tygar and Hearst, Why Phishing Works, CHI 2006",
    claim: Claim::A3,
    defence: Defence::ResponderKeyPinned,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("response"),
    achieved: "the device told a look-alike who it is",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server, look_alike) = (play.client(0), play.server(0), play.look_alike());
    lead_astray(play, client, server, look_alike);
    play.run();
    false
}

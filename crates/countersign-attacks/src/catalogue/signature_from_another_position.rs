//! What a responder signs is what a device signs.

use crate::attack::{Attack, Goal, attack};
use crate::moves::agreed;
use countersign::signature::{SignedClaim, challenge_input, response_input};
use countersign::{Defence, Defences};
use countersign_sim::{Claim, Play, Realm};

/// Both stand at one point of the transcript.
const TRANSCRIPT: [u8; 32] = [0x33; 32];

pub(crate) const ATTACK: Attack = attack! { script;
    name: "signature-from-another-position",
    story: "One key signs as a responder and as a device, and the claim is not signed, so that both texts have one \
            shape. Both signatures are to stand at one point of the transcript, which no message can bring about. So \
            nothing is sent: the script asks the library for both texts. The narrow property is that they differ, by \
            their labels alone.",
    stands_for: "messages whose signature counts in another step of the protocol as well",
    reference: "Basin, Cremers and Meier, Provably Repairing the ISO/IEC 9798 Standard for Entity Authentication, POST \
                2012",
    claim: Claim::A2,
    defence: Defence::SignatureLabels,
    weakened: &[Defence::ClaimSigned],
    realm: Realm::Honest,
    goal: Goal::Achieves,
    achieved: "what a responder signs was, byte by byte, what a device signs",
};

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.connect(client, server, &["read"]);
    play.run();
    let Some(terms) = agreed(play, client).map(|agreed| agreed.terms) else { return false };
    let (user, device, wanted) = (&terms.user, &terms.responder.key, &terms.wanted);
    let claim = SignedClaim { user, device, timestamp: terms.timestamp_i, wanted };
    let as_responder = challenge_input(play.defences(), &TRANSCRIPT, &terms.responder);
    let as_device = response_input(play.defences(), &TRANSCRIPT, &terms.responder, &claim);
    as_responder[..] == as_device[..]
}

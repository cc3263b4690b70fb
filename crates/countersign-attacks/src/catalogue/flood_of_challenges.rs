//! A flood of forged Challenges.

use crate::attack::{Attack, Goal, attack};
use crate::moves::{answer, intercept_hello};
use countersign::{Defence, Defences};
use countersign_endpoint::{Event, Limits};
use countersign_sim::{Claim, Key, Play, Realm, Signature};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "flood-of-challenges",
    story: "Somebody who saw the Hello answers it forty times in one instant. To find out that an answer is false costs the \
            device a key exchange, and its battery.",
    stands_for: "floods of handshakes that cost the sender nothing and the receiver a key exchange each",
    reference: "CVE-2002-20001, known as D(HE)at; Meadows, A Cost-Based Framework for Analysis of Denial of Service in Networks, \
                Journal of Computer Security 9, 2001",
    claim: Claim::A7,
    defence: Defence::ChallengeBucket,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("bucket"),
    achieved: "the device made a key exchange for every one of the forged Challenges",
};

const FLOOD: usize = 40;

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    let Some((_, hello)) = intercept_hello(play, client, server, &["read"]) else { return false };
    (0..FLOOD).for_each(|_| _ = play.forge(answer(hello, Key::Own(0), Signature::Junk), client, server));
    let judged = play.said().filter(|(_, _, event)| matches!(event, Event::Suspicious { .. })).count();
    u32::try_from(judged).is_ok_and(|judged| judged > Limits::default().challenge_burst)
}

//! A record from a thousand epochs ahead.

use crate::attack::{Attack, Goal, attack};
use crate::moves::of_kind;
use countersign::wire::Kind;
use countersign::{Defence, Defences, EPOCH_RECORDS, Reject};
use countersign_endpoint::Dropped;
use countersign_sim::{Claim, Field, Forged, Play, Realm, Spare};

pub(crate) const ATTACK: Attack = attack! { script;
    name: "epoch-jump",
    story: "Somebody copies a record and sets its counter a thousand epochs ahead. To find out that it does not open, the vault \
            would have to derive a thousand keys; a counter has room for seventeen billion times as many.",
    stands_for: "ratchets that turn as far as a stranger's counter says, before they know who wrote it",
    reference: "Perrin and Marlinspike, The Double Ratchet Algorithm, 2016: what MAX_SKIP is for",
    claim: Claim::A7,
    defence: Defence::EpochReach,
    weakened: &[],
    realm: Realm::Honest,
    goal: Goal::Violates("reach"),
    achieved: "one forged record made the vault derive the keys of a thousand epochs",
};

const EPOCHS: u64 = 1_000;

fn script<D: Defences>(play: &mut Play<D>) -> bool {
    let (client, server) = (play.client(0), play.server(0));
    play.connect(client, server, &["read"]);
    let recorded = play.run();
    let Some(of) = of_kind(recorded.into_iter().filter(|name| name.from == client), Kind::Record) else { return false };
    let ahead = Spare::Plus(EPOCHS.saturating_mul(EPOCH_RECORDS));
    play.forge(Forged::Edited { of, field: Field::Counter, with: ahead }, server, client);
    // Refused in any case: for its reach, or only once the keys are there and do not open it.
    play.dropped() == Some(Dropped::Rejected(Reject::RecordDoesNotOpen))
}

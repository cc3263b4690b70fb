//! `countersign attack list`.

use super::{document, words};
use crate::args::AttackList;
use crate::{Failure, print};
use countersign_attacks::ATTACKS;

pub(super) fn run(options: AttackList) -> Result<(), Failure> {
    if options.json {
        return print(&document::list()?);
    }
    let rows = ATTACKS.iter().map(|attack| {
        let (claim, defence) = (attack.claim.to_string(), attack.defence.to_string());
        let story = words::first_sentence(attack.story).to_owned();
        vec![attack.name.to_owned(), claim, defence, attack.realm.name().to_owned(), story]
    });
    print(&words::table(&["attack", "claim", "stopped by", "world", "story"], rows))
}

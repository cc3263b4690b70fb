//! A move that is made again and again.

use crate::act::{Act, Nature};
use crate::adversary::{Forged, Ids, Move, Play};
use countersign::Defences;

/// What it is to make a move once more.
#[derive(Debug)]
pub(super) enum Again {
    Never,
    /// The same datagram is sent again.
    Same(Act),
    /// A stranger is followed by others, each of whom says what he is asked to.
    Others {
        hello: Act,
        mark: u8,
    },
}

impl Again {
    /// That of a move which has not been made yet.
    pub(super) fn of<D: Defences>(play: &Play<D>, next: &Move) -> Self {
        match next {
            Move::Act(act @ Act::Forge { message: Forged::Hello { ids: Ids::Own(mark), .. }, .. }) => {
                Self::Others { hello: act.clone(), mark: *mark }
            }
            Move::Act(Act::Forge { message, to, from }) => {
                let datagram = play.next_forged(message);
                Self::Same(Act::Deliver { datagram, to: *to, from: *from, flip: None, nature: Nature::Replayed })
            }
            Move::Act(act @ Act::Deliver { .. }) => Self::Same(act.clone()),
            Move::Act(_) | Move::Wait(_) | Move::Drop => Self::Never,
        }
    }

    /// Makes it for the how manieth time.
    pub(super) fn make<D: Defences>(&self, play: &mut Play<D>, time: u64) {
        match self {
            Self::Never => {}
            Self::Same(act) => play.make(Move::Act(act.clone())),
            Self::Others { hello, mark } => {
                let mut other = hello.clone();
                if let Act::Forge { message: Forged::Hello { ids, .. }, .. } = &mut other {
                    *ids = Ids::Own(mark.wrapping_add(u8::try_from(time).unwrap_or(0)));
                }
                play.make(Move::Act(other));
                if let Some(asked) = play.asked_back() {
                    play.make(asked);
                }
            }
        }
    }
}

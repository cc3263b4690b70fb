//! One cell of a state machine: what an input made a side of the world do.

use crate::table;
use crate::world::{Datagram, Side, World};
use countersign_endpoint::{Event, Output};
use std::collections::BTreeSet;

/// A row of a table of states.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Cell<'a> {
    /// In this state,
    pub state: &'a str,
    /// on this input,
    pub input: &'a str,
    /// take this action
    pub action: &'a str,
    /// and go to this state.
    pub next: &'a str,
}

/// The cells under a heading: each pair of state and input that is expected, once, and no other.
///
/// # Panics
/// If a pair is missing, unexpected or repeated.
#[must_use]
pub fn cells<'a>(specification: &'a str, heading: &str, expected: &[(&str, &str)]) -> Vec<Cell<'a>> {
    let rows = table::rows(specification, heading);
    let cells: Vec<Cell<'a>> = rows
        .iter()
        .map(|row| match row[..] {
            [state, input, action, next] => Cell { state, input, action, next },
            _ => panic!("not a row of four cells: {row:?}"),
        })
        .collect();
    let pairs: BTreeSet<(&str, &str)> = cells.iter().map(|cell| (cell.state, cell.input)).collect();
    assert_eq!(pairs.len(), cells.len(), "a cell is written twice");
    let expected: BTreeSet<(&str, &str)> = expected.iter().copied().collect();
    let missing: Vec<_> = expected.difference(&pairs).collect();
    let surplus: Vec<_> = pairs.difference(&expected).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "missing: {missing:?}; with an unknown word: {surplus:?}");
    cells
}

/// What came of one input at one side.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Observed {
    /// Whether the input was refused.
    pub refused: bool,
    /// What the side sent.
    pub sent: Vec<Datagram>,
    /// What it said.
    pub events: Vec<Event>,
    /// What it asked the store.
    pub questions: Vec<Output>,
    /// Entries, half-open entries and sessions of the server, and sessions of the device, before and after.
    pub kept: [[usize; 4]; 2],
}

impl Observed {
    /// Nothing was sent, said, asked or changed.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        let suspicious = |event: &Event| matches!(event, Event::Suspicious { .. });
        let is_silent = self.sent.is_empty() && self.events.iter().all(suspicious) && self.questions.is_empty();
        is_silent && self.kept[0] == self.kept[1]
    }
}

/// Gives a side an input, and watches.
pub fn observe<E>(world: &mut World, side: Side, input: impl FnOnce(&mut World) -> Result<(), E>) -> Observed {
    let kept = |world: &World| {
        [world.server.entries(), world.server.half_open(), world.server.sessions(), world.device.sessions()]
    };
    world.lose_all();
    let asked = world.questions.len();
    let before = kept(world);
    let said = world.events.len();
    let refused = input(world).is_err();
    let events = world.events[said..].iter().filter(|(of, _)| *of == side).map(|(_, event)| event.clone()).collect();
    Observed {
        refused,
        sent: world.wire.iter().filter(|datagram| side.is_at(datagram.from)).cloned().collect(),
        events,
        questions: world.questions.iter().skip(asked).cloned().collect(),
        kept: [before, kept(world)],
    }
}

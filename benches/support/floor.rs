//! The floor under a handshake: the operations that `spec/costs.md` counts, at the price that each has when the library is
//! called directly. What a handshake takes above it, it spends on what is not a primitive.

use crate::costs::Row;
use crate::rounds::{Contestant, Times};
use crate::units::units;
use countersign::Backend;

/// The prices of the operations of a backend, as contestants, and how to add them up.
#[derive(Debug)]
pub(crate) struct Floor {
    name: String,
    /// How many calls of each contestant one handshake is worth.
    calls: Vec<f64>,
}

impl Floor {
    /// The floor of a row on a backend, and the contestants that have to take turns for it.
    #[must_use]
    pub(crate) fn new(name: String, backend: Backend, row: &Row) -> (Self, Vec<Contestant>) {
        let texts = row.count("seal") + row.count("open");
        let text_bytes = row.count("text byte").checked_div(texts).unwrap_or_default();
        let units = units(backend, usize::try_from(text_bytes).expect("a text fits in memory"));
        let count = |of: &str| f64::from(u32::try_from(row.count(of)).expect("a small count"));
        let (calls, contestants) =
            units.into_iter().map(|(unit, in_a_call)| (count(unit.name()) / f64::from(in_a_call), unit)).unzip();
        (Self { name, calls }, contestants)
    }

    /// The floor of every round, from the times of its contestants in the order in which they were given.
    #[must_use]
    pub(crate) fn add_up(&self, times: &[Times]) -> Times {
        let rounds = times.iter().map(|times| times.micros.len()).min().unwrap_or_default();
        let of_round =
            |round: usize| times.iter().zip(&self.calls).map(|(times, calls)| times.micros[round] * calls).sum();
        Times { name: self.name.clone(), micros: (0..rounds).map(of_round).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parties::backends;
    use crate::rounds::{Limit, in_turn};
    use std::time::Duration;

    /// Every operation of the table has a price, but for those that are priced with another.
    #[test]
    fn a_floor_adds_up_every_operation_of_the_table() {
        for (name, backend) in backends() {
            let row = Row::of("handshake", "both");
            let (floor, contestants) = Floor::new(name.to_owned(), backend, &row);
            let limit = Limit { rounds: 3, time: Duration::ZERO };
            let mut times = in_turn(contestants, limit, |_| ());
            for times in &mut times {
                times.micros = vec![1.0; 3];
            }
            let counts = ["share", "exchange", "sign", "verify", "decode", "block", "seal", "open", "draw"];
            let count = |of| f64::from(u32::try_from(row.count(of)).unwrap());
            let blocks = count("block") / 17.0;
            let others: f64 = counts.into_iter().filter(|of| *of != "block").map(count).sum();
            assert_eq!(floor.add_up(&times).micros.len(), 3);
            assert!((floor.add_up(&times).micros[0] - blocks - others).abs() < 1e-9);
            assert_eq!(floor.calls.len(), counts.len());
        }
    }
}

//! How long a search may take, on this machine.

use crate::progress;
use core::cell::Cell;
use indicatif::ProgressBar;
use std::time::{Duration, Instant};

/// A time for several searches, one after the other: each may take an equal part of what is left, and may always begin,
/// since a world in which nothing was tried was not searched.
#[derive(Debug)]
pub(super) struct Limit {
    ends: Instant,
    left: u32,
}

impl Limit {
    pub(super) fn new(seconds: u64, searches: usize) -> Self {
        let now = Instant::now();
        let ends = now.checked_add(Duration::from_secs(seconds)).unwrap_or(now);
        Self { ends, left: u32::try_from(searches).unwrap_or(u32::MAX) }
    }

    /// That of the next search.
    pub(super) fn next(&mut self) -> Watch {
        let now = Instant::now();
        let part = self.ends.saturating_duration_since(now).checked_div(self.left.max(1)).unwrap_or_default();
        self.left = self.left.saturating_sub(1);
        Watch { began: now, may_take: part, has_begun: Cell::new(false), bar: ProgressBar::hidden() }
    }
}

/// The time of one search.
#[derive(Debug)]
pub(super) struct Watch {
    began: Instant,
    may_take: Duration,
    has_begun: Cell<bool>,
    bar: ProgressBar,
}

impl Watch {
    /// With a bar on stderr, when that is a terminal.
    pub(super) fn shown(self, what: &str) -> Self {
        let bar = progress::bar(self.may_take.as_secs(), "{pos} of {len} s at most, {msg}");
        Self { bar: bar.with_message(what.to_owned()), ..self }
    }

    pub(super) fn goes_on(&self) -> bool {
        let took = self.took();
        self.bar.set_position(took.as_secs());
        !self.has_begun.replace(true) || took < self.may_take
    }

    pub(super) fn took(&self) -> Duration {
        self.began.elapsed()
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those before may have taken longer than they might.
    #[test]
    fn a_search_begins_even_if_no_time_is_left() {
        let mut limit = Limit::new(0, 2);
        for _ in 0..3 {
            let watch = limit.next();
            assert_eq!([watch.goes_on(), watch.goes_on()], [true, false]);
        }
    }
}

//! What is to come, the earliest first.

use crate::host::HostId;
use crate::todo::Todo;
use countersign::Moment;
use std::collections::BinaryHeap;

/// What is to come.
#[derive(Debug)]
pub(crate) enum Next {
    /// A step that is settled.
    Do(Todo),
    /// The second of two handshakes that a client begins at once.
    Second(Todo),
    /// A client begins a handshake, if any is left; with whom and for what is drawn then.
    Errand(HostId),
    Stranger,
    Junk,
    ClockStep(HostId),
    Crash(HostId),
}

/// Events in the order of their time; of two at once, the one scheduled first.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    heap: BinaryHeap<Scheduled>,
    scheduled: u64,
}

impl Queue {
    pub(crate) fn push(&mut self, at: Moment, next: Next) {
        self.scheduled = self.scheduled.saturating_add(1);
        self.heap.push(Scheduled { at, order: self.scheduled, next });
    }

    pub(crate) fn next_at(&self) -> Option<Moment> {
        self.heap.peek().map(|scheduled| scheduled.at)
    }

    pub(crate) fn pop(&mut self) -> Option<(Moment, Next)> {
        self.heap.pop().map(|scheduled| (scheduled.at, scheduled.next))
    }
}

#[derive(Debug)]
struct Scheduled {
    at: Moment,
    order: u64,
    next: Next,
}

/// Reversed, as the heap gives its greatest first.
impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Scheduled {}

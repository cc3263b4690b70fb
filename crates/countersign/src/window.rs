//! The replay window: which of the last 1,024 counters have been opened (CS-REC-02).

/// How many counters back a record may come.
pub const WINDOW_RECORDS: u64 = 1_024;

const WORDS: usize = 16;

#[derive(Clone, Debug)]
pub(crate) struct ReplayWindow {
    /// One above the newest counter opened; 0 if none was.
    next: u64,
    /// One bit a counter, at the counter modulo the window.
    opened: [u64; WORDS],
}

impl ReplayWindow {
    pub(crate) const fn new() -> Self {
        Self { next: 0, opened: [0; WORDS] }
    }

    pub(crate) const fn newest(&self) -> Option<u64> {
        self.next.checked_sub(1)
    }

    /// The oldest counter that could still be new.
    pub(crate) const fn oldest(&self) -> u64 {
        self.next.saturating_sub(WINDOW_RECORDS)
    }

    /// The last counter of all is never sealed, as none could follow it.
    pub(crate) fn is_new(&self, counter: u64) -> bool {
        counter < u64::MAX && (counter >= self.next || counter >= self.oldest() && !self.bit(counter))
    }

    pub(crate) fn mark(&mut self, counter: u64) {
        let skipped = counter.saturating_add(1).saturating_sub(self.next).min(WINDOW_RECORDS);
        for back in 0..skipped {
            self.set(counter.wrapping_sub(back), false);
        }
        self.next = self.next.max(counter.saturating_add(1));
        self.set(counter, true);
    }

    fn bit(&self, counter: u64) -> bool {
        let (word, mask) = place(counter);
        self.opened.get(word).is_some_and(|word| word & mask != 0)
    }

    fn set(&mut self, counter: u64, on: bool) {
        let (word, mask) = place(counter);
        if let Some(word) = self.opened.get_mut(word) {
            *word = if on { *word | mask } else { *word & !mask };
        }
    }
}

fn place(counter: u64) -> (usize, u64) {
    let at = counter % WINDOW_RECORDS;
    let word = usize::try_from(at / 64).expect("at most 15");
    (word, 1 << (at % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CS-REC-02
    #[test]
    fn each_counter_is_new_once_and_only_within_the_window() {
        let mut window = ReplayWindow::new();
        for counter in [0, 5, 3, 1_500, 477, 2_000] {
            assert!(window.is_new(counter), "{counter}");
            window.mark(counter);
            assert!(!window.is_new(counter), "{counter}");
        }
        assert!(!window.is_new(976), "1,024 back is too old");
        assert!(window.is_new(977), "the oldest in the window");
        assert!(!window.is_new(1_500), "still remembered");
        assert!(window.is_new(1_501));
    }

    /// CS-REC-02
    #[test]
    fn a_jump_past_the_window_forgets_nothing_it_should_keep() {
        let mut window = ReplayWindow::new();
        (0..1_024).for_each(|counter| window.mark(counter));
        window.mark(10_000);
        assert!((8_977..10_000).all(|counter| window.is_new(counter)));
        assert!(!(0..8_977).any(|counter| window.is_new(counter)));
        window.mark(u64::MAX - 1);
        assert!(!window.is_new(u64::MAX - 1) && !window.is_new(u64::MAX));
    }
}

//! The table of `spec/costs.md`: how often a message needs each operation.

const SPECIFICATION: &str = include_str!("../../spec/costs.md");

/// A row of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    counts: Vec<(&'static str, u64)>,
}

impl Row {
    /// The row of a step of one side.
    ///
    /// # Panics
    /// If the specification has no such row.
    #[must_use]
    pub(crate) fn of(message: &str, side: &str) -> Self {
        let mut lines = SPECIFICATION.lines().skip_while(|line| !line.starts_with("| Message |"));
        let head = cells(lines.next().expect("the specification has a table of costs"));
        let row = lines.map(cells).find(|row| row.starts_with(&[message, side]));
        let row = row.unwrap_or_else(|| panic!("spec/costs.md has no row {message:?} of the {side}"));
        let count = |text: &str| text.parse().expect("a count is a number");
        Self { counts: head.into_iter().zip(row).skip(2).map(|(head, text)| (head, count(text))).collect() }
    }

    /// How often the operation under this head is done.
    ///
    /// # Panics
    /// If no column has this head.
    #[must_use]
    pub(crate) fn count(&self, operation: &str) -> u64 {
        let column = self.counts.iter().find(|(head, _)| *head == operation);
        column.unwrap_or_else(|| panic!("spec/costs.md has no column {operation:?}")).1
    }
}

fn cells(line: &'static str) -> Vec<&'static str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

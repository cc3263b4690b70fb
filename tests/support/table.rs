//! Tables of the specification, as the tests read them.

/// The rows of the first table under this heading, without its two header rows; each cell is trimmed.
///
/// # Panics
/// If there is no such heading, or no table under it.
#[must_use]
pub fn rows<'a>(specification: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let mut lines = specification.lines().skip_while(|line| *line != heading);
    assert!(lines.next().is_some(), "the specification has no heading {heading:?}");
    let table = lines.skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let rows: Vec<_> = table.skip(2).map(cells).collect();
    assert!(!rows.is_empty(), "no table follows the heading {heading:?}");
    rows
}

fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

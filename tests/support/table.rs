//! Tables of the specification and enums of the code, as the tests read them.

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

/// The variants of an enum, by the text of its source.
///
/// # Panics
/// If it has no such enum.
#[must_use]
pub fn variants(source: &str, name: &str) -> Vec<String> {
    let body = source.split_once(&format!("pub enum {name} {{")).and_then(|(_, rest)| rest.split_once("\n}"));
    let (body, _) = body.unwrap_or_else(|| panic!("there is no enum {name}"));
    let starts = body.lines().filter(|line| line.starts_with("    ") && !line.starts_with("     "));
    let words = starts.map(|line| line.trim().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default());
    words.filter(|word| word.starts_with(char::is_uppercase)).map(str::to_owned).collect()
}

//! A diagram that names the hosts in every line.

use super::{Row, Style, WIDTH, What, times, wrap};

pub(super) fn draw(rows: &[Row]) -> String {
    let widest =
        |of: fn(&Row) -> [&str; 2]| rows.iter().flat_map(of).map(|text| text.chars().count()).max().unwrap_or(0);
    let name_width = widest(|row| match &row.what {
        What::Arrow { from, to, .. } => [short(from), short(to)],
        What::Note { host, .. } => [short(host), ""],
    });
    let label_width = widest(|row| match &row.what {
        What::Arrow { label, .. } => [label, ""],
        What::Note { .. } => ["", ""],
    });
    let mut out = String::new();
    for (row, time) in rows.iter().zip(times(rows)) {
        let (beginning, words) = match &row.what {
            What::Arrow { from, to, label, style, outcome } => {
                let (from, to, shaft) = (short(from), short(to), shaft(label, label_width, *style));
                (format!("{time}  {from:<name_width$} {shaft} {to:<name_width$}   "), outcome)
            }
            What::Note { host, text } => (format!("{time}  {:<name_width$} ● ", short(host)), text),
        };
        let indent = beginning.chars().count();
        let words = wrap(words, WIDTH.saturating_sub(indent)).join(&format!("\n{:indent$}", ""));
        out.push_str(format!("{beginning}{words}").trim_end());
        out.push('\n');
    }
    out
}

/// A name without the ending that those of documentation have in common.
fn short(name: &str) -> &str {
    name.strip_suffix(".example").unwrap_or(name)
}

fn shaft(label: &str, width: usize, style: Style) -> String {
    let fill = width.saturating_sub(label.chars().count()).saturating_add(2);
    let fill: String = std::iter::repeat_n(style.line(), fill).collect();
    let start: String = [style.line(); 2].into_iter().collect();
    let end = style.sample().chars().last().unwrap_or(style.line());
    format!("{start}{label}{fill}{end}")
}

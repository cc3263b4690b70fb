//! A diagram with a column for each host.

use super::{Row, Style, WIDTH, What, times, wrap};

pub(super) fn draw(rows: &[Row], lifelines: &[String]) -> String {
    let times = times(rows);
    let layout = Layout::of(times.first().map_or(0, String::len), lifelines);
    let mut lines = vec![layout.names(), layout.bare()];
    for (row, time) in rows.iter().zip(&times) {
        let mut drawn = match &row.what {
            What::Arrow { from, to, label, style, outcome } => layout.arrow((from, to), label, *style, outcome),
            What::Note { host, text } => layout.note(host, text),
        };
        if let Some(first) = drawn.first_mut() {
            first.put(0, time);
        }
        lines.extend(drawn);
    }
    if rows.len() > NAMES_AGAIN_AFTER {
        lines.extend([layout.bare(), layout.names()]);
    }
    lines.into_iter().map(Canvas::into_line).collect()
}

/// Which column is whose.
struct Layout<'a> {
    lifelines: &'a [String],
    first: usize,
    gap: usize,
}

impl<'a> Layout<'a> {
    fn of(time_width: usize, lifelines: &'a [String]) -> Self {
        let gap = match lifelines.len() {
            0..=2 => 36,
            3 => 26,
            _ => 20,
        };
        Self { lifelines, first: time_width.saturating_add(3), gap }
    }

    fn column(&self, at: usize) -> usize {
        self.first.saturating_add(at.saturating_mul(self.gap))
    }

    fn columns(&self) -> impl Iterator<Item = usize> {
        (0..self.lifelines.len()).map(|at| self.column(at))
    }

    /// Every host that a row names has a lifeline.
    fn column_of(&self, host: &str) -> usize {
        self.column(self.lifelines.iter().position(|lifeline| lifeline == host).unwrap_or(0))
    }

    fn names(&self) -> Canvas {
        let mut canvas = Canvas::default();
        for (name, column) in self.lifelines.iter().zip(self.columns()) {
            let name = shortened(name, self.gap.saturating_sub(1));
            canvas.put(column.saturating_sub(name.chars().count().div_euclid(2)), &name);
        }
        canvas
    }

    /// Lifelines on which nothing happens.
    fn bare(&self) -> Canvas {
        let mut canvas = Canvas::default();
        for column in self.columns() {
            canvas.put(column, "│");
        }
        canvas
    }

    /// An arrow, and what came of it at the right of all lifelines.
    fn arrow(&self, (from, to): (&str, &str), label: &str, style: Style, outcome: &str) -> Vec<Canvas> {
        if from == to {
            let text = format!("{} {label} to itself", style.sample());
            return self.note(to, if outcome.is_empty() { text } else { format!("{text}, {outcome}") }.as_str());
        }
        let margin = self.column(self.lifelines.len().saturating_sub(1)).saturating_add(2);
        let words = wrap(outcome, WIDTH.saturating_sub(margin));
        let mut canvases: Vec<Canvas> = (0..words.len().max(1)).map(|_| self.bare()).collect();
        for (canvas, words) in canvases.iter_mut().zip(&words) {
            canvas.put(margin, words);
        }
        if let Some(first) = canvases.first_mut() {
            self.shaft(first, self.column_of(from), self.column_of(to), label, style);
        }
        canvases
    }

    /// The line of an arrow, between its lifelines.
    fn shaft(&self, canvas: &mut Canvas, from: usize, to: usize, label: &str, style: Style) {
        let is_leftwards = to < from;
        let between = from.abs_diff(to).saturating_sub(1);
        let room = match style {
            Style::Sent => label.chars().count().saturating_add(6).min(between),
            Style::Lost => between.saturating_sub(2),
            Style::Arrived | Style::Corrupted | Style::Forged | Style::Replayed => between,
        };
        let start = if is_leftwards { from.saturating_sub(room) } else { from.saturating_add(1) };
        for at in start..start.saturating_add(room) {
            let crossed = self.columns().any(|column| column == at);
            canvas.put(at, if crossed { crossing(style) } else { style.line() }.to_string().as_str());
        }
        let head = match style {
            Style::Sent => None,
            Style::Lost => Some("✗"),
            Style::Arrived | Style::Corrupted | Style::Forged | Style::Replayed if is_leftwards => Some("◀"),
            Style::Arrived | Style::Corrupted | Style::Forged | Style::Replayed => Some("▶"),
        };
        if let Some(head) = head {
            canvas.put(if is_leftwards { start } else { start.saturating_add(room).saturating_sub(1) }, head);
        }
        // The label stays clear of lifelines in between: it sits in the middle of the gap where the arrow begins.
        let gap = room.min(self.gap.saturating_sub(1));
        let label = format!(" {} ", shortened(label, gap.saturating_sub(3)));
        let spare = gap.saturating_sub(label.chars().count()).div_euclid(2);
        let gap_starts = if is_leftwards { from.saturating_sub(gap) } else { start };
        canvas.put(gap_starts.saturating_add(spare), &label);
    }

    /// A note beside its lifeline, on the side where it fits.
    fn note(&self, host: &str, text: &str) -> Vec<Canvas> {
        let column = self.column_of(host);
        let right = WIDTH.saturating_sub(column).saturating_sub(2);
        let left = column.saturating_sub(self.first).saturating_sub(1);
        let is_at_right = right >= text.chars().count().min(left);
        let lines = wrap(text, if is_at_right { right } else { left });
        let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        let start =
            if is_at_right { column.saturating_add(2) } else { column.saturating_sub(1).saturating_sub(widest) };
        let mut canvases: Vec<Canvas> = (0..lines.len().max(1)).map(|_| self.bare()).collect();
        if let Some(first) = canvases.first_mut() {
            first.put(column, "●");
        }
        for (canvas, line) in canvases.iter_mut().zip(&lines) {
            // A blank before and after sets the words apart from a lifeline that they cover.
            canvas.put(start.saturating_sub(1), &format!(" {line:widest$} "));
        }
        canvases
    }
}

/// How a line passes over somebody else's lifeline.
const fn crossing(style: Style) -> char {
    match style {
        Style::Arrived | Style::Lost => '┼',
        Style::Replayed => '╪',
        Style::Sent | Style::Corrupted | Style::Forged => '│',
    }
}

fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// A line that is written anywhere, over what is there.
#[derive(Debug, Default)]
struct Canvas(Vec<char>);

impl Canvas {
    fn put(&mut self, at: usize, text: &str) {
        for (at, character) in (at..).zip(text.chars()) {
            if self.0.len() <= at {
                self.0.resize(at.saturating_add(1), ' ');
            }
            if let Some(cell) = self.0.get_mut(at) {
                *cell = character;
            }
        }
    }

    fn into_line(self) -> String {
        let line: String = self.0.into_iter().collect();
        format!("{}\n", line.trim_end())
    }
}

/// In a longer diagram the names at the top are out of sight.
const NAMES_AGAIN_AFTER: usize = 30;

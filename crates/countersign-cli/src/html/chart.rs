//! Bar charts, in whole tenths of pixels: the same picture on every machine.

use crate::report::words::grouped;
use maud::{Markup, html};

/// Bars of equal width over an axis.
#[derive(Debug)]
pub(crate) struct Chart {
    /// What it shows, for those who cannot see it.
    pub(crate) title: String,
    /// How many, and what the bar stands for.
    pub(crate) bars: Vec<(u64, String)>,
    /// Below the axis.
    pub(crate) ticks: Vec<Mark>,
    /// Dashed lines, from left to right.
    pub(crate) marks: Vec<Mark>,
    /// What runs to the right, with its unit.
    pub(crate) across: String,
    /// What runs upwards, with its unit.
    pub(crate) upwards: String,
}

/// A place on the axis, in thousandths of a bar.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) at: u64,
    pub(crate) label: String,
}

const LEFT: u64 = 900;
const RIGHT: u64 = 1_050;
const WIDTH: u64 = 7_650;
const HEIGHT: u64 = 2_200;
const BELOW: u64 = 520;
/// Room for the name of the upward axis, and for a line of text per mark.
const NAME: u64 = 340;
const ROW: u64 = 165;

impl Chart {
    pub(crate) fn svg(&self) -> Markup {
        let rows = u64::try_from(self.marks.len()).unwrap_or(0);
        let above = NAME.saturating_add(ROW.saturating_mul(rows));
        let (width, height) =
            (LEFT.saturating_add(WIDTH).saturating_add(RIGHT), above.saturating_add(HEIGHT).saturating_add(BELOW));
        html! {
            svg.chart role="img" viewBox={ "0 0 " (width) " " (height) } {
                title { (self.title) }
                g transform={ "translate(" (LEFT) " " (above) ")" } {
                    text.name x="-800" y={ "-" (above.saturating_sub(150)) } { (self.upwards) }
                    (self.draw_bars())
                    (self.draw_ticks())
                    (self.draw_marks(rows))
                    text.name x=(WIDTH / 2) y=(HEIGHT.saturating_add(440)) text-anchor="middle" { (self.across) }
                }
            }
        }
    }

    fn draw_bars(&self) -> Markup {
        let highest = self.bars.iter().map(|(count, _)| *count).max().unwrap_or(0).max(1);
        let step = round_step(highest.div_ceil(5));
        let top = highest.div_ceil(step.max(1)).saturating_mul(step);
        let levels = (0..=5).map(|nth| step.saturating_mul(nth)).filter(|level| *level <= top);
        let down = |count| HEIGHT.saturating_sub(scale(count, top, HEIGHT));
        let bars = self.bars.iter().zip(0_u64..).filter(|((count, _), _)| *count > 0);
        html! {
            @for level in levels {
                line.grid x1="0" x2=(WIDTH) y1=(down(level)) y2=(down(level)) {}
                text x="-90" y=(down(level).saturating_add(45)) text-anchor="end" { (grouped(level)) }
            }
            @for ((count, name), nth) in bars {
                @let left = self.x(nth.saturating_mul(1_000));
                @let right = self.x(nth.saturating_add(1).saturating_mul(1_000));
                // A bar that rounds to nothing is still there.
                @let height = scale(*count, top, HEIGHT).max(10);
                rect.bar x=(left.saturating_add(4)) width=(right.saturating_sub(left).saturating_sub(8).max(4))
                    y=(HEIGHT.saturating_sub(height)) height=(height) { title { (name) ": " (grouped(*count)) } }
            }
        }
    }

    fn draw_ticks(&self) -> Markup {
        html! {
            line.axis x1="0" x2=(WIDTH) y1=(HEIGHT) y2=(HEIGHT) {}
            @for tick in &self.ticks {
                line.axis x1=(self.x(tick.at)) x2=(self.x(tick.at)) y1=(HEIGHT) y2=(HEIGHT.saturating_add(60)) {}
                text x=(self.x(tick.at)) y=(HEIGHT.saturating_add(210)) text-anchor="middle" { (tick.label) }
            }
        }
    }

    /// The first mark has the highest row, so that no line crosses the label of another.
    fn draw_marks(&self, rows: u64) -> Markup {
        html! {
            @for (mark, row) in self.marks.iter().zip(0_u64..) {
                @let above = ROW.saturating_mul(rows.saturating_sub(row));
                line.mark x1=(self.x(mark.at)) x2=(self.x(mark.at)) y1={ "-" (above) } y2=(HEIGHT) {}
                text x=(self.x(mark.at).saturating_add(50)) y={ "-" (above.saturating_sub(110)) } { (mark.label) }
            }
        }
    }

    fn x(&self, at: u64) -> u64 {
        let all = u64::try_from(self.bars.len()).unwrap_or(u64::MAX).max(1).saturating_mul(1_000);
        scale(at.min(all), all, WIDTH)
    }
}

/// As much of `to` as `value` is of `of`.
pub(crate) fn scale(value: u64, of: u64, to: u64) -> u64 {
    let scaled = u128::from(value).saturating_mul(to.into()).checked_div(of.into()).unwrap_or(0);
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

/// The smallest of 1, 2, 5, 10, 20, … that is not below.
fn round_step(least: u64) -> u64 {
    let mut decade = 1_u64;
    loop {
        for step in [1, 2, 5].map(|digit: u64| digit.saturating_mul(decade)) {
            if step >= least {
                return step;
            }
        }
        decade = decade.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Few lines, at numbers that people count in.
    #[test]
    fn steps_are_round() {
        let steps = [0, 1, 2, 3, 6, 11, 437, u64::MAX].map(round_step);
        assert_eq!(steps, [1, 1, 2, 5, 10, 20, 500, u64::MAX]);
    }

    /// Every label is there, the highest bar reaches at most the top, and names are escaped.
    #[test]
    fn a_chart_has_axes_names_and_bars() {
        let bars = [3, 0, 41].map(|count| (count, "<bar>".to_owned())).to_vec();
        let mark = |at, label: &str| Mark { at, label: label.to_owned() };
        let chart = Chart {
            title: "a title".to_owned(),
            bars,
            ticks: vec![mark(0, "0 s"), mark(3_000, "3 s")],
            marks: vec![mark(1_500, "middle")],
            across: "seconds".to_owned(),
            upwards: "handshakes".to_owned(),
        };
        let svg = chart.svg().into_string();
        assert_eq!(svg.matches("class=\"bar\"").count(), 2);
        for said in [">0 s<", ">3 s<", ">middle<", ">seconds<", ">handshakes<", ">50<", "&lt;bar&gt;: 41"] {
            assert!(svg.contains(said), "{said} is missing in {svg}");
        }
    }
}

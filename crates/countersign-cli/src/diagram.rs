//! A sequence diagram for the terminal.
//!
//! Time runs downwards. Few hosts get a column each ([`columns`]), more are named in every line ([`list`]). What became
//! of a datagram is told by the style of its line and by words, never by colour: there is none.

mod columns;
mod list;

use core::ops::RangeInclusive;
use countersign_sim::{Arrow, Nature};
use std::collections::{BTreeMap, BTreeSet};

/// What there is to draw.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Item {
    /// A copy of a datagram, or one that was lost.
    Arrow(Arrow),
    /// Something that happened at a host.
    Note {
        /// When.
        at_us: u64,
        /// Where.
        host: String,
        /// What.
        text: String,
    },
}

/// Draws what happened in this time, in lines of at most [`WIDTH`] columns where names and words allow.
pub(crate) fn draw(items: &[Item], time_us: RangeInclusive<u64>) -> String {
    let rows = rows(items, &time_us);
    let lifelines = lifelines(&rows);
    if lifelines.len() > COLUMNS_MAX { list::draw(&rows) } else { columns::draw(&rows, &lifelines) }
}

/// What the styles of lines mean.
pub(crate) fn legend() -> String {
    let styles = Style::ALL.map(|style| format!("{} {}", style.sample(), style.meaning()));
    format!("{}\n", styles.join("  "))
}

/// One row of the diagram.
#[derive(Debug)]
struct Row {
    at_us: u64,
    what: What,
}

#[derive(Debug)]
enum What {
    Arrow { from: String, to: String, label: String, style: Style, outcome: String },
    Note { host: String, text: String },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Style {
    Sent,
    Arrived,
    Lost,
    Corrupted,
    Forged,
    Replayed,
}

impl Style {
    const ALL: [Self; 6] = [Self::Sent, Self::Arrived, Self::Lost, Self::Corrupted, Self::Forged, Self::Replayed];

    const fn line(self) -> char {
        match self {
            Self::Sent => '╌',
            Self::Arrived | Self::Lost => '─',
            Self::Corrupted => '┄',
            Self::Forged => '~',
            Self::Replayed => '═',
        }
    }

    fn sample(self) -> String {
        let end = match self {
            Self::Sent => '╌',
            Self::Lost => '✗',
            Self::Arrived | Self::Corrupted | Self::Forged | Self::Replayed => '▶',
        };
        [self.line(), self.line(), end].into_iter().collect()
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Arrived => "arrives",
            Self::Lost => "lost, or still under way",
            Self::Corrupted => "corrupted",
            Self::Forged => "forged, junk",
            Self::Replayed => "replayed",
        }
    }

    const fn of(arrow: &Arrow) -> Self {
        match (arrow.arrived_us, arrow.nature, arrow.is_corrupted) {
            (None, _, _) => Self::Lost,
            (Some(_), Nature::Forged, _) => Self::Forged,
            (Some(_), Nature::Replayed, _) => Self::Replayed,
            (Some(_), Nature::Carried | Nature::Mirrored, true) => Self::Corrupted,
            (Some(_), Nature::Carried | Nature::Mirrored, false) => Self::Arrived,
        }
    }
}

/// The copies of one datagram have this in common.
type Datagram<'a> = (u64, &'a str, &'a str, &'a str);

fn datagram(arrow: &Arrow) -> Datagram<'_> {
    (arrow.sent_us, &arrow.from, &arrow.to, &arrow.message)
}

/// Something that gets a row, unless it is a sending that is told in the row of an arrival.
#[derive(Clone, Copy, Debug)]
enum Event<'a> {
    Arrives(&'a Arrow),
    Happens(&'a str, &'a str),
    Sends(&'a Arrow),
}

impl Event<'_> {
    /// Within one moment, what is sent answers what arrived.
    const fn rank(self) -> u8 {
        match self {
            Self::Arrives(_) => 0,
            Self::Happens(..) => 1,
            Self::Sends(_) => 2,
        }
    }
}

/// The events in this time, in order.
fn events<'a>(items: &'a [Item], time_us: &RangeInclusive<u64>) -> Vec<(u64, Event<'a>)> {
    let mut events = Vec::new();
    // One sending for all copies of a datagram; the arrow of one that arrives, if any does.
    let mut sendings: BTreeMap<Datagram<'_>, &Arrow> = BTreeMap::new();
    for item in items {
        match item {
            Item::Note { at_us, host, text } => events.push((*at_us, Event::Happens(host, text))),
            Item::Arrow(arrow) => {
                events.extend(arrow.arrived_us.map(|at_us| (at_us, Event::Arrives(arrow))));
                if arrow.arrived_us != Some(arrow.sent_us) {
                    let first = sendings.entry(datagram(arrow)).or_insert(arrow);
                    if first.arrived_us.is_none() {
                        *first = arrow;
                    }
                }
            }
        }
    }
    events.extend(sendings.into_values().map(|arrow| (arrow.sent_us, Event::Sends(arrow))));
    events.retain(|(at_us, _)| time_us.contains(at_us));
    events.sort_by_key(|(at_us, event)| (*at_us, event.rank()));
    events
}

fn rows(items: &[Item], time_us: &RangeInclusive<u64>) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut arrived = BTreeSet::new();
    let mut events = events(items, time_us).into_iter().peekable();
    while let Some((at_us, event)) = events.next() {
        let what = match event {
            Event::Happens(host, text) => What::Note { host: host.to_owned(), text: text.to_owned() },
            Event::Arrives(arrow) => {
                let is_first = arrived.insert(datagram(arrow));
                let sent = (arrow.sent_us < at_us).then(|| format!("sent {}", seconds(arrow.sent_us)));
                row_of(arrow, Style::of(arrow), outcome(arrow, sent, is_first))
            }
            Event::Sends(arrow) => {
                let next = events.next_if(|(_, next)| match next {
                    Event::Arrives(copy) => datagram(copy) == datagram(arrow),
                    Event::Happens(..) | Event::Sends(_) => false,
                });
                if let Some((then_us, Event::Arrives(copy))) = next {
                    arrived.insert(datagram(copy));
                    row_of(copy, Style::of(copy), outcome(copy, Some(format!("at {}", seconds(then_us))), true))
                } else if arrow.arrived_us.is_none() {
                    // It says so if it may yet come.
                    let is_lost = arrow.note.is_none();
                    row_of(arrow, Style::Lost, outcome(arrow, is_lost.then(|| "does not arrive".to_owned()), true))
                } else {
                    row_of(arrow, Style::Sent, String::new())
                }
            }
        };
        rows.push(Row { at_us, what });
    }
    rows
}

fn row_of(arrow: &Arrow, style: Style, outcome: String) -> What {
    let (from, to, label) = (arrow.from.clone(), arrow.to.clone(), arrow.message.clone());
    What::Arrow { from, to, label, style, outcome }
}

/// What is written beside an arrow.
fn outcome(arrow: &Arrow, when: Option<String>, is_first: bool) -> String {
    let nature = match arrow.nature {
        Nature::Carried if !is_first => Some("another copy"),
        Nature::Carried => None,
        // Its label says that it is junk.
        Nature::Forged if arrow.message.starts_with("junk") => None,
        Nature::Forged => Some("forged"),
        Nature::Replayed => Some("replayed"),
        Nature::Mirrored => Some("copied to a clone"),
    };
    let corrupted = (arrow.is_corrupted && arrow.nature != Nature::Forged).then_some("corrupted");
    let words = [when.as_deref(), nature, corrupted, arrow.note.as_deref()];
    words.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Who takes part, in the order in which they first do.
fn lifelines(rows: &[Row]) -> Vec<String> {
    let mut hosts: Vec<String> = Vec::new();
    for row in rows {
        let named = match &row.what {
            What::Arrow { from, to, .. } => vec![from, to],
            What::Note { host, .. } => vec![host],
        };
        for host in named {
            if !hosts.contains(host) {
                hosts.push(host.clone());
            }
        }
    }
    hosts
}

/// A moment, to the millisecond.
pub(crate) fn seconds(micros: u64) -> String {
    format!("{}.{:03} s", micros.div_euclid(1_000_000), micros.div_euclid(1_000).rem_euclid(1_000))
}

/// The times of all rows, one width for all.
fn times(rows: &[Row]) -> Vec<String> {
    let times: Vec<String> = rows.iter().map(|row| seconds(row.at_us)).collect();
    let width = times.iter().map(String::len).fold(TIME_WIDTH_MIN, usize::max);
    times.into_iter().map(|time| format!("{time:>width$}")).collect()
}

/// Breaks text into lines of this width, within a word only if it does not fit on a line of its own.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        for piece in word.chars().collect::<Vec<_>>().chunks(width) {
            let has_room = line.chars().count().saturating_add(piece.len()) < width;
            if !line.is_empty() && !has_room {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.extend(piece);
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// How wide a diagram is meant to be.
const WIDTH: usize = 100;
/// With more lifelines than this, columns leave no room for words.
const COLUMNS_MAX: usize = 4;
/// Room for 9,999 seconds.
const TIME_WIDTH_MIN: usize = 10;

//! One handshake as a sequence diagram: a line for each host, time downwards.
//!
//! Every sending and every arrival has a row of its own; the longer nothing happens, the wider the space, up to a limit.

use crate::report::words::{plain, seconds};
use countersign_sim::{Arrow, Nature, SlowHandshake};
use maud::{Markup, html};

/// More arrows than this say nothing more.
const ARROWS_MAX: usize = 100;
const WIDTH: u32 = 900;
const LEFT: u32 = 110;
const RIGHT: u32 = 790;
const FIRST_ROW: u32 = 66;
/// Room for a line of text.
const ROW: u32 = 20;
/// How much wider the space between two rows may get, and for how long a wait it gets a pixel wider.
const WAIT_MAX: u32 = 50;
const WAIT_PIXEL_US: u64 = 8_000;

/// How an arrow is drawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Style {
    First,
    Repeat,
    Copy,
    Corrupted,
    Forged,
    Replayed,
}

impl Style {
    const ALL: [(Self, &'static str); 6] = [
        (Self::First, "sent for the first time"),
        (Self::Repeat, "sent again by its host"),
        (Self::Copy, "another copy of the same datagram"),
        (Self::Corrupted, "with a bit changed on the way"),
        (Self::Forged, "made from a genuine one by somebody else"),
        (Self::Replayed, "recorded, and played again"),
    ];

    const fn class(self) -> &'static str {
        match self {
            Self::First => "way",
            Self::Repeat => "way repeat",
            Self::Copy => "way copy",
            Self::Corrupted => "way corrupted",
            Self::Forged => "way forged",
            Self::Replayed => "way replayed",
        }
    }

    fn of(arrow: &Arrow, earlier: &[Arrow]) -> Self {
        let is_same = |other: &Arrow| {
            (other.sent_us, &other.from, &other.message, other.nature)
                == (arrow.sent_us, &arrow.from, &arrow.message, Nature::Carried)
        };
        match arrow.nature {
            Nature::Forged => Self::Forged,
            Nature::Replayed => Self::Replayed,
            Nature::Carried | Nature::Mirrored if arrow.is_corrupted => Self::Corrupted,
            Nature::Mirrored => Self::Copy,
            Nature::Carried if earlier.iter().any(is_same) => Self::Copy,
            Nature::Carried if arrow.message.ends_with(')') => Self::Repeat,
            Nature::Carried => Self::First,
        }
    }
}

/// What the line styles mean; goes before the diagrams, which share its arrowhead.
pub(crate) fn legend() -> Markup {
    html! {
        ul.legend {
            @for (style, meaning) in Style::ALL {
                li { svg.exchange aria-hidden="true" width="64" height="14" viewBox="0 0 64 14" { (way(style, (2, 7), (56, 7), true)) } (meaning) }
            }
            li { svg.exchange aria-hidden="true" width="64" height="14" viewBox="0 0 64 14" { (way(Style::First, (2, 7), (50, 7), false)) } "lost" }
        }
        svg width="0" height="0" aria-hidden="true" {
            defs {
                marker #head markerWidth="10" markerHeight="8" refX="9" refY="4" orient="auto" markerUnits="userSpaceOnUse" {
                    path.head d="M0 0 10 4 0 8Z" {}
                }
            }
        }
    }
}

pub(crate) fn svg(handshake: &SlowHandshake) -> Markup {
    let arrows = handshake.arrows.get(..ARROWS_MAX).unwrap_or(&handshake.arrows);
    let hosts = hosts(handshake, arrows);
    let rows = Rows::of(arrows);
    let drawn = Drawn::all(arrows, &rows, &hosts);
    let height = rows.last.saturating_add(30);
    html! {
        svg.exchange role="img" width=(WIDTH) height=(height) viewBox={ "0 0 " (WIDTH) " " (height) } {
            title { "The messages of a handshake between " (plain(&handshake.client)) " and " (plain(&handshake.server)) ", from top to bottom" }
            @for (host, x) in &hosts {
                line.life x1=(x) x2=(x) y1="36" y2=(height) {}
                text.host x=(x) y="24" text-anchor="middle" { (plain(host)) }
            }
            @for wait in &rows.waits {
                @for (_, x) in &hosts { line.wait x1=(x) x2=(x) y1=(wait.from) y2=(wait.to) {} }
                text.time x=(WIDTH / 2) y=(wait.from.midpoint(wait.to).saturating_add(4)) text-anchor="middle" { (seconds(wait.lasts_us)) " pass" }
            }
            @for drawn in &drawn { (way(drawn.style, drawn.start, drawn.end, drawn.arrow.arrived_us.is_some())) }
            // Over all lines, so that no line strikes out a word.
            @for drawn in &drawn { (drawn.words(handshake.begun_us)) }
        }
    }
}

/// Whoever takes part, from left to right, and where: the client first, the server last.
fn hosts<'a>(handshake: &'a SlowHandshake, arrows: &'a [Arrow]) -> Vec<(&'a str, u32)> {
    let mut names = vec![handshake.client.as_str()];
    let mentioned = arrows.iter().flat_map(|arrow| [arrow.from.as_str(), arrow.to.as_str()]);
    for name in mentioned.filter(|name| *name != handshake.server) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.push(&handshake.server);
    let gaps = u32::try_from(names.len()).unwrap_or(u32::MAX).saturating_sub(1).max(1);
    let width = RIGHT.saturating_sub(LEFT).checked_div(gaps).unwrap_or(0);
    names.into_iter().zip(0_u32..).map(|(name, nth)| (name, LEFT.saturating_add(width.saturating_mul(nth)))).collect()
}

/// Where everything is, from the top.
#[derive(Debug)]
struct Rows {
    /// Where each arrow starts, and where it ends if it arrives.
    arrows: Vec<(u32, Option<u32>)>,
    waits: Vec<Wait>,
    last: u32,
}

/// A time in which nothing happens that is longer than it is drawn.
#[derive(Debug)]
struct Wait {
    from: u32,
    to: u32,
    lasts_us: u64,
}

impl Rows {
    fn of(arrows: &[Arrow]) -> Self {
        let mut events: Vec<(u64, usize, bool)> = Vec::new();
        for (nth, arrow) in arrows.iter().enumerate() {
            events.push((arrow.sent_us, nth, false));
            events.extend(arrow.arrived_us.map(|at| (at, nth, true)));
        }
        // What is sent at the moment of an arrival answers it, and comes later in the list.
        events.sort_unstable();
        let mut rows = Self { arrows: vec![(FIRST_ROW, None); arrows.len()], waits: Vec::new(), last: FIRST_ROW };
        let mut before: Option<u64> = None;
        for (at, nth, is_arrival) in events {
            if let Some(before) = before {
                rows.advance(at.saturating_sub(before));
            }
            before = Some(at);
            let last = rows.last;
            if let Some(row) = rows.arrows.get_mut(nth) {
                if is_arrival { row.1 = Some(last) } else { row.0 = last }
            }
        }
        rows
    }

    fn advance(&mut self, lasts_us: u64) {
        let wider = u32::try_from(lasts_us / WAIT_PIXEL_US).unwrap_or(u32::MAX);
        let from = self.last;
        self.last = from.saturating_add(ROW).saturating_add(wider.min(WAIT_MAX));
        if wider > WAIT_MAX {
            let (from, to) = (from.saturating_add(16), self.last.saturating_sub(24));
            self.waits.push(Wait { from, to, lasts_us });
        }
    }
}

/// An arrow and its place.
#[derive(Debug)]
struct Drawn<'a> {
    arrow: &'a Arrow,
    style: Style,
    start: (u32, u32),
    end: (u32, u32),
}

impl<'a> Drawn<'a> {
    fn all(arrows: &'a [Arrow], rows: &Rows, hosts: &[(&str, u32)]) -> Vec<Self> {
        let x = |name: &str| hosts.iter().find(|(host, _)| *host == name).map_or(LEFT, |(_, x)| *x);
        let places = arrows.iter().enumerate().zip(&rows.arrows);
        let drawn = places.map(|((nth, arrow), (start, arrival))| {
            let style = Style::of(arrow, arrows.get(..nth).unwrap_or_default());
            let (from, to) = (x(&arrow.from), x(&arrow.to));
            // Something lost gets a little further than half of the way.
            let given_up = from.saturating_mul(2).saturating_add(to.saturating_mul(3)) / 5;
            let end = arrival.map_or((given_up, start.saturating_add(10)), |arrival| (to, arrival));
            Self { arrow, style, start: (from, *start), end }
        });
        drawn.collect()
    }

    /// What it is above its start, and outside the hosts' lines when it was sent and when it arrived.
    fn words(&self, begun_us: u64) -> Markup {
        let Self { arrow, style, start: (from, start), end: (to, end) } = *self;
        let label = label(arrow, style);
        let beside =
            |x: u32| if x < WIDTH / 2 { (x.saturating_sub(10), "end") } else { (x.saturating_add(10), "start") };
        let time = |at: u64| seconds(at.saturating_sub(begun_us));
        let (label_x, anchor) =
            if from < to { (from.saturating_add(12), "start") } else { (from.saturating_sub(12), "end") };
        html! {
            g {
                title { (label) ", sent at " (time(arrow.sent_us)) @if let Some(at) = arrow.arrived_us { ", arrived at " (time(at)) } }
                text x=(label_x) y=(start.saturating_sub(5)) text-anchor=(anchor) { (label) }
                text.time x=(beside(from).0) y=(start.saturating_add(4)) text-anchor=(beside(from).1) { (time(arrow.sent_us)) }
                @if let Some(at) = arrow.arrived_us {
                    text.time x=(beside(to).0) y=(end.saturating_add(4)) text-anchor=(beside(to).1) { (time(at)) }
                }
            }
        }
    }
}

/// The line of an arrow, with a head where it arrives and a cross where it is lost.
fn way(style: Style, from: (u32, u32), to: (u32, u32), arrives: bool) -> Markup {
    let line = format!("M{} {} {} {}", from.0, from.1, to.0, to.1);
    let cross = format!("M{} {}l10 10m0 -10l-10 10", to.0.saturating_sub(5), to.1.saturating_sub(5));
    html! {
        path class=(style.class()) d=(line) marker-end=[(arrives && style != Style::Replayed).then_some(HEAD)] {}
        // The head goes over the hollow of a double line.
        @if style == Style::Replayed { path.hollow d=(line) marker-end=[arrives.then_some(HEAD)] {} }
        @if !arrives { path.cross d=(cross) {} }
    }
}

const HEAD: &str = "url(#head)";

/// Which message it is, what is wrong with it, and what came of it.
fn label(arrow: &Arrow, style: Style) -> String {
    const LONGEST: usize = 80;
    let what = match style {
        Style::First | Style::Repeat => "",
        Style::Copy => " · another copy",
        Style::Corrupted => " · corrupted",
        Style::Forged => " · forged",
        Style::Replayed => " · replayed",
    };
    let note = arrow.note.as_deref().or_else(|| arrow.arrived_us.is_none().then_some("lost"));
    let label = format!("{}{what}{}", arrow.message, note.map(|note| format!(" · {note}")).unwrap_or_default());
    let mut short: String = plain(&label).chars().take(LONGEST).collect();
    if label.chars().count() > LONGEST {
        short.push('…');
    }
    short
}

/// A handshake in a few words.
pub(crate) fn name(handshake: &SlowHandshake) -> String {
    let SlowHandshake { latency_us, world, begun_us, client, server, .. } = handshake;
    let took = seconds(*latency_us);
    format!("{took}: {} with {}, world {world}, begun at {}", plain(client), plain(server), seconds(*begun_us))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    /// Each way a datagram may come about has a line style and a word of its own.
    #[test]
    fn every_kind_of_arrow_is_told_apart_by_line_and_by_word() {
        let handshake = sample::report().slowest.remove(0);
        let svg = svg(&handshake).into_string();
        for (style, _) in Style::ALL {
            assert!(svg.contains(&format!("class=\"{}\"", style.class())), "{style:?}");
        }
        for label in [
            "Hello · lost in a burst<",
            "Hello (2) · another copy · already known<",
            "Challenge · corrupted · refused: bad proof<",
            "Challenge (2) · forged · refused: bad proof<",
            "Hello (2) · replayed · refused: stale &lt;entry&gt;<",
        ] {
            assert!(svg.contains(label), "{label:?}");
        }
        assert_eq!(svg.matches("class=\"cross\"").count(), 2);
        assert_eq!(svg.matches("url(#head)").count(), 10);
    }

    /// Time runs downwards, and no two lines of text are in one place.
    #[test]
    fn later_is_lower_and_every_event_has_a_row() {
        let handshake = sample::report().slowest.remove(0);
        let rows = Rows::of(&handshake.arrows);
        let mut places: Vec<u32> = rows.arrows.iter().flat_map(|(start, end)| [Some(*start), *end]).flatten().collect();
        places.sort_unstable();
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= ROW), "{places:?}");
        assert!(rows.arrows.iter().all(|(start, end)| end.is_none_or(|end| end > *start)));
        assert_eq!(rows.waits.iter().map(|wait| wait.lasts_us).collect::<Vec<_>>(), [1_000_000, 939_000, 1_956_000]);
    }

    /// A third host stands between the two.
    #[test]
    fn whoever_else_takes_part_has_a_line_too() {
        let mut handshake = sample::report().slowest.remove(0);
        handshake.arrows[1].to = "look-alike".to_owned();
        let hosts = hosts(&handshake, &handshake.arrows);
        assert_eq!(hosts, [("client 17", LEFT), ("look-alike", 450), ("server 3", RIGHT)]);
    }
}

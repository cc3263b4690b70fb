//! What the charts of a report show: how long handshakes took, and when they were accepted.

use super::chart::{Chart, Mark, scale};
use crate::report::PERCENTILES;
use crate::report::words::duration;
use core::time::Duration;
use countersign_sim::{Latency, Report, SERIES_STEP_S};

/// How long handshakes took; `None` if none was accepted.
pub(crate) fn latency(latency: &Latency) -> Option<Chart> {
    let (shortest, longest) = (*latency.0.keys().next()?, *latency.0.keys().next_back()?);
    let edges = edges(shortest, longest);
    let bars = edges.windows(2).map(|pair| {
        let (low, high) = (pair.first().copied().unwrap_or(0), pair.last().copied().unwrap_or(0));
        let count = latency.0.range(low..high).fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
        (count, format!("{} to {}", micros(low), micros(high)))
    });
    let ticks = edges.iter().zip(0_u64..).filter(|(edge, _)| is_round(**edge));
    let marks = PERCENTILES.map(|(name, share)| {
        let value = latency.quantile(share);
        Mark { at: place(&edges, value), label: format!("{name} {}", micros(value)) }
    });
    Some(Chart {
        title: format!("Handshakes by how long they took, from {} to {}", micros(shortest), micros(longest)),
        bars: bars.collect(),
        ticks: ticks.map(|(edge, nth)| Mark { at: nth.saturating_mul(1_000), label: micros(*edge) }).collect(),
        marks: marks.into(),
        across: "virtual time from the first Hello to acceptance (logarithmic)".to_owned(),
        upwards: "handshakes in each bar (twenty bars for a factor of ten)".to_owned(),
    })
}

/// When handshakes were accepted; `None` if none was.
pub(crate) fn accepted(report: &Report) -> Option<Chart> {
    /// More bars than this are too thin to see.
    const BARS_MAX: u64 = 120;
    let last = report.accepted_over_time.keys().next_back()?;
    let steps = last.saturating_add(1);
    let bar_s = time_step(steps.div_ceil(BARS_MAX).saturating_mul(SERIES_STEP_S));
    let per_bar = bar_s / SERIES_STEP_S;
    let bars = (0..steps.div_ceil(per_bar.max(1))).map(|nth| {
        let (from, to) = (nth.saturating_mul(per_bar), nth.saturating_add(1).saturating_mul(per_bar));
        let count = report.accepted_over_time.range(from..to).fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
        let [from, to] = [from, to].map(|step| whole_seconds(step.saturating_mul(SERIES_STEP_S)));
        (count, format!("{from} to {to}"))
    });
    let bars: Vec<_> = bars.collect();
    let all_s = u64::try_from(bars.len()).unwrap_or(0).saturating_mul(bar_s);
    let step_s = time_step(all_s / 8);
    let ticks = (0_u64..).map(|nth| nth.saturating_mul(step_s)).take_while(|at| *at <= all_s).take(10);
    let ticks = ticks.map(|at| Mark { at: scale(at, bar_s, 1_000), label: in_unit_of(step_s, at) });
    Some(Chart {
        title: format!("Handshakes accepted in each {} of virtual time", whole_seconds(bar_s)),
        ticks: ticks.collect(),
        bars,
        marks: Vec::new(),
        across: "virtual time since the beginning of a world".to_owned(),
        upwards: format!("handshakes accepted in each {}, all worlds together", whole_seconds(bar_s)),
    })
}

/// The bounds of the bars: twenty in each power of ten, from a whole one to a whole one.
fn edges(shortest: u64, longest: u64) -> Vec<u64> {
    // Rounded so that 1, 2 and 5 are among them.
    const TWENTIETHS: [u64; 20] =
        [100, 112, 125, 140, 160, 180, 200, 224, 250, 280, 315, 355, 400, 450, 500, 560, 630, 710, 800, 900];
    let mut edges = Vec::new();
    let mut decade = 1_u64;
    while decade < u64::MAX {
        let next = decade.saturating_mul(10);
        if next > shortest {
            edges.extend(TWENTIETHS.map(|edge| scale(edge, 100, decade)));
        }
        if next > longest {
            edges.push(next);
            break;
        }
        decade = next;
    }
    edges
}

/// Whether this is 1, 2 or 5 times a power of ten.
fn is_round(mut value: u64) -> bool {
    while value >= 10 && value.is_multiple_of(10) {
        value /= 10;
    }
    matches!(value, 1 | 2 | 5)
}

/// Where a value lies among the bars, in thousandths of one.
fn place(edges: &[u64], value: u64) -> u64 {
    let above = edges.partition_point(|edge| *edge <= value);
    let (Some(low), Some(high)) = (edges.get(above.saturating_sub(1)), edges.get(above)) else { return 0 };
    let within = scale(value.saturating_sub(*low), high.saturating_sub(*low), 1_000);
    u64::try_from(above.saturating_sub(1)).unwrap_or(0).saturating_mul(1_000).saturating_add(within)
}

/// The step of a time axis that people count in, not below this, and whole steps of the series.
fn time_step(least_s: u64) -> u64 {
    const STEPS_S: [u64; 15] =
        [10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400, 172_800, 432_000, 864_000];
    STEPS_S.into_iter().find(|step| *step >= least_s).unwrap_or(least_s)
}

/// A time in the largest unit of which the steps are whole numbers.
fn in_unit_of(step_s: u64, at_s: u64) -> String {
    match step_s {
        hours if hours.is_multiple_of(3_600) => format!("{} h", at_s / 3_600),
        minutes if minutes.is_multiple_of(60) => format!("{} min", at_s / 60),
        _ => format!("{at_s} s"),
    }
}

fn micros(micros: u64) -> String {
    duration(Duration::from_micros(micros))
}

fn whole_seconds(seconds: u64) -> String {
    duration(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use std::collections::BTreeMap;

    /// No handshake falls between two bars.
    #[test]
    fn every_handshake_is_in_a_bar() {
        let report = sample::report();
        let total = |chart: &Chart| chart.bars.iter().map(|(count, _)| count).sum::<u64>();
        assert_eq!(total(&latency(&report.latency).unwrap()), report.latency.0.values().sum::<u64>());
        let accepted_in_all = report.accepted_over_time.values().sum::<u64>();
        assert_eq!(total(&accepted(&report).unwrap()), accepted_in_all);
        for only in [0, 1, 999, 1_000, 59_999_999, u64::MAX / 2] {
            let chart = latency(&Latency(BTreeMap::from([(only, 3)]))).unwrap();
            assert_eq!(total(&chart), if only == 0 { 0 } else { 3 }, "{only}");
        }
    }

    /// A value lies in its bar, and as far along it as it should.
    #[test]
    fn a_percentile_lies_within_its_bar() {
        let edges = edges(1_500, 90_000);
        assert_eq!((edges[0], edges[20], edges[40]), (1_000, 10_000, 100_000));
        assert_eq!(
            [1_000, 1_060, 1_120, 2_000, 50_000].map(|value| place(&edges, value)),
            [0, 500, 1_000, 6_000, 34_000]
        );
        assert!([1, 20, 5_000].into_iter().all(is_round) && ![0, 15, 300].into_iter().any(is_round));
    }

    /// A long run has few bars and few ticks.
    #[test]
    fn a_long_run_is_drawn_in_wider_bars() {
        let mut report = sample::report();
        report.accepted_over_time.insert(100_000, 4);
        let chart = accepted(&report).unwrap();
        assert!(chart.bars.len() <= 120 && (3..=10).contains(&chart.ticks.len()), "{chart:?}");
        assert_eq!(
            [(30, 150), (120, 240), (7_200, 14_400)].map(|(step, at)| in_unit_of(step, at)),
            ["150 s", "4 min", "4 h"]
        );
        report.accepted_over_time.insert(u64::MAX, 1);
        assert!(accepted(&report).unwrap().bars.len() <= 120);
        report.accepted_over_time.clear();
        assert!(accepted(&report).is_none() && latency(&Latency::default()).is_none());
    }
}

//! What people write: durations as `"10 ms"`, shares as `"0.5 %"`. Exact decimals, read in integers.

use core::time::Duration;

/// Why a text is no duration, or no share.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum UnitError {
    #[error("a duration is a number and one of us, ms, s, min, h")]
    NoDuration,
    #[error("durations are whole microseconds")]
    FinerThanMicroseconds,
    #[error("a duration is at most \"{HOURS_MAX} h\"")]
    TooLong,
    #[error("a share is a number and %")]
    NoShare,
    #[error("a share has at most four decimals")]
    FinerThanMillionths,
    #[error("a share is at most \"100 %\"")]
    MoreThanAll,
}

/// Eleven years: nothing that a world waits for takes longer, and sums of a few are far from overflow.
const HOURS_MAX: u64 = 100_000;

/// The longest.
pub(super) const LONGEST: Duration = Duration::from_secs(HOURS_MAX * 3_600);

const UNITS: [(&str, u64); 5] =
    [("us", 1), ("ms", 1_000), ("s", 1_000_000), ("min", 60_000_000), ("h", MICROS_AN_HOUR)];
const MICROS_AN_HOUR: u64 = 3_600_000_000;

const MILLIONTHS_A_PERCENT: u64 = 10_000;
/// All.
pub(super) const MILLIONTHS: u32 = crate::link::CERTAIN;

/// Reads a duration.
pub(super) fn duration(text: &str) -> Result<Duration, UnitError> {
    let (number, unit) = split(text);
    let (_, micros) = UNITS.into_iter().find(|(name, _)| *name == unit).ok_or(UnitError::NoDuration)?;
    let micros = match exact(number, micros) {
        Ok(micros) => micros,
        Err(Inexact::NoNumber) => return Err(UnitError::NoDuration),
        Err(Inexact::TooFine) => return Err(UnitError::FinerThanMicroseconds),
        Err(Inexact::TooBig) => return Err(UnitError::TooLong),
    };
    if micros > HOURS_MAX.saturating_mul(MICROS_AN_HOUR) {
        return Err(UnitError::TooLong);
    }
    Ok(Duration::from_micros(micros))
}

/// Reads a share, in millionths.
pub(super) fn share(text: &str) -> Result<u32, UnitError> {
    let (number, "%") = split(text) else { return Err(UnitError::NoShare) };
    let millionths = match exact(number, MILLIONTHS_A_PERCENT) {
        Ok(millionths) => millionths,
        Err(Inexact::NoNumber) => return Err(UnitError::NoShare),
        Err(Inexact::TooFine) => return Err(UnitError::FinerThanMillionths),
        Err(Inexact::TooBig) => return Err(UnitError::MoreThanAll),
    };
    u32::try_from(millionths).ok().filter(|millionths| *millionths <= MILLIONTHS).ok_or(UnitError::MoreThanAll)
}

/// The number, and what follows it.
fn split(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end).unwrap_or((text, ""));
    (number, unit.trim())
}

/// Why a decimal is no whole multiple.
enum Inexact {
    NoNumber,
    TooFine,
    TooBig,
}

/// A decimal times a unit, if that is whole.
fn exact(number: &str, unit: u64) -> Result<u64, Inexact> {
    let (whole, decimals) = match number.split_once('.') {
        Some((_, "")) => return Err(Inexact::NoNumber),
        Some(parts) => parts,
        None => (number, ""),
    };
    let digits = [whole, decimals].concat();
    if whole.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Inexact::NoNumber);
    }
    let scaled = digits.parse().ok().and_then(|digits: u128| digits.checked_mul(unit.into())).ok_or(Inexact::TooBig)?;
    let places = u32::try_from(decimals.len()).map_err(|_| Inexact::TooFine)?;
    let power = 10_u128.checked_pow(places).ok_or(Inexact::TooFine)?;
    if scaled.checked_rem(power) != Some(0) {
        return Err(Inexact::TooFine);
    }
    scaled.checked_div(power).and_then(|value| u64::try_from(value).ok()).ok_or(Inexact::TooBig)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every unit, whole and with decimals, with and without the space.
    #[test]
    fn durations_are_exact() {
        let cases = [
            ("0 s", 0),
            ("250 us", 250),
            ("10 ms", 10_000),
            ("10ms", 10_000),
            ("0.001 ms", 1),
            ("1.5 s", 1_500_000),
            ("2 min", 120_000_000),
            ("1.25 h", 4_500_000_000),
            ("100000 h", 360_000_000_000_000),
        ];
        for (text, micros) in cases {
            assert_eq!(duration(text), Ok(Duration::from_micros(micros)), "{text}");
        }
    }

    /// What is no duration says why.
    #[test]
    fn what_is_no_duration_is_refused() {
        let cases = [
            ("", UnitError::NoDuration),
            ("10", UnitError::NoDuration),
            ("ms", UnitError::NoDuration),
            ("-1 s", UnitError::NoDuration),
            ("1. s", UnitError::NoDuration),
            (".5 s", UnitError::NoDuration),
            ("1.2.3 s", UnitError::NoDuration),
            ("1e3 s", UnitError::NoDuration),
            ("3 days", UnitError::NoDuration),
            ("0.5 us", UnitError::FinerThanMicroseconds),
            ("0.0000001 s", UnitError::FinerThanMicroseconds),
            ("100000.1 h", UnitError::TooLong),
            ("99999999999999999999 h", UnitError::TooLong),
            ("99999999999999999999999999999999999999999 us", UnitError::TooLong),
        ];
        for (text, error) in cases {
            assert_eq!(duration(text), Err(error), "{text}");
        }
    }

    /// Shares are whole millionths.
    #[test]
    fn shares_are_exact() {
        let cases = [("0 %", 0), ("0.0001 %", 1), ("0.5 %", 5_000), ("30 %", 300_000), ("100.0000%", 1_000_000)];
        for (text, millionths) in cases {
            assert_eq!(share(text), Ok(millionths), "{text}");
        }
    }

    /// What is no share says why.
    #[test]
    fn what_is_no_share_is_refused() {
        let cases = [
            ("0.3", UnitError::NoShare),
            ("%", UnitError::NoShare),
            ("five %", UnitError::NoShare),
            ("-1 %", UnitError::NoShare),
            ("0.00001 %", UnitError::FinerThanMillionths),
            ("100.0001 %", UnitError::MoreThanAll),
            ("140 %", UnitError::MoreThanAll),
        ];
        for (text, error) in cases {
            assert_eq!(share(text), Err(error), "{text}");
        }
    }
}

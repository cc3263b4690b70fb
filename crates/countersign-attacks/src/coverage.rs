//! What shows that a defence holds something up. A new defence does not compile without a word on that.

use crate::attack::Attack;
use crate::catalogue::ATTACKS;
use countersign::Defence;

/// What shows that a defence holds something up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Coverage {
    /// It stops at least one attack: see [`stopped_by`].
    Stops,
    /// No attack wins without it alone, for this reason.
    Redundant(&'static str),
}

/// What there is to show for a defence.
#[must_use]
pub const fn coverage(defence: Defence) -> Coverage {
    match defence {
        Defence::HelloPadded
        | Defence::SuitesInTranscript
        | Defence::NoncesInTranscript
        | Defence::EphemeralsInTranscript
        | Defence::TimestampInTranscript
        | Defence::ContributoryExchange
        | Defence::SmallOrderEphemeral
        | Defence::ReflectedEphemeral
        | Defence::SyntheticNonce
        | Defence::NonceRecomputed
        | Defence::StrictSignature
        | Defence::WeakKeyRefused
        | Defence::SignatureLabels
        | Defence::ResponderNameSigned
        | Defence::ClaimSigned
        | Defence::ClaimNamesResponder
        | Defence::HedgedRandomness
        | Defence::HedgeSalted
        | Defence::HedgeSeeded
        | Defence::SuiteOffered
        | Defence::ResponderKeyPinned
        | Defence::ResponderSignature
        | Defence::ResponderClock
        | Defence::JunkIgnored
        | Defence::ChallengeBucket
        | Defence::VerdictAuthenticated
        | Defence::GrantWithinWanted
        | Defence::RisingTimestamp
        | Defence::OneAtATime
        | Defence::RepeatsIdentical
        | Defence::DeviceEnrolled
        | Defence::DeviceSignature
        | Defence::TimestampWindow
        | Defence::GrantWithinHeld
        | Defence::RequiredClearances
        | Defence::LatestTimestamp
        | Defence::OwnKey
        | Defence::HalfOpenLifetime
        | Defence::TableBound
        | Defence::CookieBoundToAddress
        | Defence::CookieBoundToHello
        | Defence::CookieExpires
        | Defence::RetryBudget
        | Defence::ReasonWithheld
        | Defence::EqualWork
        | Defence::AddressFollowsNewest
        | Defence::ReplayWindow
        | Defence::DirectionKeys
        | Defence::EpochReach
        | Defence::CloseAuthenticated => Coverage::Stops,
    }
}

/// The attacks that a defence stops.
pub fn stopped_by(defence: Defence) -> impl Iterator<Item = &'static Attack> {
    ATTACKS.iter().filter(move |attack| attack.defence == defence)
}

//! The property test that goes red without a defence. A new defence does not compile without one.

use countersign::Defence;

/// The file of the property test that goes red without a defence.
#[must_use]
pub const fn property(defence: Defence) -> &'static str {
    match defence {
        Defence::ResponderKeyPinned
        | Defence::ResponderSignature
        | Defence::ResponderNameSigned
        | Defence::DeviceEnrolled
        | Defence::DeviceSignature
        | Defence::WeakKeyRefused
        | Defence::StrictSignature
        | Defence::VerdictAuthenticated
        | Defence::OwnKey => "tests/impersonation.rs",
        Defence::NoncesInTranscript
        | Defence::TimestampInTranscript
        | Defence::SignatureLabels
        | Defence::ClaimSigned
        | Defence::ClaimNamesResponder => "tests/misbinding.rs",
        Defence::RepeatsIdentical
        | Defence::HedgedRandomness
        | Defence::RisingTimestamp
        | Defence::OneAtATime
        | Defence::ResponderClock
        | Defence::TimestampWindow
        | Defence::LatestTimestamp => "tests/replay.rs",
        Defence::EphemeralsInTranscript
        | Defence::ContributoryExchange
        | Defence::ReflectedEphemeral
        | Defence::HedgeSalted
        | Defence::HedgeSeeded
        | Defence::SyntheticNonce
        | Defence::NonceRecomputed => "tests/compromise.rs",
        Defence::SuitesInTranscript
        | Defence::SuiteOffered
        | Defence::GrantWithinWanted
        | Defence::GrantWithinHeld
        | Defence::RequiredClearances => "tests/downgrade.rs",
        Defence::HelloPadded
        | Defence::SmallOrderEphemeral
        | Defence::JunkIgnored
        | Defence::ChallengeBucket
        | Defence::HalfOpenLifetime
        | Defence::TableBound
        | Defence::CookieBoundToAddress
        | Defence::CookieBoundToHello
        | Defence::CookieExpires
        | Defence::RetryBudget => "tests/junk.rs",
        Defence::ReasonWithheld | Defence::EqualWork => "tests/refusals.rs",
        Defence::AddressFollowsNewest
        | Defence::ReplayWindow
        | Defence::DirectionKeys
        | Defence::EpochReach
        | Defence::CloseAuthenticated => "tests/sessions.rs",
    }
}

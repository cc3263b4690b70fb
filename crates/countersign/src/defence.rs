//! Every check that an attack needs gone, by name.
//!
//! The protocol's types carry a parameter `D: Defences`. With [`Whole`], the default, every check is a compile-time
//! constant. `Ablated`, which switches named checks off, exists only under the feature `ablation`: nothing that opens
//! a socket can name it.

use core::fmt;

/// Defines the enum, its list and its requirement IDs in one place, so that they cannot disagree.
macro_rules! defences {
    ($($(#[doc = $doc:literal])+ $name:ident => $requirement:literal,)+) => {
        /// One check. Each has one requirement and one place in the code, where its requirement is cited.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum Defence {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Defence {
            /// Every defence there is, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The requirement that this defence fulfils.
            #[must_use]
            pub const fn requirement(self) -> &'static str {
                match self {
                    $(Self::$name => $requirement,)+
                }
            }

            /// What holds while it is on, in a sentence.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),+).trim_ascii(),)+
                }
            }
        }
    };
}

defences! {
    /// A Hello that ends before its padding is refused.
    HelloPadded => "CS-WIRE-11",
    /// The transcript covers the suites offered and the one chosen.
    SuitesInTranscript => "CS-TRN-03",
    /// The transcript covers both nonces.
    NoncesInTranscript => "CS-TRN-04",
    /// The transcript covers both ephemerals.
    EphemeralsInTranscript => "CS-TRN-05",
    /// The transcript covers the responder's timestamp.
    TimestampInTranscript => "CS-TRN-06",
    /// An all-zero shared secret is refused.
    ContributoryExchange => "CS-KEY-01",
    /// A small-order ephemeral is refused by list before anything is drawn.
    SmallOrderEphemeral => "CS-KEY-04",
    /// The initiator's own ephemeral is refused as the responder's.
    ReflectedEphemeral => "CS-KEY-05",
    /// A box's nonce is a MAC of its plaintext.
    SyntheticNonce => "CS-BOX-01",
    /// A box's nonce is computed again when it is opened.
    NonceRecomputed => "CS-BOX-02",
    /// A signature whose R is of small order is refused.
    StrictSignature => "CS-SIG-01",
    /// A public key that is not canonical, or of small order, is refused when decoded.
    WeakKeyRefused => "CS-SIG-02",
    /// A signature's label names protocol, version and position.
    SignatureLabels => "CS-SIG-03",
    /// The Challenge signature names the responder.
    ResponderNameSigned => "CS-SIG-04",
    /// The Response signature names user, device, timestamp and clearances wanted.
    ClaimSigned => "CS-SIG-05",
    /// The Response signature names the responder.
    ClaimNamesResponder => "CS-SIG-06",
    /// Nonces, ephemerals and session ids do not rest on the generator alone.
    HedgedRandomness => "CS-HEDGE-02",
    /// What is drawn rests on the long-term key too.
    HedgeSalted => "CS-HEDGE-03",
    /// What is drawn rests on the generator too.
    HedgeSeeded => "CS-HEDGE-04",
    /// The suite chosen was offered.
    SuiteOffered => "CS-INIT-02",
    /// The responder's key is the expected one.
    ResponderKeyPinned => "CS-INIT-03",
    /// The responder's signature verifies.
    ResponderSignature => "CS-INIT-04",
    /// The responder's timestamp lies within the skew.
    ResponderClock => "CS-INIT-05",
    /// A Challenge that does not check out does not end the wait.
    JunkIgnored => "CS-INIT-06",
    /// The checking of Challenges is rate-limited.
    ChallengeBucket => "CS-INIT-08",
    /// The initiator accepts only on a Verdict that opens.
    VerdictAuthenticated => "CS-INIT-09",
    /// A Verdict grants nothing that was not wanted.
    GrantWithinWanted => "CS-INIT-10",
    /// The initiator's timestamps rise with each responder.
    RisingTimestamp => "CS-INIT-11",
    /// One handshake at a time with each responder.
    OneAtATime => "CS-INIT-12",
    /// A repeated Hello gets the stored Challenge.
    RepeatsIdentical => "CS-RESP-01",
    /// The device is enrolled for the user.
    DeviceEnrolled => "CS-RESP-04",
    /// The device's signature verifies.
    DeviceSignature => "CS-RESP-05",
    /// The initiator's timestamp lies within the window.
    TimestampWindow => "CS-RESP-06",
    /// Nothing is granted that the user does not hold.
    GrantWithinHeld => "CS-RESP-07",
    /// A grant that lacks what policy requires is a refusal.
    RequiredClearances => "CS-RESP-08",
    /// Per user and device, accepted timestamps only rise.
    LatestTimestamp => "CS-RESP-09",
    /// A party does not authenticate to itself.
    OwnKey => "CS-RESP-12",
    /// What is half open ends in time.
    HalfOpenLifetime => "CS-RESP-13",
    /// The table of entries is bounded.
    TableBound => "CS-RESP-14",
    /// A cookie is good for one address and port.
    CookieBoundToAddress => "CS-COOKIE-02",
    /// A cookie is good for one Hello.
    CookieBoundToHello => "CS-COOKIE-03",
    /// A cookie is good for two epochs.
    CookieExpires => "CS-COOKIE-04",
    /// Retries are answered within a budget.
    RetryBudget => "CS-RETRY-01",
    /// Reasons are told only to an enrolled device that has proved itself.
    ReasonWithheld => "CS-REF-02",
    /// A signature is checked whether user and device are known or not.
    EqualWork => "CS-REF-03",
    /// A peer's address moves only with the newest authenticated counter.
    AddressFollowsNewest => "CS-SESS-05",
    /// A record opens once.
    ReplayWindow => "CS-REC-02",
    /// Each direction has its own key.
    DirectionKeys => "CS-REC-03",
    /// An epoch moves one step at most.
    EpochReach => "CS-REC-04",
    /// Only a record that opens closes a session.
    CloseAuthenticated => "CS-REC-06",
}

impl fmt::Display for Defence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Which defences hold. Sealed: [`Whole`], or, in the laboratory, `Ablated`.
pub trait Defences: sealed::Sealed + Copy + fmt::Debug + 'static {
    /// Whether this check is made.
    fn holds(self, defence: Defence) -> bool;
}

/// Every defence holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Whole;

impl Defences for Whole {
    #[inline(always)]
    fn holds(self, _: Defence) -> bool {
        true
    }
}

/// What may be deployed: [`Whole`] alone. Sealed, so that no feature and no other crate adds to it; whatever drives real
/// sockets asks for it.
///
/// ```
/// use countersign::{Deployable, Initiator};
///
/// fn drive<D: Deployable>(_: &Initiator<D>) {}
/// fn with_every_defence(device: &Initiator) {
///     drive(device);
/// }
/// ```
pub trait Deployable: Defences {}

impl Deployable for Whole {}

/// Some defences are off. For the laboratory: the attack that a defence stops must win without it.
///
/// It cannot be deployed:
///
/// ```compile_fail,E0277
/// use countersign::{Ablated, Deployable, Initiator};
///
/// fn drive<D: Deployable>(_: &Initiator<D>) {}
/// fn with_some_defences_off(device: &Initiator<Ablated>) {
///     drive(device);
/// }
/// ```
#[cfg(feature = "ablation")]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Ablated {
    off: u64,
}

#[cfg(feature = "ablation")]
impl Ablated {
    /// Every defence but these.
    #[must_use]
    pub fn without(defences: &[Defence]) -> Self {
        let off = defences.iter().fold(0, |off, defence| off | Self::bit(*defence));
        Self { off }
    }

    const fn bit(defence: Defence) -> u64 {
        1 << defence as u32
    }
}

#[cfg(feature = "ablation")]
const _: () = assert!(Defence::ALL.len() <= 64, "`Ablated` holds one bit a defence");

#[cfg(feature = "ablation")]
impl Defences for Ablated {
    fn holds(self, defence: Defence) -> bool {
        self.off & Self::bit(defence) == 0
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Whole {}
    #[cfg(feature = "ablation")]
    impl Sealed for super::Ablated {}
}

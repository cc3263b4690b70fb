//! Worlds to play in: what is broken there beforehand, what can be stolen there, what is still claimed.

use super::grammar::Loot;
use crate::claims::Claim;
use crate::scenario::{
    AfterRestart, Clocks, Cloned, Clones, Population, Restarts, Scenario, StoreAfter, StoresOfClones,
};
use core::time::Duration;
use countersign_endpoint::Limits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A world of the adversary's.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Realm {
    /// Everybody's generator, clock and key are in order; clocks may be set.
    Honest,
    /// As honest, and responders want a cookie from everybody, and have room for few.
    Loaded,
    /// A device that starts again draws what it drew before.
    StuckInitiator,
    /// And its clock shows what it showed before.
    StuckInitiatorAndClock,
    /// A responder that starts again draws what it drew before.
    StuckResponder,
    /// And its clock shows what it showed before, while its store forgets nothing.
    StuckResponderAndClock,
    /// Two responders from one snapshot, with one store.
    Clones,
    /// Every ephemeral secret leaks, as if Diffie-Hellman were broken.
    DhBroken,
    /// Devices' keys can be stolen.
    StolenDevice,
    /// Responders' keys can be stolen.
    StolenResponder,
    /// Every long-term key can be stolen, once sessions are open: what was said before is to stay secret.
    StolenLater,
    /// Generators and cookie keys can be stolen, from anybody, and long-term keys cannot; responders want a cookie from
    /// everybody.
    StolenState,
    /// Hosts use their keys in another protocol too, and sign there whatever they are asked.
    SharedKeys,
}

impl Realm {
    /// All.
    pub const ALL: [Self; 13] = [
        Self::Honest,
        Self::Loaded,
        Self::StuckInitiator,
        Self::StuckInitiatorAndClock,
        Self::StuckResponder,
        Self::StuckResponderAndClock,
        Self::Clones,
        Self::DhBroken,
        Self::StolenDevice,
        Self::StolenResponder,
        Self::StolenLater,
        Self::StolenState,
        Self::SharedKeys,
    ];

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Honest => "honest",
            Self::Loaded => "loaded",
            Self::StuckInitiator => "stuck-initiator",
            Self::StuckInitiatorAndClock => "stuck-initiator-and-clock",
            Self::StuckResponder => "stuck-responder",
            Self::StuckResponderAndClock => "stuck-responder-and-clock",
            Self::Clones => "clones",
            Self::DhBroken => "dh-broken",
            Self::StolenDevice => "stolen-device",
            Self::StolenResponder => "stolen-responder",
            Self::StolenLater => "stolen-later",
            Self::StolenState => "stolen-state",
            Self::SharedKeys => "shared-keys",
        }
    }

    /// What is true there, in a sentence.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Honest => "generators, clocks and keys are in order; clocks may be set, and hosts crash",
            Self::Loaded => "as honest, with responders that want cookies from everybody and have room for few",
            Self::StuckInitiator => "a device that starts again draws what it drew before",
            Self::StuckInitiatorAndClock => "a device that starts again draws what it drew before, at the same time",
            Self::StuckResponder => "a responder that starts again draws what it drew before",
            Self::StuckResponderAndClock => "a responder that starts again draws what it drew before, at the same time",
            Self::Clones => "two responders run from one snapshot, with one store",
            Self::DhBroken => "every ephemeral secret leaks, as if Diffie-Hellman were broken",
            Self::StolenDevice => "devices' keys can be stolen",
            Self::StolenResponder => "responders' keys can be stolen",
            Self::StolenLater => "every long-term key can be stolen, once the sessions are open",
            Self::StolenState => "generators and cookie keys can be stolen, and responders want cookies from everybody",
            Self::SharedKeys => "hosts use their keys in another protocol too, and sign there whatever they are asked",
        }
    }

    /// What is still claimed there. Where Diffie-Hellman is broken nothing is secret: what is left is who said what.
    #[must_use]
    pub const fn claims(self) -> &'static [Claim] {
        match self {
            Self::DhBroken => &[Claim::A2, Claim::A3],
            Self::Honest
            | Self::Loaded
            | Self::StuckInitiator
            | Self::StuckInitiatorAndClock
            | Self::StuckResponder
            | Self::StuckResponderAndClock
            | Self::Clones
            | Self::StolenDevice
            | Self::StolenResponder
            | Self::StolenLater
            | Self::StolenState
            | Self::SharedKeys => &Claim::ALL,
        }
    }

    /// Whether this can be stolen there by the adversary.
    pub(super) const fn lets_steal(self, loot: Loot, is_device: bool) -> bool {
        match (self, loot) {
            (Self::StolenDevice, Loot::Key(_)) => is_device,
            (Self::StolenResponder, Loot::Key(_)) => !is_device,
            (Self::StolenLater, Loot::Key(_))
            | (Self::StolenState, Loot::Generator(_) | Loot::CookieKey(_))
            | (Self::DhBroken, Loot::Ephemerals | Loot::Ephemeral(_)) => true,
            _ => false,
        }
    }

    /// The scenario: two devices, two responders, clocks that are right.
    #[must_use]
    pub fn scenario(self) -> Scenario {
        let clocks = Clocks { offset: Duration::ZERO, ..Clocks::default() };
        let restarts = |generator, clock| {
            Some(Restarts { every: Duration::ZERO, down: Duration::ZERO, generator, clock, store: StoreAfter::Kept })
        };
        let fresh = restarts(AfterRestart::Fresh, AfterRestart::Fresh);
        let (stuck, stuck_with_clock) = (
            restarts(AfterRestart::Restored, AfterRestart::Fresh),
            restarts(AfterRestart::Restored, AfterRestart::Restored),
        );
        let (client_restarts, server_restarts) = match self {
            Self::StuckInitiator => (stuck, fresh),
            Self::StuckInitiatorAndClock => (stuck_with_clock, fresh),
            Self::StuckResponder => (fresh, stuck),
            Self::StuckResponderAndClock => (fresh, stuck_with_clock),
            Self::Honest
            | Self::Loaded
            | Self::Clones
            | Self::DhBroken
            | Self::StolenDevice
            | Self::StolenResponder
            | Self::StolenLater
            | Self::StolenState
            | Self::SharedKeys => (fresh, fresh),
        };
        let clones = (self == Self::Clones).then_some(Clones {
            of: Cloned::Responders,
            machines: 1,
            stores: StoresOfClones::Shared,
        });
        let limits = match self {
            Self::Loaded => Limits { half_open_before_cookies: 0, entries_max: ENTRIES_MAX, ..Limits::default() },
            Self::StolenState => Limits { half_open_before_cookies: 0, ..Limits::default() },
            Self::Honest
            | Self::StuckInitiator
            | Self::StuckInitiatorAndClock
            | Self::StuckResponder
            | Self::StuckResponderAndClock
            | Self::Clones
            | Self::DhBroken
            | Self::StolenDevice
            | Self::StolenResponder
            | Self::StolenLater
            | Self::SharedKeys => Limits::default(),
        };
        Scenario {
            name: self.name().to_owned(),
            about: self.about().to_owned(),
            sources: vec!["chosen: a world for an adversary who owns the network".to_owned()],
            population: Population { clients: 2, servers: 2 },
            client_clocks: clocks,
            server_clocks: clocks,
            client_restarts,
            server_restarts,
            clones,
            limits,
            adversary: Some(self),
            ..Scenario::default()
        }
    }
}

/// Room of a responder in the loaded world.
const ENTRIES_MAX: usize = 6;

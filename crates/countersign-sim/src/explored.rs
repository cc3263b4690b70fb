//! What a run met: a fault that never occurred has not been explored.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Defines the enum, its list and what is said of each in one place.
macro_rules! explored {
    ($($name:ident => $text:literal,)+) => {
        /// Something that a run may meet.
        #[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Explored {
            $(#[doc = $text] $name,)+
        }

        impl Explored {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// What scenario files and reports call it.
            #[must_use]
            pub fn name(self) -> String {
                let name = serde_json::to_value(self).ok();
                name.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
            }

            /// What is counted.
            #[must_use]
            pub const fn what(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

explored! {
    Lost => "copies of datagrams lost, each on its own",
    LostInBurst => "copies of datagrams lost in a burst",
    Duplicated => "datagrams of which the network made two copies",
    Overtaken => "copies of datagrams that overtook an earlier one on their way",
    Corrupted => "copies of datagrams that arrived with a bit changed",
    TooBig => "datagrams larger than the way bears",
    CutOff => "copies of datagrams lost in a partition",
    HealedHandshakes => "handshakes accepted in spite of a partition",
    ReboundHandshakes => "handshakes accepted although the client's address changed meanwhile",
    ReboundSessions => "sessions that went on after the client's address had changed",
    ClockSteps => "steps of a wall clock",
    WrongClocks => "handshakes with a clock beyond the skew",
    Clockless => "handshakes accepted by a device without a clock",
    ClientCrashes => "crashes of a client",
    ServerCrashes => "crashes of a server",
    CrashedHandshakes => "handshakes during which the client or its server crashed",
    OldStores => "restarts with a store older than it should be",
    RepeatedGenerators => "restarts or clones with a generator that had been in this state before",
    RepeatedHellos => "handshakes that a machine began bit for bit as one before, of which nothing is claimed",
    RepeatedClocks => "restarts with a clock that had shown this time before",
    StoreFailures => "questions that a store failed to answer",
    Stale => "claims refused as stale",
    StaleReplays => "replays at a clone that the timestamp rule alone refused",
    CookiesAsked => "Retries sent by responders under load",
    Junk => "pieces of junk thrown in",
    Replays => "recorded datagrams played again",
}

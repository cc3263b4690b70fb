//! What the adversary can say, term by term. Every term has a type, and any term of the type fits any place of it.

use crate::act::DatagramName;
use crate::host::HostId;
use countersign::wire::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A message that the adversary makes.
#[derive(Clone, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Forged {
    /// Message 1, of an initiator of its own.
    Hello {
        /// Its session id and nonce.
        ids: Ids,
        /// The suites offered, preferred first.
        suites: Vec<u8>,
        /// Its ephemeral.
        ephemeral: Point,
        /// Its cookie, if it has one.
        cookie: Option<Cookie>,
    },
    /// Message 2, with a cookie of its own making.
    Retry {
        /// The Hello that it asks for again.
        hello: DatagramName,
        /// What its cookie is made of.
        mark: u8,
    },
    /// Message 3, in answer to a Hello.
    Challenge {
        /// The Hello that it answers.
        hello: DatagramName,
        /// Its session id and nonce.
        ids: Ids,
        /// The suite that it chooses.
        suite: u8,
        /// Its timestamp.
        time: Time,
        /// Its ephemeral.
        ephemeral: Point,
        /// The key that it shows.
        key: Key,
        /// Its signature.
        signature: Signature,
        /// How its box is sealed.
        sealing: Sealing,
    },
    /// Message 4, the claim of a device.
    Response {
        /// The exchange so far: its Hello and its Challenge.
        of: Exchange,
        /// The user.
        user: String,
        /// The device's key.
        device: Key,
        /// Its timestamp.
        time: Time,
        /// The clearances wanted, ascending.
        wanted: Vec<String>,
        /// Its signature.
        signature: Signature,
    },
    /// Message 5, what a responder says to a claim.
    Verdict {
        /// The exchange so far, up to its Response.
        of: Exchange,
        /// What it says.
        says: Says,
    },
    /// Message 7, under the keys of a session.
    Record {
        /// The whole exchange, up to its Verdict.
        of: Exchange,
        /// In the place of the initiator, or of the responder.
        as_initiator: bool,
        /// Its counter.
        counter: u64,
        /// Its kind: 1 data, 2 close, 3 confirm.
        kind: u8,
        /// Its data.
        data: String,
    },
    /// A message of which one field in clear is replaced.
    Edited {
        /// Which.
        of: DatagramName,
        /// Which field.
        field: Field,
        /// What it says now.
        with: Spare,
    },
    /// The first bytes of a message.
    Cut {
        /// Of which.
        of: DatagramName,
        /// How many.
        to_bytes: u16,
    },
    /// The right header, and a box of one byte repeated: what anybody can write who has seen the session ids.
    Empty {
        /// The message that it imitates: type, session ids and size are those of this one.
        like: DatagramName,
        /// The byte.
        fill: u8,
    },
}

/// An exchange, by its messages; those that have not come yet are left out.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Exchange {
    /// Message 1.
    pub hello: DatagramName,
    /// Message 3.
    pub challenge: DatagramName,
    /// Message 4.
    pub response: Option<DatagramName>,
    /// Message 5.
    pub verdict: Option<DatagramName>,
}

/// The session id and the nonce of a side.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ids {
    /// Of its own: this byte, repeated.
    Own(u8),
    /// Those of this Hello or Challenge.
    Of(DatagramName),
}

/// A cookie.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cookie {
    /// The one that this Retry brings.
    Of(DatagramName),
    /// One that the first of these hosts would give out now to the second, made with its cookie key.
    Baked(HostId, HostId),
}

/// An ephemeral.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Point {
    /// One of its own, of which it has the secret.
    Own(u8),
    /// That of this Hello or Challenge.
    Of(DatagramName),
    /// One of small order: zero, one, or zero with the top bit set.
    Small(u8),
}

/// A signature key.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// One of its own.
    Own(u8),
    /// That of a host: the public half, and the secret one if it was stolen.
    Of(HostId),
    /// The neutral element, a key of small order.
    Neutral,
}

/// A signature.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    /// Made with this key, under the name of this responder (with the key that the message shows), or for this responder.
    By(Key, HostId),
    /// The one in the last box of this exchange.
    Of(Exchange),
    /// Made with this key, with R of small order, so that S gives the key away.
    Degenerate(Key, HostId),
    /// Made with this key, as for `By`, by the host that has it: it uses its key in another protocol too, and signs there
    /// whatever it is asked, if that does not begin like what is signed here.
    Elsewhere(Key, HostId),
    /// One that the neutral key verifies over anything.
    OfNeutral,
    /// Bytes.
    Junk,
}

/// A timestamp.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Time {
    /// The true time, and so many milliseconds.
    Ahead(i64),
    /// The one in this Challenge, or in the box of this Response.
    Of(Exchange),
}

/// What a Verdict says.
#[derive(Clone, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// Accepted, with these clearances.
    Granted(Vec<String>),
    /// Refused, for no reason.
    Refused,
}

/// How a box gets its nonce.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sealing {
    /// As CS-BOX-01 says.
    Proper,
    /// It is zero.
    ZeroNonce,
}

/// A field in clear.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The version.
    Version,
    /// The initiator's session id.
    SidI,
    /// The responder's session id.
    SidR,
    /// Of a Hello: `n_i`.
    NonceI,
    /// Of a Hello: the suites offered.
    Suites,
    /// Of a Hello: `e_i`.
    EphemeralI,
    /// Of a Hello or a Retry: the cookie.
    Cookie,
    /// Of a Hello: what comes after the cookie.
    Padding,
    /// Of a Challenge: the suite chosen.
    Suite,
    /// Of a Challenge: `n_r`.
    NonceR,
    /// Of a Challenge: `t_r`.
    Timestamp,
    /// Of a Challenge: `e_r`.
    EphemeralR,
    /// Of a Record: its counter.
    Counter,
}

/// What a field is replaced with.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Spare {
    /// The same field of another message.
    Of(DatagramName),
    /// One byte repeated.
    Fill(u8),
    /// The number that the field holds, and this one, modulo its size.
    Plus(u64),
    /// An ephemeral.
    Point(Point),
}

/// What it can steal.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Loot {
    /// A host's long-term key.
    Key(HostId),
    /// The ephemeral secret behind this Hello or Challenge.
    Ephemeral(DatagramName),
    /// Every ephemeral secret from now on, as if Diffie-Hellman were broken.
    Ephemerals,
    /// The state of a host's random generator: all that it yields until the host starts again, and all that it has yielded
    /// since it last started.
    Generator(HostId),
    /// The secret that a responder makes its cookies with, until it starts again.
    CookieKey(HostId),
}

impl Forged {
    /// Its type, as on the wire.
    pub(super) const fn kind(&self) -> u8 {
        match self {
            Self::Hello { .. } => Kind::Hello as u8,
            Self::Retry { .. } => Kind::Retry as u8,
            Self::Challenge { .. } => Kind::Challenge as u8,
            Self::Response { .. } => Kind::Response as u8,
            Self::Verdict { .. } => Kind::Verdict as u8,
            Self::Record { .. } => Kind::Record as u8,
            Self::Edited { of: like, .. } | Self::Cut { of: like, .. } | Self::Empty { like, .. } => like.kind,
        }
    }

    /// The message that it answers, or that it was made from.
    pub(super) fn answers(&self) -> Option<DatagramName> {
        match self {
            Self::Hello { .. } => None,
            Self::Retry { hello, .. } | Self::Challenge { hello, .. } => Some(*hello),
            Self::Response { of, .. } => Some(of.challenge),
            Self::Verdict { of, .. } => of.response,
            Self::Record { of, .. } => of.verdict,
            Self::Edited { of: like, .. } | Self::Cut { of: like, .. } | Self::Empty { like, .. } => Some(*like),
        }
    }

    /// The message that it is, or was made from.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Hello { .. } => "Hello".to_owned(),
            Self::Retry { .. } => "Retry".to_owned(),
            Self::Challenge { .. } => "Challenge".to_owned(),
            Self::Response { .. } => "Response".to_owned(),
            Self::Verdict { .. } => "Verdict".to_owned(),
            Self::Record { .. } => "Record".to_owned(),
            Self::Edited { of, field, .. } => format!("{}, {} changed", of.message(), field.name()),
            Self::Cut { of, to_bytes } => format!("{}, cut to {to_bytes} bytes", of.message()),
            Self::Empty { like, .. } => format!("{}, empty", like.message()),
        }
    }
}

impl Field {
    /// Its name on the wire (`spec/wire.md`).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::SidI => "sid_i",
            Self::SidR => "sid_r",
            Self::NonceI => "n_i",
            Self::Suites => "suites",
            Self::EphemeralI => "e_i",
            Self::Cookie => "cookie",
            Self::Padding => "padding",
            Self::Suite => "suite",
            Self::NonceR => "n_r",
            Self::Timestamp => "t_r",
            Self::EphemeralR => "e_r",
            Self::Counter => "counter",
        }
    }
}

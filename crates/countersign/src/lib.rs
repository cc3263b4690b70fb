//! Countersign: a mutual challenge-response handshake over datagrams. The protocol, and nothing else.
//!
//! Two parties over a hostile network make each other prove who they are, and end with a shared [`Session`] or with
//! nothing. This crate holds what the specification says: wire format, transcript, key schedule, and one type for each
//! state of either side. It has no socket, no clock, no generator and no store: every fact from outside is an argument.
//! To run many handshakes over datagrams, with timers and limits, start from the crate `countersign-endpoint`.
//!
//! Start here from [`Initiator`] and [`Responder`]. One handshake, in memory:
//!
//! ```
//! use countersign::wire::Message;
//! use countersign::*;
//! use rand::{SeedableRng, rngs::ChaCha20Rng};
//!
//! let rng = &mut ChaCha20Rng::seed_from_u64(1);
//! let now = Now { wall: Timestamp::from_millis(1_700_000_000_000), monotonic: Moment::default() };
//! let name = |name: &str| Name::new(name.as_bytes()).unwrap();
//! let mut device = Initiator::new(name("ada"), SigningKey::from_seed(&[1; 32]), InitiatorPolicy::default());
//! let mut server = Responder::new(name("vault"), SigningKey::from_seed(&[2; 32]), ResponderPolicy::default());
//! let expected = Expectation::new(name("vault"), &server.identity().key).unwrap();
//! let wanted = Clearances::new(&[b"read"]).unwrap();
//!
//! // Hello and Challenge: the server proves itself first.
//! let waiting = device.begin(&expected, wanted.clone(), None, now, rng, |_| true).unwrap();
//! let hello = waiting.hello(&[0; 33]);
//! let Ok(Message::Hello(hello)) = Message::decode(&hello) else { unreachable!() };
//! let half_open = server.challenge(server.screen(&hello).unwrap(), now, rng, |_| true).unwrap();
//! let Ok(Message::Challenge(challenge)) = Message::decode(half_open.challenge()) else { unreachable!() };
//! let verified = waiting.check(&challenge, now).unwrap();
//!
//! // Response: only now does the device say who it is.
//! let (waiting, response) = waiting.accept(&device, verified);
//! let Ok(Message::Response(response)) = Message::decode(&response) else { unreachable!() };
//! let opened = half_open.open(&response).unwrap();
//! let claim = half_open.claim(opened).unwrap();
//! let profile = Profile { devices: vec![*claim.device()], held: wanted, required: Clearances::none(), lifetime_s: 60 };
//! let verified = claim.judge(&server, Some(&profile), now).unwrap();
//!
//! // Verdict: made in exchange for the store's receipt that the timestamp is now the latest.
//! let receipt = verified.advance();
//! let accepted = verified.conclude(&Advance::Advanced(receipt)).unwrap();
//! let Ok(Message::Verdict(verdict)) = Message::decode(&accepted.verdict) else { unreachable!() };
//! let Ok(VerifiedVerdict::Accepted(verdict)) = waiting.check(&verdict) else { unreachable!() };
//! let (mut session, agreement) = waiting.accept(verdict);
//! assert_eq!(agreement, accepted.agreement);
//!
//! // The first record confirms.
//! let record = session.confirm().unwrap();
//! let Ok(Message::Record(record)) = Message::decode(&record) else { unreachable!() };
//! let opened = accepted.session.check(&record).unwrap();
//! let (_session, content) = accepted.session.confirm(opened);
//! assert_eq!(content, Content::Confirm);
//! ```

mod agreement;
pub mod boxes;
mod cookie;
mod defence;
pub mod hedge;
mod identity;
mod initiator;
mod judgement;
#[cfg(any(test, feature = "ablation"))]
mod memo;
#[cfg(doctest)]
mod misuse;
pub mod primitives;
mod reject;
mod responder;
pub mod schedule;
mod session;
pub mod signature;
mod time;
pub mod transcript;
mod window;
pub mod wire;
#[cfg(any(test, feature = "ablation"))]
mod work;
#[cfg(not(any(test, feature = "ablation")))]
#[path = "uncounted.rs"]
mod work;

pub use agreement::{Agreement, Terms};
pub use cookie::{COOKIE_EPOCH, CookieJar};
#[cfg(feature = "ablation")]
pub use defence::Ablated;
pub use defence::{Defence, Defences, Deployable, Whole};
pub use hedge::Role;
pub use identity::{
    CLEARANCE_BYTES_MAX, CLEARANCES_BYTES_MAX, CLEARANCES_MAX, Clearances, Expectation, Identity, NAME_BYTES_MAX, Name,
};
pub use initiator::{
    AcceptedVerdict, AwaitChallenge, AwaitVerdict, BeginError, ClockPolicy, Initiator, InitiatorPolicy,
    VerifiedChallenge, VerifiedVerdict,
};
pub use judgement::{Advance, Claim, Denied, LIFETIME_S, Profile, Receipt, Verified};
#[cfg(any(test, feature = "ablation"))]
pub use memo::Memo;
pub use primitives::{Backend, PublicKey, SigningKey, WeakKey};
pub use reject::{Denial, Reject};
pub use responder::{Accepted, AwaitResponse, OpenedResponse, Responder, ResponderPolicy, ScreenedHello};
pub use schedule::{EXPORT_BYTES_MAX, ExportError};
pub use session::{Content, EPOCH_RECORDS, OpenedRecord, SealError, Session, Unconfirmed, record_nonce};
pub use time::{Moment, Now, Timestamp};
pub use window::WINDOW_RECORDS;
#[cfg(any(test, feature = "ablation"))]
pub use work::{Operation, Work};

use core::time::Duration;

/// How far clocks may differ, by default.
pub const SKEW: Duration = Duration::from_secs(120);
/// How long an initiator waits, by default and at most (CS-INIT-14).
pub const DEADLINE: Duration = Duration::from_secs(60);

//! Wrong use does not compile. Each case stands beside a twin that differs in one line and does, so that no typing error
//! passes for safety.
//!
//! # A state is spent by the step that leaves it
//! CS-IMPL-04
//! ```
//! # use countersign::*;
//! fn step(device: &Initiator, state: AwaitChallenge, one: VerifiedChallenge, other: VerifiedChallenge) {
//!     let _ = state.accept(device, one);
//!     drop(other);
//! }
//! ```
//! ```compile_fail,E0382
//! # use countersign::*;
//! fn step(device: &Initiator, state: AwaitChallenge, one: VerifiedChallenge, other: VerifiedChallenge) {
//!     let _ = state.accept(device, one);
//!     let _ = state.accept(device, other);
//! }
//! ```
//!
//! # Nothing is answered that has not been verified
//! CS-INIT-04
//! ```
//! # use countersign::*;
//! fn step(device: &Initiator, state: AwaitChallenge, challenge: &wire::Challenge<'_>, now: Now) {
//!     let _ = state.check(challenge, now).map(|verified| state.accept(device, verified));
//! }
//! ```
//! ```compile_fail,E0308
//! # use countersign::*;
//! fn step(device: &Initiator, state: AwaitChallenge, challenge: &wire::Challenge<'_>, now: Now) {
//!     let _ = Ok::<_, Reject>(challenge).map(|verified| state.accept(device, verified));
//! }
//! ```
//!
//! # There is no session before an accepted Verdict
//! CS-SESS-01
//! ```
//! # use countersign::*;
//! fn step(state: AwaitVerdict, verdict: AcceptedVerdict) -> (Session, Agreement) {
//!     state.accept(verdict)
//! }
//! ```
//! ```compile_fail,E0308
//! # use countersign::*;
//! fn step(state: AwaitVerdict, verdict: wire::Reason) -> (Session, Agreement) {
//!     state.accept(verdict)
//! }
//! ```
//!
//! # Nothing is exported before an accepted Verdict
//! CS-EXP-01
//! ```
//! # use countersign::*;
//! fn step(state: AwaitVerdict, verdict: AcceptedVerdict) -> Result<(), ExportError> {
//!     state.accept(verdict).0.export(b"label", b"context", &mut [0; 32])
//! }
//! ```
//! ```compile_fail,E0599
//! # use countersign::*;
//! fn step(state: AwaitVerdict, verdict: AcceptedVerdict) -> Result<(), ExportError> {
//!     state.export(b"label", b"context", &mut [0; 32])
//! }
//! ```
//!
//! # There is no Verdict that accepts before the store's word
//! CS-RESP-09
//! ```
//! # use countersign::*;
//! fn step(verified: Verified, advance: &Advance) -> bool {
//!     verified.conclude(advance).is_ok()
//! }
//! ```
//! ```compile_fail,E0061
//! # use countersign::*;
//! fn step(verified: Verified, advance: &Advance) -> bool {
//!     verified.conclude().is_ok()
//! }
//! ```
//!
//! # An unconfirmed session seals nothing
//! CS-SESS-02
//! ```
//! # use countersign::*;
//! fn step(unconfirmed: Unconfirmed, record: OpenedRecord) {
//!     let _ = unconfirmed.confirm(record).0.seal(b"data");
//! }
//! ```
//! ```compile_fail,E0599
//! # use countersign::*;
//! fn step(unconfirmed: Unconfirmed, record: OpenedRecord) {
//!     let _ = unconfirmed.seal(b"data");
//! }
//! ```
//!
//! # Nobody makes defences of his own
//! With `Whole` every check is made; what is sealed cannot be implemented elsewhere.
//! ```
//! # use countersign::*;
//! fn party(name: Name, key: SigningKey) -> Responder<Whole> {
//!     Responder::with_defences(Whole, name, key, ResponderPolicy::default())
//! }
//! ```
//! ```compile_fail,E0277
//! # use countersign::*;
//! #[derive(Clone, Copy, Debug)]
//! struct Porous;
//! impl Defences for Porous {
//!     fn holds(self, _: Defence) -> bool {
//!         false
//!     }
//! }
//! fn party(name: Name, key: SigningKey) -> Responder<Porous> {
//!     Responder::with_defences(Porous, name, key, ResponderPolicy::default())
//! }
//! ```
//!
//! # A party that is whole does not take the states of one that is not
//! ```
//! # use countersign::*;
//! fn step(device: &Initiator<Whole>, state: AwaitChallenge<Whole>, verified: VerifiedChallenge<Whole>) {
//!     let _ = state.accept(device, verified);
//! }
//! ```
//! ```compile_fail,E0308
//! # use countersign::*;
//! fn step<D: Defences>(device: &Initiator<Whole>, state: AwaitChallenge<Whole>, verified: VerifiedChallenge<D>) {
//!     let _ = state.accept(device, verified);
//! }
//! ```
//!
//! # A secret is not copied
//! CS-IMPL-02
//! ```
//! # use countersign::*;
//! fn copy(key: &SigningKey) -> [u8; 32] {
//!     key.public().clone()
//! }
//! ```
//! ```compile_fail,E0308
//! # use countersign::*;
//! fn copy(key: &SigningKey) -> SigningKey {
//!     key.clone()
//! }
//! ```

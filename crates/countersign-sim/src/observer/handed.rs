//! What is handed to a host's endpoint, whoever sent it, and whether the endpoint took it.

use super::Observer;
use super::wire::{self, CHALLENGE, Digest, HELLO, RECORD, RESPONSE};
use crate::host::{Address, HostId};
use countersign::Moment;
use countersign_endpoint::Dropped;

/// A datagram that a host is about to judge.
#[derive(Clone, Copy, Debug)]
pub(super) struct Incoming {
    /// Where it seems to come from.
    pub(super) from: Address,
    /// If it is a Hello: its text, and its cookie.
    pub(super) hello: Option<(Digest, [u8; 33])>,
}

impl Observer {
    /// A host's endpoint is about to be handed this.
    pub(crate) fn handing(&mut self, from: Address, bytes: &[u8]) {
        let is_hello = wire::header(bytes).is_some_and(|(kind, _)| kind == HELLO);
        let cookie = is_hello.then(|| wire::cookie(bytes)).flatten();
        let hello = cookie.map(|cookie| (wire::digest(&[wire::hello_text(bytes)]), cookie));
        self.incoming = Some(Incoming { from, hello });
    }

    /// It has judged it. What it sends for it, and says, is still to come.
    pub(crate) fn handed(&mut self, at: Moment, to: HostId, bytes: &[u8], result: Result<(), Dropped>) {
        let Some((kind, sid)) = wire::header(bytes) else { return };
        match kind {
            CHALLENGE => self.challenge_judged(at, to, bytes, result),
            RESPONSE if result.is_ok() => self.response_taken(sid, bytes),
            RECORD => self.record_judged(at, to, bytes, result),
            _ => {}
        }
    }
}

//! The trace hash: SHA-256 over every datagram that was sent or delivered, and the kind of each event, in order, with
//! the time. Same seed, same hash, on every machine.

use core::fmt;
use countersign::Moment;
use ring::digest::{Context, SHA256};

/// A running hash of happenings.
#[derive(Clone)]
pub(crate) struct TraceDigest(Context);

impl TraceDigest {
    pub(crate) fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    /// Enters one happening: when, where, what, and its bytes.
    pub(crate) fn enter(&mut self, at: Moment, host: u16, what: u8, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.0.update(&at.as_micros().to_be_bytes());
        self.0.update(&host.to_be_bytes());
        self.0.update(&[what]);
        self.0.update(&length.to_be_bytes());
        self.0.update(bytes);
    }

    pub(crate) fn hex(&self) -> String {
        data_encoding::HEXLOWER.encode(self.0.clone().finish().as_ref())
    }
}

impl fmt::Debug for TraceDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

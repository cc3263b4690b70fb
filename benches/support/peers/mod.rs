//! The peers: other libraries that do the same job, each configured as `benches/README.md` says. Both sides in one process,
//! messages handed over in memory, long-term keys and what a deployment computes once made beforehand.

mod noise_clatter;
mod noise_snow;
mod tls;
mod wireguard;

use crate::rounds::Contestant;

/// Every peer, one whole mutual handshake a call. Behind its name is the library of its curve.
#[must_use]
pub(crate) fn peers() -> Vec<Contestant> {
    [noise_snow::peers(), noise_clatter::peers(), wireguard::peers(), tls::peers()].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rounds::{Limit, in_turn};
    use std::time::Duration;

    /// Each of them panics unless both sides end with a session.
    #[test]
    fn every_peer_completes_its_handshakes() {
        let times = in_turn(peers(), Limit { rounds: 3, time: Duration::ZERO }, |_| ());
        assert_eq!(times.len(), if countersign::Backend::fast().is_some() { 10 } else { 7 });
        assert!(times.iter().all(|times| times.micros.iter().all(|micros| *micros > 1.0)));
    }
}

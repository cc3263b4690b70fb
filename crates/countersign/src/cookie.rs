//! Cookies: what a responder under load asks for before it keeps anything (`spec/cookies.md`).
//!
//! The MAC is ring's, whose keys are not wiped on drop: a cookie key guards load, not secrecy.

use crate::defence::{Defence, Defences};
use crate::time::Moment;
use crate::transcript::TranscriptHash;
use crate::wire::{Buffer, COOKIE_BYTES, Cookie};
use crate::work;
use core::fmt;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use rand_core::CryptoRng;
use ring::hmac;
use zeroize::Zeroizing;

/// How long an epoch lasts; a cookie is good in its own and the next (CS-COOKIE-04).
pub const COOKIE_EPOCH: Duration = Duration::from_micros(COOKIE_EPOCH_MICROS);

const COOKIE_EPOCH_MICROS: u64 = 60_000_000;

/// Makes and checks cookies. Keeps nothing of whom it made one for.
pub struct CookieJar<D> {
    root: hmac::Key,
    /// The keys of two epochs, ready: to make one costs more than a cookie.
    ready: [(u64, hmac::Key); 2],
    defences: D,
}

impl<D: Defences> CookieJar<D> {
    /// Draws the secret that the keys of all epochs come from.
    pub fn new(defences: D, rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(secret.as_mut_slice());
        let root = hmac::Key::new(hmac::HMAC_SHA256, secret.as_slice());
        let ready = [0, 1].map(|epoch| (epoch, key(&root, epoch)));
        Self { root, ready, defences }
    }

    /// Makes the keys of this epoch and the one before ready, if they are not. All else works without, and takes longer.
    pub fn prepare(&mut self, now: Moment) {
        let current = epoch(now);
        for epoch in [current.saturating_sub(1), current] {
            // Neighbours have different places.
            let [even, odd] = &mut self.ready;
            let place = if epoch.is_multiple_of(2) { even } else { odd };
            if place.0 != epoch {
                *place = (epoch, key(&self.root, epoch));
            }
        }
    }

    /// A cookie for this Hello from this address and port.
    #[must_use]
    pub fn bake(&self, now: Moment, from: SocketAddr, hello: &TranscriptHash) -> Cookie {
        let epoch = epoch(now);
        let mut cookie = [0; COOKIE_BYTES];
        let (head, mac) = cookie.split_at_mut(1);
        head.copy_from_slice(&[epoch_byte(epoch)]);
        let message = self.message(from, hello);
        work::hmac(message.len());
        mac.copy_from_slice(self.with_key(epoch, |key| hmac::sign(key, &message)).as_ref());
        cookie
    }

    /// Whether this cookie was made for this Hello from this address and port, in this epoch or the last.
    #[must_use]
    pub fn is_good(&self, now: Moment, from: SocketAddr, hello: &TranscriptHash, cookie: &Cookie) -> bool {
        let (head, mac) = cookie.split_at(1);
        let current = epoch(now);
        let oldest = if self.defences.holds(Defence::CookieExpires) { current.saturating_sub(1) } else { 0 }; // CS-COOKIE-04
        let message = self.message(from, hello);
        (oldest..=current)
            .rev()
            .filter(|epoch| head == [epoch_byte(*epoch)])
            .inspect(|_| work::hmac(message.len()))
            .any(|epoch| self.with_key(epoch, |key| hmac::verify(key, &message, mac).is_ok()))
    }

    fn with_key<T>(&self, epoch: u64, compute: impl FnOnce(&hmac::Key) -> T) -> T {
        match self.ready.iter().find(|(of, _)| *of == epoch) {
            Some((_, key)) => compute(key),
            None => compute(&key(&self.root, epoch)),
        }
    }

    /// `address[16] ‖ port ‖ th`, an IPv4 address mapped into IPv6.
    fn message(&self, from: SocketAddr, hello: &TranscriptHash) -> Buffer<50> {
        let mut message = Buffer::new();
        if self.defences.holds(Defence::CookieBoundToAddress) {
            let address = match from.ip() {
                IpAddr::V4(address) => address.to_ipv6_mapped(),
                IpAddr::V6(address) => address,
            };
            message.push(&address.octets()); // CS-COOKIE-02
            message.push(&from.port().to_be_bytes());
        }
        if self.defences.holds(Defence::CookieBoundToHello) {
            message.push(hello); // CS-COOKIE-03
        }
        message
    }
}

impl<D> fmt::Debug for CookieJar<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieJar").finish_non_exhaustive()
    }
}

fn key(root: &hmac::Key, epoch: u64) -> hmac::Key {
    work::hmac(size_of_val(&epoch));
    work::hmac_key();
    hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(root, &epoch.to_be_bytes()).as_ref())
}

fn epoch(now: Moment) -> u64 {
    now.as_micros() / COOKIE_EPOCH_MICROS
}

const fn epoch_byte(epoch: u64) -> u8 {
    let [.., low] = epoch.to_be_bytes();
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::defence::Whole;
    use core::net::Ipv4Addr;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    /// CS-COOKIE-04: whether the keys were ready makes no difference, in whatever order the epochs come.
    #[test]
    fn a_prepared_jar_bakes_and_takes_the_same_cookies() {
        let jar = || CookieJar::new(Whole, &mut ChaCha20Rng::seed_from_u64(1));
        let (mut prepared, plain) = (jar(), jar());
        let (from, hello) = (SocketAddr::from((Ipv4Addr::LOCALHOST, 1)), [7; 32]);
        for minutes in [0, 0, 1, 2, 5, 6, 7, 300, 4, 0] {
            let at = |minutes| Moment::from_micros(COOKIE_EPOCH_MICROS * minutes);
            prepared.prepare(at(minutes));
            let cookie = plain.bake(at(minutes), from, &hello);
            assert_eq!(prepared.bake(at(minutes), from, &hello), cookie);
            for later in minutes..minutes + 4 {
                let good = later <= minutes + 1;
                prepared.prepare(at(later));
                assert_eq!(prepared.is_good(at(later), from, &hello, &cookie), good);
                assert_eq!(plain.is_good(at(later), from, &hello, &cookie), good);
            }
        }
    }
}

//! Cookies: what a responder under load asks for before it keeps anything (`spec/cookies.md`).
//!
//! The MAC is ring's, whose keys are not wiped on drop: a cookie key guards load, not secrecy.

use crate::defence::{Defence, Defences};
use crate::time::Moment;
use crate::transcript::TranscriptHash;
use crate::wire::{Buffer, COOKIE_BYTES, Cookie};
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
    defences: D,
}

impl<D: Defences> CookieJar<D> {
    /// Draws the secret that the keys of all epochs come from.
    pub fn new(defences: D, rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(secret.as_mut_slice());
        Self { root: hmac::Key::new(hmac::HMAC_SHA256, secret.as_slice()), defences }
    }

    /// A cookie for this Hello from this address and port.
    #[must_use]
    pub fn bake(&self, now: Moment, from: SocketAddr, hello: &TranscriptHash) -> Cookie {
        let epoch = epoch(now);
        let mut cookie = [0; COOKIE_BYTES];
        let (head, mac) = cookie.split_at_mut(1);
        head.copy_from_slice(&[epoch_byte(epoch)]);
        mac.copy_from_slice(hmac::sign(&self.key(epoch), &self.message(from, hello)).as_ref());
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
            .any(|epoch| hmac::verify(&self.key(epoch), &message, mac).is_ok())
    }

    fn key(&self, epoch: u64) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&self.root, &epoch.to_be_bytes()).as_ref())
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

fn epoch(now: Moment) -> u64 {
    now.as_micros() / COOKIE_EPOCH_MICROS
}

const fn epoch_byte(epoch: u64) -> u8 {
    let [.., low] = epoch.to_be_bytes();
    low
}

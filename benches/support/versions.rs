//! Which versions of the libraries take part: those of the lock file.

use core::cmp::Reverse;

const LOCK: &str = include_str!("../../Cargo.lock");

/// The libraries of the backends.
pub const LIBRARIES: [&str; 7] =
    ["chacha20poly1305", "curve25519-dalek", "ed25519-dalek", "graviola", "ring", "sha2", "x25519-dalek"];

/// The peers, and what computes for them.
pub const PEERS: [&str; 6] = ["aws-lc-rs", "boringtun", "clatter", "rustls", "rustls-graviola", "snow"];

/// Which code of poly1305 the portable backend has. `.cargo/config.toml` asks for the portable code; cargo does not read that where
/// `RUSTFLAGS` is set.
pub const POLY1305: &str = if cfg!(poly1305_backend = "soft") { "portable" } else { "of the processor" };

/// The versions of a package in the lock file: the highest, which the workspace itself names, and those that others ask for.
pub fn versions(package: &str) -> impl Iterator<Item = &'static str> {
    let head = format!("name = \"{package}\"");
    let mut lines = LOCK.lines();
    let mut versions = Vec::new();
    while lines.any(|line| line == head) {
        versions.extend(lines.next().and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"')));
    }
    versions.sort_by_key(|version| Reverse(number(version)));
    versions.into_iter()
}

fn number(version: &str) -> Vec<u32> {
    version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every library that is named beside a figure has a version, and of two the higher comes first.
    #[test]
    fn every_library_has_a_version() {
        for package in LIBRARIES.into_iter().chain(PEERS) {
            assert!(versions(package).next().is_some(), "{package}");
        }
        let graviola: Vec<_> = versions("graviola").collect();
        assert!(graviola[0].starts_with("0.4.") && graviola[1].starts_with("0.3."), "{graviola:?}");
        assert_eq!(versions("no-such-package").next(), None);
    }
}

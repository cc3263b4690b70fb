//! Which versions of the libraries take part: those of the lock file.

const LOCK: &str = include_str!("../../Cargo.lock");

/// The libraries of the backends.
pub const LIBRARIES: [&str; 6] = ["chacha20poly1305", "ed25519-dalek", "graviola", "ring", "sha2", "x25519-dalek"];

/// The peers, and what computes for them.
pub const PEERS: [&str; 6] = ["aws-lc-rs", "boringtun", "clatter", "rustls", "rustls-graviola", "snow"];

/// The highest version of a package in the lock file: the one that the workspace itself names.
#[must_use]
pub fn version(package: &str) -> Option<&'static str> {
    let head = format!("name = \"{package}\"");
    let mut lines = LOCK.lines();
    let mut versions = Vec::new();
    while lines.any(|line| line == head) {
        versions.extend(lines.next().and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"')));
    }
    versions.into_iter().max_by_key(|version| number(version))
}

fn number(version: &str) -> Vec<u32> {
    version.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every library that is named beside a figure has a version, and of two the higher counts.
    #[test]
    fn every_library_has_a_version() {
        for package in LIBRARIES.into_iter().chain(PEERS) {
            assert!(version(package).is_some(), "{package}");
        }
        assert!(version("graviola").is_some_and(|version| version.starts_with("0.4.")));
        assert_eq!(version("no-such-package"), None);
    }
}

//! What was measured on, and with what.

use countersign_benches::{LIBRARIES, PEERS, POLY1305, versions};
use schemars::JsonSchema;
use serde::Serialize;
use std::{env, fs, thread};

/// A machine and the libraries of this build.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(super) struct Machine {
    /// The processor, in its own words.
    pub(super) processor: String,
    /// How many threads it runs at once.
    pub(super) threads: usize,
    /// The operating system.
    pub(super) system: &'static str,
    /// The instruction set.
    pub(super) architecture: &'static str,
    /// The compiler of this build.
    pub(super) compiler: &'static str,
    /// Whether this build is optimised: the figures of one that is not say nothing.
    pub(super) optimised: bool,
    /// Whether the peers are in this build.
    pub(super) peers: bool,
    /// Which code of poly1305 the portable backend has: "portable", or "of the processor", which is slower on short texts.
    pub(super) poly1305: &'static str,
    /// The libraries that took part, and their versions.
    pub(super) libraries: Vec<Library>,
}

/// A library.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub(super) struct Library {
    /// The package.
    pub(super) name: &'static str,
    /// Its versions: that of the backends, and older ones that peers stand on.
    pub(super) versions: Vec<&'static str>,
}

impl Machine {
    pub(super) fn this() -> Self {
        let peers: &[&str] = if cfg!(feature = "peers") { &PEERS } else { &[] };
        let of_ours = if cfg!(feature = "peers") { usize::MAX } else { 1 };
        let library = |name: &&'static str| Library { name, versions: versions(name).take(of_ours).collect() };
        Self {
            processor: processor().unwrap_or_else(|| "unknown".to_owned()),
            threads: thread::available_parallelism().map_or(1, usize::from),
            system: env::consts::OS,
            architecture: env::consts::ARCH,
            compiler: env!("COUNTERSIGN_COMPILER"),
            optimised: !cfg!(debug_assertions),
            peers: cfg!(feature = "peers"),
            poly1305: POLY1305,
            libraries: LIBRARIES.iter().chain(peers).map(library).collect(),
        }
    }
}

/// Linux tells its name.
fn processor() -> Option<String> {
    let told = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = told.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

//! The clock of the benches: the processor time of this thread, where the system tells, else the time that passes.
//!
//! While something else runs on the processor, the time that passes doubles, and the processor time does not.

use std::time::Duration;

/// What this thread has used so far.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub(crate) fn used() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.expect("a clock that began at zero"), nanos.expect("less than a second"))
}

/// What has passed so far.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub(crate) fn used() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

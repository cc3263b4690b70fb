//! How far something has come, for whoever waits.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar on stderr, when that is a terminal, with this beside it: `{pos}`, `{len}`, `{eta}` and `{msg}` are filled in.
pub(crate) fn bar(length: u64, beside: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(&format!("{{bar:40}} {beside}"));
    ProgressBar::new(length).with_style(style.expect("what stands beside a bar is well formed"))
}

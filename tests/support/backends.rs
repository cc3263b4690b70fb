//! Both backends, for what must hold on either.

use countersign::Backend;

/// The portable backend, and the fast one if this processor has what it needs; if not, that is said.
#[must_use]
pub fn backends() -> Vec<Backend> {
    let fast = Backend::fast();
    if fast.is_none() {
        eprintln!("skipped on the fast backend: this processor does not have it");
    }
    [Some(Backend::Portable), fast].into_iter().flatten().collect()
}

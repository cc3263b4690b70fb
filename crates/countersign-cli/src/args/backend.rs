//! The flag `--backend`.

use clap::ValueEnum;
use countersign::Backend;

/// Which libraries compute the primitives.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum BackendFlag {
    /// Those that run everywhere.
    #[default]
    Portable,
    /// Those that take about two thirds of the time, on processors that have what they need.
    Fast,
    /// The fast ones where they run.
    Auto,
}

impl BackendFlag {
    /// What was asked for, given what this machine has.
    pub(crate) fn choose(self, fast: Option<Backend>) -> Result<Backend, String> {
        match self {
            Self::Portable => Ok(Backend::Portable),
            Self::Auto => Ok(fast.unwrap_or_default()),
            Self::Fast => fast.ok_or_else(|| {
                "--backend fast needs a processor that this one is not, or is not in this build; use --backend auto"
                    .to_owned()
            }),
        }
    }

    /// As it is written on a command line, with a space before it; nothing if it need not be.
    pub(crate) const fn written(self) -> &'static str {
        match self {
            Self::Portable => "",
            Self::Fast => " --backend fast",
            Self::Auto => " --backend auto",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CS-IMPL-06: where there is no fast backend, auto falls back, and fast is refused.
    #[test]
    fn without_a_fast_backend_auto_falls_back_and_fast_is_refused() {
        assert_eq!(BackendFlag::Auto.choose(None), Ok(Backend::Portable));
        assert_eq!(BackendFlag::Portable.choose(None), Ok(Backend::Portable));
        assert!(BackendFlag::Fast.choose(None).unwrap_err().contains("--backend auto"));
        if let Some(fast) = Backend::fast() {
            assert_eq!(BackendFlag::Auto.choose(Some(fast)), Ok(fast));
            assert_eq!(BackendFlag::Fast.choose(Some(fast)), Ok(fast));
            assert_eq!(BackendFlag::Portable.choose(Some(fast)), Ok(Backend::Portable));
        }
    }
}

//! A message that the adversary makes, with other names for what it is made from: two that differ in names alone are one.

use super::grammar::{Cookie, Exchange, Forged, Ids, Point, Signature, Spare, Time};
use crate::act::DatagramName;

impl Forged {
    /// The same, made from what these names become.
    pub(crate) fn renamed(&self, to: &impl Fn(DatagramName) -> DatagramName) -> Self {
        let mut message = self.clone();
        match &mut message {
            Self::Hello { ids, ephemeral, cookie, .. } => {
                ids.rename(to);
                ephemeral.rename(to);
                if let Some(Cookie::Of(retry)) = cookie {
                    *retry = to(*retry);
                }
            }
            Self::Challenge { hello, ids, time, ephemeral, signature, .. } => {
                *hello = to(*hello);
                ids.rename(to);
                time.rename(to);
                ephemeral.rename(to);
                signature.rename(to);
            }
            Self::Response { of, time, signature, .. } => {
                of.rename(to);
                time.rename(to);
                signature.rename(to);
            }
            Self::Verdict { of, .. } | Self::Record { of, .. } => of.rename(to),
            Self::Edited { of, with, .. } => {
                *of = to(*of);
                match with {
                    Spare::Of(of) => *of = to(*of),
                    Spare::Point(point) => point.rename(to),
                    Spare::Fill(_) | Spare::Plus(_) => {}
                }
            }
            Self::Retry { hello: of, .. } | Self::Cut { of, .. } | Self::Empty { like: of, .. } => *of = to(*of),
        }
        message
    }
}

impl Exchange {
    fn rename(&mut self, to: &impl Fn(DatagramName) -> DatagramName) {
        let Self { hello, challenge, response, verdict } = *self;
        *self =
            Self { hello: to(hello), challenge: to(challenge), response: response.map(to), verdict: verdict.map(to) };
    }
}

impl Ids {
    fn rename(&mut self, to: &impl Fn(DatagramName) -> DatagramName) {
        if let Self::Of(of) = self {
            *of = to(*of);
        }
    }
}

impl Point {
    fn rename(&mut self, to: &impl Fn(DatagramName) -> DatagramName) {
        if let Self::Of(of) = self {
            *of = to(*of);
        }
    }
}

impl Time {
    fn rename(&mut self, to: &impl Fn(DatagramName) -> DatagramName) {
        if let Self::Of(of) = self {
            of.rename(to);
        }
    }
}

impl Signature {
    fn rename(&mut self, to: &impl Fn(DatagramName) -> DatagramName) {
        if let Self::Of(of) = self {
            of.rename(to);
        }
    }
}

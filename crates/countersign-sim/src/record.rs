//! Lines of a trace, and digests of what honest hosts sent.

use crate::act::Effect;
use crate::claims::{Claim, Violation};
use crate::stage::Notice;
use crate::todo::Flight;
use countersign::Moment;
use countersign_endpoint::{Closed, Event};
use ring::digest::{Context, SHA256, digest};

/// The rule that a world and its twin without junk send the same.
pub(crate) const TWIN: &str = "twin";

/// The rule that handshakes end, which is judged at the end of a world alone.
pub(crate) const STUCK: &str = "stuck";

/// What is said of a world that differs from its twin.
pub(crate) fn twin_violation(world: u32, at: Moment) -> Violation {
    let what = "junk changed what honest hosts sent".to_owned();
    Violation { claim: Claim::A7, rule: TWIN.to_owned(), world, nth: 1, at_us: at.as_micros(), what }
}

/// What came of a step.
pub(crate) fn effects(notices: &[Notice], violations: &[Violation]) -> Vec<Effect> {
    let effects = notices.iter().filter_map(|notice| match notice {
        Notice::Sent(flight) => Some(Effect::Sent {
            datagram: flight.name,
            to: flight.to,
            bytes: flight.bytes.len(),
            sha256: data_encoding::HEXLOWER
                .encode(digest(&SHA256, &flight.bytes).as_ref().get(..8).unwrap_or_default()),
        }),
        Notice::Said { host, handshake, event } => {
            Some(Effect::Said { host: *host, handshake: *handshake, what: what(event) })
        }
        Notice::Asked(question) => Some(Effect::Asked { question: *question }),
        Notice::Arrived { to, result: Err(why), .. } => Some(Effect::Dropped { host: *to, why: why.to_string() }),
        Notice::Missed { to, why } => Some(Effect::Dropped { host: *to, why: (*why).to_owned() }),
        Notice::Arrived { result: Ok(()), .. }
        | Notice::Answered { .. }
        | Notice::Confirmed { .. }
        | Notice::NotBegun { .. }
        | Notice::Over { .. } => None,
    });
    effects.chain(violations.iter().cloned().map(Effect::Violated)).collect()
}

/// In a word or two.
fn what(event: &Event) -> String {
    match event {
        Event::Begun { .. } => "begun".to_owned(),
        Event::Accepted { .. } => "accepted".to_owned(),
        Event::Ended { outcome, .. } => format!("ends: {}", crate::tally::outcome_name(*outcome)),
        Event::Suspicious { reject, .. } => format!("is suspicious: {reject}"),
        Event::Admitted { agreement, .. } => format!("admitted {}", agreement.terms.user),
        Event::Denied { denial, .. } => format!("refuses: {}", crate::people::denial_name(*denial)),
        Event::Confirmed { .. } => "knows that both accepted".to_owned(),
        Event::Data { data, .. } => format!("gets {} bytes of data", data.len()),
        Event::Closed { why, .. } => format!("session over: {}", why_closed(*why)),
    }
}

fn why_closed(why: Closed) -> String {
    match why {
        Closed::ByPeer { missing: 0 } => "closed by the peer".to_owned(),
        Closed::ByPeer { missing: 1 } => "closed by the peer, and 1 of its records never came".to_owned(),
        Closed::ByPeer { missing } => format!("closed by the peer, and {missing} of its records never came"),
        Closed::Expired => "its lifetime is over".to_owned(),
        Closed::Unconfirmed => "the responder never spoke in it".to_owned(),
        Closed::Lapsed => "the initiator never spoke in it".to_owned(),
    }
}

/// What a host sent, when and where to, in eight bytes.
pub(crate) fn fingerprint(at: Moment, flight: &Flight) -> [u8; 8] {
    let mut context = Context::new(&SHA256);
    context.update(&at.as_micros().to_be_bytes());
    context.update(&flight.name.from.0.to_be_bytes());
    context.update(&flight.to.0.to_be_bytes());
    context.update(&flight.bytes);
    *context.finish().as_ref().first_chunk().expect("a digest has 32 bytes")
}

/// When two worlds first sent something else.
pub(crate) fn first_difference(ours: &[(Moment, [u8; 8])], theirs: &[(Moment, [u8; 8])]) -> Option<Moment> {
    let differs = ours.iter().zip(theirs).position(|(ours, theirs)| ours != theirs);
    let shorter = ours.len().min(theirs.len());
    let at = differs.or_else(|| (ours.len() != theirs.len()).then_some(shorter))?;
    let when = |sends: &[(Moment, [u8; 8])]| sends.get(at).map(|(when, _)| *when);
    when(ours).into_iter().chain(when(theirs)).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::wire::Sid;

    /// Why a session is over is told in words.
    #[test]
    fn the_end_of_a_session_is_told_in_words() {
        let told = |why| what(&Event::Closed { session: Sid([0; 8]), why });
        assert_eq!(told(Closed::ByPeer { missing: 0 }), "session over: closed by the peer");
        let missing = told(Closed::ByPeer { missing: 2 });
        assert_eq!(missing, "session over: closed by the peer, and 2 of its records never came");
        assert_eq!(told(Closed::Expired), "session over: its lifetime is over");
    }
}

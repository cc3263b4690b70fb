//! One handshake on the core's own state machines, both sides honest.

use crate::inputs::Inputs;
use crate::scripted::Scripted;
use countersign::wire::{Message, Response};
use countersign::{Accepted, AwaitResponse, Denial, Reject, Responder, Session, Unconfirmed, VerifiedVerdict};

/// All that was sent, and how it ended.
pub(crate) struct Exchange {
    pub(crate) hello: Vec<u8>,
    pub(crate) challenge: Vec<u8>,
    pub(crate) response: Vec<u8>,
    pub(crate) verdict: Vec<u8>,
    pub(crate) ended: Result<Sessions, Denial>,
}

/// Both ends of a session.
pub(crate) struct Sessions {
    pub(crate) initiator: Session,
    pub(crate) responder: Unconfirmed,
}

impl Exchange {
    /// Runs one handshake. Both sides of every vector hold the other for genuine.
    pub(crate) fn run(inputs: &Inputs) -> Self {
        let mut initiator = inputs.initiator();
        let mut responder = inputs.responder();
        let waiting = inputs.begin(&mut initiator);
        let hello = waiting.hello(&[0; 33]).to_vec();
        let generator = &mut Scripted::new(&inputs.responder.generator);
        let Ok(Message::Hello(decoded)) = Message::decode(&hello) else { unreachable!("an honest Hello decodes") };
        let (half_open, challenge) =
            inputs.challenge(&mut responder, generator, &decoded).expect("an honest Hello is answered");
        let Ok(Message::Challenge(decoded)) = Message::decode(&challenge) else { unreachable!("so does a Challenge") };
        let verified = waiting.check(&decoded, inputs.at_challenge()).expect("an honest Challenge is genuine");
        let (waiting, response) = waiting.accept(&initiator, verified);
        let Ok(Message::Response(decoded)) = Message::decode(&response) else { unreachable!("so does a Response") };
        let (verdict, judged) = match judge(inputs, &responder, half_open, &decoded) {
            Judged::Accepted(accepted) => (accepted.verdict.to_vec(), Ok((accepted.session, accepted.agreement))),
            Judged::Refused(denial, verdict) => (verdict, Err(denial)),
            Judged::Dropped(reject, _) => unreachable!("an honest Response opens: {reject}"),
        };
        let Ok(Message::Verdict(decoded)) = Message::decode(&verdict) else { unreachable!("so does a Verdict") };
        let ended = match (waiting.check(&decoded).expect("an honest Verdict opens"), judged) {
            (VerifiedVerdict::Accepted(accepted), Ok((session, agreement))) => {
                let (own, agreed) = waiting.accept(accepted);
                assert_eq!(agreed, agreement, "both sides know the same");
                Ok(Sessions { initiator: own, responder: session })
            }
            (VerifiedVerdict::Refused(_), Err(denial)) => Err(denial),
            _ => unreachable!("a Verdict says the same to both sides"),
        };
        Self { hello, challenge, response: response.to_vec(), verdict, ended }
    }
}

/// What a responder makes of a Response.
pub(crate) enum Judged {
    /// It drops it, and waits on.
    Dropped(Reject, AwaitResponse),
    /// It refuses, with this Verdict.
    Refused(Denial, Vec<u8>),
    /// It accepts.
    Accepted(Box<Accepted>),
}

/// Opens and judges a Response.
pub(crate) fn judge(
    inputs: &Inputs,
    responder: &Responder,
    half_open: AwaitResponse,
    response: &Response<'_>,
) -> Judged {
    let opened = match half_open.open(response) {
        Err(reject) => return Judged::Dropped(reject, half_open),
        Ok(opened) => opened,
    };
    match half_open.claim(opened).and_then(|claim| inputs.judge(responder, claim)) {
        Ok(accepted) => Judged::Accepted(Box::new(accepted)),
        Err(denied) => Judged::Refused(denied.denial(), denied.into_verdict().to_vec()),
    }
}

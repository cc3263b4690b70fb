//! One fault a file: a state, one datagram that is not as it should be, and the refusal that it must meet.
//!
//! The faults are sealed and signed with real keys wherever only a sealed fault shows the check that is meant.

mod challenge;
mod claim;
mod hello;
mod record;
mod response;
mod verdict;

use crate::dissect::Dissection;
use crate::exchange::Exchange;
use crate::format::VectorFile;
use crate::hedging::Draw;
use crate::inputs::Inputs;
use crate::positive::{dissect, draws, identity};
use crate::refusal::Refusal;
use crate::replay::{Fed, Scene, State};
use countersign::wire::DecodeError;
use countersign::{Denial, Reject, Role};

/// Every negative vector.
pub(crate) fn files() -> Vec<VectorFile> {
    [hello::faults(), challenge::faults(), response::faults(), claim::faults(), verdict::faults(), record::faults()]
        .iter()
        .flatten()
        .map(Fault::file)
        .collect()
}

/// One fault.
struct Fault {
    file: String,
    title: String,
    scene: Scene,
    datagram: Vec<u8>,
    genuine: Option<Vec<u8>>,
    expect: Refusal,
}

impl Fault {
    fn file(&self) -> VectorFile {
        let mut file = VectorFile::new(format!("{}.txt", self.file));
        let to = match self.scene.state.role() {
            Role::Initiator => "initiator",
            Role::Responder => "responder",
        };
        file.push("title", self.title.as_str());
        file.push("kind", "negative");
        file.push("to", to);
        file.push("state", self.scene.state.name().as_str());
        file.push("expect", self.expect.to_string().as_str());
        self.scene.inputs.write(&mut file);
        file.section("Before");
        for (name, message) in &self.scene.messages {
            file.push(name, message);
        }
        file.section("The fault");
        file.push("datagram", &self.datagram);
        if let Ok(standing) = self.scene.stand()
            && let (_, Fed::Refused(_, verdict)) = standing.feed(&self.scene.inputs, &self.datagram)
        {
            file.push("refusal_verdict", &verdict);
        }
        if let Some(genuine) = &self.genuine {
            file.section("What is taken all the same, afterwards");
            file.push("genuine", genuine);
        }
        file
    }

    /// A fault after which nothing is waited for any more.
    fn last(self) -> Self {
        Self { genuine: None, ..self }
    }
}

/// An honest handshake for faults to be put into.
struct Stage {
    inputs: Inputs,
    exchange: Exchange,
    initiators: Draw,
    responders: Draw,
}

impl Stage {
    fn new(inputs: Inputs) -> Self {
        let exchange = Exchange::run(&inputs);
        let messages = named(&exchange);
        let (initiators, responders) = draws(&inputs, &exchange.hello, &messages);
        Self { inputs, exchange, initiators, responders }
    }

    /// The handshake up to and with this many messages, taken apart.
    fn dissect(&self, messages: usize) -> Dissection {
        let mut recording = named(&self.exchange);
        recording.truncate(messages);
        dissect(&identity(&self.inputs), Role::Responder, &self.responders, &recording)
    }

    /// A fault in a state before there are records, with the honest message in its place as the genuine one.
    fn fault(&self, state: State, file: &str, title: &str, datagram: Vec<u8>, expect: Refusal) -> Fault {
        let Exchange { hello, challenge, response, verdict, ended: _ } = &self.exchange;
        let (before, genuine) = match state {
            State::Listen => (0, Some(hello)),
            State::AwaitChallenge => (1, Some(challenge)),
            State::AwaitResponse => (2, Some(response)),
            State::AwaitVerdict => (3, Some(verdict)),
            State::Confirming | State::Unconfirmed | State::Established => (4, None),
        };
        let mut messages = named(&self.exchange);
        messages.truncate(before);
        Fault {
            file: file.to_owned(),
            title: title.to_owned(),
            scene: Scene { inputs: self.inputs.clone(), state, messages },
            datagram,
            genuine: genuine.filter(|_| matches!(expect, Refusal::Drop(_))).cloned(),
            expect,
        }
    }
}

fn named(exchange: &Exchange) -> Vec<(String, Vec<u8>)> {
    let Exchange { hello, challenge, response, verdict, ended: _ } = exchange;
    [("hello", hello), ("challenge", challenge), ("response", response), ("verdict", verdict)]
        .map(|(name, message)| (name.to_owned(), message.clone()))
        .to_vec()
}

/// The datagram with other bytes from `at` on.
fn patched(datagram: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut patched = datagram.to_vec();
    patched.iter_mut().skip(at).zip(bytes).for_each(|(old, new)| *old = *new);
    patched
}

/// The datagram with the lowest bit of its last byte turned: of a box or record, its tag.
fn last_bit_turned(datagram: &[u8]) -> Vec<u8> {
    let mut turned = datagram.to_vec();
    turned.iter_mut().last().into_iter().for_each(|byte| *byte ^= 1);
    turned
}

const fn decode(error: DecodeError) -> Refusal {
    Refusal::Drop(Reject::Decode(error))
}

const fn malformed(error: DecodeError) -> Refusal {
    Refusal::Refuse(Denial::MalformedClaim(error))
}

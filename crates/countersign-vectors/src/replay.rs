//! Runs a fault from its file alone: builds the state, feeds the fault, then the genuine message.

use crate::exchange::{Judged, judge};
use crate::format::{FormatError, VectorFile};
use crate::inputs::Inputs;
use crate::refusal::Refusal;
use crate::scripted::Scripted;
use countersign::wire::Message;
use countersign::{
    AwaitChallenge, AwaitResponse, AwaitVerdict, Backend, Denial, Reject, Responder, Role, Session, Unconfirmed,
    VerifiedVerdict,
};

/// The state that a fault is fed to; its names are those of `spec/states.md`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum State {
    AwaitChallenge,
    AwaitVerdict,
    Confirming,
    Listen,
    AwaitResponse,
    Unconfirmed,
    Established,
}

impl State {
    const ALL: [Self; 7] = [
        Self::AwaitChallenge,
        Self::AwaitVerdict,
        Self::Confirming,
        Self::Listen,
        Self::AwaitResponse,
        Self::Unconfirmed,
        Self::Established,
    ];

    pub(crate) fn name(self) -> String {
        format!("{self:?}")
    }

    pub(crate) const fn role(self) -> Role {
        match self {
            Self::AwaitChallenge | Self::AwaitVerdict | Self::Confirming => Role::Initiator,
            Self::Listen | Self::AwaitResponse | Self::Unconfirmed | Self::Established => Role::Responder,
        }
    }
}

/// Why a fault did not go as its file says.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReplayError {
    /// The file cannot be read.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The core, given the inputs, does not send this earlier message, or does not take it.
    #[error("the inputs do not lead to `{name}`")]
    History {
        /// The message's name.
        name: String,
    },
    /// The refusal is another one, or there is none.
    #[error("expected `{expected}`, got `{found}`")]
    Refusal {
        /// The refusal in the file.
        expected: String,
        /// What happened.
        found: String,
    },
    /// The sealed refusal is of other bytes.
    #[error("the refusing Verdict is not `refusal_verdict`")]
    Verdict,
    /// After the fault, the genuine message was not taken.
    #[error("after the fault, the genuine message met `{found}`")]
    Genuine {
        /// What happened.
        found: String,
    },
}

/// Runs a fault from its file alone.
///
/// # Errors
/// [`ReplayError`]: where it went another way than the file says.
pub fn replay(file: &VectorFile) -> Result<(), ReplayError> {
    replay_on(Backend::Portable, file)
}

/// The same, computed on this backend.
///
/// # Errors
/// The same.
pub fn replay_on(backend: Backend, file: &VectorFile) -> Result<(), ReplayError> {
    let mut scene = Scene::read(file)?;
    scene.inputs.backend = backend;
    let expected = file.text("expect")?.to_owned();
    let (standing, fed) = scene.stand()?.feed(&scene.inputs, &file.bytes("datagram")?);
    if fed.to_string() != expected {
        return Err(ReplayError::Refusal { expected, found: fed.to_string() });
    }
    if let Fed::Refused(_, verdict) = &fed
        && *verdict != file.bytes("refusal_verdict")?
    {
        return Err(ReplayError::Verdict);
    }
    if file.optional("genuine").is_some() {
        let (_, fed) = standing.feed(&scene.inputs, &file.bytes("genuine")?);
        if !matches!(fed, Fed::Taken) {
            return Err(ReplayError::Genuine { found: fed.to_string() });
        }
    }
    Ok(())
}

/// A state, and what led to it.
pub(crate) struct Scene {
    pub(crate) inputs: Inputs,
    pub(crate) state: State,
    /// What was sent before, by name.
    pub(crate) messages: Vec<(String, Vec<u8>)>,
}

impl Scene {
    fn read(file: &VectorFile) -> Result<Self, FormatError> {
        let wrong = || FormatError::Value { name: "state".to_owned() };
        let name = file.text("state")?;
        let state = State::ALL.into_iter().find(|state| state.name() == name).ok_or_else(wrong)?;
        let inputs = Inputs::read(file)?;
        let mut messages = Vec::new();
        for (name, _) in file.values() {
            if ["hello", "challenge", "response", "verdict"].contains(&name) || name.starts_with("record_") {
                messages.push((name.to_owned(), file.bytes(name)?));
            }
        }
        Ok(Self { inputs, state, messages })
    }

    /// Leads a side into the state.
    pub(crate) fn stand(&self) -> Result<Standing<'_>, ReplayError> {
        match self.state.role() {
            Role::Initiator => self.stand_initiator(),
            Role::Responder => self.stand_responder(),
        }
    }

    fn stand_initiator(&self) -> Result<Standing<'_>, ReplayError> {
        let mut initiator = self.inputs.initiator();
        let waiting = self.inputs.begin(&mut initiator);
        self.same("hello", &waiting.hello(&[0; 33]))?;
        if self.state == State::AwaitChallenge {
            return Ok(Standing::AwaitChallenge(waiting));
        }
        let Message::Challenge(challenge) = self.message("challenge")? else { return Err(history("challenge")) };
        let verified = waiting.check(&challenge, self.inputs.at_challenge()).map_err(|_| history("challenge"))?;
        let (waiting, response) = waiting.accept(&initiator, verified);
        self.same("response", &response)?;
        if self.state == State::AwaitVerdict {
            return Ok(Standing::AwaitVerdict(waiting));
        }
        let Message::Verdict(verdict) = self.message("verdict")? else { return Err(history("verdict")) };
        let Ok(VerifiedVerdict::Accepted(accepted)) = waiting.check(&verdict) else { return Err(history("verdict")) };
        let (session, _) = waiting.accept(accepted);
        self.with_records(session, 0)
    }

    fn stand_responder(&self) -> Result<Standing<'_>, ReplayError> {
        let mut responder = self.inputs.responder();
        let mut generator = Scripted::new(&self.inputs.responder.generator);
        if self.state == State::Listen {
            return Ok(Standing::Listen(responder, generator));
        }
        let Message::Hello(hello) = self.message("hello")? else { return Err(history("hello")) };
        let (half_open, challenge) =
            self.inputs.challenge(&mut responder, &mut generator, &hello).map_err(|_| history("hello"))?;
        self.same("challenge", &challenge)?;
        if self.state == State::AwaitResponse {
            return Ok(Standing::AwaitResponse(responder, half_open));
        }
        let Message::Response(response) = self.message("response")? else { return Err(history("response")) };
        let Judged::Accepted(accepted) = judge(&self.inputs, &responder, half_open, &response) else {
            return Err(history("response"));
        };
        self.same("verdict", &accepted.verdict)?;
        if self.state == State::Unconfirmed {
            return Ok(Standing::Unconfirmed(accepted.session));
        }
        let Message::Record(record) = self.message("record_0")? else { return Err(history("record_0")) };
        let opened = accepted.session.check(&record).map_err(|_| history("record_0"))?;
        let (session, _) = accepted.session.confirm(opened);
        self.with_records(session, 1)
    }

    /// Takes in the records from this one on.
    fn with_records(&self, mut session: Session, first: usize) -> Result<Standing<'_>, ReplayError> {
        for (name, _) in self.messages.iter().filter(|(name, _)| name.starts_with("record_")).skip(first) {
            let Message::Record(record) = self.message(name)? else { return Err(history(name)) };
            let opened = session.check(&record).map_err(|_| history(name))?;
            let _ = session.take(opened);
        }
        Ok(Standing::Session(session))
    }

    fn bytes(&self, name: &str) -> Result<&[u8], ReplayError> {
        let found = self.messages.iter().find(|(found, _)| found == name);
        found.map(|(_, bytes)| bytes.as_slice()).ok_or_else(|| history(name))
    }

    fn message(&self, name: &str) -> Result<Message<'_>, ReplayError> {
        Message::decode(self.bytes(name)?).map_err(|_| history(name))
    }

    fn same(&self, name: &str, sent: &[u8]) -> Result<(), ReplayError> {
        if self.bytes(name)? == sent { Ok(()) } else { Err(history(name)) }
    }
}

fn history(name: &str) -> ReplayError {
    ReplayError::History { name: name.to_owned() }
}

/// A side in its state.
pub(crate) enum Standing<'a> {
    AwaitChallenge(AwaitChallenge),
    AwaitVerdict(AwaitVerdict),
    Listen(Responder, Scripted<'a>),
    AwaitResponse(Responder, AwaitResponse),
    Unconfirmed(Unconfirmed),
    Session(Session),
    Concluded,
}

/// What a state made of a datagram.
#[derive(Debug)]
pub(crate) enum Fed {
    Taken,
    Dropped(Reject),
    Refused(Denial, Vec<u8>),
    OutOfTurn,
}

impl core::fmt::Display for Fed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Taken => f.write_str("taken"),
            Self::Dropped(reject) => write!(f, "{}", Refusal::Drop(*reject)),
            Self::Refused(denial, _) => write!(f, "{}", Refusal::Refuse(*denial)),
            Self::OutOfTurn => f.write_str("out of turn"),
        }
    }
}

impl Standing<'_> {
    /// Feeds one datagram. What is taken is only judged, so that the state stays for the next.
    pub(crate) fn feed(self, inputs: &Inputs, datagram: &[u8]) -> (Self, Fed) {
        let message = match Message::decode(datagram) {
            Err(error) => return (self, Fed::Dropped(error.into())),
            Ok(message) => message,
        };
        let fed = match (&self, &message) {
            (Self::AwaitChallenge(waiting), Message::Challenge(challenge)) => {
                taken(&waiting.check(challenge, inputs.at_challenge()))
            }
            (Self::AwaitVerdict(waiting), Message::Verdict(verdict)) => taken(&waiting.check(verdict)),
            (Self::Unconfirmed(session), Message::Record(record)) => taken(&session.check(record)),
            (Self::Session(session), Message::Record(record)) => taken(&session.check(record)),
            _ => return self.feed_moving(inputs, &message),
        };
        (self, fed)
    }

    /// The states that a datagram moves, even if only their generator or their end.
    fn feed_moving(self, inputs: &Inputs, message: &Message<'_>) -> (Self, Fed) {
        match (self, message) {
            (Self::Listen(mut responder, mut generator), Message::Hello(hello)) => {
                let fed = taken(&inputs.challenge(&mut responder, &mut generator, hello));
                (Self::Listen(responder, generator), fed)
            }
            (Self::AwaitResponse(responder, half_open), Message::Response(response)) => {
                match judge(inputs, &responder, half_open, response) {
                    Judged::Dropped(reject, half_open) => {
                        (Self::AwaitResponse(responder, half_open), Fed::Dropped(reject))
                    }
                    Judged::Refused(denial, verdict) => (Self::Concluded, Fed::Refused(denial, verdict)),
                    Judged::Accepted(accepted) => (Self::Unconfirmed(accepted.session), Fed::Taken),
                }
            }
            (standing, _) => (standing, Fed::OutOfTurn),
        }
    }
}

fn taken<T>(judged: &Result<T, Reject>) -> Fed {
    judged.as_ref().map_or_else(|reject| Fed::Dropped(*reject), |_| Fed::Taken)
}

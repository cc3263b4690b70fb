//! The names of a dissection's values, each after those that it is made of.

use crate::dissect::{Direction, Dissection, OpenedBox, OpenedChallenge, OpenedResponse, OpenedSession, OpenedVerdict};
use crate::format::Value;
use countersign::Role;
use countersign::wire::{ClaimPlaintext, Reason, VerdictPlaintext};

/// Names with their values.
type Values = Vec<(String, Value)>;

impl Dissection {
    /// Every value, in order, under the name that `spec/vectors/README.md` gives it.
    pub fn values(&self) -> impl Iterator<Item = (String, Value)> {
        let mut values = Values::new();
        push(&mut values, "th1", &self.th1);
        if let Some(challenge) = &self.challenge {
            challenge_values(&mut values, challenge);
        }
        if let Some(response) = &self.response {
            response_values(&mut values, response);
        }
        if let Some(verdict) = &self.verdict {
            verdict_values(&mut values, verdict);
        }
        if let Some(session) = &self.session {
            session_values(&mut values, session);
        }
        values.into_iter()
    }
}

fn push(values: &mut Values, name: impl Into<String>, value: impl Into<Value>) {
    values.push((name.into(), value.into()));
}

fn challenge_values(values: &mut Values, challenge: &OpenedChallenge) {
    push(values, "ss", &*challenge.ss);
    push(values, "th2", &challenge.sealed.th);
    push(values, "prk", challenge.prk.as_bytes());
    push(values, "challenge_key_in_box", &challenge.key);
    if let Some(input) = &challenge.signature_input {
        push(values, "challenge_signature_input", input);
    }
    push(values, "challenge_signature", &challenge.signature);
    box_values(values, "challenge", &challenge.sealed);
    push(values, "th3", &challenge.th3);
}

fn response_values(values: &mut Values, response: &OpenedResponse) {
    push(values, "th4", &response.sealed.th);
    if let Ok(ClaimPlaintext { user, device, timestamp, wanted, signature: _ }) = &response.claim {
        push(values, "response_user", user);
        push(values, "response_device", device);
        push(values, "response_t_i_ms", *timestamp);
        push(values, "response_wanted", wanted);
    }
    if let Some(input) = &response.signature_input {
        push(values, "response_signature_input", input);
    }
    if let Ok(claim) = &response.claim {
        push(values, "response_signature", &claim.signature);
    }
    box_values(values, "response", &response.sealed);
    push(values, "th5", &response.th5);
}

fn verdict_values(values: &mut Values, verdict: &OpenedVerdict) {
    push(values, "th6", &verdict.sealed.th);
    match &verdict.verdict {
        Ok(VerdictPlaintext::Accepted { granted, lifetime_s }) => {
            push(values, "verdict_granted", granted);
            push(values, "verdict_lifetime_s", u64::from(*lifetime_s));
        }
        Ok(VerdictPlaintext::Refused(reason)) => {
            let (name, latest) = match reason {
                Reason::None => ("none", None),
                Reason::Clock => ("clock", None),
                Reason::Stale(latest) => ("stale", Some(*latest)),
            };
            push(values, "verdict_reason", name);
            if let Some(latest) = latest {
                push(values, "verdict_latest_ms", latest);
            }
        }
        Err(_) => {}
    }
    box_values(values, "verdict", &verdict.sealed);
    push(values, "th7", &verdict.th7);
}

fn box_values(values: &mut Values, label: &str, sealed: &OpenedBox) {
    push(values, format!("{label}_key"), &*sealed.key);
    push(values, format!("{label}_nonce_key"), &*sealed.nonce_key);
    push(values, format!("{label}_plaintext"), &*sealed.plaintext);
    push(values, format!("{label}_nonce"), &sealed.nonce);
}

fn session_values(values: &mut Values, session: &OpenedSession) {
    direction_values(values, "initiator_to_responder", &session.initiator_to_responder);
    direction_values(values, "responder_to_initiator", &session.responder_to_initiator);
    push(values, "exporter", &*session.exporter);
    for (record, number) in session.records.iter().zip(0..) {
        let sender = match record.sender {
            Role::Initiator => "initiator",
            Role::Responder => "responder",
        };
        push(values, format!("record_{number}_sender"), sender);
        push(values, format!("record_{number}_counter"), &record.counter.to_be_bytes());
        push(values, format!("record_{number}_plaintext"), &*record.plaintext);
    }
}

/// The first two epochs; those after follow by the same rule.
fn direction_values(values: &mut Values, name: &str, direction: &Direction) {
    for ((secret, key), epoch) in direction.epochs.iter().zip(0..2) {
        push(values, format!("{name}_s_{epoch}"), &**secret);
        push(values, format!("{name}_key_{epoch}"), &**key);
    }
}

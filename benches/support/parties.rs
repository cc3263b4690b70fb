//! One handshake between two parties in memory, step by step.

use countersign::wire::{
    Buffer, COOKIE_BYTES, Challenge, HELLO_BYTES, Hello, Message, RESPONSE_BYTES_MAX, Response, VERDICT_BYTES_MAX,
    Verdict,
};
use countersign::{
    Accepted, Advance, AwaitChallenge, AwaitResponse, AwaitVerdict, Backend, Clearances, Expectation, Initiator,
    InitiatorPolicy, Moment, Name, Now, Profile, Reject, Responder, ResponderPolicy, Session, SigningKey, Timestamp,
    VerifiedVerdict,
};
use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;

/// The backends that this processor has, by name.
#[must_use]
pub fn backends() -> Vec<(&'static str, Backend)> {
    let fast = Backend::fast().map(|fast| ("fast", fast));
    [Some(("portable", Backend::Portable)), fast].into_iter().flatten().collect()
}

/// A device, a server that it knows, and what the server knows of the device.
#[derive(Debug)]
pub struct Parties {
    device: Initiator,
    server: Responder,
    expected: Expectation,
    profile: Profile,
    rng: ChaCha20Rng,
}

const SERVER_SEED: [u8; 32] = [2; 32];
const NOW: Now = Now { wall: Timestamp::from_millis(1_790_000_000_000), monotonic: Moment::from_micros(0) };

impl Parties {
    /// Two parties with fixed keys and a seeded generator.
    #[must_use]
    pub fn new(backend: Backend) -> Self {
        let key = |seed| SigningKey::from_seed_on(backend, seed);
        let device = Initiator::new(name("ada"), key(&[1; 32]), InitiatorPolicy::default());
        let server = Responder::new(name("vault"), key(&SERVER_SEED), ResponderPolicy::default());
        let expected = Expectation::new_on(backend, name("vault"), &server.identity().key);
        let expected = expected.expect("a key from a seed is not weak");
        let profile = Profile {
            devices: vec![*device.device()],
            held: wanted(),
            required: Clearances::none(),
            lifetime_s: 3_600,
        };
        Self { device, server, expected, profile, rng: ChaCha20Rng::seed_from_u64(1) }
    }

    /// Message 1, by the initiator.
    pub fn hello(&mut self) -> (AwaitChallenge, Buffer<HELLO_BYTES>) {
        let waiting = self.device.begin(&self.expected, wanted(), None, NOW, &mut self.rng, |_| true);
        let waiting = waiting.expect("another's key, and a free session id");
        let hello = waiting.hello(&[0; COOKIE_BYTES]);
        (waiting, hello)
    }

    /// Message 3, by the responder.
    pub fn challenge(&mut self, hello: &[u8]) -> AwaitResponse {
        let screened = self.server.screen(&as_hello(hello)).expect("a genuine Hello");
        self.server.challenge(screened, NOW, &mut self.rng, |_| true).expect("a genuine Hello")
    }

    /// Message 3, with a box that opens and a signature that is not over the expected name.
    pub fn misnamed_challenge(&mut self, hello: &[u8]) -> AwaitResponse {
        let key = SigningKey::from_seed_on(self.server.backend(), &SERVER_SEED);
        let mut other = Responder::new(name("another"), key, ResponderPolicy::default());
        let screened = other.screen(&as_hello(hello)).expect("a genuine Hello");
        other.challenge(screened, NOW, &mut self.rng, |_| true).expect("a genuine Hello")
    }

    /// Message 4, by the initiator.
    #[must_use]
    pub fn response(&self, waiting: AwaitChallenge, challenge: &[u8]) -> (AwaitVerdict, Buffer<RESPONSE_BYTES_MAX>) {
        let verified = waiting.check(&as_challenge(challenge), NOW).expect("a genuine Challenge");
        waiting.accept(&self.device, verified)
    }

    /// What the initiator says against a Challenge.
    #[must_use]
    pub fn refusal(&self, waiting: &AwaitChallenge, challenge: &[u8]) -> Option<Reject> {
        waiting.check(&as_challenge(challenge), NOW).err()
    }

    /// Message 5, by the responder, with a store that answers at once.
    #[must_use]
    pub fn verdict(&self, waiting: AwaitResponse, response: &[u8]) -> Accepted {
        let opened = waiting.open(&as_response(response)).expect("a genuine Response");
        let claim = waiting.claim(opened).expect("a well-formed claim");
        let verified = claim.judge(&self.server, Some(&self.profile), NOW).expect("an enrolled device");
        let receipt = verified.advance();
        verified.conclude(&Advance::Advanced(receipt)).expect("the receipt for this claim")
    }

    /// The whole handshake, both sides.
    pub fn handshake(&mut self) -> (Session, Accepted) {
        let (waiting, hello) = self.hello();
        let half_open = self.challenge(&hello);
        let (waiting, response) = self.response(waiting, half_open.challenge());
        let accepted = self.verdict(half_open, &response);
        (accept(waiting, &accepted.verdict), accepted)
    }
}

/// The initiator's end of it.
#[must_use]
pub fn accept(waiting: AwaitVerdict, verdict: &Buffer<VERDICT_BYTES_MAX>) -> Session {
    let Ok(VerifiedVerdict::Accepted(verdict)) = waiting.check(&as_verdict(verdict)) else {
        panic!("a genuine Verdict that accepts")
    };
    waiting.accept(verdict).0
}

pub(crate) fn name(name: &str) -> Name {
    Name::new(name.as_bytes()).expect("a short name")
}

pub(crate) fn wanted() -> Clearances {
    Clearances::new(&[b"read"]).expect("one short clearance")
}

fn as_hello(bytes: &[u8]) -> Hello<'_> {
    let Ok(Message::Hello(hello)) = Message::decode(bytes) else { panic!("a Hello") };
    hello
}

fn as_challenge(bytes: &[u8]) -> Challenge<'_> {
    let Ok(Message::Challenge(challenge)) = Message::decode(bytes) else { panic!("a Challenge") };
    challenge
}

fn as_response(bytes: &[u8]) -> Response<'_> {
    let Ok(Message::Response(response)) = Message::decode(bytes) else { panic!("a Response") };
    response
}

fn as_verdict(bytes: &[u8]) -> Verdict<'_> {
    let Ok(Message::Verdict(verdict)) = Message::decode(bytes) else { panic!("a Verdict") };
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;
    use allocation_counter::measure;
    use core::hint::black_box;

    /// On either backend, at both sides, from the first draw to the session.
    #[test]
    fn a_handshake_allocates_nothing() {
        for (name, backend) in backends() {
            if backend != Backend::Portable && cfg!(debug_assertions) {
                continue; // built so, graviola reads the environment at every call
            }
            let mut parties = Parties::new(backend);
            drop(parties.handshake());
            let counted = measure(|| drop(parties.handshake()));
            assert_eq!(counted.count_total, 0, "{name}");
        }
        assert_eq!(measure(|| drop(black_box(Box::new([7; 32])))).count_total, 1, "allocations are counted");
    }
}

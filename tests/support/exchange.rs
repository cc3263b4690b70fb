//! A whole handshake between the types of the core, in memory, one message at a time.
//!
//! [`Exchange`] holds both parties; each of its stages runs from the start to one message and stops there:
//! [`Greeted`], [`Challenged`], [`Responded`], [`Judged`], [`Established`]. The clocks stand still.

use countersign::wire::{Challenge, DecodeError, Hello, Kind, Message, Record, Response, Retry, Verdict};
use countersign::{
    Accepted, Advance, Agreement, AwaitChallenge, AwaitResponse, AwaitVerdict, Backend, Clearances, CookieJar,
    Defences, Denied, Expectation, Initiator, InitiatorPolicy, Moment, Name, Now, Profile, Reject, Responder,
    ResponderPolicy, Session, SigningKey, Timestamp, VerifiedChallenge, VerifiedVerdict, Whole,
};
use rand::{SeedableRng, rngs::ChaCha20Rng};
use rand_core::{CryptoRng, TryCryptoRng, TryRng};

/// The seed of the device's long-term key.
pub const DEVICE_SEED: [u8; 32] = [0xd1; 32];
/// The seed of the responder's long-term key.
pub const RESPONDER_SEED: [u8; 32] = [0x5e; 32];
/// What both clocks show.
pub const NOW: Now = Now { wall: Timestamp::from_millis(1_700_000_000_000), monotonic: Moment::from_micros(0) };

/// Why a datagram did not move a state on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refused {
    /// The core refused it.
    Rejected(Reject),
    /// It is a message of this kind, for which nobody waits here.
    OutOfTurn(Kind),
}

impl From<Reject> for Refused {
    fn from(reject: Reject) -> Self {
        Self::Rejected(reject)
    }
}

impl From<DecodeError> for Refused {
    fn from(error: DecodeError) -> Self {
        Self::Rejected(Reject::Decode(error))
    }
}

/// The kind of a message.
#[must_use]
pub const fn kind_of(message: &Message<'_>) -> Kind {
    match message {
        Message::Hello(_) => Kind::Hello,
        Message::Retry(_) => Kind::Retry,
        Message::Challenge(_) => Kind::Challenge,
        Message::Response(_) => Kind::Response,
        Message::Verdict(_) => Kind::Verdict,
        Message::Record(_) => Kind::Record,
    }
}

/// Defines one decoder for each kind of message.
macro_rules! decoders {
    ($($name:ident => $kind:ident,)+) => {
        $(
            /// Decodes a datagram that is expected to be of this kind.
            ///
            /// # Errors
            /// The datagram is malformed, or of another kind.
            pub fn $name(datagram: &[u8]) -> Result<$kind<'_>, Refused> {
                match Message::decode(datagram)? {
                    Message::$kind(message) => Ok(message),
                    other => Err(Refused::OutOfTurn(kind_of(&other))),
                }
            }
        )+
    };
}

decoders! {
    hello => Hello,
    retry => Retry,
    challenge => Challenge,
    response => Response,
    verdict => Verdict,
    record => Record,
}

/// A name out of a text.
#[must_use]
pub fn name(text: &str) -> Name {
    Name::new(text.as_bytes()).expect("a name of 1 to 64 bytes")
}

/// A list of clearances out of texts, in any order.
#[must_use]
pub fn clearances(texts: &[&str]) -> Clearances {
    let bytes: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
    Clearances::new(&bytes).expect("clearances of 1 to 32 bytes, at most 16, distinct")
}

/// The generator of one seed, on one stream.
#[must_use]
pub fn generator(seed: u64, stream: u64) -> ChaCha20Rng {
    let mut generator = ChaCha20Rng::seed_from_u64(seed);
    generator.set_stream(stream);
    generator
}

/// A generator that is stuck: it gives the same byte for ever.
#[derive(Clone, Copy, Debug)]
pub struct Stuck(pub u8);

impl TryRng for Stuck {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(u32::from_ne_bytes([self.0; 4]))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(u64::from_ne_bytes([self.0; 8]))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.fill(self.0);
        Ok(())
    }
}

impl TryCryptoRng for Stuck {}

/// Both parties and what they know before the first byte.
#[derive(Debug)]
pub struct Exchange<I, R = I, G = ChaCha20Rng> {
    /// The device.
    pub initiator: Initiator<I>,
    /// The server.
    pub responder: Responder<R>,
    /// Whom the device expects.
    pub expected: Expectation,
    /// What the device wants.
    pub wanted: Clearances,
    /// What the store knows of the user.
    pub profile: Profile,
    /// What the device's clocks show.
    pub initiators_now: Now,
    /// What the server's clocks show.
    pub responders_now: Now,
    /// The device's generator.
    pub initiators_generator: G,
    /// The server's generator.
    pub responders_generator: G,
}

impl Exchange<Whole> {
    /// An honest exchange, every defence in place.
    #[must_use]
    pub fn honest(seed: u64) -> Self {
        Self::with_defences(Whole, Whole, generator(seed, 1), generator(seed, 2))
    }
}

impl<I: Defences, R: Defences, G: CryptoRng> Exchange<I, R, G> {
    /// An exchange with these defences and generators, the device's first.
    #[must_use]
    pub fn with_defences(initiators: I, responders: R, of_initiator: G, of_responder: G) -> Self {
        Self::on([Backend::Portable; 2], (initiators, responders), of_initiator, of_responder)
    }

    /// The same, on these backends, the device's first.
    #[must_use]
    pub fn on(
        [devices, servers]: [Backend; 2],
        (initiators, responders): (I, R),
        of_initiator: G,
        of_responder: G,
    ) -> Self {
        let device = SigningKey::from_seed_on(devices, &DEVICE_SEED);
        let server = SigningKey::from_seed_on(servers, &RESPONDER_SEED);
        let wanted = clearances(&["read", "write"]);
        let profile = Profile {
            devices: vec![device.public()],
            held: clearances(&["admin", "read", "write"]),
            required: clearances(&["read"]),
            lifetime_s: 600,
        };
        let expected = Expectation::new_on(devices, name("vault"), &server.public()).expect("not weak");
        Self {
            initiator: Initiator::with_defences(initiators, name("ada"), device, InitiatorPolicy::default()),
            responder: Responder::with_defences(responders, name("vault"), server, ResponderPolicy::default()),
            expected,
            wanted,
            profile,
            initiators_now: NOW,
            responders_now: NOW,
            initiators_generator: of_initiator,
            responders_generator: of_responder,
        }
    }

    /// The device draws and is ready to say Hello.
    pub fn begin(&mut self) -> AwaitChallenge<I> {
        let generator = &mut self.initiators_generator;
        self.initiator
            .begin(&self.expected, self.wanted.clone(), None, self.initiators_now, generator, |_| true)
            .expect("the expected key is another's and every session id is free")
    }

    /// The server answers a Hello.
    ///
    /// # Errors
    /// Why it is dropped.
    pub fn answer(&mut self, datagram: &[u8]) -> Result<(AwaitResponse<R>, Vec<u8>), Refused> {
        let generator = &mut self.responders_generator;
        let screened = self.responder.screen(&hello(datagram)?)?;
        let half_open = self.responder.challenge(screened, self.responders_now, generator, |_| true)?;
        let challenge = half_open.challenge().to_vec();
        Ok((half_open, challenge))
    }

    /// The device judges a Challenge.
    ///
    /// # Errors
    /// Why it is dropped.
    pub fn check(&self, waiting: &AwaitChallenge<I>, datagram: &[u8]) -> Result<VerifiedChallenge<I>, Refused> {
        Ok(waiting.check(&challenge(datagram)?, self.initiators_now)?)
    }

    /// The server judges a Response that opens; the store says that the timestamp is new.
    ///
    /// # Errors
    /// The refusal.
    pub fn judge(&self, half_open: AwaitResponse<R>, datagram: &[u8]) -> Result<Accepted<R>, Denied<R>> {
        let message = response(datagram).expect("the Response is well formed");
        let opened = half_open.open(&message).expect("the Response opens");
        let verified = half_open.claim(opened)?.judge(&self.responder, Some(&self.profile), self.responders_now)?;
        let receipt = verified.advance();
        verified.conclude(&Advance::Advanced(receipt))
    }

    /// The same, but the store says that a timestamp as late has been accepted.
    #[must_use]
    pub fn judge_stale(&self, half_open: AwaitResponse<R>, datagram: &[u8]) -> Vec<u8> {
        let message = response(datagram).expect("the Response is well formed");
        let opened = half_open.open(&message).expect("the Response opens");
        let claim = half_open.claim(opened).expect("the claim is well formed");
        let verified = claim.judge(&self.responder, Some(&self.profile), self.responders_now).expect("the claim holds");
        let latest = self.responders_now.wall;
        verified.conclude(&Advance::Stale { latest }).expect_err("the timestamp is stale").into_verdict().to_vec()
    }

    /// Runs to the Hello.
    pub fn greeted(&mut self) -> Greeted<I> {
        let waiting = self.begin();
        let hello = waiting.hello(&[0; 33]).to_vec();
        Greeted { waiting, flight: Flight { hello, ..Flight::default() } }
    }

    /// Runs to the Challenge, which has not been judged yet.
    pub fn challenged(&mut self) -> Challenged<I, R> {
        let Greeted { waiting, mut flight } = self.greeted();
        let (half_open, challenge) = self.answer(&flight.hello).expect("the Hello is good");
        flight.challenge = challenge;
        Challenged { waiting, half_open, flight }
    }

    /// Runs to the Response, which has not been opened yet.
    pub fn responded(&mut self) -> Responded<I, R> {
        let Challenged { waiting, half_open, mut flight } = self.challenged();
        let verified = self.check(&waiting, &flight.challenge).expect("the Challenge is genuine");
        let (waiting, response) = waiting.accept(&self.initiator, verified);
        flight.response = response.to_vec();
        Responded { waiting, half_open, flight }
    }

    /// Runs to the accepting Verdict, which has not been judged yet.
    pub fn judged(&mut self) -> Judged<I, R> {
        let Responded { waiting, half_open, mut flight } = self.responded();
        let accepted = self.judge(half_open, &flight.response).expect("the claim holds");
        flight.verdict = accepted.verdict.to_vec();
        Judged { waiting, accepted, flight }
    }

    /// Runs to the end: both sides have a session, and the initiator's confirmation has arrived.
    pub fn established(&mut self) -> Established<I, R> {
        let Judged { waiting, accepted, mut flight } = self.judged();
        let judged = waiting.check(&verdict(&flight.verdict).expect("the Verdict is well formed"));
        let Ok(VerifiedVerdict::Accepted(granted)) = judged else { panic!("the Verdict accepts: {judged:?}") };
        let (mut initiators, agreement) = waiting.accept(granted);
        flight.confirm = initiators.confirm().expect("the first counter is free").to_vec();
        let message = record(&flight.confirm).expect("the confirmation is well formed");
        let opened = accepted.session.check(&message).expect("the confirmation opens");
        let (responders, _) = accepted.session.confirm(opened);
        let agreements = [agreement, accepted.agreement];
        Established { initiators, responders, agreements, flight }
    }
}

/// The bytes of every message sent so far; the others are empty.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Flight {
    /// The Hello.
    pub hello: Vec<u8>,
    /// The Challenge.
    pub challenge: Vec<u8>,
    /// The Response.
    pub response: Vec<u8>,
    /// The Verdict.
    pub verdict: Vec<u8>,
    /// The initiator's first record.
    pub confirm: Vec<u8>,
}

/// The Hello is out.
#[derive(Debug)]
pub struct Greeted<I> {
    /// The device.
    pub waiting: AwaitChallenge<I>,
    /// The messages so far.
    pub flight: Flight,
}

/// The Challenge is out.
#[derive(Debug)]
pub struct Challenged<I, R = I> {
    /// The device.
    pub waiting: AwaitChallenge<I>,
    /// The server.
    pub half_open: AwaitResponse<R>,
    /// The messages so far.
    pub flight: Flight,
}

/// The Response is out.
#[derive(Debug)]
pub struct Responded<I, R = I> {
    /// The device.
    pub waiting: AwaitVerdict<I>,
    /// The server.
    pub half_open: AwaitResponse<R>,
    /// The messages so far.
    pub flight: Flight,
}

/// The Verdict is out.
#[derive(Debug)]
pub struct Judged<I, R = I> {
    /// The device.
    pub waiting: AwaitVerdict<I>,
    /// The server, with its unconfirmed session.
    pub accepted: Accepted<R>,
    /// The messages so far.
    pub flight: Flight,
}

/// Both sides have a confirmed session.
#[derive(Debug)]
pub struct Established<I, R = I> {
    /// The device's session.
    pub initiators: Session<I>,
    /// The server's session.
    pub responders: Session<R>,
    /// What each side agreed to, the device's first.
    pub agreements: [Agreement; 2],
    /// All messages.
    pub flight: Flight,
}

/// Genuine datagrams of every kind: of an exchange that asks for little, of one that asks for much, a Retry, a refusal
/// and records with and without data.
#[must_use]
pub fn specimens(seed: u64) -> Vec<(Kind, Vec<u8>)> {
    let mut modest = Exchange::honest(seed);
    let Responded { half_open, flight, .. } = modest.responded();
    let refusal = modest.judge_stale(half_open, &flight.response);
    let Established { mut initiators, flight, .. } = Exchange::honest(seed).established();
    let data = initiators.seal(&[0xda; 100]).expect("the second counter is free").to_vec();

    let mut greedy = Exchange::honest(seed);
    let each: Vec<[u8; 32]> = (1..=16).map(|number| [number; 32]).collect();
    let each: Vec<&[u8]> = each.iter().map(|clearance| &clearance[..]).collect();
    greedy.wanted = Clearances::new(&each).expect("16 clearances of 32 bytes");
    greedy.profile.held = greedy.wanted.clone();
    greedy.profile.required = Clearances::none();
    let long = greedy.judged().flight;

    vec![
        (Kind::Hello, flight.hello.clone()),
        (Kind::Retry, retry_for(&modest.responder, &flight.hello)),
        (Kind::Challenge, flight.challenge),
        (Kind::Response, flight.response),
        (Kind::Response, long.response),
        (Kind::Verdict, flight.verdict),
        (Kind::Verdict, long.verdict),
        (Kind::Verdict, refusal),
        (Kind::Record, flight.confirm),
        (Kind::Record, data),
    ]
}

/// A Retry that asks for this Hello again.
#[must_use]
pub fn retry_for(responder: &Responder, datagram: &[u8]) -> Vec<u8> {
    let hello = hello(datagram).expect("the Hello is well formed");
    let jar = CookieJar::new(Whole, &mut generator(0, 3));
    let cookie = jar.bake(
        NOW.monotonic,
        ([192, 0, 2, 1], 4_000).into(),
        responder.screen(&hello).expect("a genuine Hello").hash(),
    );
    Retry { sid_i: hello.sid_i, cookie: &cookie }.encode().to_vec()
}

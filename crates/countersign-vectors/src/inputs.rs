//! What goes into a handshake: every fact that the core is given from outside.

use crate::format::{FormatError, VectorFile};
use crate::scripted::Scripted;
use core::time::Duration;
use countersign::wire::Hello;
use countersign::{
    Accepted, Advance, AwaitChallenge, AwaitResponse, Backend, Claim, Clearances, ClockPolicy, Denied, Expectation,
    Identity, Initiator, InitiatorPolicy, Moment, Name, Now, Profile, Receipt, Reject, Responder, ResponderPolicy,
    SigningKey, Timestamp,
};

/// All inputs of one handshake.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Inputs {
    /// The device and what it wants.
    pub initiator: InitiatorInputs,
    /// The responder.
    pub responder: ResponderInputs,
    /// What the responder's store holds.
    pub store: StoreInputs,
    /// What computes it; no file says, since nothing comes out differently (CS-IMPL-05).
    pub backend: Backend,
}

/// The initiator's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InitiatorInputs {
    /// The seed of the device's key.
    pub seed: [u8; 32],
    /// What its generator yields.
    pub generator: [u8; 32],
    /// Its wall clock at the Hello.
    pub clock: Timestamp,
    /// Its wall clock when the Challenge arrives.
    pub clock_at_challenge: Timestamp,
    /// Whose clock counts.
    pub clock_policy: ClockPolicy,
    /// How far clocks may differ.
    pub skew: Duration,
    /// The last timestamp accepted by this responder.
    pub latest: Option<Timestamp>,
    /// Whom it expects.
    pub expected: Identity,
    /// The user.
    pub user: Name,
    /// The clearances wanted.
    pub wanted: Clearances,
}

/// The responder's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ResponderInputs {
    /// The seed of its key.
    pub seed: [u8; 32],
    /// What its generator yields.
    pub generator: [u8; 32],
    /// Its name.
    pub name: Name,
    /// Its wall clock at the Hello: `t_r`.
    pub clock: Timestamp,
    /// Its wall clock when the Response arrives.
    pub clock_at_response: Timestamp,
    /// How far clocks may differ.
    pub skew: Duration,
    /// How long a Response may have been under way.
    pub flight: Duration,
}

/// The store's: one user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoreInputs {
    /// The user that it knows.
    pub user: Name,
    /// That user's profile.
    pub profile: Profile,
    /// The latest timestamp accepted from that user's device, if any.
    pub latest: Option<Timestamp>,
    /// The timestamp in the store's receipt, if it is not the one that was asked for.
    pub receipt: Option<Timestamp>,
}

impl Inputs {
    /// The device.
    #[must_use]
    pub fn initiator(&self) -> Initiator {
        let inputs = &self.initiator;
        let policy = InitiatorPolicy { skew: inputs.skew, clock: inputs.clock_policy };
        Initiator::new(inputs.user.clone(), SigningKey::from_seed_on(self.backend, &inputs.seed), policy)
    }

    /// The responder.
    #[must_use]
    pub fn responder(&self) -> Responder {
        let inputs = &self.responder;
        let policy = ResponderPolicy { skew: inputs.skew, flight: inputs.flight };
        Responder::new(inputs.name.clone(), SigningKey::from_seed_on(self.backend, &inputs.seed), policy)
    }

    /// The device begins.
    pub(crate) fn begin(&self, initiator: &mut Initiator) -> AwaitChallenge {
        let inputs = &self.initiator;
        let expected = Expectation::new_on(self.backend, inputs.expected.name.clone(), &inputs.expected.key)
            .expect("every vector expects a sound key");
        let generator = &mut Scripted::new(&inputs.generator);
        initiator
            .begin(&expected, inputs.wanted.clone(), inputs.latest, at(inputs.clock), generator, |_| true)
            .expect("no vector's device expects its own key, and every session id is free")
    }

    /// The responder answers a Hello.
    pub(crate) fn challenge(
        &self,
        responder: &mut Responder,
        generator: &mut Scripted<'_>,
        hello: &Hello<'_>,
    ) -> Result<(AwaitResponse, Vec<u8>), Reject> {
        let screened = responder.screen(hello)?;
        let state = responder.challenge(screened, at(self.responder.clock), generator, |_| true)?;
        let challenge = state.challenge().to_vec();
        Ok((state, challenge))
    }

    /// The responder judges a claim, and asks the store.
    pub(crate) fn judge(&self, responder: &Responder, claim: Claim) -> Result<Accepted, Denied> {
        let store = &self.store;
        let profile = (*claim.user() == store.user).then_some(&store.profile);
        let verified = claim.judge(responder, profile, at(self.responder.clock_at_response))?;
        let asked = verified.advance();
        let advance = match store.latest {
            Some(latest) if asked.timestamp <= latest => Advance::Stale { latest },
            _ => Advance::Advanced(Receipt { timestamp: store.receipt.unwrap_or(asked.timestamp), ..asked }),
        };
        verified.conclude(&advance)
    }

    /// What the initiator's clocks show when the Challenge arrives.
    pub(crate) fn at_challenge(&self) -> Now {
        at(self.initiator.clock_at_challenge)
    }

    /// Writes every input.
    pub fn write(&self, file: &mut VectorFile) {
        file.section("Inputs: the initiator");
        self.initiator.write(file);
        file.section("Inputs: the responder");
        self.responder.write(file);
        file.section("Inputs: the responder's store");
        self.store.write(file);
    }

    /// Reads every input.
    ///
    /// # Errors
    /// [`FormatError`].
    pub fn read(file: &VectorFile) -> Result<Self, FormatError> {
        Ok(Self {
            initiator: InitiatorInputs::read(file)?,
            responder: ResponderInputs::read(file)?,
            store: StoreInputs::read(file)?,
            backend: Backend::Portable,
        })
    }
}

impl InitiatorInputs {
    fn write(&self, file: &mut VectorFile) {
        file.push("initiator_seed", &self.seed);
        file.push("initiator_generator", &self.generator);
        file.push("initiator_clock_ms", self.clock);
        file.push("initiator_clock_at_challenge_ms", self.clock_at_challenge);
        file.push("initiator_clock_policy", policy_name(self.clock_policy));
        file.push("initiator_skew_s", self.skew.as_secs());
        push_optional(file, "initiator_latest_ms", self.latest);
        file.comment(&format!("the responder expected: {:?}, and its key", self.expected.name));
        file.push("expected_name", &self.expected.name);
        file.push("expected_key", &self.expected.key);
        file.comment(&format!("{:?} wants {:?}", self.user, self.wanted));
        file.push("user", &self.user);
        file.push("wanted", &self.wanted);
    }

    fn read(file: &VectorFile) -> Result<Self, FormatError> {
        let clock_policy = match file.text("initiator_clock_policy")? {
            name if name == policy_name(ClockPolicy::Own) => ClockPolicy::Own,
            name if name == policy_name(ClockPolicy::Follow) => ClockPolicy::Follow,
            _ => return Err(FormatError::Value { name: "initiator_clock_policy".to_owned() }),
        };
        Ok(Self {
            seed: file.array("initiator_seed")?,
            generator: file.array("initiator_generator")?,
            clock: timestamp(file, "initiator_clock_ms")?,
            clock_at_challenge: timestamp(file, "initiator_clock_at_challenge_ms")?,
            clock_policy,
            skew: seconds(file, "initiator_skew_s")?,
            latest: optional_timestamp(file, "initiator_latest_ms")?,
            expected: Identity { name: name(file, "expected_name")?, key: file.array("expected_key")? },
            user: name(file, "user")?,
            wanted: clearances(file, "wanted")?,
        })
    }
}

impl ResponderInputs {
    fn write(&self, file: &mut VectorFile) {
        file.push("responder_seed", &self.seed);
        file.push("responder_generator", &self.generator);
        file.comment(&format!("{:?}", self.name));
        file.push("responder_name", &self.name);
        file.push("responder_clock_ms", self.clock);
        file.push("responder_clock_at_response_ms", self.clock_at_response);
        file.push("responder_skew_s", self.skew.as_secs());
        file.push("responder_flight_s", self.flight.as_secs());
    }

    fn read(file: &VectorFile) -> Result<Self, FormatError> {
        Ok(Self {
            seed: file.array("responder_seed")?,
            generator: file.array("responder_generator")?,
            name: name(file, "responder_name")?,
            clock: timestamp(file, "responder_clock_ms")?,
            clock_at_response: timestamp(file, "responder_clock_at_response_ms")?,
            skew: seconds(file, "responder_skew_s")?,
            flight: seconds(file, "responder_flight_s")?,
        })
    }
}

impl StoreInputs {
    fn write(&self, file: &mut VectorFile) {
        let Profile { devices, held, required, lifetime_s } = &self.profile;
        file.comment(&format!("{:?} holds {held:?}; required: {required:?}", self.user));
        file.push("store_user", &self.user);
        file.push("store_devices", devices.as_flattened());
        file.push("store_held", held);
        file.push("store_required", required);
        file.push("store_lifetime_s", u64::from(*lifetime_s));
        push_optional(file, "store_latest_ms", self.latest);
        push_optional(file, "store_receipt_ms", self.receipt);
    }

    fn read(file: &VectorFile) -> Result<Self, FormatError> {
        let wrong = |name: &str| FormatError::Value { name: name.to_owned() };
        let devices = file.bytes("store_devices")?;
        let (devices, rest) = devices.as_chunks();
        if !rest.is_empty() {
            return Err(wrong("store_devices"));
        }
        let lifetime_s = file.number("store_lifetime_s")?;
        Ok(Self {
            user: name(file, "store_user")?,
            profile: Profile {
                devices: devices.to_vec(),
                held: clearances(file, "store_held")?,
                required: clearances(file, "store_required")?,
                lifetime_s: lifetime_s.try_into().map_err(|_| wrong("store_lifetime_s"))?,
            },
            latest: optional_timestamp(file, "store_latest_ms")?,
            receipt: optional_timestamp(file, "store_receipt_ms")?,
        })
    }
}

const fn policy_name(policy: ClockPolicy) -> &'static str {
    match policy {
        ClockPolicy::Own => "own",
        ClockPolicy::Follow => "follow",
    }
}

/// No timer is looked at here, so the monotonic clock stands still.
fn at(wall: Timestamp) -> Now {
    Now { wall, monotonic: Moment::default() }
}

fn push_optional(file: &mut VectorFile, name: &str, timestamp: Option<Timestamp>) {
    if let Some(timestamp) = timestamp {
        file.push(name, timestamp);
    }
}

fn optional_timestamp(file: &VectorFile, name: &str) -> Result<Option<Timestamp>, FormatError> {
    file.optional(name).map(|_| timestamp(file, name)).transpose()
}

fn timestamp(file: &VectorFile, name: &str) -> Result<Timestamp, FormatError> {
    file.number(name).map(Timestamp::from_millis)
}

fn seconds(file: &VectorFile, name: &str) -> Result<Duration, FormatError> {
    file.number(name).map(Duration::from_secs)
}

fn name(file: &VectorFile, name: &str) -> Result<Name, FormatError> {
    Name::new(&file.bytes(name)?).map_err(|_| FormatError::Value { name: name.to_owned() })
}

fn clearances(file: &VectorFile, name: &str) -> Result<Clearances, FormatError> {
    Clearances::decode(&file.bytes(name)?).map_err(|_| FormatError::Value { name: name.to_owned() })
}

/// The inputs that every vector starts from: a device of "ada" at the responder "vault", two clocks that agree.
pub(crate) fn example() -> Inputs {
    let name = |name: &[u8]| Name::new(name).expect("1 to 64 bytes");
    let list = |clearances: &[&[u8]]| Clearances::new(clearances).expect("a short list");
    let key = |seed: &[u8; 32]| SigningKey::from_seed(seed).public();
    let start = Timestamp::from_millis(1_700_000_000_000);
    let after = |millis| start.plus(Duration::from_millis(millis));
    let (device, responder) = ([0x11; 32], [0x22; 32]);
    Inputs {
        initiator: InitiatorInputs {
            seed: device,
            generator: [0x33; 32],
            clock: start,
            clock_at_challenge: after(40),
            clock_policy: ClockPolicy::Own,
            skew: countersign::SKEW,
            latest: None,
            expected: Identity { name: name(b"vault"), key: key(&responder) },
            user: name(b"ada"),
            wanted: list(&[b"read"]),
        },
        responder: ResponderInputs {
            seed: responder,
            generator: [0x44; 32],
            name: name(b"vault"),
            clock: after(25),
            clock_at_response: after(60),
            skew: countersign::SKEW,
            flight: countersign::DEADLINE,
        },
        store: StoreInputs {
            user: name(b"ada"),
            profile: Profile {
                devices: vec![key(&device)],
                held: list(&[b"admin", b"read", b"write"]),
                required: Clearances::none(),
                lifetime_s: 3_600,
            },
            latest: Some(start.minus(Duration::from_secs(1))),
            receipt: None,
        },
        backend: Backend::Portable,
    }
}

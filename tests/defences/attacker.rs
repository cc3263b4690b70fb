//! What an attacker does by hand: follow a handshake with a shared secret, forge Challenges, make claims.

use core::net::SocketAddr;
use countersign::boxes;
use countersign::hedge::{self, Role};
use countersign::primitives::Ephemeral;
use countersign::schedule::{self, HandshakeSecret, Label, Secret};
use countersign::signature::{SignedClaim, challenge_input, response_input};
use countersign::transcript::{Transcript, TranscriptHash};
use countersign::wire::{
    Buffer, COOKIE_BYTES, Challenge, ClaimPlaintext, Hello, Kind, Message, SUITE_1, Sid, Suites, VERSION, Verdict,
    VerdictPlaintext, layout,
};
use countersign::{
    Ablated, Agreement, Backend, Clearances, Defence, Defences, Identity, SigningKey, Timestamp, record_nonce,
};
use countersign_attacks::ATTACKS;
use countersign_endpoint::{Dropped, Event};
use countersign_tests::world::{
    DEVICE, DEVICE_SEED, Datagram, ELSEWHERE, SERVER, SERVER_SEED, Side, World, server_name, user,
};
use ed25519_dalek::Signer;

/// Whether what a defence claims held against the attack on it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Guard {
    /// The attack failed.
    Held,
    /// The attack succeeded: this is what it achieved.
    Broken(&'static str),
}

impl Guard {
    pub(crate) fn broken_if(succeeded: bool, achieved: &'static str) -> Self {
        if succeeded { Self::Broken(achieved) } else { Self::Held }
    }
}

/// These defences less `others`: a world in which fewer of them stand before the one under test.
pub(crate) fn less<D: Defences>(defences: D, others: &[Defence]) -> Ablated {
    let off = |defence: &&Defence| !defences.holds(**defence) || others.contains(defence);
    Ablated::without(&Defence::ALL.iter().filter(off).copied().collect::<Vec<_>>())
}

/// An attack of the catalogue, in its world.
pub(crate) fn in_catalogue<D: Defences>(name: &str, defences: D) -> Guard {
    let attack = ATTACKS.iter().find(|attack| attack.name == name).expect("the attack is in the catalogue");
    let run = attack.run_with(1, less(defences, attack.weakened), "");
    Guard::broken_if(run.won, attack.achieved)
}

/// Somebody who knows the shared secret of one handshake: reads its boxes and seals others in their place.
#[derive(Debug)]
pub(crate) struct Insider<D> {
    defences: D,
    secret: HandshakeSecret,
    transcript: Transcript<D>,
}

impl<D: Defences> Insider<D> {
    /// Stands before the box of this Challenge.
    pub(crate) fn new(defences: D, hello: &[u8], challenge: &Challenge<'_>, shared: &[u8; 32]) -> Self {
        let mut transcript = Transcript::of_hello(defences, &hello_of(hello));
        transcript.absorb_challenge_header(challenge);
        Self { defences, secret: HandshakeSecret::extract(&transcript.hash(), shared), transcript }
    }

    /// The transcript at a box of this kind, if it comes next.
    pub(crate) fn at_box(&self, kind: Kind, sid: Sid) -> TranscriptHash {
        let mut transcript = self.transcript.clone();
        if kind != Kind::Challenge {
            transcript.absorb(&header(kind, sid));
        }
        transcript.hash()
    }

    /// Nonce, ciphertext and tag of a box that comes next.
    pub(crate) fn seal(&self, kind: Kind, sid: Sid, text: &[u8]) -> Vec<u8> {
        let at_box = self.at_box(kind, sid);
        let mut sealed = Buffer::<800>::new();
        boxes::seal(self.defences, &self.secret.box_keys(label(kind), &at_box), &at_box, text, &mut sealed);
        sealed.to_vec()
    }

    /// The text of a box that comes next.
    pub(crate) fn open(&self, kind: Kind, sid: Sid, sealed: &[u8]) -> Option<Vec<u8>> {
        let at_box = self.at_box(kind, sid);
        let keys = self.secret.box_keys(label(kind), &at_box);
        boxes::open::<_, 800>(self.defences, &keys, &at_box, sealed).map(|text| text.to_vec())
    }

    /// Goes past a Challenge's box, or past a whole Response or Verdict.
    pub(crate) fn follow(&mut self, bytes: &[u8]) {
        self.transcript.absorb(bytes);
    }

    /// Where the records of the initiator begin, once the Verdict is past.
    pub(crate) fn initiators_records(&self) -> Secret {
        self.secret.key(Label::InitiatorToResponder, &self.transcript.hash())
    }
}

/// The text of a record of the first epoch: its kind, and data.
pub(crate) fn read_record(records: &Secret, datagram: &[u8]) -> Option<Vec<u8>> {
    let Ok(Message::Record(record)) = Message::decode(datagram) else { panic!("no record: {datagram:?}") };
    let (text, tag) = record.sealed.split_last_chunk().unwrap();
    let mut text = text.to_vec();
    let key = schedule::record_key(records);
    Backend::Portable.open(&key, &record_nonce(record.counter), record.header, &mut text, tag).then_some(text)
}

/// A Challenge made by hand, in answer to the device's Hello.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    /// The Hello that it answers.
    pub(crate) hello: &'a [u8],
    /// Its session id.
    pub(crate) sid_r: Sid,
    /// Its nonce.
    pub(crate) nonce: [u8; 32],
    /// The suite that it chooses.
    pub(crate) suite: u8,
    /// Its ephemeral.
    pub(crate) ephemeral: [u8; 32],
    /// The secret that it takes to be shared.
    pub(crate) shared: [u8; 32],
    /// The key that it shows.
    pub(crate) key: [u8; 32],
}

impl<'a> Answer<'a> {
    /// As a responder would: suite 1, an ephemeral of its own, the server's key.
    pub(crate) fn to(hello: &'a [u8]) -> Self {
        let ephemeral = Ephemeral::from_secret(&[0xa7; 32]);
        let shared = *ephemeral.agree(hello_of(hello).ephemeral).unwrap();
        Self {
            hello,
            sid_r: Sid([0x5a; 8]),
            nonce: [0x4e; 32],
            suite: SUITE_1,
            ephemeral: *ephemeral.public(),
            shared,
            key: server().key,
        }
    }

    /// Sends it to the device. `Some` if the device answers with a Response, and then past that Response.
    pub(crate) fn send<D: Defences, H: Defences>(
        &self,
        world: &mut World<D>,
        hand: H,
        sign: impl FnOnce(&TranscriptHash) -> [u8; 64],
    ) -> Option<Insider<H>> {
        let challenge = Challenge {
            sid_i: self.sid_i(),
            sid_r: self.sid_r,
            suite: self.suite,
            nonce: &self.nonce,
            timestamp: world.now(Side::Server).wall,
            ephemeral: &self.ephemeral,
            sealed: &[],
            bytes: &[],
        };
        let mut insider = Insider::new(hand, self.hello, &challenge, &self.shared);
        let signature = sign(&insider.at_box(Kind::Challenge, self.sid_r));
        let sealed = insider.seal(Kind::Challenge, self.sid_r, &[&self.key[..], &signature].concat());
        insider.follow(&sealed);
        // Whether the device took it in shows in whether it goes on.
        let _ = to_device(world, &[&challenge_header(&challenge)[..], &sealed].concat());
        let response = take_if_sent(world, Kind::Response)?;
        insider.follow(&response.bytes);
        Some(insider)
    }

    /// Accepts the device by hand, and says what the device then takes for agreed.
    pub(crate) fn accept<D: Defences, H: Defences>(
        &self,
        world: &mut World<D>,
        insider: &mut Insider<H>,
        granted: &[&[u8]],
    ) -> Option<Agreement> {
        let granted = Clearances::new(granted).unwrap();
        let text = VerdictPlaintext::Accepted { granted, lifetime_s: 600 }.encode();
        let sealed = insider.seal(Kind::Verdict, self.sid_i(), &text);
        let verdict = [&header(Kind::Verdict, self.sid_i())[..], &sealed].concat();
        let _ = to_device(world, &verdict);
        insider.follow(&verdict);
        agreement(world, Side::Device)
    }

    /// The session id that the device chose.
    pub(crate) fn sid_i(&self) -> Sid {
        hello_of(self.hello).sid_i
    }
}

/// An initiator's claim made by hand, sealed as it should be and signed as the attacker likes.
#[derive(Debug)]
pub(crate) struct Claimant<D> {
    insider: Insider<D>,
    sid_r: Sid,
}

impl<D: Defences> Claimant<D> {
    /// Sends a Hello from elsewhere, and takes the server's Challenge.
    pub(crate) fn hello(world: &mut World<D>, defences: D) -> Self {
        let ephemeral = Ephemeral::from_secret(&[0xb3; 32]);
        let hello = hello(0x68, ephemeral.public());
        to_server(world, ELSEWHERE, &hello).unwrap();
        let challenge = world.take(Kind::Challenge).bytes;
        let challenge = challenge_of(&challenge);
        let shared = ephemeral.agree(challenge.ephemeral).unwrap();
        let mut insider = Insider::new(defences, &hello, &challenge, &shared);
        insider.follow(challenge.sealed);
        Self { insider, sid_r: challenge.sid_r }
    }

    /// Sends a Response with this claim, and returns what the server's Verdict says.
    pub(crate) fn claim(
        mut self,
        world: &mut World<D>,
        claim: ClaimPlaintext,
        sign: impl FnOnce(&[u8]) -> [u8; 64],
    ) -> VerdictPlaintext {
        let at_box = self.insider.at_box(Kind::Response, self.sid_r);
        let signature = sign(&claim_input(self.insider.defences, &at_box, &claim));
        let text = ClaimPlaintext { signature, ..claim }.encode();
        let sealed = self.insider.seal(Kind::Response, self.sid_r, &text);
        let response = [&header(Kind::Response, self.sid_r)[..], &sealed].concat();
        self.insider.follow(&response);
        to_server(world, ELSEWHERE, &response).unwrap();
        let verdict = world.take(Kind::Verdict).bytes;
        let verdict = verdict_of(&verdict);
        let text = self.insider.open(Kind::Verdict, verdict.sid_i, verdict.sealed).expect("the shared secret is ours");
        VerdictPlaintext::decode(&text).unwrap()
    }
}

/// The ephemeral of the device's first handshake, from a generator that only ever gives `byte` and the device's key.
///
/// World: the shared secret is known to the attacker, as if Diffie-Hellman were broken.
pub(crate) fn stolen_ephemeral<D: Defences>(world: &World<D>, defences: D, byte: u8) -> Ephemeral {
    let salt = if defences.holds(Defence::HedgeSalted) { devices_salt() } else { Secret::take(&mut [0; 32]) };
    let generated = if defences.holds(Defence::HedgeSeeded) { [byte; 32] } else { [0; 32] };
    first_ephemeral(world, defences, &salt, &generated)
}

/// What the device hedges with.
pub(crate) fn devices_salt() -> Secret {
    hedge::salt(&SigningKey::from_seed(&DEVICE_SEED))
}

/// The same, from this salt and what the generator is taken to have yielded.
pub(crate) fn first_ephemeral<D: Defences>(
    world: &World<D>,
    defences: D,
    salt: &Secret,
    generated: &[u8; 32],
) -> Ephemeral {
    let clock = world.now(Side::Device).wall;
    let wanted = Clearances::new(&[b"read"]).unwrap();
    let context = hedge::initiator_context(&server(), &user(), Some(clock), &wanted);
    let seed = hedge::seed(salt, generated);
    let drawn = hedge::expand(defences, &seed, Role::Initiator, 0, clock, &context);
    Ephemeral::from_secret(drawn.last_chunk().unwrap())
}

/// What the user's device would claim at this time, for "read"; not signed yet.
pub(crate) fn devices_claim(timestamp: Timestamp) -> ClaimPlaintext {
    ClaimPlaintext {
        user: user(),
        device: SigningKey::from_seed(&DEVICE_SEED).public(),
        timestamp,
        wanted: Clearances::new(&[b"read"]).unwrap(),
        signature: [0; 64],
    }
}

/// Whether a Verdict accepts.
pub(crate) fn accepts(verdict: &VerdictPlaintext) -> bool {
    matches!(verdict, VerdictPlaintext::Accepted { .. })
}

/// What a device signs for the server with this claim.
pub(crate) fn claim_input<D: Defences>(defences: D, at_box: &TranscriptHash, claim: &ClaimPlaintext) -> Vec<u8> {
    let ClaimPlaintext { user, device, timestamp, wanted, .. } = claim;
    let signed = SignedClaim { user, device, timestamp: *timestamp, wanted };
    response_input(defences, at_box, &server(), &signed).to_vec()
}

/// The server's own signature at this box.
pub(crate) fn server_signs<D: Defences>(defences: D) -> impl FnOnce(&TranscriptHash) -> [u8; 64] {
    move |at_box| sign(&SERVER_SEED, &challenge_input(defences, at_box, &server()))
}

/// An Ed25519 signature.
pub(crate) fn sign(seed: &[u8; 32], message: &[u8]) -> [u8; 64] {
    ed25519_dalek::SigningKey::from_bytes(seed).sign(message).to_bytes()
}

/// The server's name and key.
pub(crate) fn server() -> Identity {
    Identity { name: server_name(), key: SigningKey::from_seed(&SERVER_SEED).public() }
}

/// A Hello; equal marks make equal ones.
pub(crate) fn hello(mark: u8, ephemeral: &[u8; 32]) -> Vec<u8> {
    let (sid_i, cookie) = (Sid([mark; 8]), &[0; COOKIE_BYTES]);
    Hello { sid_i, nonce: &[mark; 32], suites: Suites::ONE, ephemeral, cookie }.encode().to_vec()
}

/// Hands bytes to the device as if from the server.
pub(crate) fn to_device<D: Defences>(world: &mut World<D>, bytes: &[u8]) -> Result<(), Dropped> {
    world.deliver(&Datagram { from: SERVER, to: DEVICE, bytes: bytes.to_vec() })
}

/// Hands bytes to the server as if from this address.
pub(crate) fn to_server<D: Defences>(world: &mut World<D>, from: SocketAddr, bytes: &[u8]) -> Result<(), Dropped> {
    world.deliver(&Datagram { from, to: SERVER, bytes: bytes.to_vec() })
}

/// The oldest datagram of this kind on the wire, if there is one.
pub(crate) fn take_if_sent<D: Defences>(world: &mut World<D>, kind: Kind) -> Option<Datagram> {
    let sent = world.wire.iter().any(|datagram| datagram.kind() == kind);
    sent.then(|| world.take(kind))
}

/// Writes over the field of this name.
pub(crate) fn overwrite(datagram: &mut [u8], field: &str, bytes: &[u8]) {
    let kind = Kind::of(datagram).unwrap();
    let field = layout(kind, datagram.len()).find(|known| known.name == field).expect("the field is in the layout");
    datagram[field.at].copy_from_slice(bytes);
}

/// What a side has last taken for agreed.
pub(crate) fn agreement<D>(world: &World<D>, side: Side) -> Option<Agreement> {
    world.events.iter().rev().find_map(|(of, event)| match event {
        Event::Accepted { agreement, .. } | Event::Admitted { agreement, .. } if *of == side => {
            Some((**agreement).clone())
        }
        _ => None,
    })
}

pub(crate) fn hello_of(bytes: &[u8]) -> Hello<'_> {
    let Ok(Message::Hello(hello)) = Message::decode(bytes) else { panic!("no Hello: {bytes:?}") };
    hello
}

pub(crate) fn challenge_of(bytes: &[u8]) -> Challenge<'_> {
    let Ok(Message::Challenge(challenge)) = Message::decode(bytes) else { panic!("no Challenge: {bytes:?}") };
    challenge
}

pub(crate) fn verdict_of(bytes: &[u8]) -> Verdict<'_> {
    let Ok(Message::Verdict(verdict)) = Message::decode(bytes) else { panic!("no Verdict: {bytes:?}") };
    verdict
}

/// The ten bytes before the box of a Response or Verdict.
pub(crate) fn header(kind: Kind, sid: Sid) -> [u8; 10] {
    let mut header = [VERSION; 10];
    header[1] = kind as u8;
    header[2..].copy_from_slice(&sid.0);
    header
}

/// The 91 bytes before the box of a Challenge.
pub(crate) fn challenge_header(challenge: &Challenge<'_>) -> Vec<u8> {
    let mut header = header(Kind::Challenge, challenge.sid_i).to_vec();
    header.extend(challenge.sid_r.0);
    header.push(challenge.suite);
    header.extend(challenge.nonce);
    header.extend(challenge.timestamp.as_millis().to_be_bytes());
    header.extend(challenge.ephemeral);
    header
}

fn label(kind: Kind) -> Label {
    match kind {
        Kind::Challenge => Label::Challenge,
        Kind::Response => Label::Response,
        Kind::Verdict => Label::Verdict,
        Kind::Hello | Kind::Retry | Kind::Record => panic!("{kind:?} has no box"),
    }
}

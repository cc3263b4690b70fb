//! A peer that takes part in the key exchange and then claims whatever it likes.

use crate::world::{DEVICE, DEVICE_SEED, Datagram, SERVER, SERVER_SEED, START, server_name, user};
use countersign::primitives::Ephemeral;
use countersign::schedule::{HandshakeSecret, Label};
use countersign::signature::{SignedClaim, response_input};
use countersign::transcript::Transcript;
use countersign::wire::{
    Buffer, ClaimPlaintext, Hello, Kind, Message, Sid, Suites, VERDICT_PLAINTEXT_BYTES_MAX, VERSION, VerdictPlaintext,
};
use countersign::{Clearances, Identity, Name, SigningKey, Timestamp, Whole, boxes};
use ed25519_dalek::Signer;

/// What is claimed, and what is done to it before it is sealed.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The user.
    pub user: Name,
    /// The device's public key.
    pub device: [u8; 32],
    /// The seed of the key that signs.
    pub signer: [u8; 32],
    /// The timestamp.
    pub timestamp: Timestamp,
    /// The clearances wanted.
    pub wanted: Clearances,
    /// Changes to the plaintext: at this place, to this byte.
    pub spoiled: Option<(usize, u8)>,
}

impl Claim {
    /// One without fault.
    #[must_use]
    pub fn honest() -> Self {
        Self {
            user: user(),
            device: SigningKey::from_seed(&DEVICE_SEED).public(),
            signer: DEVICE_SEED,
            timestamp: Timestamp::from_millis(START),
            wanted: Clearances::new(&[b"read"]).expect("one short clearance"),
            spoiled: None,
        }
    }
}

/// The peer, before its Hello.
#[derive(Debug)]
pub struct Claimant {
    ephemeral: Ephemeral,
    nonce: [u8; 32],
}

/// What the peer knows once it has sent its Response.
#[derive(Debug)]
pub struct Claimed {
    secret: HandshakeSecret,
    transcript: Transcript<Whole>,
    /// The Response.
    pub response: Datagram,
}

const SID: Sid = Sid([0xc1; 8]);

impl Claimant {
    /// Another number, another Hello.
    #[must_use]
    pub fn new(number: u8) -> Self {
        Self { ephemeral: Ephemeral::from_secret(&[number; 32]), nonce: [number; 32] }
    }

    fn message(&self) -> Hello<'_> {
        let ephemeral = self.ephemeral.public();
        Hello { sid_i: SID, nonce: &self.nonce, suites: Suites::ONE, ephemeral, cookie: &[0; 33] }
    }

    /// Its Hello.
    #[must_use]
    pub fn hello(&self) -> Datagram {
        Datagram { from: DEVICE, to: SERVER, bytes: self.message().encode().to_vec() }
    }

    /// Its Response, with this claim.
    ///
    /// # Panics
    /// If that is no Challenge.
    #[must_use]
    pub fn claim(&self, challenge: &Datagram, claim: &Claim) -> Claimed {
        let Ok(Message::Challenge(challenge)) = Message::decode(&challenge.bytes) else { panic!("not a Challenge") };
        let mut transcript = Transcript::of_hello(Whole, &self.message());
        transcript.absorb_challenge_header(&challenge);
        let shared = self.ephemeral.agree(challenge.ephemeral).expect("an honest ephemeral");
        let secret = HandshakeSecret::extract(&transcript.hash(), &shared);
        transcript.absorb(challenge.sealed);
        let header = header(Kind::Response, challenge.sid_r);
        transcript.absorb(&header);
        let at_box = transcript.hash();
        let mut text = plaintext(claim, &at_box);
        if let Some((at, byte)) = claim.spoiled {
            text[at] = byte;
        }
        let mut sealed = Buffer::<800>::new();
        boxes::seal(Whole, &secret.box_keys(Label::Response, &at_box), &at_box, &text, &mut sealed);
        transcript.absorb(&sealed);
        let response = Datagram { from: DEVICE, to: SERVER, bytes: [&header[..], &sealed].concat() };
        Claimed { secret, transcript, response }
    }
}

impl Claimed {
    /// What the Verdict says.
    ///
    /// # Panics
    /// If it does not open.
    #[must_use]
    pub fn open(&self, verdict: &Datagram) -> VerdictPlaintext {
        let Ok(Message::Verdict(verdict)) = Message::decode(&verdict.bytes) else { panic!("not a Verdict") };
        let mut transcript = self.transcript.clone();
        transcript.absorb(&header(Kind::Verdict, SID));
        let at_box = transcript.hash();
        let keys = self.secret.box_keys(Label::Verdict, &at_box);
        let text = boxes::open::<_, VERDICT_PLAINTEXT_BYTES_MAX>(Whole, &keys, &at_box, verdict.sealed);
        VerdictPlaintext::decode(&text.expect("the Verdict opens")).expect("the Verdict is well formed")
    }
}

fn plaintext(claim: &Claim, at_box: &[u8; 32]) -> Vec<u8> {
    let responder = Identity { name: server_name(), key: SigningKey::from_seed(&SERVER_SEED).public() };
    let Claim { user, device, signer, timestamp, wanted, .. } = claim;
    let signed = SignedClaim { user, device, timestamp: *timestamp, wanted };
    let input = response_input(Whole, at_box, &responder, &signed);
    let signature = ed25519_dalek::SigningKey::from_bytes(signer).sign(&input).to_bytes();
    let claim = ClaimPlaintext {
        user: user.clone(),
        device: *device,
        timestamp: *timestamp,
        wanted: wanted.clone(),
        signature,
    };
    claim.encode().to_vec()
}

fn header(kind: Kind, sid: Sid) -> Vec<u8> {
    [&[VERSION, kind as u8][..], &sid.0].concat()
}

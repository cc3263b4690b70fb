//! A8: does a refusal say nothing to anybody, but to an enrolled device that has proved itself what it needs to know? In
//! every case one by one, and against every sequence of an adversary's moves.

use countersign::wire::{DecodeError, Kind, Reason, VerdictPlaintext};
use countersign::{Clearances, Denial, Name, Profile, Receipt, SigningKey, Timestamp};
use countersign_endpoint::{Answer, Dropped, Endpoint, Event, Limits, Output, Store, answer};
use countersign_sim::Claim as Claimed;
use countersign_tests::adversary::{every_defence_is_missed, hold_against_every_adversary};
use countersign_tests::claimant::{Claim, Claimant};
use countersign_tests::world::{
    DEVICE, Datagram, Generator, SERVER, SERVER_SEED, START, Setup, Side, World, profile, user,
};

const STRANGER_SEED: [u8; 32] = [0x5a; 32];
const HOUR_MS: u64 = 3_600_000;

/// What a claim came to: on the wire, in the box, in the audit log, and at the store.
#[derive(Debug)]
struct Judged {
    verdict: Datagram,
    says: VerdictPlaintext,
    denied: Option<Event>,
    lookups: usize,
    advances: usize,
}

impl Judged {
    fn denial(&self) -> Option<Denial> {
        match &self.denied {
            Some(Event::Denied { denial, .. }) => Some(*denial),
            _ => None,
        }
    }

    fn told(&self) -> Option<Reason> {
        match &self.says {
            VerdictPlaintext::Refused(reason) => Some(*reason),
            VerdictPlaintext::Accepted { .. } => None,
        }
    }
}

fn public(seed: &[u8; 32]) -> [u8; 32] {
    SigningKey::from_seed(seed).public()
}

/// The server judges a claim; the store answers with what this makes of its true answer.
fn judged(mut world: World, claim: &Claim, change: impl Fn(Answer) -> Answer) -> Judged {
    world.store_answers = false;
    let claimant = Claimant::new(1);
    world.deliver(&claimant.hello()).unwrap();
    let claimed = claimant.claim(&world.take(Kind::Challenge), claim);
    world.deliver(&claimed.response).unwrap();
    let (mut lookups, mut advances) = (0, 0);
    while let Some(question) = world.questions.pop_front() {
        lookups += usize::from(matches!(question, Output::Lookup { .. }));
        advances += usize::from(matches!(question, Output::Advance { .. }));
        let (ticket, truth) = answer(&mut world.store, &question).unwrap();
        world.answer(ticket, change(truth));
    }
    let verdict = world.take(Kind::Verdict);
    assert_eq!(world.lose_all(), [], "one answer");
    let says = claimed.open(&verdict);
    let denied =
        world.events.iter().map(|(_, event)| event).find(|event| matches!(event, Event::Denied { .. })).cloned();
    Judged { verdict, says, denied, lookups, advances }
}

fn world() -> World {
    Setup::whole(1).build()
}

/// CS-RESP-03: the claimant of these tests is let in if nothing is wrong.
#[test]
fn an_honest_claim_is_accepted() {
    let judged = judged(world(), &Claim::honest(), |answer| answer);
    let granted = Clearances::new(&[b"read"]).unwrap();
    assert_eq!(judged.says, VerdictPlaintext::Accepted { granted, lifetime_s: 3_600 });
    assert_eq!((judged.denied, judged.lookups, judged.advances), (None, 1, 1));
}

/// What can be at fault with a claim that decodes, in the order of the judgement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    User,
    Device,
    Signature,
    Clock,
    Clearance,
    Stale,
}

const FAULTS: [Fault; 6] = [Fault::User, Fault::Device, Fault::Signature, Fault::Clock, Fault::Clearance, Fault::Stale];

impl Fault {
    /// Puts this fault into a claim, or into what the server knows.
    fn commit(self, claim: &mut Claim, world: &mut World) {
        match self {
            Self::User => claim.user = Name::new(b"nobody.example").unwrap(),
            Self::Device => (claim.device, claim.signer) = (public(&STRANGER_SEED), STRANGER_SEED),
            Self::Signature => claim.signer = [0xbb; 32],
            Self::Clock => claim.timestamp = Timestamp::from_millis(START + HOUR_MS),
            Self::Clearance => claim.wanted = Clearances::new(&[b"rule"]).unwrap(),
            Self::Stale => _ = world.store.advance(&claim.user, &claim.device, latest()).unwrap(),
        }
    }

    /// What the audit log says if this is the first.
    fn denial(self) -> Denial {
        match self {
            Self::User => Denial::UnknownUser,
            Self::Device => Denial::UnknownDevice,
            Self::Signature => Denial::BadSignature,
            Self::Clock => Denial::Clock { device: Timestamp::from_millis(START + HOUR_MS) },
            Self::Clearance => Denial::Clearance,
            Self::Stale => Denial::Stale { latest: latest() },
        }
    }
}

/// The faults of one set, as bits, and what a claim comes to that has them all.
fn judged_with(set: usize) -> (Vec<Fault>, Judged) {
    let faults: Vec<Fault> = FAULTS.into_iter().filter(|fault| set >> *fault as usize & 1 == 1).collect();
    let (mut claim, mut world) = (Claim::honest(), world());
    faults.iter().for_each(|fault| fault.commit(&mut claim, &mut world));
    let judged = judged(world, &claim, |answer| answer);
    (faults, judged)
}

fn latest() -> Timestamp {
    Timestamp::from_millis(START + 2 * HOUR_MS)
}

/// CS-REF-01, CS-REF-02, CS-REF-04: every set of faults. One size, one answer, the first fault in the log, and a reason
/// only for an enrolled device that has proved itself.
#[test]
fn every_set_of_faults_is_refused_alike() {
    let mut told = Vec::new();
    for set in 1..1_usize << FAULTS.len() {
        let (faults, judged) = judged_with(set);
        assert_eq!((judged.verdict.bytes.len(), judged.verdict.to), (102, DEVICE), "{faults:?}");
        assert_eq!(judged.denial(), Some(faults[0].denial()), "{faults:?}");
        let has_proved_itself = !faults.iter().any(|fault| *fault as usize <= Fault::Signature as usize);
        let reason = match faults[..] {
            _ if has_proved_itself && faults.contains(&Fault::Clock) => Reason::Clock,
            [Fault::Stale] => Reason::Stale(latest()),
            _ => Reason::None,
        };
        assert_eq!(judged.told(), Some(reason), "{faults:?}");
        told.push(reason);
    }
    let times = |reason: Reason| told.iter().filter(|told| **told == reason).count();
    assert_eq!([times(Reason::Clock), times(Reason::Stale(latest())), times(Reason::None)], [4, 1, 58]);
}

/// CS-REF-03: one look-up, whatever is at fault; the store is asked to advance only if all else is well.
#[test]
fn every_claim_is_looked_up_once() {
    for set in 0..1_usize << FAULTS.len() {
        let (faults, judged) = judged_with(set);
        let is_well = faults.iter().all(|fault| *fault == Fault::Stale);
        assert_eq!((judged.lookups, judged.advances), (1, usize::from(is_well)), "{faults:?}");
    }
}

/// CS-REF-01, CS-RESP-12, CS-SIG-02: the faults of a claim before anybody is looked up for it look the same.
#[test]
fn malformed_and_impossible_claims_are_refused_alike() {
    let honest = Claim::honest;
    let mut weak = [0; 32];
    weak[0] = 1;
    let own = Claim { device: public(&SERVER_SEED), signer: SERVER_SEED, ..honest() };
    let cases = [
        (Claim { spoiled: Some((0, 0)), ..honest() }, Denial::MalformedClaim(DecodeError::Name)),
        (Claim { spoiled: Some((127, 1)), ..honest() }, Denial::MalformedClaim(DecodeError::Padding)),
        (Claim { device: weak, ..honest() }, Denial::WeakDeviceKey),
        (own, Denial::OwnKey),
    ];
    for ((claim, denial), timestamp) in
        cases.into_iter().flat_map(|case| [(case.clone(), honest().timestamp), (case, Timestamp::default())])
    {
        // Even the server's own key, enrolled by mistake, is not told that its clock is wrong.
        let mut setup = Setup::whole(1);
        setup.profile.as_mut().unwrap().devices.push(public(&SERVER_SEED));
        let judged = judged(setup.build(), &Claim { timestamp, ..claim }, |answer| answer);
        assert_eq!((judged.verdict.bytes.len(), judged.told()), (102, Some(Reason::None)), "{denial:?}");
        assert_eq!((judged.denial(), judged.advances), (Some(denial), 0));
    }
}

/// CS-RESP-09, CS-REF-01: a receipt for something else is a fault of the store, and looks like any other.
#[test]
fn a_wrong_receipt_is_refused_alike() {
    let judged = judged(world(), &Claim::honest(), |answer| match answer {
        Answer::Advanced(receipt) => Answer::Advanced(Receipt { timestamp: latest(), ..receipt }),
        other => other,
    });
    assert_eq!((judged.verdict.bytes.len(), judged.told()), (102, Some(Reason::None)));
    assert_eq!(judged.denial(), Some(Denial::WrongReceipt));
}

/// CS-RESP-08, CS-RESP-07: what is lacking, by policy or by wish, is not said.
#[test]
fn every_lack_of_clearance_is_the_same_refusal() {
    let list = |clearances: &[&[u8]]| Clearances::new(clearances).unwrap();
    let held = |held: &[&[u8]], required: &[&[u8]]| Profile { required: list(required), ..profile(held) };
    let lacking = [
        (held(&[], &[]), list(&[b"read"])),
        (held(&[b"write"], &[]), list(&[b"read"])),
        (held(&[b"read"], &[b"write"]), list(&[b"read"])),
        (held(&[b"read", b"write"], &[b"write"]), list(&[b"read"])),
        (held(&[b"read"], &[b"read"]), list(&[])),
    ];
    for (profile, wanted) in lacking {
        let mut world = world();
        world.store.enrol(user(), profile);
        let judged = judged(world, &Claim { wanted, ..Claim::honest() }, |answer| answer);
        assert_eq!((judged.denial(), judged.told()), (Some(Denial::Clearance), Some(Reason::None)));
    }
    let enough = [
        (held(&[b"read"], &[]), list(&[b"read", b"write"]), list(&[b"read"])),
        (held(&[b"read", b"write"], &[b"read"]), list(&[b"read"]), list(&[b"read"])),
        (held(&[b"read"], &[]), list(&[]), list(&[])),
    ];
    for (profile, wanted, granted) in enough {
        let mut world = world();
        world.store.enrol(user(), profile);
        let judged = judged(world, &Claim { wanted, ..Claim::honest() }, |answer| answer);
        assert_eq!(judged.says, VerdictPlaintext::Accepted { granted, lifetime_s: 3_600 });
    }
}

/// CS-REF-04: the log names who claimed what, as far as it was a claim.
#[test]
fn the_event_names_the_claimant() {
    let stranger = Claim { device: public(&STRANGER_SEED), signer: STRANGER_SEED, ..Claim::honest() };
    let judged_stranger = judged(world(), &stranger, |answer| answer);
    let claimant = Some((user(), public(&STRANGER_SEED)));
    let denied = Event::Denied { from: DEVICE, claimant, denial: Denial::UnknownDevice };
    assert_eq!(judged_stranger.denied, Some(denied));
    let malformed = Claim { spoiled: Some((0, 0)), ..Claim::honest() };
    let denial = Denial::MalformedClaim(DecodeError::Name);
    let denied = Event::Denied { from: DEVICE, claimant: None, denial };
    assert_eq!(judged(world(), &malformed, |answer| answer).denied, Some(denied));
}

/// CS-REF-01, CS-RESP-10: whoever is refused and asks again gets the same bytes.
#[test]
fn a_refusal_is_final() {
    let mut world = world();
    world.store.enrol(user(), profile(&[b"write"]));
    let claimant = Claimant::new(1);
    world.deliver(&claimant.hello()).unwrap();
    let challenge = world.take(Kind::Challenge);
    let claimed = claimant.claim(&challenge, &Claim::honest());
    world.deliver(&claimed.response).unwrap();
    let refusal = world.take(Kind::Verdict);
    world.store.enrol(user(), profile(&[b"read"]));
    world.deliver(&claimed.response).unwrap();
    assert_eq!(world.take(Kind::Verdict), refusal);
    let better = claimant.claim(&challenge, &Claim { wanted: Clearances::none(), ..Claim::honest() });
    assert_eq!(world.deliver(&better.response), Err(Dropped::OutOfTurn));
    assert_eq!((world.admissions(), world.lose_all()), (0, vec![]));
}

/// CS-IMPL-04: an endpoint drops messages for a role that it does not play.
#[test]
fn messages_for_a_role_that_nobody_plays_are_dropped() {
    let mut world = world();
    world.connect();
    let exchanged = world.run();
    let now = world.now(Side::Server);
    let mut nobody: Endpoint<Generator> = Endpoint::new(Limits::default(), Generator::working(1)).unwrap();
    for datagram in &exchanged {
        let expected = if datagram.kind() == Kind::Record { Dropped::UnknownSid } else { Dropped::NoSuchRole };
        assert_eq!(nobody.handle_datagram(now, DEVICE, &datagram.bytes), Err(expected));
        if datagram.kind() != Kind::Record {
            let to = if datagram.to == DEVICE { SERVER } else { DEVICE };
            let misdirected = Datagram { to, ..datagram.clone() };
            assert_eq!(world.deliver(&misdirected), Err(Dropped::NoSuchRole));
        }
    }
    assert_eq!(nobody.poll_output(), None);
}

/// CS-REF-02, CS-REF-03: the observer opens what the adversary can open, and counts what responders do for it.
#[test]
fn refusals_say_nothing_whatever_an_adversary_does() {
    let denials = hold_against_every_adversary(file!(), &[Claimed::A8]);
    println!("refused for: {denials:?}");
    assert!(denials.len() >= 4, "refusals alike must have had different causes: {denials:?}");
}

#[test]
fn without_any_of_its_defences_a_claim_fails() {
    every_defence_is_missed("tests/refusals.rs");
}

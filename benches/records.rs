//! What does a record of 1 KiB cost above the AEAD alone?
//!
//! `cargo bench --bench records` prints sealing and opening beside the AEAD of the same backend, and fails if a ratio exceeds 1.15.
//! The AEAD gets what a record gives it: 18 bytes of header, and the data behind a byte that says what it is. What opening leaves
//! is looked at where it is. To hand it out it is copied, into memory that is allocated for it: the last ratio, without a limit.

use core::hint::black_box;
use countersign::wire::{Message, Record};
use countersign::{Backend, Session};
use countersign_benches::{Contestant, Limit, Parties, Verdict, backends, in_turn, micros};
use std::process::ExitCode;
use std::time::Duration;

const LIMIT: f64 = 1.15;
/// With all that lies between one application and the other.
const TRAVELS: &str = "record sealed, opened and handed out";
const DATA: [u8; 1024] = [7; 1024];
const TEXT: [u8; DATA.len() + 1] = [7; DATA.len() + 1];

fn main() -> ExitCode {
    let mut verdict = Verdict::default();
    for (name, backend) in backends() {
        println!("{name}");
        let limit = Limit { rounds: usize::MAX, time: Duration::from_secs(5) };
        let contestants = [
            aead_seals(backend),
            seals(backend),
            aead_opens(backend),
            opens(backend),
            aead_both(backend),
            travels(backend),
        ];
        let times = in_turn(contestants.into(), limit, |_| ());
        times.iter().for_each(micros);
        for both in times.chunks(2) {
            let limit = (both[1].name != TRAVELS).then_some(LIMIT);
            verdict.ratio(&both[1], &both[0], limit);
        }
    }
    verdict.exit_code()
}

const KEY: [u8; 32] = [1; 32];
const NONCE: [u8; 12] = [2; 12];
const AD: [u8; 18] = [3; 18];

fn aead_seals(backend: Backend) -> Contestant {
    let mut text = TEXT;
    Contestant::new("AEAD seals", move || backend.seal(&KEY, &NONCE, &AD, &mut text))
}

/// The ciphertext is copied each time, as opening in place destroys it.
fn aead_opens(backend: Backend) -> Contestant {
    let mut sealed = TEXT;
    let tag = backend.seal(&KEY, &NONCE, &AD, &mut sealed);
    Contestant::new("AEAD opens", move || {
        let mut text = sealed;
        assert!(backend.open(&KEY, &NONCE, &AD, &mut text, &tag));
        black_box(&text);
    })
}

fn session(backend: Backend) -> (Session, Session) {
    let (mut device, accepted) = Parties::new(backend).handshake();
    let confirm = device.confirm().expect("the first counter is free");
    let opened = accepted.session.check(&record(&confirm)).expect("a genuine record");
    (device, accepted.session.confirm(opened).0)
}

fn seals(backend: Backend) -> Contestant {
    let (mut device, _) = session(backend);
    Contestant::new("record sealed", move || {
        let sealed = device.seal(&DATA);
        assert!(black_box(&sealed).is_ok());
    })
}

fn opens(backend: Backend) -> Contestant {
    let (mut device, server) = session(backend);
    let sealed = device.seal(&DATA).expect("a counter is free");
    Contestant::new("record opened", move || {
        let opened = server.check(&record(&sealed));
        assert!(black_box(&opened).is_ok());
    })
}

fn aead_both(backend: Backend) -> Contestant {
    let mut text = TEXT;
    Contestant::new("AEAD seals and opens", move || {
        let tag = backend.seal(&KEY, &NONCE, &AD, &mut text);
        assert!(backend.open(&KEY, &NONCE, &AD, &mut text, &tag));
        black_box(&text);
    })
}

fn travels(backend: Backend) -> Contestant {
    let (mut device, mut server) = session(backend);
    Contestant::new(TRAVELS, move || {
        let sealed = device.seal(&DATA).expect("a counter is free");
        let opened = server.check(&record(&sealed)).expect("a genuine record");
        server.take(opened)
    })
}

fn record(bytes: &[u8]) -> Record<'_> {
    let Ok(Message::Record(record)) = Message::decode(bytes) else { panic!("a Record") };
    record
}

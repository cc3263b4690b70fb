//! So many handshakes on the portable backend, for `.ci/instructions` to count instructions of under valgrind.

use countersign::Backend;
use countersign_benches::Parties;

fn main() {
    let handshakes = std::env::args().nth(1).and_then(|argument| argument.parse().ok());
    let handshakes: u32 = handshakes.expect("usage: instructions HANDSHAKES");
    let mut parties = Parties::new(Backend::Portable);
    (0..handshakes).for_each(|_| drop(core::hint::black_box(parties.handshake())));
}

//! A device and a server as endpoints, with nothing between them: every datagram arrives at once.

use crate::parties::{name, wanted};
use core::net::{Ipv4Addr, SocketAddr};
use countersign::wire::Sid;
use countersign::{
    Backend, Clearances, Expectation, Initiator, InitiatorPolicy, Moment, Now, Profile, Responder, ResponderPolicy,
    SigningKey, Timestamp,
};
use countersign_endpoint::{Dropped, Endpoint, Event, Limits, MemoryStore, Output, answer};
use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;
use std::time::Duration;

/// Which of the two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// The initiator.
    Device,
    /// The responder.
    Server,
}

/// Both endpoints, the server's store, and the time.
#[derive(Debug)]
pub struct Pair {
    device: Endpoint<ChaCha20Rng>,
    server: Endpoint<ChaCha20Rng>,
    store: MemoryStore,
    expected: Expectation,
    moment: Moment,
    session: Option<Sid>,
}

impl Pair {
    /// Two endpoints with these limits, whose sessions live for a hundred years.
    ///
    /// # Panics
    /// If the limits make no sense.
    #[must_use]
    pub fn new(backend: Backend, limits: Limits) -> Self {
        let key = |byte| SigningKey::from_seed_on(backend, &[byte; 32]);
        let endpoint = |seed| Endpoint::new(limits, ChaCha20Rng::seed_from_u64(seed)).expect("limits that make sense");
        let device = Initiator::new(name("ada"), key(1), InitiatorPolicy::default());
        let server = Responder::new(name("vault"), key(2), ResponderPolicy::default());
        let expected = Expectation::new_on(backend, name("vault"), &server.identity().key).expect("not weak");
        let devices = vec![*device.device()];
        let mut store = MemoryStore::default();
        let lifetime_s = 100 * 365 * 86_400;
        store.enrol(name("ada"), Profile { devices, held: wanted(), required: Clearances::none(), lifetime_s });
        Self {
            device: endpoint(1).with_initiator(device),
            server: endpoint(2).with_responder(server),
            store,
            expected,
            moment: Moment::default(),
            session: None,
        }
    }

    /// Begins a handshake, and hands out the Hello.
    ///
    /// # Panics
    /// If it cannot begin.
    pub fn connect(&mut self) -> Vec<u8> {
        let begun = self.device.connect(self.now(), SERVER, &self.expected, wanted());
        begun.expect("a device, and nothing in the queue");
        self.sent_by(Side::Device).pop().expect("a Hello")
    }

    /// A whole handshake, until both sides know that both have accepted.
    ///
    /// # Panics
    /// If it does not come to that.
    pub fn handshake(&mut self) {
        let before = self.server.sessions();
        let mut datagrams = vec![self.connect()];
        let mut to = Side::Server;
        while !datagrams.is_empty() {
            let mut answers = Vec::new();
            for datagram in datagrams {
                answers.extend(self.answers(to, &datagram));
            }
            datagrams = answers;
            to = to.other();
        }
        assert_eq!(self.server.sessions(), before + 1, "a handshake ends with a session");
    }

    /// What a side sends when it is given a datagram that it takes.
    ///
    /// # Panics
    /// If it does not take it.
    pub fn answers(&mut self, to: Side, datagram: &[u8]) -> Vec<Vec<u8>> {
        self.deliver(to, datagram).expect("a genuine datagram");
        self.sent_by(to)
    }

    /// Gives a side a datagram.
    ///
    /// # Errors
    /// Why it is dropped.
    pub fn deliver(&mut self, to: Side, datagram: &[u8]) -> Result<(), Dropped> {
        let now = self.now();
        match to {
            Side::Device => self.device.handle_datagram(now, SERVER, datagram),
            Side::Server => self.server.handle_datagram(now, DEVICE, datagram),
        }
    }

    /// Carries out what a side wants done, and hands out what it sends.
    ///
    /// # Panics
    /// If the store does not answer.
    pub fn sent_by(&mut self, side: Side) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| self.next_sent_by(side)).collect()
    }

    /// The next datagram that a side sends, what it wants done before it carried out.
    ///
    /// # Panics
    /// If the store does not answer.
    pub fn next_sent_by(&mut self, side: Side) -> Option<Vec<u8>> {
        let now = self.now();
        loop {
            let endpoint = match side {
                Side::Device => &mut self.device,
                Side::Server => &mut self.server,
            };
            match endpoint.poll_output()? {
                Output::Send { bytes, .. } => return Some(bytes),
                Output::Event(Event::Accepted { session, .. }) => self.session = Some(session),
                Output::WakeAt(_) | Output::Event(_) => {}
                question @ (Output::Lookup { .. } | Output::Advance { .. }) => {
                    let (ticket, answer) = answer(&mut self.store, &question).expect("a store in memory");
                    endpoint.handle_answer(now, ticket, answer).expect("a question that is open");
                }
            }
        }
    }

    /// The device closes the session that it accepted last.
    ///
    /// # Panics
    /// If there is none.
    pub fn close(&mut self) {
        let session = self.session.take().expect("a session");
        self.device.close(self.now(), session).expect("an open session");
        for record in self.sent_by(Side::Device) {
            self.answers(Side::Server, &record);
        }
    }

    /// A record of the device in the session that it accepted last.
    ///
    /// # Panics
    /// If there is none.
    pub fn record(&mut self, data: &[u8]) -> Vec<u8> {
        self.device.send(self.now(), self.session.expect("a session"), data).expect("an open session");
        self.sent_by(Side::Device).pop().expect("a record")
    }

    /// Lets time pass, and what is due be done.
    pub fn pass(&mut self, span: Duration) {
        self.moment = self.moment.plus(span);
        let now = self.now();
        self.device.handle_timeout(now);
        self.server.handle_timeout(now);
        self.sent_by(Side::Device);
        self.sent_by(Side::Server);
    }

    fn now(&self) -> Now {
        let wall = Timestamp::from_millis(1_790_000_000_000 + self.moment.as_micros() / 1_000);
        Now { wall, monotonic: self.moment }
    }
}

impl Side {
    const fn other(self) -> Self {
        match self {
            Self::Device => Self::Server,
            Self::Server => Self::Device,
        }
    }
}

const DEVICE: SocketAddr = SocketAddr::new(core::net::IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 40_000);
const SERVER: SocketAddr = SocketAddr::new(core::net::IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), 4_433);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parties::Parties;
    use allocation_counter::measure;

    /// All told, with the maps that lead to an entry and its timer: before anybody has proved anything, and while the store is
    /// asked about who has shown no more than that he can do a Diffie-Hellman exchange.
    #[test]
    fn a_half_open_handshake_takes_less_than_a_kilobyte_and_three_while_the_store_is_asked() {
        const HANDSHAKES: usize = 1_000;
        let mut parties = Parties::new(Backend::Portable);
        let mut pair = Pair::new(Backend::Portable, Limits::default());
        let begun: Vec<_> = (0..HANDSHAKES).map(|_| parties.hello()).collect();
        let mut challenges = Vec::with_capacity(HANDSHAKES);
        let answered = measure(|| {
            for (_, hello) in &begun {
                pair.deliver(Side::Server, hello).expect("a genuine Hello");
                challenges.push(pair.next_sent_by(Side::Server).expect("a Challenge"));
            }
        });
        let of_challenges: usize = challenges.iter().map(Vec::len).sum();
        let responses: Vec<_> = begun
            .into_iter()
            .zip(challenges)
            .map(|((waiting, _), challenge)| parties.response(waiting, &challenge).1)
            .collect();
        let asked = measure(|| {
            for response in &responses {
                pair.deliver(Side::Server, response).expect("a genuine Response");
            }
        });
        let each = |bytes: i64| usize::try_from(bytes).expect("more than before") / HANDSHAKES;
        let (half_open, asking) =
            (each(answered.bytes_current) - of_challenges / HANDSHAKES, each(asked.bytes_current));
        assert_eq!(pair.server.half_open(), HANDSHAKES);
        assert!((512..1_024).contains(&half_open), "{half_open} bytes");
        assert!((512..2_048).contains(&asking), "{asking} bytes more");
    }
}

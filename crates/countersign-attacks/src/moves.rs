//! Moves that many scripts make.

use countersign::wire::{Kind, Message};
use countersign::{Agreement, Defences};
use countersign_endpoint::{Endpoint, Event};
use countersign_sim::{
    Act, Cookie, DatagramName, Exchange, Forged, HandshakeNumber, HostId, Ids, Key, Play, Point, Says, Sealing,
    Signature, Time,
};

/// A Hello of the adversary's own, with its ephemeral of this number.
pub(crate) fn own_hello(mark: u8) -> Forged {
    own_hello_with(mark, None)
}

/// The same, with the cookie of this Retry.
pub(crate) fn own_hello_with(mark: u8, cookie: Option<DatagramName>) -> Forged {
    let cookie = cookie.map(Cookie::Of);
    Forged::Hello { ids: Ids::Own(mark), suites: vec![1], ephemeral: Point::Own(0), cookie }
}

/// Fetches a cookie for such a Hello, at the adversary's own address: the Retry of a server under load.
pub(crate) fn cookie_for<D: Defences>(play: &mut Play<D>, mark: u8, server: HostId) -> Option<DatagramName> {
    let from = play.adversary();
    play.forge(own_hello(mark), server, from)?;
    of_kind(play.under_way(), Kind::Retry)
}

/// The adversary says Hello to a server and gets its Challenge.
pub(crate) fn greet<D: Defences>(play: &mut Play<D>, server: HostId, mark: u8) -> Option<Exchange> {
    let from = play.adversary();
    let hello = play.forge(own_hello(mark), server, from)?;
    let challenge = of_kind(play.under_way(), Kind::Challenge)?;
    Some(Exchange { hello, challenge, response: None, verdict: None })
}

/// What a claim says.
pub(crate) struct Claims<'a> {
    pub(crate) user: String,
    pub(crate) device: Key,
    pub(crate) time: Time,
    pub(crate) wanted: &'a [&'a str],
    pub(crate) signature: Signature,
}

/// The adversary makes a claim of its own to a server, and gets its Verdict.
pub(crate) fn make_claim<D: Defences>(play: &mut Play<D>, server: HostId, claims: Claims<'_>) -> Option<Exchange> {
    let of = greet(play, server, 7)?;
    let Claims { user, device, time, wanted, signature } = claims;
    let wanted = texts(wanted);
    let from = play.adversary();
    let response = play.forge(Forged::Response { of, user, device, time, wanted, signature }, server, from)?;
    let verdict = of_kind(play.under_way(), Kind::Verdict)?;
    Some(Exchange { response: Some(response), verdict: Some(verdict), ..of })
}

/// A client says Hello to a server, and the Hello does not arrive.
pub(crate) fn intercept_hello<D: Defences>(
    play: &mut Play<D>,
    client: HostId,
    server: HostId,
    wanted: &[&str],
) -> Option<(HandshakeNumber, DatagramName)> {
    let handshake = play.connect(client, server, wanted);
    let hello = of_kind(play.under_way(), Kind::Hello)?;
    play.drop_all();
    Some((handshake, hello))
}

/// The answer of a responder that a Hello was meant for, with the adversary's own ephemeral.
pub(crate) const fn answer(hello: DatagramName, key: Key, signature: Signature) -> Forged {
    answer_with(hello, key, signature, Odd::NOTHING)
}

/// The same, with something odd about it.
pub(crate) const fn answer_with(hello: DatagramName, key: Key, signature: Signature, odd: Odd) -> Forged {
    let Odd { suite, ephemeral, sealing } = odd;
    let (ids, time) = (Ids::Own(0xc4), Time::Ahead(0));
    Forged::Challenge { hello, ids, suite, time, ephemeral, key, signature, sealing }
}

/// What may be odd about an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Odd {
    pub(crate) suite: u8,
    pub(crate) ephemeral: Point,
    pub(crate) sealing: Sealing,
}

impl Odd {
    /// All is as it should be.
    pub(crate) const NOTHING: Self = Self { suite: 1, ephemeral: Point::Own(0), sealing: Sealing::Proper };
}

/// A claim, dated now.
pub(crate) fn claim(of: Exchange, user: String, device: Key, wanted: &[&str], signature: Signature) -> Forged {
    Forged::Response { of, user, device, time: Time::Ahead(0), wanted: texts(wanted), signature }
}

/// A client means a server, and its datagrams are led elsewhere.
pub(crate) fn lead_astray<D: Defences>(play: &mut Play<D>, client: HostId, server: HostId, via: HostId) {
    play.act(Act::Connect { client, server, via, wanted: texts(&["read"]) });
}

/// A client has answered a Challenge of the adversary's: its claim is accepted, with these clearances. `None` if it has
/// answered nothing.
pub(crate) fn accept<D: Defences>(
    play: &mut Play<D>,
    (hello, challenge): (DatagramName, DatagramName),
    (client, server): (HostId, HostId),
    granted: &[&str],
) -> Option<DatagramName> {
    let response = of_kind(play.under_way(), Kind::Response)?;
    let of = Exchange { hello, challenge, response: Some(response), verdict: None };
    play.forge(Forged::Verdict { of, says: Says::Granted(texts(granted)) }, client, server)
}

/// What a host has last taken for agreed.
pub(crate) fn agreed<D: Defences>(play: &Play<D>, host: HostId) -> Option<Agreement> {
    let said = play.said().filter(|(by, ..)| *by == host);
    let agreed = said.filter_map(|(.., event)| match event {
        Event::Accepted { agreement, .. } | Event::Admitted { agreement, .. } => Some(agreement.as_ref().clone()),
        Event::Begun { .. }
        | Event::Ended { .. }
        | Event::Suspicious { .. }
        | Event::Denied { .. }
        | Event::Confirmed { .. }
        | Event::Data { .. }
        | Event::Closed { .. } => None,
    });
    agreed.last()
}

fn texts(clearances: &[&str]) -> Vec<String> {
    clearances.iter().map(|one| (*one).to_owned()).collect()
}

/// How much a responder keeps of handshakes.
pub(crate) fn entries<D: Defences>(play: &Play<D>, server: HostId) -> usize {
    play.endpoint(server).map_or(0, Endpoint::entries)
}

/// The box of a Verdict, as it is on the wire.
pub(crate) fn sealed<'a, D: Defences>(play: &'a Play<D>, verdict: &DatagramName) -> Option<&'a [u8]> {
    let Ok(Message::Verdict(verdict)) = Message::decode(play.bytes(verdict)?) else { return None };
    Some(verdict.sealed)
}

/// The latest datagram of this kind.
pub(crate) fn of_kind(names: impl Iterator<Item = DatagramName>, kind: Kind) -> Option<DatagramName> {
    names.filter(|name| name.kind == kind as u8).last()
}

//! `countersign simulate --handshakes 1 --explain`: one exchange, message by message.
//!
//! What is sealed is opened with the initiator's ephemeral secret, drawn again from the seed; nothing in the code under
//! test gives it away.

mod words;

use countersign::hedge::{expand, initiator_context, salt, seed};
use countersign::wire::{Kind, Sid};
use countersign::{Identity, Moment, Role, SigningKey, Whole};
use countersign_endpoint::{Dropped, Event, HandshakeId, InitiatorState, Outcome, ResponderState};
use countersign_sim::{Happening, HostId, Part, Scenario, Stream, Watch, World, generator};
use countersign_vectors::Dissection;
use countersign_vectors::dissect::Evidence;
use rand::Rng;
use std::fmt::Write;

/// Notes everything about the first handshake of a run.
#[derive(Debug)]
pub(crate) struct Recorder {
    cast: Option<Cast>,
    notes: Vec<(Moment, Note)>,
    initiator: InitiatorState,
    responder: ResponderState,
    ended: Option<Outcome>,
}

/// Who takes part.
#[derive(Debug)]
struct Cast {
    client: HostId,
    server: HostId,
    user: String,
    responder: Identity,
    handshake: HandshakeId,
    sid_r: Option<Sid>,
    /// The initiator's ephemeral secret.
    ephemeral: [u8; 32],
}

#[derive(Debug)]
enum Note {
    Sent { by_client: bool, bytes: Vec<u8>, copies: usize },
    Arrived { at_client: bool, kind: Option<Kind>, result: Result<(), Dropped>, junk: bool },
    Initiator(InitiatorState),
    Responder(ResponderState),
}

impl Recorder {
    pub(crate) const fn new() -> Self {
        Self {
            cast: None,
            notes: Vec::new(),
            initiator: InitiatorState::Queued,
            responder: ResponderState::Listen,
            ended: None,
        }
    }

    /// The first handshake that begins is the one.
    fn meet(&mut self, world: &World<Whole>, client: HostId, handshake: HandshakeId) -> Option<()> {
        let intent = world.intent(client, handshake)?;
        let Part::Client { user, seed: key_seed, .. } = world.part(client)? else { return None };
        let Part::Server(expected) = world.part(intent.server)? else { return None };
        let clock = world.clocks(client).wall;
        let mut generated = [0; 32];
        generator(world.seed(), Stream::Host(client.0, 0)).fill_bytes(&mut generated);
        let context = initiator_context(expected.identity(), user, Some(clock), &intent.wanted);
        let seed = seed(&salt(&SigningKey::from_seed(key_seed)), &generated);
        let out = expand(Whole, &seed, Role::Initiator, 0, clock, &context);
        self.cast = Some(Cast {
            client,
            server: intent.server,
            user: user.to_string(),
            responder: expected.identity().clone(),
            handshake,
            sid_r: None,
            ephemeral: *out.last_chunk()?,
        });
        Some(())
    }

    fn note_states(&mut self, world: &World<Whole>) {
        let Some(cast) = &self.cast else { return };
        let at = world.now();
        let initiator = world.endpoint(cast.client).map(|endpoint| endpoint.initiator_state(cast.handshake));
        if let Some(state) = initiator.filter(|state| *state != self.initiator) {
            self.initiator = state;
            self.notes.push((at, Note::Initiator(state)));
        }
        let endpoint = world.endpoint(cast.server).zip(cast.sid_r);
        let responder = endpoint.map(|(endpoint, sid)| endpoint.responder_state(sid));
        if let Some(state) = responder.filter(|state| *state != self.responder) {
            self.responder = state;
            self.notes.push((at, Note::Responder(state)));
        }
    }

    /// The whole story.
    pub(crate) fn story(&self, scenario: &Scenario) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_story(&mut out, scenario);
        out
    }

    fn write_story(&self, out: &mut String, scenario: &Scenario) -> std::fmt::Result {
        let Some(cast) = &self.cast else { return writeln!(out, "no handshake began") };
        let dissection = self.dissect(cast);
        writeln!(out, "initiator  {}: a device that wants to reach the responder, and nobody else", cast.user)?;
        writeln!(out, "responder  {}, expected under the key", cast.responder.name)?;
        writeln!(out, "           {}", words::hex(&cast.responder.key))?;
        writeln!(out, "network    {}: {}", scenario.name, scenario.about)?;
        let mut seen = Vec::new();
        for (at, note) in &self.notes {
            let time = crate::report::words::seconds(at.as_micros());
            match note {
                Note::Sent { by_client, bytes, copies } => {
                    let arrow =
                        if *by_client { "initiator ──▶ responder" } else { "initiator ◀── responder" };
                    let fate = match copies {
                        0 => ", which the network loses",
                        1 => "",
                        _ => ", which the network delivers twice",
                    };
                    let repeat = if seen.contains(bytes) { " again" } else { "" };
                    let name = words::kind(bytes);
                    writeln!(out, "\n{time:>10}  {arrow}   {name}{repeat}, {} bytes{fate}", bytes.len())?;
                    if repeat.is_empty() {
                        words::message(out, bytes, *by_client, dissection.as_ref())?;
                        seen.push(bytes.clone());
                    }
                }
                Note::Arrived { at_client, kind, result, junk } => {
                    let whom = if *at_client { "the initiator" } else { "the responder" };
                    let what = kind.map_or_else(|| "bytes that are no message".to_owned(), |kind| format!("{kind:?}"));
                    let what = if *junk { format!("junk ({what})") } else { what };
                    match result {
                        Ok(()) => writeln!(out, "{time:>10}  {whom} takes {what}")?,
                        Err(why) => writeln!(out, "{time:>10}  {whom} drops {what}: {why}")?,
                    }
                }
                Note::Initiator(state) => {
                    writeln!(
                        out,
                        "{time:>10}  the initiator enters {state:?}: {}",
                        words::initiator(*state, self.ended)
                    )?;
                }
                Note::Responder(state) => {
                    writeln!(out, "{time:>10}  the responder enters {state:?}: {}", words::responder(*state))?;
                }
            }
        }
        writeln!(out)
    }

    fn dissect(&self, cast: &Cast) -> Option<Dissection> {
        let evidence = Evidence { side: Role::Initiator, ephemeral: &cast.ephemeral, responder: Some(&cast.responder) };
        let messages = self.notes.iter().filter_map(|(_, note)| match note {
            Note::Sent { bytes, .. } => Some(bytes.as_slice()),
            Note::Arrived { .. } | Note::Initiator(_) | Note::Responder(_) => None,
        });
        Dissection::of(&evidence, messages)
    }
}

impl Watch<Whole> for Recorder {
    fn happened(&mut self, world: &World<Whole>, happening: Happening<'_>) {
        let at = world.now();
        if let (None, Happening::Said { host, event: Event::Begun { handshake, .. } }) = (&self.cast, happening) {
            // A world always knows what its own clients set out to do.
            let _ = self.meet(world, host, *handshake);
        }
        let Some(cast) = &mut self.cast else { return };
        if let Happening::Said { event: Event::Ended { handshake, outcome }, .. } = happening
            && *handshake == cast.handshake
        {
            self.ended = Some(*outcome);
        }
        let (client, server) = (cast.client, cast.server);
        let between = |from: HostId, to: HostId| (from, to) == (client, server) || (from, to) == (server, client);
        match happening {
            Happening::Sent { from, to, bytes, copies } if between(from, to) => {
                if Kind::of(bytes) == Ok(Kind::Challenge) {
                    cast.sid_r = bytes.get(10..18).and_then(|sid| sid.first_chunk()).map(|sid| Sid(*sid));
                }
                let note = Note::Sent { by_client: from == client, bytes: bytes.to_vec(), copies };
                self.notes.push((at, note));
            }
            Happening::Arrived { from, to, kind, result, junk } if between(from, to) || junk && to == client => {
                self.notes.push((at, Note::Arrived { at_client: to == client, kind, result, junk }));
            }
            Happening::Sent { .. }
            | Happening::Arrived { .. }
            | Happening::Answered { .. }
            | Happening::Said { .. } => {}
        }
        self.note_states(world);
    }
}

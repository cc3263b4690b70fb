//! What a scenario file says that a run of it is meant to meet, and whether it can.

use super::error::{ScenarioError, nearest};
use super::table::Entry;
use super::{AfterRestart, Cloned, Exercises, Restarts, Scenario, StoreAfter};
use crate::claims::Claim;
use crate::explored::Explored;
use crate::link::{Delay, LinkProfile};

/// Reads the names of claims and faults, each at most once, each of something that this scenario can bring about.
pub(super) fn read(entry: &Entry<'_>, scenario: &Scenario) -> Result<Exercises, ScenarioError> {
    let claims: Vec<_> = Claim::ALL.into_iter().map(|claim| (claim.to_string(), claim)).collect();
    let faults: Vec<_> = Explored::ALL.iter().map(|fault| (fault.name(), *fault)).collect();
    let mut exercises = Exercises::default();
    for item in entry.items()? {
        let name = item.text()?;
        let claim = claims.iter().find(|(known, _)| known == name).map(|(_, claim)| *claim);
        let fault = faults.iter().find(|(known, _)| known == name).map(|(_, fault)| *fault);
        let (is_new, missing) = match (claim, fault) {
            (Some(claim), _) => (!exercises.claims.contains(&claim), missing_for_claim(claim, scenario)),
            (None, Some(fault)) => (!exercises.faults.contains(&fault), missing_for_fault(fault, scenario)),
            (None, None) => return Err(unknown(&item, name, &claims, &faults)),
        };
        if !is_new {
            return Err(item.fail_with("it is listed twice", "take one out"));
        }
        if let Some(missing) = missing {
            return Err(item.fail_with("nothing here brings it about", format!("add {missing}, or take it out")));
        }
        exercises.claims.extend(claim);
        exercises.faults.extend(fault);
    }
    Ok(exercises)
}

fn unknown(item: &Entry<'_>, name: &str, claims: &[(String, Claim)], faults: &[(String, Explored)]) -> ScenarioError {
    let names = || claims.iter().map(|(name, _)| name.as_str()).chain(faults.iter().map(|(name, _)| name.as_str()));
    let why = "there is no such claim or fault";
    match nearest(name, names()) {
        Some(meant) => item.fail_with(why, format!("did you mean {meant:?}?")),
        None => item.fail_with(why, format!("write some of {}", names().collect::<Vec<_>>().join(", "))),
    }
}

fn missing_for_claim(claim: Claim, scenario: &Scenario) -> Option<&'static str> {
    let has_junk = !scenario.noise.junk_every.is_zero() || scenario.noise.mutated > 0;
    match claim {
        Claim::A7 if !has_junk => Some("junk_every or mutated under [noise]"),
        Claim::A1
        | Claim::A2
        | Claim::A3
        | Claim::A4
        | Claim::A5
        | Claim::A6
        | Claim::A7
        | Claim::A8
        | Claim::A9
        | Claim::A10 => None,
    }
}

/// What a fault needs and the scenario has not.
fn missing_for_fault(fault: Explored, scenario: &Scenario) -> Option<&'static str> {
    let on_link = |holds: fn(&LinkProfile) -> bool| holds(&scenario.up) || holds(&scenario.down);
    let of_restarts = |holds: fn(&Restarts) -> bool| {
        scenario.client_restarts.as_ref().is_some_and(holds) || scenario.server_restarts.as_ref().is_some_and(holds)
    };
    let cloned = scenario.clones.map(|clones| clones.of);
    let clocks = [scenario.client_clocks, scenario.server_clocks];
    let (is_there, missing) = match fault {
        Explored::Lost => (on_link(|link| link.loss > 0), "loss under [link]"),
        Explored::LostInBurst => (on_link(|link| link.burst.is_some()), "burst under [link]"),
        Explored::Duplicated => (on_link(|link| link.duplicate > 0), "duplicate under [link]"),
        Explored::Overtaken => {
            (on_link(|link| link.overtake > 0 && varies(&link.delay)), "overtake and a delay that varies under [link]")
        }
        Explored::Corrupted => (on_link(|link| link.corrupt > 0), "corrupt under [link]"),
        Explored::CutOff | Explored::HealedHandshakes => (!scenario.partitions.is_empty(), "a [[partition]]"),
        Explored::ReboundHandshakes => (scenario.rebinding.handshake > 0, "handshake under [rebinding]"),
        Explored::ReboundSessions => (scenario.rebinding.session > 0, "session under [rebinding]"),
        Explored::ClockSteps => {
            (clocks.iter().any(|clocks| !clocks.step.is_zero()), "step and step_every under [clocks.clients]")
        }
        Explored::Clockless => (scenario.client_clocks.none > 0, "none under [clocks.clients]"),
        Explored::ClientCrashes => (scenario.client_restarts.is_some(), "[restarts.clients]"),
        Explored::ServerCrashes => (scenario.server_restarts.is_some(), "[restarts.servers]"),
        Explored::CrashedHandshakes => (of_restarts(|_| true), "[restarts.clients] or [restarts.servers]"),
        Explored::OldStores => {
            (of_restarts(|restarts| restarts.store != StoreAfter::Kept), "store = \"older\" under [restarts.servers]")
        }
        Explored::RepeatedGenerators => {
            let is_restored = of_restarts(|restarts| restarts.generator == AfterRestart::Restored);
            (is_restored || cloned.is_some(), "[clones], or generator = \"restored\" under [restarts.clients]")
        }
        Explored::RepeatedHellos => {
            let is_stuck = |restarts: &Restarts| {
                (restarts.generator, restarts.clock) == (AfterRestart::Restored, AfterRestart::Restored)
            };
            let may = cloned == Some(Cloned::Initiators) || scenario.client_restarts.as_ref().is_some_and(is_stuck);
            (may, "generator = \"restored\" and clock = \"restored\" under [restarts.clients]")
        }
        Explored::RepeatedClocks => {
            let is_restored = of_restarts(|restarts| restarts.clock == AfterRestart::Restored);
            (is_restored, "clock = \"restored\" under [restarts.clients]")
        }
        Explored::StoreFailures => (scenario.stores.failures > 0, "failures under [stores]"),
        Explored::StaleReplays => (cloned == Some(Cloned::Responders), "[clones] of responders"),
        Explored::Junk => (!scenario.noise.junk_every.is_zero(), "junk_every under [noise]"),
        Explored::Replays => (scenario.noise.replayed > 0, "replayed under [noise]"),
        // These come about in more than one way.
        Explored::TooBig | Explored::WrongClocks | Explored::Stale | Explored::CookiesAsked => (true, ""),
    };
    (!is_there).then_some(missing)
}

fn varies(delay: &Delay) -> bool {
    match delay {
        Delay::Uniform { min, max } => min < max,
        Delay::Exponential { mean, .. } => !mean.is_zero(),
        Delay::Quantiles(_) => true,
    }
}

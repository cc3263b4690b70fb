//! Swarm: each world draws which of its scenario's faults are on, and how strongly. What always happens hides what happens
//! only when something else does not (Groce et al., Swarm Testing, ISSTA 2012).

use crate::dice::{Dice, Stream};
use crate::scenario::{AfterRestart, Cuts, Scenario, StoreAfter};
use core::time::Duration;

/// The scenario of one world.
pub(crate) fn draw(of: &Scenario, seed: u64) -> Scenario {
    let mut dice = Dice::new(seed, Stream::Swarm);
    let mut drawn = of.clone();
    for link in [&mut drawn.up, &mut drawn.down] {
        for often in [&mut link.loss, &mut link.duplicate, &mut link.corrupt, &mut link.overtake] {
            weigh(&mut dice, often);
        }
        link.burst = link.burst.filter(|_| is_on(&mut dice)).map(|mut burst| {
            weigh_time(&mut dice, &mut burst.mean);
            burst
        });
    }
    drawn.clones = drawn.clones.filter(|_| is_on(&mut dice));
    drawn.partitions.retain(|_| is_on(&mut dice));
    for partition in &mut drawn.partitions {
        partition.cuts = pick(&mut dice, [Cuts::Both, Cuts::Up, Cuts::Down]);
        weigh(&mut dice, &mut partition.clients);
    }
    let noise = &mut drawn.noise;
    for often in [
        &mut drawn.rebinding.handshake,
        &mut drawn.rebinding.session,
        &mut drawn.stores.failures,
        &mut drawn.client_clocks.none,
        &mut noise.mutated,
        &mut noise.replayed,
    ] {
        weigh(&mut dice, often);
    }
    for pause in [&mut noise.junk_every, &mut noise.strangers_every] {
        *pause = if is_on(&mut dice) { *pause } else { Duration::ZERO };
        weigh_time(&mut dice, pause);
    }
    for clocks in [&mut drawn.client_clocks, &mut drawn.server_clocks] {
        clocks.step_every = if is_on(&mut dice) { clocks.step_every } else { Duration::ZERO };
        weigh_time(&mut dice, &mut clocks.step_every);
    }
    for restarts in [&mut drawn.client_restarts, &mut drawn.server_restarts] {
        *restarts = restarts.filter(|_| is_on(&mut dice)).map(|mut restarts| {
            weigh_time(&mut dice, &mut restarts.every);
            restarts.generator = pick(&mut dice, [AfterRestart::Fresh, AfterRestart::Restored]);
            restarts.store = pick(&mut dice, [StoreAfter::Kept, StoreAfter::Older, StoreAfter::Lost]);
            // The timestamp rule does not reach beyond what its store remembers, so with clones it is kept.
            if drawn.clones.is_some() {
                restarts.store = StoreAfter::Kept;
            }
            restarts
        });
    }
    drawn
}

fn is_on(dice: &mut Dice) -> bool {
    dice.below(3) > 0
}

fn pick<T: Copy, const N: usize>(dice: &mut Dice, from: [T; N]) -> T {
    *from.get(dice.index(N)).unwrap_or(&from[0])
}

/// Off, or between an eighth and four times as often.
fn weigh(dice: &mut Dice, often: &mut u32) {
    let factor = factor(dice);
    let weighed = if is_on(dice) { often.saturating_mul(factor).wrapping_div(8) } else { 0 };
    *often = weighed.min(MOST);
}

/// Between an eighth and four times as long.
fn weigh_time(dice: &mut Dice, time: &mut Duration) {
    *time = time.saturating_mul(factor(dice)).checked_div(8).unwrap_or(*time);
}

/// In eighths.
fn factor(dice: &mut Dice) -> u32 {
    pick(dice, [1, 4, 8, 16, 32])
}

/// Handshakes must still have a chance.
const MOST: u32 = 500_000;

//! What does a handshake cost on each backend: both sides, each side, each message?
//!
//! How the backends compare, `backends.rs` says, where they take turns.

use countersign::Backend;
use countersign_benches::{Parties, accept, backends};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

fn each(c: &mut Criterion) {
    for (name, backend) in backends() {
        whole(c, name, backend);
        by_side(c, name, backend);
        by_message(c, name, backend);
    }
}

fn whole(c: &mut Criterion, name: &str, backend: Backend) {
    let mut parties = Parties::new(backend);
    c.bench_function(&format!("{name} handshake/both sides"), |b| b.iter(|| parties.handshake()));
}

/// Each message with its making and its judging: Hello made; Hello judged, Challenge made; and so on.
fn by_message(c: &mut Criterion, name: &str, backend: Backend) {
    let mut group = c.benchmark_group(format!("{name} message"));
    let mut parties = Parties::new(backend);
    group.bench_function("1 hello (initiator)", |b| b.iter(|| parties.hello()));
    let (_, hello) = parties.hello();
    group.bench_function("3 challenge (responder)", |b| b.iter(|| parties.challenge(&hello)));
    group.bench_function("4 response (initiator)", |b| {
        b.iter_batched(
            || {
                let mut parties = Parties::new(backend);
                let (waiting, hello) = parties.hello();
                let challenge = *parties.challenge(&hello).challenge();
                (parties, waiting, challenge)
            },
            |(parties, waiting, challenge)| (parties.response(waiting, &challenge), parties),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("5 verdict (responder)", |b| {
        b.iter_batched(
            || {
                let mut parties = Parties::new(backend);
                let (waiting, hello) = parties.hello();
                let half_open = parties.challenge(&hello);
                let (_, response) = parties.response(waiting, half_open.challenge());
                (parties, half_open, response)
            },
            |(parties, half_open, response)| (parties.verdict(half_open, &response), parties),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("5 verdict accepted (initiator)", |b| {
        b.iter_batched(
            || {
                let mut parties = Parties::new(backend);
                let (waiting, hello) = parties.hello();
                let half_open = parties.challenge(&hello);
                let (waiting, response) = parties.response(waiting, half_open.challenge());
                (waiting, parties.verdict(half_open, &response))
            },
            |(waiting, accepted)| (accept(waiting, &accepted.verdict), accepted),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

/// Each side's part of a whole handshake, the other's being prepared outside the measurement.
fn by_side(c: &mut Criterion, name: &str, backend: Backend) {
    let mut group = c.benchmark_group(format!("{name} side"));
    group.bench_function("responder", |b| {
        b.iter_custom(|rounds| {
            let mut parties = Parties::new(backend);
            measure(rounds, || {
                let (waiting, hello) = parties.hello();
                let half_open = timed(|| parties.challenge(&hello));
                let (_, response) = parties.response(waiting, half_open.value.challenge());
                let second = timed(|| parties.verdict(half_open.value, &response)).spent;
                half_open.spent + second
            })
        });
    });
    group.bench_function("initiator", |b| {
        b.iter_custom(|rounds| {
            let mut parties = Parties::new(backend);
            measure(rounds, || {
                let (waiting, hello, first) = timed(|| parties.hello()).flatten();
                let half_open = parties.challenge(&hello);
                let (waiting, response, second) = timed(|| parties.response(waiting, half_open.challenge())).flatten();
                let accepted = parties.verdict(half_open, &response);
                let third = timed(|| accept(waiting, &accepted.verdict)).spent;
                first + second + third
            })
        });
    });
    group.finish();
}

struct Timed<T> {
    value: T,
    spent: std::time::Duration,
}

impl<A, B> Timed<(A, B)> {
    fn flatten(self) -> (A, B, std::time::Duration) {
        (self.value.0, self.value.1, self.spent)
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> Timed<T> {
    let start = std::time::Instant::now();
    let value = std::hint::black_box(work());
    Timed { value, spent: start.elapsed() }
}

fn measure(rounds: u64, mut round: impl FnMut() -> std::time::Duration) -> std::time::Duration {
    (0..rounds).map(|_| round()).sum()
}

criterion_group!(benches, each);
criterion_main!(benches);

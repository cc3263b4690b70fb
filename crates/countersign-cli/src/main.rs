//! x
use countersign_sim::*;
fn main() {
    let t = std::time::Instant::now();
    let a: Vec<String> = std::env::args().collect();
    let mut c = Config::default();
    if let Some(n) = a.get(1) {
        c.handshakes = n.parse().unwrap();
    }
    if let Some(n) = a.get(2) {
        c.link.loss = n.parse::<u32>().unwrap() * 10_000;
    }
    if let Some(n) = a.get(3) {
        c.link.duplicate = n.parse::<u32>().unwrap() * 10_000;
    }
    if let Some(n) = a.get(4) {
        c.link.jitter = core::time::Duration::from_millis(n.parse().unwrap());
    }
    let r = simulate(c, countersign::Whole, &mut ()).unwrap();
    println!("{}", serde_json::to_string_pretty(&r).unwrap());
    println!("{:?}", t.elapsed());
}

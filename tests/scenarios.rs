//! Does a scenario file mean what it says, and does a broken one say where, what and how to mend it?

use core::time::Duration;
use countersign_sim::{
    AfterRestart, Burst, Claim, Clocks, Cloned, Clones, Cuts, Delay, Explored, LinkProfile, Noise, Partition,
    Population, Rebinding, Restarts, SHIPPED, Scenario, ScenarioError, StoreAfter, Stores, StoresOfClones,
};

const HEAD: &str = "name = \"mine\"\nabout = \"Mine.\"\nsource = [\"chosen\"]\n";

fn parse(rest: &str) -> Result<Scenario, ScenarioError> {
    Scenario::parse("scenarios/mine.toml", &format!("{HEAD}{rest}"))
}

/// A broken file that goes on after the three lines of the head, the line of the error, and words of its message.
type Broken = (&'static str, usize, &'static [&'static str]);

const BROKEN: &[Broken] = &[
    // Not TOML.
    ("[link\nloss = \"5 %\"\n", 4, &["no TOML", "key = value"]),
    ("[link]\nloss = 5 %\n", 5, &["no TOML"]),
    ("name = \"twice\"\n", 4, &["no TOML", "duplicate"]),
    // Keys.
    ("\n[link]\nlos = \"5 %\"\n", 6, &["los is not a key of [link]", "loss, burst", "did you mean loss?"]),
    ("[lnik]\nloss = \"5 %\"\n", 4, &["lnik is not a key", "did you mean link?"]),
    ("loss = \"5 %\"\n", 4, &["loss is not a key of the top", "it belongs to [link]"]),
    ("[noise]\nswarm = true\n", 5, &["swarm is not a key of [noise]", "it belongs to the top of the file"]),
    ("[stores]\nweather = \"bad\"\n", 5, &["weather is not a key of [stores]", "take it out"]),
    ("[clocks.servers]\nnone = \"5 %\"\n", 5, &["none is not a key of [clocks.servers]", "[clocks.clients]"]),
    ("[link]\n\"a\\nb\" = 1\n", 5, &["a\\nb is not a key", "take it out"]),
    // Types.
    ("swarm = \"yes\"\n", 4, &["swarm is \"yes\"", "without quotes", "swarm = true"]),
    ("[link]\nloss = 0.05\n", 5, &["loss is 0.05", "a share, in quotes", "loss = \"5 %\""]),
    ("[stores]\nlatency = 2\n", 5, &["latency is 2", "a duration, in quotes", "latency = \"2 ms\""]),
    ("[population]\nclients = \"many\"\n", 5, &["clients is \"many\"", "whole number", "clients = 256"]),
    ("population = 12\n", 4, &["population is 12", "a table", "[population]"]),
    ("[partition]\nevery = \"1 s\"\n", 4, &["partition is a table", "a list"]),
    ("exercises = \"lost\"\n", 4, &["exercises is \"lost\"", "a list"]),
    // Values.
    ("[link]\n\nloss = \"140 %\"\n", 6, &["loss is \"140 %\"", "at most \"100 %\"", "loss = \"5 %\""]),
    ("[link]\nloss = \"0.00001 %\"\n", 5, &["0.00001 %", "four decimals"]),
    ("[link]\ndelay = \"10 parsecs\"\n", 5, &["delay is \"10 parsecs\"", "us, ms, s, min, h"]),
    ("[stores]\nlatency = \"0.5 us\"\n", 5, &["0.5 us", "whole microseconds"]),
    ("[stores]\nlatency = \"1\\n s\"\n[stores.x]\n", 6, &["x is not a key of [stores]"]),
    ("[population]\nclients = 0\n", 5, &["clients is 0", "between 1 and 4000"]),
    ("[population]\nclients = -3\n", 5, &["clients is -3", "between 1 and 4000"]),
    ("[population]\nservers = 251\n", 5, &["servers is 251", "between 1 and 250"]),
    ("[link]\nmtu = 299\n", 5, &["mtu is 299", "between 300 and 65535", "mtu = 1200"]),
    ("[clocks.clients]\ndrift_ppm = 100001\n", 5, &["drift_ppm is 100001", "between 0 and 100000"]),
    ("[noise]\njunk_every = \"10 us\"\n", 5, &["junk_every is \"10 us\"", "at least \"1 ms\"", "\"40 ms\""]),
    ("exercises = [\"A1\",\n  \"A11\"]\n", 5, &["exercises is \"A11\"", "no such claim or fault", "did you mean"]),
    ("exercises = [\"duplcated\"]\n", 4, &["\"duplcated\"", "did you mean \"duplicated\"?"]),
    ("exercises = [\"sunshine\"]\n", 4, &["\"sunshine\"", "write some of A1, A2"]),
    ("exercises = [\"A1\", \"A1\"]\n", 4, &["\"A1\"", "listed twice"]),
    // Things that make no sense together.
    ("[link]\nburst = { share = \"30 %\" }\n", 5, &["mean is missing", "burst", "mean = \"1 s\""]),
    ("[link]\nburst = { share = \"100 %\", mean = \"1 s\" }\n", 5, &["share is \"100 %\"", "less than"]),
    ("[link]\ndelay = { min = \"2 s\", max = \"1 s\" }\n", 5, &["min is \"2 s\"", "longer than max", "swap"]),
    ("[link]\ndelay = { min = \"2 s\" }\n", 5, &["delay is a table", "min and max, or min and mean, or quantiles"]),
    (
        "[link.down]\ndelay = { quantiles = [\n  [\"0 %\", \"8 ms\"],\n  [\"50 %\", \"7 ms\"], [\"100 %\", \"9 ms\"]] }\n",
        7,
        &["quantiles is \"7 ms\"", "no shorter", "quantiles = [["],
    ),
    (
        "[link]\ndelay = { quantiles = [[\"0 %\", \"8 ms\"], [\"0 %\", \"9 ms\"], [\"100 %\", \"9 ms\"]] }\n",
        5,
        &["quantiles is \"0 %\"", "rise"],
    ),
    (
        "[link]\ndelay = { quantiles = [[\"1 %\", \"8 ms\"], [\"100 %\", \"9 ms\"]] }\n",
        5,
        &["quantiles is a list of 2", "first share is \"0 %\""],
    ),
    (
        "[[partition]]\nevery = \"10 s\"\nlasts = \"10 s\"\nclients = \"30 %\"\n",
        6,
        &["lasts is \"10 s\"", "never heal", "shorter than every"],
    ),
    ("[[partition]]\nevery = \"10 s\"\nlasts = \"1 s\"\n", 4, &["clients is missing", "clients = \"30 %\""]),
    (
        "[[partition]]\nevery = \"10 s\"\nlasts = \"1 s\"\nclients = \"30 %\"\ncuts = \"bth\"\n",
        8,
        &["cuts is \"bth\"", "\"both\", \"up\" or \"down\"", "did you mean cuts = \"both\"?"],
    ),
    ("[restarts.clients]\nevery = \"5 s\"\ndown = \"5 s\"\n", 6, &["down is \"5 s\"", "shorter than every"]),
    ("[clocks.clients]\nstep = \"1 h\"\n", 5, &["step and step_every go together", "write both"]),
    ("[noise]\nreplayed = \"1 %\"\n", 5, &["replayed and replay_within go together", "write both"]),
    (
        "[population]\nservers = 2\n[clones]\nof = \"responders\"\nmachines = 3\n",
        8,
        &["machines is 3", "only 2 servers", "[population]"],
    ),
    (
        "[clones]\nof = \"initiators\"\nmachines = 3\nstores = \"own\"\n",
        7,
        &["stores is \"own\"", "only responders", "take it out"],
    ),
    (
        "[limits]\nqueue_max = 3\ndeadline = \"90 s\"\n",
        6,
        &["deadline makes no sense", "between 1s and 60s", "leave it out"],
    ),
    ("[limits]\nretransmit_max = \"10 ms\"\n", 5, &["retransmit_max", "must rise", "leave it out"]),
    ("[limits]\nconfirm_grace = \"90 s\"\n", 5, &["confirm_grace", "150s", "leave it out"]),
    ("[limits]\nchallenges_per_second = 0\n", 5, &["challenges_per_second", "at least one", "leave it out"]),
    ("exercises = [\"A7\"]\n", 4, &["exercises is \"A7\"", "nothing here brings it about", "[noise]"]),
    ("exercises = [\"overtaken\"]\n[link]\ndelay = \"1 s\"\n", 4, &["\"overtaken\"", "a delay that varies"]),
    ("exercises = [\"clockless\"]\n", 4, &["\"clockless\"", "add none under [clocks.clients]"]),
];

/// One line each: file, line, the key or value at fault, and what to do about it.
#[test]
fn a_broken_scenario_says_where_what_and_how_to_mend_it() {
    assert!(BROKEN.len() >= 20);
    for (rest, line, words) in BROKEN {
        let error = parse(rest).expect_err(rest);
        let message = error.to_string();
        assert!(message.starts_with(&format!("scenarios/mine.toml:{line}: ")), "{message}\n{rest}");
        assert!(!message.contains('\n'), "{message}");
        assert_eq!((error.file.as_str(), error.line), ("scenarios/mine.toml", *line));
        assert!(!error.what.is_empty() && !error.remedy.is_empty(), "{error:?}");
        for word in *words {
            assert!(message.contains(word), "{word:?} is not in: {message}");
        }
    }
}

/// A file without its head is told which lines to add.
#[test]
fn what_every_scenario_has_cannot_be_left_out() {
    let cases = [
        ("", "name is missing"),
        ("name = \"x\"\n", "about is missing"),
        ("name = \"x\"\nabout = \"x\"\n", "source is missing"),
        ("name = \"x\"\nabout = \"x\"\nsource = []\n", "source is a list of 0: it names at least one"),
        ("name = \"x\"\nabout = \"x\"\nsource = [\" \"]\n", "source is \" \": it says nothing"),
        ("name = \"My own\"\n", "name is \"My own\": a name has small letters"),
        ("name = \"x\"\nabout = \"a\\nb\"\n", "about is \"a\\nb\": it is one line"),
    ];
    for (text, what) in cases {
        let error = Scenario::parse("x.toml", text).expect_err(text);
        assert!(error.what.starts_with(what), "{error}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
}

/// The message as a whole, as the documentation shows it.
#[test]
fn an_error_is_one_sentence_after_file_and_line() {
    let error = parse("[link]\nloss = \"140 %\"\n").unwrap_err();
    let expected = "scenarios/mine.toml:5: loss is \"140 %\": a share is at most \"100 %\"; \
                    write for example loss = \"5 %\"";
    assert_eq!(error.to_string(), expected);
}

/// What a file does not say is as the types have it.
#[test]
fn what_is_left_out_has_its_default() {
    let expected = Scenario {
        name: "mine".to_owned(),
        about: "Mine.".to_owned(),
        sources: vec!["chosen".to_owned()],
        ..Scenario::default()
    };
    assert_eq!(parse("").unwrap(), expected);
    assert_eq!(parse("[link]\n[noise]\n[limits]\n[clocks]\n[restarts]\n").unwrap(), expected);
}

/// One source needs no brackets.
#[test]
fn a_single_source_is_a_text_or_a_list_of_one() {
    let of = |source: &str| Scenario::parse("x.toml", &format!("name = \"x\"\nabout = \"x\"\nsource = {source}\n"));
    assert_eq!(of("\"RFC 9000\"").unwrap(), of("[\"RFC 9000\"]").unwrap());
    assert!(of("\" \"").unwrap_err().what.starts_with("source is \" \": it says nothing"));
}

/// The README's example is a scenario that can be run, and its list of faults is whole.
#[test]
fn the_readme_of_the_scenarios_tells_the_truth() {
    let readme = include_str!("../crates/countersign-sim/scenarios/README.md");
    let example = readme.split_once("```toml\n").unwrap().1.split_once("```").unwrap().0;
    let scenario = Scenario::parse("README.md", example).unwrap();
    assert_eq!((scenario.name.as_str(), scenario.population.clients), ("train", 64));
    assert!(countersign_sim::RunOf::new(scenario, 1, 25_000).check().is_ok());
    for fault in Explored::ALL {
        let row = format!("| `{}` | {} |\n", fault.name(), fault.what());
        assert!(readme.contains(&row), "{row}");
    }
}

/// A key under `[link]` holds both ways; one under `[link.up]` or `[link.down]` overrides it there.
#[test]
fn a_link_can_differ_by_direction() {
    let scenario = parse(
        "[link]\nloss = \"1 %\"\nduplicate = \"0.5 %\"\nmtu = 1_280\ndelay = \"250 ms\"\n\
         [link.up]\nloss = \"2.5 %\"\ndelay = { min = \"10 ms\", mean = \"30 ms\" }\n\
         [link.down]\nburst = { share = \"30 %\", mean = \"1.5 s\" }\novertake = \"0 %\"\ncorrupt = \"0.0001 %\"\n\
         delay = { quantiles = [[\"0 %\", \"8 ms\"], [\"50 %\", \"20 ms\"], [\"100 %\", \"0.4 s\"]] }\n",
    )
    .unwrap();
    let millis = Duration::from_millis;
    let both = LinkProfile { loss: 10_000, duplicate: 5_000, mtu: 1_280, ..LinkProfile::default() };
    let up =
        LinkProfile { loss: 25_000, delay: Delay::Exponential { min: millis(10), mean: millis(30) }, ..both.clone() };
    let down = LinkProfile {
        burst: Some(Burst { share: 300_000, mean: millis(1_500), loss: 1_000_000 }),
        overtake: 0,
        corrupt: 1,
        delay: Delay::Quantiles(vec![(0, 8_000), (500_000, 20_000), (1_000_000, 400_000)]),
        ..both
    };
    assert_eq!((scenario.up, scenario.down), (up, down));
    let same = parse("[link]\ndelay = \"250 us\"\n").unwrap();
    let constant = Duration::from_micros(250);
    assert_eq!(same.up.delay, Delay::Uniform { min: constant, max: constant });
    assert_eq!(same.up, same.down);
}

/// Hosts, and what becomes of them.
#[test]
fn everything_else_is_read_as_written() {
    let scenario = parse(
        "exercises = [\"A1\", \"cut-off\", \"A10\", \"repeated-generators\"]\nswarm = true\n\
         population = { clients = 32, servers = 4 }\nrebinding = { handshake = \"5 %\", session = \"20 %\" }\n\
         [[partition]]\nevery = \"60 s\"\nlasts = \"10 s\"\nclients = \"30 %\"\n\
         [[partition]]\nevery = \"2 min\"\nlasts = \"5 s\"\nclients = \"100 %\"\ncuts = \"down\"\n\
         [clocks.clients]\noffset = \"20 s\"\ndrift_ppm = 100\nstep_every = \"5 min\"\nstep = \"1 h\"\nnone = \"10 %\"\n\
         [restarts.servers]\nevery = \"10 min\"\ndown = \"5 s\"\ngenerator = \"restored\"\nstore = \"older\"\n\
         [clones]\nof = \"responders\"\nmachines = 4\nstores = \"own\"\n\
         [stores]\nfailures = \"0.2 %\"\nlatency = \"3 ms\"\n\
         [noise]\njunk_every = \"40 ms\"\nreplayed = \"1 %\"\nreplay_within = \"60 s\"\n\
         [limits]\nhalf_open_before_cookies = 32\ndeadline = \"30 s\"\n",
    )
    .unwrap();
    let seconds = Duration::from_secs;
    assert!(scenario.swarm);
    assert_eq!(scenario.exercises.claims, [Claim::A1, Claim::A10]);
    assert_eq!(scenario.exercises.faults, [Explored::CutOff, Explored::RepeatedGenerators]);
    assert_eq!(scenario.population, Population { clients: 32, servers: 4 });
    assert_eq!(scenario.rebinding, Rebinding { handshake: 50_000, session: 200_000 });
    let first = Partition { every: seconds(60), lasts: seconds(10), clients: 300_000, cuts: Cuts::Both };
    let second = Partition { every: seconds(120), lasts: seconds(5), clients: 1_000_000, cuts: Cuts::Down };
    assert_eq!(scenario.partitions, [first, second]);
    let clocks =
        Clocks { offset: seconds(20), drift_ppm: 100, step_every: seconds(300), step: seconds(3_600), none: 100_000 };
    assert_eq!((scenario.client_clocks, scenario.server_clocks), (clocks, Clocks::default()));
    let restarts = Restarts {
        every: seconds(600),
        down: seconds(5),
        generator: AfterRestart::Restored,
        clock: AfterRestart::Fresh,
        store: StoreAfter::Older,
    };
    assert_eq!((scenario.client_restarts, scenario.server_restarts), (None, Some(restarts)));
    let clones = Clones { of: Cloned::Responders, machines: 4, stores: StoresOfClones::Own };
    assert_eq!(scenario.clones, Some(clones));
    assert_eq!(scenario.stores, Stores { failures: 2_000, latency: Duration::from_millis(3) });
    let noise = Noise {
        junk_every: Duration::from_millis(40),
        replayed: 10_000,
        replay_within: seconds(60),
        ..Noise::default()
    };
    assert_eq!(scenario.noise, noise);
    assert_eq!((scenario.limits.half_open_before_cookies, scenario.limits.deadline), (32, seconds(30)));
}

/// Whatever becomes of a file on its way, what is said of it is one line with a line number that it has.
#[test]
fn a_mangled_scenario_is_refused_in_one_line() {
    let mut refused = 0;
    let mut check = |text: &str| {
        if let Err(error) = Scenario::parse("mangled.toml", text) {
            refused += 1;
            let message = error.to_string();
            assert!(!message.contains(char::is_control), "{message:?}");
            assert!((1..=text.lines().count() + 1).contains(&error.line), "{message}");
        }
    };
    for (_, text) in SHIPPED {
        for cut in 0..text.len() {
            if let Some(head) = text.get(..cut) {
                check(head);
            }
        }
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            for replacement in ["", "\u{1}", "]", "x = \"\\u0007\"", "\"\\u0007\\r\" = 1", "[[link]]"] {
                let mut mangled = lines.clone();
                mangled[at] = replacement;
                check(&mangled.join("\n"));
            }
            let doubled = text.replace(line, &format!("{line}{line}"));
            check(&doubled);
        }
    }
    assert!(refused > 10_000, "{refused}");
}

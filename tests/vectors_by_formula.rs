//! Do the vectors follow from their inputs by the formulas of the specification alone?
//!
//! Written from `spec/wire.md`, `transcript.md`, `keys.md` and `sessions.md` over plain primitives, with no line of the
//! core: a label changed there, and in the files with it, is caught here.

use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit};
use data_encoding::HEXLOWER;
use ed25519_dalek::Signer;
use hkdf::Hkdf;
use hmac::Mac;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What the formulas are made of, so that a test can change one thing.
#[derive(Clone, Copy)]
struct Formulas {
    protocol: &'static str,
    response: &'static str,
    record_key: &'static str,
    nonce_key_first: bool,
    nonce: (usize, usize),
    shared_secret_as_salt: bool,
}

const FORMULAS: Formulas = Formulas {
    protocol: "countersign v1",
    response: "response",
    record_key: "record key",
    nonce_key_first: false,
    nonce: (0, 12),
    shared_secret_as_salt: false,
};

/// A file's values by name: all that a reader of the format needs.
struct File {
    name: String,
    values: BTreeMap<String, String>,
    order: Vec<String>,
}

impl File {
    fn read(path: &Path) -> Self {
        let mut file = Self { name: path.display().to_string(), values: BTreeMap::new(), order: Vec::new() };
        for line in fs::read_to_string(path).unwrap().lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
        {
            let (name, value) = line.split_once(':').unwrap();
            file.order.push(name.to_owned());
            file.values.insert(name.to_owned(), value.trim().to_owned());
        }
        file
    }

    fn positive() -> Vec<Self> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors");
        let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        let files = paths.filter(|path| path.extension().is_some_and(|end| end == "txt")).map(|path| Self::read(&path));
        files.filter(|file| file.values["kind"] == "positive").collect()
    }

    fn named(end: &str) -> Self {
        Self::positive().into_iter().find(|file| file.name.ends_with(end)).unwrap()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        HEXLOWER.decode(self.values[name].as_bytes()).unwrap()
    }

    fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).try_into().unwrap()
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.values.get(name).map(|number| number.parse().unwrap())
    }

    /// The first value, in the file's order, that is not what the formulas give; and how many they give.
    fn first_difference(&self, formulas: Formulas) -> (Option<&str>, usize) {
        let computed = Computation::run(self, formulas).values;
        let differs = |name: &&String| computed.get(*name).is_some_and(|value| *value != self.values[*name]);
        assert!(computed.keys().all(|name| self.values.contains_key(name)), "{}", self.name);
        (self.order.iter().find(differs).map(String::as_str), computed.len())
    }
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    Sha256::digest(parts.concat()).into()
}

fn extract(salt: &[u8], ikm: &[u8]) -> [u8; 32] {
    Hkdf::<Sha256>::extract(Some(salt), ikm).0.into()
}

fn expand(secret: &[u8; 32], info: &[&[u8]], bytes: usize) -> Vec<u8> {
    let mut out = vec![0; bytes];
    Hkdf::<Sha256>::from_prk(secret).unwrap().expand(&info.concat(), &mut out).unwrap();
    out
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = <hmac::Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn seal(key: &[u8], nonce: &[u8], ad: &[u8], text: &[u8]) -> Vec<u8> {
    let mut out = text.to_vec();
    let (key, nonce): ([u8; 32], [u8; 12]) = (key.try_into().unwrap(), nonce.try_into().unwrap());
    let tag = ChaCha20Poly1305::new(&key.into())
        .encrypt_inout_detached(&nonce.into(), ad, out.as_mut_slice().into())
        .unwrap();
    out.extend(tag);
    out
}

/// `opaque x<0..255>`.
fn opaque8(bytes: &[u8]) -> Vec<u8> {
    [&[u8::try_from(bytes.len()).unwrap()][..], bytes].concat()
}

/// `opaque x<0..65535>`.
fn opaque16(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
}

fn uint64(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

/// What one side draws.
struct Drawn {
    sid: Vec<u8>,
    nonce: Vec<u8>,
    secret: x25519_dalek::StaticSecret,
    public: [u8; 32],
}

/// Goes through a handshake, from its inputs to its keys.
struct Computation<'a> {
    file: &'a File,
    formulas: Formulas,
    transcript: Vec<u8>,
    prk: [u8; 32],
    values: BTreeMap<String, String>,
}

impl<'a> Computation<'a> {
    fn run(file: &'a File, formulas: Formulas) -> Self {
        let transcript = formulas.protocol.as_bytes().to_vec();
        let mut this = Self { file, formulas, transcript, prk: [0; 32], values: BTreeMap::new() };
        let initiator = this.hello();
        let sids = this.challenge(&initiator);
        this.response(&sids.1);
        this.verdict(&sids.0);
        if file.values["expect"] == "accept" {
            this.session();
        }
        this
    }

    fn set(&mut self, name: &str, value: &[u8]) {
        self.values.insert(name.to_owned(), HEXLOWER.encode(value));
    }

    /// The transcript so far, which is the value of this name.
    fn th(&mut self, name: &str) -> [u8; 32] {
        let th = sha256(&[&self.transcript]);
        self.set(name, &th);
        th
    }

    fn own_clock(&self) -> bool {
        self.file.values["initiator_clock_policy"] == "own"
    }

    fn t_i(&self) -> u64 {
        let base = if self.own_clock() { "initiator_clock_ms" } else { "responder_clock_ms" };
        let floor = self.file.number("initiator_latest_ms").map_or(0, |latest| latest + 1);
        self.file.number(base).unwrap().max(floor)
    }

    fn draw(&mut self, role: &str, number: u8, context: [u8; 32]) -> Drawn {
        let label = format!("{} hedge", self.formulas.protocol);
        let key = ed25519_dalek::SigningKey::from_bytes(&self.file.array(&format!("{role}_seed")));
        let salt = sha256(&[&key.sign(&opaque8(label.as_bytes())).to_bytes()]);
        let seed = extract(&salt, &self.file.bytes(&format!("{role}_generator")));
        let clock = uint64(self.file.number(&format!("{role}_clock_ms")).unwrap());
        let out = expand(&seed, &[label.as_bytes(), &[0, number], &uint64(0), &clock, &context], 72);
        for (name, value) in [("salt", &salt[..]), ("seed", &seed), ("context", &context), ("out", &out)] {
            self.set(&format!("{role}_hedge_{name}"), value);
        }
        let secret: [u8; 32] = out[40..].try_into().unwrap();
        let secret = x25519_dalek::StaticSecret::from(secret);
        let public = x25519_dalek::PublicKey::from(&secret).to_bytes();
        Drawn { sid: out[..8].to_vec(), nonce: out[8..40].to_vec(), secret, public }
    }

    fn hello(&mut self) -> Drawn {
        let file = self.file;
        let t_i = if self.own_clock() { self.t_i() } else { 0 };
        let context = sha256(&[
            &opaque8(&file.bytes("expected_name")),
            &file.bytes("expected_key"),
            &opaque8(&file.bytes("user")),
            &[u8::from(self.own_clock())],
            &uint64(t_i),
            &opaque16(&file.bytes("wanted")),
        ]);
        let drawn = self.draw("initiator", 1, context);
        let head = [&[1, 1][..], &drawn.sid, &drawn.nonce, &[1, 0, 0, 0, 0, 0, 0, 0], &drawn.public].concat();
        let hello = [&head[..], &[0; 33], &[0; 109]].concat();
        self.set("hello", &hello);
        if file.values.contains_key("retry") {
            let cookie = &file.bytes("retry")[10..];
            self.set("retry", &[&[1, 2][..], &drawn.sid, cookie].concat());
            self.set("hello_with_cookie", &[&head[..], cookie, &[0; 109]].concat());
        }
        self.transcript.extend(hello);
        drawn
    }

    fn challenge(&mut self, initiator: &Drawn) -> (Vec<u8>, Vec<u8>) {
        let file = self.file;
        let th1 = self.th("th1");
        let t_r = uint64(file.number("responder_clock_ms").unwrap());
        let drawn = self.draw("responder", 2, sha256(&[&th1, &t_r]));
        let ss = drawn.secret.diffie_hellman(&initiator.public.into()).to_bytes();
        assert_eq!(ss, initiator.secret.diffie_hellman(&drawn.public.into()).to_bytes());
        self.set("ss", &ss);
        let header = [&[1, 3][..], &initiator.sid, &drawn.sid, &[1], &drawn.nonce, &t_r, &drawn.public].concat();
        self.transcript.extend(&header);
        let th2 = self.th("th2");
        self.prk = if self.formulas.shared_secret_as_salt { extract(&ss, &th2) } else { extract(&th2, &ss) };
        self.set("prk", &self.prk.clone());
        let key = ed25519_dalek::SigningKey::from_bytes(&file.array("responder_seed"));
        let public = key.verifying_key().to_bytes();
        let label = format!("{} challenge signature", self.formulas.protocol);
        let input = [&opaque8(label.as_bytes())[..], &th2, &opaque8(&file.bytes("responder_name")), &public].concat();
        let signature = key.sign(&input).to_bytes();
        self.set("challenge_key_in_box", &public);
        self.set("challenge_signature", &signature);
        self.set("challenge_signature_input", &input);
        self.sealed("challenge", "challenge", &header, &th2, &[&public[..], &signature].concat());
        self.th("th3");
        (initiator.sid.clone(), drawn.sid)
    }

    /// Seals a box, and enters it into the transcript.
    fn sealed(&mut self, message: &str, label: &str, header: &[u8], th: &[u8; 32], plaintext: &[u8]) {
        let keys = self.key(label, th, 64);
        let (key, nonce_key) =
            if self.formulas.nonce_key_first { (&keys[32..], &keys[..32]) } else { (&keys[..32], &keys[32..]) };
        let (from, to) = self.formulas.nonce;
        let nonce = hmac(nonce_key, plaintext)[from..to].to_vec();
        let sealed = [&nonce[..], &seal(key, &nonce, th, plaintext)].concat();
        self.set(&format!("{message}_key"), key);
        self.set(&format!("{message}_nonce_key"), nonce_key);
        self.set(&format!("{message}_plaintext"), plaintext);
        self.set(&format!("{message}_nonce"), &nonce);
        self.set(message, &[header, &sealed].concat());
        self.transcript.extend(sealed);
    }

    /// `K(label, n)`.
    fn key(&self, label: &str, th: &[u8; 32], bytes: usize) -> Vec<u8> {
        expand(&self.prk, &[self.formulas.protocol.as_bytes(), b" ", label.as_bytes(), &[0], th], bytes)
    }

    fn response(&mut self, sid_r: &[u8]) {
        let file = self.file;
        let header = [&[1, 4][..], sid_r].concat();
        self.transcript.extend(&header);
        let th4 = self.th("th4");
        let key = ed25519_dalek::SigningKey::from_bytes(&file.array("initiator_seed"));
        let device = key.verifying_key().to_bytes();
        let (user, wanted) = (file.bytes("user"), file.bytes("wanted"));
        let claim = [&opaque8(&user)[..], &device, &uint64(self.t_i()), &opaque16(&wanted)].concat();
        let label = format!("{} response signature", self.formulas.protocol);
        let responder = [opaque8(&file.bytes("expected_name")), file.bytes("expected_key")].concat();
        let input = [&opaque8(label.as_bytes())[..], &th4, &responder, &claim].concat();
        let signature = key.sign(&input).to_bytes();
        let mut plaintext = [&claim[..], &signature].concat();
        plaintext.resize(plaintext.len().next_multiple_of(64), 0);
        self.set("response_user", &user);
        self.set("response_device", &device);
        self.values.insert("response_t_i_ms".to_owned(), self.t_i().to_string());
        self.set("response_wanted", &wanted);
        self.set("response_signature", &signature);
        self.set("response_signature_input", &input);
        self.sealed("response", self.formulas.response, &header, &th4, &plaintext);
        self.th("th5");
    }

    /// What a Verdict says is judged, not computed: its plaintext is taken from the file.
    fn verdict(&mut self, sid_i: &[u8]) {
        let header = [&[1, 5][..], sid_i].concat();
        self.transcript.extend(&header);
        let th6 = self.th("th6");
        self.sealed("verdict", "verdict", &header, &th6, &self.file.bytes("verdict_plaintext"));
        self.th("th7");
    }

    fn session(&mut self) {
        let file = self.file;
        let th7 = sha256(&[&self.transcript]);
        let mut keys = BTreeMap::new();
        for (sender, direction) in [("initiator", "initiator to responder"), ("responder", "responder to initiator")] {
            let name = direction.replace(' ', "_");
            let mut secret: [u8; 32] = self.key(direction, &th7, 32).try_into().unwrap();
            for epoch in 0..2_u64 {
                let label = format!("{} {}", self.formulas.protocol, self.formulas.record_key);
                let key = expand(&secret, &[label.as_bytes()], 32);
                self.set(&format!("{name}_s_{epoch}"), &secret);
                self.set(&format!("{name}_key_{epoch}"), &key);
                keys.insert((sender.to_owned(), epoch), key);
                let label = format!("{} next epoch", self.formulas.protocol);
                secret = expand(&secret, &[label.as_bytes()], 32).try_into().unwrap();
            }
        }
        for number in (0..).take_while(|number| file.values.contains_key(&format!("record_{number}"))) {
            let header = &file.bytes(&format!("record_{number}"))[..18];
            let counter = u64::from_be_bytes(header[10..].try_into().unwrap());
            let key = &keys[&(file.values[&format!("record_{number}_sender")].clone(), counter >> 20)];
            let nonce = [&[0; 4][..], &uint64(counter)].concat();
            let sealed = seal(key, &nonce, header, &file.bytes(&format!("record_{number}_plaintext")));
            self.set(&format!("record_{number}"), &[header, &sealed].concat());
        }
        let exporter: [u8; 32] = self.key("exporter", &th7, 32).try_into().unwrap();
        self.set("exporter", &exporter);
        let label = format!("{} export", self.formulas.protocol);
        let context = sha256(&[&file.bytes("export_context")]);
        let info = [label.as_bytes(), &opaque8(&file.bytes("export_label")), &context];
        self.set("export", &expand(&exporter, &info, file.bytes("export").len()));
    }
}

/// CS-KEY-02, CS-KEY-03, CS-TRN-01: every value of every honest handshake follows from its inputs.
#[test]
fn the_formulas_of_the_specification_give_every_value() {
    let files = File::positive();
    assert_eq!(files.len(), 9);
    for file in files {
        let (difference, values) = file.first_difference(FORMULAS);
        assert_eq!(difference, None, "{}", file.name);
        assert!(values >= 40, "{}: {values} values", file.name);
    }
}

/// CS-TRN-02: the Hello with its cookie and the Retry leave th1 and all after it as they are without.
#[test]
fn a_retry_changes_no_value() {
    let (plain, retried) = (File::named("accepted.txt"), File::named("accepted-after-retry.txt"));
    assert_ne!(retried.values["hello_with_cookie"], retried.values["hello"]);
    let same = |name: &&String| !["title", "retry", "hello_with_cookie"].contains(&name.as_str());
    assert!(retried.order.iter().filter(same).all(|name| plain.values.get(name) == Some(&retried.values[name])));
}

/// CS-BOX-01, CS-HEDGE-01, CS-EXP-01: change one thing in the formulas, and the first value that rests on it is named.
#[test]
fn a_changed_label_order_or_length_is_named() {
    let file = File::named("records.txt");
    let altered = |formulas, value| assert_eq!(file.first_difference(formulas).0, Some(value));
    altered(Formulas { response: "Response", ..FORMULAS }, "response_key");
    altered(Formulas { record_key: "records key", ..FORMULAS }, "initiator_to_responder_key_0");
    altered(Formulas { nonce_key_first: true, ..FORMULAS }, "challenge_key");
    altered(Formulas { nonce: (20, 32), ..FORMULAS }, "challenge_nonce");
    altered(Formulas { shared_secret_as_salt: true, ..FORMULAS }, "prk");
    altered(Formulas { protocol: "countersign v2", ..FORMULAS }, "initiator_hedge_salt");
}

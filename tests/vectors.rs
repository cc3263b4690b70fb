//! Do the files of `spec/vectors` say what the code does, and does each fault in them meet its refusal?

use countersign_vectors::{Checked, Mismatch, Refusal, ReplayError, VectorFile, check, replay, write};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors")
}

/// The files as they stand, those whose names begin so.
fn files(prefix: &str) -> Vec<VectorFile> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.starts_with(prefix) && name.ends_with(".txt") {
            let text = fs::read_to_string(directory().join(&name)).unwrap();
            files.push(VectorFile::parse(name, &text).unwrap());
        }
    }
    assert!(!files.is_empty(), "no vector begins with {prefix}");
    files
}

fn is_negative(file: &VectorFile) -> bool {
    file.text("kind") == Ok("negative")
}

/// Runs every fault of this prefix from its file alone; their number.
fn replay_all(prefix: &str) -> usize {
    let faults: Vec<_> = files(prefix).into_iter().filter(is_negative).collect();
    for fault in &faults {
        assert_eq!(replay(fault), Ok(()), "{}: {}", fault.name(), fault.text("title").unwrap());
    }
    faults.len()
}

/// A copy of the vectors that may be altered.
fn copy(name: &str) -> PathBuf {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    write(&copy).unwrap();
    copy
}

fn alter(directory: &Path, file: &str, old: &str, new: &str) {
    let path = directory.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(old), "{file} holds {old}");
    fs::write(path, text.replacen(old, new, 1)).unwrap();
}

/// CS-IMPL-03: the same inputs give the same bytes, value by value.
#[test]
fn the_vectors_made_anew_are_the_files() {
    match check(&directory()) {
        Ok(Checked { files, values }) => assert!(files > 100 && values > 3_000, "{files} files, {values} values"),
        Err(mismatch) => panic!("{mismatch}"),
    }
}

/// CS-WIRE-01, CS-WIRE-02, CS-WIRE-09: what is no message is dropped, and the Hello after it is answered.
#[test]
fn datagrams_that_are_no_message_are_dropped() {
    assert_eq!(replay_all("datagram-"), 7);
}

/// CS-WIRE-03, CS-WIRE-04, CS-WIRE-05: a faulty offer is dropped before anything is drawn.
#[test]
fn faulty_hellos_are_dropped() {
    assert_eq!(replay_all("hello-"), 16);
}

/// CS-KEY-04: none of the seven encodings draws an answer, nor one with its top bit set.
#[test]
fn small_order_hellos_are_dropped() {
    assert_eq!(replay_all("hello-small-order-"), 8);
}

/// CS-INIT-02, CS-INIT-03, CS-INIT-05: a Challenge with one fault is dropped, and the genuine one is taken after it.
#[test]
fn faulty_challenges_are_dropped() {
    assert_eq!(replay_all("challenge-"), 18);
}

/// CS-KEY-01, CS-KEY-05: an exchange with nobody, or with itself, is no exchange.
#[test]
fn challenges_over_an_empty_exchange_are_dropped() {
    assert_eq!(replay_all("challenge-zero-"), 2);
    assert_eq!(replay_all("challenge-reflected"), 2);
}

/// CS-INIT-04, CS-SIG-03, CS-SIG-04: a signature for another name, transcript or position is none.
#[test]
fn challenges_with_another_signature_are_dropped() {
    assert_eq!(replay_all("challenge-signature-"), 6);
}

/// CS-BOX-02, CS-RESP-02: a Response that does not open is dropped, and the genuine one is accepted after it.
#[test]
fn responses_that_do_not_open_are_dropped() {
    assert_eq!(replay_all("response-"), 6);
}

/// CS-RESP-03, CS-REF-01: every faulty claim ends with the sealed refusal, byte for byte that of the file.
#[test]
fn faulty_claims_are_refused() {
    assert_eq!(replay_all("claim-"), 34);
    for claim in files("claim-") {
        assert_eq!(claim.bytes("refusal_verdict").unwrap().len(), 102, "{}", claim.name());
    }
}

/// CS-WIRE-06, CS-WIRE-07, CS-WIRE-08: one claim has one encoding.
#[test]
fn claims_of_another_encoding_are_refused() {
    assert_eq!(replay_all("claim-user-") + replay_all("claim-clearances-") + replay_all("claim-padding"), 13);
}

/// CS-SIG-01, CS-SIG-02, CS-SIG-05: signatures and keys that a lax verifier takes, and a claim signed for another.
#[test]
fn claims_with_a_weak_key_or_another_signature_are_refused() {
    assert_eq!(replay_all("claim-key-") + replay_all("claim-signature-"), 12);
}

/// CS-INIT-09, CS-INIT-10, CS-WIRE-10: a Verdict with one fault is dropped, and the genuine one is taken after it.
#[test]
fn faulty_verdicts_are_dropped() {
    assert_eq!(replay_all("verdict-"), 15);
}

/// CS-REC-01, CS-REC-02, CS-REC-04: a record with one fault is dropped, and the genuine one is taken after it.
#[test]
fn faulty_records_are_dropped() {
    assert_eq!(replay_all("record-"), 15);
}

/// CS-REF-04: every refusal that a datagram or a store can cause has a vector that names it.
#[test]
fn every_refusal_has_a_vector() {
    let expected: BTreeSet<String> =
        files("").iter().filter(|file| is_negative(file)).map(|file| file.text("expect").unwrap().to_owned()).collect();
    let each: BTreeSet<String> = Refusal::each().iter().map(Refusal::to_string).collect();
    assert_eq!(expected, each);
}

/// CS-IMPL-04: after every fault but the one that ends the wait, the genuine message is in the file, and is taken.
#[test]
fn dropped_faults_leave_the_genuine_message_welcome() {
    for fault in files("").iter().filter(|file| is_negative(file)) {
        let expect = fault.text("expect").unwrap();
        let goes_on = expect.starts_with("drop ") && expect != "drop responder-clock";
        assert_eq!(fault.optional("genuine").is_some(), goes_on, "{}", fault.name());
    }
}

/// CS-IMPL-04: the replay is no rubber stamp. With the genuine message in the fault's place, each one fails.
#[test]
fn a_genuine_message_in_place_of_the_fault_is_noticed() {
    for fault in files("").iter().filter(|file| file.optional("genuine").is_some()) {
        let line = |value: &str| format!("\ndatagram: {value}").trim_end().to_owned() + "\n";
        let (fault_line, honest_line) = (line(fault.text("datagram").unwrap()), line(fault.text("genuine").unwrap()));
        let text = fault.render().replacen(&fault_line, &honest_line, 1);
        let honest = VectorFile::parse(fault.name(), &text).unwrap();
        let expected = fault.text("expect").unwrap().to_owned();
        assert_eq!(
            replay(&honest),
            Err(ReplayError::Refusal { expected, found: "taken".to_owned() }),
            "{}",
            fault.name()
        );
    }
}

/// CS-IMPL-03: whoever changes a value is told which.
#[test]
fn the_first_value_that_differs_is_named() {
    let copy = copy("altered");
    let text = fs::read_to_string(copy.join("accepted.txt")).unwrap();
    let file = VectorFile::parse("accepted.txt", &text).unwrap();
    for (name, other) in [("th7", "verdict_key"), ("responder_skew_s", "th1"), ("response_nonce", "th5")] {
        // Two values altered: the earlier is named.
        let (first, later) = if text.find(&format!("\n{name}:")) < text.find(&format!("\n{other}:")) {
            (name, other)
        } else {
            (other, name)
        };
        for altered in [first, later] {
            let line = format!("\n{altered}: {}\n", file.text(altered).unwrap());
            alter(&copy, "accepted.txt", &line, &format!("\n{altered}: 00\n"));
        }
        match check(&copy) {
            Err(Mismatch::Differs { file: found, difference }) => {
                assert_eq!((found.as_str(), difference.name.as_str()), ("accepted.txt", first));
                assert_eq!(difference.expected.as_deref(), file.optional(first));
                assert_eq!(difference.found.as_deref(), Some("00"));
            }
            other => panic!("{other:?}"),
        }
        fs::write(copy.join("accepted.txt"), &text).unwrap();
    }
}

/// CS-IMPL-03: nor can a file, a comment or a line end come or go unseen.
#[test]
fn what_is_missing_or_superfluous_is_named() {
    let copy = copy("incomplete");
    alter(&copy, "follow.txt", "# \"vault\"", "# \"vaults\"");
    assert!(matches!(check(&copy), Err(Mismatch::Differs { difference, .. }) if difference.name == "(comments)"));
    alter(&copy, "follow.txt", "# \"vaults\"", "# \"vault\"");
    alter(&copy, "follow.txt", "\n", "\r\n");
    assert!(matches!(check(&copy), Err(Mismatch::Differs { difference, .. }) if difference.name == "(line ends)"));
    alter(&copy, "follow.txt", "\r\n", "\n");
    fs::write(copy.join("more.txt"), "").unwrap();
    assert!(matches!(check(&copy), Err(Mismatch::Superfluous { file }) if file == "more.txt"));
    fs::remove_file(copy.join("follow.txt")).unwrap();
    assert!(matches!(check(&copy), Err(Mismatch::Missing { file }) if file == "follow.txt"));
}

//! Is one message one byte string, and does no other byte string pass?

use countersign::wire::{
    CHALLENGE_BYTES, DATAGRAM_BYTES_MAX, DecodeError, HELLO_BYTES, Kind, Message, RETRY_BYTES, SUITE_1, SUITES_MAX,
    Suites, layout,
};
use countersign::{Clearances, Name, Reject, VerifiedVerdict};
use countersign_tests::exchange::{
    Established, Exchange, Greeted, Judged, Refused, Responded, challenge, hello, kind_of, record, response, specimens,
    verdict,
};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;

const SPECIFICATION: &str = include_str!("../spec/wire.md");

/// Whether a type allows this size, by the table of types in the specification.
fn size_is_allowed(kind: Kind, bytes: usize) -> bool {
    match kind {
        Kind::Hello => bytes == 224,
        Kind::Retry => bytes == 43,
        Kind::Challenge => bytes == 215,
        Kind::Response => (2..=11).any(|steps| bytes == 38 + 64 * steps),
        Kind::Verdict => (1..=9).any(|steps| bytes == 38 + 64 * steps),
        Kind::Record => (35..=1_200).contains(&bytes),
    }
}

/// The kind that a datagram decodes to.
fn decoded(datagram: &[u8]) -> Result<Kind, DecodeError> {
    Message::decode(datagram).map(|message| kind_of(&message))
}

/// CS-WIRE-02
#[test]
fn a_truncated_message_is_refused_unless_its_size_is_allowed() {
    let mut refused = 0;
    for (kind, bytes) in specimens(1) {
        for length in 0..bytes.len() {
            let expected = if size_is_allowed(kind, length) { Ok(kind) } else { Err(DecodeError::Length) };
            assert_eq!(decoded(&bytes[..length]), expected, "{kind:?} cut to {length} bytes");
            refused += usize::from(expected.is_err());
        }
    }
    assert!(refused > 1_000, "only {refused} truncations were refused");
}

/// CS-WIRE-02
#[test]
fn a_message_with_trailing_bytes_is_refused_unless_its_size_is_allowed() {
    for (kind, bytes) in specimens(2) {
        for extra in 1..=3 {
            let longer = [&bytes[..], &[0; 3][..extra]].concat();
            let expected = if kind == Kind::Record { Ok(kind) } else { Err(DecodeError::Length) };
            assert_eq!(decoded(&longer), expected, "{kind:?} with {extra} bytes more");
        }
    }
}

/// CS-WIRE-02, CS-RESP-02, CS-INIT-09
#[test]
fn a_sealed_message_of_another_allowed_size_does_not_open() {
    let mut exchange = Exchange::honest(3);
    exchange.wanted = clearances_of_32_bytes(16);
    exchange.profile.held = exchange.wanted.clone();
    exchange.profile.required = Clearances::none();
    let Responded { half_open, waiting, flight } = exchange.responded();
    let mut shorter = 0;
    for length in (0..=742).filter(|length| *length != flight.response.len()) {
        let resized = resized(&flight.response, length);
        let Ok(message) = response(&resized) else { continue };
        assert_eq!(half_open.open(&message).err(), Some(Reject::BoxDoesNotOpen), "a Response of {length} bytes");
        shorter += 1;
    }
    assert_eq!(shorter, 9, "sizes allowed besides the genuine one");

    let accepted = exchange.judge(half_open, &flight.response).expect("the genuine Response is still accepted");
    for length in (0..=614).filter(|length| *length != accepted.verdict.len()) {
        let resized = resized(&accepted.verdict, length);
        let Ok(message) = verdict(&resized) else { continue };
        assert_eq!(waiting.check(&message).err(), Some(Reject::BoxDoesNotOpen), "a Verdict of {length} bytes");
    }
    assert!(matches!(waiting.check(&verdict(&accepted.verdict).unwrap()), Ok(VerifiedVerdict::Accepted(_))));
}

/// CS-WIRE-09, CS-REC-01
#[test]
fn a_record_of_another_size_does_not_open() {
    let Established { mut initiators, responders, .. } = Exchange::honest(4).established();
    let sealed = initiators.seal(&[7; 200]).unwrap().to_vec();
    for length in (35..=DATAGRAM_BYTES_MAX).filter(|length| *length != sealed.len()) {
        let resized = resized(&sealed, length);
        let refused = responders.check(&record(&resized).unwrap()).err();
        assert_eq!(refused, Some(Reject::RecordDoesNotOpen), "a Record of {length} bytes");
    }
    assert!(responders.check(&record(&sealed).unwrap()).is_ok());
}

/// CS-WIRE-09
#[test]
fn a_record_of_1200_bytes_is_the_longest() {
    let Established { mut initiators, responders, .. } = Exchange::honest(5).established();
    let longest = initiators.seal(&[7; 1_165]).unwrap().to_vec();
    assert_eq!(longest.len(), DATAGRAM_BYTES_MAX);
    assert!(responders.check(&record(&longest).unwrap()).is_ok());
    assert_eq!(decoded(&resized(&longest, DATAGRAM_BYTES_MAX + 1)), Err(DecodeError::Length));
    assert_eq!(initiators.seal(&[7; 1_166]).err(), Some(countersign::SealError::TooLong));
}

/// CS-WIRE-01
#[test]
fn every_other_version_is_refused() {
    for (kind, bytes) in specimens(6) {
        for version in (0..=255).filter(|version| *version != 1) {
            assert_eq!(decoded(&with_byte(&bytes, 0, version)), Err(DecodeError::Version), "{kind:?}");
        }
    }
}

/// CS-WIRE-01
#[test]
fn every_other_type_is_refused_and_six_is_reserved() {
    for (_, bytes) in specimens(7) {
        for number in 0..=255 {
            let kind = Kind::ALL.into_iter().find(|kind| *kind as u8 == number);
            let expected = match kind {
                None => Err(DecodeError::Kind),
                Some(kind) if size_is_allowed(kind, bytes.len()) => Ok(kind),
                Some(_) => Err(DecodeError::Length),
            };
            assert_eq!(decoded(&with_byte(&bytes, 1, number)), expected, "type {number}");
        }
        assert_eq!(decoded(&with_byte(&bytes, 1, 6)), Err(DecodeError::Kind));
    }
}

/// CS-WIRE-03
#[test]
fn every_padding_bit_of_a_hello_is_zero() {
    let Greeted { flight, .. } = Exchange::honest(8).greeted();
    for (at, bit) in (115..HELLO_BYTES).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
        let padded = with_byte(&flight.hello, at, 1 << bit);
        assert_eq!(decoded(&padded), Err(DecodeError::Padding), "bit {bit} of byte {at}");
    }
}

/// CS-WIRE-04
#[test]
fn nothing_but_zeros_follows_the_suites_of_a_hello() {
    let Greeted { flight, .. } = Exchange::honest(9).greeted();
    for (at, value) in (44..50).flat_map(|at| (1..=255).map(move |value| (at, value))) {
        assert_eq!(decoded(&with_byte(&flight.hello, at, value)), Err(DecodeError::Suites), "{value} at {at}");
    }
    assert_eq!(decoded(&with_byte(&flight.hello, 42, 0)), Err(DecodeError::Suites), "an empty offer");
    assert_eq!(decoded(&with_byte(&flight.hello, 43, SUITE_1)), Err(DecodeError::Suites), "a suite offered twice");
    assert_eq!(decoded(&with_byte(&flight.hello, 43, 2)), Ok(Kind::Hello), "an unknown suite is no fault");
}

/// CS-WIRE-02
#[test]
fn the_sizes_in_the_specification_are_those_of_the_code() {
    let mut rows = 0;
    for row in table("| Type | Message | Sent by | Size |") {
        let Some(kind) = Kind::ALL.into_iter().find(|kind| row[1] == format!("{kind:?}")) else {
            assert_eq!(row[1], "Answer");
            continue;
        };
        assert_eq!(row[0], (kind as u8).to_string());
        let allowed: Vec<usize> = (0..=1_300).filter(|bytes| size_is_allowed(kind, *bytes)).collect();
        let (first, last) = (allowed[0], allowed[allowed.len() - 1]);
        let stated: Vec<usize> = numbers(row[3].split(" (").next().unwrap());
        assert_eq!((stated[0], stated[stated.len() - 1]), (first, last), "{kind:?}");
        for bytes in 0..=1_300 {
            let mut datagram = vec![0; 1_300];
            datagram[..2].copy_from_slice(&[1, kind as u8]);
            datagram[42] = SUITE_1; // a Hello has to offer something
            let expected = if size_is_allowed(kind, bytes) { Ok(kind) } else { Err(DecodeError::Length) };
            assert_eq!(decoded(&datagram[..bytes]), expected, "{kind:?} of {bytes} bytes");
        }
        rows += 1;
    }
    assert_eq!(rows, Kind::ALL.len());
    assert_eq!([HELLO_BYTES, RETRY_BYTES, CHALLENGE_BYTES, DATAGRAM_BYTES_MAX], [224, 43, 215, 1_200]);
}

/// CS-WIRE-10
#[test]
fn the_fields_in_the_specification_are_those_of_the_layout() {
    for (kind, bytes) in specimens(10) {
        let section = SPECIFICATION.split(&format!("\n## {kind:?}\n")).nth(1).unwrap();
        let rows = rows_after(section, "| Field | Offset | Size | Content |");
        let mut compared = 0;
        // The specification draws the kind of a record apart from its data, which only the receiver can.
        let plain = rows.iter().take_while(|row| row[0] != "sealed kind");
        for (row, field) in plain.zip(layout(kind, bytes.len())) {
            let (Ok(offset), Ok(size)) = (row[1].parse::<usize>(), row[2].parse::<usize>()) else { break };
            assert_eq!((row[0], offset, size), (field.name, field.at.start, field.at.len()), "{kind:?}");
            compared += 1;
        }
        assert!(compared >= 4, "{kind:?}: only {compared} fields were compared");
    }
}

/// CS-WIRE-10
#[test]
fn the_layout_covers_each_datagram_without_gaps() {
    for (kind, bytes) in specimens(11) {
        let mut end = 0;
        for field in layout(kind, bytes.len()) {
            assert_eq!(field.at.start, end, "{kind:?}: {}", field.name);
            assert!(!field.at.is_empty(), "{kind:?}: {}", field.name);
            end = field.at.end;
        }
        assert_eq!(end, bytes.len(), "{kind:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    /// CS-WIRE-04
    #[test]
    fn an_offer_is_distinct_suites_and_then_zeros(bytes in prop::array::uniform8(0_u8..5)) {
        let offered: Vec<u8> = bytes.iter().copied().take_while(|suite| *suite != 0).collect();
        let distinct = offered.iter().collect::<BTreeSet<_>>().len() == offered.len();
        let filled = bytes[offered.len()..].iter().all(|suite| *suite == 0);
        let suites = Suites::decode(&bytes);
        if offered.is_empty() || !distinct || !filled {
            prop_assert_eq!(suites, Err(DecodeError::Suites));
        } else {
            let suites = suites.unwrap();
            prop_assert_eq!(suites.as_bytes(), &bytes);
            prop_assert_eq!(suites.iter().collect::<Vec<_>>(), offered);
        }
    }

    /// CS-WIRE-06
    #[test]
    fn a_name_is_1_to_64_bytes_of_any_value(bytes in vec(any::<u8>(), 0..=70)) {
        let name = Name::new(&bytes).map(|name| name.as_bytes().to_vec());
        let expected = if (1..=64).contains(&bytes.len()) { Ok(bytes) } else { Err(DecodeError::Name) };
        prop_assert_eq!(name, expected);
    }

    /// CS-WIRE-06
    #[test]
    fn names_are_equal_only_byte_by_byte(one in vec(any::<u8>(), 1..=8), at: prop::sample::Index, bit in 0..8_u8) {
        let mut other = one.clone();
        other[at.index(one.len())] ^= 1_u8 << bit;
        let [one, other] = [one, other].map(|bytes| Name::new(&bytes).unwrap());
        prop_assert_ne!(&one, &other);
        prop_assert_eq!(&one, &one.clone());
    }

    /// CS-WIRE-07
    #[test]
    fn a_list_of_clearances_is_at_most_16_distinct_ones_of_1_to_32_bytes(
        list in vec(vec(97_u8..100, 0..=3), 0..=18),
        long in vec(vec(any::<u8>(), 30..=34), 0..=2),
    ) {
        let list = [list, long].concat();
        let distinct: BTreeSet<&[u8]> = list.iter().map(Vec::as_slice).collect();
        let sized = list.iter().all(|clearance| (1..=32).contains(&clearance.len()));
        let slices: Vec<&[u8]> = list.iter().map(Vec::as_slice).collect();
        if sized && distinct.len() == list.len() && list.len() <= 16 {
            let clearances = Clearances::new(&slices).unwrap();
            prop_assert!(clearances.iter().eq(distinct.iter().copied()), "in ascending order");
            prop_assert_eq!(clearances.as_bytes(), &as_it_travels(&distinct.into_iter().collect::<Vec<_>>())[..]);
            prop_assert_eq!(Clearances::decode(clearances.as_bytes()), Ok(clearances));
        } else {
            prop_assert_eq!(Clearances::new(&slices), Err(DecodeError::Clearances));
        }
    }

    /// CS-WIRE-07
    #[test]
    fn a_list_in_another_order_is_refused(
        list in prop::collection::btree_set(vec(97_u8..100, 1..=4), 2..=16).prop_map(Vec::from_iter).prop_shuffle(),
    ) {
        let slices: Vec<&[u8]> = list.iter().map(Vec::as_slice).collect();
        let decoded = Clearances::decode(&as_it_travels(&slices));
        let expected = if slices.is_sorted() { Clearances::new(&slices) } else { Err(DecodeError::Clearances) };
        prop_assert_eq!(decoded, expected);
    }

    /// CS-WIRE-05
    #[test]
    fn the_responder_takes_the_first_suite_that_it_has(
        list in prop::collection::btree_set(1_u8..=12, 1..=SUITES_MAX).prop_map(Vec::from_iter).prop_shuffle(),
    ) {
        let mut exchange = Exchange::honest(12);
        let Greeted { waiting, mut flight } = exchange.greeted();
        flight.hello[42..42 + SUITES_MAX].fill(0);
        flight.hello[42..42 + list.len()].copy_from_slice(&list);
        let answer = exchange.answer(&flight.hello);
        if list.contains(&SUITE_1) {
            let (_, datagram) = answer.unwrap();
            prop_assert_eq!(challenge(&datagram).unwrap().suite, SUITE_1);
            // The offer was changed on the way, so only an unchanged one gives a Challenge that the initiator opens.
            let untouched = flight.hello == waiting.hello(&[0; 33]).to_vec();
            let judged = exchange.check(&waiting, &datagram).err();
            prop_assert_eq!(judged, (!untouched).then_some(Refused::Rejected(Reject::BoxDoesNotOpen)));
        } else {
            prop_assert_eq!(answer.err(), Some(Refused::Rejected(Reject::NoCommonSuite)));
        }
    }
}

/// CS-WIRE-07
#[test]
fn sixteen_clearances_of_32_bytes_pass_and_one_more_does_not() {
    let sixteen = clearances_of_32_bytes(16);
    assert_eq!(sixteen.as_bytes().len(), 528);
    assert_eq!(Clearances::decode(sixteen.as_bytes()), Ok(sixteen.clone()));
    let seventeen = [sixteen.as_bytes(), &[1, 0xff]].concat();
    assert_eq!(Clearances::decode(&seventeen), Err(DecodeError::Clearances));
    assert_eq!(Clearances::decode(&[0]), Err(DecodeError::Clearances), "an empty clearance");
    assert_eq!(Clearances::decode(&[2, b'a']), Err(DecodeError::Clearances), "a clearance cut short");
    assert_eq!(Clearances::decode(&[1, b'b', 2, b'b', b'b', 2, b'a', b'z']), Err(DecodeError::Clearances));
    assert!(Clearances::decode(&[2, b'a', b'z', 1, b'b', 2, b'b', b'b']).is_ok(), "a prefix comes first");
}

/// CS-AMP-01, CS-REF-01
#[test]
fn no_answer_is_larger_than_what_it_answers() {
    let Judged { flight, .. } = Exchange::honest(13).judged();
    assert!(RETRY_BYTES <= flight.hello.len() && flight.challenge.len() <= flight.hello.len());
    assert!(flight.verdict.len() <= flight.response.len());
    assert_eq!(hello(&flight.hello).unwrap().encode().len(), HELLO_BYTES);
}

fn clearances_of_32_bytes(count: u8) -> Clearances {
    let each: Vec<[u8; 32]> = (1..=count).map(|number| [number; 32]).collect();
    Clearances::new(&each.iter().map(|clearance| &clearance[..]).collect::<Vec<_>>()).unwrap()
}

/// Clearances in this order, each behind its length.
fn as_it_travels(list: &[&[u8]]) -> Vec<u8> {
    list.iter().flat_map(|clearance| [&[clearance.len() as u8], *clearance].concat()).collect()
}

fn with_byte(bytes: &[u8], at: usize, value: u8) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[at] = value;
    changed
}

fn resized(bytes: &[u8], length: usize) -> Vec<u8> {
    let mut resized = bytes.to_vec();
    resized.resize(length, 0);
    resized
}

/// The cells of each row of the first table under this heading row.
fn table(heading: &str) -> Vec<Vec<&'static str>> {
    rows_after(SPECIFICATION, heading)
}

fn rows_after<'a>(text: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let (_, rows) = text.split_once(heading).expect("the specification has this table");
    let rows = rows.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// The whole numbers in a text, its thousands separators left out.
fn numbers(text: &str) -> Vec<usize> {
    let text = text.replace(',', "").replace('…', " ");
    let words = text.split(|letter: char| !letter.is_ascii_digit());
    words.filter_map(|word| word.parse().ok()).collect()
}

//! Does each record of a session open once, in its own direction and epoch, and not otherwise?

use countersign::wire::{DecodeError, Message, Record, TAG_BYTES};
use countersign::{Content, EPOCH_RECORDS, Reject, Session, WINDOW_RECORDS};
use countersign_tests::exchange::{Established, Exchange, record};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The two sessions of one handshake; the initiator has sealed its record 0, the confirm, and it has been opened.
fn sessions() -> (Session, Session) {
    let Established { initiators, responders, .. } = Exchange::honest(1).established();
    (initiators, responders)
}

/// Opens a record, or says why it is refused.
fn open(session: &mut Session, bytes: &[u8]) -> Result<Content, Reject> {
    let record = record(bytes).expect("it is a record by its shape");
    let opened = session.check(&record)?;
    Ok(session.take(opened))
}

fn data(number: u64) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

/// The initiator's records 1 to `count`, each with its counter for data.
fn sealed(session: &mut Session, count: u64) -> Vec<Vec<u8>> {
    (1..=count).map(|number| session.seal(&data(number)).unwrap().to_vec()).collect()
}

fn counter(bytes: &[u8]) -> u64 {
    let Ok(Message::Record(Record { counter, .. })) = Message::decode(bytes) else { panic!("not a record") };
    counter
}

/// CS-REC-01: counters from 0, each once, in each direction.
#[test]
fn each_record_has_the_next_counter() {
    let (mut initiators, mut responders) = sessions();
    let records = sealed(&mut initiators, 5);
    assert_eq!(records.iter().map(|record| counter(record)).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(counter(&responders.confirm().unwrap()), 0);
    assert_eq!(counter(&responders.seal(b"data").unwrap()), 1);
    assert!(responders.seal(&[0; 1_166]).is_err());
    assert_eq!(counter(&responders.close().unwrap()), 2, "what was not sealed has no counter");
}

/// CS-REC-02
#[test]
fn a_replay_is_refused() {
    let (mut initiators, mut responders) = sessions();
    let records = sealed(&mut initiators, 3);
    for (record, number) in records.iter().zip(1..) {
        assert_eq!(open(&mut responders, record), Ok(Content::Data(data(number))));
        assert_eq!(open(&mut responders, record), Err(Reject::RecordReplayed));
    }
    for record in &records {
        assert_eq!(open(&mut responders, record), Err(Reject::RecordReplayed));
    }
}

/// CS-REC-03: one's own record is nobody's to oneself, with its own sid or the other.
#[test]
fn a_reflected_record_does_not_open() {
    let (mut initiators, responders) = sessions();
    let own = initiators.seal(b"mine").unwrap().to_vec();
    let mut readdressed = own.clone();
    readdressed[2..10].copy_from_slice(&initiators.id().0);
    for reflected in [&own, &readdressed] {
        assert_eq!(open(&mut initiators, reflected), Err(Reject::RecordDoesNotOpen));
    }
    let mut responders = responders;
    assert_eq!(open(&mut responders, &own), Ok(Content::Data(b"mine".to_vec())), "the same bytes where they belong");
}

/// CS-REC-02: in any order within 1,024, and not beyond.
#[test]
fn records_open_in_any_order_within_the_window() {
    let (mut initiators, mut responders) = sessions();
    let records = sealed(&mut initiators, 1_500);
    let newest = 1_500;
    assert_eq!(open(&mut responders, &records[newest - 1]), Ok(Content::Data(data(1_500))));
    for number in (1..=1_499_u64).rev() {
        let opened = open(&mut responders, &records[usize::try_from(number).unwrap() - 1]);
        let expected =
            if number + WINDOW_RECORDS > 1_500 { Ok(Content::Data(data(number))) } else { Err(Reject::RecordReplayed) };
        assert_eq!(opened, expected, "{number}");
    }
}

/// CS-REC-01, CS-IMPL-04: no byte of a record can be changed, and trying changes nothing.
#[test]
fn a_record_with_any_byte_changed_is_refused() {
    let (mut initiators, mut responders) = sessions();
    let record = initiators.seal(b"what was said").unwrap().to_vec();
    for at in 0..record.len() {
        for change in [1, 0x80] {
            let mut changed = record.clone();
            changed[at] ^= change;
            let refused = match Message::decode(&changed) {
                Ok(Message::Record(message)) => responders.check(&message).map(|_| ()).unwrap_err(),
                Ok(other) => panic!("it became another message: {other:?}"),
                Err(error) => error.into(),
            };
            let expected = match at {
                0 => Reject::Decode(DecodeError::Version),
                1 if change == 1 => Reject::Decode(DecodeError::Kind),
                1 => Reject::Decode(DecodeError::Kind),
                // The counter's upper bytes put it in an epoch out of reach; the lowest makes it the 0 that was opened.
                10..=14 => Reject::EpochOutOfReach,
                15 if change == 0x80 => Reject::EpochOutOfReach,
                17 if change == 1 => Reject::RecordReplayed,
                _ => Reject::RecordDoesNotOpen,
            };
            assert_eq!(refused, expected, "byte {at}, {change:#x}");
        }
    }
    assert_eq!(open(&mut responders, &record), Ok(Content::Data(b"what was said".to_vec())));
}

/// CS-REC-01: shorter or longer by any number of bytes.
#[test]
fn a_record_of_another_length_is_refused() {
    let (mut initiators, mut responders) = sessions();
    let record = initiators.seal(b"what was said").unwrap().to_vec();
    for length in 18 + TAG_BYTES + 1..record.len() {
        assert_eq!(open(&mut responders, &record[..length]), Err(Reject::RecordDoesNotOpen), "{length} bytes");
    }
    let longer = [&record[..], &[0]].concat();
    assert_eq!(open(&mut responders, &longer), Err(Reject::RecordDoesNotOpen));
}

/// CS-REC-06: the close's counter is final, so whatever is held back shows.
#[test]
fn a_close_counts_what_never_arrived() {
    let all = [true; 6];
    let none = [false; 6];
    let some = [true, false, false, true, true, false];
    for arrives in [all, none, some] {
        let (mut initiators, mut responders) = sessions();
        let records = sealed(&mut initiators, 6);
        for (record, _) in records.iter().zip(arrives).filter(|(_, arrives)| *arrives) {
            open(&mut responders, record).unwrap();
        }
        let missing = u64::try_from(arrives.iter().filter(|arrives| !**arrives).count()).unwrap();
        let close = initiators.close().unwrap();
        assert_eq!(open(&mut responders, &close), Ok(Content::Close { missing }));
    }
}

/// The counters of the initiator's records that the tests of epochs need.
const NEEDED: [u64; 10] = [
    1,
    EPOCH_RECORDS - 1_024,
    EPOCH_RECORDS - 2,
    EPOCH_RECORDS - 1,
    EPOCH_RECORDS,
    EPOCH_RECORDS + 1,
    EPOCH_RECORDS + 1_022,
    EPOCH_RECORDS + 1_023,
    2 * EPOCH_RECORDS - 1,
    2 * EPOCH_RECORDS,
];

/// Those records of the session of `sessions`, sealed in order like all before them.
fn far_records() -> &'static BTreeMap<u64, Vec<u8>> {
    static RECORDS: OnceLock<BTreeMap<u64, Vec<u8>>> = OnceLock::new();
    RECORDS.get_or_init(|| {
        let (mut initiators, _) = sessions();
        let mut records = BTreeMap::new();
        for number in 1..=2 * EPOCH_RECORDS {
            let record = initiators.seal(b"far").unwrap();
            if NEEDED.contains(&number) {
                records.insert(number, record.to_vec());
            }
        }
        records
    })
}

/// What comes of these records, in this order, at a receiver that has opened record 0.
fn received(numbers: &[u64]) -> Vec<Result<(), Reject>> {
    let (_, mut responders) = sessions();
    let records = far_records();
    numbers.iter().map(|number| open(&mut responders, &records[number]).map(|_| ())).collect()
}

/// CS-REC-04: the receiver follows into the next epoch, by a record that opened.
#[test]
fn the_epoch_moves_on_with_the_counter() {
    let epoch = EPOCH_RECORDS;
    assert_eq!(received(&[1, epoch - 1, epoch, epoch + 1, 2 * epoch - 1, 2 * epoch]), [Ok(()); 6]);
    assert_eq!(received(&[epoch]), [Ok(())], "also with nothing in between");
}

/// CS-REC-04: two epochs ahead is out of reach, and does not move anything.
#[test]
fn an_epoch_two_ahead_is_out_of_reach() {
    let epoch = EPOCH_RECORDS;
    let out_of_reach = Err(Reject::EpochOutOfReach);
    let expected = [out_of_reach, Ok(()), Ok(()), Ok(())];
    assert_eq!(received(&[2 * epoch, 1, epoch, 2 * epoch]), expected);
}

/// CS-REC-04: a counter alone does not move the epoch.
#[test]
fn a_forged_counter_does_not_move_the_epoch() {
    let (_, mut responders) = sessions();
    let records = far_records();
    let mut forged = records[&EPOCH_RECORDS].clone();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(open(&mut responders, &forged), Err(Reject::RecordDoesNotOpen));
    assert_eq!(responders.newest(), Some(0));
    assert_eq!(open(&mut responders, &records[&1]), Ok(Content::Data(b"far".to_vec())));
    assert_eq!(open(&mut responders, &records[&(2 * EPOCH_RECORDS)]), Err(Reject::EpochOutOfReach));
    assert_eq!(open(&mut responders, &records[&EPOCH_RECORDS]), Ok(Content::Data(b"far".to_vec())));
}

/// CS-REC-05: late records of the last epoch open as long as the window reaches into it.
#[test]
fn the_previous_epoch_opens_until_the_window_has_left_it() {
    let epoch = EPOCH_RECORDS;
    let too_late = Err(Reject::RecordReplayed);
    assert_eq!(received(&[epoch, epoch - 1, epoch - 2, epoch - 1_024]), [Ok(()), Ok(()), Ok(()), too_late]);
    assert_eq!(received(&[epoch + 1_022, epoch - 1, epoch - 2]), [Ok(()), Ok(()), too_late]);
    assert_eq!(received(&[epoch + 1_023, epoch - 1, epoch]), [Ok(()), too_late, Ok(())]);
    assert_eq!(received(&[epoch, 2 * epoch, 2 * epoch - 1, epoch + 1]), [Ok(()), Ok(()), Ok(()), too_late]);
}

/// CS-REC-04, CS-REC-03: an epoch has a key of its own. A record of one does not open under a counter of the other.
#[test]
fn epochs_do_not_share_a_key() {
    let (_, mut responders) = sessions();
    let mut moved = far_records()[&EPOCH_RECORDS].clone();
    moved[10..18].copy_from_slice(&1_u64.to_be_bytes());
    assert_eq!(open(&mut responders, &moved), Err(Reject::RecordDoesNotOpen));
    assert_ne!(far_records()[&1][18..], far_records()[&EPOCH_RECORDS][18..]);
}

//! Does every defence hold something up? Each is attacked whole, and then switched off alone.
//!
//! A guard plays one attack and says whether the claim held. It must hold with every defence in place, and break
//! without the one that it guards: a guard that cannot go red guards nothing.

mod attacker;
mod boxes;
mod cookies;
mod initiator;
mod keys;
mod responder;
mod sessions;
mod signatures;
mod transcript;

use attacker::Guard;
use countersign::{Ablated, Defence, Defences, Whole};

/// Names the guard of each defence: one arm of the `match`, which a new defence leaves incomplete, and one test.
macro_rules! guards {
    ($($defence:ident => $family:ident::$guard:ident,)+) => {
        fn attack<D: Defences>(defence: Defence, defences: D) -> Guard {
            match defence {
                $(Defence::$defence => $family::$guard(defences),)+
            }
        }

        /// Each defence, the file of its guard and the guard's name.
        const GUARDS: &[(Defence, &str, &str)] =
            &[$((Defence::$defence, stringify!($family), stringify!($guard)),)+];

        $(
            #[test]
            fn $guard() {
                holds_up(Defence::$defence);
            }
        )+
    };
}

guards! {
    HelloPadded => responder::hello_without_padding_gets_no_answer,
    SuitesInTranscript => transcript::suites_changed_on_the_way_are_noticed,
    NoncesInTranscript => transcript::nonces_changed_on_the_way_are_noticed,
    EphemeralsInTranscript => transcript::man_in_the_middle_reads_nothing,
    TimestampInTranscript => transcript::timestamp_changed_on_the_way_is_noticed,
    ContributoryExchange => keys::session_that_everybody_could_read_is_refused,
    SmallOrderEphemeral => keys::hello_of_small_order_draws_nothing,
    ReflectedEphemeral => keys::own_ephemeral_is_refused,
    SyntheticNonce => boxes::two_texts_under_one_key_stay_apart,
    NonceRecomputed => boxes::peer_that_repeats_nonces_is_refused,
    StrictSignature => signatures::signature_that_gives_its_key_away_is_refused,
    WeakKeyRefused => signatures::key_that_everybody_can_sign_for_is_refused,
    SignatureLabels => signatures::signature_means_nothing_in_another_place,
    ResponderNameSigned => signatures::another_name_over_the_same_key_gets_no_response,
    ClaimSigned => signatures::claim_rewritten_under_its_signature_is_refused,
    ClaimNamesResponder => signatures::handshake_relayed_under_another_name_is_refused,
    HedgedRandomness => keys::stuck_generator_does_not_repeat,
    HedgeSalted => keys::generator_that_others_compute_gives_nothing_away,
    HedgeSeeded => keys::key_stolen_later_opens_nothing_recorded,
    SuiteOffered => initiator::suite_not_offered_is_refused,
    ResponderKeyPinned => initiator::look_alike_with_its_own_key_is_refused,
    ResponderSignature => initiator::stranger_cannot_answer_for_the_responder,
    ResponderClock => initiator::responder_outside_the_skew_gets_no_response,
    JunkIgnored => initiator::forged_challenge_does_not_end_the_wait,
    ChallengeBucket => initiator::flood_of_challenges_costs_a_few_checks,
    VerdictAuthenticated => initiator::forged_verdict_is_not_believed,
    GrantWithinWanted => initiator::grant_not_wanted_is_dropped,
    RisingTimestamp => initiator::clock_set_back_does_not_lock_the_device_out,
    OneAtATime => initiator::handshakes_begun_at_once_do_not_clash,
    RepeatsIdentical => responder::hello_sent_again_makes_no_second_entry,
    DeviceEnrolled => responder::strange_device_is_refused,
    DeviceSignature => responder::device_key_without_its_signature_is_refused,
    TimestampWindow => responder::clock_a_year_ahead_does_not_lock_the_device_out,
    GrantWithinHeld => responder::clearance_not_held_is_not_granted,
    RequiredClearances => responder::grant_below_policy_is_a_refusal,
    LatestTimestamp => responder::replay_to_a_clone_is_refused,
    OwnKey => responder::own_key_is_no_peer,
    HalfOpenLifetime => responder::silent_initiators_are_forgotten,
    TableBound => responder::table_does_not_outgrow_its_bound,
    CookieBoundToAddress => cookies::cookie_is_no_good_from_elsewhere,
    CookieBoundToHello => cookies::cookie_is_no_good_for_another_hello,
    CookieExpires => cookies::cookie_does_not_keep,
    RetryBudget => cookies::forged_retries_do_not_multiply_hellos,
    ReasonWithheld => responder::stranger_is_not_told_why,
    EqualWork => responder::unknown_device_costs_as_much_as_a_known_one,
    AddressFollowsNewest => sessions::late_record_does_not_move_the_peer,
    ReplayWindow => sessions::record_counts_once,
    DirectionKeys => sessions::directions_share_no_key,
    EpochReach => sessions::far_epoch_costs_nothing,
    CloseAuthenticated => sessions::forged_close_closes_nothing,
}

/// The attack on this defence fails, until the defence is gone.
fn holds_up(defence: Defence) {
    assert_eq!(attack(defence, Whole), Guard::Held, "with every defence built in");
    assert_eq!(attack(defence, Ablated::without(&[])), Guard::Held, "with every defence switched on");
    match attack(defence, Ablated::without(&[defence])) {
        Guard::Broken(achieved) => println!("without {defence}: {achieved}"),
        Guard::Held => panic!("without {defence} the attack still fails: the guard guards nothing"),
    }
}

/// Every defence belongs to one requirement, which names it.
#[test]
fn each_defence_is_named_by_its_requirement() {
    let spec = spec();
    for defence in Defence::ALL {
        let heading = format!("### {}\n", defence.requirement());
        let (_, section) = spec.split_once(&heading).unwrap_or_else(|| panic!("no heading {heading:?}"));
        let (section, _) = section.split_once("\n#").unwrap_or((section, ""));
        let line = format!("Defence: `{defence}`");
        assert!(section.lines().any(|said| said.starts_with(&line)), "{heading:?} has no line {line:?}");
    }
}

/// A guard breaks without its own defence, and not without another, unless that one is what its own serves.
#[test]
fn each_guard_rests_on_its_own_defence() {
    for (guard, off) in Defence::ALL.iter().flat_map(|guard| Defence::ALL.iter().map(move |off| (*guard, *off))) {
        let expected = guard == off || SERVES.contains(&(guard, off));
        let broken = attack(guard, Ablated::without(&[off])) != Guard::Held;
        assert_eq!(broken, expected, "the guard of {guard}, without {off}");
    }
}

/// Defences that only matter through another: what is signed or drawn matters as far as somebody looks at it.
const SERVES: &[(Defence, Defence)] = &[
    (Defence::EphemeralsInTranscript, Defence::ResponderSignature),
    (Defence::ResponderNameSigned, Defence::ResponderSignature),
    (Defence::StrictSignature, Defence::DeviceSignature),
    (Defence::ClaimSigned, Defence::DeviceSignature),
    (Defence::ClaimNamesResponder, Defence::DeviceSignature),
    (Defence::NonceRecomputed, Defence::SyntheticNonce),
    (Defence::OneAtATime, Defence::RisingTimestamp),
];

/// Every guard says which requirement it guards, and in which world.
#[test]
fn each_guard_says_what_it_guards_and_where() {
    for (defence, family, guard) in GUARDS {
        let source = format!("{}/defences/{family}.rs", env!("CARGO_MANIFEST_DIR"));
        let source = std::fs::read_to_string(source).unwrap();
        let (before, _) = source.split_once(&format!("pub(crate) fn {guard}<")).expect("the guard is in its family");
        let (_, said) = before.trim_end().rsplit_once("\n\n").expect("a blank line comes before it");
        assert!(said.starts_with(&format!("/// {}: ", defence.requirement())), "{guard}: {said}");
        assert!(said.contains("\n/// World: "), "{guard}: {said}");
    }
}

/// The whole specification, page after page.
fn spec() -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../spec");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let pages = files.filter(|file| file.extension().is_some_and(|extension| extension == "md"));
    pages.map(|page| std::fs::read_to_string(page).unwrap()).collect()
}

//! All attacks, one file each.

use crate::attack::Attack;

mod all_zero_exchange;
mod claim_rewritten;
mod clearance_for_the_asking;
mod clock_set_back;
mod cookie_for_another_hello;
mod cookie_from_elsewhere;
mod cookie_hoarded;
mod device_key_without_signature;
mod epoch_jump;
mod far_future_timestamp;
mod flood_of_challenges;
mod forged_close;
mod forged_retries;
mod forged_verdict;
mod generator_with_a_backdoor;
mod grant_not_wanted;
mod handshakes_at_once;
mod hello_flood;
mod hello_repeated;
mod hello_smaller_than_its_answer;
mod impostor_ends_the_wait;
mod kci_to_a_device;
mod kci_to_a_responder;
mod key_of_small_order;
mod key_shown_not_owned;
mod keystream_reused;
mod late_record_moves_the_peer;
mod lowe_relay;
mod man_in_the_middle;
mod misbinding_of_a_device;
mod name_but_not_the_key;
mod nonces_swapped;
mod peer_repeats_nonces;
mod phishing_look_alike;
mod policy_evaded;
mod record_replay;
mod recorded_traffic_keys_stolen_later;
mod reflection;
mod refusal_tells_why;
mod refusals_told_apart_by_work;
mod replay_to_a_clone;
mod responder_with_wrong_clock;
mod responders_time_changed;
mod response_replayed_after_restart;
mod response_replayed_after_rollback;
mod right_key_under_another_name;
mod selfie_role_swap;
mod session_that_anybody_can_read;
mod signature_from_another_position;
mod signature_from_another_protocol;
mod signature_from_another_version;
mod signature_gives_its_key_away;
mod silent_initiators;
mod small_order_hello;
mod stranger_claims_a_user;
mod stuck_generator;
mod suite_downgraded;
mod suite_not_offered;
mod suite_offered_on_the_way;
mod thief_poses_to_his_victim;
mod truncation;
mod two_texts_under_one_key;
mod verdict_replayed;

/// Every attack: those on who somebody is first, then those on what was said when, on the peace, and on sessions.
pub const ATTACKS: &[Attack] = &[
    phishing_look_alike::ATTACK,
    name_but_not_the_key::ATTACK,
    right_key_under_another_name::ATTACK,
    lowe_relay::ATTACK,
    key_shown_not_owned::ATTACK,
    signature_from_another_version::ATTACK,
    man_in_the_middle::ATTACK,
    kci_to_a_device::ATTACK,
    thief_poses_to_his_victim::ATTACK,
    stranger_claims_a_user::ATTACK,
    device_key_without_signature::ATTACK,
    key_of_small_order::ATTACK,
    signature_from_another_protocol::ATTACK,
    signature_from_another_position::ATTACK,
    signature_gives_its_key_away::ATTACK,
    kci_to_a_responder::ATTACK,
    selfie_role_swap::ATTACK,
    misbinding_of_a_device::ATTACK,
    claim_rewritten::ATTACK,
    suite_offered_on_the_way::ATTACK,
    suite_downgraded::ATTACK,
    suite_not_offered::ATTACK,
    nonces_swapped::ATTACK,
    responders_time_changed::ATTACK,
    reflection::ATTACK,
    all_zero_exchange::ATTACK,
    session_that_anybody_can_read::ATTACK,
    small_order_hello::ATTACK,
    peer_repeats_nonces::ATTACK,
    forged_verdict::ATTACK,
    grant_not_wanted::ATTACK,
    clearance_for_the_asking::ATTACK,
    policy_evaded::ATTACK,
    refusal_tells_why::ATTACK,
    refusals_told_apart_by_work::ATTACK,
    hello_repeated::ATTACK,
    response_replayed_after_restart::ATTACK,
    response_replayed_after_rollback::ATTACK,
    replay_to_a_clone::ATTACK,
    verdict_replayed::ATTACK,
    stuck_generator::ATTACK,
    two_texts_under_one_key::ATTACK,
    generator_with_a_backdoor::ATTACK,
    recorded_traffic_keys_stolen_later::ATTACK,
    clock_set_back::ATTACK,
    far_future_timestamp::ATTACK,
    responder_with_wrong_clock::ATTACK,
    handshakes_at_once::ATTACK,
    impostor_ends_the_wait::ATTACK,
    flood_of_challenges::ATTACK,
    forged_retries::ATTACK,
    hello_smaller_than_its_answer::ATTACK,
    hello_flood::ATTACK,
    silent_initiators::ATTACK,
    cookie_from_elsewhere::ATTACK,
    cookie_for_another_hello::ATTACK,
    cookie_hoarded::ATTACK,
    keystream_reused::ATTACK,
    late_record_moves_the_peer::ATTACK,
    forged_close::ATTACK,
    truncation::ATTACK,
    epoch_jump::ATTACK,
    record_replay::ATTACK,
];

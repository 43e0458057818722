//! The behaviours that every engine must show, as functions that take an empty store.
//!
//! An engine shows them by giving [`conformance_suite!`](crate::conformance_suite) a constructor; see
//! `tests/sqlite.rs` and `tests/postgres.rs`. A new behaviour is a function in the file of its noun and its name in the list below.

// Test code, compiled as a library so that every engine's tests can use it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(missing_docs)] // The names say what is checked.

pub mod books;
pub mod cards;
pub mod configuration;
pub mod fixtures;
pub mod messages;
pub mod money_back;
pub mod naive;
pub mod outbox;
pub mod payments;
pub mod payouts;
pub mod receipts;
pub mod scratch;
pub mod transactions;
pub mod upgrade;

/// Makes a test of each behaviour. `$open` is called without arguments and returns the store and a guard that
/// is kept until the test ends.
#[macro_export]
macro_rules! conformance_suite {
    ($open:path) => {
        $crate::conformance_suite! { @each $open;
            transactions::a_failing_command_leaves_its_neighbours_alone,
            transactions::a_panic_is_rolled_back_and_kills_nobody,
            transactions::a_command_reads_its_own_writes,
            transactions::nothing_of_a_refused_command_is_kept,
            transactions::a_read_does_not_see_what_is_not_committed,
            transactions::a_blocking_write_is_a_write,
            transactions::a_closed_store_refuses,
            transactions::many_writers_all_commit,
            payments::a_payment_comes_back_as_it_was_created,
            payments::a_taken_number_is_a_conflict,
            payments::another_token_is_another_payment,
            payments::recent_payments_come_latest_first,
            payments::brands_do_not_see_each_others_payments,
            payments::a_stale_version_is_a_conflict,
            payments::a_repeated_command_changes_nothing,
            payments::timers_end_with_the_waiting,
            payments::a_timeline_begins_with_the_creation,
            payments::refunds_come_back_and_are_booked,
            money_back::a_debit_confirms_one_refund_once,
            money_back::a_refund_is_done_by_hand_with_a_transfer_of_its_own,
            money_back::refunds_to_send_are_listed_longest_waiting_first,
            money_back::chargebacks_come_back_and_are_booked,
            money_back::a_mistyped_word_does_not_let_one_transfer_count_twice,
            money_back::a_doubtful_message_moves_no_money_and_stands_in_no_way,
            money_back::money_that_left_a_moment_before_the_refund_was_asked_for_counts,
            money_back::a_subscription_makes_its_payments_in_one_transaction_each,
            money_back::a_decline_and_an_attempt_keep_what_was_said,
            payouts::a_payout_is_promised_sent_and_booked,
            payouts::a_payout_that_fails_gives_the_money_back,
            payouts::no_two_payouts_take_the_same_money,
            payouts::a_transfer_is_of_one_payout_or_refund,
            payouts::a_named_request_is_carried_out_once,
            receipts::a_reference_in_the_rails_words_pays_the_payment_that_it_names,
            receipts::an_amount_that_one_payment_waits_for_pays_it,
            receipts::an_amount_that_several_wait_for_pays_none,
            receipts::a_duplicate_receipt_changes_nothing,
            receipts::a_claim_then_its_receipt_pay_once,
            receipts::a_receipt_then_its_claim_pay_once,
            receipts::the_first_fitting_claim_has_the_receipt,
            receipts::a_later_claim_finds_the_receipt_taken,
            receipts::a_short_receipt_waits_in_the_inbox,
            receipts::a_tolerated_shortfall_pays,
            receipts::an_excess_stays_in_suspense,
            receipts::a_late_receipt_makes_a_late_success,
            receipts::a_doubtful_receipt_pays_only_by_hand,
            receipts::a_second_receipt_of_a_paid_payment_is_set_aside,
            receipts::a_remark_stays_in_the_inbox_until_it_is_seen_to,
            receipts::a_second_transfer_for_a_paid_payment_is_flagged_with_it,
            receipts::a_dismissed_receipt_pays_no_more,
            receipts::the_inbox_pages_without_gaps,
            cards::card_operations_come_back_in_their_order,
            cards::a_card_operation_is_looked_after_until_it_is_known,
            cards::a_card_request_is_the_same_for_a_while,
            cards::a_held_card_is_gone_when_it_is_over,
            cards::a_card_is_guarded_per_brand,
            cards::a_kept_card_has_one_name_until_it_is_forgotten,
            cards::the_simulated_network_remembers,
            books::every_brands_books_balance,
            books::the_ledger_refuses_changes,
            books::a_statement_pages_without_gaps,
            books::a_check_finds_what_is_wrong,
            books::the_audit_log_refuses_changes,
            outbox::who_is_told_paid_is_not_told_lost_afterwards,
            outbox::a_callback_is_owed_only_if_its_cause_is_kept,
            outbox::a_silent_endpoint_is_put_off_and_no_other,
            outbox::deliveries_follow_their_schedule,
            outbox::a_leased_callback_is_nobody_elses,
            outbox::a_delivery_that_took_too_long_disturbs_nobody,
            outbox::a_given_up_callback_can_be_sent_again,
            outbox::pruning_keeps_what_is_owed,
            messages::a_message_is_kept_once,
            messages::a_nul_loses_no_message,
            messages::gaps_are_named_until_they_close,
            messages::a_phone_that_counts_anew_loses_no_message,
            messages::a_receipt_settled_by_hand_carries_the_balance_on,
            messages::unread_messages_wait_for_a_person,
            messages::the_last_balance_is_known,
            configuration::a_brand_comes_back_as_it_was_made,
            configuration::a_clock_moves_forward_and_in_test_mode_only,
            configuration::changes_of_configuration_are_counted,
            configuration::a_revoked_credential_says_so,
            configuration::accounts_keep_their_order,
            configuration::a_pairing_code_works_once,
            configuration::a_bound_device_stays_bound,
            configuration::an_idempotency_key_means_one_request,
        }
    };
    (@each $open:path; $($module:ident :: $name:ident),* $(,)?) => {
        $(
            #[tokio::test]
            async fn $name() {
                let (store, _guard) = $open();
                $crate::conformance::$module::$name(store).await;
            }
        )*
    };
}

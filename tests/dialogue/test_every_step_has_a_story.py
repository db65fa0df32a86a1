"""Every step of the voice dialogue is lived through: which story tells of it stands here.

A step without one, or a story that is gone, fails. The rows of the outcome table have theirs in
`tests/notifying/test_every_story.py`, those of the texts in `tests/texting/test_every_rule_has_a_story.py`.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
MEETS = "default_script/test_everything_a_call_may_meet.py"
HEARS = "default_script/test_hearing_and_acknowledging.py"
ROUGH = "default_script/test_when_it_does_not_go_smoothly.py"
TOLD, EACH = "notifying/test_stories.py", "dialogue/test_each_outcome.py"
CHANGED, RAISING = "dialogue/test_changed_meanwhile.py", "dialogue/test_raising.py"
FOREIGN = "calls/test_from_any_telephone.py"

STEPS = {
    "before dialling": (
        (
            "channels/test_when_twilio_fails.py",
            "test_a_person_who_is_gone_from_the_configuration_is_not_called",
        ),
        (TOLD, "test_two_alarms_are_one_call"),
    ),
    "dialling again, and the next person": (
        (TOLD, "test_nobody_at_home_is_called_again_before_the_next"),
        (TOLD, "test_a_busy_phone_is_tried_twice_more"),
        (EACH, "test_failed_number"),
    ),
    "answering": (
        (MEETS, "test_answer_the_first_words_come_after_a_second_and_name_site_person_and_count"),
        (MEETS, "test_answer_nothing_of_the_plant_is_said_before_a_pin_that_is_needed_to_hear"),
    ),
    "the PIN": (
        (MEETS, "test_pin_keys_work_while_it_is_asked_for_and_star_begins_anew"),
        (HEARS, "test_a_pin_corrected_with_star_counts_from_the_star"),
    ),
    "nothing pressed": (
        (MEETS, "test_nothing_pressed_is_asked_twice_more_and_shorter"),
        (EACH, "test_answered_silent"),
    ),
    "a wrong PIN": (
        (MEETS, "test_wrong_pin_three_tries_in_a_call"),
        (MEETS, "test_lockout_the_phone_rings_and_tells_all_the_same"),
        (EACH, "test_locked"),
    ),
    "a shared telephone": (
        (MEETS, "test_shared_phone_the_pin_tells_who_it_is"),
        (MEETS, "test_shared_phone_somebody_without_the_right_may_listen"),
    ),
    "summary and readout": (
        (MEETS, "test_readout_name_value_and_age_in_the_order_of_urgency"),
        (MEETS, "test_readout_more_than_five_alarms_are_told_by_area"),
        (MEETS, "test_flood_is_said_first"),
        ("default_script/test_needs_no_acknowledgement.py", "test_it_is_read_and_nothing_is_asked_for"),
        ("dialogue/test_needs_no_acknowledgement.py", "test_who_hears_it_ends_it"),
    ),
    "unheard alarms are never acknowledged": (
        (MEETS, "test_unheard_alarms_are_never_acknowledged"),
        (CHANGED, "test_more_urgent_than_she_heard"),
    ),
    "committed before it is said": (
        (MEETS, "test_commit_what_could_not_be_recorded_stays_open_and_is_said_to"),
        ("calls/test_slow_and_refusing_storage.py", "test_a_slow_acknowledgement_is_waited_for"),
        ("calls/test_slow_and_refusing_storage.py", "test_after_three_moments_it_counts_as_not_recorded"),
    ),
    "acknowledged at the same time": (
        (MEETS, "test_concurrent_acknowledgement_in_the_same_moment"),
        (MEETS, "test_concurrent_acknowledgement_is_told_at_the_next_prompt"),
        (EACH, "test_cancelled_by_ack"),
    ),
    "cleared meanwhile": (
        (MEETS, "test_cleared_meanwhile_the_alarm_can_still_be_acknowledged"),
        (MEETS, "test_gone_meanwhile_the_caller_hears_which_and_by_whom"),
    ),
    "new alarms during the call": (
        (MEETS, "test_new_alarms_during_the_call_are_offered_at_its_end"),
        (MEETS, "test_a_new_critical_alarm_interrupts_at_the_next_prompt"),
    ),
    "a note that is required": (
        (MEETS, "test_a_note_that_is_required_is_given_by_one_key"),
        (MEETS, "test_without_the_note_nothing_is_acknowledged_and_that_is_said"),
    ),
    "a bad key": ((MEETS, "test_bad_keys_the_third_counts_as_nobody_there_and_keeps_what_was_acknowledged"),),
    "hanging up": (
        (MEETS, "test_hanging_up_keeps_what_was_acknowledged"),
        (EACH, "test_hung_up_before_the_pin"),
        (EACH, "test_partly_acked"),
    ),
    "voicemail": (
        (MEETS, "test_voicemail_twice_the_site_and_the_number_and_no_detail"),
        (TOLD, "test_voicemail_is_nobody_so_the_next_is_called_at_once"),
        ("dialogue/test_a_mailbox_hears_nothing.py", "test_nobody_is_said_to_have_heard_it"),
    ),
    "passing on, and talking to a person": (
        (MEETS, "test_pass_is_confirmed_once_and_the_alarm_stays_open"),
        (TOLD, "test_passing_on_calls_the_next_person_now"),
        (MEETS, "test_talk_the_lead_must_accept_so_that_a_voicemail_box_cannot"),
    ),
    "calling in": (
        (MEETS, "test_dial_in_a_known_phone_gives_its_pin"),
        (FOREIGN, "test_user_number_and_pin_open_a_telephone_of_nobodys"),
        (FOREIGN, "test_many_telephones_have_no_more_tries_together"),
        (RAISING, "test_a_caller_raises_an_alarm"),
    ),
    "a fault": (
        (MEETS, "test_a_step_that_a_script_has_spoilt_goes_on_with_the_default"),
        ("calls/test_failing_scripts.py", "test_the_default_answers_the_same_turn"),
    ),
    "the audit row": (
        ("calls/test_auditing.py", "test_an_acknowledgement_and_the_call_it_was_made_in_are_told"),
        ("calls/test_auditing.py", "test_a_call_told_of_twice_has_one_row"),
    ),
    "the last words": (
        (MEETS, "test_the_last_words_count"),
        ("dialogue/test_time_to_acknowledge.py", "test_from_answering_to_the_acknowledgement"),
    ),
}


def stories_in(file: str) -> set[str]:
    """Give the names of the tests in a file of the suite."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("step", STEPS)
def test_its_stories_are_there(step):
    """At least one, under that name."""
    assert STEPS[step]
    assert [name for file, name in STEPS[step] if name not in stories_in(file)] == []


def test_there_are_twenty_two():
    """From before dialling to the last words."""
    assert len(STEPS) == 22

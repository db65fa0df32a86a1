"""The rules of alarms by text, row by row, each with the stories that show it: a rule without a story fails here."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent

RULES = (
    # What a text says.
    "one segment: site, priority, name, value, time, how to answer",
    "names are shortened first, never a code",
    "many alarms are a digest: five codes at most and one for all",
    # Codes.
    "codes have two to four digits",
    "each telephone has its own",
    "no code is given away for 24 hours",
    "a code is bound to this telling of its alarm",
    # What can be written.
    "47",
    "ack 47",
    "47 48 51",
    "all",
    "a bare ack where one is open",
    "a bare ack where several are open brings the list",
    "47e passes on",
    "47s30 shelves",
    "47 n note",
    "? lists",
    "help",
    "stop and start",
    "case, blanks, quotation marks and # do not matter",
    "words of the person's language",
    # PINs.
    "PIN policy: none, always, per priority",
    "a PIN to hear",
    "a PIN alone answers the last question for five minutes",
    "five wrong PINs lock, and alarms still come",
    "no PIN is stored",
    # The order of checks.
    "signature",
    "a text that comes twice has one effect",
    "a stranger is not answered, and audited",
    "opted out",
    "five answers in a row that only inform",
    "understood whole or not at all",
    "the right for the area",
    "who is first wins",
    # Answers.
    "acknowledged, and how many others are stopped",
    "already acknowledged, by whom and when",
    "returned to normal",
    "shelved until",
    "unknown code and the list",
    "not authorised",
    "not recorded, and where to call",
    # Receipts.
    "undelivered: the next channel now",
    "no receipt in 120 s: the next channel, never the same text",
    "slow texts: waited for less, and another account",
    "a provider that takes nothing: another account, and somebody can see it",
    # STOP and countries.
    "STOP: contact off, person told by another channel, an alarm for who looks after it",
    "STOP leaves nobody on a roster: an alarm",
    "START undoes it",
    "countries from which no answer comes back",
    "an acknowledgement by text takes back that person's calls",
    # Calls that return.
    "a voicemail box is told the number and the text",
    "calling back after a voicemail",
    "answering the text after a voicemail",
)

STORIES, CODES, GRAMMAR = "texting/test_stories.py", "texting/test_codes.py", "texting/test_grammar.py"
DOOR, STOP, BOX = (
    "texting/test_webhooks.py",
    "texting/test_opting_out.py",
    "texting/test_after_a_voicemail.py",
)
TEXTS, FAILING = "channels/test_texting.py", "channels/test_texts_fail_over.py"

SHOWN = {
    "one segment: site, priority, name, value, time, how to answer": (
        (STORIES, "test_a_text_says_what_to_answer_and_the_answer_acknowledges"),
        ("texting/test_languages.py", "test_told_asked_and_answered"),
    ),
    "names are shortened first, never a code": (
        ("channels/test_compose.py", "test_no_name_pushes_out_a_code"),
    ),
    "many alarms are a digest: five codes at most and one for all": (
        (STORIES, "test_many_alarms_are_one_text_with_one_code_for_all"),
        ("channels/test_compose.py", "test_many_alarms_are_a_digest_with_a_code_each_and_one_for_all"),
    ),
    "codes have two to four digits": ((CODES, "test_codes_are_new_each_and_as_short_as_can_be"),),
    "each telephone has its own": ((CODES, "test_each_telephone_has_codes_of_its_own"),),
    "no code is given away for 24 hours": (
        (CODES, "test_a_code_is_not_given_away_for_a_day_even_where_its_alarm_is_over"),
    ),
    "a code is bound to this telling of its alarm": (
        (CODES, "test_an_alarm_told_again_keeps_its_code_until_it_is_told_anew"),
        (DOOR, "test_an_alarm_told_anew_is_not_acknowledged_by_the_code_before"),
    ),
    "47": ((STORIES, "test_the_code_alone_is_enough_where_no_pin_is_asked_for"),),
    "ack 47": ((STORIES, "test_the_code_alone_is_enough_where_no_pin_is_asked_for"),),
    "47 48 51": (
        (STORIES, "test_several_codes_in_one_text"),
        (STORIES, "test_one_of_several_leaves_the_other"),
    ),
    "all": ((STORIES, "test_all_is_all_that_this_telephone_was_told_of"),),
    "a bare ack where one is open": ((STORIES, "test_bare_ack_is_enough_where_one_is_open"),),
    "a bare ack where several are open brings the list": (
        (STORIES, "test_bare_ack_with_two_open_brings_the_list"),
    ),
    "47e passes on": ((STORIES, "test_passing_on_tells_the_next_person_now"),),
    "47s30 shelves": ((STORIES, "test_shelving_for_half_an_hour"),),
    "47 n note": ((STORIES, "test_a_note_goes_with_the_acknowledgement"),),
    "? lists": ((STORIES, "test_a_question_mark_lists_what_is_open_with_codes"),),
    "help": ((STORIES, "test_help_says_what_can_be_written"),),
    "stop and start": ((STOP, "test_start_turns_them_on_again"),),
    "case, blanks, quotation marks and # do not matter": (
        (GRAMMAR, "test_case_blanks_quotation_marks_and_hashes_do_not_matter"),
    ),
    "words of the person's language": (
        ("texting/test_languages.py", "test_words_of_the_language_do_what_the_english_ones_do"),
    ),
    "PIN policy: none, always, per priority": (
        (DOOR, "test_a_pin_per_priority"),
        (STORIES, "test_without_a_pin_it_is_asked_for_and_the_pin_alone_answers"),
    ),
    "a PIN to hear": ((DOOR, "test_to_hear_policy_names_no_alarm_before_a_pin"),),
    "a PIN alone answers the last question for five minutes": (
        (STORIES, "test_without_a_pin_it_is_asked_for_and_the_pin_alone_answers"),
        (STORIES, "test_a_question_is_forgotten_after_five_minutes"),
    ),
    "five wrong PINs lock, and alarms still come": (
        (STORIES, "test_five_wrong_pins_lock_acknowledging_and_alarms_still_come"),
    ),
    "no PIN is stored": (
        (STORIES, "test_no_pin_is_stored_whatever_stands_around_it"),
        (STORIES, "test_a_pin_that_stood_in_the_note_before_it_was_asked_for_is_not_stored"),
    ),
    "signature": ((DOOR, "test_a_text_without_a_right_signature_does_nothing"),),
    "a text that comes twice has one effect": (
        (DOOR, "test_a_text_that_comes_twice_has_one_effect_and_the_same_answer"),
        (DOOR, "test_a_wrong_pin_that_comes_twice_counts_once"),
    ),
    "a stranger is not answered, and audited": ((DOOR, "test_a_stranger_is_not_answered"),),
    "opted out": ((DOOR, "test_who_has_opted_out_is_neither_heard_nor_answered"),),
    "five answers in a row that only inform": (
        (DOOR, "test_five_answers_in_a_row_that_only_inform_and_then_silence_until_something_is_done"),
    ),
    "understood whole or not at all": ((STORIES, "test_what_is_not_understood_does_nothing_and_says_so"),),
    "the right for the area": ((DOOR, "test_who_has_no_right_for_the_area_is_told_so"),),
    "who is first wins": (("texting/test_on_both_databases.py", "test_two_who_answer_at_the_same_moment"),),
    "acknowledged, and how many others are stopped": (
        (STORIES, "test_the_answer_says_how_many_others_need_not_be_told_any_more"),
    ),
    "already acknowledged, by whom and when": (
        (STORIES, "test_the_second_to_acknowledge_hears_who_was_first"),
    ),
    "returned to normal": ((STORIES, "test_an_alarm_that_has_returned_to_normal_can_still_be_acknowledged"),),
    "shelved until": ((STORIES, "test_shelving_for_half_an_hour"),),
    "unknown code and the list": ((STORIES, "test_a_code_that_names_nothing"),),
    "not authorised": ((DOOR, "test_who_has_no_right_for_the_area_is_told_so"),),
    "not recorded, and where to call": ((DOOR, "test_what_cannot_be_recorded_is_not_called_acknowledged"),),
    "undelivered: the next channel now": (
        ("notifying/test_rows.py", "test_a_text_that_does_not_arrive_tells_the_next_person_now"),
    ),
    "no receipt in 120 s: the next channel, never the same text": (
        (
            "notifying/test_rows.py",
            "test_a_text_of_which_nothing_is_heard_tells_the_next_person_after_two_minutes",
        ),
        (FAILING, "test_without_a_receipt_the_same_text_is_not_sent_by_the_second_account_either"),
    ),
    "slow texts: waited for less, and another account": (
        (TEXTS, "test_where_texts_take_minutes_they_are_not_waited_for"),
        (FAILING, "test_a_slow_account_hands_over_to_one_that_is_not"),
    ),
    "a provider that takes nothing: another account, and somebody can see it": (
        (FAILING, "test_an_account_that_is_not_ready_is_not_waited_for"),
        (FAILING, "test_texts_of_which_nothing_is_heard_are_a_reason_not_to_be_ready"),
    ),
    "STOP: contact off, person told by another channel, an alarm for who looks after it": (
        (STOP, "test_stop_turns_texts_off_and_the_person_is_called_about_it"),
    ),
    "STOP leaves nobody on a roster: an alarm": (
        (STOP, "test_a_roster_on_which_nobody_can_be_told_any_more_is_an_alarm"),
        (STOP, "test_a_person_with_nothing_but_texts_who_stops_them_is_an_alarm_of_its_own"),
    ),
    "START undoes it": ((STOP, "test_start_turns_them_on_again"),),
    "countries from which no answer comes back": (
        (TEXTS, "test_a_text_that_cannot_be_answered_says_where_to_call"),
        (BOX, "test_where_no_answer_can_come_back_the_text_names_the_number_the_box_was_told"),
    ),
    "an acknowledgement by text takes back that person's calls": (
        (STORIES, "test_an_acknowledgement_by_text_stops_the_telephone_that_rings"),
    ),
    "a voicemail box is told the number and the text": (
        (BOX, "test_the_box_is_told_the_number_and_the_text_twice_and_no_detail"),
    ),
    "calling back after a voicemail": ((BOX, "test_whoever_calls_back_hears_the_alarm_and_acknowledges_it"),),
    "answering the text after a voicemail": ((BOX, "test_whoever_answers_the_text_has_acknowledged_too"),),
}


def stories_in(file):
    """Give the names of the tests in a file of the suite."""
    tree = ast.parse((HERE / file).read_text())
    return {one.name for one in ast.walk(tree) if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))}


def test_every_rule_is_shown_and_nothing_else_is():
    """A rule that is added needs its stories, one that goes takes its row along."""
    assert sorted(SHOWN) == sorted(RULES)
    assert len(set(RULES)) == len(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_its_stories_are_there(rule):
    """At least one, under that name."""
    shown = SHOWN.get(rule, ())
    assert shown
    assert [name for file, name in shown if name not in stories_in(file)] == []

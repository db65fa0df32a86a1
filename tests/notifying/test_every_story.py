"""Every kind of block, every drop-out, every row of the table of outcomes is lived through by telephones.

Which story tells of what stands here; a kind or a row without one, or a story that is gone, fails.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

import pytest

from tocsin.calls.outcome import OUTCOMES
from tocsin.pipelines.block_sections import Block
from tocsin.pipelines.outcomes import DEFAULTS
from tocsin.pipelines.plan import DropOut
from tocsin.pipelines.run import HOOKS

TESTS = Path(__file__).parents[1]
BLOCKS, ROWS = "notifying/test_blocks.py", "notifying/test_rows.py"
STORIES, EACH = "notifying/test_stories.py", "dialogue/test_each_outcome.py"

KINDS = {
    "notification": (STORIES, "test_the_first_on_the_roster_is_called_and_acknowledges"),
    "delay": (BLOCKS, "test_what_is_over_within_the_delay_is_told_to_nobody"),
    "jump": (BLOCKS, "test_jumps_go_back_so_many_times_and_then_into_another_pipeline"),
    "splitter": (BLOCKS, "test_a_splitter_tells_two_ways_at_once"),
    "parallel": (BLOCKS, "test_parallel_branches_are_waited_for"),
    "switch": (BLOCKS, "test_a_switch_chooses_by_priority"),
    "expression": (BLOCKS, "test_at_night_an_expression_sends_a_text_instead"),
    "set-property": (BLOCKS, "test_what_a_block_sets_another_can_ask_for"),
    "script": (BLOCKS, "test_a_script_says_who_is_called"),
    "retry": (BLOCKS, "test_a_retry_ends_when_somebody_was_told"),
    "wait-for-outcome": (BLOCKS, "test_waiting_for_an_outcome_ends_with_it"),
    "rate-gate": ("notifying/test_complaints.py", "test_a_rate_limit_that_still_tells"),
}

DROP_OUTS = {
    "acknowledged": (EACH, "test_acked"),
    "cleared": (STORIES, "test_an_alarm_that_clears_is_not_called_about"),
    "shelved": (BLOCKS, "test_shelving_lets_it_rest_and_then_it_goes_on"),
}

TOLD_OF = {
    "active": (STORIES, "test_the_first_on_the_roster_is_called_and_acknowledges"),
    "clear": (BLOCKS, "test_taken_over_and_over_are_told_by_text"),
    "ack": (BLOCKS, "test_taken_over_and_over_are_told_by_text"),
}

OUTCOME_ROWS = {
    "acked": (EACH, "test_acked"),
    "partly-acked": (EACH, "test_partly_acked"),
    "notified-no-ack": (EACH, "test_notified_no_ack"),
    "passed": (EACH, "test_passed"),
    "answered-silent": (EACH, "test_answered_silent"),
    "hung-up": (EACH, "test_hung_up_before_the_pin"),
    "pin-failed": (EACH, "test_pin_failed"),
    "locked": (EACH, "test_locked"),
    "voicemail": (EACH, "test_voicemail"),
    "fax": (ROWS, "test_a_fax_is_nobody"),
    "busy": (EACH, "test_busy"),
    "no-answer": (EACH, "test_no_answer"),
    "failed-number": (EACH, "test_failed_number"),
    "failed-provider": (ROWS, "test_a_failed_provider_is_left_for_the_second"),
    "cancelled-by-ack": (EACH, "test_cancelled_by_ack"),
    "cancelled-by-clear": (EACH, "test_cancelled_by_clear"),
    "delivered": (ROWS, "test_a_text_that_is_delivered_leaves_time_to_answer_it"),
    "undelivered": (ROWS, "test_a_text_that_does_not_arrive_tells_the_next_person_now"),
    "no-receipt": (ROWS, "test_a_text_of_which_nothing_is_heard_tells_the_next_person_after_two_minutes"),
    "roster exhausted": (EACH, "test_roster_exhausted"),
}

COMPLAINTS = {
    "call, text and mail at once with escalation by time": "test_call_and_text_at_once_with_escalation_by_time",
    "a rate limit that still tells": "test_a_rate_limit_that_still_tells",
    "a stuck queue that one can see and cancel": "test_what_is_held_up_can_be_seen_and_cancelled_at_once",
}
"""What users of other systems complain of most."""


def test_every_kind_of_block_has_a_story():
    """Those that a file may name."""
    kinds = {get_args(one.model_fields["type"].annotation)[0] for one in get_args(get_args(Block)[0])}
    assert set(KINDS) == kinds


def test_every_drop_out_has_a_story():
    """What ends a run early, and what pauses it."""
    assert set(DROP_OUTS) == set(get_args(DropOut))


def test_everything_that_people_are_told_of_has_a_story():
    """That an alarm is active, that it is over, that somebody has it."""
    assert set(TOLD_OF) == set(HOOKS)


def test_every_row_of_the_table_has_a_story():
    """Of calls and of texts, and what follows when a roster is exhausted."""
    assert set(OUTCOME_ROWS) - {"roster exhausted"} == {*DEFAULTS, *OUTCOMES}


@pytest.mark.parametrize(
    ("file", "name"),
    sorted(
        {*KINDS.values(), *DROP_OUTS.values(), *TOLD_OF.values(), *OUTCOME_ROWS.values()}
        | {("notifying/test_complaints.py", name) for name in COMPLAINTS.values()}
    ),
)
def test_the_story_is_there(file, name):
    """As a test of that name, with telephones in it."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    (story,) = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == name]
    assert "phone" in {one.arg for one in story.args.args}

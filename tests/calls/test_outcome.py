"""Every call ends in exactly one outcome, and the table says which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.calls.outcome import OUTCOMES, CallFacts, outcome_of, told

HEARD = {"status": "completed", "turns": 4, "heard": 2, "open": 2}
ROWS = {
    "acknowledged everything": ("acked", HEARD | {"acked": 2, "open": 0, "pressed": True}),
    "acknowledged all, then typed a wrong PIN": ("acked", HEARD | {"acked": 2, "open": 0, "wrong": 1}),
    "acknowledged all after asking for the next": ("acked", HEARD | {"acked": 2, "open": 0, "passed": True}),
    "acknowledged one of two": ("partly-acked", HEARD | {"acked": 1, "open": 1, "pressed": True}),
    "acknowledged one, passed the other": ("passed", HEARD | {"acked": 1, "open": 1, "passed": True}),
    "passed it on": ("passed", HEARD | {"passed": True, "pressed": True}),
    "heard, pressed a key, hung up": ("notified-no-ack", HEARD | {"pressed": True}),
    "gave the PIN and hung up": ("notified-no-ack", {"status": "completed", "turns": 2, "right": 1}),
    "wrong PIN, then the right one": ("notified-no-ack", HEARD | {"wrong": 2, "right": 1}),
    "heard it all, pressed nothing": ("answered-silent", HEARD | {"ended_by_us": True}),
    "answered a document without turns": ("answered-silent", {"status": "completed"}),
    "took too many turns": ("answered-silent", HEARD | {"pressed": True, "over_budget": True, "wrong": 3}),
    "took too many turns but acknowledged": ("acked", HEARD | {"over_budget": True, "acked": 1, "open": 0}),
    "three keys without meaning": ("answered-silent", HEARD | {"pressed": True, "gave_up": True}),
    "the PIN, then three keys without meaning": ("notified-no-ack", HEARD | {"right": 1, "gave_up": True}),
    "acknowledged one, then keys without meaning": ("partly-acked", HEARD | {"acked": 1, "gave_up": True}),
    "hung up in the greeting": ("hung-up", {"status": "completed", "turns": 1}),
    "pressed a key, heard nothing, hung up": ("hung-up", {"status": "completed", "turns": 2, "pressed": True}),
    "three wrong PINs": ("pin-failed", HEARD | {"wrong": 3, "pressed": True, "ended_by_us": True}),
    "locked": ("locked", HEARD | {"wrong": 1, "locked": 1, "pressed": True}),
    "a mailbox": ("voicemail", HEARD | {"answered_by": "machine_end_beep"}),
    "a fax": ("fax", HEARD | {"answered_by": "fax"}),
    "a person taken for a machine": ("notified-no-ack", HEARD | {"answered_by": "machine_start", "pressed": True}),
    "a person taken for a fax": ("pin-failed", HEARD | {"answered_by": "fax", "pressed": True, "wrong": 1}),
    "busy": ("busy", {"status": "busy", "open": 1}),
    "nobody there": ("no-answer", {"status": "no-answer", "open": 1}),
    "cancelled by a stranger": ("no-answer", {"status": "canceled", "open": 1}),
    "no such number": ("failed-number", {"status": "failed", "sip_code": 404}),
    "failed without a reason": ("failed-number", {"status": "failed"}),
    "the carrier is down": ("failed-provider", {"status": "failed", "sip_code": 503}),
    "refused: not a number": ("failed-number", {"status": "refused", "code": 21211}),
    "refused: this account may not": ("failed-provider", {"status": "refused", "code": 21215}),
    "refused: wrong credentials": ("failed-provider", {"status": "refused", "code": 20003}),
    "refused without a code": ("failed-provider", {"status": "refused"}),
    "nobody knows": ("failed-provider", {"status": "unknown", "open": 1}),
    "acknowledged elsewhere while it rang": ("cancelled-by-ack", {"status": "canceled", "cancelled": "ack"}),
    "returned to normal while it rang": ("cancelled-by-clear", {"status": "canceled", "cancelled": "clear"}),
    "acknowledged elsewhere as it was answered": (
        "cancelled-by-ack", {"status": "completed", "turns": 1, "ended_by_us": True, "cancelled": "ack"},
    ),
    "returned to normal as it was answered": (
        "cancelled-by-clear", {"status": "completed", "turns": 1, "cancelled": "clear"},
    ),
    "who was first is told": ("notified-no-ack", HEARD | {"open": 0, "cancelled": "ack", "pressed": True}),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_of_the_table(row):
    """Each way a call can go has its outcome, with a reason in plain words."""
    outcome, facts = ROWS[row]

    found, why = outcome_of(CallFacts(**facts))

    assert (found, bool(why)) == (outcome, True)
    assert "{" not in why


def test_every_outcome_has_a_row():
    """No outcome is unreachable."""
    assert {outcome for outcome, _ in ROWS.values()} == set(OUTCOMES)


STATUSES = ["completed", "busy", "no-answer", "failed", "canceled", "refused", "unknown", "in-progress", ""]
counts = st.integers(0, 3)
any_facts = st.builds(
    CallFacts,
    status=st.sampled_from(STATUSES),
    code=st.sampled_from([None, 21211, 21215, 20429, 12345]),
    sip_code=st.sampled_from([None, 200, 404, 486, 503, 604]),
    answered_by=st.sampled_from(["", "human", "unknown", "machine_start", "machine_end_beep", "fax"]),
    pressed=st.booleans(),
    right=counts,
    wrong=counts,
    locked=counts,
    passed=st.booleans(),
    heard=counts,
    acked=counts,
    open=counts,
    cancelled=st.sampled_from(["", "ack", "clear"]),
    turns=counts,
    ended_by_us=st.booleans(),
    over_budget=st.booleans(),
)
TOLD = {"acked", "partly-acked", "notified-no-ack", "passed"}


@given(any_facts)
def test_whatever_happened_there_is_one_outcome(facts):
    """Told is who acknowledged, passed, or proved to be there; a machine or a phone nobody took never is."""
    outcome, why = outcome_of(facts)

    assert outcome in OUTCOMES
    assert why
    assert outcome_of(facts) == (outcome, why)
    assert told(outcome) is (outcome in TOLD)
    if told(outcome):
        assert facts.acked or facts.passed or facts.right or (facts.pressed and facts.heard)
    if facts.acked and not facts.open:
        assert outcome == "acked"
    if facts.pressed:
        assert outcome not in ("voicemail", "fax")


@given(any_facts)
def test_what_went_wrong_later_takes_no_acknowledgement_back(facts):
    """Acknowledging and passing on are committed, so nothing else can be the outcome."""
    outcome, _ = outcome_of(facts)

    assert (outcome in ("acked", "partly-acked", "passed")) == bool(facts.acked or facts.passed)

"""Whatever somebody writes, it reaches only what they named, or all they were told of if they say so."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.alarms import Episode
from tocsin.calls.replying.deciding import ASKED_MS, Question, Told, Wanted, decide
from tocsin.calls.replying.grammar import read_reply

NOW = 1_800_000_000_000


def told(code, *, ack_version=1, **facts):
    """Tell a telephone of an alarm by a code."""
    episode = Episode(f"e{code}", f"Plant/{code}", code, "High", NOW, **facts)
    return Told(code, episode, ack_version)


acked = {"acked_ms": NOW, "acked_by": "jon", "acked_via": "voice"}
cleared = {"state": "cleared", "cleared_ms": NOW}
stands = st.sampled_from([{}, acked, cleared, cleared | acked, {"ack_version": 2}])


@st.composite
def desks(draw):
    """Make what a telephone was told of: codes of their own, and perhaps one for all of them."""
    codes = draw(
        st.lists(st.sampled_from(["47", "84", "31", "68", "1234"]), min_size=1, max_size=4, unique=True)
    )
    found = {}
    for code in codes:
        facts = dict(draw(stands))
        anew = facts.pop("ack_version", 1)
        one = told(code, **facts)
        found[code] = [replace(one, episode=replace(one.episode, ack_version=anew))]
    if draw(st.booleans()):
        found["89"] = [one for some in found.values() for one in some]
    return found


texts = st.lists(
    st.sampled_from(["47", "84", "31", "68", "89", "99", "1234", "4711", "e", "s", "30", "n", "ack", "all", "?", "x", "not"]),
    max_size=6,
).map(" ".join)  # fmt: skip


@given(desk=desks(), text=texts, asked=st.booleans())
def test_no_text_reaches_an_alarm_that_it_does_not_name(desk, text, asked):
    """Except by `all`, by a bare `ack` where one is open, and by the PIN that was asked for."""
    question = None
    if asked:
        first = next(iter(desk.values()))[0]
        question = Question(
            "acknowledge", ((first.code, first.episode.id, first.ack_version),), "", None, NOW
        )
    reply = read_reply(text, codes=desk)
    decided = decide(reply, desk, question=question, now_ms=NOW)
    if not isinstance(decided, Wanted):
        return
    numbers = set(re.findall("[0-9]+", text))
    every = {one.episode.id for some in desk.values() for one in some if one.state == "open"}
    named = {one.episode.id for code in numbers for one in desk.get(code, ())}
    reached = {one.episode.id for one in decided.targets}
    if reply.kind == "acknowledge-all":
        assert "all" in text.split()
        assert reached == every
    elif reply.kind == "acknowledge-only":
        assert len(every) == 1
        assert reached == every
    elif reply.kind == "pin":
        assert question is not None
        assert reached <= {question.tellings[0][1]}
    else:
        assert reached <= named
    assert all(one.episode.ack_version == one.ack_version for one in decided.targets)
    if decided.action != "shelve":
        assert reached <= every


@pytest.mark.parametrize(
    ("later_ms", "answered"), [(0, True), (ASKED_MS, True), (ASKED_MS + 1, False), (-1, False)]
)
def test_a_pin_answers_what_was_asked_no_longer_ago_than_five_minutes(later_ms, answered):
    """A clock that was set back answers nothing."""
    desk = {"47": [told("47")]}
    question = Question("shelve", (("47", "e47", 1),), "", 30, NOW)
    decided = decide(read_reply("4711"), desk, question=question, now_ms=NOW + later_ms)
    assert (
        (decided == Wanted("shelve", (told("47"),), minutes=30)) if answered else decided == "nothing-asked"
    )


def test_a_question_is_about_the_telling_it_was_asked_for():
    """An alarm told anew meanwhile takes a new answer."""
    one = told("47")
    anew = replace(one, episode=replace(one.episode, ack_version=2))
    question = Question("acknowledge", (("47", "e47", 1),), "", None, NOW)
    decided = decide(read_reply("4711"), {"47": [anew]}, question=question, now_ms=NOW)
    assert isinstance(decided, Wanted)
    assert decided.targets == ()
    assert decided.rest == (anew,)


def test_what_is_kept_of_a_question_gives_it_back():
    """As JSON."""
    question = Question("pass", (("47", "e47", 3),), "note", 30, NOW)
    assert Question.of(question.kept(), NOW) == question

"""Every transaction of calls and texts is one at which some test dies, and a new one cannot be forgotten."""

from __future__ import annotations

import re
from collections import Counter

from tests.calls import test_crashes, test_crashes_of_actions
from tests.calls.commit_points import BESIDE, POINTS, found, in_source, moments
from tests.texting import test_crashes_by_text

NEW = """
class Replies:
    async def take(self):
        def work(conn):
            conn.execute("...")

        await self._services().db.write(work)

async def note(services, step):
    await services.board.shelve(["1"], by="", via="")
    return await step.committed(services.board.transact(lambda conn: conn), failed="")
"""


def died_at():
    """Give every moment that a story of the crash tests is given."""
    tests = [
        one
        for file in (test_crashes, test_crashes_of_actions, test_crashes_by_text)
        for one in vars(file).values()
    ]
    given = [
        mark.args[1] for one in tests for mark in getattr(one, "pytestmark", ()) if mark.name == "parametrize"
    ]
    return set(re.findall(r"(?:before|inside|after)-[a-z-]+", repr(given)))


def test_every_transaction_has_a_name_to_die_at():
    """A crash between its commit and the answer may not let a repeated webhook do it twice."""
    named = Counter([*POINTS.values(), *BESIDE])

    assert found() - named == Counter(), (
        "These functions commit something in a call or a text. Name each in POINTS of tests/calls/commit_points.py"
        " and give it a story in tests/calls/test_crashes_of_actions.py or tests/texting/test_crashes_by_text.py;"
        " where no webhook waits for it, name it in BESIDE and say why a crash there does no harm."
    )
    assert named - found() == Counter(), "These commit nothing any more: take them from POINTS or BESIDE."


def test_every_transaction_is_died_at_before_inside_and_after_it():
    """A story for each, in which the process is killed at all three."""
    wanted = {moment for point in POINTS for moment in moments(point)}

    assert wanted - died_at() == set(), (
        "Nothing dies at these moments: write a story with `@killed_at(...)` in tests/calls or tests/texting"
        " that ends with one effect and the same answer."
    )


def test_a_new_transaction_is_seen():
    """Whether it is handed in to the database or to the board, or is one of the board's own."""
    assert in_source(NEW, "calls.new") == ["calls.new.Replies.take", "calls.new.note", "calls.new.note"]

"""What a turn leaves behind in its worker is gone before it counts against the memory of another's turn."""

from __future__ import annotations

import gc
import sys

import pytest
from tests.sandbox.stage import Host, program

from tocsin.sandbox.litter import Litter

HOLDS_ITSELF = """
ring = ["x" * 1000000]
ring.append(ring)
response = "well"
"""
CALLS_ITSELF = """
def outer():
    rows = "x" * 1000000
    def inner(depth):
        return inner(depth - 1) if depth else len(rows)
    return inner(3)
response = "well" if outer() else ""
"""
LEAVES_MUCH = program('ring = ["x" * 1000000 for row in range(8)]\nring.append(ring)\nresponse = "well"')
TAKES_HALF = program('rows = ["x" * 1000000 for row in range(32)]\nresponse = "well"')

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc; memory has a limit on Linux")


async def answers(sandbox, made, turns: int) -> list[str]:
    turned = [sandbox.run("plant", made.key, {}, Host(), wall_s=10) for _ in range(turns)]
    return [(await turn).result["response"] for turn in turned]


async def leaves_room(sandbox, made, *, turns):
    """Run so many turns, and after them some that take half of the memory there is."""
    for each in (made, TAKES_HALF):
        assert await sandbox.publish("plant", each) == []
    for _ in range(turns):
        assert await answers(sandbox, made, 1) == ["well"]
    for _ in range(4):
        assert await answers(sandbox, TAKES_HALF, 1) == ["well"]
    assert "failed_memory" not in sandbox.stats()


@linux
@pytest.mark.parametrize("source", [HOLDS_ITSELF, CALLS_ITSELF], ids=["list", "function"])
async def test_a_turn_pays_for_no_memory_but_its_own(sandbox, source):
    """Cycles are collected by number, not by size: a few objects would keep megabytes for hundreds of turns."""
    await leaves_room(sandbox, program(source), turns=200)


@linux
async def test_turns_that_came_together_pay_for_their_own_too(sandbox):
    """A worker is given several turns at once, and what the first left is gone before the second begins."""
    assert await sandbox.publish("plant", LEAVES_MUCH) == []

    assert await answers(sandbox, LEAVES_MUCH, 16) == ["well"] * 16


@linux
async def test_a_turn_that_leaves_nothing_costs_no_collection(monkeypatch):
    """Telling takes a microsecond; a collection takes as long as half a short turn."""
    collections = []
    monkeypatch.setattr(gc, "collect", lambda: collections.append(1))
    litter = Litter()
    litter.clear()
    litter.clear()
    assert len(collections) == 1
    left = [[]]
    litter.clear()
    assert len(collections) == 2
    del left
    litter.clear()
    litter.clear()

    assert len(collections) == 2


FILLS_A_CACHE = {
    "quote": """
from urllib.parse import quote
import random
try:
    quote("é", safe=["a" * 1000000 + str(random.random())])
except ValueError:
    response = "well"
""",
    "replacements": """
import re, random
re.compile("(a)").sub("\\\\1" * 4980 + "x" + str(random.random()), "b")
response = "well"
""",
    "patterns": """
import re, random
re.compile("[ĀꀀĀꀀ]" * 160 + str(random.random()))
response = "well"
""",
    "short ones": """
import re, random
for turn in range(4):
    re.compile("(a)[ĀꀀĀꀀ][ĀꀀĀꀀ]" + str(random.random())).sub("\\\\1" * 40 + "x" + str(random.random()), "b")
response = "well"
""",
}


@linux
@pytest.mark.parametrize("source", FILLS_A_CACHE.values(), ids=FILLS_A_CACHE.keys())
async def test_what_the_library_remembers_stays_small(sandbox, source):
    """Its caches outlive a turn, so that texts as large as may be would take another turn's memory."""
    await leaves_room(sandbox, program(source), turns=300)

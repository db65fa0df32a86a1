"""The baseline is a plain function: beside tocsin's own script interface its host does next to nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from bench.plants import MENU
from bench.unsandboxed import Unsandboxed

from tocsin.calls import vocabulary
from tocsin.calls.inprocess import PlainScripts
from tocsin.sandbox.script import Script

if TYPE_CHECKING:
    from collections.abc import Callable

GIVEN: dict[str, Any] = {
    "action": "menu",
    "params": {"Digits": "1", "From": "+46701234567", **{f"Caller{n}": "x" for n in range(24)}},
    "call": {
        **dict.fromkeys(("sid", "project", "voice", "answeredBy"), ""),
        "id": "c4Jr0_x", "turn": 1, "base": "https://alarms.example.com", "direction": "inbound", "attempt": 1,
        "language": "en-US", "pin": "to-acknowledge", "digits": "ignition", "site": "Riverside",
    },
    "alarms": [], "user": None, "session": {}, "pins": [],
}  # fmt: skip
NOTHING = PlainScripts([], [])


def opened() -> vocabulary.Turn:
    return vocabulary.open_turn(GIVEN, lambda *_: None, lambda *_: None)


def microseconds(work: Callable[[], object]) -> float:
    """Give the least processor time that one of many takes."""
    times = 300
    found = []
    for _ in range(15):
        began = time.process_time_ns()
        for _ in range(times):
            work()
        found.append((time.process_time_ns() - began) / times / 1000)
    return min(found)


@pytest.mark.alone
def test_the_plain_host_costs_less_than_the_interface_it_gives_to_scripts():
    """A whole turn in it takes less than twice what opening the turn takes, which a worker has to do too."""
    menu = PlainScripts([Script("20_menu.py", MENU)], [])
    turn = lambda: Unsandboxed._turn(menu, NOTHING, GIVEN, [], fallback_only=False)  # noqa: E731
    assert "Pump 1 is running" in turn().result["response"]

    whole, interface = microseconds(turn), microseconds(lambda: opened().finish())

    assert whole < 2 * interface


def test_scripts_without_modules_get_pythons_builtins_and_no_copy():
    """What modules need, a turn's words as builtins, is made where there are modules only."""
    for modules, copied in (([], False), ([Script("words.py", "said = response")], True)):
        seen: list[dict[str, Any]] = []
        PlainScripts([Script("10_look.py", "seen.append(__builtins__)")], modules).run(opened(), seen=seen)
        assert ("response" in seen[0]) is copied

"""Every transaction of a call and of a text that came in, by the name under which the tests die at it.

`POINTS` says in which function of `tocsin` each of them is handed in. `killed_at` makes three moments of it:
before it, inside it with everything written, and after it, committed but known to nobody. `BESIDE` are the
transactions that no webhook waits for. What stands in the code and in neither of them fails a test.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from inspect import iscoroutinefunction
from pathlib import Path

import tocsin
from tocsin.alarms import Board

POINTS = {
    "booking": "people.check.PinCheck._match",
    "settle": "people.check.PinCheck._match",
    "acknowledge": "calls.requests._commit",
    "shelve": "calls.requests._shelve",
    "pass-on": "calls.requests._pass_on",
    "raise": "calls.raising.raise_alarm",
    "give-up": "calls.requests._give_up",
    "locked-entry": "calls.requests._note_locked",
    "intent": "channels.turns.AccountTurns._asked",
    "message-settle": "calls.texting.send_text",
    "end-of-turn": "calls.conversation.Conversation._commit",
    "over-budget": "calls.ending.end",
    "call-status": "calls.events.CallEvents.status",
    "machine": "calls.events.CallEvents.machine",
    "text-status": "calls.messages.Messages.status",
    "text-done": "calls.replying.replies.Exchange.do",
    "text-said": "calls.replying.replies.Exchange._say",
    "text-listed": "calls.replying.replies.Exchange._list",
    "text-locked": "calls.replying.replies.Exchange._identified",
    "text-opting": "calls.replying.replies.Replies._opting",
    "text-unanswered": "calls.replying.replies.Replies._only_recorded",
}

BESIDE = {
    "calls.services.Services.in_turn": "only where nobody is told of alarms; else AccountTurns is in its place",
    "calls.placing.place": "a call that a person asked for, as an intent (K5 of tests/faults)",
    "calls.placing._settle": "what came of asking for it is found out again (K7 of tests/faults)",
    "calls.on_request.OnRequest.send": "a text that a person asked for was given up; they ask again",
    "calls.manual_run.ManualRuns._note": "a script run by hand: a person sees that it died",
    "calls.manual_requests._acknowledge": "a script run by hand: the second time it is acknowledged already",
    "calls.manual_requests._shelve": "a script run by hand: shelved twice is shelved",
    "calls.manual_requests._unshelve": "a script run by hand: unshelved twice is unshelved",
    "calls.manual_requests._edited": "a script run by hand: the files have changed and are read at the start",
    "people.check.PinCheck._reset": "an admin unlocks; done twice it is done",
}

WHEN = ("before", "inside", "after")
_PACKAGE = Path(tocsin.__file__).parent
_COMMIT = frozenset({"write", "write_now", "transact"})


def moments(point: str) -> list[str]:
    """Give the moments of a transaction, in their order."""
    return [f"{when}-{point}" for when in WHEN]


def found() -> Counter[str]:
    """Give the functions that hand in a transaction, and how many each, as they stand in the code."""
    files = [*(_PACKAGE / "calls").rglob("*.py")]
    files += [_PACKAGE / "people" / "check.py", _PACKAGE / "channels" / "turns.py"]
    return Counter(place for file in sorted(files) for place in in_source(file.read_text(), _module(file)))


def in_source(source: str, module: str) -> list[str]:
    """Give the functions of a module that hand in a transaction, once for each."""
    return list(_handed_in(ast.parse(source), f"{module}."))


def _module(file: Path) -> str:
    return ".".join(file.relative_to(_PACKAGE).with_suffix("").parts)


def _handed_in(node: ast.AST, inside: str) -> Iterator[str]:
    for one in ast.iter_child_nodes(node):
        within = inside
        if isinstance(one, ast.ClassDef):
            within = f"{inside}{one.name}."
        elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            within = f"{inside}{one.name}.<locals>."
        elif isinstance(one, ast.Call) and _commits(one):
            yield inside.removesuffix(".<locals>.")
        yield from _handed_in(one, within)


def _commits(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    of_a_board = ast.unparse(call.func.value).endswith("board") and call.func.attr in _BOARDS_OWN
    return call.func.attr in _COMMIT or of_a_board


def _boards_own() -> set[str]:
    """Give the functions by which a board changes alarms in a transaction of its own."""
    used = {name: {*one.__code__.co_names} for name, one in vars(Board).items() if iscoroutinefunction(one)}
    own = {"transact"}
    while more := {name for name, others in used.items() if own & others} - own:
        own |= more
    return own


_BOARDS_OWN = _boards_own()

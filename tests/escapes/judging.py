"""What must hold for every attack: the kind of its end, no loot, the default's answer, a plain message."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.escapes.siege import Verdict

_DEFAULTS = {"default-after-failure", "default-in-process"}
_SCRIPT_FAILS = {"exception", "cpu", "memory", "host-calls", "output", "rejected"}
_WHOLE_FILE = re.compile(
    "deeply nested|longer than|larger than|too large|part of the script language|`finally`"
)
"""Refusals of a script as a whole, which no line is to blame for."""
_AFTER_ITS_END = {
    "resources/dag_session",
    "resources/exception_chain",
    "resources/exception_text_bomb",
    "resources/output_builder_many",
    "resources/output_builder_value",
}
"""What costs too much is done with what the script left behind, when none of its lines runs any more."""
_INTERNAL = re.compile(
    r"0x[0-9a-f]{6,}|Traceback|<built-in|<function|_[a-z]+_\b|\b[A-Z]\w*\.\w+\(\)|RestrictedPython|tocsin\.|/runtime/|"
    r"site-packages|<locals>|mappingproxy|TypeName|Namespace|_Sealed|_Slices|functools|msgspec|<class|"
    r"\bPyObject|<frozen|struct_time\b|builtin_function|SyntaxError|NoneType\b"
)
"""What belongs to Python's or our own inside and means nothing to a plant's engineer."""


def faults(verdict: Verdict) -> list[str]:
    """Return what is not as it should be, one sentence each."""
    attack = verdict.attack
    found = list(verdict.trouble)
    # On a busy machine a loop of low priority may reach the deadline before its share of processor time.
    ended = "cpu" if verdict.outcome == "deadline" else verdict.outcome
    if ended not in attack.expected:
        found.append(f"it ended as {verdict.outcome}, not as {' or '.join(sorted(attack.expected))}")
    if any("PWNED" in answer for answer in verdict.answers):
        found.append(f"it left its mark in an answer: {verdict.answers}")
    if verdict.outcome in {"rejected", "harmless"}:
        if verdict.answered not in {"scripts", "default"}:
            found.append(f"it was answered by {verdict.answered}")
    elif verdict.answered not in _DEFAULTS:
        found.append(f"the default did not answer the same turn, but {verdict.answered}")
    if verdict.outcome != "harmless":
        found += bad_message(verdict)
    return found


def bad_message(verdict: Verdict) -> list[str]:
    """Return what is wrong with what the author is told."""
    attack, (file, line), message = verdict.attack, verdict.place, verdict.message
    found = []
    if verdict.outcome in _SCRIPT_FAILS and not attack.is_raw:
        stopped_from_outside = "did not stop" in message or verdict.outcome == "deadline"
        if file != "attack.py" and not stopped_from_outside:
            found.append(f"the message names the file {file!r}")
        needs_line = (
            verdict.outcome != "output" and not stopped_from_outside and attack.name not in _AFTER_ITS_END
        )
        if needs_line and not line and not _WHOLE_FILE.search(message):
            found.append("the message names no line")
    if not message.strip() or len(message) > 600 or "\n" in message.strip():
        found.append(f"the message is no plain sentence: {message[:200]!r}")
    if "failed in the gateway" in message:
        found.append(f"the gateway did not expect it, and logs a fault of its own: {message[:200]!r}")
    internal = None if attack.is_raw else _INTERNAL.search(message)
    if internal is not None and internal[0] not in attack.source:  # the author's own words are plain to him
        found.append(f"the message talks of {internal[0]!r}: {message[:200]!r}")
    return found

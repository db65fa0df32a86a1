"""What is to be done when, in a simulation: one entry per kind and key, as in the engine's queues."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["deed", "end", "run", "voice", "sms", "parent", "answer"]

_STAGE: Final[dict[Kind, int]] = {"run": 0, "voice": 1, "sms": 2, "deed": 3, "end": 3}
"""What goes first of what is due at one moment: timers, one kind after the other, then news from outside."""

_ORDER: Final[dict[Kind, int]] = {
    "deed": 0, "end": 1, "run": 2, "voice": 3, "sms": 4, "parent": 5, "answer": 6,
}  # fmt: skip
"""What goes first of one stage.

What is due because of something that has just happened belongs to the stage of that, and comes after it: runs
before the lines. A run whose branch has ended (`parent`) waits until the runs before it are written down, and
a line that is idle does not. The answer of a script comes after all of that: running it takes a while.
"""


class Agenda:
    """Few entries at a time, so that looking at all of them is the quickest."""

    def __init__(self) -> None:
        self._due: dict[tuple[Kind, str], tuple[int, int, int]] = {}
        self._now_ms: int | None = None
        self._stage = 0

    def put(self, kind: Kind, key: str, due_ms: int) -> None:
        """Have something done at `due_ms`; what was put down for the same key before is moved there."""
        timer = self._now_ms is None or due_ms > self._now_ms
        self._due[kind, key] = due_ms, _STAGE[kind] if timer else self._stage, _ORDER[kind]

    def drop(self, kind: Kind, key: str) -> None:
        """Do not do it after all."""
        self._due.pop((kind, key), None)

    def take(self, until_ms: int) -> tuple[Kind, str, int] | None:
        """Take what is next, due at `until_ms` at the latest: its kind, key and due time."""
        if not self._due:
            return None
        (kind, key), (due_ms, stage, _) = min(self._due.items(), key=lambda one: (*one[1], one[0][1]))
        if due_ms > until_ms:
            return None
        del self._due[kind, key]
        self._now_ms, self._stage = due_ms, stage
        return kind, key, due_ms

    def take_all(self, kind: Kind, now_ms: int) -> list[str]:
        """Take all that is due of a kind by now; give the keys."""
        found = [key for (one, key), (due_ms, *_) in self._due.items() if one == kind and due_ms <= now_ms]
        for key in found:
            del self._due[kind, key]
        return found

"""What the scripts of pipelines answer in a simulation: what somebody states, else what they say when run.

Who can run them is bound by the gateway: they look at the plant as it is now. Where nobody can, as with files
alone, a script counts as failed, and that is said.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from tocsin.pipelines.plan import Script
from tocsin.pipelines.run import Answer, AskScript, Scalar
from tocsin.pipelines.simulating.endings import OutcomeUnknown

if TYPE_CHECKING:
    from tocsin.pipelines.plan import Plan

Answers: TypeAlias = Callable[[AskScript], Answer]

NOT_RUN: Final = "nothing here runs it, and no answer was stated"
STATED: Final = "as was stated"
MOST_RUNS: Final = 8
"""So often at most scripts are run for one question; who asks for longer is no help to anybody."""


class BlockUnknown(OutcomeUnknown):
    """An answer was stated for a block that asks no script."""


@dataclass(frozen=True, slots=True)
class Stated:
    """Answers by the block that asks: properties by name."""

    values: Mapping[str, Mapping[str, Scalar]] = field(default_factory=dict)

    def __call__(self, asked: AskScript) -> Answer:
        """Give what a script answers; nothing where nobody has stated it, so that it counts as failed."""
        found = self.values.get(asked.block)
        return Answer(None, NOT_RUN) if found is None else Answer(found, STATED)


class Running:
    """Stated answers first; then `run`, once for each block with the same properties."""

    def __init__(self, stated: Stated, run: Answers) -> None:
        self._stated = stated
        self._run = run
        self._known: dict[tuple[str, str], Answer] = {}

    def __call__(self, asked: AskScript) -> Answer:
        """Give what a script answers."""
        if asked.block in self._stated.values:
            return self._stated(asked)
        key = asked.block, repr(sorted(asked.properties.items(), key=str))
        if key not in self._known:
            if len(self._known) >= MOST_RUNS:
                return Answer(None, f"scripts are run {MOST_RUNS} times at most for one question")
            self._known[key] = self._run(asked)
        return self._known[key]


def read_answers(words: Sequence[str], plan: Plan) -> Stated:
    """Read `choose.crew=electric`: block, property and value, as often as needed.

    A value that reads as a number, true or false is one; any other is a text. Raises OutcomeUnknown, for a
    block that asks no script BlockUnknown.
    """
    asking = script_blocks(plan)
    values: dict[str, dict[str, Scalar]] = {}
    for word in words:
        left, sign, value = word.partition("=")
        block, dot, name = left.strip().rpartition(".")
        if not sign or not dot or not name.isidentifier():
            raise OutcomeUnknown(f'"{word[:80]}" is no answer; write it as BLOCK.PROPERTY=VALUE')
        if block not in asking:
            known = ", ".join(asking) or "none"
            raise BlockUnknown(f'"{block[:40]}" is no script block of this pipeline; there are: {known}')
        values.setdefault(block, {})[name] = _value(value.strip())
    return Stated(values)


def script_blocks(plan: Plan) -> dict[str, str]:
    """Give the blocks that ask scripts, by name, with the script of each."""
    return {
        plan.name(index): block.script for index, block in enumerate(plan.blocks) if isinstance(block, Script)
    }


def _value(text: str) -> Scalar:
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, str | int | float | bool) else text

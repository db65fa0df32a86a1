"""What one person hears in one call, how long they listen, and what they still have in mind.

A sentence counts as heard once it was spoken to its end. What was said before the person last did
something is out of mind.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tocsin.testing import difference

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.emulator.phone import Line
    from tocsin.testing.running import RunningPlant

PATIENCE_S = 6.0
"""Silence after which a listener gives up; Twilio waits five seconds for a key unless told otherwise."""

END_OF_SPEECH_S = 1.5
"""Silence that tells a listener who is waited for that nothing more will be said now."""

LONGEST_SILENCE_S = 600.0
"""Longer than anybody is kept waiting on a telephone."""


class Hearing:
    """The ear of one phone; `line` is the call it is in, or was in last."""

    def __init__(self, running: RunningPlant) -> None:
        self._running = running
        self._from = 0
        self._at = 0
        self.line: Line | None = None

    @property
    def in_call(self) -> bool:
        """Whether the call goes on."""
        return self.line is not None and self.line.state == "in-call"

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was heard since this person last did something."""
        return self.line.since_last_act[self._from :] if self.line is not None else ()

    def forget(self, *, silently: bool = False) -> None:
        """Let what was said so far be out of mind: `silently`, because of a silence, not of a deed."""
        line = self.line
        self._from = len(line.since_last_act) if silently and line is not None else 0
        self._at = 0

    def recall(self, wanted: str) -> bool:
        """Look for a text in what was heard since the last one found; go on from where it was."""
        said = self.sentences[self._at :]
        for index, sentence in enumerate(said):
            if difference.contains([sentence], wanted):
                self._at += index
                return True
        return difference.contains(said, wanted)

    def nearest(self, wanted: str) -> list[str]:
        """Put a text beside the sentence most like it."""
        return difference.nearest(self.sentences, wanted)

    def end_of_speech(self) -> float:
        """Return the seconds of silence after which nothing more will be said now.

        Short where the other side waits for an answer; else it may be a pause between two sentences.
        """
        waited_for = self.line is not None and (self.line.leg.prompted or self.line.leg.meeting is not None)
        return END_OF_SPEECH_S if waited_for else PATIENCE_S

    async def listen(self, enough: Callable[[], bool], patience: float | Callable[[], float]) -> bool:
        """Let time pass until `enough()`; False once it was silent for `patience`, or the call ended."""
        clock = self._running.clock
        silent_since: float | None = None
        while not enough():
            if self.line is None or not self.in_call:
                return False
            if self.line.speaking:
                silent_since, limit = None, math.inf
            else:
                silent_since = clock.now() if silent_since is None else silent_since
                limit = silent_since + (patience() if callable(patience) else patience)
            if clock.now() >= limit - 1e-6:
                return False
            await self._running.step(min(limit, clock.now() + LONGEST_SILENCE_S))
        return True

"""The gateway's side of what scripts ask for: one TurnHost per turn, each step at most once.

A step's key is the webhook's key and its ordinal within the turn. Its effect and its row in ts_effect are
one transaction, so a webhook repeated after a crash finds the result instead of having it again. What
each request means is in `requests`; the budget and the memory of steps are here.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import structlog

from tocsin.calls.requests import REQUESTS
from tocsin.calls.step import Step
from tocsin.calls.store import to_json
from tocsin.sandbox.host import HostRefused

if TYPE_CHECKING:
    from tocsin.calls.call import Call
    from tocsin.calls.services import Line, Services
    from tocsin.people import User

log = structlog.get_logger("tocsin.calls")

WAITS = 3
"""How often a caller hears "one moment" before a step counts as not recorded."""

LEAST_STEP_S = 0.05
"""What a step gets at the last wait however late it begins: what is nearly done shall not count as undone."""


class TurnHost:
    """Answers one turn's host calls, whether the project's scripts or the default make them."""

    def __init__(
        self, services: Services, line: Line, call: Call, *, key: str, turn: int, wait: int = 0
    ) -> None:
        self._services = services
        self._line = line
        self._call = call
        self._key = key
        self._turn = turn
        self._wait = wait
        self._began = time.monotonic()
        self._ordinal = 0
        self._asked = 0
        self._memory: dict[str, dict[str, Any]] = {}
        self._entered: dict[tuple[str, str | None], tuple[str, User | None]] = {}
        self.had_effect = False
        self.answers: list[tuple[str, Any]] = []
        """What was asked by name and what was answered, in this order; for the record."""

    @property
    def still_settling(self) -> bool:
        """Whether a step of this turn is still being carried out, and the caller may be asked to wait."""
        if self._wait >= WAITS:
            return False
        return any(key == self._key and not task.done() for (key, _), task in self._call.unsettled.items())

    def begin_again(self) -> None:
        """Give the default, which now answers in the scripts' place, a budget that they have not used up."""
        self._asked = 0

    async def ask(self, name: str, args: list[Any]) -> Any:
        """Carry out one request; HostRefused where the script asks for something it cannot have."""
        request = REQUESTS.get(name)
        if request is None:
            raise HostRefused(f"{name} is not something a call script can ask for")
        self._asked += 1
        if self._asked > self._services.limits.host_calls:
            raise HostRefused(
                f"a turn may ask the gateway {self._services.limits.host_calls} times; this one asked more"
            )
        try:
            arguments = request.read(args)
        except (TypeError, ValueError) as error:
            # The vocabulary asks as it should; what comes otherwise is a worker that was taken over.
            raise HostRefused(f"{name} is asked for with other arguments") from error
        if not request.lasting:
            answer = await request.act(self._step(name, -1), arguments)
            self.answers.append((name, answer))
            return answer
        # The same request twice in one turn (a failed script, then the default) is one request.
        memory = f"{name}:{to_json(arguments)}"
        if memory not in self._memory:
            self.had_effect = True
            self._ordinal += 1
            step = self._step(name, self._ordinal - 1, request.asked(name, arguments))
            self._memory[memory] = await self._settle(step, request.act, arguments)
            self.answers.append((name, self._memory[memory]))
        return self._memory[memory]

    def _step(self, name: str, ordinal: int, asked: str = "") -> Step:
        turn = (self._services, self._line, self._call, self._key)
        return Step(*turn, ordinal, self._turn, name, asked, self._entered)

    async def _settle(self, step: Step, act: Any, arguments: Any) -> dict[str, Any]:
        place = (self._key, step.ordinal * 2 + 1)
        call = self._call
        known = call.effects.get(place)
        if known is not None:
            if known.get("asked") != step.asked:
                # A repeat that asks for something else must not take that for done.
                log.warning("repeat-asks-otherwise", call=call.id, asked=step.name)
                return {"reason": "not_recorded", "sent": False}
            step.recall(known)
            return known
        task = call.unsettled.get(place)
        if task is None:
            task = call.unsettled[place] = asyncio.ensure_future(act(step, arguments))
            task.add_done_callback(lambda done: self._settled(place, step, done))
        if self._wait >= WAITS:
            # The caller is asked to wait no more; what is left of the turn is for saying what came of it.
            until = self._began + self._services.limits.turn_ms / 3000
            await asyncio.wait([task], timeout=max(until - time.monotonic(), LEAST_STEP_S))
            if not task.done():
                return {"reason": "not_recorded", "sent": False}
        # Shielded: a turn that runs out of time leaves the step to finish by itself.
        return await asyncio.shield(task)

    def _settled(self, place: tuple[str, int], step: Step, task: asyncio.Task[dict[str, Any]]) -> None:
        self._call.unsettled.pop(place, None)
        if not task.cancelled() and task.exception() is None:
            result = task.result()
            if result.get("reason") != "not_recorded" or result.get("final"):
                self._call.effects[place] = step.kept(result)

"""Asks the project's scripts who is on calculated rosters, and answers the script blocks of pipelines.

A roster's script is asked once a minute. What it named holds until it names others, or until it has failed
for ten minutes; then the roster's standing people count. A script never keeps anybody from being told.
"""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, Final

import structlog

from tocsin.alarms import store as alarm_store
from tocsin.calls.deciding import PIPELINES, ROSTERS, Question, Undecided
from tocsin.calls.given import alarms_of
from tocsin.db import NotStored, after_commit
from tocsin.pipelines.run import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from tocsin.alarms import Episode
    from tocsin.calls.deciding import Deciding
    from tocsin.calls.services import Services
    from tocsin.pipelines import Runs
    from tocsin.pipelines.run import AskScript, RunState

log = structlog.get_logger("tocsin.gateway")

EVERY_S: Final = 60.0
STALE_MS: Final = 10 * 60_000
_ROSTER_S: Final = 5.0
_STARTING_S: Final = 20.0  # for the sandbox, where this is the first script of all


class Decisions:
    """Bound by the gateway. `runs` gives the pipelines' runs, once they are made."""

    def __init__(
        self, deciding: Deciding, services: Callable[[], Services], runs: Callable[[], Runs]
    ) -> None:
        self._deciding = deciding
        self._services = services
        self._runs = runs
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asking: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self._named: dict[str, tuple[tuple[str, ...], int]] = {}

    async def start(self) -> None:
        """Ask for the first time, and from then on every minute."""
        self._loop = asyncio.get_running_loop()
        await self.look()
        self._asking = asyncio.ensure_future(self._every_minute())

    async def aclose(self) -> None:
        """Ask no more; what is under way is given up and ends by its deadline."""
        tasks = [*self._under_way, *([self._asking] if self._asking else [])]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._deciding.aclose()

    # Calculated rosters.

    async def look(self) -> None:
        """Ask the script of each calculated roster, and put what they name in force."""
        services = self._services()
        with services.clock.hold():
            await self._look(services)

    async def _look(self, services: Services) -> None:
        directory, now_ms = services.directory, services.clock.now_ms()
        # People who were just taken over from the files know at once what the scripts said last.
        directory.calculated = {name: people for name, (people, _) in self._named.items()}
        asked = {name: one.script for name, one in directory.rosters.items() if one.script is not None}
        for name, script in asked.items():
            try:
                people = await self._deciding.answer(ROSTERS, script, Question(name), wall_s=_ROSTER_S)
                self._named[name] = _usernames(people, script), now_ms
            except Undecided as error:
                log.error("roster-not-calculated", roster=name, why=str(error))
        self._named = {
            name: one
            for name, one in self._named.items()
            if name in asked and 0 <= now_ms - one[1] < STALE_MS
        }
        directory.calculated = {name: people for name, (people, _) in self._named.items()}

    async def _every_minute(self) -> None:
        clock = self._services().clock
        while True:
            await clock.sleep(EVERY_S)
            try:
                await self.look()
            except Exception:
                # Whatever is wrong with one minute, the next one is asked for.
                log.exception("rosters-not-calculated")

    # Script blocks.

    def run_script(self, connection: Connection, run: RunState, asked: AskScript, now_ms: int) -> None:
        """Have a pipeline's script run once its run's decision is on disk."""
        del now_ms
        loop = self._loop
        if loop is None:
            return  # nobody answers in time, which the run knows what to do about

        def committed() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the gateway is stopping
                loop.call_soon_threadsafe(self._spawn, run, asked)

        after_commit(connection, committed)

    def _spawn(self, run: RunState, asked: AskScript) -> None:
        task = asyncio.ensure_future(self._answer(run, asked))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _answer(self, run: RunState, asked: AskScript) -> None:
        services = self._services()
        with services.clock.hold():
            answer = await self._asked(services, run, asked)
            now_ms = services.clock.now_ms()
            with contextlib.suppress(NotStored):  # no answer in time, then
                await services.db.write(
                    lambda conn: self._runs().answer_in(conn, run.id, asked.asked_ms, answer, now_ms)
                )

    async def _asked(self, services: Services, run: RunState, asked: AskScript) -> Answer:
        wall_s = max(0.1, (asked.deadline_ms - services.clock.now_ms()) / 1000)
        try:
            found = await services.db.read(lambda conn: alarm_store.by_ids(conn, [run.episode_id]))
        except NotStored as error:
            answer = Answer(None, str(error))
        else:
            answer = await self._answered(services, asked, [*found.values()], wall_s)
        if answer.values is None:
            log.error("pipeline-script-failed", run=run.id, block=asked.block, why=answer.why)
        return answer

    def run_now(self, asked: AskScript, episode: Episode) -> Answer:
        """Run a pipeline's script for somebody who only asks what if; for any thread but the loop's.

        It is told the time that is asked about, and sees tags and people as they are.
        """
        loop = self._loop
        if loop is None:
            return Answer(None, "the gateway has not started")
        wall_s = max(0.1, (asked.deadline_ms - asked.asked_ms) / 1000)
        work = self._answered(self._services(), asked, [episode], wall_s, now_ms=asked.asked_ms)
        try:
            answer = asyncio.run_coroutine_threadsafe(work, loop).result(wall_s + _STARTING_S)
        except (TimeoutError, CancelledError):
            return Answer(None, "the gateway is stopping")
        return answer if answer.values is None else Answer(answer.values, "as things are now")

    async def _answered(
        self,
        services: Services,
        asked: AskScript,
        found: Sequence[Episode],
        wall_s: float,
        *,
        now_ms: int | None = None,
    ) -> Answer:
        facts = next(iter(alarms_of(services, found)), None)
        question = Question(alarm=facts, properties=asked.properties, now_ms=now_ms)
        try:
            values = await self._deciding.answer(PIPELINES, asked.script, question, wall_s=wall_s)
        except Undecided as error:
            return Answer(None, str(error))
        if not isinstance(values, dict):
            return Answer(None, f'{asked.script}: result is no dict; write result = {{"name": value}}')
        return Answer(values)


def _usernames(found: Any, script: str) -> tuple[str, ...]:
    """Take what a roster's script left; raises Undecided where it is no list of usernames."""
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise Undecided(f'{ROSTERS}/{script}: result is no list of usernames; write result = ["maria"]')
    return tuple(found)

"""Loading again what the sandbox could not take: the files are in order, so nobody saves them again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

log = structlog.get_logger("tocsin.scripts")

AGAIN_S: Final = 1.0
"""Real seconds from one attempt to the next: a sandbox that restarts does so in a fraction of it."""


class Retries:
    """What is loaded again and again until it has been loaded, each thing by one task."""

    def __init__(self) -> None:
        self._tasks: dict[Hashable, asyncio.Task[None]] = {}

    def begin(self, what: Hashable, load: Callable[[], Awaitable[bool]]) -> None:
        """Call `load` every so often until it returns True; no harm where that is under way."""
        if what not in self._tasks:
            task = self._tasks[what] = asyncio.ensure_future(_until_loaded(load))
            task.add_done_callback(lambda _: self._tasks.pop(what, None))

    def give_up(self, what: Hashable) -> None:
        """Stop trying; no harm where nothing is tried."""
        if (task := self._tasks.get(what)) is not None:
            task.cancel()

    async def aclose(self) -> None:
        """Stop trying anything."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until_loaded(load: Callable[[], Awaitable[bool]]) -> None:
    is_loaded = False
    while not is_loaded:
        await asyncio.sleep(AGAIN_S)
        try:
            is_loaded = await load()
        except Exception:  # the boundary of this task: whatever one attempt met, the next may succeed
            log.exception("scripts-load-failed")

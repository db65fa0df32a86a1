"""Noticing that somebody saved a script. What a save means is the library's business."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from tocsin.config.watch import changes
from tocsin.scripts.folder import counts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tocsin.scripts.folder import ScriptFolder

log = structlog.get_logger("tocsin.scripts")

_AGAIN_S = 2.0
_QUIET_MS = 2  # a half-written script is found out by how it looks, so there is no need to wait longer


def _is_script(path: Path) -> bool:
    return counts(path.name)


async def watching(folder: ScriptFolder, reload: Callable[[], Awaitable[None]]) -> None:
    """Call `reload` once the watch is set up and after each change of the folder's scripts, until cancelled.

    Changes that come while a reload is under way are one change.
    """
    while True:
        try:
            await _watch(folder, reload)
        except Exception:  # the boundary of the watch: whatever one reload met, the next save must be seen
            log.exception("script-watch-failed", folder=str(folder.path))
        await asyncio.sleep(_AGAIN_S)


async def _watch(folder: ScriptFolder, reload: Callable[[], Awaitable[None]]) -> None:
    loop, looked = asyncio.get_running_loop(), asyncio.Event()

    def also() -> tuple[Path, ...]:
        loop.call_soon_threadsafe(looked.set)
        return folder.link_targets()

    async def catch_up() -> None:
        # What was saved after the first loading and before the watch's first look is no change to it.
        await looked.wait()
        await reload()

    catching_up = asyncio.ensure_future(catch_up())
    try:
        async for _ in changes(folder.path, wanted=_is_script, also=also, quiet_ms=_QUIET_MS):
            await reload()
    finally:
        catching_up.cancel()

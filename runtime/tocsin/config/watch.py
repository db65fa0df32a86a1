"""Noticing that files changed: inotify where there is one, polling where not, and a slow sweep beside both.

What a change means is the listener's business. The sweep finds what no notification tells: a network
folder, a link swapped behind a file, a folder that was removed and made again.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import structlog
from watchfiles import awatch

from tocsin.config.toml_files import belongs, stamp

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

    from tocsin.config.toml_files import Stamp

log = structlog.get_logger("tocsin.config")

Signature: TypeAlias = "dict[Path, Stamp | None]"

SWEEP_MS = 2000
QUIET_MS = 5  # a batch is over when nothing more came for so long
_LONGEST_MS = 50  # and at the latest after so long


def is_configuration(path: Path) -> bool:
    """Return whether a path is one of the files that `load` reads."""
    return belongs(path.name)


async def changes(
    folder: Path,
    *,
    recursive: bool = False,
    wanted: Callable[[Path], bool] = is_configuration,
    also: Callable[[], Iterable[Path]] = tuple,
    at_once: bool = False,
    stop: asyncio.Event | None = None,
    sweep_ms: int = SWEEP_MS,
    quiet_ms: int = QUIET_MS,
) -> AsyncGenerator[set[Path], None]:
    """Yield the set of changed, new and removed paths each time some of the `wanted` files change.

    `also` names single files elsewhere (those that secrets are read from); they are swept, not notified.
    Where it is a mapping it says how each stood when it was read, so that an earlier change shows too.
    With `at_once` a first set, which may be empty, comes as soon as every later change will be seen.
    A change is told once nothing more came for `quiet_ms`; half of that is waited on average before it is
    seen at all. Ends when `stop` is set. A folder that does not exist is waited for.
    """
    stop = stop or asyncio.Event()
    view = _View(folder, recursive, wanted, also)
    found = await view.look()
    if at_once:
        yield found & view.beside.keys()
    polling = False
    while not stop.is_set():
        try:
            async for batch in _batches(view, stop, sweep_ms, quiet_ms, polling=polling):
                if changed := await view.look(batch):
                    yield changed
        except OSError as error:
            if polling or view.identity is None:
                await _pause(stop, sweep_ms)
            else:
                log.warning("watch-polling", folder=str(view.folder), reason=str(error))
                polling = True
        if changed := await view.look():
            yield changed


async def _batches(
    view: _View, stop: asyncio.Event, sweep_ms: int, quiet_ms: int, *, polling: bool
) -> AsyncGenerator[set[Path], None]:
    """Yield what the notifications tell, an empty set at each sweep, until the folder is another one."""
    begun = view.identity
    told = awatch(
        view.folder,
        watch_filter=None,
        debounce=_LONGEST_MS,
        step=quiet_ms,
        stop_event=stop,
        rust_timeout=sweep_ms,
        yield_on_timeout=True,
        force_polling=polling or None,
        poll_delay_ms=min(300, sweep_ms),
        recursive=view.recursive,
        ignore_permission_denied=True,
    )
    async for batch in told:
        yield {Path(name) for _, name in batch}
        if view.identity != begun:
            return  # the watch holds on to a folder that is gone


@dataclass
class _View:
    """The wanted files as last seen, and those beside them."""

    folder: Path
    recursive: bool
    wanted: Callable[[Path], bool]
    also: Callable[[], Iterable[Path]]
    known: Signature = field(default_factory=dict)
    beside: Signature = field(default_factory=dict)
    identity: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        self.folder = self.folder.absolute()  # as the notifications name it

    async def look(self, told: Iterable[Path] = ()) -> set[Path]:
        """Return the wanted paths among `told` and all that differ from the last look."""
        # In a thread: a network folder that hangs must not hold up calls.
        seen, read, beside, self.identity = await asyncio.to_thread(self._scan)
        before, self.known = self.known, seen
        differing = {path for path in before.keys() | seen.keys() if before.get(path) != seen.get(path)}
        read, self.beside = read | self.beside, beside
        differing |= {path for path, now in beside.items() if now != read.get(path, now)}
        return differing | {path for path in told if self.wanted(path)}

    def _scan(self) -> tuple[Signature, Signature, Signature, tuple[int, int] | None]:
        """Return the wanted files, what `also` says of its files, how these stand now, and the folder."""
        found: Signature = {}
        for parent, folders, names in os.walk(self.folder):
            if not self.recursive:
                folders.clear()
            paths = (Path(parent, name) for name in names)
            found |= {path: now for path in paths if self.wanted(path) and (now := stamp(path))}
        also = self.also()
        read = dict(also) if isinstance(also, Mapping) else {}
        beside = {path: stamp(path) for path in also}
        try:
            status = self.folder.stat()
        except OSError:
            return found, read, beside, None
        return found, read, beside, (status.st_dev, status.st_ino)


async def _pause(stop: asyncio.Event, milliseconds: int) -> None:
    try:
        await asyncio.wait_for(stop.wait(), milliseconds / 1000)
    except TimeoutError:
        return

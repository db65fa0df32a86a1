"""A gateway that runs beside the commands a test types: in this process, in a thread and loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def beside(
    opened: Callable[[SimpleNamespace], contextlib.AbstractAsyncContextManager[None]],
) -> Iterator[SimpleNamespace]:
    """Keep open what `opened(stage)` opens, in a thread of its own; give `stage`, which has its `loop`."""
    ready, stage = threading.Event(), SimpleNamespace()

    async def run() -> None:
        stage.loop, stop = asyncio.get_running_loop(), asyncio.Event()
        stage.stop = stop.set
        async with opened(stage):
            ready.set()
            await stop.wait()

    def held() -> None:
        try:
            asyncio.run(run())
        finally:
            ready.set()

    thread = threading.Thread(target=held)
    thread.start()
    assert ready.wait(60)
    try:
        yield stage
    finally:
        stage.loop.call_soon_threadsafe(stage.stop)
        thread.join(30)

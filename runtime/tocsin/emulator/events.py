"""What happens, told to whoever listens (a terminal phone, a test): nobody listening costs nothing."""

from __future__ import annotations

import asyncio
from typing import Any


class Events:
    """A small broadcast: every subscriber has a bounded queue; one who does not read loses the oldest."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[dict[str, Any]]] = set()

    def subscribe(self) -> asyncio.Queue[dict[str, Any]]:
        """Open a queue that receives everything published from now on."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(maxsize=10_000)
        self._queues.add(queue)
        return queue

    def unsubscribe(self, queue: asyncio.Queue[dict[str, Any]]) -> None:
        """Close a queue."""
        self._queues.discard(queue)

    def publish(self, name: str, at: float, /, **facts: Any) -> None:
        """Tell everybody; `name` is the event's, `at` is in seconds since 1970-01-01 UTC."""
        if not self._queues:
            return
        event = {"event": name, "at": round(at, 3), **facts}
        for queue in self._queues:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(event)

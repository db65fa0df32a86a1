"""The heartbeat: `heartbeat_url` is asked for each minute while alarms can be told of, and not otherwise.

Whoever watches that address notices a gateway that is dead, cut off or unable, because then nothing comes.
The answer's body is never read; what it takes to be able is decided by `STOPS_IT`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tocsin.clock import Clock

log = structlog.get_logger("tocsin.gateway")

EVERY_S: Final = 60.0
TIMEOUT_S: Final = 10.0

STOPS_IT: Final = frozenset({"database", "emulator", "engine-late", "provider"})
"""Codes of `readiness` with which nobody would be told. A refused save is none: the last good one works."""


def withheld(codes: Iterable[str]) -> list[str]:
    """Return which of these reasons keep the heartbeat back; none: it beats."""
    return sorted(STOPS_IT.intersection(codes))


class Heartbeat:
    """Beats until cancelled. `url` and `codes` are asked anew each time, so that a reload counts at once."""

    def __init__(
        self, url: Callable[[], str | None], codes: Callable[[], Iterable[str]], clock: Clock
    ) -> None:
        self._url = url
        self._codes = codes
        self._clock = clock
        self.trouble = ""
        """Why the last one did not arrive or was not sent; "" where it arrived or none is configured."""

    async def run(self) -> None:
        """Beat each minute, the first time after one."""
        while True:
            await self._clock.sleep(EVERY_S)
            try:
                await self.beat()
            except Exception:
                # The next minute is another chance; a heart that stops for good would cry wolf.
                log.exception("heartbeat-failed")

    async def beat(self) -> None:
        """Send one heartbeat if there is an address and nothing keeps it back."""
        url = self._url()
        trouble = ""
        if url is not None:
            reasons = withheld(self._codes())
            trouble = f"withheld: {', '.join(reasons)}" if reasons else await _sent(url)
        if trouble != self.trouble:
            told = log.error if trouble else log.info
            told("heartbeat-missing" if trouble else "heartbeat-again", why=trouble)
        self.trouble = trouble


async def _sent(url: str) -> str:
    """Ask for the address; return "" or why that did not work, without the address, which may be secret."""
    import httpx2  # costs 0.1 s, which a start has better uses for

    try:
        # The client's own limit is for each read: an answer that drips would hold the heart for ever.
        async with (
            asyncio.timeout(TIMEOUT_S),
            httpx2.AsyncClient(timeout=TIMEOUT_S, follow_redirects=True) as client,
            client.stream("GET", url) as answer,
        ):
            status, arrived = answer.status_code, answer.is_success
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
        return f"not delivered: {type(error).__name__}"
    return "" if arrived else f"not delivered: the watcher answers {status}"

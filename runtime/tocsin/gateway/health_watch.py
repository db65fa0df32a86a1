"""What keeps a gateway from working well becomes an alarm of its own, and is over when it works again.

Looked at each minute, in each process for itself. A reason counts once it is there at two looks in a row: a
hiccup wakes nobody. Of several processes on one database each clears what it has raised, and, when it starts,
what was left behind. While the database refuses writes no alarm can be raised; then the last resort rings.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Final

import structlog

from tocsin.alarms import AlarmEvent
from tocsin.calls.own_words import OWN, own_data

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from tocsin.alarms import Board
    from tocsin.clock import Clock

log = structlog.get_logger("tocsin.gateway")

EVERY_S: Final = 60.0
HEALTH: Final = f"{OWN}Health/"
LEAST_FREE: Final = 200 * 1024 * 1024
"""Bytes; a disk with less is nearly full."""

FORGOTTEN_LOOKS: Final = 60
"""After so many looks without another failed script the last one is history."""

ALARMS: Final[Mapping[str, tuple[str, str]]] = {
    "provider": ("High", "Twilio takes no calls or texts"),
    "texts-late": ("Medium", "texts arrive late or not at all"),
    "engine-late": ("High", "people are told late"),
    "disk": ("High", "the disk is nearly full"),
    "descriptors": ("High", "the gateway has too many files open"),
    "sandbox-not-locked": ("Medium", "call scripts do not run, because their lock does not hold"),
    "sandbox-down": ("Medium", "call scripts do not run, because the sandbox is down"),
    "script-failed": ("Low", "a call script failed"),
    "scripts-refused": ("Low", "changed call scripts have a fault and are not used"),
    "config-refused": ("Low", "the changed configuration has a fault and is not used"),
}
"""Priority and label of each alarm, by its code: those of `/readyz` that a person can do something about."""


def failures_of(stats: Mapping[str, Any], answered: Mapping[str, int]) -> int:
    """Give a number that grows with each script that fails, whoever ran it.

    `stats` are the sandbox's, which knows of every script, but not of refused TwiML or of turns without a
    worker; `answered` are the failures of calls, in which some of the sandbox's are counted once more.
    """
    in_workers: int = sum(count for name, count in stats.items() if name.startswith("failed_"))
    return in_workers + sum(answered.values())


def wanted(
    now: Collection[str], before: Collection[str], raised: Collection[str], mine: Collection[str]
) -> list[AlarmEvent]:
    """Give what the board is told, by the reasons of this look and the last, and the codes raised already.

    Of those only what is `mine` is cleared: what keeps another gateway from working well goes on.
    """
    lasting = [code for code in ALARMS if code in now and code in before and code not in raised]
    over = sorted(set(raised).intersection(mine).difference(now))
    return [
        *(_active(code) for code in lasting),
        *(AlarmEvent(path=f"{HEALTH}{code}", state="clear") for code in over),
    ]


def _active(code: str) -> AlarmEvent:
    priority, label = ALARMS[code]
    return AlarmEvent(
        path=f"{HEALTH}{code}", state="active", priority=priority, label=label, data=own_data(code)
    )


class HealthWatch:
    """Looks until cancelled. `codes` gives the reasons of now, `failures` how many scripts have failed."""

    def __init__(
        self,
        board: Board,
        clock: Clock,
        *,
        codes: Callable[[], Iterable[str]],
        failures: Callable[[], int],
        state: Path,
    ) -> None:
        self._board = board
        self._clock = clock
        self._codes = codes
        self._failures = failures
        self._state = state
        self._before: set[str] = set()
        self._mine: set[str] | None = None
        """What this process has raised; None until its first look, which answers for all that it finds."""
        self._failed: int | None = None
        self._since_failure = FORGOTTEN_LOOKS

    async def run(self) -> None:
        """Look each minute, the first time after one; what failed before does not count."""
        self._failed = self._failures()
        while True:
            await self._clock.sleep(EVERY_S)
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001  whatever keeps one look from its end, the next is made
                log.warning("health-not-told", why=str(error))

    async def look(self) -> None:
        """Look once. Raises NotStored."""
        now = {*self._codes(), *self._disk(), *self._scripts()} & ALARMS.keys()
        raised = {
            one.path.removeprefix(HEALTH)
            for one in self._board.kept()
            if one.path.startswith(HEALTH) and one.state == "active"
        }
        mine = raised if self._mine is None else self._mine
        events = wanted(now, self._before, raised, mine)
        self._before = now
        if events:
            log.warning("health", raised=sorted(now))
            await self._board.report(events)
        begun = {event.path.removeprefix(HEALTH) for event in events if event.state == "active"}
        self._mine = mine & (raised & now) | begun

    def _disk(self) -> list[str]:
        return ["disk"] if shutil.disk_usage(self._state).free < LEAST_FREE else []

    def _scripts(self) -> list[str]:
        failed = self._failures()
        anew = self._failed is not None and failed > self._failed
        self._since_failure = 0 if anew else self._since_failure + 1
        self._failed = failed
        return ["script-failed"] if self._since_failure < FORGOTTEN_LOOKS else []

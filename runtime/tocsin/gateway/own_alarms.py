"""Alarms of the gateway itself: nobody was reached, a number is no good.

They are alarms like any other, on the board and in the journal, so that whoever looks finds them. What
they say is told to people by the calls they get anyway; no run is started for them, because those who
would be called are those who could not be reached.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from tocsin.alarms import AlarmEvent, store
from tocsin.db import after_commit
from tocsin.journal import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from tocsin.alarms import AlarmChanged, Board
    from tocsin.pipelines.run import AdminNotice, RunState

OWN: Final = "System/Gateway/"
NOBODY_REACHED: Final = f"{OWN}Nobody reached/"
CONTACT: Final = f"{OWN}Contact/"

_LASTING: Final = frozenset({"failed-number"})
"""Outcomes that stay as they are until somebody mends the contact; the others are for the journal."""


class OwnAlarms:
    """Raises and clears them inside others' transactions."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._loop: asyncio.AbstractEventLoop | None = None
        self._unreached: set[str] = set()
        """Paths of alarms about which nobody was reached, as far as this process raised or found it."""

    async def start(self) -> None:
        """Find what is raised already; the board has been started."""
        self._loop = asyncio.get_running_loop()
        raised = (one.path for one in self._board.open() if one.state == "active")
        self._unreached = {path.removeprefix(NOBODY_REACHED) for path in raised if path.startswith(OWN)}

    def nobody_reached_in(self, connection: Connection, run: RunState, now_ms: int) -> None:
        """Raise that nobody was reached about an episode; it clears once somebody acknowledges that one."""
        episode = store.by_ids(connection, [run.episode_id]).get(run.episode_id)
        if episode is None or episode.path.startswith(OWN):
            return
        self._unreached.add(episode.path)
        event = AlarmEvent(
            path=f"{NOBODY_REACHED}{episode.path}",
            name="Nobody reached",
            state="active",
            priority=episode.priority,
            label=f"nobody was reached about {episode.label or episode.name}",
            data={"episode": episode.id, "why": run.waiting},
        )
        self._report_in(connection, [event], now_ms)

    def contact_in(self, connection: Connection, run: RunState, notice: AdminNotice, now_ms: int) -> None:
        """Put on record what befell a person's number; a number out of order is an alarm of its own."""
        record(
            connection,
            kind="contact.trouble",
            at_ms=now_ms,
            subject=run.episode_id,
            person=notice.person,
            data={"outcome": notice.outcome, "why": notice.why},
        )
        if notice.outcome in _LASTING:
            path, label = f"{CONTACT}{notice.person}", f"a number of {notice.person} cannot be reached"
            # Raised and cleared at once: it stands there until somebody has taken note of it.
            events = [
                AlarmEvent(path=path, name="Contact", state="active", priority="Low", label=label),
                AlarmEvent(path=path, name="Contact", state="clear"),
            ]
            self._report_in(connection, events, now_ms)

    def changed_in(self, connection: Connection, changes: Sequence[AlarmChanged], now_ms: int) -> None:
        """Clear "nobody reached" for each episode that somebody has taken over, or that is over."""
        if not self._unreached:
            return
        paths = {one.episode.path for one in changes if one.kind in ("acknowledged", "cleared")}
        over = sorted(paths & self._unreached)
        self._unreached.difference_update(over)
        self._report_in(
            connection,
            [
                AlarmEvent(path=f"{NOBODY_REACHED}{path}", name="Nobody reached", state="clear")
                for path in over
            ],
            now_ms,
        )

    def _report_in(self, connection: Connection, events: Sequence[AlarmEvent], now_ms: int) -> None:
        if not events:
            return
        accepted = self._board.report_in(connection, events, now_ms=now_ms)
        loop = self._loop

        def apply() -> None:
            if loop is not None:
                loop.call_soon_threadsafe(self._board.applied, accepted)

        after_commit(connection, apply)

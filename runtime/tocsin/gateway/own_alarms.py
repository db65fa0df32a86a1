"""Alarms of the gateway itself: nobody was reached, a number is no good.

They are alarms like any other, on the board and in the journal, so that whoever looks finds them. What
they say is told to people by the pipeline that `own_alarms` names; without one, by the calls they get anyway:
those who would be called are those who could not be reached.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from tocsin.alarms import AlarmEvent, store
from tocsin.calls.own_words import OWN, own_data
from tocsin.db import NotStored, after_commit
from tocsin.journal import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from tocsin.alarms import AlarmChanged, Board
    from tocsin.pipelines.run import AdminNotice, RunState

log = structlog.get_logger("tocsin.gateway")

NOBODY_REACHED: Final = f"{OWN}Nobody reached"
CONTACT: Final = f"{OWN}Contact/"

_CLEARED: Final = AlarmEvent(path=NOBODY_REACHED, name="Nobody reached", state="clear")
_AGAIN_MS: Final = 10_000
"""So often at most the alarm is brought up to date while it is about more and more."""

_LASTING: Final = frozenset({"failed-number"})
"""Outcomes that stay as they are until somebody mends the contact; the others are for the journal."""


class OwnAlarms:
    """Raises and clears them inside others' transactions."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._loop: asyncio.AbstractEventLoop | None = None
        self._unreached: set[str] = set()
        """Episodes about which nobody was reached, as far as this process knows."""
        self._told_ms = 0
        self._clearing: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """Find what is raised already; the board has been started."""
        self._loop = asyncio.get_running_loop()
        self._board.subscribe(self._changed)
        found = self._board.open()
        if any(one.path == NOBODY_REACHED and one.state == "active" for one in found):
            # Which of them it was about is not known any more: all that nobody has taken over.
            self._unreached = {one.id for one in found if not one.acked and not one.path.startswith(OWN)}
            if not self._unreached:
                await self._board.report([_CLEARED])

    def nobody_reached_in(self, connection: Connection, run: RunState, now_ms: int) -> None:
        """Raise that nobody was reached; it clears once somebody looks after all it is about."""
        episode = store.by_ids(connection, [run.episode_id])[run.episode_id]
        if episode.path == NOBODY_REACHED:
            return  # that those who look after the gateway are not reached either is on record with its run
        self._unreached.add(run.episode_id)
        # What is remembered may have been undone since: only what is on record has been told.
        lately = 0 <= now_ms - self._told_ms < _AGAIN_MS
        if lately and store.active_on(connection, [NOBODY_REACHED]):
            return
        self._told_ms = now_ms
        others = len(self._unreached) - 1
        more = f" and {others} more" if others else ""
        event = AlarmEvent(
            path=NOBODY_REACHED,
            name="Nobody reached",
            state="active",
            priority=episode.priority,
            label=f"nobody was reached about {episode.label or episode.name}{more}",
            value=len(self._unreached),
            data={
                "episode": episode.id,
                "path": episode.path,
                "why": run.waiting,
                **own_data("nobody-reached", alarm=episode.label or episode.name, count=others + 1),
            },
        )
        self._report_in(connection, [event], now_ms)

    def contact_in(self, connection: Connection, run: RunState, notice: AdminNotice, now_ms: int) -> None:
        """Put on record what befell a person's number; a number out of order is an alarm of its own."""
        record(
            connection,
            kind="contact.trouble" if notice.person else "pipeline.trouble",
            at_ms=now_ms,
            subject=run.episode_id,
            person=notice.person or None,
            data={"outcome": notice.outcome, "why": notice.why},
        )
        if notice.outcome in _LASTING:
            path, label = f"{CONTACT}{notice.person}", f"a number of {notice.person} cannot be reached"
            # It stands there until somebody has taken note of it.
            events = [
                AlarmEvent(
                    path=path,
                    name="Contact",
                    state="active",
                    priority="Low",
                    label=label,
                    data=own_data("number", person=notice.person),
                ),
            ]
            self._report_in(connection, events, now_ms)

    def changed_in(self, connection: Connection, changes: Sequence[AlarmChanged], now_ms: int) -> None:
        """Clear "nobody reached" once all it is about is taken over or over, and what is noted once it is."""
        noted = [
            AlarmEvent(path=one.episode.path, name=one.episode.name, state="clear")
            for one in changes
            if one.episode.path.startswith(CONTACT) and one.episode.acked and one.episode.state == "active"
        ]
        self._report_in(connection, noted, now_ms)
        if not self._unreached:
            return
        over = {one.episode.id for one in changes if one.episode.acked or one.episode.state == "cleared"}
        if over & self._unreached:
            # Others of the same transaction may be over as well, and are remembered only after it.
            if not store.any_waits(connection, self._unreached - over):
                self._report_in(connection, [_CLEARED], now_ms)
            after_commit(connection, lambda: self._unreached.difference_update(over))

    def _changed(self, change: AlarmChanged) -> None:
        """Clear "nobody reached" where somebody took the last of them over at another gateway."""
        one = change.episode
        if one.id not in self._unreached or not (one.acked or one.state == "cleared"):
            return
        self._unreached.discard(one.id)
        if not self._unreached:
            self._clearing = asyncio.ensure_future(self._clear())

    async def _clear(self) -> None:
        try:
            await self._board.report([_CLEARED])
        except NotStored as error:
            log.warning("nobody-reached-not-cleared", error=str(error))

    def _report_in(self, connection: Connection, events: Sequence[AlarmEvent], now_ms: int) -> None:
        if not events:
            return
        accepted = self._board.report_in(connection, events, now_ms=now_ms)
        loop = self._loop

        def apply() -> None:
            if loop is not None:
                loop.call_soon_threadsafe(self._board.applied, accepted)

        after_commit(connection, apply)

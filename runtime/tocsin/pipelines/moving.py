"""Due times of runs when the clock was set: they move along, unless they go by the new time already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, exists, or_, update

from tocsin.engine.tables import timers
from tocsin.pipelines.tables import runs
from tocsin.pipelines.writing import QUEUE

if TYPE_CHECKING:
    from sqlalchemy import Connection

NOTICED_MS: Final = 60_000
"""Long before so much has passed somebody has noticed that the clock was set."""


def move_in(connection: Connection, delta_ms: int, *, now_ms: int) -> None:
    """Move the due times of running runs by as much as the clock was set; `now_ms` is by the clock as it is.

    The engine has just moved their timers. A run that was written after the clock was set, and before that
    was noticed, is right as it is: its timer stands where the run does. Where the timer is due for another
    reason, a run that waits for a moment after now is taken for such a one: rather early than late.
    """
    timer = and_(timers.c.queue == QUEUE, timers.c.key == runs.c.id)
    in_step = exists().where(timer, timers.c.due_ms == runs.c.due_ms)
    followed = exists().where(timer, timers.c.due_ms == runs.c.due_ms + delta_ms)
    query = update(runs).where(runs.c.state == "running", runs.c.due_ms.is_not(None), ~in_step)
    if delta_ms > 0:
        query = query.where(or_(followed, runs.c.due_ms < now_ms - NOTICED_MS))
    connection.execute(query.values(due_ms=runs.c.due_ms + delta_ms))

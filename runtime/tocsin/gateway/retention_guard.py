"""Keeps retention from removing everything because the clock is wrong: decided purely, held, and told.

A clock that was set to 2040 makes every record old. So retention goes on only from where it was last: one
jump further than anybody leaves a gateway off waits for a person's word.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import structlog

from tocsin.alarms import AlarmEvent
from tocsin.calls.own_words import OWN, own_data
from tocsin.journal import entries, record

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.alarms import Board
    from tocsin.db import Database
    from tocsin.gateway.retention import Pruned, Retention

log = structlog.get_logger("tocsin.gateway")

DAY_MS: Final = 24 * 60 * 60 * 1000
MOST_MS: Final = 31 * DAY_MS
"""From one time to the next retention believes so much; the daily run needs one day of it."""

BEGINNING_MS: Final = 1_767_225_600_000
"""2026-01-01: a clock that shows less has not been set yet."""

REMEDY: Final = "set the clock; if it is right, run: tocsin db prune --clock-is-right"
ALARM: Final = f"{OWN}Retention"
DONE: Final = "retention.done"
HELD: Final = "retention.held"


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing is removed, and why; `ahead_days`: how far the clock is ahead, 0 where it is behind."""

    why: str
    ahead_days: int = 0


def decide(now_ms: int, last_ms: int | None) -> Held | None:
    """Say why nothing may be removed at a moment, None where all is well; `last_ms` is when it last was."""
    if now_ms < BEGINNING_MS:
        return Held("the clock has not been set yet")
    if last_ms is not None and now_ms - last_ms > MOST_MS:
        days = round((now_ms - last_ms) / DAY_MS)
        return Held(f"the clock is {days} days ahead of when old records were last removed", days)
    return None


async def prune(retention: Retention, db: Database, now_ms: int, *, sure: bool = False) -> Pruned | Held:
    """Remove what is old and put it on record, or say why not; `sure`: somebody says the clock is right.

    Raises NotStored; what went so far is gone.
    """
    last_ms = None if sure else await db.read(_last)
    if (held := decide(now_ms, last_ms)) is not None:
        return held
    done = await retention.prune(now_ms)
    facts = {name: count for name, count in asdict(done).items() if count}
    if sure:
        facts["sure"] = True
    await db.write(lambda conn: record(conn, kind=DONE, at_ms=now_ms, subject="retention", data=facts))
    return done


def _last(conn: Connection) -> int | None:
    found = entries(conn, "retention", DONE, limit=1)
    return found[0].at_ms if found else None


async def tell(held: Held | None, board: Board, db: Database, now_ms: int) -> None:
    """Raise the gateway's own alarm where retention is held, once; clear it where it goes on."""
    raised = any(one.path == ALARM and one.state == "active" for one in board.kept())
    if held is not None:
        log.warning("retention-held", why=held.why, remedy=REMEDY)
    if held is not None and held.ahead_days and not raised:
        data = {"why": held.why, "remedy": REMEDY}
        event = AlarmEvent(
            path=ALARM, name="Retention", state="active", priority="Medium", value=held.ahead_days,
            data=data | own_data("clock", count=held.ahead_days),
            label=f"old records are not removed, because the clock is {held.ahead_days} days ahead",
        )  # fmt: skip
        await board.report([event])
        await db.write(lambda conn: record(conn, kind=HELD, at_ms=now_ms, subject="retention", data=data))
    elif held is None and raised:
        await board.report([AlarmEvent(path=ALARM, name="Retention", state="clear")])

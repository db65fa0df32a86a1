"""Numbers at which nobody can be reached for now: not in service, or opted out of texts.

Nothing here is for ever: a bad number is tried again after a while, each time later, because what was
wrong may have been put right; one that opted out, once the person has texted START. Pipelines read it to
choose another way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import delete, insert, or_, select, update

from tocsin.channels.tables import contact_states

if TYPE_CHECKING:
    from sqlalchemy import Connection

FIRST_MS: Final = 10 * 60_000
LONGEST_MS: Final = 24 * 60 * 60_000
_LONGER: Final = 6


@dataclass(frozen=True, slots=True)
class ContactState:
    """Why a number is left out: `state`, the reason in words, since when and until when (ms UTC)."""

    state: Literal["bad", "opted-out"]
    why: str
    since_ms: int
    until_ms: int | None


def unreachable_in(connection: Connection, now_ms: int) -> dict[tuple[str, str], ContactState]:
    """Give every (channel, number) that is left out now."""
    table = contact_states.c
    query = select(table.channel, table.number, table.state, table.why, table.since_ms, table.until_ms).where(
        or_(table.until_ms.is_(None), table.until_ms > now_ms)
    )
    return {(channel, number): ContactState(*row) for channel, number, *row in connection.execute(query)}


def left_out_ms(times: int, *, for_good: bool = False) -> int:
    """Give how long a number is left out that was bad for the `times`-th time in a row, in ms."""
    return LONGEST_MS if for_good else min(LONGEST_MS, FIRST_MS * _LONGER ** min(times - 1, 4))


def bad_in(
    connection: Connection,
    channel: str,
    number: str,
    *,
    why: str,
    now_ms: int,
    code: int | None = None,
    for_good: bool = False,
) -> None:
    """Leave a number out: for 10 minutes, an hour, ... a day; `for_good`, a day at once."""
    mine = (contact_states.c.channel == channel) & (contact_states.c.number == number)
    row = connection.execute(select(contact_states).where(mine)).mappings().first()
    if row is not None and row["state"] == "opted-out":
        return
    times = 1 if row is None else row["times"] + 1
    lasting_ms = left_out_ms(times, for_good=for_good)
    news = {"why": why, "code": code, "times": times, "until_ms": now_ms + lasting_ms}
    if row is not None:
        connection.execute(update(contact_states).where(mine).values(**news))
        return
    fixed = {"channel": channel, "number": number, "state": "bad", "since_ms": now_ms}
    connection.execute(insert(contact_states).values(**fixed, **news))


def opted_out_in(
    connection: Connection, number: str, *, why: str, now_ms: int, code: int | None = None
) -> None:
    """Leave a number out of texts until the person says otherwise."""
    _forget(connection, "sms", number)
    connection.execute(
        insert(contact_states).values(
            channel="sms", number=number, state="opted-out", code=code, why=why, since_ms=now_ms
        )
    )


def opted_out(connection: Connection, number: str) -> bool:
    """Tell whether a number wants no texts."""
    mine = (contact_states.c.channel == "sms") & (contact_states.c.number == number)
    return connection.execute(select(contact_states.c.state).where(mine)).scalar() == "opted-out"


def opted_in_in(connection: Connection, number: str) -> None:
    """Text a number again: the person has asked for it."""
    _forget(connection, "sms", number)


def good_in(connection: Connection, channel: str, number: str) -> None:
    """Forget that a number was bad: it has just worked."""
    _forget(connection, channel, number, state="bad")


def _forget(connection: Connection, channel: str, number: str, *, state: str | None = None) -> None:
    mine = (contact_states.c.channel == channel) & (contact_states.c.number == number)
    if state is not None:
        mine &= contact_states.c.state == state
    connection.execute(delete(contact_states).where(mine))

"""The codes by which texts name alarms: two to four digits, each for one telephone and one telling.

A code is bound to the episode and to the telling of it (`Episode.ack_version`). It is not given to anything
else for 24 hours after it last stood in a text, nor while its episode is open, so that an answer that comes
late finds the alarm it was written about, or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select, update

from tocsin.alarms import store as alarm_store
from tocsin.calls.tables import text_codes, text_dialogues
from tocsin.db import insert_into

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection

    from tocsin.alarms import Episode

KEPT_MS: Final = 24 * 60 * 60 * 1000

# Strides prime to how many codes there are of a length: each is met once, and two that follow each other
# differ in more than one digit, so that a slip of the finger names no other alarm.
_STRIDES: Final = ((10, 90, 37), (100, 900, 371), (1000, 9000, 3701))


@dataclass(frozen=True, slots=True)
class Bound:
    """What a code stands for on one telephone; `told_ms` is when it last stood in a text."""

    code: str
    episode_id: str
    ack_version: int
    person: str
    profile: str
    told_ms: int


@dataclass(frozen=True, slots=True)
class Naming:
    """The codes of a text: one per episode, "" where none is left, and one for all of them."""

    codes: tuple[str, ...]
    all_code: str


def fresh(taken: Collection[str], count: int = 1) -> list[str]:
    """Give `count` codes that are not taken, the shortest there are; fewer where nearly all are taken."""
    found: list[str] = []
    for first, many, stride in _STRIDES:
        for place in range(many):
            if len(found) == count:
                return found
            code = str(first + (place + 1) * stride % many)
            if code not in taken:
                found.append(code)
    return found


def hold_in(conn: Connection, number: str) -> None:
    """Make others who write to the same telephone wait for this transaction."""
    conn.execute(insert_into(text_dialogues, conn).values(number=number).on_conflict_do_nothing())
    conn.execute(select(text_dialogues.c.number).where(text_dialogues.c.number == number).with_for_update())


def bound_in(conn: Connection, number: str) -> dict[str, list[Bound]]:
    """Give all codes of a telephone with what they stand for, those told first in front."""
    query = select(
        text_codes.c.code,
        text_codes.c.episode_id,
        text_codes.c.ack_version,
        text_codes.c.person,
        text_codes.c.profile,
        text_codes.c.told_ms,
    ).where(text_codes.c.number == number)
    found: dict[str, list[Bound]] = {}
    for row in conn.execute(query.order_by(text_codes.c.told_ms, text_codes.c.id)):
        found.setdefault(row.code, []).append(Bound(*row))
    return found


def naming_in(conn: Connection, number: str, episodes: Sequence[Episode], now_ms: int) -> Naming:
    """Choose the codes of a text to a telephone; nothing is kept until `keep_in`.

    An episode keeps the code it has while it is told for the same cause. `all_code` is "" unless there are
    several.
    """
    hold_in(conn, number)
    known = bound_in(conn, number)
    stale = _stale(conn, known, now_ms)
    for code in stale:
        del known[code]
    gone = (text_codes.c.number == number) & text_codes.c.code.in_(stale)
    conn.execute(delete(text_codes).where(gone))
    own = {(one.episode_id, one.ack_version): code for code, (one, *others) in known.items() if not others}
    wanted = [(one.id, one.ack_version) for one in episodes]
    news = iter(fresh(known, sum(one not in own for one in wanted) + 1))
    codes = tuple(own.get(one) or next(news, "") for one in wanted)
    return Naming(codes, next(news, "") if len(episodes) > 1 else "")


def keep_in(
    conn: Connection,
    number: str,
    naming: Naming,
    episodes: Sequence[Episode],
    *,
    person: str,
    profile: str,
    now_ms: int,
) -> None:
    """Keep the codes of the episodes that a text names; the code for all of them where it shows one."""
    common = {"number": number, "person": person, "profile": profile, "told_ms": now_ms}
    pairs = list(zip(naming.codes, episodes, strict=False))
    pairs += [(naming.all_code, one) for one in episodes]
    for code, one in pairs:
        if not code:
            continue
        mine = (
            (text_codes.c.number == number)
            & (text_codes.c.code == code)
            & (text_codes.c.episode_id == one.id)
        )
        news = common | {"ack_version": one.ack_version}
        if not conn.execute(update(text_codes).where(mine).values(news)).rowcount:
            conn.execute(insert(text_codes).values(news | {"code": code, "episode_id": one.id}))


def _stale(conn: Connection, known: dict[str, list[Bound]], now_ms: int) -> list[str]:
    """Give the codes that may stand for something else: not told of late, and nothing of it is open."""
    old = {code: some for code, some in known.items() if max(_told(some)) <= now_ms - KEPT_MS}
    episodes = alarm_store.by_ids(conn, {one.episode_id for some in old.values() for one in some})

    def is_open(one: Bound) -> bool:
        episode = episodes.get(one.episode_id)
        return episode is not None and episode.is_open and episode.ack_version == one.ack_version

    return [code for code, some in old.items() if not any(map(is_open, some))]


def _told(some: Iterable[Bound]) -> Iterable[int]:
    return (one.told_ms for one in some)

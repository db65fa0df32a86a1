"""The SQL of what waits, what is under way and what was used: functions of the caller's connection.

Nothing is decided here. Notices are changed by the functions of `alarms.notices`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, case, func, or_, select, text, update

from tocsin.alarms.tables import episodes, notices
from tocsin.calls.tables import calls, message_status, messages, status_events, turns
from tocsin.channels.dispatch import Live, Tried, Waiting
from tocsin.channels.pace import Pace
from tocsin.channels.settling import CANCELLED, Carried
from tocsin.channels.throttle import REMEMBERED_MS, Past
from tocsin.engine.store import NEVER
from tocsin.engine.tables import timers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection
    from sqlalchemy.engine import RowMapping

UNDER_WAY: Final = ("intent", "placed", "unknown")
TOLD: Final = ("acked", "partly-acked", "notified-no-ack", "passed")
RANG: Final = ("no-answer", "voicemail", "answered-silent", "hung-up", "pin-failed", "locked", *CANCELLED)
"""Outcomes of calls for which a telephone rang and that told nobody."""

NOT_TOLD: Final = ("undelivered", "no-receipt")
"""Outcomes of texts that nobody can be said to know of."""

_PLACED: Final = ("placed", "sent")
_NOT_TAKEN: Final = ("unknown", "missing")
_NOTICED_MS: Final = 60_000  # long before then somebody has noticed that the clock was set
_LOCK: Final = 7_466_119_021  # any number that only dispatchers lock on PostgreSQL
_LOOKED_BACK_MS: Final = 30 * 60_000
_YOUNG_MS: Final = 10_000
_LOOKED_AT: Final = 12  # newest attempts; so many in a row make the longest pause anyway

_live = and_(
    calls.c.direction == "outbound",
    calls.c.ended_ms.is_(None),
    calls.c.outcome.is_(None),
    calls.c.state.in_(UNDER_WAY),
)


def one_at_a_time(connection: Connection) -> None:
    """Let one replica decide at a time, until the transaction ends; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


# --- what waits ------------------------------------------------------------------------------------------


def waiting(connection: Connection, channel: str, profiles: Collection[str], now_ms: int) -> list[Waiting]:
    """Give who is waiting for one of these profiles: one entry per person and way."""
    due = notices.c.due_ms <= now_ms
    query = (
        select(
            notices.c.person,
            notices.c.profile,
            notices.c.number,
            func.min(notices.c.due_ms),
            func.max(case((due, notices.c.priority))),
            func.min(case((due, notices.c.created_ms))),
            func.count(case((due & notices.c.held_ms.is_(None), 1))) > 0,
        )
        .where(notices.c.state == "queued", notices.c.channel == channel, notices.c.profile.in_(profiles))
        .group_by(notices.c.person, notices.c.profile, notices.c.number)
    )
    return [Waiting(*row) for row in connection.execute(query)]


def waiting_profiles(connection: Connection, channel: str) -> list[str]:
    """Give the profiles somebody waits for."""
    query = select(notices.c.profile).where(notices.c.state == "queued", notices.c.channel == channel)
    return list(connection.execute(query.distinct()).scalars())


def queued_ids(
    connection: Connection,
    channel: str,
    *,
    profile: str,
    person: str | None = None,
    number: str | None = None,
) -> list[int]:
    """Give the queued notices of a profile: of everybody, of one person, or of one of their numbers."""
    query = select(notices.c.id).where(
        notices.c.state == "queued", notices.c.channel == channel, notices.c.profile == profile
    )
    if person is not None:
        query = query.where(notices.c.person == person)
    if number is not None:
        query = query.where(notices.c.number == number)
    return list(connection.execute(query).scalars())


def due_at(connection: Connection, channel: str, person: str, number: str, now_ms: int) -> list[int]:
    """Give what is queued and due for a person at one number."""
    query = select(notices.c.id).where(
        notices.c.state == "queued",
        notices.c.channel == channel,
        notices.c.person == person,
        notices.c.number == number,
        notices.c.due_ms <= now_ms,
    )
    return list(connection.execute(query).scalars())


def move_queued(connection: Connection, delta_ms: int, *, now_ms: int) -> None:
    """Move the due times of what is queued, because the clock was set; `now_ms` is by the clock as it is.

    What was queued after it was set, and before that was noticed, goes by the new time already. It is told
    from the rest by being due so late only where the clock was set forward; else it may be due too early.
    """
    query = update(notices).where(notices.c.state == "queued")
    if delta_ms > 0:
        query = query.where(notices.c.due_ms < now_ms - _NOTICED_MS)
    moved = {"due_ms": notices.c.due_ms + delta_ms, "held_until_ms": notices.c.held_until_ms + delta_ms}
    connection.execute(query.values(moved))


def with_why(connection: Connection, ids: Sequence[int], why: str) -> set[int]:
    """Give which of these notices have this reason."""
    found: set[int] = set()
    for start in range(0, len(ids), 500):
        query = select(notices.c.id).where(notices.c.id.in_(ids[start : start + 500]), notices.c.why == why)
        found.update(connection.execute(query).scalars())
    return found


def change_profile(connection: Connection, ids: Sequence[int], profile: str) -> None:
    """Let notices go out through another profile."""
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        connection.execute(update(notices).where(notices.c.id.in_(some)).values(profile=profile))


# --- what is under way and was used ------------------------------------------------------------------------


def live(connection: Connection) -> list[Live]:
    """Give the calls to people that may be ringing or talking, of all accounts."""
    query = select(calls.c.person, calls.c.number, calls.c.account).where(_live)
    return [Live(*row) for row in connection.execute(query)]


def lately(connection: Connection, channel: str, account: str, now_ms: int) -> list[Past]:
    """Give the calls, or the texts of this account, that people got lately, with how urgent each was."""
    since_ms = now_ms - REMEMBERED_MS
    return _texts(connection, account, since_ms, now_ms) if channel == "sms" else _calls(connection, since_ms)


def _calls(connection: Connection, since_ms: int) -> list[Past]:
    ended = (
        calls.c.ended_ms > since_ms,
        calls.c.person.is_not(None),
        or_(calls.c.outcome.in_(TOLD), calls.c.outcome.in_(RANG) & (calls.c.state == "placed")),
    )
    query = select(
        calls.c.person,
        calls.c.number,
        case((calls.c.outcome.in_(TOLD), calls.c.ended_ms), else_=calls.c.started_ms),
        _most_urgent(notices.c.call_id == calls.c.id),
        calls.c.outcome.in_(TOLD),
    ).where(*ended)
    return _pasts(connection, query)


def _texts(connection: Connection, account: str, since_ms: int, now_ms: int) -> list[Past]:
    lost = select(notices.c.id).where(notices.c.message_id == messages.c.id, notices.c.outcome.in_(NOT_TOLD))
    query = select(
        messages.c.person,
        messages.c.number,
        messages.c.at_ms,
        _most_urgent(notices.c.message_id == messages.c.id),
        ~lost.exists(),
    ).where(
        messages.c.account == account,
        messages.c.at_ms > since_ms,
        messages.c.at_ms <= now_ms,
        messages.c.direction == "outbound",
        messages.c.person.is_not(None),
        messages.c.state.in_(("intent", "sent", "unknown")),
    )
    return _pasts(connection, query)


def _most_urgent(bound: ColumnElement[bool]) -> Any:
    """Give the highest priority of what a call or a text carries: one look into the index."""
    return (
        select(notices.c.priority).where(bound).order_by(notices.c.priority.desc()).limit(1).scalar_subquery()
    )


def _pasts(connection: Connection, query: Any) -> list[Past]:
    """Give what carried anything; a call or text without a notice was about no alarm."""
    return [
        Past(person, number, at_ms, priority, bool(told))
        for person, number, at_ms, priority, told in connection.execute(query)
        if priority is not None
    ]


def hold(connection: Connection, channel: str, one: Waiting, *, until_ms: int, why: str, now_ms: int) -> None:
    """Put on record that what is due for a person by one way is held back, where that is not on record."""
    query = update(notices).where(
        notices.c.state == "queued",
        notices.c.channel == channel,
        notices.c.person == one.person,
        notices.c.profile == one.profile,
        notices.c.number == one.number,
        notices.c.due_ms <= now_ms,
        notices.c.held_ms.is_(None),
    )
    connection.execute(query.values(held_ms=now_ms, held_until_ms=until_ms, held_why=why))


def last_used(connection: Connection, channel: str, account: str, since_ms: int, now_ms: int) -> int | None:
    """Give when an account was last asked for a call or a text, not before `since_ms`."""
    table, at = (calls, calls.c.started_ms) if channel == "voice" else (messages, messages.c.at_ms)
    query = select(func.max(at)).where(
        table.c.account == account,
        table.c.direction == "outbound",
        table.c.state != "",
        at >= since_ms,
        at <= now_ms,
    )
    found: int | None = connection.execute(query).scalar()
    return found


def tried(connection: Connection, channel: str, account: str) -> list[Tried]:
    """Give the newest attempts over an account whose end is known, newest first."""
    table, at = (calls, calls.c.started_ms) if channel == "voice" else (messages, messages.c.at_ms)
    query = (
        select(at, table.c.state, table.c.refusal)
        .where(
            table.c.account == account,
            table.c.direction == "outbound",
            table.c.state.in_((*_PLACED, "refused", *_NOT_TAKEN)),
        )
        .order_by(at.desc())
        .limit(_LOOKED_AT)
    )
    return [
        Tried(
            at_ms,
            taken=not (state in _NOT_TAKEN or refusal == "transient"),
            placed=True if state in _PLACED else False if refusal == "account" else None,
        )
        for at_ms, state, refusal in connection.execute(query)
    ]


def lasted(
    connection: Connection,
    account: str,
    now_ms: int,
    delivered: Collection[str],
    undelivered: Collection[str],
) -> list[Pace]:
    """Give how long the newest texts of the last half hour took to be delivered, or have taken so far.

    One that is young says nothing yet, one that could not be delivered nothing about time.
    """
    told_ms = func.min(case((message_status.c.status.in_(delivered), message_status.c.at_ms)))
    failed = func.max(case((message_status.c.status.in_(undelivered), 1), else_=0))
    query = (
        select(messages.c.at_ms, messages.c.number, told_ms, failed)
        .outerjoin(
            message_status,
            and_(message_status.c.account == messages.c.account, message_status.c.sid == messages.c.sid),
        )
        .where(
            messages.c.account == account,
            messages.c.direction == "outbound",
            messages.c.sid.is_not(None),
            messages.c.at_ms > now_ms - _LOOKED_BACK_MS,
            messages.c.at_ms <= now_ms - _YOUNG_MS,
        )
        .group_by(messages.c.id, messages.c.at_ms, messages.c.number)
        .order_by(messages.c.at_ms.desc())
        .limit(_LOOKED_AT)
    )
    return [
        Pace((now_ms if end_ms is None else end_ms) - at_ms, end_ms is not None, number)
        for at_ms, number, end_ms, lost in connection.execute(query)
        if end_ms is not None or not lost
    ]


# --- calls and texts ---------------------------------------------------------------------------------------


def carried(
    connection: Connection, *, call_id: str = "", message_id: str = "", planned: bool = True
) -> list[Carried]:
    """Give what a call or a text carries and has no outcome yet, with how its episodes are now.

    Without `planned`, what was heard in the call beside what it was placed for.
    """
    bound = notices.c.call_id == call_id if call_id else notices.c.message_id == message_id
    query = (
        select(
            notices.c.id,
            notices.c.run_id,
            notices.c.episode_id,
            notices.c.profile,
            notices.c.number,
            notices.c.heard_ms,
            notices.c.why,
            episodes.c.acked_ms,
            episodes.c.acked_by,
            episodes.c.ackers,
        )
        .join(episodes, episodes.c.id == notices.c.episode_id)
        .where(bound, notices.c.outcome.is_(None), (notices.c.state != "done") == planned)
        .order_by(notices.c.id)
    )
    rows: Sequence[Any] = connection.execute(query).all()
    return [Carried(*row) for row in rows]


def conclude(connection: Connection, notice_id: int, outcome: str, why: str) -> None:
    """Give a notice its outcome that nobody had planned, and that was done when it was heard."""
    unplanned = (notices.c.id == notice_id) & notices.c.outcome.is_(None)
    connection.execute(update(notices).where(unplanned).values(outcome=outcome, why=why))


def queued_for(connection: Connection, person: str, episode_ids: Iterable[str]) -> list[int]:
    """Give a person's queued calls for these episodes."""
    wanted = list(episode_ids)
    found: list[int] = []
    for start in range(0, len(wanted), 500):
        query = select(notices.c.id).where(
            notices.c.state == "queued",
            notices.c.channel == "voice",
            notices.c.person == person,
            notices.c.episode_id.in_(wanted[start : start + 500]),
        )
        found += connection.execute(query).scalars()
    return found


def call_row(connection: Connection, call_id: str) -> RowMapping | None:
    """Give a call as it is stored."""
    return connection.execute(select(calls).where(calls.c.id == call_id)).mappings().first()


def message_row(connection: Connection, message_id: str) -> RowMapping | None:
    """Give a text as it is stored."""
    return connection.execute(select(messages).where(messages.c.id == message_id)).mappings().first()


def change_call(connection: Connection, call_id: str, **news: Any) -> None:
    """Change columns of a call."""
    connection.execute(update(calls).where(calls.c.id == call_id).values(**news))


def change_message(connection: Connection, message_id: str, **news: Any) -> None:
    """Change columns of a text."""
    connection.execute(update(messages).where(messages.c.id == message_id).values(**news))


def bound_sids(connection: Connection, channel: str, account: str, sids: Iterable[str]) -> set[str]:
    """Give which of these SIDs belong to a record already."""
    table = calls if channel == "voice" else messages
    query = select(table.c.sid).where(table.c.account == account, table.c.sid.in_(list(sids)))
    return set(connection.execute(query).scalars())


def not_known(connection: Connection) -> tuple[list[str], list[str]]:
    """Give the ids of calls and of texts of which nobody knows yet whether Twilio took them."""
    of_calls = select(calls.c.id).where(
        calls.c.ended_ms.is_(None), calls.c.outcome.is_(None), calls.c.state.in_(("intent", "unknown"))
    )
    of_texts = select(messages.c.id).where(messages.c.state.in_(("intent", "unknown")))
    return list(connection.execute(of_calls).scalars()), list(connection.execute(of_texts).scalars())


def receipts_awaited(connection: Connection) -> list[str]:
    """Give the ids of texts that were sent and by which somebody is still to be told."""
    query = (
        select(messages.c.id)
        .join(notices, notices.c.message_id == messages.c.id)
        .where(notices.c.state == "placed", messages.c.state == "sent")
        .distinct()
    )
    return list(connection.execute(query).scalars())


def placed_calls(connection: Connection) -> Sequence[RowMapping]:
    """Give id, sid, profile and outcome of calls that have not ended."""
    query = select(calls.c.id, calls.c.sid, calls.c.profile, calls.c.outcome).where(
        calls.c.ended_ms.is_(None), calls.c.direction == "outbound", calls.c.state.in_(UNDER_WAY)
    )
    return connection.execute(query).mappings().all()


def jobs(connection: Connection, queue: str) -> set[str]:
    """Give the keys of a queue that have a job; one that was called off while it is done has none."""
    query = select(timers.c.key).where(timers.c.queue == queue, timers.c.due_ms < NEVER)
    return set(connection.execute(query).scalars())


def mark(connection: Connection, ids: Sequence[int], why: str) -> None:
    """Mark notices under way as not needed any more; the first reason stays."""
    for start in range(0, len(ids), 500):
        some = notices.c.id.in_(ids[start : start + 500])
        unmarked = notices.c.why.not_in(CANCELLED)
        connection.execute(update(notices).where(some, notices.c.state == "placed", unmarked).values(why=why))


def idle(connection: Connection, call_id: str) -> RowMapping | None:
    """Give a call that has not ended and that nobody needs any more, else None.

    Either all it carries is taken back, or it was given up for lost and what it carried told anew.
    """
    row = call_row(connection, call_id)
    if row is None or row["ended_ms"] is not None:
        return None
    if row["outcome"] is not None:
        return row
    marks = select(notices.c.state, notices.c.why).where(notices.c.call_id == call_id)
    carried = [tuple(one) for one in connection.execute(marks.distinct())]
    needed = any(state == "placed" and why not in CANCELLED for state, why in carried)
    return row if carried and not needed else None


def last_heard(connection: Connection, call_id: str) -> int | None:
    """Give when Twilio last told or asked us anything about a call."""
    row = call_row(connection, call_id)
    if row is None:
        return None
    told = select(func.max(status_events.c.at_ms)).where(
        status_events.c.account == row["account"], status_events.c.sid == row["sid"]
    )
    asked = select(func.max(turns.c.at_ms)).where(turns.c.call_id == call_id)
    found = [connection.execute(query).scalar() for query in (told, asked)]
    return max((at_ms for at_ms in found if at_ms is not None), default=None)

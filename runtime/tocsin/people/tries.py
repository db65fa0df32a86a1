"""What PIN entry leaves in the database, each function inside a transaction of the caller.

A try is booked as wrong before the PIN is looked at, and a right one takes its booking back. So a crash in
between counts as wrong, and a hundred guesses at once meet the same limit as a hundred one after another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from tocsin.db import insert_into
from tocsin.journal import record
from tocsin.people.lockout import (
    BY_ID_WINDOW_MS,
    CALLERS_WINDOW_MS,
    DAY_MS,
    Verdict,
    decide,
    decide_by_id,
    decide_for_strangers,
    decide_together,
    strictest,
)
from tocsin.people.tables import pin_failure, pin_success

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection


STRANGERS = "dial-in"
"""The subject of all phones together that belong to nobody."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """The one person a try is about, where that is known.

    `own` are the subjects whose worst counts: the person, and the number of the try; all of the person's
    numbers where it is made elsewhere, so that nobody uses up one way and then another. `by_id` is the
    subject of their user id.
    """

    own: tuple[str, ...]
    by_id: str


@dataclass(frozen=True, slots=True)
class Booking:
    """One try, booked as wrong for each of its subjects; `after` is the verdict should it stay so."""

    ids: tuple[int, ...]
    subjects: tuple[str, ...]
    before: Verdict
    after: Verdict


def person(username: str) -> str:
    """Return the subject of a person."""
    return f"user:{username}"


def telephone(number: str) -> str:
    """Return the subject of a number; callers who hide theirs share one."""
    return f"number:{number or 'hidden'}"


def claimed(user_id: int) -> str:
    """Return the subject of whoever says by user id who they are, from a phone that is nobody's.

    By id, whether anybody has it: an id of nobody is answered like any other. A lock of it leaves the
    person's own phones alone, so that no stranger can keep somebody from acknowledging.
    """
    return f"{STRANGERS}:{user_id}"


def concerned(username: str, user_id: int, numbers: Iterable[str]) -> Concerned:
    """Return the subjects of one person."""
    return Concerned((person(username), *map(telephone, numbers)), claimed(user_id))


def book(
    connection: Connection,
    subjects: Sequence[str],
    *,
    via: str,
    now_ms: int,
    step: str = "",
    about: Concerned | None = None,
) -> Booking | Verdict:
    """Book a try as wrong, or return the lock that keeps it from being made.

    `step` names the entry; one that a crash left booked is taken up again rather than booked twice. `about`
    is the person whose tries elsewhere count too.
    """
    ordered = sorted(subjects)
    beside = (*about.own, about.by_id) if about is not None else ()
    # Always in one order, so that two tries never wait for each other's row.
    for subject in sorted({*subjects, *beside}):
        _hold(connection, subject)
    before = _strictest(connection, ordered, about, now_ms)
    if step and (ids := _booked(connection, ordered, step)):
        return Booking(ids, tuple(ordered), before, before)
    if before.locked:
        return before
    if STRANGERS in ordered:
        _drop_strangers(connection, now_ms)
    rows = [{"subject": subject, "at_ms": now_ms, "via": via, "step": step} for subject in ordered]
    ids = tuple(
        connection.execute(insert(pin_failure).values(row).returning(pin_failure.c.id)).scalar_one()
        for row in rows
    )
    return Booking(ids, tuple(ordered), before, _strictest(connection, ordered, about, now_ms))


def _strictest(
    connection: Connection, subjects: Iterable[str], about: Concerned | None, now_ms: int
) -> Verdict:
    verdicts = [standing(connection, subject, now_ms) for subject in subjects]
    if about is not None:
        since_right = max(_since_right(connection, subject) for subject in about.own)
        by_id = len(_times(connection, about.by_id, now_ms - BY_ID_WINDOW_MS))
        verdicts.append(decide_together(since_right, by_id))
    return strictest(verdicts)


def _drop_strangers(connection: Connection, now_ms: int) -> None:
    """Drop tries at phones of nobody's that no limit looks at any more; no right PIN ever does."""
    mine, at_ms = pin_failure.c.subject, pin_failure.c.at_ms
    connection.execute(delete(pin_failure).where(mine == STRANGERS, at_ms <= now_ms - DAY_MS))
    old = mine.startswith(f"{STRANGERS}:", autoescape=True) & (at_ms <= now_ms - BY_ID_WINDOW_MS)
    connection.execute(delete(pin_failure).where(old))


def _booked(connection: Connection, subjects: Sequence[str], step: str) -> tuple[int, ...]:
    mine = pin_failure.c.subject.in_(subjects) & (pin_failure.c.step == step)
    return tuple(connection.execute(select(pin_failure.c.id).where(mine)).scalars())


def settle(
    connection: Connection, booking: Booking, username: str | None, *, number: str, via: str, now_ms: int
) -> bool:
    """Say whose PIN it was, None for nobody's; returns whether that counts.

    A person may be locked while the number is not (a shared phone). Then the try stays a wrong one, so that
    the answer is that to a wrong PIN: a right one must not show itself.
    """
    if username is not None and _is_open(connection, username, booking, now_ms):
        connection.execute(delete(pin_failure).where(pin_failure.c.id.in_(booking.ids)))
        # A right one by user id forgives no guess made by that id from elsewhere.
        for subject in (telephone(number), person(username)):
            _forgive(connection, subject, now_ms)
        return True
    # Settled, so that the same name finds no open booking to be looked at for nothing.
    settled = update(pin_failure).where(pin_failure.c.id.in_(booking.ids), pin_failure.c.step != "")
    connection.execute(settled.values(step=""))
    about = next((one for one in booking.subjects if one.startswith("user:")), telephone(number))
    about = about.removeprefix("user:")
    after = booking.after
    data = {"via": via, "tries_left": after.tries_left}
    record(connection, kind="pin.wrong", at_ms=now_ms, subject=about, data=data)
    if after.locked:
        lock = {"via": via, "reason": after.reason, "until_ms": after.until_ms}
        record(connection, kind="pin.locked", at_ms=now_ms, subject=about, data=lock)
    return False


def _is_open(connection: Connection, username: str, booking: Booking, now_ms: int) -> bool:
    subject = person(username)
    if subject in booking.subjects:
        return True  # booking the try has asked already
    _hold(connection, subject)
    return not standing(connection, subject, now_ms).locked


def _forgive(connection: Connection, subject: str, now_ms: int) -> None:
    """Mark all wrong tries so far as before a right one, and drop those that no limit looks at any more."""
    mine = pin_failure.c.subject == subject
    highest = connection.execute(select(func.max(pin_failure.c.id)).where(mine)).scalar() or 0
    marked = update(pin_success).where(pin_success.c.subject == subject)
    connection.execute(marked.values(at_ms=now_ms, failure_id=highest))
    connection.execute(delete(pin_failure).where(mine, pin_failure.c.at_ms <= now_ms - DAY_MS))


def standing(connection: Connection, subject: str, now_ms: int) -> Verdict:
    """Return how one person or number stands now."""
    if subject == STRANGERS:
        return decide_for_strangers(_times(connection, subject, now_ms - CALLERS_WINDOW_MS), now_ms)
    if subject.startswith(f"{STRANGERS}:"):
        return decide_by_id(_times(connection, subject, now_ms - BY_ID_WINDOW_MS), now_ms)
    since_right = _since_right(connection, subject)
    return decide(_times(connection, subject, now_ms - DAY_MS), since_right, now_ms)


def _marks(connection: Connection, subject: str) -> tuple[int, int]:
    """Return the last wrong try before a right one, and before a reset."""
    mine = select(pin_success.c.failure_id, pin_success.c.reset_failure_id)
    marks = connection.execute(mine.where(pin_success.c.subject == subject)).first()
    return (marks.failure_id, marks.reset_failure_id) if marks else (0, 0)


def _times(connection: Connection, subject: str, after_ms: int) -> list[int]:
    """Return when the wrong tries of a subject were made, of those after a time and after a reset."""
    _, cleared = _marks(connection, subject)
    mine = (pin_failure.c.subject == subject) & (pin_failure.c.id > cleared)
    rows = connection.execute(select(pin_failure.c.at_ms).where(mine, pin_failure.c.at_ms > after_ms))
    return list(rows.scalars())


def _since_right(connection: Connection, subject: str) -> int:
    """Count the wrong tries of a subject since the last right one, or since a reset."""
    mine = (pin_failure.c.subject == subject) & (pin_failure.c.id > max(_marks(connection, subject)))
    return connection.execute(select(func.count()).select_from(pin_failure).where(mine)).scalar_one()


def reset(connection: Connection, subjects: Iterable[str], *, about: str, by: str, now_ms: int) -> None:
    """Forget the wrong tries of these subjects; the journal keeps who did it."""
    for subject in sorted(subjects):
        _hold(connection, subject)
        last = select(func.max(pin_failure.c.id)).where(pin_failure.c.subject == subject)
        highest = connection.execute(last).scalar() or 0
        marked = update(pin_success).where(pin_success.c.subject == subject)
        connection.execute(marked.values(reset_failure_id=highest))
    record(connection, kind="pin.reset", at_ms=now_ms, subject=about, person=by)


def locked(connection: Connection, now_ms: int) -> dict[str, Verdict]:
    """Return every subject that is locked now."""
    subjects = connection.execute(select(pin_failure.c.subject).distinct().order_by(pin_failure.c.subject))
    verdicts = {subject: standing(connection, subject, now_ms) for subject in subjects.scalars()}
    return {subject: verdict for subject, verdict in verdicts.items() if verdict.locked}


def _hold(connection: Connection, subject: str) -> None:
    """Make others who would count the same subject wait for this transaction."""
    connection.execute(insert_into(pin_success, connection).values(subject=subject).on_conflict_do_nothing())
    connection.execute(
        select(pin_success.c.subject).where(pin_success.c.subject == subject).with_for_update()
    )

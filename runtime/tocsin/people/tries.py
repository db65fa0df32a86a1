"""What PIN entry leaves in the database, each function inside a transaction of the caller.

A try is booked as wrong before the PIN is looked at, and a right one takes its booking back. So a crash in
between counts as wrong, and a hundred guesses at once meet the same limit as a hundred one after another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tocsin.journal import record
from tocsin.people.lockout import (
    CALLERS_WINDOW_MS,
    DAY_MS,
    Verdict,
    decide,
    decide_for_strangers,
    strictest,
)
from tocsin.people.tables import pin_failure, pin_success

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection


STRANGERS = "dial-in"
"""The subject of all phones together that belong to nobody."""


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


def book(
    connection: Connection, subjects: Sequence[str], *, via: str, now_ms: int, step: str = ""
) -> Booking | Verdict:
    """Book a try as wrong, or return the lock that keeps it from being made.

    `step` names the entry; one that a crash left booked is taken up again rather than booked twice.
    """
    ordered = sorted(subjects)  # always in one order, so that two tries never wait for each other's row
    for subject in ordered:
        _hold(connection, subject)
    if step and (ids := _booked(connection, ordered, step)):
        after = strictest(standing(connection, subject, now_ms) for subject in ordered)
        return Booking(ids, tuple(ordered), after, after)
    before = strictest(standing(connection, subject, now_ms) for subject in ordered)
    if before.locked:
        return before
    if STRANGERS in ordered:  # nothing else ever drops them: no try of theirs is ever the last
        old = (pin_failure.c.subject == STRANGERS) & (pin_failure.c.at_ms <= now_ms - DAY_MS)
        connection.execute(delete(pin_failure).where(old))
    rows = [{"subject": subject, "at_ms": now_ms, "via": via, "step": step} for subject in ordered]
    ids = tuple(
        connection.execute(insert(pin_failure).values(row).returning(pin_failure.c.id)).scalar_one()
        for row in rows
    )
    after = strictest(standing(connection, subject, now_ms) for subject in ordered)
    return Booking(ids, tuple(ordered), before, after)


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
        known_by_id = [one for one in booking.subjects if one.startswith(f"{STRANGERS}:")]
        for subject in (telephone(number), person(username), *known_by_id):
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
        lately = pin_failure.c.at_ms > now_ms - CALLERS_WINDOW_MS
        mine = select(pin_failure.c.at_ms).where(pin_failure.c.subject == subject, lately)
        return decide_for_strangers(connection.execute(mine).scalars().all(), now_ms)
    marks = connection.execute(
        select(pin_success.c.failure_id, pin_success.c.reset_failure_id).where(
            pin_success.c.subject == subject
        )
    ).first()
    forgiven, cleared = (marks.failure_id, marks.reset_failure_id) if marks else (0, 0)
    tries = connection.execute(
        select(pin_failure.c.id, pin_failure.c.at_ms)
        .where(pin_failure.c.subject == subject, pin_failure.c.id > cleared)
        .where((pin_failure.c.at_ms > now_ms - DAY_MS) | (pin_failure.c.id > forgiven))
    ).all()
    since_right = sum(one.id > forgiven for one in tries)
    return decide([one.at_ms for one in tries], since_right, now_ms)


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
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = dialect.insert(pin_success).values(subject=subject).on_conflict_do_nothing()
    connection.execute(row)
    connection.execute(
        select(pin_success.c.subject).where(pin_success.c.subject == subject).with_for_update()
    )

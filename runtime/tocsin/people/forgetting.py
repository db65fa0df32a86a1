"""Taking a person out of the record of PIN entries: nothing of it is needed once the person is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from tocsin.people.tables import pin_failure, pin_success

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


def forget_in(connection: Connection, person: str, numbers: Iterable[str]) -> int:
    """Remove what is on record about a person's and their numbers' PIN entries; give how many rows went."""
    subjects = [f"user:{person}", *(f"number:{one}" for one in numbers)]
    return sum(
        connection.execute(delete(table).where(table.c.subject.in_(subjects))).rowcount
        for table in (pin_failure, pin_success)
    )

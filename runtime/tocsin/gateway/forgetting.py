"""Forgetting a person: every room takes them out of what it keeps, each in a transaction of its own.

The rows stay, under a pseudonym that nothing connects with the person any more. Done twice it changes nothing
more, so whatever was interrupted is simply begun anew.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.alarms import forgetting as alarms
from tocsin.calls import forgetting as calls
from tocsin.channels import forgetting as channels
from tocsin.channels.opting_out import CONTACT
from tocsin.channels.reach import PEOPLE
from tocsin.journal import forgetting as journal
from tocsin.journal import record
from tocsin.people import forgetting as people
from tocsin.pipelines import forgetting as pipelines

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from tocsin.db import Database
    from tocsin.people import Directory


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What a person is called from now on, and how many rows of each kind they were taken out of."""

    pseudonym: str
    journal: int
    alarms: int
    calls: int
    runs: int
    others: int


async def forget(
    db: Database, directory: Directory, username: str, *, also: Collection[str] = (), now_ms: int
) -> Forgotten:
    """Take a person out of the records. Raises NotStored.

    Their numbers are those of the configuration, those on record, and `also`; a number that is somebody
    else's too, or a crew's, stays. The configuration itself is not touched.
    """
    user = directory.users.get(username)
    known = await db.read(lambda conn: alarms.numbers_of(conn, username) | calls.numbers_of(conn, username))
    numbers = sorted({*known, *(user.numbers if user else ()), *also} - _others(directory, username))
    pseudonym = f"forgotten-{secrets.token_hex(4)}"
    name = user.name if user else ""
    paths = {f"{where}{username}": f"{where}{pseudonym}" for where in (CONTACT, PEOPLE)}
    told = await db.write(
        lambda conn: journal.forget_in(
            conn, username, numbers, pseudonym=pseudonym, paths=paths, now_ms=now_ms
        )
    )
    in_alarms = await db.write(
        lambda conn: alarms.forget_in(conn, username, pseudonym=pseudonym, paths=paths)
    )
    in_calls = await db.write(
        lambda conn: calls.forget_in(conn, username, numbers, name=name, pseudonym=pseudonym)
    )
    in_runs = await db.write(lambda conn: pipelines.forget_in(conn, username, numbers, pseudonym=pseudonym))

    def last(conn: Connection) -> int:
        gone = people.forget_in(conn, username, numbers) + channels.forget_in(conn, numbers)
        record(conn, kind="person.forgotten", at_ms=now_ms, subject=pseudonym, data={"via": "cli"})
        return gone

    others = await db.write(last)
    return Forgotten(pseudonym, told, in_alarms, in_calls, in_runs, others)


def _others(directory: Directory, username: str) -> set[str]:
    """Return the numbers that belong to somebody else as well."""
    owned = {
        number for user in directory.users.values() if user.username != username for number in user.numbers
    }
    return owned | {roster.shared_phone for roster in directory.rosters.values() if roster.shared_phone}

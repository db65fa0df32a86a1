"""How many calls, messages and billed minutes each telephone number has, counted exactly once.

Sent is what Twilio accepted with a SID, whatever its end; minutes are Twilio's billed `Duration`. A call or
message counts the first time its SID is known, be it from the answer to our request, from an event, or
from a look at Twilio's list afterwards. `ts_counted` remembers it for good, so that the counts depend on
which events there were, not on their order, their repeats, or on rows that retention has removed.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import bindparam, select, update

from tocsin.calls.tables import counted, number_counts
from tocsin.db import insert_into

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from tocsin.people import Directory, User

ENDED: Final = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
"""CallStatus values of a call's last event, the one that carries its billed `Duration`."""

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Counts:
    """The six counters, by the names of their tags in lower case."""

    messages_received: int = 0
    messages_sent: int = 0
    calls_received: int = 0
    calls_sent: int = 0
    call_minutes_received: int = 0
    call_minutes_sent: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*map(sum, zip(astuple(self), astuple(other), strict=True)))


NAMES: Final = tuple(field.name for field in fields(Counts))


@dataclass(frozen=True, slots=True)
class UserCounts:
    """The counters of one user: those of all of the user's own numbers together."""

    user: User
    counts: Counts

    @property
    def phone_number(self) -> str:
        """The first of the user's numbers, or an empty text."""
        return next(iter(self.user.numbers), "")


# --- counting, inside the transaction that stores what is counted ------------------------------------


def counted_in(
    conn: Connection,
    kind: Literal["call", "message"],
    *,
    account: str,
    sid: str | None,
    direction: str,
    number: str,
    minutes: int | None = None,
) -> bool:
    """Count a call or message unless it was counted, and its billed minutes; tell whether it was new.

    `direction` is "inbound" or "outbound", `number` the far end's. Without a SID nothing is counted: what
    Twilio did not accept was not sent. Of several minutes told of one call the most count.
    """
    if not sid or not number:
        return False
    way = "received" if direction == "inbound" else "sent"
    key = _key(kind, account, sid)
    new = conn.execute(_remembered(conn.dialect.name), {"key": key, "minutes": 0}).first() is not None
    if new:
        _add(conn, number, f"{kind}s_{way}", 1)
    if minutes:
        before = conn.execute(_MINUTES, {"key_": key}).scalar_one()
        if minutes > before:
            conn.execute(_MORE_MINUTES, {"key_": key, "minutes_": minutes})
            _add(conn, number, f"call_minutes_{way}", minutes - before)
    return new


def call_event_counted_in(conn: Connection, account: str, params: Mapping[str, str]) -> None:
    """Count what a voice status event tells of, known call or not.

    A leg that a script dialled from within a call is part of that call and counts for nobody.
    """
    direction, status = params.get("Direction", ""), params.get("CallStatus", "")
    if params.get("ParentCallSid") or direction not in ("inbound", "outbound-api"):
        return
    inbound = direction == "inbound"
    billed = params.get("Duration", "")
    usable = status in ENDED and billed.isascii() and billed.isdigit() and len(billed) < 10
    counted_in(
        conn,
        "call",
        account=account,
        sid=params.get("CallSid"),
        direction="inbound" if inbound else "outbound",
        number=params.get("From" if inbound else "To", ""),
        minutes=int(billed) if usable else None,
    )


def message_row_counted_in(conn: Connection, row: Mapping[Any, Any]) -> None:
    """Count the message of a row of `ts_message`, where it has a SID."""
    counted_in(
        conn,
        "message",
        account=row["account"],
        sid=row["sid"],
        direction=row["direction"],
        number=row["number"],
    )


def message_event_counted_in(conn: Connection, account: str, params: Mapping[str, str]) -> None:
    """Count the outgoing message whose status an event tells."""
    counted_in(
        conn,
        "message",
        account=account,
        sid=params.get("MessageSid") or params.get("SmsSid"),
        direction="outbound",
        number=params.get("To", ""),
    )


def was_counted(conn: Connection, kind: Literal["call", "message"], *, account: str, sid: str) -> bool:
    """Tell whether a call or message was counted at any time, long ago or not."""
    return conn.execute(_WAS_COUNTED, {"key_": _key(kind, account, sid)}).first() is not None


def _key(kind: str, account: str, sid: str) -> int:
    """Return 63 bits that stand for a call or message; of 10^8 any two are alike by a chance of 1 in 2000."""
    digest = hashlib.sha256(f"{kind}\0{account}\0{sid}".encode(errors="replace")).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _add(conn: Connection, number: str, counter: str, more: int) -> None:
    fresh = {**dict.fromkeys(NAMES, 0), "number": number, counter: more}
    conn.execute(_added(conn.dialect.name, counter), {**fresh, "more": more})


# Built once: making a statement costs more than carrying it out, and every turn with an effect counts.
_MINUTES: Final = select(counted.c.minutes).where(counted.c.key == bindparam("key_")).with_for_update()
_WAS_COUNTED: Final = select(counted.c.key).where(counted.c.key == bindparam("key_"))
_MORE_MINUTES: Final = (
    update(counted).where(counted.c.key == bindparam("key_")).values(minutes=bindparam("minutes_"))
)


@cache
def _remembered(dialect: str) -> Any:
    return insert_into(counted, dialect).on_conflict_do_nothing().returning(counted.c.key)


@cache
def _added(dialect: str, counter: str) -> Any:
    more = {counter: number_counts.c[counter] + bindparam("more")}
    return insert_into(number_counts, dialect).on_conflict_do_update(index_elements=["number"], set_=more)


# --- reading -------------------------------------------------------------------------------------------


def counts_of(conn: Connection, numbers: Iterable[str]) -> dict[str, Counts]:
    """Return the counters of each of these numbers; a number nobody called has none, all zero."""
    wanted = sorted(set(numbers))
    found = dict.fromkeys(wanted, Counts())
    for start in range(0, len(wanted), _AT_ONCE):
        rows = select(number_counts).where(number_counts.c.number.in_(wanted[start : start + _AT_ONCE]))
        for row in conn.execute(rows).mappings():
            found[row["number"]] = Counts(*(row[name] for name in NAMES))
    return found


def user_counts(conn: Connection, user: User) -> UserCounts:
    """Return one user's counters."""
    return UserCounts(user, _sum(counts_of(conn, user.numbers).values()))


def all_users(conn: Connection, directory: Directory) -> list[UserCounts]:
    """Return everybody's counters, by user id."""
    users = sorted(directory.users.values(), key=lambda user: user.id)
    found = counts_of(conn, (number for user in users for number in user.numbers))
    return [UserCounts(user, _sum(found[number] for number in user.numbers)) for user in users]


def totals(conn: Connection, directory: Directory) -> Counts:
    """Return the gateway's counters: of every number that is a user's contact, each number once."""
    numbers = {number for user in directory.users.values() for number in user.numbers}
    return _sum(counts_of(conn, numbers).values())


def _sum(counts: Iterable[Counts]) -> Counts:
    return sum(counts, Counts())


def by_tag_name(counts: Counts) -> dict[str, int]:
    """Return the counters by the names of their tags, such as `CallMinutesSent`, in alphabetical order."""
    return {
        "".join(part.title() for part in name.split("_")): getattr(counts, name) for name in sorted(NAMES)
    }


def by_getter(counts: Counts) -> dict[str, int]:
    """Return the counters as `system.twilio.getUser` reads them: `callMinutesSent` and so on."""
    return {name[0].lower() + name[1:]: count for name, count in by_tag_name(counts).items()}


def as_rows(users: Sequence[UserCounts]) -> list[tuple[Any, ...]]:
    """Return (id, username, phone number, the six counters by tag name) per user."""
    return [
        (one.user.id, one.user.username, one.phone_number, *by_tag_name(one.counts).values()) for one in users
    ]

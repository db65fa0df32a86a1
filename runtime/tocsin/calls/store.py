"""The SQL of calls, turns and effects: functions of the caller's connection, without any decision."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import bindparam, insert, select, union_all, update
from sqlalchemy.exc import IntegrityError

from tocsin.alarms.episode import Telling
from tocsin.calls import statistics
from tocsin.calls.call import BESIDE, Call, PinMarks, ends_call
from tocsin.calls.tables import calls, effects, message_status, messages, status_events, turns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection
    from sqlalchemy.engine import RowMapping

    from tocsin.people import Directory, User

FINAL = statistics.ENDED
"""CallStatus values after which nothing more happens to a call."""

_json = msgspec.json.Encoder()
_NEVER_KEPT: Final = re.compile("[\x00\ud800-\udfff]")

# Made once: making a statement takes several times as long as carrying it out, and these come with each call.
_THIS: Final = calls.c.id == bindparam("this")
_ADD_CALL: Final = insert(calls)
_CHANGE_CALL: Final = update(calls).where(_THIS)
_CALL_BY_ID: Final = select(calls).where(_THIS)
_CALL_BY_LEG: Final = (
    select(calls)
    .where(calls.c.account == bindparam("account"), calls.c.sid == bindparam("sid"))
    .order_by(calls.c.started_ms.desc())
    .limit(1)
)
_CALL_BY_WEBHOOK: Final = (
    select(turns.c.call_id)
    .join(calls, calls.c.id == turns.c.call_id)
    .where(
        turns.c.key == bindparam("key"),
        turns.c.at_ms >= bindparam("since_ms"),
        calls.c.account == bindparam("account"),
    )
    .limit(1)
)
_ENDED: Final = select(status_events.c.at_ms).where(
    status_events.c.sid == bindparam("sid"),
    status_events.c.account == bindparam("account"),
    status_events.c.status.in_(FINAL),
)
_OF_LEG: Final = union_all(
    select(calls.c.id).where(calls.c.sid == bindparam("sid"), calls.c.account == bindparam("account")),
    select(status_events.c.sid).where(
        status_events.c.sid == bindparam("sid"), status_events.c.account == bindparam("account")
    ),
).limit(1)
_EFFECTS: Final = select(effects).where(effects.c.call_id == bindparam("this"))
_ANSWERED: Final = select(turns.c.key, turns.c.twiml, turns.c.number, turns.c.answered).where(
    turns.c.call_id == bindparam("this")
)
_WITH_PINS: Final = select(turns.c.params).where(
    turns.c.call_id == bindparam("this"), turns.c.params.contains("PIN#")
)
_ADD_TURN: Final = insert(turns)
_ADD_EFFECT: Final = insert(effects)
_AMEND_EFFECT: Final = update(effects).where(
    effects.c.call_id == bindparam("this"),
    effects.c.key == bindparam("step"),
    effects.c.ordinal == bindparam("place"),
)


def to_json(value: object) -> str:
    """Encode plain data as compact JSON text."""
    return _json.encode(value).decode()


def from_json(text: str) -> Any:
    """Decode JSON text."""
    return msgspec.json.decode(text)


def _changing(call: Call) -> dict[str, Any]:
    return {
        "sid": call.sid,
        "identified": call.identified.username if call.identified else None,
        "answered_by": call.answered_by,
        "pressed": call.pressed,
        "session": call.session,
        "heard": _told(call.heard),
        "heard_next": None if call.heard_next is None else _told(call.heard_next),
    }


def _told(heard: Mapping[str, Telling]) -> str:
    return to_json({one: (was.ack_version, was.state, was.priority) for one, was in heard.items()})


def _read_told(text: str) -> dict[str, Telling]:
    return {one: Telling(*was) for one, was in from_json(text).items()}


def save_call(conn: Connection, call: Call) -> None:
    """Insert the call, or bring its row up to date; once its SID is known, it counts.

    How it was placed, that it was passed on and how it ended have functions of their own: whoever saves a
    turn may not know of them yet, and must not undo them.
    """
    statistics.counted_in(
        conn, "call", account=call.account, sid=call.sid, direction=call.direction, number=call.number
    )
    changing = _changing(call)
    if conn.execute(_CHANGE_CALL, {"this": call.id, **changing}).rowcount:
        return
    fixed = {
        "id": call.id,
        "account": call.account,
        "direction": call.direction,
        "number": call.number,
        "own_number": call.own_number,
        "person": call.person.username if call.person else None,
        "profile": call.profile,
        "project": call.project,
        "release_id": call.release_id,
        "attempt": call.attempt,
        "language": call.language,
        "started_ms": call.started_ms,
    }
    placing = {"state": call.state, "why": call.why, "code": call.code, "passed": call.passed}
    doubtful = {"possible_duplicate": call.possible_duplicate}
    conn.execute(_ADD_CALL, {**fixed, **changing, **placing, **doubtful})


def pass_on(conn: Connection, call: Call) -> None:
    """Record that a call's alarms were passed on; its row is there."""
    conn.execute(update(calls).where(calls.c.id == call.id).values(passed=True))


def load_call(
    conn: Connection, directory: Directory, *, call_id: str = "", account: str = "", sid: str = ""
) -> Call | None:
    """Load a call by its id or by the leg's SID, with its effects and answered turns; None if unknown."""
    known = (
        conn.execute(_CALL_BY_ID, {"this": call_id})
        if call_id
        else conn.execute(_CALL_BY_LEG, {"account": account, "sid": sid})
    )
    row = known.mappings().first()
    if row is None:
        return None
    call = _call_of(row, directory)
    done = conn.execute(_EFFECTS, {"this": call.id}).mappings().all()
    for effect in done:
        call.effects[effect["key"], effect["ordinal"]] = from_json(effect["result"])
    for key, twiml, number, answered in conn.execute(_ANSWERED, {"this": call.id}):
        if key:
            call.answers[key] = twiml
        if answered == BESIDE:
            call.told_beside += 1
        elif number >= call.turns:
            call.said_goodbye = ends_call(twiml)
        call.turns = max(call.turns, number)
    call.turns = max([call.turns, *(effect["turn"] - 1 for effect in done)])
    call.pins = PinMarks(count=_pins_seen(conn, call.id))
    return call


def load_answered(
    conn: Connection, directory: Directory, *, account: str, key: str, since_ms: int
) -> Call | None:
    """Load the call in which a webhook was answered since a moment; None if there is none."""
    asked = {"key": key, "since_ms": since_ms, "account": account}
    call_id = conn.execute(_CALL_BY_WEBHOOK, asked).scalar()
    return load_call(conn, directory, call_id=call_id) if call_id else None


def ended_ms(conn: Connection, *, account: str, sid: str) -> int | None:
    """Return when a leg ended, as its status events tell; None while it has not."""
    found = conn.execute(_ENDED, {"account": account, "sid": sid}).scalar()
    return None if found is None else int(found)


def is_forgotten(conn: Connection, *, account: str, sid: str) -> bool:
    """Tell whether a leg was known once and is on no record any more, because retention has removed it.

    A leg of which Twilio told something before its first turn is counted too, but has an event.
    """
    if not statistics.was_counted(conn, "call", account=account, sid=sid):
        return False
    return conn.execute(_OF_LEG, {"account": account, "sid": sid}).first() is None


def _call_of(row: RowMapping, directory: Directory) -> Call:
    def user(username: str | None) -> User | None:
        return directory.users.get(username) if username else None

    heard_next = row["heard_next"]
    return Call(
        id=row["id"],
        sid=row["sid"],
        account=row["account"],
        direction=row["direction"],
        number=row["number"],
        own_number=row["own_number"],
        profile=row["profile"],
        project=row["project"],
        release_id=row["release_id"],
        language=row["language"],
        started_ms=row["started_ms"],
        person=user(row["person"]),
        identified=user(row["identified"]),
        attempt=row["attempt"],
        answered_by=row["answered_by"],
        pressed=row["pressed"],
        session=row["session"],
        heard=_read_told(row["heard"]),
        heard_next=None if heard_next is None else _read_told(heard_next),
        state=row["state"],
        why=row["why"],
        code=row["code"],
        possible_duplicate=row["possible_duplicate"],
        passed=row["passed"],
        outcome=row["outcome"],
        ended_ms=row["ended_ms"],
        stored=True,
    )


def _pins_seen(conn: Connection, call_id: str) -> int:
    """Return how many distinct PINs this call's records mark, so that the next one gets a new number."""
    shown = conn.execute(_WITH_PINS, {"this": call_id}).scalars()
    marks = [part.split('"')[0] for text in shown for part in text.split("PIN#")[1:]]
    return max((int(mark) for mark in marks if mark.isdigit()), default=0)


def add_effect(
    conn: Connection,
    *,
    call_id: str,
    key: str,
    ordinal: int,
    turn: int,
    name: str,
    result: Mapping[str, Any],
    at_ms: int,
) -> None:
    """Note that a step of a turn has had its effect."""
    conn.execute(
        _ADD_EFFECT,
        {
            "call_id": call_id,
            "key": key,
            "ordinal": ordinal,
            "turn": turn,
            "name": name,
            "result": to_json(result),
            "at_ms": at_ms,
        },
    )


def amend_effect(
    conn: Connection, *, call_id: str, key: str, ordinal: int, result: Mapping[str, Any]
) -> None:
    """Replace the result of a step whose end came after its intent."""
    step = {"this": call_id, "step": key, "place": ordinal}
    conn.execute(_AMEND_EFFECT, {**step, "result": to_json(result)})


def add_turn(conn: Connection, row: dict[str, Any]) -> None:
    """Insert one turn's trace."""
    conn.execute(_ADD_TURN, row)


def hide_pins(conn: Connection, call: Call) -> None:
    """Hide in the turns on record what has become known as a PIN since."""
    kept = ("params", "given", "log", "failure")
    for row in conn.execute(select(turns).where(turns.c.call_id == call.id)).mappings().all():
        hidden = {name: to_json(call.pins.hide_in(from_json(row[name]))) for name in kept}
        hidden["twiml"] = call.pins.hide(row["twiml"])
        if any(row[name] != text for name, text in hidden.items()):
            conn.execute(update(turns).where(turns.c.id == row["id"]).values(hidden))


def trace(conn: Connection, call_id: str) -> dict[str, Any] | None:
    """Return a call with its turns as plain data, or None."""
    row = conn.execute(select(calls).where(calls.c.id == call_id)).mappings().first()
    if row is None:
        return None
    steps = conn.execute(
        select(turns).where(turns.c.call_id == call_id).order_by(turns.c.number, turns.c.id)
    ).mappings()
    return {"call": dict(row), "turns": [dict(step) for step in steps]}


def recent(conn: Connection, limit: int) -> list[dict[str, Any]]:
    """Return the newest calls, newest first."""
    return [
        dict(row)
        for row in conn.execute(select(calls).order_by(calls.c.started_ms.desc()).limit(limit)).mappings()
    ]


def unfinished_ids(conn: Connection) -> list[tuple[str, str]]:
    """Return (call id, release id) of calls that have not ended."""
    rows = conn.execute(select(calls.c.id, calls.c.release_id).where(calls.c.ended_ms.is_(None)))
    return [(row.id, row.release_id) for row in rows]


def add_status(conn: Connection, row: dict[str, Any]) -> bool:
    """Store a status event; False if this (CallSid, SequenceNumber) was known already."""
    return _insert_once(conn, insert(status_events).values(**row))


def kept_text(text: str) -> str:
    """Give a text without what PostgreSQL cannot keep and no telephone shows: NUL, half characters."""
    return text if text.isprintable() else _NEVER_KEPT.sub("", text)


def add_message(conn: Connection, row: dict[str, Any]) -> bool:
    """Store a message, its text as `kept_text`; False if this MessageSid was known already."""
    statistics.message_row_counted_in(conn, row)
    row = {**row, "body": kept_text(row["body"])}
    return _insert_once(conn, insert(messages).values(**row))


def outgoing_text(conn: Connection, *, account: str, sid: str, ref: str) -> RowMapping | None:
    """Return the row of a text of ours by its SID, else by its own id: then it has this SID from now on."""
    mine = select(messages).where(messages.c.account == account, messages.c.direction == "outbound")
    known = conn.execute(mine.where(messages.c.sid == sid)).mappings().first() if sid else None
    if known is not None or not sid:
        return known
    row = conn.execute(mine.where(messages.c.id == ref, messages.c.sid.is_(None))).mappings().first()
    if row is not None:
        settle_message(conn, ref, sid=sid, state="sent", error="")
    return row


def add_message_status(conn: Connection, row: dict[str, Any]) -> bool:
    """Store a message's status; False if this (MessageSid, status) was known already."""
    return _insert_once(conn, insert(message_status).values(**row))


def settle_message(conn: Connection, message_id: str, *, sid: str | None, state: str, error: str) -> None:
    """Record how the request to send a message ended; once its SID is known, it counts."""
    conn.execute(
        update(messages).where(messages.c.id == message_id).values(sid=sid, state=state, error=error)
    )
    row = conn.execute(select(messages).where(messages.c.id == message_id)).mappings().first()
    if row is not None:
        statistics.message_row_counted_in(conn, row)


def _insert_once(conn: Connection, statement: Any) -> bool:
    try:
        with conn.begin_nested():
            conn.execute(statement)
    except IntegrityError:
        return False
    return True

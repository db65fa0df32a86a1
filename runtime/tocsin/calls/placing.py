"""Placing a call to a person: its record first, then the request, then the leg it became.

Whether and whom to call is decided elsewhere; how it went arrives as status events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import structlog
from sqlalchemy import select, update

from tocsin.calls import ending, statistics, store
from tocsin.calls.ledger import outbound
from tocsin.calls.tables import calls
from tocsin.db import NotStored

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from tocsin.calls.call import Call
    from tocsin.calls.ledger import Ledger
    from tocsin.calls.outcome import Outcome
    from tocsin.calls.services import Line, Services
    from tocsin.people import User
    from tocsin.telephony.attempt import Attempt

log = structlog.get_logger("tocsin.calls")


async def place(
    services: Services,
    ledger: Ledger,
    line: Line,
    person: User | None,
    number: str,
    *,
    attempt: int = 1,
    action: str = "answer",
    twiml: str = "",
    patience_s: float | None = None,
    also_in: Callable[[Connection, Call], None] | None = None,
) -> tuple[Call, str]:
    """Call a person, or a number of nobody's; return the call and "", or why Twilio did not take it.

    Scripts answer it by the call action `action`; a document in `twiml` is spoken instead, without them.
    `also_in` takes part in the transaction that records the intent. With `patience_s` it waits so many
    seconds for its account's turn, and raises NoTurn where that does not come. Raises NotStored where the
    call's record cannot be written: then no phone rings unaccounted for.
    """
    call = outbound(services, line, person, number, attempt=attempt)

    def intend(conn: Connection) -> None:
        call.started_ms = services.clock.now_ms()  # it may have waited
        intend_in(conn, call)
        if also_in is not None:
            also_in(conn, call)

    if patience_s is None:
        await services.db.write(intend)
    else:
        await services.in_turn("voice", line.account, number, intend, patience_s=patience_s)
    call.stored = True
    ledger.keep(services, call)
    request = request_of(services, line, call, action=action, twiml=twiml)
    with services.clock.hold():
        tried = await services.dialler.place(number, profile=line.twilio_profile, **request)
        if tried.sid and not call.sid:
            ledger.bind(call, tried.sid)
        if tried.why:
            # One whose end is unknown stays open: its phone may ring, and whoever answers is heard.
            log.error("call-not-placed", call=call.id, state=tried.state, why=tried.why)
        await _settle(services, call, tried)
    return call, tried.why


async def _settle(services: Services, call: Call, tried: Attempt) -> None:
    """Write down what came of asking; a refused call is over."""
    refused = ending.Ended("refused", code=tried.code) if tried.state == "refused" else None
    now_ms = services.clock.now_ms()

    def settle(conn: Connection) -> Outcome | None:
        store.save_call(conn, call)
        tried_in(conn, call, tried)
        return ending.end_in(conn, services, call, refused, now_ms) if refused else None

    outcome = None
    try:
        outcome = await services.db.write(settle)
    except NotStored as error:
        log.error("call-end-not-stored", call=call.id, why=str(error))
    if refused is not None:
        ending.remember(services, call, refused, outcome, now_ms)


def intend_in(conn: Connection, call: Call, *, possible_duplicate: bool = False) -> None:
    """Write down, in the caller's transaction, that Twilio is about to be asked for a call."""
    store.save_call(conn, call)
    marks = {"state": "intent", "possible_duplicate": possible_duplicate}
    conn.execute(update(calls).where(calls.c.id == call.id).values(**marks))


def tried_in(conn: Connection, call: Call, tried: Attempt) -> None:
    """Write down what came of asking; what webhooks have told meanwhile stays as it is."""
    said = {"state": tried.state, "why": tried.why, "code": tried.code, "refusal": tried.refusal or ""}
    conn.execute(update(calls).where(calls.c.id == call.id).values(**said))
    if tried.sid:
        bound_in(conn, call.id, tried.sid)


def bound_in(conn: Connection, call_id: str, sid: str) -> None:
    """Write down which leg a call has become, and count it as placed."""
    mine = calls.c.id == call_id
    conn.execute(update(calls).where(mine, calls.c.sid == "").values(sid=sid))
    conn.execute(update(calls).where(mine).values(state="placed"))
    row = conn.execute(select(calls).where(mine)).mappings().one()
    statistics.counted_in(
        conn, "call", account=row["account"], sid=row["sid"], direction=row["direction"], number=row["number"]
    )


def request_of(
    services: Services, line: Line, call: Call, *, action: str = "answer", twiml: str = ""
) -> dict[str, Any]:
    """Return the arguments of Twilio's Call resource, by the official client's names.

    Without an external hostname nothing of ours can be fetched or told: then only `twiml` can be said, and
    who answered is found out before it begins.
    """
    request = _request(services, line, call, action)
    if twiml:
        kept = ("status_callback", "status_callback_event", "timeout", "time_limit")
        request = {name: request[name] for name in kept if line.base or "callback" not in name}
        request["twiml"] = twiml
        if line.machine_detection and not line.base:
            request["machine_detection"] = "Enable"
    return request


def _request(services: Services, line: Line, call: Call, action: str) -> dict[str, Any]:
    """Return the arguments of Twilio's Call resource, by the official client's names."""
    request: dict[str, Any] = {
        "url": webhook_url(line, action, call),
        "status_callback": webhook_url(line, "status", call),
        "status_callback_event": ["initiated", "ringing", "answered", "completed"],
        "timeout": line.ring_seconds,
        "time_limit": services.limits.call_minutes * 60,
        "fallback_url": line.fallback_url or webhook_url(line, "fallback", call),
    }
    if line.machine_detection:
        request |= {
            "machine_detection": "DetectMessageEnd",
            "async_amd": "true",
            "async_amd_status_callback": webhook_url(line, "amd", call),
        }
    return request


def webhook_url(line: Line, action: str, call: Call) -> str:
    """Return the URL at which Twilio reaches an action of this call."""
    return (
        f"{line.base}/main/system/twilio-voice/{quote(action, safe='')}/{quote(call.id, safe='')}#rc=2&rp=all"
    )

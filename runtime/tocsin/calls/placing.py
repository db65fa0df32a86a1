"""Placing a call to a person: its record first, then the request, then the leg it became.

Whether and whom to call is decided elsewhere; how it went arrives as status events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import structlog

from tocsin.calls import store

if TYPE_CHECKING:
    from tocsin.calls.call import Call
    from tocsin.calls.ledger import Ledger
    from tocsin.calls.services import Line, Services
    from tocsin.people import User

log = structlog.get_logger("tocsin.calls")


async def place(
    services: Services, ledger: Ledger, line: Line, person: User, number: str, *, attempt: int = 1
) -> tuple[Call, str]:
    """Call a person; return the call and "", or the call and why Twilio did not take it.

    Raises NotStored where the call's record cannot be written: then no phone rings unaccounted for.
    """
    call = ledger.open_outbound(services, line, person, number, attempt=attempt)
    await services.db.write(lambda conn: store.save_call(conn, call))
    call.stored = True
    attempt_made = await services.dialler.place(
        number, profile=line.twilio_profile, **_request(services, line, call)
    )
    if attempt_made.state == "refused":
        call.outcome, call.ended_ms = "failed-provider", services.clock.now_ms()
    elif attempt_made.sid and not call.sid:
        ledger.bind(call, attempt_made.sid)
    if attempt_made.why:
        # One whose end is unknown stays open: its phone may ring, and whoever answers is heard.
        log.error("call-not-placed", call=call.id, state=attempt_made.state, why=attempt_made.why)
    await services.db.write(lambda conn: store.save_call(conn, call))
    return call, attempt_made.why


def _request(services: Services, line: Line, call: Call) -> dict[str, Any]:
    """Return the arguments of Twilio's Call resource, by the official client's names."""
    request: dict[str, Any] = {
        "url": webhook_url(line, "answer", call),
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
    return f"{line.base}/main/system/twilio-voice/{action}/{quote(call.id, safe='')}#rc=2&rp=all"

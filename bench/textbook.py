"""The textbook handler: Starlette's `request.form()`, twilio's `RequestValidator`, a plain function.

It appends the same record as the gateway does, through the same database. Run as
`python textbook.py FOLDER`.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
import uvloop
from plants import BASE, TOKEN
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from tocsin.calls.tables import turns
from tocsin.clock import SystemClock
from tocsin.db import Database
from tocsin.gateway import logs
from tocsin.gateway.serving import bound

if TYPE_CHECKING:
    from starlette.requests import Request

validator = RequestValidator(TOKEN)


def menu(digits: str, caller: str) -> str:
    """Answer as scripts/20_menu.py does."""
    if digits == "1":
        said = "Pump 1 is running at 42 percent, and the well is at 2.31 metres, falling."
    elif digits == "2":
        said = "Pump 2 is stopped for service, and the well is at 2.31 metres and rising."
    else:
        said = f"Hello {caller[-4:]}, key {digits} has no meaning in this menu. Press 1 or press 2."
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Response>'
        '<Gather input="dtmf" numDigits="1" timeout="8" action="/main/system/twilio-voice/menu/0">'
        f'<Say language="en-US">{said}</Say></Gather>'
        "<Say>No key was pressed. Goodbye.</Say><Hangup/></Response>"
    )


class Handler:
    """One route, as the documentation of Twilio's library has it."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._ids: dict[str, str] = {}

    async def answer(self, request: Request) -> Response:
        """Answer one webhook."""
        began = time.perf_counter_ns()
        form = await request.form()
        params = {name: str(value) for name, value in form.items()}
        given = request.headers.get("x-twilio-signature", "")
        if not validator.validate(BASE + request.url.path, params, given):
            return Response("not Twilio", 403)
        twiml = menu(params["Digits"], params["From"])
        self._db.append(turns, self._row(request, params, twiml, began))
        return Response(twiml, media_type="application/xml")

    def _row(self, request: Request, params: dict[str, str], twiml: str, began: int) -> dict[str, object]:
        sid = params["CallSid"]
        call_id = self._ids.setdefault(sid, secrets.token_urlsafe(12))
        return {
            "call_id": call_id,
            "number": 1,
            "key": f"token:{request.headers.get('i-twilio-idempotency-token', '')}",
            "action": request.path_params["action"],
            "at_ms": time.time_ns() // 1_000_000,
            "params": json.dumps(params, separators=(",", ":")),
            "given": json.dumps({"call": {"id": call_id, "sid": sid}, "alarms": [], "user": None}),
            "answered": "scripts",
            "release_id": "textbook",
            "twiml": twiml,
            "log": "[]",
            "failure": "{}",
            "took_us": (time.perf_counter_ns() - began) // 1000,
        }


async def main() -> None:
    """Serve with the same HTTP server settings as the gateway."""
    folder = Path(sys.argv[1])
    (folder / ".tocsin").mkdir(exist_ok=True)
    db = Database.open(f"sqlite:///{folder / '.tocsin' / 'tocsin.db'}", clock=SystemClock())
    db.migrate()
    app = Starlette(
        routes=[Route("/main/system/twilio-voice/{action}/{id}", Handler(db).answer, methods=["POST"])]
    )
    sock = bound("127.0.0.1:0")
    config = uvicorn.Config(app, http="httptools", lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    print(f"textbook at http://127.0.0.1:{sock.getsockname()[1]}", flush=True)
    try:
        await server.serve(sockets=[sock])
    finally:
        await db.aclose()


if __name__ == "__main__":
    logs.configure(plain=False)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        uvloop.run(main())
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(0)

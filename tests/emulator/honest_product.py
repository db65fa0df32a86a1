"""A small honest product: answers calls like an alarm gateway, checks every signature with Twilio's own code.

It knows two kinds of stories. In the PIN story it plays an alarm and takes a PIN; in any other it serves
the documents of the story by name. It never shares code with the emulator or with tocsin.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

PIN = "4711"


@dataclass
class HonestProduct:
    """What the product was asked, and what came of it."""

    token: str
    documents: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    unsigned: list[str] = field(default_factory=list)
    acknowledged: bool = False
    tries: dict[str, int] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._validator = RequestValidator(self.token)
        self.app = Starlette(routes=[Route("/{path:path}", self._serve, methods=["GET", "POST"])])

    def told(self, path: str) -> list[dict[str, str]]:
        """Give the parameters of every request to one path."""
        return [params for name, params in self.asked if name == path]

    async def _serve(self, request: Request) -> Response:
        body = (await request.body()).decode()
        pairs = parse_qsl(body, keep_blank_values=True)
        raw = request.scope["raw_path"].decode() + (
            f"?{q}" if (q := request.scope["query_string"].decode()) else ""
        )
        url = f"{request.url.scheme}://{request.headers['host']}{raw}"
        form = dict(pairs)
        if not self._validator.validate(url, form, request.headers.get("x-twilio-signature", "")):
            self.unsigned.append(url)
            return Response("not signed", 403)
        name = request.path_params["path"]
        self.asked.append((name, form | dict(request.query_params)))
        if name in ("status", "amd", "delivery", "partial", "recording", "room"):
            return Response(status_code=self.statuses.get(name, 204))
        text = self.documents.get(name) if self.documents else self._pin_story(name, form)
        if name in self.statuses and self.statuses[name] in (301, 302, 307):
            return Response(status_code=self.statuses[name], headers={"Location": self.documents[name]})
        if text is None:
            return Response("no such document", 404)
        return Response(
            text, self.statuses.get(name, 200), media_type=self.types.get(name, "application/xml")
        )

    def _pin_story(self, name: str, form: dict[str, str]) -> str | None:
        if name in ("answer", "inbound"):
            return (
                '<Response><Gather action="pin" numDigits="8" timeout="5"><Say>Pump 2 high level. Tank overflow is near. '
                "Enter your PIN and press hash.</Say></Gather><Redirect>again</Redirect></Response>"
            )
        if name == "again":
            tries = self.tries[form["CallSid"]] = self.tries.get(form["CallSid"], 0) + 1
            if tries >= 3:
                return "<Response><Say>Nobody answered. Goodbye.</Say><Hangup/></Response>"
            return (
                '<Response><Gather action="pin" timeout="5"><Say>Please enter your PIN.</Say></Gather>'
                "<Redirect>again</Redirect></Response>"
            )
        if name == "pin":
            if form.get("Digits") == PIN:
                self.acknowledged = True
                return "<Response><Say>Thank you. The alarm is acknowledged.</Say><Hangup/></Response>"
            return f"<Response><Say>Code {escape(form.get('Digits', ''))} is wrong.</Say><Redirect>again</Redirect></Response>"
        if name == "voicemail":
            return "<Response><Say>This is an alarm. Call back soon.</Say><Hangup/></Response>"
        return None

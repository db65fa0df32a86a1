"""A run as files: everything that was asked and answered, to be put to a product again.

`run` gives plain data for a replay file; `resend` puts its webhooks to a product again, newly signed, and
tells where the answers differ. What a person pressed is in the file as pressed: rehearse with rehearsal PINs.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from tocsin.emulator import speech
from tocsin.emulator.webhook import Ask, Failure

if TYPE_CHECKING:
    from tocsin.emulator.emulator import Emulator
    from tocsin.emulator.phone import Phone
    from tocsin.emulator.records import Call
    from tocsin.emulator.webhook import Webhooks

FORMAT = "tocsin-emulator-run/1"


def _plain(value: Any) -> Any:
    """Turn sets into sorted lists, as JSON has none."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return sorted(value) if isinstance(value, frozenset) else value


def _call(call: Call) -> dict[str, Any]:
    return {
        "sid": call.sid,
        "account_sid": call.account_sid,
        "from": call.from_,
        "to": call.to,
        "direction": call.direction,
        "status": call.status,
        "created": call.created,
        "answered": call.answered,
        "duration": call.duration,
        "answered_by": call.answered_by,
        "options": _plain(asdict(call.options)),
        "timeline": [list(entry) for entry in call.timeline],
    }


def run(emulator: Emulator) -> dict[str, Any]:
    """Give the whole run as data for JSON: calls, messages, phones and every webhook with its answer."""
    return {
        "format": FORMAT,
        "ended": emulator.clock.now(),
        "calls": [_call(call) for call in emulator.calls],
        "messages": [asdict(message) for message in emulator.messages],
        "phones": {phone.number: phone.shown() for phone in emulator.phones},
        "webhooks": [asdict(record) for record in emulator.webhooks],
    }


def steps(phone: Phone) -> dict[str, Any]:
    """Give the persona that does again what the person at this phone did, as `PUT /phones` takes it.

    Every act follows the last sentence that was heard to its end by then, after the same time.
    """
    made: list[dict[str, Any]] = []
    rung = after = since = 0.0
    heard = ""
    sentences: list[tuple[float, str]] = []
    for entry in phone.transcript:
        kind, at, text = entry["kind"], entry["at"], entry["text"]
        if kind == "ring":
            rung = at
        elif kind == "answer":
            after, since = round(at - rung, 3), at
        elif kind == "hear":
            sentences.append((at + speech.seconds(text), text))
        elif kind in ("press", "say"):
            complete = [one for one in sentences if one[0] <= at + 1e-3]
            since, heard = complete[-1] if complete else (since, "")
            made += [{"hear": heard}] if heard else []
            made += [{"wait": round(max(0.0, at - since), 3)}, {kind: text}]
            since, sentences = at, []
    return {"answer": "auto", "after": after, "steps": made}


@dataclass(frozen=True, slots=True)
class Difference:
    """One webhook whose answer is not what it was: where, what was answered then, what now."""

    url: str
    before: str
    now: str


async def resend(recorded: dict[str, Any], webhooks: Webhooks, *, base: str) -> list[Difference]:
    """Put the recorded webhooks to the product at `base` in their order; returns the answers that differ.

    Raises ValueError for a file of another format. Repeats of a webhook are sent once.
    """
    if recorded.get("format") != FORMAT:
        raise ValueError(
            f"this is no run of the emulator: its format is {recorded.get('format')!r}, not {FORMAT}"
        )
    target = urlsplit(base)
    found: list[Difference] = []
    for record in recorded["webhooks"]:
        if record["attempt"] > 1 or record["status"] is None:
            continue
        url = urlunsplit(urlsplit(record["url"])._replace(scheme=target.scheme, netloc=target.netloc))
        params = record["params"] if record["method"] == "POST" else {}
        account = record["params"].get("AccountSid", "")
        answer = await webhooks.send(
            Ask(url, params, record["kind"], account, record["sid"], record["method"])
        )
        now = answer.message if isinstance(answer, Failure) else answer.body.decode("utf-8", "replace")
        if now != record["response"]:
            found.append(Difference(url, record["response"], now))
    return found

"""What is kept of a turn: parameters, script log, TwiML and failure, with every PIN replaced by its mark."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tocsin.calls.call import entered, looks_like_pin
from tocsin.calls.store import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.calls.call import Call, PinMarks
    from tocsin.calls.webhook import VoiceWebhook
    from tocsin.sandbox.script import LogLine


GIVEN = ("now", "call", "alarms", "user", "session")
"""What scripts were given beside the parameters; kept so that a turn can be replayed as it was."""


@dataclass(slots=True)
class TurnEnd:
    """How a turn ended.

    `answered` says who answered: "scripts" (the project's), "default" (nobody's script answered),
    "default-after-failure", "default-in-process", "static", "one-moment", "beside". `failure` is empty or
    {kind, file, line, source, message}. `given` is what the scripts were given.
    """

    twiml: str
    answered: str
    release_id: str
    session: str | None = None
    heard: list[str] = field(default_factory=list)
    logs: Sequence[LogLine] = ()
    failure: dict[str, Any] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    author: str = ""
    """The file whose TwiML the warnings are about."""


def marks(call: Call, hook: VoiceWebhook, *, failed: bool) -> PinMarks:
    """Return what to hide in the record of a turn.

    One that failed may have done so before it asked whose PIN was typed: then it is whatever can be one.
    """
    possible = [value for value in entered(hook.params) if looks_like_pin(value)] if failed else ()
    return call.pins.including(possible) if possible else call.pins


def turn_row(
    call: Call,
    hook: VoiceWebhook,
    end: TurnEnd,
    *,
    number: int,
    at_ms: int,
    took_us: int,
    answers: Sequence[tuple[str, Any]] = (),
) -> dict[str, Any]:
    """Return the row of ts_turn for one answered webhook; `answers` is what its scripts asked and got."""
    params: Any = hook.params
    given: Any = {name: end.given[name] for name in GIVEN if name in end.given}
    if answers:
        given["answers"] = answers
    logs: Any = [[one.name, one.line, one.level, one.text] for one in end.logs]
    failure: Any = (
        {**end.failure, "warnings": end.warnings, "author": end.author} if end.warnings else end.failure
    )
    twiml = end.twiml
    if pins := marks(call, hook, failed=bool(end.failure)):
        hide_in = pins.hide_in
        params, given, logs, failure = hide_in(params), hide_in(given), hide_in(logs), hide_in(failure)
        twiml = pins.hide(twiml)
    return {
        "call_id": call.id,
        "number": number,
        "key": hook.key,
        "action": hook.action,
        "at_ms": at_ms,
        "params": to_json(params),
        "given": to_json(given),
        "answered": end.answered,
        "release_id": end.release_id,
        "twiml": twiml,
        "log": to_json(logs),
        "failure": to_json(failure),
        "took_us": took_us,
    }

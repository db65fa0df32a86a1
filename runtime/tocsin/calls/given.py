"""Builds the plain data a turn's scripts are given. What scripts make of it is in vocabulary."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

import structlog

from tocsin.alarms.flood import area_of
from tocsin.calls import policy
from tocsin.calls.raising import label_in
from tocsin.calls.store import from_json
from tocsin.telephony.countries import can_answer_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.alarms import Episode, Telling
    from tocsin.calls.call import Call
    from tocsin.calls.services import Line, Services
    from tocsin.calls.webhook import VoiceWebhook
    from tocsin.people import User


log = structlog.get_logger("tocsin.calls")

LONGEST_SPOKEN = 500
DEEPEST = 20
"""Characters of one text of an alarm that scripts are given; nobody listens to more."""

NOTHING_HEARD: Final[Mapping[str, Telling]] = {}

_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What XML 1.0 leaves out of its characters (https://www.w3.org/TR/xml/#charsets).


def own_episodes(services: Services, call: Call) -> list[Episode]:
    """Return the open alarms in the areas of the person on the line; none for a stranger."""
    user = call.user
    if user is None:
        return []
    directory = services.directory
    found = [one for one in services.board.open() if directory.may(user, one.path)]
    # Where several have to acknowledge, whoever has done so is asked no more.
    return [one for one in found if one.acked or one.waits_for(user.username)]


def open_episodes(services: Services, line: Line, call: Call) -> list[Episode]:
    """Return the open alarms this call may hear now."""
    return policy.audible(own_episodes(services, call), line.pin, identified=call.identified is not None)


def build(services: Services, line: Line, call: Call, hook: VoiceWebhook, number: int) -> dict[str, Any]:
    """Return the data `vocabulary.open_turn` takes, marshal-able: str, int, float, list, dict and None."""
    user = call.user
    episodes = call.offered = open_episodes(services, line, call)
    pin = (
        "none"
        if call.identified
        else policy.strictest(line.pin, [one.priority for one in own_episodes(services, call)])
    )
    now_ms = services.clock.now_ms()
    return {
        "action": hook.action,
        "now": now_ms,
        "params": hook.params,
        "call": {
            "base": line.base,
            "turn": number,
            "id": call.id,
            "sid": call.sid,
            "direction": call.direction,
            "project": call.project,
            "attempt": call.attempt,
            "language": call.language,
            "voice": line.voices.get(call.language, ""),
            "answeredBy": call.answered_by,
            "pin": pin,
            "digits": line.digits,
            "site": services.site,
            "floods": [one.area for one in services.floods({area_of(one.path) for one in episodes})],
            "known": bool(services.directory.by_number(call.number)),
            "texts": _gets_texts(services, user),
            "raises": label_in(services, line, call),
        },
        "alarms": [
            {**facts, "spoken": speakable(_in_words(services, call, one, now_ms))}
            for one, facts in zip(episodes, alarms_of(services, episodes, heard=call.heard), strict=True)
        ],
        "user": person_of(user),
        "session": _session(call),
        "pins": call.pins.values(),
        "speech": services.phrases.manner(call.language, line.voices),
    }


def _in_words(services: Services, call: Call, one: Episode, now_ms: int) -> dict[str, str]:
    return services.phrases.alarm(call.language, one, now_ms, called=services.said_as(one))


def _session(call: Call) -> dict[str, Any]:
    """Return what the call keeps; what cannot be read must not end the call."""
    try:
        found = from_json(call.session)
    except ValueError as error:
        log.error("session-unreadable", call=call.id, why=str(error))
        return {}
    return found if isinstance(found, dict) else {}


def alarms_of(
    services: Services, episodes: Sequence[Episode], *, heard: Mapping[str, Telling] = NOTHING_HEARD
) -> list[dict[str, Any]]:
    """Return episodes as scripts see them; `heard` are those read out earlier in the same call."""
    holds = {one.id: heard[one.id].holds(one) for one in episodes if one.id in heard}
    return [
        {
            "id": one.id,
            "path": one.path,
            "area": area_of(one.path),
            "name": one.name,
            "displayPath": one.display_path,
            "priority": one.priority,
            "state": ("Active" if one.state == "active" else "Cleared")
            + (", Acknowledged" if one.acked else ", Unacknowledged"),
            "value": speakable(one.value),
            "activeAt": services.local(one.active_ms),
            "clearedAt": services.local(one.cleared_ms),
            "ackedAt": services.local(one.acked_ms),
            "ackedBy": name_of(services, one.acked_by),
            "ackMode": one.ack_mode,
            "noteRequired": note_required(services, one),
            "heard": holds.get(one.id, False),
            "changed": not holds.get(one.id, True),
            "label": speakable(one.label or one.name),
            "notes": speakable(one.notes),
            "data": speakable(dict(one.data)),
        }
        for one in episodes
    ]


def _gets_texts(services: Services, user: User | None) -> bool:
    """Tell whether a person gets texts that they can answer."""
    if user is None or "sms" in user.opt_out:
        return False
    come_in = any(one.twilio.webhook_base for one in services.profiles.message.values())
    return come_in and any(one.type == "sms" and can_answer_texts(one.value) for one in user.contacts)


def name_of(services: Services, username: str | None) -> str:
    """Return a person's name; another source of an acknowledgement as it is, "" for nobody."""
    person = services.directory.users.get(username or "")
    return person.name if person else username or ""


def note_required(services: Services, episode: Episode) -> bool:
    """Tell whether whoever acknowledges is to be asked for a note."""
    rule = services.board.rule_of(episode)
    return rule is not None and rule.ack_notes_required


def speakable(value: Any, depth: int = 0) -> Any:
    """Return an alarm's data as every later step can carry it, for a source may send anything.

    A number beyond 64 bits, or none at all, becomes text; text loses what XML cannot hold and is cut; what
    lies deeper than DEEPEST levels becomes an ellipsis.
    """
    if isinstance(value, str):
        return _UNSPEAKABLE.sub("", value[:LONGEST_SPOKEN])
    if isinstance(value, (dict, list, tuple)):
        return _speakable_inside(value, depth + 1) if depth < DEEPEST else "…"
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else str(value)[:LONGEST_SPOKEN]
    return value if isinstance(value, float) and math.isfinite(value) else str(value)[:LONGEST_SPOKEN]


def _speakable_inside(value: dict[Any, Any] | list[Any] | tuple[Any, ...], depth: int) -> Any:
    if isinstance(value, dict):
        return {speakable(str(name)): speakable(one, depth) for name, one in value.items()}
    return [speakable(one, depth) for one in value]


def person_of(user: User | None) -> dict[str, Any] | None:
    """Return a user as scripts see them, or None."""
    if user is None:
        return None
    return {
        "username": user.username,
        "id": user.id,
        "name": user.name,
        "language": user.language or "",
        "roles": list(user.roles),
        "areas": list(user.areas),
    }

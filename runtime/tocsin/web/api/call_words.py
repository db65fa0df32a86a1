"""What happened in calls, in plain words: rung, answered, keys, PINs, scripts that failed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tocsin.calls.call import BESIDE
from tocsin.telephony.numbers import masked
from tocsin.web.api.models import TimelineEntry
from tocsin.web.api.notice_words import whose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tocsin.web.api.history import History

    Row = Mapping[str, Any]
    Name = Callable[[str | None], str]

_ASKED: Final = {
    "answer": "heard the greeting",
    "inbound": "called in",
    "menu": "heard the alarms",
    "pin": "was asked for a PIN",
    "ack": "acknowledges",
    "note": "was asked for a note",
    "shelve": "shelves",
    "pass": "passes it on",
    "transfer": "is put through",
    "voicemail": "reached a machine, which got the short message",
}


_ACTS: Final = frozenset({"ack", "note", "shelve", "pass"})
"""Steps that follow a key; what they did is on record by itself."""


def turn_in_words(who: str, action: str, params: Row, failure: Row) -> str:
    """Say what a caller did to bring a turn about, and what went wrong with it."""
    digits, speech = params.get("Digits", ""), params.get("SpeechResult", "")
    if digits:
        text = f"{who} typed a PIN" if "PIN#" in digits else f"{who} pressed {digits}"
    elif speech:
        text = f"{who} said a PIN" if "PIN#" in speech else f"{who} said “{speech}”"
    else:
        text = f"{who} {_ASKED.get(action, f'came to {action}')}"
    return text + _failure(failure)


def _failure(failure: Row) -> str:
    if not failure.get("kind"):
        return ""
    place = f"{failure.get('file') or 'a script'}"
    if failure.get("line"):
        place += f", line {failure['line']}"
    return f"; {place} failed and the default answered: {failure.get('message', '')}"


def of_calls(history: History, name: Name) -> Iterable[TimelineEntry]:
    """Tell what Twilio said of the legs, what callers did, and what scripts asked for them."""
    legs = {(row["account"], row["sid"]): row for row in history.calls.values() if row["sid"]}
    for event in history.statuses:
        call = legs.get((event["account"], event["sid"]))
        words = _STATUS.get(event["status"])
        if call is not None and words is not None:
            kind, text = words
            who = _speaker(call, name)
            data: dict[str, Any] = {}
            if event["status"] == "in-progress" and call["answered_by"]:
                text += _BY.get(call["answered_by"].partition("_")[0], "")
                data = {"answered_by": call["answered_by"]}
            yield _in_call(call, event["at_ms"], kind, text.format(whose=whose(who)), data)
    yield from _of_turns(history, name)
    for effect in history.effects:
        call = history.calls[effect["call_id"]]
        found = _of_effect(effect, _speaker(call, name), name)
        if found is not None:
            kind, text = found
            yield _in_call(call, effect["at_ms"], kind, text, {"turn": effect["turn"]})


def _of_turns(history: History, name: Name) -> Iterable[TimelineEntry]:
    """Tell what callers did, and each step of the call once where they only listened."""
    listened: set[tuple[str, str]] = set()
    for turn in history.turns:
        call, action = history.calls[turn["call_id"]], turn["action"]
        params, failure = msgspec.json.decode(turn["params"]), msgspec.json.decode(turn["failure"])
        failed = bool(failure.get("kind"))
        if turn["answered"] == BESIDE and not failed:
            continue
        if not failed and not params.get("Digits") and not params.get("SpeechResult"):
            by_machine = call["answered_by"].startswith("machine") and action != "voicemail"
            if by_machine or action in _ACTS or (call["id"], action) in listened:
                continue
            listened.add((call["id"], action))
        text = turn_in_words(_speaker(call, name), action, params, failure)
        data = {"action": action, "answered": turn["answered"], "turn": turn["number"]}
        yield _in_call(call, turn["at_ms"], "call.script_failed" if failed else "call.turn", text, data)


_STATUS: Final = {
    "ringing": ("call.ringing", "{whose} phone rings"),
    "in-progress": ("call.answered", "{whose} phone was answered"),
    "canceled": ("call.ended", "The call to {whose} phone was taken back"),
}
_BY: Final = {"human": " by a person", "machine": " by a machine", "fax": " by a fax machine"}


def _speaker(call: Row, name: Name) -> str:
    person = call["identified"] or call["person"]
    return name(person) if person else masked(call["number"])


def _in_call(call: Row, at_ms: int, kind: str, text: str, data: dict[str, Any]) -> TimelineEntry:
    person = call["identified"] or call["person"]
    return TimelineEntry(at_ms=at_ms, kind=kind, text=text, person=person, call=call["id"], data=data)


_PIN: Final = {
    "wrong_pin": "{who} entered a wrong PIN",
    "locked": "PIN entry is locked for {who}",
    "not_allowed": "{who} may not enter a PIN on this phone",
}
_ACT: Final = {
    ("call.acknowledge", "already_acknowledged"): "{who} heard that somebody was first: {by}",
    ("call.acknowledge", "not_recorded"): "{who} heard that the acknowledgement could not be recorded",
    ("call.acknowledge", "not_allowed"): "{who} may not acknowledge this alarm",
    ("call.passOn", "ok"): "{who} passed the alarms on",
    ("twilio.sendMessage", "ok"): "A script sent a text",
}


def _of_effect(effect: Row, who: str, name: Name) -> tuple[str, str] | None:
    """Say what a script's request did; None for what the journal or the notice tells already."""
    result = msgspec.json.decode(effect["result"])
    reason = result.get("reason", "")
    about_pin = effect["ordinal"] % 2 == 0  # each step has two places: its PIN, then its act
    if about_pin and reason == "ok" and result.get("identified"):
        return ("call.pin", f"The PIN was right: it is {name(result['identified'])}")
    if about_pin and reason in _PIN:
        return ("call.pin", _PIN[reason].format(who=who))
    words = None if about_pin else _ACT.get((effect["name"], reason))
    if words is None:
        return None
    kind = "call.text" if effect["name"] == "twilio.sendMessage" else "call.said"
    return kind, words.format(who=who, by=result.get("by", ""))

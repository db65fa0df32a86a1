"""The story of an episode in plain words: who was told how, what they did, what came of it.

Pure: what is on record goes in (`history`), sentences in their order come out. Numbers are masked, PINs
are marks already where the record has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tocsin.telephony.numbers import masked
from tocsin.web.api.models import TimelineEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tocsin.journal import Entry
    from tocsin.web.api.history import History

    Row = Mapping[str, Any]
    Name = Callable[[str | None], str]
    Moment = Callable[[int], str]


def story(history: History, *, name: Name, moment: Moment) -> list[TimelineEntry]:
    """Tell a history, oldest first.

    `name` gives a person's name for a username, `moment` the wall clock of the plant for a time in ms UTC.
    """
    told = [
        *(_of_journal(entry, name, moment) for entry in history.journal),
        *_of_notices(history, name),
        *_of_calls(history, name),
        *_of_receipts(history, name),
    ]
    # What happened in the same millisecond is told in the order in which one thing leads to another.
    return sorted(told, key=lambda entry: (entry.at_ms, _ORDER.get(entry.kind, _MIDDLE)))


_SEQUENCE: Final = (
    "alarm.active", "run.started", "run.step", "notice.queued", "notice.placed", "call.ringing", "call.answered",
    "call.turn", "call.script_failed", "call.pin", "call.said", "call.text", "notice.heard", "",
    "alarm.acknowledged", "alarm.cleared", "message.delivered", "message.undelivered", "call.ended",
    "notice.ended", "run.ended",
)  # fmt: skip
_ORDER: Final = {kind: place for place, kind in enumerate(_SEQUENCE)}
_MIDDLE: Final = _ORDER[""]


# --- the journal -----------------------------------------------------------------------------------------


def _of_journal(entry: Entry, name: Name, moment: Moment) -> TimelineEntry:
    words = _JOURNAL.get(entry.kind)
    text = words(entry, name(entry.person), moment) if words else _in_general(entry, name)
    return TimelineEntry(
        at_ms=entry.at_ms, kind=entry.kind, text=text, person=entry.person, data=dict(entry.data)
    )


def _value(entry: Entry) -> str:
    value = entry.data.get("value")
    return "" if value is None else f", value {value}"


def _acknowledged(entry: Entry, who: str, _: Moment) -> str:
    note = entry.data.get("note")
    via = str(entry.data.get("via", ""))
    if via == "auto":
        return "Acknowledged by itself, as it returned to normal"
    if via == "unused":
        return "Needs no acknowledgement"
    how = {"voice": " by telephone", "sms": " by text", "api": " by API", "cli": " by command"}.get(via, "")
    return f"{who} acknowledged it{how}" + (f": “{note}”" if note else "")


def _shelved(entry: Entry, who: str, moment: Moment) -> str:
    until = entry.data.get("until_ms")
    return f"{who} shelved it" + (f" until {moment(until)}" if isinstance(until, int) else "")


_JOURNAL: Final[dict[str, Callable[[Entry, str, Moment], str]]] = {
    "alarm.active": lambda entry, _who, _moment: f"The alarm went active{_value(entry)}",
    "alarm.cleared": lambda entry, _who, _moment: f"The alarm returned to normal{_value(entry)}",
    "alarm.acknowledged": _acknowledged,
    "alarm.shelved": _shelved,
    "alarm.unshelved": lambda _entry, who, _moment: f"{who} ended the shelving",
    "run.started": lambda entry, _who, _moment: f"The {_fact(entry, 'pipeline')} pipeline begins",
    "run.step": lambda entry, who, _moment: f"{who} is told now by {_fact(entry, 'by')}{_because(entry)}",
    "run.followed-up": lambda entry, who, _moment: f"{who} is {_fact(entry, 'then')}{_because(entry)}",
    "run.texted": lambda entry, who, _moment: f"{who} is texted as well{_because(entry)}",
    "run.waiting": lambda entry, _who, _moment: f"The pipeline waits {_lasting(entry)}{_because(entry)}",
    "run.paused": lambda entry, _who, moment: f"The pipeline pauses until {_until(entry, moment)}",
    "run.resumed": lambda _entry, _who, _moment: "The pipeline goes on",
    "run.roster-empty": lambda entry, _who, _moment: (
        f"Nobody of {_fact(entry, 'roster')} can be told{_because(entry)}"
    ),
    "run.nobody-reached": lambda entry, _who, _moment: f"NOBODY REACHED{_because(entry)}",
    "run.everybody": lambda entry, _who, _moment: f"Everybody is told{_because(entry)}",
    "run.failed": lambda entry, _who, _moment: f"The pipeline failed: {_fact(entry, 'fault')}",
    "run.cancelled": lambda _entry, who, _moment: f"{who} cancelled the pipeline: nobody more is told",
    "run.ended": lambda entry, _who, _moment: f"The pipeline ends{_because(entry)}",
}
"""Sentences by kind; a kind that is not here is told in general words."""


def _fact(entry: Entry, key: str) -> str:
    return str(entry.data.get(key, ""))


def _because(entry: Entry) -> str:
    why = _fact(entry, "because") or _fact(entry, "why") or _fact(entry, "outcome").replace("-", " ")
    return f": {why}" if why else ""


def _until(entry: Entry, moment: Moment) -> str:
    until = entry.data.get("until_ms")
    return moment(until) if isinstance(until, int) else "it is told to go on"


def _lasting(entry: Entry) -> str:
    seconds = round((entry.data.get("for_ms") or 0) / 1000)
    return f"{seconds} s" if seconds < 120 else f"{round(seconds / 60)} min"


def _in_general(entry: Entry, name: Name) -> str:
    """Say an entry of which nothing more is known than its kind, its person and its reason."""
    what = entry.kind.rpartition(".")[2].replace("_", " ").replace("-", " ")
    if "." in entry.kind and not entry.kind.startswith("alarm."):
        what = f"{entry.kind.partition('.')[0]} {what}"
    by = f" by {name(entry.person)}" if entry.person else ""
    why = next((entry.data[key] for key in ("text", "why", "reason", "note") if entry.data.get(key)), "")
    return f"{what[:1].upper()}{what[1:]}{by}" + (f": {why}" if why else "")


# --- notices and receipts --------------------------------------------------------------------------------

_ENDED: Final = {
    "acked": "{who} acknowledged",
    "partly-acked": "{who} acknowledged some of the alarms; this one is open",
    "notified-no-ack": "{who} was told and did not acknowledge",
    "passed": "{who} passed it on",
    "answered-silent": "Somebody answered {whose} phone and pressed nothing: not told",
    "hung-up": "{who} hung up before hearing it: not told",
    "pin-failed": "{who} did not enter a right PIN: not told",
    "locked": "PIN entry is locked for {who}: not told",
    "voicemail": "Voicemail answered for {who}: not told",
    "fax": "A fax machine answered for {who}: not told",
    "busy": "{whose} phone was busy",
    "no-answer": "{who} did not answer",
    "failed-number": "{whose} number cannot be reached",
    "failed-provider": "Twilio did not take it for {who}",
    "delivered": "The text reached {whose} phone",
    "undelivered": "The text did not reach {whose} phone",
    "no-receipt": "Nobody knows whether the text reached {whose} phone",
    "cancelled-by-ack": "{who} need not be told any more: acknowledged",
    "cancelled-by-clear": "{who} need not be told any more: returned to normal",
}
"""What each outcome of a notice means. An outcome not listed is told by its own word."""


def _of_notices(history: History, name: Name) -> Iterable[TimelineEntry]:
    for notice in history.notices:
        yield from _of_notice(notice, name(notice["person"]))


def _of_notice(notice: Row, who: str) -> Iterable[TimelineEntry]:
    number = f" on {masked(notice['number'])}" if notice["number"] else ""
    by_text = notice["channel"] == "sms"
    again = f", attempt {notice['attempt']}" if notice["attempt"] > 1 else ""

    def entry(at_ms: int, kind: str, text: str, **data: Any) -> TimelineEntry:
        facts = {"channel": notice["channel"], "attempt": notice["attempt"], **data}
        return TimelineEntry(
            at_ms=at_ms, kind=kind, text=text, person=notice["person"], call=notice["call_id"], data=facts
        )

    if notice["placed_ms"] is not None:
        doing = "Texting" if by_text else "Calling"
        yield entry(notice["placed_ms"], "notice.placed", f"{doing} {who}{number}{again}")
    elif notice["state"] == "queued":
        doing = "text" if by_text else "call"
        yield entry(notice["created_ms"], "notice.queued", f"{who} is next to {doing}{number}{again}")
    if notice["heard_ms"] is not None:
        yield entry(notice["heard_ms"], "notice.heard", f"{who} heard it")
    if notice["ended_ms"] is not None:
        outcome, why = notice["outcome"] or "", notice["why"]
        text = _ENDED.get(outcome, f"{{who}}: {outcome}").format(who=who, whose=_whose(who))
        yield entry(notice["ended_ms"], "notice.ended", f"{text} ({why})" if why else text, outcome=outcome)


def _whose(who: str) -> str:
    return f"{who}'" if who.endswith("s") else f"{who}'s"


_RECEIPTS: Final = {
    "delivered": "The text reached {whose} phone",
    "read": "{who} read the text",
    "undelivered": "The text did not reach {whose} phone",
    "failed": "The text to {who} failed",
}


def _of_receipts(history: History, name: Name) -> Iterable[TimelineEntry]:
    people = {one["message_id"]: one["person"] for one in history.notices if one["message_id"]}
    by_sid = {(row["account"], row["sid"]): row["id"] for row in history.messages.values() if row["sid"]}
    for event in history.receipts:
        words = _RECEIPTS.get(event["status"])
        person = people.get(by_sid.get((event["account"], event["sid"])))
        if words is None or person is None:
            continue
        who = name(person)
        text = words.format(who=who, whose=_whose(who))
        if event["error"]:
            text += f" (Twilio error {event['error']})"
        kind = "message.delivered" if event["status"] in ("delivered", "read") else "message.undelivered"
        data = {"status": event["status"], "error": event["error"]}
        yield TimelineEntry(at_ms=event["at_ms"], kind=kind, text=text, person=person, data=data)


# --- calls -------------------------------------------------------------------------------------------------

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


def _of_calls(history: History, name: Name) -> Iterable[TimelineEntry]:
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
            yield _in_call(call, event["at_ms"], kind, text.format(whose=_whose(who)), data)
    for turn in history.turns:
        call = history.calls[turn["call_id"]]
        params, failure = msgspec.json.decode(turn["params"]), msgspec.json.decode(turn["failure"])
        text = turn_in_words(_speaker(call, name), turn["action"], params, failure)
        kind = "call.script_failed" if failure.get("kind") else "call.turn"
        data = {"action": turn["action"], "answered": turn["answered"], "turn": turn["number"]}
        yield _in_call(call, turn["at_ms"], kind, text, data)
    for effect in history.effects:
        call = history.calls[effect["call_id"]]
        found = _of_effect(effect, _speaker(call, name), name)
        if found is not None:
            kind, text = found
            yield _in_call(call, effect["at_ms"], kind, text, {"turn": effect["turn"]})


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

"""Who was to be told of an episode, how, and what came of it, in plain words. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from tocsin.telephony.numbers import masked
from tocsin.web.api.models import TimelineEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tocsin.web.api.history import History

    Row = Mapping[str, Any]
    Name = Callable[[str | None], str]
    Moment = Callable[[int], str]

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
    "cancelled-by-clear": "{who} need not be told any more",
}
"""What each outcome of a notice means. An outcome not listed is told by its own word."""

_OF_CALLS: Final = {
    "acked": "The call with {who} is over: acknowledged",
    "cancelled-by-ack": "The call to {who} was taken back: acknowledged",
    "cancelled-by-clear": "The call to {who} was taken back",
}
"""The same where the telephone rang already."""

_DONE: Final = "{who} has acknowledged, and is told nothing more"
_DONE_WHILE_IT_RANG: Final = "The call to {who} was taken back: {who} has acknowledged"
"""For "cancelled-by-ack" where it was this person who acknowledged."""

_WITH_REASON: Final = frozenset({"failed-number", "failed-provider", "undelivered", "no-receipt"})
"""Outcomes of which the reason says more than the outcome."""


def of_notices(history: History, name: Name, moment: Moment) -> Iterable[TimelineEntry]:
    """Tell each attempt: that it is due or was made, was held back, was heard, and how it ended."""
    tries: Counter[tuple[str, str]] = Counter()
    for notice in history.notices:
        tries[notice["person"], notice["channel"]] += 1
        attempt = tries[notice["person"], notice["channel"]]
        person, ended_ms = notice["person"], notice["ended_ms"]
        done = ended_ms is not None and any(
            entry.person == person and entry.kind in _ACKNOWLEDGED and entry.at_ms <= ended_ms
            for entry in history.journal
        )
        yield from _of_notice(notice, name(person), attempt, moment, done=done)


_ACKNOWLEDGED: Final = frozenset({"alarm.acknowledged", "alarm.partly-acknowledged"})


def _of_notice(notice: Row, who: str, attempt: int, moment: Moment, *, done: bool) -> Iterable[TimelineEntry]:
    """Tell one attempt; `done`: its person had acknowledged when it ended."""
    number = f" on {masked(notice['number'])}" if notice["number"] else ""
    by_text = notice["channel"] == "sms"
    again = f", attempt {attempt}" if attempt > 1 else ""

    def entry(at_ms: int, kind: str, text: str, **data: Any) -> TimelineEntry:
        facts = {"channel": notice["channel"], "attempt": notice["attempt"], **data}
        return TimelineEntry(
            at_ms=at_ms, kind=kind, text=text, person=notice["person"], call=notice["call_id"], data=facts
        )

    if notice["held_ms"] is not None:
        doing = "texted" if by_text else "called"
        until = moment(notice["held_until_ms"])
        text = f"{who} is not {doing} yet: {notice['held_why']}; at {until} at the latest"
        yield entry(notice["held_ms"], "notice.held", text, until_ms=notice["held_until_ms"])
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
        rang = notice["placed_ms"] is not None and not by_text
        words = (_OF_CALLS.get(outcome) if rang else None) or _ENDED.get(outcome, f"{{who}}: {outcome}")
        if done and outcome == "cancelled-by-ack":
            words = _DONE_WHILE_IT_RANG if rang else _DONE
        text = words.format(who=who, whose=whose(who))
        if why and outcome in _WITH_REASON:
            text += f" ({why})"
        yield entry(notice["ended_ms"], "notice.ended", text, outcome=outcome, why=why)


def whose(who: str) -> str:
    """Give the possessive of a name."""
    return f"{who}'" if who.endswith("s") else f"{who}'s"


_RECEIPTS: Final = {
    "delivered": "The text reached {whose} phone",
    "read": "{who} read the text",
    "undelivered": "The text did not reach {whose} phone",
    "failed": "The text to {who} failed",
}


def of_receipts(history: History, name: Name) -> Iterable[TimelineEntry]:
    """Tell what became of texts, where the notice does not."""
    people = {one["message_id"]: one["person"] for one in history.notices if one["message_id"]}
    told = {(one["message_id"], one["outcome"]) for one in history.notices}
    by_sid = {(row["account"], row["sid"]): row["id"] for row in history.messages.values() if row["sid"]}
    for event in history.receipts:
        words = _RECEIPTS.get(event["status"])
        message_id = by_sid.get((event["account"], event["sid"]))
        person = people.get(message_id)
        if words is None or person is None or (message_id, event["status"]) in told:
            continue
        who = name(person)
        text = words.format(who=who, whose=whose(who))
        if event["error"]:
            text += f" (Twilio error {event['error']})"
        kind = "message.delivered" if event["status"] in ("delivered", "read") else "message.undelivered"
        data = {"status": event["status"], "error": event["error"]}
        yield TimelineEntry(at_ms=event["at_ms"], kind=kind, text=text, person=person, data=data)

"""What happened in one story, in the order in which it happened, and how it reads when it goes wrong.

Entries come from the emulator's events, from alarm changes and from the gateway's warnings as they occur;
what scripts logged is put between them when the story is told. Nothing here moves time.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, MutableMapping

    from tocsin.alarms.episode import AlarmChanged
    from tocsin.clock import Clock
    from tocsin.emulator.events import Events

_WORDS = {
    "answer": "answers",
    "hear": "hears",
    "press": "presses",
    "say": "says",
    "sms-in": "gets SMS",
    "sms-out": "sends SMS",
}
_BY = {
    "scripts": "the project's scripts",
    "default": "the default script",
    "default-after-failure": "the default script, because a script failed",
    "default-in-process": "the default script, in the gateway itself",
    "static": "the fixed sentence, because nothing else could",
    "one-moment": "one moment, while something is being stored",
    "beside": "nobody, being told beside the call",
}
_LOUD = frozenset({"warning", "error", "critical"})
# A failed script is told with its turn; doubts about the configuration are `tocsin check`'s to tell.
_TOLD_ELSEWHERE = frozenset({"script-failed", "configuration-doubt"})
_MARK, _MARGIN = "> ", "  "


class StoryFailed(AssertionError):  # noqa: N818  it says what is the case
    """Something went otherwise than the story tells; `str()` holds the whole conversation."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a story: when (seconds since it began), who, what they did, and the words of it.

    `sid` and `action` are set for a webhook of a call, the place of a turn.
    """

    at: float
    who: str
    what: str
    text: str = ""
    sid: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a call as the gateway recorded it: who answered, script log lines, and a failure."""

    sid: str
    action: str
    answered: str
    log: tuple[tuple[str, int, str, str], ...]
    failure: Mapping[str, Any]

    @property
    def fault(self) -> str:
        """The failure as `file:line: message`, "" where the scripts did well."""
        if not self.failure.get("message"):
            return ""
        file, line = self.failure.get("file") or "", self.failure.get("line")
        where = ":".join(str(part) for part in (file, line) if part)
        return f"{where}: {self.failure['message']}" if where else str(self.failure["message"])


class Story:
    """The record of one story."""

    def __init__(self, clock: Clock, events: Events, name: Callable[[str], str]) -> None:
        """Begin; `name` tells what to call a phone by its number."""
        self._clock = clock
        self._began = clock.now()
        self._queue = events.subscribe()
        self._name = name
        self._entries: list[Entry] = []

    def add(self, who: str, what: str, text: str = "") -> None:
        """Note something that the emulator does not know of."""
        self.collect()
        self._entries.append(Entry(self._clock.now() - self._began, who, what, text))

    def collect(self) -> None:
        """Take over what the emulator has told meanwhile."""
        while True:
            try:
                event = self._queue.get_nowait()
            except asyncio.QueueEmpty:
                return
            if event["event"] == "phone":
                self._phone(event)
            elif event["event"] == "webhook" and event["kind"] in ("voice", "action"):
                self._webhook(event)

    def _phone(self, event: Mapping[str, Any]) -> None:
        kind, text = event["kind"], event["text"]
        if kind == "ring":
            what, text = (
                ("calls", text.removeprefix("calls ")) if text.startswith("calls ") else ("rings", "")
            )
        elif kind == "hangup":
            what, text = "is off the phone", "" if text == "completed" else text
        else:
            what, text = _WORDS.get(kind, kind), "" if kind == "answer" else text
        at = event["at"] - self._began
        self._entries.append(Entry(at, self._name(event["number"]), what, text))

    def _webhook(self, event: Mapping[str, Any]) -> None:
        path = event["url"].partition("?")[0].rstrip("/")
        action = path.rsplit("/", 2)[-2] if path.count("/") > 1 else ""
        error = f"no usable answer: {event['error'] or event['status']}" if event["status"] != 200 else ""
        at = event["at"] - self._began
        self._entries.append(Entry(at, "", "turn", error, sid=event["sid"], action=action))

    def changed(self, change: AlarmChanged) -> None:
        """Note a change of an alarm."""
        episode = change.episode
        by = f" by {change.person}" if change.person else ""
        value = (
            f", value {episode.value}"
            if change.kind in ("active", "updated") and episode.value is not None
            else ""
        )
        self.add("alarm", change.kind + by, f"{episode.path}{value}")

    def logged(self, _: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Take a log line of the gateway, as structlog hands it over; the loud ones are kept."""
        facts = {name: value for name, value in event.items() if name not in ("event", "log_level", "level")}
        level, name = str(event.get("log_level", event.get("level", ""))), str(event.get("event", ""))
        if level in _LOUD and name not in _TOLD_ELSEWHERE:
            self.add("gateway", level, " ".join([name, *(f"{key}={value}" for key, value in facts.items())]))
        return event

    def told(self, turns: Iterable[Turn] = (), *, marked: Iterable[str] = (), since: int = 0) -> str:
        """Return the whole story, one line per entry; entries from `since` on are marked, then `marked`."""
        self.collect()
        left = list(turns)
        lines: list[str] = []
        for index, entry in enumerate(self._entries):
            shown = _shown(entry)
            if entry.what == "turn":
                shown = _told_turn(entry, _taken(left, entry))
            margin = _MARK if marked and index >= since and entry.what in ("hears", "gets SMS") else _MARGIN
            lines += [margin + shown[0], *(_MARGIN + one for one in shown[1:])]
        return "\n".join([*lines, *(_MARK + one for one in marked)])

    def __len__(self) -> int:
        """Return how many entries there are so far."""
        self.collect()
        return len(self._entries)


def _taken(turns: list[Turn], entry: Entry) -> Turn | None:
    """Take the first turn that belongs to a webhook out of those not told yet."""
    for index, turn in enumerate(turns):
        if turn.sid == entry.sid:
            return turns.pop(index) if turn.action == entry.action else None
    return None


def _time(seconds: float) -> str:
    minutes, rest = divmod(max(0.0, seconds), 60)
    return f"{int(minutes):3d}:{rest:04.1f}"


def _shown(entry: Entry) -> list[str]:
    words = f'"{entry.text}"' if entry.what in ("hears", "says", "gets SMS", "sends SMS") else entry.text
    return [f"{_time(entry.at)}  {entry.who:<10} {entry.what:<9} {words}".rstrip()]


def _told_turn(entry: Entry, turn: Turn | None) -> list[str]:
    if turn is None:
        return [f"{_time(entry.at)}  {'turn':<10} {entry.action:<9} {entry.text}".rstrip()]
    by = entry.text or _BY.get(turn.answered, turn.answered)
    lines = [f"{_time(entry.at)}  {'turn':<10} {entry.action:<9} answered by {by}"]
    lines += [f"{'':10}log: {name}:{line}: {text}" for name, line, _, text in turn.log]
    if turn.fault:
        lines.append(f"{'':10}FAILED: {turn.fault}")
        if source := str(turn.failure.get("source") or "").strip():
            lines.append(f"{'':18}{source}")
    lines += [f"{'':10}warning: {one}" for one in turn.failure.get("warnings", ())]
    return lines

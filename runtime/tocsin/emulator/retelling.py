"""A run retold as a test of `tocsin test`: what happened at the phones, in the words of the test kit.

Which alarms were active is not known here; whoever asks for the test names them. What a person pressed is
in it as pressed: rehearse with rehearsal PINs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tocsin.emulator import speech

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tocsin.emulator.emulator import Emulator
    from tocsin.emulator.phone import Phone
    from tocsin.emulator.records import Call

# So many seconds of silence and a listener of a conversation test gives up, unless told to stay silent.
_PATIENCE = 6.0
# Keys that follow each other faster than this are one entry of somebody who types them one by one.
_ONE_ENTRY = 3.0
# What happens at one moment is told in this order: who speaks before who hears it.
_ORDER = {"ring": 0, "answer": 1, "press": 2, "say": 2, "sms-out": 2, "hear": 3, "sms-in": 3, "hangup": 4}
# Entry of a transcript -> the step of a conversation test for it.
_STORY = {
    "hear": "hears({text!r})",
    "press": "presses({text!r})",
    "say": "says({text!r})",
    "sms-in": "gets_sms({text!r})",
    "sms-out": "sends_sms({text!r})",
}
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that was active: its path, and its value where it had one."""

    path: str
    value: float | str | None = None

    def line(self) -> str:
        """Write the line that raises it."""
        value = "" if self.value is None else f", value={self.value!r}"
        return f"plant.raises({self.path!r}{value})"


class _Part:
    """One phone's part in the story."""

    def __init__(self, name: str, phone: Phone, calls: Sequence[Call]) -> None:
        self.name, self.phone = name, phone
        self.entries = _joined(phone.transcript)
        self._calls = [call for call in calls if phone.number in (call.to, call.from_)]
        self._silent_since: float | None = None
        self._call: Call | None = None

    def told(self, at: int) -> Iterator[str]:
        """Give the lines for one entry."""
        entry = self.entries[at]
        following = self.entries[at + 1] if at + 1 < len(self.entries) else None
        kind = entry["kind"]
        if kind == "ring":
            self._silent_since = None
            self._call = self._rung(entry)
            yield from self._rings(entry, following)
        elif self._machine:
            return
        elif kind == "hear":
            yield from self._listens(entry)
            if not _cut(entry, following):
                yield f"{self.name}.hears({entry['text']!r})"
        elif kind == "hangup" and self._answered:
            yield f"{self.name}.hangs_up()" if self._hung_up else f"{self.name}.is_hung_up()"
        elif kind in _STORY:
            self._silent_since = None
            yield f"{self.name}.{_STORY[kind].format(text=entry['text'])}"

    def _rung(self, entry: Entry) -> Call | None:
        """Find the call that a ring belongs to: the one that came last before it."""
        found = [call for call in self._calls if call.created <= entry["at"] + 1e-3]
        return found[-1] if found else None

    @property
    def _machine(self) -> bool:
        return self._call is not None and self._call.answered_by.startswith(("machine", "fax"))

    @property
    def _answered(self) -> bool:
        return self._call is not None and self._call.answered is not None

    @property
    def _hung_up(self) -> bool:
        return self._call is not None and any(kind == "hung-up" for _, kind, _ in self._call.timeline)

    def _rings(self, entry: Entry, following: Entry | None) -> Iterator[str]:
        if entry["text"].startswith("calls "):
            yield f"{self.name}.dials({entry['text'].removeprefix('calls ')!r})"
            return
        if self._machine:
            yield f"{self.name}.has_voicemail()"
        if self._call is None or self._call.direction != "outbound-dial":
            yield f"plant.calls({self.phone.number!r})"
        if self._machine and self._call is not None and self._call.ended is not None:
            yield f"plant.waits(seconds={round(self._call.ended - entry['at'] + 1)})"
        elif following is not None and following["kind"] == "hangup":
            yield f"{self.name}.{'declines' if following['text'] == 'busy' else 'does_not_answer'}()"
        elif following is not None:
            yield f"{self.name}.answers()"

    def _listens(self, entry: Entry) -> Iterator[str]:
        if self._silent_since is not None and entry["at"] - self._silent_since > _PATIENCE:
            yield f"{self.name}.stays_silent()"
        self._silent_since = entry["at"] + speech.seconds(entry["text"])


def _word(address: str) -> str:
    """Write a number or an address as part of a name of Python."""
    return re.sub(r"\W+", "_", address).strip("_")


def _joined(transcript: Sequence[Entry]) -> list[Entry]:
    """Make one entry of keys that were pressed one by one."""
    made: list[Entry] = []
    for entry in transcript:
        last = made[-1] if made else None
        typed_on = last is not None and last["kind"] == entry["kind"] == "press"
        if last is not None and typed_on and entry["at"] - last["last"] < _ONE_ENTRY:
            last["text"] += entry["text"]
            last["last"] = entry["at"]
        else:
            made.append(entry | {"last": entry["at"]})
    return made


def _cut(entry: Entry, following: Entry | None) -> bool:
    """Tell whether a sentence was cut short by what the person did, so that it cannot be waited for."""
    if following is None or following["kind"] not in ("press", "say", "hangup"):
        return False
    return bool(following["at"] < entry["at"] + speech.seconds(entry["text"]) - 1e-3)


def _in_order(parts: Sequence[_Part]) -> Iterator[str]:
    """Tell all parts together; each keeps its own order."""
    at = [0] * len(parts)

    def moment(index: int) -> tuple[float, int]:
        entry = parts[index].entries[at[index]]
        return entry["at"], _ORDER.get(entry["kind"], 3)

    while left := [index for index, part in enumerate(parts) if at[index] < len(part.entries)]:
        index = min(left, key=moment)
        yield from parts[index].told(at[index])
        at[index] += 1


def conversation(
    emulator: Emulator, phones: Sequence[Phone], *, name: str = "", alarms: Sequence[Alarm] = ()
) -> str:
    """Write what happened at some phones as one test for `tocsin test`."""
    phones = [phone for phone in phones if phone.transcript]
    parts = [
        _Part("person" if len(phones) == 1 else f"person_{index}", phone, emulator.calls)
        for index, phone in enumerate(phones, start=1)
    ]
    title = name or f"conversation_with_{'_and_'.join(_word(phone.number) for phone in phones)}"
    moments = [part.entries[0]["at"] for part in parts] + [call.created for call in emulator.calls]
    began = datetime.fromtimestamp(min(moments, default=emulator.clock.now()), UTC)
    missing = "" if alarms else "; raise the alarms of that time first: plant.raises(...)"
    lines = [
        f'"""Recorded by the emulator on {began.date()}{missing}."""',
        "",
        "",
        f"def test_{title}(plant, phone):",
        '    """Goes again as it went when it was recorded."""',
        f"    plant.at({began.isoformat(timespec='milliseconds')!r})",
        *(f"    {alarm.line()}" for alarm in alarms),
        *(f"    {part.name} = phone({part.phone.number!r})" for part in parts),
        *(f"    {line}" for line in _in_order(parts)),
        "",
    ]
    return "\n".join(lines)

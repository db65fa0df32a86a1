"""Which values the attributes of TwiML take, and what Twilio calls a wrong one.

Codes and severities are those of Twilio's error dictionary (https://www.twilio.com/docs/api/errors), ranges
those of the pages on the verbs; the sentences are ours. What has no code of its own falls under 12200, the
schema warning. Where a value may lead is not decided here, see `egress`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.telephony.table.values import ENUMS, TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA_WARNING = 12200


@dataclass(frozen=True, slots=True)
class Rule:
    """One attribute's rule: Twilio's code, whether Twilio refuses the document, the test, what it wants."""

    code: int
    accepts: Callable[[str], bool]
    wants: str
    fatal: bool = False


def _whole(low: int, high: int, *also: str) -> tuple[Callable[[str], bool], str]:
    def accepts(value: str) -> bool:
        if value in also:
            return True
        return value.isascii() and value.isdigit() and len(value) < 10 and low <= int(value) <= high

    words = "".join(f' or "{word}"' for word in also)
    return accepts, f"a whole number from {low} to {high}{words}"


def _one_of(values: tuple[str, ...]) -> tuple[Callable[[str], bool], str]:
    folded = frozenset(value.lower() for value in values)
    few = (
        ", ".join(values)
        if len(values) <= 10
        else f"one of Twilio's {len(values)} values such as {values[0]}"
    )
    return lambda value: value.lower() in folded, few


def _some_of(values: tuple[str, ...]) -> tuple[Callable[[str], bool], str]:
    folded = frozenset(value.lower() for value in values)
    return (
        lambda value: bool(value.strip()) and folded.issuperset(value.lower().split()),
        f"one or more of {', '.join(values)}, with blanks between",
    )


def _shaped(pattern: str, wants: str) -> tuple[Callable[[str], bool], str]:
    form = re.compile(pattern, re.ASCII)
    return lambda value: form.fullmatch(value) is not None, wants


_BOOLEAN = _one_of(("true", "false"))
_METHOD = _one_of(("GET", "POST"))
_KEY = _shaped("[0-9*#]?", "one of the keys 0-9, * and #, or nothing")
_LOOP = _whole(0, 1000)
_VOICE = (
    _one_of((*ENUMS["SayVoice"], "man", "woman", "alice"))[0],
    "a voice that Twilio's libraries list, such as Polly.Joanna-Neural (a newer one may work all the same)",
)
_LANGUAGE = _shaped("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", "a language tag such as en-US")

_CODES: dict[str, dict[str, tuple[int, tuple[Callable[[str], bool], str]]]] = {
    "Gather": {
        "finishOnKey": (13310, _KEY),
        "method": (13312, _METHOD),
        "timeout": (13313, _whole(1, 600, "auto")),
        "numDigits": (13314, _whole(1, 1000)),
        "input": (13326, _some_of(("dtmf", "speech"))),
        "speechTimeout": (13327, _whole(1, 600, "auto")),
        "maxSpeechTime": (13328, _whole(1, 600)),
        "partialResultCallbackMethod": (13329, _METHOD),
        "language": (13331, _LANGUAGE),
        "bargeIn": (13332, _BOOLEAN),
        "profanityFilter": (13333, _BOOLEAN),
    },
    "Play": {
        "loop": (13410, _LOOP),
        "digits": (13430, _shaped("[0-9A-Da-dwW*#,]+", "keys, and w for a pause")),
    },
    "Say": {"loop": (13510, _LOOP), "voice": (13511, _VOICE), "language": (13512, _LANGUAGE)},
    "Record": {
        "method": (13610, _METHOD),
        "timeout": (13611, _whole(0, 600)),
        "maxLength": (13612, _whole(1, 14400)),
        "finishOnKey": (13613, _shaped("[0-9*#]{0,12}", "keys from 0-9, * and #")),
        "transcribe": (13614, _BOOLEAN),
        "playBeep": (13616, _BOOLEAN),
        "trim": (13699, _one_of(ENUMS["RecordTrim"])),
    },
    "Redirect": {"method": (13710, _METHOD)},
    "Reject": {"reason": (13810, _one_of(ENUMS["RejectReason"]))},
    "Pause": {"length": (13910, _whole(1, 600))},
    "Dial": {
        "method": (13210, _METHOD),
        "timeout": (13212, _whole(5, 600)),
        "hangupOnStar": (13213, _BOOLEAN),
        "timeLimit": (13216, _whole(1, 86400)),
        "record": (13217, _one_of((*ENUMS["DialRecord"], "true", "false"))),
        "sequential": (13218, _BOOLEAN),
        "answerOnBridge": (13219, _BOOLEAN),
        "ringTone": (13220, _one_of(ENUMS["DialRingTone"])),
        "trim": (13699, _one_of(ENUMS["DialTrim"])),
        "recordingTrack": (13622, _one_of(ENUMS["DialRecordingTrack"])),
    },
    "Number": {
        "method": (13221, _METHOD),
        "sendDigits": (13222, _shaped("[0-9wW*#,]{1,32}", "keys, and w for half a second, 32 at most")),
    },
    "Conference": {
        "muted": (13230, _BOOLEAN),
        "startConferenceOnEnter": (13232, _BOOLEAN),
        "waitMethod": (13234, _METHOD),
        "beep": (13235, _one_of(ENUMS["ConferenceBeep"])),
    },
    "Sip": {"method": (13241, _METHOD)},
    "Sms": {"method": (14104, _METHOD)},
    "Message": {"method": (14104, _METHOD)},
}

_FATAL: dict[str, dict[str, tuple[int, tuple[Callable[[str], bool], str]]]] = {
    "Gather": {"actionOnEmptyResult": (13338, _BOOLEAN)},
    "Conference": {
        "endConferenceOnExit": (13231, _BOOLEAN),
        "trim": (13239, _one_of(ENUMS["ConferenceTrim"])),
    },
    "Enqueue": {"method": (14201, _METHOD), "waitUrlMethod": (14206, _METHOD)},
    "Queue": {"method": (14210, _METHOD)},
    "Record": {"recordingStatusCallbackEvent": (13621, _some_of(ENUMS["RecordRecordingEvent"]))},
    "Dial": {"recordingStatusCallbackEvent": (13621, _some_of(ENUMS["DialRecordingEvent"]))},
}


def _from_types(kind: str) -> Rule | None:
    if kind == "boolean":
        return Rule(SCHEMA_WARNING, *_BOOLEAN)
    if kind == "number":
        return Rule(SCHEMA_WARNING, *_shaped("[+-]?[0-9]+([.][0-9]+)?", "a number"))
    values = ENUMS.get(kind.removesuffix("[]"))
    if values is None:
        return None
    return Rule(SCHEMA_WARNING, *(_some_of(values) if kind.endswith("[]") else _one_of(values)))


def rules_for(tag: str) -> dict[str, Rule]:
    """Give the rules of one element's attributes; those not named take any text."""
    found: dict[str, Rule] = {}
    for attribute, kind in TYPES.get(tag, {}).items():
        if (rule := _from_types(kind)) is not None:
            found[attribute] = rule
    for table, fatal in ((_CODES, False), (_FATAL, True)):
        for attribute, (code, (accepts, wants)) in table.get(tag, {}).items():
            found[attribute] = Rule(code, accepts, wants, fatal)
    return found

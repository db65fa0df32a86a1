"""What a Twilio Script may touch: the objects and names it finds among its globals.

This module is loaded inside the locked worker, so it holds plain data and asks the gateway for
anything with an effect. It must import nothing that opens a file, a socket or the product.
"""

from __future__ import annotations

import builtins
import json
import keyword
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from tocsin.calls import system_functions
from tocsin.calls.phrases import ENGLISH_MANNER, Speech
from tocsin.calls.system_functions import System
from tocsin.calls.system_results import frozen, moment, public
from tocsin.calls.webhook import EVENTS, OWN_QUERY
from tocsin.sandbox.library import dates
from tocsin.telephony import builders
from tocsin.telephony.parameters import VOICE, VOICE_GLOBALS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Ask = Callable[[str, list[Any]], Any]
    Log = Callable[[str, str], None]

SESSION_BYTES = 8 * 1024
"""What a call may keep from turn to turn, as JSON."""

SHORTEST_PIN = 4
"""Digits of the shortest PIN there can be."""

MOST_ALARMS = 1000
"""Alarms that one acknowledgement may name."""

PIN_CHARS = 64
"""The longest text that is taken for a PIN: words before the digits, as speech recognition gives them."""

RESPONSE_BYTES = 64 * 1024
"""Twilio refuses longer documents (error 11750)."""


class Result:
    """How a host call ended: `ok`, `reason`, for a lost race `by` and `at`, and what it was done to.

    `moreNeeded`: so many more people have to acknowledge.
    """

    __slots__ = ("alarms", "at", "by", "changed", "moreNeeded", "ok", "reason")

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.ok: bool = answer["reason"] == "ok"
        self.reason: str = answer["reason"]
        self.by: str = answer.get("by", "")
        self.at = moment(answer.get("at"))
        done_to = answer.get("alarms") or answer.get("shelved") or answer.get("raised") or ()
        self.alarms: tuple[str, ...] = tuple(done_to)
        self.changed: tuple[str, ...] = tuple(answer.get("changed") or ())
        self.moreNeeded: int = answer.get("more_needed", 0)

    def __bool__(self) -> bool:
        """Count as true only where it is ok, for whoever writes `if call.identify(Digits):`."""
        return self.ok

    def __repr__(self) -> str:
        return f"<{self.reason}>"


class SpokenAlarm:
    """An alarm in words of the call's language, its name and value as they are pronounced."""

    __slots__ = ("name", "priority", "since", "state", "value")

    def __init__(self, facts: Mapping[str, str]) -> None:
        self.name: str = facts["name"]
        self.value: str = facts["value"]
        self.priority: str = facts["priority"]
        self.since: str = facts["since"]
        self.state: str = facts["state"]

    def __repr__(self) -> str:
        return f"<{self.name}>"


class SpokenCall:
    """The language that phrases of this call come in, and the voice that speaks it."""

    __slots__ = ("language", "voice")

    def __init__(self, manner: Mapping[str, Any]) -> None:
        self.language: str = manner["language"]
        self.voice: str = manner["voice"]

    def __repr__(self) -> str:
        return f"<{self.language}>"


class Alarm:
    """One open alarm of this call, as it stood when the turn began."""

    __slots__ = (
        "ackMode",
        "ackedAt",
        "ackedBy",
        "activeAt",
        "area",
        "changed",
        "clearedAt",
        "data",
        "displayPath",
        "heard",
        "id",
        "label",
        "name",
        "noteRequired",
        "notes",
        "path",
        "priority",
        "spoken",
        "state",
        "value",
    )

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.id: str = facts["id"]
        self.path: str = facts["path"]
        self.area: str = facts.get("area", "")
        self.name: str = facts["name"]
        self.displayPath: str = facts["displayPath"]
        self.priority: str = facts["priority"]
        self.state: str = facts["state"]
        self.value = facts["value"]
        self.activeAt = moment(facts["activeAt"])
        self.clearedAt = moment(facts.get("clearedAt"))
        self.ackedAt = moment(facts.get("ackedAt"))
        self.ackedBy: str = facts.get("ackedBy", "")
        self.ackMode: str = facts.get("ackMode", "Manual")
        self.noteRequired: bool = facts.get("noteRequired", False)
        self.heard: bool = facts.get("heard", False)
        self.changed: bool = facts.get("changed", False)
        self.label: str = facts["label"]
        self.notes: str = facts["notes"]
        self.data: Mapping[str, Any] = frozen(facts["data"])
        self.spoken = SpokenAlarm(facts.get("spoken") or _as_written(facts))

    def __repr__(self) -> str:
        return f"<alarm {self.path}>"


class Standing:
    """How an alarm stands now, whether or not it is still among those of this call."""

    __slots__ = ("at", "by", "id", "label", "state", "until")

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.id: str = facts["id"]
        self.label: str = facts["label"]
        self.state: str = facts["state"]
        self.by: str = facts["by"]
        self.at = moment(facts["at"])
        self.until = moment(facts["until"])

    def __repr__(self) -> str:
        return f"<{self.state}>"


class Lead:
    """The lead on call: somebody to talk to."""

    __slots__ = ("name", "number")

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.name: str = facts["name"]
        self.number: str = facts["number"]

    def __repr__(self) -> str:
        return f"<lead {self.name}>"


class Person:
    """The user called or identified."""

    __slots__ = ("areas", "id", "language", "name", "roles", "username")

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.username: str = facts["username"]
        self.id: int = facts["id"]
        self.name: str = facts["name"]
        self.language: str = facts["language"]
        self.roles: tuple[str, ...] = tuple(facts["roles"])
        self.areas: tuple[str, ...] = tuple(facts["areas"])

    def __repr__(self) -> str:
        return f"<user {self.username}>"


class Call:
    """This call: facts to read, and the things a script may do to it."""

    __slots__ = (
        "_ask",
        "_base",
        "_heard",
        "_pins",
        "_turn",
        "answeredBy",
        "attempt",
        "digits",
        "direction",
        "floods",
        "id",
        "known",
        "language",
        "pin",
        "project",
        "raises",
        "sid",
        "site",
        "spoken",
        "texts",
        "voice",
    )

    def __init__(
        self,
        facts: Mapping[str, Any],
        pins: list[str],
        heard: list[str],
        ask: Ask,
        manner: Mapping[str, Any] = ENGLISH_MANNER,
    ) -> None:
        self._ask = ask
        self._pins = pins
        self._heard = heard
        self._base: str = facts["base"]
        self._turn: int = facts["turn"]
        self.id: str = facts["id"]
        self.sid: str = facts["sid"]
        self.direction: str = facts["direction"]
        self.project: str = facts["project"]
        self.attempt: int = facts["attempt"]
        self.language: str = facts["language"]
        self.voice: str = facts["voice"]
        self.answeredBy: str = facts["answeredBy"]
        self.pin: str = facts["pin"]
        self.digits: str = facts["digits"]
        self.site: str = facts["site"]
        self.spoken = SpokenCall(manner)
        self.floods: tuple[str, ...] = tuple(facts.get("floods", ()))
        self.known: bool = facts.get("known", True)
        self.texts: bool = facts.get("texts", False)
        self.raises: str = facts.get("raises", "")

    def url(self, action: str, **query: object) -> str:
        """Return the URL at which this call's next turn reaches `action`.

        ValueError for a PIN in it, and for what would not reach the script: a name that the gateway reads as
        its own or Twilio sends beside it, an action that tells the gateway something.
        """
        if not action:
            raise ValueError('call.url needs the name of an action, such as call.url("menu")')
        if not OWN_QUERY.isdisjoint(query):
            raise ValueError(f"{', '.join(sorted(OWN_QUERY))} are tocsin's own in a URL; use other names")
        if action in EVENTS:
            raise ValueError(f"the action {action} reaches no script; choose another, such as my_{action}")
        for name in query:
            if name in VOICE or name == "msg":
                raise ValueError(f"Twilio sends {name} itself; choose another name, such as my_{name}")
        values = {name: _plain(name, value) for name, value in query.items()}
        if any(pin in value for pin in self._pins for value in (*values.values(), action)):
            raise ValueError("a PIN may not stand in a URL; keep what you need in session")
        values["turn"] = str(self._turn + 1)
        path = f"/main/system/twilio-voice/{quote(action, safe='')}/{self.id}"
        return f"{self._base}{path}?{urlencode(values)}{_TAIL}"

    def identify(self, pin: str, user: str | int | None = None) -> Result:
        """Check who is on the line by PIN; from a phone that nobody has given, by user id and PIN."""
        entered = self._entered(pin)
        return Result(self._ask("call.identify", [entered] if user is None else [entered, str(user)]))

    def acknowledge(self, pin: str | None = None, alarms: object = None, note: str = "") -> Result:
        """Acknowledge `alarms`, or those heard in this call, or all where the scripts never used `heard`."""
        if pin is not None:
            pin = self._entered(pin)
        return Result(self._ask("call.acknowledge", [pin, _ids(alarms), str(note), bool(self._heard)]))

    def _entered(self, pin: object) -> str:
        entered = _pin(pin)
        if sum(map(str.isdigit, entered)) >= SHORTEST_PIN:  # a word is no PIN, and may stand in any URL
            self._pins.append(entered)
        return entered

    def shelve(self, minutes: float, alarms: object = None) -> Result:
        """Shelve `alarms`, or those heard in this call, for some minutes."""
        asked = [minutes, bool(self._heard)]
        return Result(self._ask("call.shelve", asked if alarms is None else [*asked, _ids(alarms)]))

    def raiseAlarm(self) -> Result:
        """Raise the alarm that this voice profile lets callers raise; `raises` is what it is called."""
        return Result(self._ask("call.raiseAlarm", []))

    def giveUp(self) -> Result:
        """Take it that nobody listens: without a right PIN or an acknowledgement nobody was told."""
        return Result(self._ask("call.giveUp", []))

    def standing(self, alarms: object) -> tuple[Standing, ...]:
        """Tell how alarms stand now, for those that have gone from `alarms` since they were told."""
        return tuple([Standing(facts) for facts in self._ask("call.standing", [_ids(alarms)])])

    def lead(self) -> Lead | None:
        """Return the lead on call, None where nobody is whom this call may be connected to."""
        facts = self._ask("call.lead", [])
        return None if facts is None else Lead(facts)

    def passOn(self) -> Result:
        """Pass this call's open alarms to the next person at once."""
        return Result(self._ask("call.passOn", []))

    def __repr__(self) -> str:
        return f"<call {self.id}>"


ATTRIBUTES: dict[type, frozenset[str]] = {
    **{cls: public(cls) for cls in (Result, Alarm, SpokenAlarm, Standing, Lead, Person, Call, SpokenCall)},
    **system_functions.ATTRIBUTES,
    MappingProxyType: frozenset({"get", "items", "keys", "values"}),
    **builders.ATTRIBUTES,
}
"""Readable attributes by exact type; the sandbox adds them to its own table."""

WRITABLE: frozenset[type] = frozenset()
"""No object of ours takes item assignment beyond what plain dicts and lists allow anyway."""

RESERVED = frozenset(
    {
        "alarms",
        "call",
        "callAction",
        "heard",
        "params",
        "phrase",
        "print",
        "response",
        "session",
        "system",
        "user",
    }
    | set(builders.NAMES)
    | set(dir(builtins))
)
"""Names a call parameter may not take among the globals; it is found in `params` all the same."""

_TAIL = "#rc=2&rp=all"
"""Asks Twilio to try twice whatever goes wrong (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides)."""

_OWN_URL = re.compile(r"/main/system/twilio-voice/[^\s\"'<>]*" + re.escape(_TAIL))
# A call.url pasted into TwiML that is written as text need not be escaped by its author.

_BLANK: dict[str, Any] = {**dict.fromkeys(VOICE_GLOBALS, ""), **builders.NAMES}
_fit: dict[str, bool] = {}


class Turn:
    """One webhook's run through the chain of scripts."""

    __slots__ = (
        "_author", "_base", "_beside", "_heard", "_kept", "_name", "_response", "_session", "_speech",
    )  # fmt: skip

    def __init__(self, given: Mapping[str, Any], ask: Ask, log: Log) -> None:
        params: dict[str, str] = given["params"]
        self._response: object = ""
        self._heard: list[str] = []
        self._session: dict[str, Any] = given["session"]
        self._kept = "{}"
        self._beside = given.get("beside", False)
        self._name = self._author = ""
        base = _BLANK.copy()
        for name, value in params.items():
            if _fit[name] if name in _fit else _fits(name):
                base[name] = value
        base["callAction"] = given["action"]
        base["params"] = MappingProxyType(params)
        manner = given.get("speech") or ENGLISH_MANNER
        self._speech = Speech(manner)
        base["call"] = Call(given["call"], given["pins"], self._heard, ask, manner)
        base["alarms"] = tuple([Alarm(facts) for facts in given["alarms"]])
        base["user"] = Person(given["user"]) if given["user"] else None
        base["session"] = self._session
        base["system"] = System(ask, log)
        base["heard"] = self.heard
        base["phrase"] = self._phrase
        self._base = base

    def heard(self, alarm: Alarm) -> None:
        """Note that this turn reads an alarm out; it counts once the phone has come back."""
        if type(alarm) is not Alarm:
            raise TypeError("heard takes one of this call's alarms, for example heard(alarms[0])")
        if alarm.id not in self._heard:
            self._heard.append(alarm.id)

    def _phrase(self, key: str, /, **values: object) -> str:
        if type(key) is not str:
            raise TypeError('phrase takes the key of a phrase, for example phrase("goodbye")')
        return self._speech.phrase(key, values)

    def globals(self, name: str) -> dict[str, Any]:
        """Return fresh globals for the script `name`, the next of the chain."""
        self._name = name
        base = self._base.copy()
        base["response"] = self._response
        return base

    def after(self, names: Mapping[str, Any]) -> None:
        """Pick up what a script left in `response`; TypeError where it is no TwiML text."""
        left = names.get("response", "")
        if type(left) is not str:
            if type(left) not in builders.ATTRIBUTES:
                from tocsin.sandbox.problems import kind  # every worker holds it; the server need not

                raise TypeError(
                    f"response must be TwiML text or a VoiceResponse, not {kind(left)}; "
                    "assign a text such as '<Response><Say>...</Say></Response>'"
                )
            left = str(left)
        elif _TAIL in left:
            left = _OWN_URL.sub(lambda url: url[0].replace("&", "&amp;"), left)
        if len(left) > RESPONSE_BYTES:
            raise TypeError(f"response has {len(left)} characters; Twilio takes at most {RESPONSE_BYTES}")
        if left != self._response:
            self._response, self._author = left, self._name
        session = names.get("session")
        if session is not self._session:
            if type(session) is not dict:
                raise TypeError(
                    "session is a dict of JSON values; set what you keep as session['name'] = value"
                )
            self._session = self._base["session"] = session
        self._kept = _kept(self._session) if self._session else "{}"

    def blank(self) -> bool:
        """Tell whether the default is to answer: the chain has left `response` empty, and somebody waits."""
        return not self._beside and not str(self._response).strip()

    def finish(self) -> dict[str, Any]:
        """Return what the gateway acts on.

        The response text and the name of the script that left it, the session as JSON text, and the ids of
        the alarms heard.
        """
        self._base.clear()  # it holds methods of this turn: a cycle that would wait for a collection
        return {
            "response": self._response,
            "author": self._author,
            "session": self._kept,
            "heard": self._heard,
        }


def _as_written(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return an alarm's words as they stand in it, for a turn that was recorded without spoken ones."""
    value = facts["value"]
    return {
        "name": facts["label"],
        "value": "" if value is None else str(value),
        "priority": facts["priority"],
        "since": "",
        "state": facts["state"],
    }


def _unfit(value: object) -> None:
    from tocsin.sandbox.problems import kind  # every worker holds it; the server need not

    raise TypeError(f"{kind(value)} cannot be kept")


_to_json = json.JSONEncoder(allow_nan=False, default=_unfit).encode


def _check_storable(value: object) -> None:
    """Raise ValueError for what JSON can write but not everybody can read: half characters, huge numbers."""
    if type(value) is str:
        value.encode()
    elif type(value) is int:
        if not -(2**63) <= value < 2**63:
            raise ValueError("a number is larger than 64 bits")
    elif type(value) in (list, tuple):
        for one in value:  # type: ignore[attr-defined]  # checked above
            _check_storable(one)
    elif type(value) is dict:
        for name, one in value.items():
            _check_storable(name)
            _check_storable(one)


def _kept(session: dict[str, Any]) -> str:
    """Return the session as JSON text; TypeError where it cannot be kept."""
    try:
        _check_storable(session)
        kept = _to_json(session)
    except (TypeError, ValueError, RecursionError) as error:
        raise TypeError(f"session may hold only JSON values (text, numbers, lists, dicts): {error}") from None
    if len(kept) > SESSION_BYTES:
        raise TypeError(f"session is {len(kept)} bytes as JSON; at most {SESSION_BYTES} are kept")
    return kept


def open_turn(given: dict[str, Any], ask: Ask, log: Log) -> Turn:
    """Begin a turn from the plain data of `calls.given`; `ask` blocks until the gateway answers."""
    dates.set_present(given.get("now"))
    return Turn(given, ask, log)


def _fits(name: str) -> bool:
    fit = name.isidentifier() and name[0] != "_" and not keyword.iskeyword(name) and name not in RESERVED
    if len(_fit) < 1000:  # parameters are named by the sender; do not let the cache grow without end
        _fit[name] = fit
    return fit


def _plain(name: str, value: object) -> str:
    """Return a query value as text; anything but text, a number or True and False has no place in a URL."""
    if type(value) not in (str, int, float, bool):
        raise TypeError(f"{name} in call.url is a text or a number; keep anything else in session")
    return str(value)


def _pin(entered: object) -> str:
    """Return what was typed or said as a PIN, at most PIN_CHARS long."""
    if type(entered) is not str and type(entered) is not int:
        raise TypeError("a PIN is a text of digits, for example Digits")
    pin = str(entered)
    if len(pin) > PIN_CHARS:
        raise ValueError(f"a PIN has 4 to 8 digits; this text has {len(pin)} characters")
    return pin


def _ids(alarms: object) -> list[str] | None:
    if alarms is None:
        return None
    if type(alarms) in (Alarm, str):
        alarms = [alarms]
    if type(alarms) not in (list, tuple):
        raise TypeError("alarms takes a list of this call's alarms")
    ids = [alarm.id if type(alarm) is Alarm else alarm for alarm in alarms]  # type: ignore[attr-defined]  # checked above
    if len(ids) > MOST_ALARMS or not all(type(one) is str and len(one) <= 100 for one in ids):
        raise TypeError("alarms takes a list of this call's alarms")
    return ids

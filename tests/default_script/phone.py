"""A person with a phone, and a plant behind it: runs a project's scripts turn by turn without a network.

The scripts are compiled by the sandbox's policy and get the vocabulary they get in a worker. What the
gateway would do for them (PINs,
acknowledging) is done by `Plant`, a few lines of memory that answer with the same reasons.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from tocsin.calls import vocabulary
from tocsin.calls.phrasebook import Phrasebook
from tocsin.calls.phrases import in_digits
from tocsin.sandbox.execution import Execution, Runnable
from tocsin.sandbox.language import Language
from tocsin.sandbox.script import Script

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType

LANGUAGE = Language(vocabulary)
PHRASES = Phrasebook()
ROOT = Path(__file__).parents[2]
DEFAULT = ROOT / "user_scripts" / "acknowledge.py"

PEOPLE = {"maria": "Maria Lind", "jon": "Jon Berg"}
AT_0310 = [1_767_233_400_000, 3600]  # 2026-01-01 03:10 at the plant


def alarm(
    name: str, *, priority: str = "High", value: object = 93.0, state: str = "Active", **more: Any
) -> dict[str, Any]:
    """Facts of one alarm, as the gateway hands them to a turn."""
    return {
        "id": f"id-of-{name.replace(' ', '-').lower()}",
        "path": f"Plant/{name}",
        "name": name,
        "displayPath": f"Plant/{name}",
        "priority": priority,
        "state": f"{state}, Unacknowledged",
        "value": value,
        "activeAt": AT_0310,
        "label": name,
        "notes": "",
        "data": {},
        "spoken": {
            "name": name,
            "value": in_digits(value, ".") if isinstance(value, float) else str(value or ""),
            "priority": priority.lower(),
            "since": "4 minutes ago",
            "state": state.lower(),
        },
        **more,
    }


def minutes_later(minutes: float) -> list[int]:
    """Ten past three, and so many minutes."""
    return [AT_0310[0] + int(minutes * 60_000), AT_0310[1]]


@dataclass
class Plant:
    """The gateway's side of a call: who may do what, and what has been done."""

    alarms: list[dict[str, Any]]
    pins: dict[str, str] = field(default_factory=lambda: {"4711": "maria", "5822": "jon"})
    pin_policy: str = "to-acknowledge"
    called: str | None = "maria"
    broken: bool = False
    locked: bool = False
    forbidden: bool = False
    identified: str | None = None
    acknowledged: dict[str, str] = field(default_factory=dict)
    shelved: list[tuple[str, float]] = field(default_factory=list)
    passed: int = 0
    heard: list[str] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    stands: dict[str, dict[str, Any]] = field(default_factory=dict)
    lead: dict[str, Any] | None = None
    given_up: bool = False
    users: dict[str, str] = field(default_factory=lambda: {"1": "maria", "2": "jon"})

    def audible(self) -> list[dict[str, Any]]:
        """What this caller may hear now."""
        hidden = (self.pin_policy == "to-hear" or self.called is None) and self.identified is None
        return [] if hidden else [{**facts, "heard": facts["id"] in self.heard} for facts in self.alarms]

    def goes(self, facts: dict[str, Any], state: str, by: str = "") -> None:
        """Take an alarm out of the call: it was acknowledged and cleared, shelved, or needs nobody any more."""
        self.alarms.remove(facts)
        gone = {"id": facts["id"], "label": facts["label"], "state": state, "by": by, "at": AT_0310}
        self.stands[facts["id"]] = {**gone, "until": None}

    def someone_else_acknowledges(self, facts: dict[str, Any], by: str = "jon") -> None:
        """As if another call had been quicker; the alarm stays active."""
        self.acknowledged[facts["id"]] = by
        facts["state"] = facts["state"].replace("Unacknowledged", "Acknowledged")
        facts["ackedBy"] = PEOPLE[by]
        gone = {"id": facts["id"], "label": facts["label"], "state": "acknowledged", "by": PEOPLE[by]}
        self.stands[facts["id"]] = {**gone, "at": AT_0310, "until": None}

    def ask(self, name: str, args: list[Any]) -> Any:
        """Answer one host call."""
        return getattr(self, name.replace(".", "_"))(*args)

    def call_giveUp(self) -> dict[str, Any]:
        self.given_up = True
        return {"reason": "ok"}

    def call_standing(self, ids: list[str]) -> list[dict[str, Any]]:
        return [self.stands[one] for one in ids if one in self.stands]

    def call_lead(self) -> dict[str, Any] | None:
        return self.lead

    def call_identify(self, pin: str, user: str | None = None) -> dict[str, Any]:
        if self.locked:
            return {"reason": "locked"}
        if pin not in self.pins or (user is not None and self.users.get(user) != self.pins[pin]):
            return {"reason": "wrong_pin"}
        self.identified = self.pins[pin]
        return {"reason": "ok"}

    def call_acknowledge(
        self, pin: str | None, ids: list[str] | None, note: str, _hears: bool
    ) -> dict[str, Any]:
        if pin is not None and (found := self.call_identify(pin))["reason"] != "ok":
            return found
        if pin is None and self.pin_policy != "none" and self.identified is None:
            return {"reason": "pin_required"}
        if self.forbidden:
            return {"reason": "not_allowed"}
        if self.broken:
            return {"reason": "not_recorded"}
        wanted = self.heard if ids is None else ids
        new = [
            one for one in wanted if one not in self.acknowledged and any(one == a["id"] for a in self.alarms)
        ]
        if new:
            for one in new:
                self.acknowledged[one] = self.identified or self.called or "phone"
            for facts in self.alarms:
                if facts["id"] in new:
                    facts["state"] = facts["state"].replace("Unacknowledged", "Acknowledged")
            self.notes.append(note)
            return {"reason": "ok", "alarms": new}
        late = [self.acknowledged[one] for one in wanted if one in self.acknowledged]
        if late:
            return {"reason": "already_acknowledged", "by": PEOPLE[late[0]], "at": AT_0310}
        return {"reason": "nothing_open"}

    def call_shelve(self, minutes: float, _hears: bool, ids: list[str] | None = None) -> dict[str, Any]:
        if self.pin_policy != "none" and self.identified is None:
            return {"reason": "pin_required"}
        if self.forbidden:
            return {"reason": "not_allowed"}
        wanted = self.heard if ids is None else ids
        self.shelved += [(one, minutes) for one in wanted]
        self.alarms = [facts for facts in self.alarms if facts["id"] not in wanted]
        return {"reason": "ok", "shelved": list(wanted)}

    def call_passOn(self) -> dict[str, Any]:
        self.passed += 1
        return {"reason": "ok"}

    def twilio_sendMessage(self, number: str, text: str) -> dict[str, Any]:
        if self.broken:
            return {"reason": "unknown", "sent": False}
        self.texts.append((number, text))
        return {"reason": "ok", "sent": True}


class Phone:
    """One call: `answers`, then `presses` and `stays_silent`; `hears` tells whether the last turn said something."""

    def __init__(
        self,
        plant: Plant,
        scripts: Sequence[Path] = (),
        *,
        modules: Sequence[Path] = (),
        **facts: Any,
    ) -> None:
        self.plant = plant
        self.transcript: list[str] = []
        self.log: list[str] = []
        self.over = False
        self._program = runnable(scripts, modules)
        self._session: dict[str, Any] = {}
        self._heard_next: list[str] = []
        self._turn = 0
        self._verbs: list[ET.Element] = []
        self._facts = {
            "base": "https://alarms.example.com", "id": "c1", "sid": "CA1", "direction": "outbound", "project": ".",
            "attempt": 1, "language": "en-US", "voice": "Polly.Joanna-Neural", "answeredBy": "", "digits": "ignition",
            "site": "Riverside pumping station", **facts,
        }  # fmt: skip

    def answers(self, action: str = "answer") -> Phone:
        """Begin the call with this action."""
        self._fetch(action, {})
        return self

    def presses(self, digits: str) -> Phone:
        """Type keys while the current question is being asked; a trailing # is the finish key."""
        gather = next(verb for verb in self._verbs if verb.tag == "Gather")
        if gather.get("finishOnKey") == "#":
            assert digits.endswith("#"), "the question waits for hash"
            digits = digits.removesuffix("#")
        else:
            assert gather.get("numDigits") == str(len(digits))
        self._follow(gather.get("action", ""), {"Digits": digits, "msg": "Gather End"})
        return self

    def stays_silent(self, turns: int = 1) -> Phone:
        """Let the current question time out, so that Twilio goes on to the verb after it."""
        for _ in range(turns):
            if "Redirect" in self.verbs():
                self._follow(self.verb("Redirect").text or "", {})
            else:
                self.over = True  # at the end of a document Twilio hangs up
        return self

    def hears(self, *sentences: str) -> bool:
        """Tell whether the last turn said all of these."""
        return all(sentence.lower() in self.transcript[-1].lower() for sentence in sentences)

    def heard_so_far(self, sentence: str) -> bool:
        """Tell whether any turn said this."""
        return any(sentence.lower() in text.lower() for text in self.transcript)

    def verbs(self) -> list[str]:
        """Return the names of the last document's verbs."""
        return [verb.tag for verb in self._verbs]

    def verb(self, tag: str) -> ET.Element:
        """Return the first verb of that name in the last document."""
        return next(verb for verb in self._verbs if verb.tag == tag)

    def goes_to(self, url: str, **params: str) -> Phone:
        """Follow a URL as Twilio would, for instance the action of a Record."""
        self._follow(url, params)
        return self

    def _follow(self, url: str, params: dict[str, str]) -> None:
        assert not self.over, "the call is over"
        parts = urlsplit(url)
        assert parts.fragment == "rc=2&rp=all"
        _, action, _ = parts.path.rsplit("/", 2)
        self._fetch(action, {**dict(parse_qsl(parts.query)), **params})

    def _fetch(self, action: str, params: dict[str, str]) -> None:
        self._turn += 1
        plant = self.plant
        plant.heard += [one for one in self._heard_next if one not in plant.heard]
        given = {
            "action": action,
            "params": {"CallSid": "CA1", "From": "+15005550006", "To": "+46701234567", **params},
            "call": {
                **self._facts,
                "turn": self._turn,
                "pin": "none" if plant.identified else plant.pin_policy,
            },
            "alarms": plant.audible(),
            "user": self._person(),
            "session": self._session,
            "pins": [],
            "speech": PHRASES.manner(
                self._facts["language"], {self._facts["language"]: self._facts["voice"]}
            ),
        }
        document = self._run(given)
        root = ET.fromstring(document)
        assert root.tag == "Response"
        self._verbs = list(root)
        self.transcript.append(
            " ".join(text.strip() for text in root.itertext() if not text.startswith("http"))
        )
        if not {"Gather", "Record", "Dial"} & set(self.verbs()):
            # Nothing is asked, so the call goes on by itself, or ends.
            self.over = "Hangup" in self.verbs()
            if "Redirect" in self.verbs():
                self.stays_silent()

    def _person(self) -> dict[str, Any] | None:
        username = self.plant.identified or self.plant.called
        if username is None:
            return None
        return {
            "username": username,
            "id": 1,
            "name": PEOPLE[username],
            "language": "en-US",
            "roles": [],
            "areas": ["*"],
        }

    def _run(self, given: dict[str, Any]) -> str:
        execution = Execution(self._program, LANGUAGE, vocabulary)
        left = execution.run(
            given, self._once_a_turn(), lambda _, text: self.log.append(text), fallback_only=False
        )
        self._session = json.loads(left["session"])
        self._heard_next = left["heard"]
        return str(left["response"])

    def _once_a_turn(self) -> Callable[[str, list[Any]], Any]:
        """The same request twice in one turn is one request, as in the gateway."""
        memory: dict[str, Any] = {}

        def ask(name: str, args: list[Any]) -> Any:
            asked = json.dumps([name, args])
            if asked not in memory:
                memory[asked] = self.plant.ask(name, args)
            return memory[asked]

        return ask


def runnable(scripts: Sequence[Path], modules: Sequence[Path] = ()) -> Runnable:
    """Compile scripts, their modules and the default as a worker gets them; no doubt about them is let pass."""
    default = _default_codes()
    return Runnable(
        scripts=tuple((path.name, _code(path, modules)) for path in scripts),
        modules={path.stem: _code(path, modules) for path in modules},
        fallback=((DEFAULT.name, default[DEFAULT.stem]),),
        fallback_modules=default,
        names=frozenset(path.name for path in (*scripts, *modules, *DEFAULT.parent.glob("*.py"))),
    )


@cache
def _default_codes() -> dict[str, CodeType]:
    modules = sorted(DEFAULT.parent.glob("_*.py"))
    return {path.stem: _code(path, modules) for path in (DEFAULT, *modules)}


def _code(path: Path, modules: Sequence[Path]) -> CodeType:
    compiled = LANGUAGE.compile(Script(path.name, path.read_text()), frozenset(one.stem for one in modules))
    assert not isinstance(compiled, list), compiled
    assert compiled.warnings == ()
    return compiled.code

"""A script's turn in this process: the real language, vocabulary and requests, over a database of its own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from tocsin.alarms import AlarmEvent, Board
from tocsin.alarms.sections import AlarmSection
from tocsin.calls import vocabulary
from tocsin.calls.call import Call
from tocsin.calls.host import TurnHost
from tocsin.calls.services import Line, Services, TurnLimits
from tocsin.calls.statistics_tags import TwilioTags
from tocsin.people import Contact, Directory, Roster, Schedule, User
from tocsin.sandbox.host import HostRefused
from tocsin.sandbox.language import Language
from tocsin.sandbox.script import Script
from tocsin.tags.tree import Tags
from tocsin.telephony.attempt import Attempt, placed
from tocsin.telephony.egress import Egress, matching
from tocsin.telephony.profiles import Profiles

MARIA, JON, OWN = "+46701234567", "+46707654321", "+15005550006"
LANGUAGE = Language(vocabulary)

PEOPLE = [
    User(
        "maria",
        1,
        "Maria Lind",
        pin_literal="4711",
        language="sv-SE",
        roles=("operator", "lead"),
        contacts=(Contact("phone", MARIA), Contact("email", "maria@example.com")),
    ),
    User("jon", 2, "Jon Berg", pin_hash="hash:1:abcdefab:" + "x" * 43, contacts=(Contact("phone", JON),)),
    User("guest", 7, "Guest"),
]
DAYS = Schedule("days", frozenset(range(5)), 6 * 60, 18 * 60)
ROSTERS = [
    Roster("operations", tuple(PEOPLE[:2])),
    Roster("office", (PEOPLE[2],), DAYS),
    Roster("empty", ()),
]
RULES = {
    "Plant/Pump 2/High level": AlarmSection.model_validate(
        {
            "priority": "High",
            "label": "Pump 2 high level",
            "displayPath": "Riverside/Pump 2",
            "data": {"area": "north", "limit": 90},
        }
    ),
    "Plant/Pump 1/Stopped": AlarmSection.model_validate(
        {"priority": "Critical", "notes": "Start the spare."}
    ),
    "Plant/Door": AlarmSection.model_validate({"priority": "Low"}),
}


class Twilio:
    """Takes every text, unless a test says what becomes of the next."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.next: list[Attempt] = []

    async def send(self, number: str, text: str, *, profile: str, message_id: str) -> Attempt:
        """Note the text and say what became of it."""
        self.sent.append((number, text))
        return self.next.pop(0) if self.next else placed(f"SM{len(self.sent):032}")


@dataclass
class Asking:
    """A plant whose scripts ask; `script` runs one and returns what it left in `found`."""

    services: Any
    line: Line
    call: Call
    twilio: Twilio
    log: list[str] = field(default_factory=list)
    turn: int = 0

    async def script(self, source: str) -> Any:
        """Run a script's lines in a turn of their own; what they raise is raised here."""
        self.turn += 1
        host = TurnHost(self.services, self.line, self.call, key=f"turn{self.turn}", turn=self.turn)
        loop = asyncio.get_running_loop()

        def ask(name: str, args: list[Any]) -> Any:
            return asyncio.run_coroutine_threadsafe(host.ask(name, args), loop).result(10)

        return await asyncio.to_thread(self._run, source, ask)

    def _run(self, source: str, ask: Any) -> Any:
        compiled = LANGUAGE.compile(Script("10_ask.py", source), frozenset())
        given = {
            "action": "inbound",
            "now": self.services.clock.now_ms(),
            "params": {"From": self.call.number},
            "call": {
                **dict.fromkeys(
                    ("sid", "project", "voice", "answeredBy", "base", "pin", "digits", "site"), ""
                ),
                "id": self.call.id,
                "turn": 1,
                "direction": "inbound",
                "attempt": 1,
                "language": "en-US",
            },
            "alarms": [],
            "user": None,
            "session": {},
            "pins": [],
        }

        def log(level: str, text: str) -> None:
            self.log.append(f"{level} {text}")

        turn = vocabulary.open_turn(given, ask, log)
        scope = LANGUAGE.scope(turn.globals("10_ask.py"), {}, log)
        exec(compiled.code, scope.globals)
        return scope.globals.get("found")

    async def raise_alarm(self, path: str, **more: Any) -> str:
        """Have an alarm go active and return its episode."""
        (accepted,) = await self.services.board.report([AlarmEvent(path, "active", **more)])
        return str(accepted.episode)

    async def clear(self, path: str) -> None:
        """Have its condition end."""
        await self.services.board.report([AlarmEvent(path, "clear")])


def line_of(pin: str = "none") -> Line:
    """Give a line that lets scripts text the people's numbers."""
    return Line(
        profile="phone",
        twilio_profile="plant",
        account="AC1",
        phone_number=OWN,
        project=".",
        base="https://alarms.example.com",
        language="en-US",
        voices={},
        digits="ignition",
        pin={"default": pin},
        ring_seconds=25,
        machine_detection=True,
        fallback_url=None,
        egress=Egress(
            dial=matching(frozenset({MARIA, JON})),
            hosts=frozenset(),
            own="https://alarms.example.com",
            verbs=frozenset(),
        ),
    )


def asking(db: Any, clock: Any, *, pin: str = "none") -> Asking:
    """Make a plant with three people, three rosters and three alarms; nothing has happened yet."""
    directory = Directory(PEOPLE, ROSTERS, timezone="Europe/Stockholm")
    twilio = Twilio()
    tags = Tags(clock)
    tags.add(TwilioTags(db, clock, lambda: directory))
    unused: Any = None
    profiles = Profiles({}, {}, {})
    services = Services(
        clock=clock,
        db=db,
        directory=directory,
        board=Board(db, clock, RULES, pipelines={"night", "default"}),
        pins=unused,
        sandbox=unused,
        library=unused,
        messenger=twilio,
        dialler=unused,
        pass_on=unused,
        lines={},
        profiles=profiles,
        limits=TurnLimits(turn_ms=2000, cpu_ms=250, host_calls=32, turns_per_call=100, call_minutes=15),
        site="Riverside",
        timezone=ZoneInfo("Europe/Stockholm"),
        tags=tags,
        pipelines=("night", "default"),
    )
    call = Call(
        id="c1",
        sid="CA1",
        account="AC1",
        direction="inbound",
        number=MARIA,
        own_number=OWN,
        profile="phone",
        project=".",
        release_id="r1",
        language="en-US",
        started_ms=clock.now_ms(),
        person=PEOPLE[0],
    )
    return Asking(services, line_of(pin), call, twilio)


__all__ = ["JON", "MARIA", "Asking", "HostRefused", "asking", "line_of"]

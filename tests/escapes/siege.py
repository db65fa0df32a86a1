"""A gateway under attack: hostile scripts come into force one after the other, and take calls.

Everything goes the real way: files in a project's folder, a reload, signed webhooks, locked workers. Beside
the attacker's call others go on: one of the same project, pinned to the good release it began with, and
one of another project.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import structlog.testing
from sqlalchemy import select
from tests.escapes.attacks import Attack
from tests.plant import ACCOUNT, BASE, JON, TOKEN, Caller, open_line, write_project

from tocsin.calls.tables import calls, turns

WATCHED = "tests.escapes.watched_vocabulary"
UNGUARDED = "tests.escapes.unguarded_vocabulary"
ATTACKER = "+46709999999"
PIN = "8264"
OTHER_NUMBER = "+15005550009"

MORE = f"""
[scripts]
turns_per_call = 10000

[users.eve]
id = 3
name = "Eve Ek"
pin = "{PIN}"
[[users.eve.contacts]]
type = "phone"
value = "{ATTACKER}"

[twilio_profiles.other]
account_sid = "{ACCOUNT}"
auth_token = "{TOKEN}"
external_hostname = "{BASE}"
phone_number = "{OTHER_NUMBER}"
api_base = "emulator"

[voice_profiles.other]
twilio_profile = "other"
project = "other"
"""

GOOD = '''
import html
import json
import math
import random
import re
import urllib.parse

LEFT_BEHIND = ("leak", "loot", "stolen", "evil", "f", "g", "x")


def found(name):
    """Whether a name of another script's can be read here."""
    try:
        return READERS[name]()
    except NameError:
        return None


READERS = {
    "leak": lambda: leak, "loot": lambda: loot, "stolen": lambda: stolen, "evil": lambda: evil,
    "f": lambda: f, "g": lambda: g, "x": lambda: x,
}
left_behind = [name for name in LEFT_BEHIND if found(name) is not None]
session["n"] = session.get("n", 0) + 1
turn = VoiceResponse()
gather = turn.gather(action=call.url("good", page=session["n"]), num_digits=1)
gather.say(
    " ".join([
        callAction, CallSid, From, Digits, str(params.get("Secret")), str(sorted(params)), str(left_behind),
        user.username, str(len(alarms) > 0), str(list(session) == ["n"]),
        str(len("abc")), str(int("42")), str(max(3, 9)), str(sorted([3, 1, 2])), str(isinstance("a", str)),
        str(math.ceil(1.5)), json.dumps({"a": [1, 2]}), html.escape("<&>"), urllib.parse.quote("a b"),
        re.sub("a+", "b", "caat"), f"{3.14159:.2f}", "{:>4}".format(7), "%03d" % 5, str(0 <= random.random() < 1),
        str([n * n for n in range(4)]), repr(call.acknowledge)[:6],
    ])
)
print("all is well", Digits)
response = turn
'''


@dataclass
class Verdict:
    """How an attack ended, and everything that has to be held against its header."""

    attack: Attack
    outcome: str
    """`rejected`, the kind of the failure, or `harmless`."""
    place: tuple[str, int | None]
    message: str
    answered: str
    answers: list[str]
    """All TwiML that the attacker's call was answered."""
    seconds: float
    trouble: list[str] = field(default_factory=list)
    """What went wrong for others: one sentence each."""
    trace: dict[str, Any] = field(default_factory=dict)


class Neighbour:
    """A call of the same or of another project, whose every answer is known beforehand."""

    def __init__(self, siege: Siege, caller: Caller, to: str) -> None:
        self._siege = siege
        self._caller = caller
        self._to = to
        self._expected: str | None = None
        self._n = 0

    async def turn(self) -> list[str]:
        """Take one turn; return what was not as in the first, if anything."""
        self._n += 1
        digit = str(self._n % 10)
        fields = self._caller.fields(Digits=digit, To=self._to)
        answer = await self._siege.line.post("/main/system/twilio-voice/good/0", fields)
        said = answer.text.replace(f"page={self._n}&amp;turn={self._n + 1}", "page=N")
        said = said.replace(f" {digit} None ", " D None ")
        if self._expected is None:
            self._expected = said
            if "3 42 9 [1, 2, 3] True 2" not in said:
                return [f"the good script did not run: {answer.text}"]
        if answer.status_code != 200 or said != self._expected:
            return [f"a neighbour heard {said[:600]!r} instead of {self._expected[:600]!r}"]
        return []


class Siege:
    """The running gateway, the good release in force, and the neighbours' calls."""

    def __init__(self, line: Any, folder: Path, *, raw: bool) -> None:
        self.line = line
        self._folder = folder
        self._raw = raw
        self._script = folder / "twilio_scripts" / "attack.py"
        self._neighbours: list[Neighbour] = []
        self._digest = ""

    @property
    def services(self) -> Any:
        """The gateway's parts."""
        return self.line.gateway.services

    async def settle(self) -> None:
        """Begin the neighbours' calls under the good release."""
        await self.line.raise_alarm()
        # Without guards a script owns the workers of its own project; other projects' are still none of its.
        numbers = [OTHER_NUMBER] if self._raw else ["+15005550006", OTHER_NUMBER]
        self._neighbours = [Neighbour(self, self.line.call_from(JON), to) for to in numbers]
        for one in self._neighbours:
            assert await one.turn() == []
        if not self._raw:
            ((self._digest, _),) = (await self._survey()).items()

    async def run(self, attack: Attack) -> Verdict:
        """Put one script into force, let it take its call, and put the good one back."""
        began = time.monotonic()
        library = self.services.library
        before = library.current(".").id
        source = f"response = unguarded({attack.source!r}, call=call)\n" if attack.is_raw else attack.source
        self._script.write_bytes(source.encode("utf-8", "surrogatepass"))
        beside = [self._script.with_name(name) for name in attack.beside]
        for file in beside:
            file.touch()
        findings = [one for one in await library.reload(".") if one.severity == "error"]
        try:
            if findings:
                assert library.current(".").id == before, "a refused script is in force"
                first = findings[0]
                place = first.file.removeprefix("twilio_scripts/"), first.line
                verdict = Verdict(attack, "rejected", place, first.message, "scripts", [], 0.0)
                verdict.trouble = await self._neighbours_turn()
            else:
                verdict = await self._listened(attack)
        finally:
            self._script.write_text(GOOD)
            for file in beside:
                file.unlink()
            await library.reload(".")
        verdict.trouble += await self._neighbours_turn()
        verdict.trouble += await self._changed_workers()
        if not self.services.board.open():
            await self.line.raise_alarm()
        verdict.seconds = time.monotonic() - began
        return verdict

    async def _listened(self, attack: Attack) -> Verdict:
        if attack.group != "pins":  # there is one log for all sieges, and only one of them looks into it
            return await self._call(attack)
        with structlog.testing.capture_logs() as logged:
            verdict = await self._call(attack)
        if PIN in str(logged):
            verdict.trouble.append(f"the PIN stands in the log: {logged}")
        return verdict

    async def _call(self, attack: Attack) -> Verdict:
        attacker = self.line.call_from(ATTACKER)
        answers, trouble = [], []
        url, more = "/main/system/twilio-voice/{}/0", {}
        for turn in attack.turns:
            fields = attacker.fields(**{"Secret": "attacker's own", **more, **turn.fields})
            answer, *others = await asyncio.gather(
                self.line.post(url.format(turn.action), fields),
                *(one.turn() for one in self._neighbours),
            )
            trouble += [sentence for each in others for sentence in each]
            answers.append(answer.text)
            if answer.status_code != 200:
                trouble.append(
                    f"the attacker's own turn was answered {answer.status_code}: {answer.text[:200]}"
                )
        if attack.group == "pins":
            trouble += await self._leaks(attacker.sid, answers)
        row = await self._last_turn(attacker.sid)
        if not row:
            trouble.append("the attacker's last turn left no record")
            row = {"failure": "{}", "answered": ""}
        failure = json.loads(row["failure"])
        return Verdict(
            attack,
            failure.get("kind", "harmless"),
            (failure.get("file", ""), failure.get("line", 0)),
            failure.get("message", ""),
            row["answered"],
            answers,
            0.0,
            trouble,
            row,
        )

    async def _leaks(self, sid: str, answers: list[str]) -> list[str]:
        """Return where the attacker's PIN is found in records, or in a URL that went to Twilio."""
        await self.services.db.flush()
        query = (
            select(calls.c.session, turns)
            .join(calls, calls.c.id == turns.c.call_id)
            .where(calls.c.sid == sid)
        )
        rows = await self.services.db.read(lambda conn: conn.execute(query).mappings().all())
        spoken = r"[\s,.\-]*".join(PIN)
        # Ids are random, and one in some thousands holds these digits.
        shown = re.compile(rf"(?<![0-9]){spoken}(?![0-9])")
        known = {sid, *(row["call_id"] for row in rows), *(one.id for one in self.services.board.open())}
        ids = re.compile("|".join(map(re.escape, known)))
        kept = ("session", "params", "given", "twiml", "log", "failure")
        found = [
            f"{name} of turn {row['number']}"
            for row in rows
            for name in kept
            if shown.search(ids.sub("", row[name]))
        ]
        urls = re.compile(
            rf"""https?://[^"'<>]*[/?&=]{PIN}\b|(?:action|url)="[^"]*\b{PIN}\b""", re.IGNORECASE
        )
        found += [f"a URL in {answer}" for answer in answers if urls.search(answer)]
        return [f"the PIN stands in {place}" for place in found]

    async def _neighbours_turn(self) -> list[str]:
        return [sentence for one in self._neighbours for sentence in await one.turn()]

    async def _last_turn(self, sid: str) -> dict[str, Any]:
        await self.services.db.flush()
        query = (
            select(turns)
            .join(calls, calls.c.id == turns.c.call_id)
            .where(calls.c.sid == sid)
            .order_by(turns.c.number.desc())
            .limit(1)
        )
        return dict(await self.services.db.read(lambda conn: conn.execute(query).mappings().first() or {}))

    async def _survey(self) -> dict[str, set[str]]:
        """Return the digests of what workers share between turns, each with the workers that gave it."""
        found: dict[str, set[str]] = {}
        posts = []
        for _ in range(2):  # at once, so that both workers of the fast lane are asked
            caller = self.line.call_from(JON)
            posts.append(self.line.post("/main/system/twilio-voice/survey/0", caller.fields()))
        for answer in await asyncio.gather(*posts):
            said = answer.text.partition("<Say>")[2].partition("</Say>")[0]
            pid, _, digest = said.partition(" ")
            found.setdefault(digest or answer.text, set()).add(pid)
        return found

    async def _changed_workers(self) -> list[str]:
        if self._raw:
            return []
        return [
            f"workers {pids} have other guards, modules or builders than before: {digest[:200]}"
            for digest, pids in (await self._survey()).items()
            if digest != self._digest
        ]


_numbers = itertools.count()
_starting = asyncio.Lock()


@contextlib.asynccontextmanager
async def besieged(folder: Path, *, raw: bool = False) -> AsyncIterator[Siege]:
    """Start a gateway with two projects of one good script each."""
    plant = write_project(folder / f"plant{next(_numbers)}", {"attack.py": GOOD}, more=MORE)
    (plant / "other" / "twilio_scripts").mkdir(parents=True)
    (plant / "other" / "twilio_scripts" / "good.py").write_text(GOOD)
    async with contextlib.AsyncExitStack() as stack:
        async with _starting:
            with (
                mock.patch("tocsin.gateway.sandboxing.VOCABULARY", UNGUARDED if raw else WATCHED),
                # Reloads are asked for, so that none is missed.
                mock.patch("tocsin.scripts.library.Library.start_watching"),
            ):
                line = await stack.enter_async_context(open_line(plant))
        siege = Siege(line, plant, raw=raw)
        await siege.settle()
        yield siege


SIEGES = ({"given", "language", "bindings", "twiml"}, {"resources", "pins", "neighbours"}, {"raw"})
"""Groups that one gateway after the other meets; the sieges themselves go on side by side."""


async def besiege(attacks: list[Attack], folder: Path, tell: Callable[[Verdict], None]) -> None:
    """Run attacks, each group in its own gateway, and tell every verdict as it is known."""

    async def one(groups: set[str]) -> None:
        chosen = [attack for attack in attacks if attack.group in groups]
        if chosen:
            async with besieged(folder, raw="raw" in groups) as siege:
                for attack in chosen:
                    tell(await siege.run(attack))

    async with asyncio.TaskGroup() as sieges:
        for groups in SIEGES:
            sieges.create_task(one(groups))

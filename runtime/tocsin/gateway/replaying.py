"""A recorded call run again: the same parameters and alarms, host calls answered as they were recorded."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tocsin.calls import store
from tocsin.calls.call import BESIDE
from tocsin.calls.requests import REQUESTS
from tocsin.calls.tables import calls
from tocsin.clock import SystemClock
from tocsin.config import shipped
from tocsin.db import Database
from tocsin.errors import TocsinError
from tocsin.gateway import binding, checks
from tocsin.gateway.sandboxing import VOCABULARY, sandbox_limits
from tocsin.gateway.storage import address_of
from tocsin.people import Directory
from tocsin.sandbox.host import HostRefused
from tocsin.sandbox.sandbox import Sandbox
from tocsin.sandbox.script import ScriptFailed
from tocsin.scripts.folder import FOLDER, ScriptFolder, counts, shipped_files
from tocsin.scripts.release import Release
from tocsin.telephony.check import TwimlRefused, check

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from tocsin.calls.services import TurnLimits
    from tocsin.errors import Finding
    from tocsin.gateway.configuration import Configuration
    from tocsin.sandbox.script import Program
    from tocsin.telephony.egress import Egress


class UnknownCall(TocsinError):  # noqa: N818  it says what is the case
    """No call with this id or CallSid is on record."""


class RecordedHost:
    """Answers host calls with what the recorded turn was answered, in its order for each request."""

    def __init__(self, answers: Sequence[Sequence[Any]]) -> None:
        self._recorded: dict[str, list[Any]] = {}
        for name, answer in answers:
            self._recorded.setdefault(name, []).append(answer)
        self._memory: dict[str, Any] = {}

    async def ask(self, name: str, args: list[Any]) -> Any:
        """Return what the gateway answered then; the same request twice in a turn is one, as it was then."""
        request = REQUESTS.get(name)
        if request is None:
            raise HostRefused(f"{name} is not something a call script can ask for")
        memory = f"{name}:{store.to_json(request.read(args))}"
        if memory not in self._memory or not request.lasting:
            unknown = {"reason": "not_recorded", "sent": False} if request.lasting else None
            recorded = self._recorded.get(name)
            self._memory[memory] = recorded.pop(0) if recorded else unknown
        return self._memory[memory]


async def replayed(project: Path, call_id: str, scripts: Path | None) -> list[dict[str, Any]]:
    """Return per turn: number, action, recorded and replayed TwiML, whether they differ, failure, took_ms."""
    loaded, _ = checks.read_beside(project, database=True)
    value = loaded.value
    record = _recorded(project, value, call_id)
    program = (
        _program(project / record["call"]["project"] / FOLDER) if scripts is None else _program_in(scripts)
    )
    sandbox = Sandbox(
        limits=sandbox_limits(value),
        vocabulary=VOCABULARY,
        lockdown="required",
        timezone=value.gateway.timezone,
    )
    egress = binding.egress_of(value, Directory.of(value.users), "")
    judge = _Judge(sandbox, program.key, binding.turn_limits(value), egress, _manner(value, record["call"]))
    await sandbox.start()
    try:
        problems = await sandbox.publish("replay", program)
        if problems:
            raise TocsinError("\n".join(str(one) for one in problems))
        # What tocsin said itself, while a step was waited for or where nothing could answer, is no script's;
        # beside the call nobody says anything.
        nobodys = ("one-moment", "static", BESIDE)
        said = [step for step in record["turns"] if step["answered"] not in nobodys]
        return [await judge.again(step) for step in said]
    finally:
        await sandbox.aclose()


def _manner(value: Configuration, call: dict[str, Any]) -> dict[str, Any]:
    """Return how the call is spoken now: with today's phrases, so that a change of them can be tried too."""
    profile = value.voice_profiles.get(call["profile"])
    return binding.phrases_of(value).manner(call["language"], profile.voices if profile else {})


def _program_in(scripts: Path) -> Program:
    """Return the scripts of a folder that somebody named: there must be some."""
    if not any(counts(one.name) for one in scripts.iterdir()):
        raise TocsinError(f"there are no scripts in {scripts}; name the folder that holds them")
    return _program(scripts)


def _program(scripts: Path) -> Program:
    """Return the scripts of a folder, all or none: what a replay left out would seem to change nothing."""
    default = shipped("user_scripts") / "acknowledge.py"
    folder = ScriptFolder(scripts.parent)
    folder.path = scripts.absolute()
    reading = folder.read()
    if not reading.usable:
        faults = [one for one in reading.findings if one.severity == "error"]
        raise TocsinError("\n".join(str(_beside(scripts, one)) for one in faults))
    return Release("replay", "replay", reading.files, shipped_files(default)).program


def _beside(scripts: Path, one: Finding) -> Finding:
    """Return a finding with the folder as it was named."""
    return replace(one, file=one.file.replace(FOLDER, str(scripts), 1))


def _recorded(project: Path, value: Configuration, call_id: str) -> dict[str, Any]:
    db = Database.open(address_of(value, project / ".tocsin"), clock=SystemClock())
    try:
        return db.read_now(lambda conn: _read(conn, call_id))
    finally:
        db.close()


def _read(conn: Connection, call_id: str) -> dict[str, Any]:
    known = conn.execute(
        select(calls.c.id).where((calls.c.id == call_id) | (calls.c.sid == call_id))
    ).scalar()
    record = store.trace(conn, known) if known else None
    if record is None:
        raise UnknownCall(f"no call {call_id} is on record; tocsin's API lists them at /api/v1/calls")
    return record


@dataclass(frozen=True, slots=True)
class _Judge:
    """Runs recorded turns again, under the limits and checks of a real one."""

    sandbox: Sandbox
    key: str
    limits: TurnLimits
    egress: Egress
    manner: dict[str, Any]

    async def again(self, step: dict[str, Any]) -> dict[str, Any]:
        """Run one turn; where its scripts fail, `failure` says why and the default answers as it would."""
        params = store.from_json(step["params"])
        given = {
            "action": step["action"],
            "params": params,
            "pins": [],
            "speech": self.manner,
            **store.from_json(step["given"]),
        }
        answers = given.pop("answers", [])
        started = time.perf_counter()
        failure, twiml = "", ""
        for default_alone in (False, True):
            try:
                outcome = await self.sandbox.run(
                    "replay",
                    self.key,
                    given,
                    RecordedHost(answers),
                    wall_s=self.limits.turn_ms / 1000,
                    cpu_ms=self.limits.cpu_ms,
                    fallback_only=default_alone,
                )
                twiml = outcome.result["response"]
                twiml = check(twiml, replace(self.egress, own=given["call"]["base"]), params).text
                break
            except (ScriptFailed, TwimlRefused) as error:
                failure = failure or str(error)
        recorded = step["twiml"]
        return {
            "number": step["number"],
            "action": step["action"],
            "recorded": recorded,
            "replayed": twiml,
            "differs": _plain(twiml) != _plain(recorded),
            "failure": failure,
            "took_ms": round((time.perf_counter() - started) * 1000, 2),
        }


def _plain(twiml: str) -> str:
    """Leave out what differs without meaning: the header, and white space between elements."""
    return re.sub(r">\s+<", "><", re.sub(r"^\s*<\?xml[^>]*\?>\s*", "", twiml)).strip()

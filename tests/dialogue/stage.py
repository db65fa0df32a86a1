"""A plant for conversations of every kind: each PIN policy, digit preset and language has its voice profile.

The gateway is real, with its workers and its database, and turns in an event loop of its own, so that a
plain test drives it step by step. Twilio's end of the line is `leg`.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sqlite3
from typing import TYPE_CHECKING, Any

import httpx2
import structlog
from tests.plant import ACCOUNT, BASE, TOKEN, Line

from tocsin.alarms import AlarmEvent
from tocsin.calls.placing import place
from tocsin.clock import VirtualClock
from tocsin.db import writer
from tocsin.gateway.configuration import Configuration
from tocsin.gateway.gateway import Gateway
from tocsin.gateway.serving import application
from tocsin.telephony.attempt import placed

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from pathlib import Path

    import pytest
    from sqlalchemy import Connection

    from tocsin.telephony.attempt import Attempt

PINS = ("none", "to-acknowledge", "to-hear")
DIGITS = ("ignition", "pagerduty")
LANGUAGES = ("en-US", "sv-SE", "de-DE")
PROFILES = tuple(
    f"{pin}-{digits}-{language[:2]}" for pin, digits, language in itertools.product(PINS, DIGITS, LANGUAGES)
)
INBOUND = {"+15005550006": "to-acknowledge", "+15005550007": "none", "+15005550008": "to-hear"}

MARIA, JON, CREW, STRANGER = "+46701234567", "+46707654321", "+46700000100", "+12223334444"
MARIAS_PIN, JONS_PIN = "48213975", "90417362"
BEGINS_S = 1_767_233_400.0

NAMES = ("Alfa", "Bravo", "Cadmium", "Dolomit", "Elfenben", "Fanfar", "Granit", "Hydra")
"""What alarms are called: no word that a sentence of the dialogue holds in any language."""

NEED_NOTES = ("Bravo", "Elfenben")
"""Those that are acknowledged with a note only."""

RAISED = "Iridium"
"""The alarm that people raise who call in."""

OUTSIDE = "Annex/"
"""Jon has no say here."""

SCRIPTS = {
    "none of its own": "",
    "a log line": 'print("turn of", callAction)\n',
    "fails at digit 8": 'if Digits == "8":\n    raise ValueError("eight")\n',
    "fails in the middle": 'if callAction == "ack":\n    call.acknowledge()\n    response = 1 / 0\n',
    "a step of its own": 'if callAction == "shelve":\n    turn = VoiceResponse()\n    turn.say("No shelving.")\n'
    '    turn.redirect(call.url("menu"))\n    response = turn\n',
    "listens in at the PIN": 'if callAction == "pin" and not session.get("seen"):\n    print("typed", Digits)\n    session["seen"] = Digits\n'
    '    turn = VoiceResponse()\n    turn.redirect(call.url("menu"))\n    response = turn\n',
    "does not compile": "if callAction ==\n",
}


def configuration() -> str:
    """Return the plant's tocsin.toml."""
    parts = ['[gateway]\nname = "Riverside"\ntimezone = "Europe/Stockholm"\n[scripts]\nturn_ms = 5000\n']
    for number, pin in INBOUND.items():
        parts.append(
            f'[twilio_profiles.{pin}]\naccount_sid = "{ACCOUNT}"\nauth_token = "{TOKEN}"\n'
            f'external_hostname = "{BASE}"\nphone_number = "{number}"\napi_base = "emulator"\n'
            f'inbound = "{pin}-ignition-en"\n'
        )
    for name, (pin, digits, language) in zip(
        PROFILES, itertools.product(PINS, DIGITS, LANGUAGES), strict=True
    ):
        parts.append(
            f'[voice_profiles.{name}]\ntwilio_profile = "{pin}"\nproject = "."\nlanguage = "{language}"\n'
            f'digits = "{digits}"\npin = "{pin}"\nraise_alarm = {{ path = "Plant/{RAISED}" }}\n'
        )
    parts.append(f'[alarms."Plant/{RAISED}"]\nlabel = "{RAISED}"\n')
    for number, (name, full, phone, pin, areas) in enumerate(
        (
            ("maria", "Maria Lind", MARIA, MARIAS_PIN, '["*"]'),
            ("jon", "Jon Berg", JON, JONS_PIN, '["Plant/*"]'),
        ),
        1,
    ):
        parts.append(
            f'[users.{name}]\nid = {number}\nname = "{full}"\npin = "{pin}"\nareas = {areas}\nroles = ["lead"]\n'
            f'[[users.{name}.contacts]]\ntype = "phone"\nvalue = "{phone}"\n'
        )
    parts.append(f'[rosters.operations]\nusers = ["maria", "jon"]\nshared_phone = "{CREW}"\n')
    parts += [f'[alarms."Plant/{name}"]\nackNotesReqd = true\n' for name in NEED_NOTES]
    return "\n".join(parts)


class _Dialler:
    """Twilio, as far as it is asked to place calls and to send them elsewhere: it always does."""

    def __init__(self, texts: Any) -> None:
        self._sids = itertools.count(1)
        self._texts = texts
        self.redirected: list[tuple[str, str]] = []

    async def place(self, _number: str, **_request: Any) -> Attempt:
        return placed(f"CA{next(self._sids):032x}")

    async def redirect(self, sid: str, url: str, **_: Any) -> str:
        self.redirected.append((sid, url))
        return ""

    async def send(self, _number: str, _text: str, **_: Any) -> Attempt:
        return placed(f"SM{next(self._sids):032x}")


class Stage:
    """The plant in its event loop; what it says in its log is kept in `log`."""

    def __init__(self, folder: Path, phrases: str = "") -> None:
        folder.mkdir()
        (folder / "tocsin.toml").write_text(configuration())
        if phrases and "phrases" in Configuration.model_fields:
            (folder / "phrases.toml").write_text(phrases)
        (folder / "twilio_scripts").mkdir()
        self.folder = folder
        self.clock = VirtualClock(BEGINS_S)
        self.runner = asyncio.Runner()
        self.log: list[dict[str, Any]] = []
        self.passes = True
        self.ends: list[str] = []
        self._held: sqlite3.Connection | None = None
        self._raised: dict[str, str] = {}
        self._seen_rows: dict[str, int] = {}
        self._stack = contextlib.AsyncExitStack()
        self.run(self._open())

    async def _open(self) -> None:
        self.gateway = Gateway(self.folder, clock=self.clock, dev=True, watch=False, notify=False)
        await self.gateway.start()
        self._stack.push_async_callback(self.gateway.stop)
        transport = httpx2.ASGITransport(app=application(self.gateway))
        client = httpx2.AsyncClient(transport=transport, base_url="http://gateway.local")
        self.line = Line(self.gateway, await self._stack.enter_async_context(client))
        self.dialler = _Dialler(None)
        self._bind()

    def _bind(self) -> None:
        """Stand in for Twilio and for the pipelines, in the services that are in force."""
        services = self.gateway.services
        services.dialler = services.messenger = self.dialler
        services.pass_on_in = lambda *_: self.passes
        services.ended_in = lambda _conn, call, outcome, _now: self.ends.append(f"{call.id} {outcome}")

    def run(self, step: Coroutine[Any, Any, Any]) -> Any:
        """Run one step to its end."""
        return self.runner.run(step)

    def close(self) -> None:
        """Stop the gateway."""
        self.recover()
        self.run(self._stack.aclose())
        self.runner.close()

    def keep_log(self) -> None:
        """Take the log in place of wherever it went."""
        structlog.configure(processors=[structlog.stdlib.add_log_level, self._logged])

    def _logged(self, _: Any, __: str, event: Any) -> Any:
        self.log.append(dict(event))
        raise structlog.DropEvent

    # What happens at the plant.

    def raise_alarm(self, name: str, *, priority: str = "High", outside: bool = False) -> str:
        """Let an alarm go active, or update it; return its episode."""
        path = f"{OUTSIDE if outside else 'Plant/'}{name}"
        event = AlarmEvent(path=path, state="active", priority=priority, label=name)
        (accepted,) = self.run(self.gateway.services.board.report([event]))
        self._raised[accepted.episode] = path
        return str(accepted.episode)

    def how_it_stands(self, episode: str) -> tuple[str, str]:
        """Return an alarm's state and priority."""
        found = self.run(self.gateway.services.board.find(episode))
        return found.state, found.priority

    def worsen(self, episode: str) -> str:
        """Let an alarm be reported as critical, which opens another episode if it had cleared; return which."""
        event = AlarmEvent(path=self._raised[episode], state="active", priority="Critical")
        (accepted,) = self.run(self.gateway.services.board.report([event]))
        self._raised[accepted.episode] = event.path
        return str(accepted.episode)

    def clear(self, episode: str) -> None:
        """Let an alarm's condition end."""
        event = AlarmEvent(path=self._raised[episode], state="clear")
        self.run(self.gateway.services.board.report([event]))

    def colleague_acknowledges(self, episode: str) -> None:
        """Have somebody else be quicker, in another way than by telephone."""
        self.run(self.gateway.services.board.acknowledge([episode], by="jon", via="api", note="Seen."))

    def shelve(self, episode: str) -> None:
        """Have somebody take an alarm off the table for an hour."""
        self.run(self.gateway.services.board.shelve([episode], by="jon", via="api", minutes=60))

    def save_script(self, kind: str) -> None:
        """Save the project's script in one of its kinds, and have it taken over."""
        (self.folder / "twilio_scripts" / "10_own.py").write_text(SCRIPTS[kind])
        self.run(self.gateway.services.library.reload("."))

    def reload(self) -> None:
        """Read the whole configuration anew."""
        self.run(self.gateway.reload())
        assert not self.gateway.refused
        self._bind()

    def refuse(self) -> None:
        """Let the database refuse every write until `recover`: another program holds it."""
        if self._held is None:
            self._held = sqlite3.connect(
                self.folder / ".tocsin" / "tocsin.db", isolation_level=None, check_same_thread=False
            )
            self._held.execute("BEGIN IMMEDIATE")

    @property
    def refuses(self) -> bool:
        """Whether the database takes no write now."""
        return self._held is not None

    def recover(self) -> None:
        """Let the database take writes again, and wait until the gateway knows."""
        if self._held is not None:
            self._held.close()
            self._held = None
            self.run(self._healthy())

    async def _healthy(self) -> None:
        async with asyncio.timeout(20):
            while not self.gateway.services.db.health.ok:
                await asyncio.sleep(0.005)

    def passes_time(self, seconds: float) -> None:
        """Move the clock."""
        self.run(self.clock.advance(seconds))

    # What is on record.

    def acknowledged(self, after: int) -> list[tuple[int, str]]:
        """Return the acknowledgements on record behind a journal id: (journal id, episode)."""
        asked = "select id, subject from ts_journal where kind = 'alarm.acknowledged' and id > ? order by id"
        return [(row[0], row[1]) for row in self._read(asked, (after,))]

    def call(self, call_id: str, sid: str) -> dict[str, Any] | None:
        """Return the record of a call by its id, or by its leg where it has no id of ours."""
        asked = "select id, sid, outcome, outcome_why from ts_call where id = ? or sid = ?"
        rows = self._read(asked, (call_id, sid))
        assert len(rows) <= 1, rows
        return dict(zip(("id", "sid", "outcome", "why"), rows[0], strict=True)) if rows else None

    def _read(self, statement: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        def work(conn: Connection) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in conn.exec_driver_sql(statement, values)]

        found: list[tuple[Any, ...]] = self.run(self.gateway.services.db.read(work))
        return found

    def new_records(self) -> Iterator[tuple[str, str]]:
        """Give every row written since this was asked last, as (table, text)."""
        self.run(self.gateway.services.db.flush())
        tables = self._read("select name from sqlite_master where type = 'table' and name like 'ts_%'")
        for (table,) in tables:
            rows = self._read(f"select rowid, * from {table} where rowid > {self._seen_rows.get(table, 0)}")
            for row in rows:
                self._seen_rows[table] = max(row[0], self._seen_rows.get(table, 0))
                yield table, repr(row[1:])
        # A call's row is written early and changed until its end.
        for row in self._read(
            "select * from ts_call where ended_ms is null or ended_ms = (select max(ended_ms) from ts_call)"
        ):
            yield "ts_call", repr(row)

    # Between two conversations.

    def settle(self) -> None:
        """Leave nothing open, nobody locked, no call at hand."""
        self.recover()
        services = self.gateway.services
        self._raised |= {one.id: one.path for one in services.board.open()}
        self.run(
            services.board.report([AlarmEvent(path=one, state="clear") for one in {*self._raised.values()}])
        )
        self.run(services.board.acknowledge(list(self._raised), by="jon", via="api", note="Over."))
        assert not services.board.open()
        for user in services.directory.users.values():
            self.run(services.pins.reset(user, by="jon"))
        for number in (CREW, STRANGER):
            self.run(services.pins.reset_number(number, by="jon"))
        self._raised.clear()
        self.ends.clear()
        self.log.clear()
        self.dialler.redirected.clear()
        self.passes = True
        self.passes_time(1_000)

    def place(self, person: str, number: str, profile: str) -> Any:
        """Call somebody; return the gateway's record of the call."""
        services = self.gateway.services
        user = services.directory.users[person]
        placing = place(services, self.gateway.ledger, services.lines[profile], user, number)
        call, why = self.run(placing)
        assert not why, why
        return call


@contextlib.contextmanager
def opened(folder: Path, monkeypatch: pytest.MonkeyPatch, phrases: str = "") -> Iterator[Stage]:
    """Open a stage whose database is quick to refuse and quick to recover."""
    monkeypatch.setattr("tocsin.db.engines.BUSY_MS", 30)
    monkeypatch.setattr(writer, "PROBE_S", 0.01)
    stage = Stage(folder, phrases)
    before = structlog.get_config()["processors"]
    stage.keep_log()
    try:
        yield stage
    finally:
        structlog.configure(processors=before)
        stage.close()

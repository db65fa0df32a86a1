"""A gateway, an engine, the channels and an emulator in one process and one movable time."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from tests.plant import JON, MARIA, TOKEN, write_project

from tocsin.alarms import AlarmEvent, notices
from tocsin.alarms.notices import NewNotice
from tocsin.alarms.tables import notices as notice_table
from tocsin.calls.tables import calls, messages
from tocsin.channels.channels import Channels
from tocsin.channels.contacts import unreachable_in
from tocsin.clock import VirtualClock
from tocsin.emulator import Emulator
from tocsin.emulator.serve import listening
from tocsin.engine.embedded import EmbeddedEngine
from tocsin.gateway.gateway import Gateway
from tocsin.gateway.serving import application
from tocsin.journal.tables import journal
from tocsin.testing.network import TestNetwork

BACKUP_ACCOUNT = "AC" + "7b" * 16
BACKUP_NUMBER = "+15005550010"

MORE = f"""
[message_profiles.text]
twilio_profile = "plant"

[twilio_profiles.second]
account_sid = "{BACKUP_ACCOUNT}"
auth_token = "{TOKEN}"
external_hostname = "https://alarms.example.com"
phone_number = "{BACKUP_NUMBER}"
api_base = "emulator"

[voice_profiles.backup]
twilio_profile = "second"
project = "."

[[users.maria.contacts]]
type = "sms"
value = "{MARIA}"

[[users.jon.contacts]]
type = "sms"
value = "{JON}"
"""


def outbound_only(toml):
    """Let the plant be one that Twilio cannot reach: no hostname, secrets as a real account needs them."""
    plain = toml.replace('external_hostname = "https://alarms.example.com"\n', "")
    plain = plain.replace('api_base = "emulator"', 'api_base = "EMULATOR"')
    plain = re.sub(r'^pin = "\d+"\n', "", plain, flags=re.MULTILINE)
    return plain.replace(f'auth_token = "{TOKEN}"', 'auth_token = { file = "token" }')


LISTENS_AND_ACKNOWLEDGES = [{"hear": "Press 1"}, {"press": "1"}, {"hear": "PIN"}, {"press": "4711#"}]


@dataclass
class Heard:
    """Stands where pipelines will: notes which runs were told that something ended."""

    runs: list[str] = field(default_factory=list)

    def event_in(self, connection, run_id, now_ms):
        self.runs.append(run_id)


class Stage:
    """What a test of the channels sees."""

    def __init__(self, folder, clock, emulator, url, *, owner="here"):
        self.clock = clock
        self.emulator = emulator
        self.url = url
        self.folder = folder
        self.heard = Heard()
        self.owner = owner

    @contextlib.asynccontextmanager
    async def running(self, network, *, alone=True):
        self.gateway = Gateway(
            self.folder, clock=self.clock, dev=True, emulator_url=self.url, watch=False, notify=False
        )
        await self.gateway.start()
        gateway = self.gateway
        self.db = gateway.services.db
        engine = EmbeddedEngine(self.db, self.clock, owner=self.owner, look_s=0.05)
        self.engine = engine
        self.channels = Channels(
            lambda: gateway.services,
            ledger=gateway.ledger,
            engine=engine,
            events=gateway.events,
            clients=gateway._client,
            runs=self.heard,
            alone=alone,
            last_resort=lambda: gateway.configuration.gateway.last_resort,
        )
        gateway.services.turns = self.channels.turns
        gateway.services.ended_in = self.channels.ended_in
        gateway.services.receipt_in = self.channels.receipt_in
        gateway.services.texted_in = self.channels.texted_in
        gateway.services.opted_out_in = self.channels.opted_out_in
        gateway.services.board.also_in(self._acknowledged)
        if network is not None:
            bases = [one.webhook_base for one in gateway.profiles.twilio.values() if one.webhook_base]
            network.connect(application(gateway), bases)
        try:
            await self.channels.start()
            await engine.start()
            yield self
        finally:
            await engine.aclose()
            await self.channels.aclose()
            await gateway.stop()

    def _acknowledged(self, connection, changes, now_ms):
        """Do what pipelines will do when an alarm is over."""
        words = {"acknowledged": "cancelled-by-ack", "cleared": "cancelled-by-clear"}
        for change in changes:
            if change.kind in words:
                self.channels.cancelled_in(connection, [change.episode.id], words[change.kind], now_ms)

    async def alarm(self, path="Plant/Pump 2/High level", **more):
        (accepted,) = await self.gateway.services.board.report(
            [AlarmEvent(path=path, state="active", **more)]
        )
        return accepted.episode

    async def notify(
        self, person, *episodes, channel="voice", profile=None, number=None, priority=3, in_s=0.0
    ):
        """Have a person told of episodes."""
        due_ms = self.clock.now_ms() + round(in_s * 1000)
        news = [
            NewNotice(
                run_id=f"run-{episode}",
                episode_id=episode,
                person=person,
                channel=channel,
                profile=profile or ("phone" if channel == "voice" else "text"),
                number=number or {"maria": MARIA, "jon": JON}[person],
                priority=priority,
                due_ms=due_ms,
            )
            for episode in episodes
        ]
        now_ms = self.clock.now_ms()
        await self.db.write(lambda conn: self.channels.notify_in(conn, news, now_ms))

    async def waits(self, seconds):
        await self.emulator.advance(seconds)

    async def until(self, done, *, limit_s=600.0):
        return await self.emulator.run_until(done, limit_s=limit_s)

    async def rows(self, table, *conditions):
        def read(conn):
            return [dict(row) for row in conn.execute(select(table).where(*conditions)).mappings()]

        return await self.db.read(read)

    async def notices(self, **wanted: Any):
        found = await self.rows(
            notice_table, *(notice_table.c[name] == value for name, value in wanted.items())
        )
        return sorted(found, key=lambda row: row["id"])

    async def outcomes(self, **wanted: Any):
        return [row["outcome"] for row in await self.notices(**wanted)]

    async def calls(self):
        return sorted(
            await self.rows(calls, calls.c.direction == "outbound"), key=lambda row: row["started_ms"]
        )

    async def texts(self):
        return sorted(
            await self.rows(messages, messages.c.direction == "outbound"), key=lambda row: row["at_ms"]
        )

    async def journal(self):
        return await self.rows(journal)

    async def unreachable(self, *, in_s=0):
        now_ms = self.clock.now_ms() + in_s * 1000
        return await self.db.read(lambda conn: unreachable_in(conn, now_ms))

    def heard_on(self, number):
        return " ".join(
            one["text"] for one in self.emulator.phone(number).transcript if one["kind"] == "hear"
        )

    def rings(self, number):
        return sum(one["kind"] == "ring" for one in self.emulator.phone(number).transcript)

    def sms(self, number):
        return [one["text"] for one in self.emulator.phone(number).transcript if one["kind"] == "sms-in"]


@contextlib.asynccontextmanager
async def open_stage(folder, *, more=MORE, edit=lambda toml: toml, database="sqlite"):
    """Start everything over a small plant."""
    project = write_project(folder / "plant", more=more)
    network = TestNetwork()
    clock = VirtualClock()
    async with (
        Emulator(clock=clock, auth_token=TOKEN, seed=1, settle_s=0.0, transport=network) as emulator,
        listening(emulator.app, port=0) as url,
    ):
        emulator.exchange.public_url = url
        toml = project / "tocsin.toml"
        text = edit(toml.read_text()).replace("EMULATOR", url)
        toml.write_text(text.replace("[gateway]", f'[gateway]\ndatabase = "{database}"', 1))
        (project / "token").write_text(TOKEN)
        stage = Stage(project, clock, emulator, url)
        async with stage.running(network):
            stage.network = network
            yield stage
        assert emulator.internal_errors == []


__all__ = ["JON", "MARIA", "Stage", "notices", "open_stage"]

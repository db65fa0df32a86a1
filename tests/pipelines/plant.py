"""Board, engine and runs over one database; whoever tells a story says how calls and texts end."""

import asyncio
from contextlib import asynccontextmanager

from sqlalchemy import select
from tests.pipelines.tale import JON, MARIA, crew, person

from tocsin.alarms import AlarmEvent, Board, notices
from tocsin.alarms.sections import AlarmSection
from tocsin.alarms.tables import notices as table
from tocsin.alarms.timer import QUEUE, AlarmTimer
from tocsin.engine import EmbeddedEngine
from tocsin.engine.tables import timers
from tocsin.journal import entries
from tocsin.pipelines import Bindings, Routing, Runs, Watchdog
from tocsin.pipelines.section import PipelineSection
from tocsin.pipelines.tables import runs as runs_table

PATH = "Plant/Pump 2/High level"

LAPSING, INFORMING = "Plant/Lapsing", "Plant/Informing"
RULES = {
    LAPSING: AlarmSection.model_validate({"ackTimeoutSeconds": 600}),
    INFORMING: AlarmSection.model_validate({"ackMode": "Unused"}),
}

SIDE_BY_SIDE = {
    "blocks": [
        {"type": "notification", "id": "first", "roster": "operations", "profiles": ["phone", "text"]},
        {"type": "delay", "for": "5m"},
        {"type": "jump", "to": "first", "times": 3},
    ]
}


def routing(directory, *, pipelines=None, outcomes=None):
    sections = {name: PipelineSection.model_validate(one) for name, one in (pipelines or {}).items()}
    return Routing.of(
        pipelines=sections,
        outcomes=outcomes or {},
        directory=directory,
        timezone="Europe/Stockholm",
        voice=("phone",),
        messages=("text",),
    )


class Plant:
    def __init__(self, db, clock):
        self.db = db
        self.clock = clock
        self.engine = EmbeddedEngine(db, clock, owner="here")
        self.board = Board(db, clock, RULES, pipelines={"default"})
        self.nobody = []
        self.admin = []
        self.unusable = {}
        self.last_resort_broken = False
        self.pipelines = {"default": SIDE_BY_SIDE}
        self.crew = crew(person("maria", MARIA), person("jon", JON))
        self.runs = Runs(
            db,
            clock,
            self.engine,
            routing=routing(self.crew, pipelines=self.pipelines),
            bindings=Bindings(
                nobody_reached_in=self._nobody_reached_in,
                admin_notice_in=lambda c, run, notice, now: self.admin.append(
                    (notice.outcome, notice.person)
                ),
                unusable_in=lambda c, now: self.unusable,
            ),
        )
        self.watchdog = Watchdog(db, clock, self.runs)
        timer = AlarmTimer(self.board, self.engine, db=db, clock=clock)
        self.engine.handle(QUEUE, timer.handle)
        self.board.also_in(timer.changed_in)
        self.board.also_in(self.runs.changed_in)

    @asynccontextmanager
    async def open(self):
        await self.board.start()
        await self.engine.start()
        try:
            yield self
        finally:
            await self.watchdog.aclose()
            await self.engine.aclose()

    def configure(self, directory):
        self.crew = directory
        self.runs.configure(routing(directory, pipelines=self.pipelines))

    def _nobody_reached_in(self, connection, run, now_ms):
        if self.last_resort_broken:
            raise RuntimeError("the last resort is broken")
        self.nobody.append((run.episode_id, now_ms))

    # --- what happens

    async def settled(self):
        """Return once every run that is due has been decided upon, in real time."""
        now = self.clock.now_ms()
        for _ in range(1000):
            waiting = await self.db.read(lambda c: _due(c, now))
            if not waiting and not self.engine.stats()["claimed"]:
                return
            await asyncio.sleep(0.002)
        raise AssertionError("a run that is due is not decided upon")

    async def alarm(self, path=PATH, **more):
        (accepted,) = await self.board.report([AlarmEvent(path=path, state="active", **more)])
        await self.settled()
        return accepted.episode

    async def clears(self, path=PATH):
        await self.board.report([AlarmEvent(path=path, state="clear")])
        await self.settled()

    async def after(self, seconds):
        await self.clock.advance(seconds)
        await self.settled()

    async def ends(self, person, outcome, channel="voice"):
        """Every call (or text) that the person has now ends so, and the runs hear of it."""
        now = self.clock.now_ms()

        def work(connection):
            mine = [
                one for one in notices.of_person(connection, person, channel=channel) if one.due_ms <= now
            ]
            assert mine, f"nobody is telling {person} by {channel}"
            settled = notices.settle_in(connection, [one.id for one in mine], outcome=outcome, now_ms=now)
            for one in settled:
                self.runs.event_in(connection, one.run_id, now)

        await self.db.write(work)
        await self.settled()

    # --- what is so

    async def open_notices(self):
        """Who is to be told now or later: (person, channel, seconds from now)."""
        now = self.clock.now_ms()
        rows = await self.db.read(
            lambda c: c.execute(
                select(table.c.person, table.c.channel, table.c.due_ms)
                .where(table.c.state != "done")
                .order_by(table.c.id)
            ).all()
        )
        return [(row.person, row.channel, max(0, (row.due_ms - now) // 1000)) for row in rows]

    async def outcomes(self):
        rows = await self.db.read(
            lambda c: c.execute(
                select(table.c.person, table.c.channel, table.c.outcome).order_by(table.c.id)
            ).all()
        )
        return [tuple(row) for row in rows]

    async def run(self, episode):
        def work(connection):
            return connection.execute(select(runs_table).where(runs_table.c.episode_id == episode)).one()

        return await self.db.read(work)

    async def kinds(self, episode):
        found = await self.db.read(lambda c: entries(c, episode))
        return [one.kind for one in found if one.kind.startswith("run.")]


def _due(connection, now):
    late = select(runs_table.c.id).where(runs_table.c.state == "running", runs_table.c.due_ms <= now).limit(1)
    timer = select(timers.c.id).where(timers.c.due_ms <= now).limit(1)
    return connection.execute(late).scalar() or connection.execute(timer).scalar()

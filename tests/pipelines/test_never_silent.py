"""In no reachable state is an active, unacknowledged alarm left without anybody being on to it.

A plant is driven at random through everything that can happen to its alarms, notices and runs: raised,
cleared, acknowledged, shelved, outcomes in any order, timers too early or lost, crews that change or are
empty, rows that hold nonsense, a last resort that fails. Board, notices, journal and runs are the real
ones; only the engine is a table in memory, so that the machine decides which timer comes when.
"""

import tempfile

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select, update
from tests.pipelines.plant import routing
from tests.pipelines.tale import EVA, JON, MARIA, crew, person

from tocsin.alarms import AlarmEvent, Board, notices
from tocsin.alarms.sections import AlarmSection
from tocsin.alarms.tables import episodes
from tocsin.alarms.tables import notices as notice_table
from tocsin.alarms.timer import AlarmTimer
from tocsin.calls.outcome import OUTCOMES
from tocsin.clock import VirtualClock
from tocsin.db import Database
from tocsin.engine.port import Job
from tocsin.journal import entries
from tocsin.pipelines import Bindings, Runs
from tocsin.pipelines.tables import runs
from tocsin.pipelines.watchdog import strays_in

RULES = {
    path: AlarmSection.model_validate(rule)
    for path, rule in {"Plant/B": {"ackTimeoutSeconds": 300}, "Plant/C": {"reAlarmSeconds": 600}}.items()
}
PATHS = ("Plant/A", "Plant/B", "Plant/C")
PEOPLE = {"maria": MARIA, "jon": JON, "eva": EVA}
ANYBODY = st.sampled_from(sorted(PEOPLE))
PIPELINES = {
    "side by side": {
        "blocks": [
            {"type": "notification", "id": "a", "roster": "operations", "profiles": ["phone", "text"]},
            {"type": "delay", "for": "5m"},
            {"type": "jump", "to": "a", "times": 2},
        ]
    },
    "patient": {
        "drop_out": ["acknowledged"],
        "blocks": [{"type": "delay", "for": "1m"}, {"type": "notification", "roster": "operations"}],
    },
    "in circles": {
        "blocks": [
            {"type": "notification", "id": "a", "roster": "operations", "step": "1m"},
            {"type": "jump", "to": "a", "times": 500},
        ]
    },
}
TEXT_OUTCOMES = ("delivered", "undelivered", "no-receipt", "failed-number", "failed-provider")


class Timers:
    """An engine in memory; the machine decides what is handed out when."""

    def __init__(self):
        self.queues = {"run": {}, "alarm": {}}

    @property
    def due(self):
        return self.queues["run"]

    def handle(self, *_, **__): ...

    def moved_in(self, _): ...

    def enqueue_all_in(self, _, queue, items):
        self.queues[queue].update((key, due_ms) for key, due_ms, _ in items)

    def cancel_in(self, _, queue, keys):
        for key in keys:
            self.queues[queue].pop(key, None)

    def complete_in(self, *_): ...


class Plant(RuleBasedStateMachine):
    @initialize(crew=st.sets(ANYBODY))
    def opens(self, crew):
        self.folder = tempfile.TemporaryDirectory()
        self.clock = VirtualClock()
        self.db = Database.open(f"sqlite:///{self.folder.name}/t.db", clock=self.clock)
        self.db.migrate()
        self.timers = Timers()
        self.broken = False
        self.helped = set()
        self.board = Board(self.db, self.clock, RULES, pipelines=PIPELINES)
        self.runs = Runs(
            self.db,
            self.clock,
            self.timers,
            routing=self.routing(crew),
            bindings=Bindings(nobody_reached_in=self.last_resort),
        )
        self.board.also_in(self.runs.changed_in)
        self.board.also_in(AlarmTimer(self.board, self.timers, db=self.db, clock=self.clock).changed_in)

    def teardown(self):
        if hasattr(self, "db"):
            try:
                self.somebody_is_told_in_the_end()
            finally:
                self.db.close()
                self.folder.cleanup()

    # --- tools

    def routing(self, names):
        return routing(crew(*(person(one, PEOPLE[one]) for one in sorted(names))), pipelines=PIPELINES)

    def last_resort(self, connection, run, now_ms):
        if self.broken:
            raise RuntimeError("no way out at all")
        self.helped.add(run.episode_id)

    @property
    def now(self):
        return self.clock.now_ms()

    def write(self, work):
        return self.db.write_now(work)

    def read(self, query):
        return self.db.read_now(lambda c: c.execute(query).all())

    def let_alarms_pass_time(self):
        waiting = self.timers.queues["alarm"]
        due = {key: due_ms for key, due_ms in waiting.items() if due_ms <= self.now}
        for key in due:
            waiting.pop(key)
        if due:
            self.write(lambda c: self.board.pass_time_in(c, due, now_ms=self.now))

    def hand_out(self, keys):
        if keys:
            jobs = [Job("run", key, 0, 0, 1, 1) for key in keys]
            for key in keys:
                self.timers.due.pop(key)
            self.write(lambda c: self.runs._advance(c, jobs, self.now))

    def open_notices(self):
        return self.read(select(notice_table).where(notice_table.c.state != "done"))

    def wants_somebody(self):
        """Episodes that are active and unacknowledged, and whose run nobody has cancelled."""
        cancelled = select(runs.c.episode_id).where(runs.c.ended_why.startswith("cancelled by "))
        return self.read(
            select(episodes).where(
                episodes.c.state == "active", episodes.c.acked_ms.is_(None), episodes.c.id.not_in(cancelled)
            )
        )

    # --- what can happen to alarms

    @rule(
        path=st.sampled_from(PATHS),
        priority=st.sampled_from(["Low", "High", "Critical"]),
        pipeline=st.sampled_from([None, *PIPELINES]),
    )
    def an_alarm_is_raised(self, path, priority, pipeline):
        event = AlarmEvent(path=path, state="active", priority=priority, pipeline=pipeline)
        self.write(lambda c: self.board.report_in(c, [event], now_ms=self.now))

    @rule(path=st.sampled_from(PATHS))
    def it_clears(self, path):
        event = AlarmEvent(path=path, state="clear")
        self.write(lambda c: self.board.report_in(c, [event], now_ms=self.now))

    def some_episode(self, data):
        found = [row.id for row in self.read(select(episodes.c.id).order_by(episodes.c.id))]
        return [data.draw(st.sampled_from(found))] if found else []

    @rule(data=st.data(), by=ANYBODY)
    def somebody_acknowledges(self, data, by):
        which = self.some_episode(data)
        self.write(
            lambda c: self.board.acknowledge_in(c, which, by=by, via="voice", note="", now_ms=self.now)
        )

    @rule(data=st.data(), by=ANYBODY, minutes=st.sampled_from([1, 15, 90]))
    def somebody_shelves(self, data, by, minutes):
        which = self.some_episode(data)
        self.write(
            lambda c: self.board.shelve_in(c, which, by=by, via="api", minutes=minutes, now_ms=self.now)
        )

    @rule(data=st.data(), by=ANYBODY)
    def somebody_unshelves(self, data, by):
        which = self.some_episode(data)
        self.write(lambda c: self.board.unshelve_in(c, which, by=by, via="api", now_ms=self.now))

    @rule(data=st.data(), by=ANYBODY, until=st.sampled_from([None, 60_000, 3_600_000]))
    def somebody_takes_it_out_of_service(self, data, by, until):
        which = self.some_episode(data)
        until_ms = None if until is None else self.now + until
        self.write(
            lambda c: self.board.out_of_service_in(
                c, which, by=by, via="api", reason="repair", until_ms=until_ms, now_ms=self.now
            )
        )

    @rule(data=st.data(), by=ANYBODY)
    def somebody_returns_it_to_service(self, data, by):
        which = self.some_episode(data)
        self.write(lambda c: self.board.return_to_service_in(c, which, by=by, via="api", now_ms=self.now))

    @rule(data=st.data())
    def the_plant_suppresses_it(self, data):
        which = self.some_episode(data)
        self.write(
            lambda c: self.board.suppress_in(
                c, which, by="plant", via="rule", reason="pump stopped", now_ms=self.now
            )
        )

    @rule(data=st.data())
    def the_plant_lets_it_be_heard_again(self, data):
        which = self.some_episode(data)
        self.write(lambda c: self.board.unsuppress_in(c, which, by="plant", via="rule", now_ms=self.now))

    # --- what can happen to calls and texts

    @rule(data=st.data())
    def a_call_or_text_is_placed(self, data):
        queued = [row.id for row in self.open_notices() if row.state == "queued" and row.due_ms <= self.now]
        if queued:
            one = data.draw(st.sampled_from(queued))
            self.write(lambda c: notices.place_in(c, [one], call_id="c", now_ms=self.now))

    @rule(data=st.data(), at_once=st.booleans())
    def one_of_them_ends(self, data, at_once):
        started = [row for row in self.open_notices() if row.due_ms <= self.now]
        if not started:
            return
        one = data.draw(st.sampled_from(started))
        known = OUTCOMES if one.channel == "voice" else TEXT_OUTCOMES
        outcome = data.draw(st.sampled_from([*known, "unheard-of"]))

        def work(connection):
            notices.settle_in(connection, [one.id], outcome=outcome, now_ms=self.now)
            if at_once:
                self.runs.event_in(connection, one.run_id, self.now)

        self.write(work)

    @rule(data=st.data(), by=ANYBODY)
    def somebody_passes_it_on(self, data, by):
        which = self.some_episode(data)
        if which:
            self.write(lambda c: self.runs.pass_on_in(c, by, which, self.now))

    # --- what can happen to time and timers

    @rule(seconds=st.sampled_from([1, 30, 61, 300, 601, 3600]))
    def time_passes(self, seconds):
        self.clock._now += seconds
        self.what_is_due_is_done()

    @precondition(lambda self: self.timers.due)
    @rule()
    def time_passes_until_the_next_timer(self):
        self.clock._now = max(self.clock.now(), min(self.timers.due.values()) / 1000)
        self.what_is_due_is_done()

    @rule()
    def what_is_due_is_done(self):
        self.let_alarms_pass_time()
        self.hand_out(sorted(key for key, due_ms in self.timers.due.items() if due_ms <= self.now))

    @precondition(lambda self: self.timers.due)
    @rule(data=st.data())
    def a_timer_comes_too_early(self, data):
        key = data.draw(st.sampled_from(sorted(self.timers.due)))
        self.hand_out([key])

    @precondition(lambda self: self.timers.due)
    @rule(data=st.data())
    def a_timer_is_lost_and_the_watchdog_looks(self, data):
        self.timers.due.pop(data.draw(st.sampled_from(sorted(self.timers.due))))
        self.clock._now += 24 * 3600
        self.what_is_due_is_done()
        strays = self.db.read_now(lambda c: strays_in(c, self.now))
        self.write(lambda c: self.runs.rescue_in(c, strays, self.now))

    # --- what can happen to everything else

    @rule(names=st.sets(ANYBODY))
    def the_crew_changes(self, names):
        self.runs.configure(self.routing(names))

    @rule()
    def the_last_resort_breaks_or_is_mended(self):
        self.broken = not self.broken

    @rule(
        data=st.data(), nonsense=st.sampled_from([{"block": "x"}, {"step": 7}, {"people": []}, {"block": 99}])
    )
    def a_row_holds_nonsense(self, data, nonsense):
        which = self.some_episode(data)
        self.write(
            lambda c: c.execute(update(runs).where(runs.c.episode_id.in_(which)).values(position=nonsense))
        )

    @rule(data=st.data(), by=ANYBODY)
    def somebody_cancels_a_run(self, data, by):
        for episode in self.some_episode(data):
            self.write(lambda c, run=f"{episode}.active": self.runs.cancel_in(c, run, by, self.now))

    # --- what must hold

    @invariant()
    def every_alarm_that_wants_somebody_has_a_due_time_and_a_timer(self):
        if not hasattr(self, "db"):
            return
        known = {row.episode_id: row for row in self.read(select(runs))}
        for episode in self.wants_somebody():
            run = known.get(episode.id)
            assert run is not None, "no run"
            assert (run.state, run.due_ms is not None) == ("running", True), (run.state, run.ended_why)
            assert run.due_ms - self.now <= 90 * 60_000, "it waits for ever"
            assert run.waiting, "nobody could say what it waits for"
            assert self.timers.due.get(run.id, 2**62) <= max(run.due_ms, self.now + 60_000), (
                "no timer in time"
            )

    @invariant()
    def a_run_that_has_ended_asks_for_nobody(self):
        if not hasattr(self, "db"):
            return
        ended = select(runs.c.id).where(runs.c.state == "ended")
        asked = select(notice_table.c.id).where(
            notice_table.c.state == "queued", notice_table.c.run_id.in_(ended)
        )
        assert self.read(asked) == []
        assert not {row.id for row in self.read(ended)} & set(self.timers.due)

    @invariant()
    def an_alarm_that_somebody_took_over_has_no_run(self):
        if not hasattr(self, "db"):
            return
        both = (
            select(runs.c.id)
            .join(episodes)
            .where(runs.c.state == "running", episodes.c.acked_ms.is_not(None))
        )
        assert self.read(both) == []

    @invariant()
    def nobody_is_called_twice_at_a_time_for_one_alarm(self):
        if not hasattr(self, "db"):
            return
        calls = [
            (row.run_id, row.person, row.number)
            for row in self.open_notices()
            if row.channel == "voice" and row.state == "queued" and row.due_ms <= self.now
        ]
        assert len(calls) - len(set(calls)) <= 1  # one more may have come due from an earlier promise

    def somebody_is_told_in_the_end(self):
        """Whatever happened before: let nobody answer, and the last resort is called for every alarm left."""
        self.broken = False
        self.runs.configure(self.routing(PEOPLE))
        everything = [row.id for row in self.read(select(episodes.c.id))]
        for end in (self.board.unsuppress_in, self.board.return_to_service_in):
            self.write(lambda c, end=end: end(c, everything, by="maria", via="api", now_ms=self.now))
        left = {row.id for row in self.wants_somebody()}
        self.helped.clear()
        for _ in range(400):
            if left <= self.helped:
                break
            if self.timers.due:
                self.clock._now = max(self.clock.now(), min(self.timers.due.values()) / 1000)
            left &= {row.id for row in self.wants_somebody()}
            for row in self.open_notices():
                if row.due_ms <= self.now:
                    self.write(lambda c, row=row: self.nobody_answers(c, row))
            self.what_is_due_is_done()
        in_circles = {
            row.episode_id for row in self.read(select(runs).where(runs.c.pipeline == "in circles"))
        }
        assert left - in_circles <= self.helped, "nobody was reached, and nobody cried for help"
        for one in left - in_circles:
            kinds = {entry.kind for entry in self.db.read_now(lambda c, one=one: entries(c, one))}
            assert "run.nobody-reached" in kinds
        self.every_alarm_that_wants_somebody_has_a_due_time_and_a_timer()

    def nobody_answers(self, connection, row):
        outcome = "hung-up" if row.channel == "voice" else "undelivered"
        notices.settle_in(connection, [row.id], outcome=outcome, now_ms=self.now)
        self.runs.event_in(connection, row.run_id, self.now)


TestNeverSilent = Plant.TestCase
TestNeverSilent.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

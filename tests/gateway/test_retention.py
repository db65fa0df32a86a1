"""Retention: what is old enough goes, what anything still needs stays, and the counters never change."""

from __future__ import annotations

import pytest
from sqlalchemy import func, insert, select, update

from tocsin.alarms import AlarmEvent, Board
from tocsin.alarms.tables import notices
from tocsin.calls import statistics, store
from tocsin.calls.call import Call
from tocsin.calls.tables import (
    calls,
    effects,
    message_status,
    messages,
    status_events,
    text_dialogues,
    turns,
)
from tocsin.gateway.configuration import Configuration
from tocsin.gateway.retention import DAY_MS, Retention
from tocsin.journal import audit
from tocsin.journal.audit_key import AuditKey
from tocsin.journal.chain import AuditRow
from tocsin.journal.tables import journal
from tocsin.pipelines.tables import plans, runs
from tocsin.scripts.tables import releases, sources

MARIA = "+46701234567"
VALUE = Configuration.model_validate(
    {"retention": {"calls_days": 90}, "audit_profiles": {"plant": {"retention_days": 365}, "dam": {}}}
)


@pytest.fixture
def key(tmp_path):
    """Give the gateway's key of the audit."""
    return AuditKey.load(tmp_path / "state")


@pytest.fixture
def today(clock):
    """Give the moment of pruning, in days since 1970, as times of rows are given in days too."""
    return clock.now_ms() // DAY_MS


@pytest.fixture
def prune(db, key, today):
    """Give a function that prunes as the configuration says."""

    async def pruned(*, in_force=("r-now",)):
        kept = None if in_force is None else lambda: in_force
        return await Retention(db, lambda: VALUE, key, in_force=kept).prune(today * DAY_MS)

    return pruned


def call(conn, name, day, *, ended=True, release="r-old", sid=None):
    at_ms = day * DAY_MS
    made = Call(
        id=name, sid=sid or f"CA{name}", account="AC1", direction="inbound", number=MARIA, own_number="+1",
        profile="phone", project=".", release_id=release, language="en-US", started_ms=at_ms,
    )  # fmt: skip
    store.save_call(conn, made)
    if ended:
        conn.execute(update(calls).where(calls.c.id == name).values(ended_ms=at_ms + 60_000))
    row = dict.fromkeys(("key", "action", "params", "given", "answered", "twiml", "log", "failure"), "")
    row |= {"number": 1, "at_ms": at_ms, "release_id": release, "took_us": 1}
    conn.execute(insert(turns).values(call_id=name, **row))
    effect = {"key": "k", "ordinal": 1, "turn": 1, "name": "call.shelve", "result": "{}", "at_ms": at_ms}
    conn.execute(insert(effects).values(call_id=name, **effect))
    told = {"account": "AC1", "sid": made.sid, "sequence": 1, "status": "completed", "params": "{}"}
    conn.execute(insert(status_events).values(at_ms=at_ms, **told))


def text(conn, name, day):
    row = {"id": name, "account": "AC1", "sid": f"SM{name}", "direction": "inbound", "number": MARIA}
    row |= {"own_number": "+1", "body": "OK", "state": "received", "error": "", "at_ms": day * DAY_MS}
    store.add_message(conn, row)
    told = {"account": "AC1", "sid": f"SM{name}", "status": "sent", "error": ""}
    conn.execute(insert(message_status).values(at_ms=day * DAY_MS, **told))


async def left(db, column):
    return sorted(await db.read(lambda conn: list(conn.scalars(select(column)))))


async def test_only_texts_that_went_are_counted_as_such(db, prune):
    """The record of what was removed is true: what a telephone could be asked is no text."""
    await db.write(lambda conn: conn.execute(insert(text_dialogues).values(number=MARIA)))

    done = await prune()

    assert done.texts == 0
    assert await left(db, text_dialogues.c.number) == []


async def test_old_calls_go_with_everything_of_theirs(db, prune, today):
    """Turns, effects and status events go with their call; younger ones stay whole."""

    def work(conn):
        call(conn, "old", today - 91)
        call(conn, "new", today - 89)
        text(conn, "old", today - 91)
        text(conn, "new", today - 89)

    await db.write(work)

    done = await prune()

    assert (done.calls, done.texts) == (1, 1)
    for column in (calls.c.id, turns.c.call_id, effects.c.call_id, messages.c.id):
        assert await left(db, column) == ["new"]
    assert await left(db, status_events.c.sid) == ["CAnew"]
    assert await left(db, message_status.c.sid) == ["SMnew"]
    assert not await prune()


async def test_what_was_counted_stays_counted(db, prune, today):
    """Counters outlive the rows, and a webhook sent again after years adds nothing."""
    await db.write(lambda conn: (call(conn, "old", today - 400), text(conn, "old", today - 400)))
    await prune()

    await db.write(lambda conn: (call(conn, "again", today, sid="CAold"), text(conn, "old", today)))

    found = await db.read(lambda conn: statistics.counts_of(conn, [MARIA])[MARIA])
    assert (found.calls_received, found.messages_received) == (1, 1)


async def test_a_call_without_an_end_stays_a_day_longer(db, prune, today):
    """Its last event may have been lost; no call lasts a day."""
    await db.write(
        lambda conn: (
            call(conn, "lost", today - 92, ended=False),
            call(conn, "new", today - 90.5, ended=False),
        )
    )

    await prune()

    assert await left(db, calls.c.id) == ["new"]


async def test_more_than_one_step_is_taken(db, prune, today):
    """However many are old, all of them go, a hundred at a time."""
    await db.write(lambda conn: [call(conn, f"c{number}", today - 100) for number in range(250)])

    assert (await prune()).calls == 250


async def alarm(db, clock, path, *, over):
    board = Board(db, clock, {})
    (accepted,) = await board.report([AlarmEvent(path, "active")])
    if over:
        await board.acknowledge([accepted.episode], by="maria", via="api")
        await board.report([AlarmEvent(path, "clear")])
    return accepted.episode


def notice(conn, episode, day, *, state="done", call_id=None):
    row = {"episode_id": episode, "person": "maria", "attempt": 1, "channel": "voice", "state": state}
    conn.execute(insert(notices).values(created_ms=day * DAY_MS, call_id=call_id, **row))


async def test_notices_and_runs_of_alarms_that_are_over_go(db, clock, prune, today):
    """Those of an alarm nobody has acknowledged stay for as long as it takes; the journal stays anyhow."""
    over, open_ = [await alarm(db, clock, path, over=path == "Over") for path in ("Over", "Open")]

    def work(conn):
        for place, episode in enumerate((over, open_)):
            notice(conn, episode, today - 100)
            old = (today - 100) * DAY_MS
            conn.execute(insert(plans).values(hash=f"p{place}", blocks=[], created_ms=old))
            ended = {"state": "ended", "ended_ms": old} if episode == over else {"state": "running"}
            run = {
                "id": f"run{place}",
                "episode_id": episode,
                "hook": "active",
                "pipeline": "",
                "plan": f"p{place}",
            }
            rest = {"position": {}, "priority": 0, "started_ms": old, "version": 1}
            conn.execute(insert(runs).values(**run, **rest, **ended))

    await db.write(work)
    before = await db.read(lambda conn: conn.execute(select(func.count()).select_from(journal)).scalar())

    done = await prune()

    assert (done.notices, done.runs) == (1, 2)
    assert await left(db, notices.c.episode_id) == [open_]
    assert await left(db, runs.c.id) == ["run1"]
    assert await left(db, plans.c.hash) == ["p1"]
    assert (
        await db.read(lambda conn: conn.execute(select(func.count()).select_from(journal)).scalar()) == before
    )


async def test_a_call_that_carries_an_open_notice_stays(db, clock, prune, today):
    """Somebody still waits for its end."""
    episode = await alarm(db, clock, "Open", over=False)
    await db.write(
        lambda conn: (
            call(conn, "old", today - 100),
            notice(conn, episode, today - 100, state="placed", call_id="old"),
        )
    )

    await prune()

    assert await left(db, calls.c.id) == ["old"]


async def test_releases_that_no_call_needs_go_with_their_sources(db, prune, today):
    """One in force stays however old, and so does one that a call on record was answered by."""

    def work(conn):
        call(conn, "new", today - 1, release="r-used")
        for name, day in (("r-gone", 100), ("r-used", 100), ("r-now", 100), ("r-young", 5)):
            conn.execute(insert(sources).values(hash=f"s-{name}", source="x"))
            files = {"scripts": [["10.py", f"s-{name}"]], "default": [["acknowledge.py", "s-default"]]}
            row = {"id": name, "project": ".", "files": files, "created_ms": (today - day) * DAY_MS}
            conn.execute(insert(releases).values(**row))
        conn.execute(insert(sources).values(hash="s-default", source="x"))

    await db.write(work)

    assert (await prune(in_force=None)).scripts == 0
    assert (await prune()).scripts == 2
    assert await left(db, releases.c.id) == ["r-now", "r-used", "r-young"]
    assert await left(db, sources.c.hash) == ["s-default", "s-r-now", "s-r-used", "s-r-young"]


async def test_audit_rows_go_after_the_days_of_their_profile(db, key, prune, today):
    """Each profile has its own; one that is configured no more keeps everything."""

    def work(conn):
        for profile in ("plant", "dam", "gone"):
            for day in (today - 400, today - 300):
                audit.append_in(conn, profile, [AuditRow(day * DAY_MS, "call", "acked", person="maria")])

    await db.write(work)

    assert (await prune()).audit == 1
    for profile, rows in (("plant", 1), ("dam", 2), ("gone", 2)):
        found = await db.read(lambda conn, profile=profile: audit.verify(conn, profile, key=key))
        assert (found.whole, found.rows) == (True, rows)

"""Episodes are kept for good, so nothing that is asked often may look through all there ever were."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, event

from tocsin.alarms import store
from tocsin.alarms.tables import episodes


@pytest.fixture
def connection():
    """Give a connection to SQLite, which tells how it goes about a statement."""
    engine = create_engine("sqlite://")
    with engine.connect() as found:
        episodes.create(found)
        yield found
    engine.dispose()


def way_of(connection, ask):
    """Give how the one statement that `ask` makes is carried out."""
    asked = []
    event.listen(connection, "before_cursor_execute", lambda *told: asked.append(told[2:4]))
    ask(connection)
    ((statement, values),) = asked
    steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    return " ".join(row[3] for row in steps)


@pytest.mark.parametrize(
    ("state", "index"),
    [
        ("open", "ix_ts_episode_open"),
        ("active", "ix_ts_episode_open"),
        ("unacknowledged", "ix_ts_episode_open"),
        ("shelved", "ix_ts_episode_aside"),
        ("suppressed", "ix_ts_episode_aside"),
        ("out-of-service", "ix_ts_episode_aside"),
    ],
)
def test_what_is_listed_is_looked_for_among_its_like(connection, state, index):
    """A gateway of ten years lists its three open alarms as fast as a new one."""
    way = way_of(connection, lambda one: store.listed(one, state, 1_000, limit=100))
    assert index in way


def test_a_report_finds_the_active_episode_among_active_ones(connection):
    """However often the alarm was active before."""
    way = way_of(connection, lambda one: store.active_on(one, ["Plant/Pump", "Plant/Door"], alone=True))
    assert "uq_ts_episode_active" in way


def test_whether_an_alarm_was_ever_cleared_is_looked_up(connection):
    """By its path and name."""
    way = way_of(connection, lambda one: store.was_cleared(one, "Plant/Pump", "Pump"))
    assert "ix_ts_episode_cleared (path=? AND name=?)" in way

"""What is looked up before every call and text costs as much after years of them as on the first day."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from tocsin.channels import store
from tocsin.db.schema import load_tables

pytestmark = pytest.mark.anyio
load_tables()


@pytest.mark.parametrize("channel", ["voice", "sms"])
@pytest.mark.parametrize("look_up", [store.tried, lambda *about: store.last_used(*about, 0, 1)])
async def test_an_index_leads_to_the_newest_attempts_of_an_account(db, channel, look_up):
    """By account and time, however many calls and texts have come in over the same account."""

    def plan(conn):
        if conn.dialect.name != "sqlite":
            pytest.skip("only SQLite tells its plan for tables that are empty")
        asked = []

        def note(_conn, _cursor, statement, parameters, *_):
            asked.append((statement, parameters))

        event.listen(conn, "before_cursor_execute", note)
        look_up(conn, channel, "AC1")
        event.remove(conn, "before_cursor_execute", note)
        ((statement, parameters),) = asked
        return [row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]

    index = "ix_ts_call_placed" if channel == "voice" else "ix_ts_message_at"
    (step,) = await db.read(plan)
    assert f"INDEX {index} (account=?" in step

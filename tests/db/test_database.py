"""What everybody may rely on: what was acknowledged is kept, and one mistake harms nobody else."""

import asyncio
import threading
from contextlib import suppress

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from tocsin.db import BigKey, Json, NotStored, after_commit

tables = MetaData()  # not the product's: these tables are the tests' own
notes = Table(
    "try_note",
    tables,
    Column("id", BigKey, primary_key=True),
    Column("text", Text, nullable=False, unique=True),
    Column("data", Json),
)
lines = Table(
    "try_line",
    tables,
    Column("id", BigKey, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("data", Json),
)


@pytest.fixture
async def db(url, open_database):
    database = open_database(url)
    await database.write(tables.create_all)
    return database


def add(text, **data):
    return lambda connection: connection.execute(
        insert(notes).values(text=text, data=data)
    ).inserted_primary_key[0]


def texts(connection):
    return list(connection.execute(select(notes.c.text).order_by(notes.c.id)).scalars())


def numbers(connection):
    return list(connection.execute(select(lines.c.number).order_by(lines.c.id)).scalars())


async def test_a_work_returns_its_result_and_its_change_can_be_read(db):
    """`write` gives what the work returns, and every reader sees the change afterwards."""
    key = await db.write(add("pump 2", level=[1, 2.5, None, "high"]))

    assert key == 1
    assert await db.read(lambda c: c.execute(select(notes.c.data)).scalar_one()) == {
        "level": [1, 2.5, None, "high"]
    }


async def test_a_failing_work_harms_no_neighbour(db):
    """Of many works queued together, the one that breaks a rule fails alone, with its own error."""
    await db.write(add("twice"))

    results = await asyncio.gather(
        *(db.write(add("twice" if number == 7 else f"note {number}")) for number in range(20)),
        return_exceptions=True,
    )

    assert [type(result) for result in results if not isinstance(result, int)] == [IntegrityError]
    assert isinstance(results[7], IntegrityError)
    assert set(await db.read(texts)) == {"twice"} | {f"note {n}" for n in range(20) if n != 7}


async def test_a_work_that_raises_leaves_nothing_of_itself(db):
    """Changes made before an exception are undone, whether the work ran alone or among others."""

    def half(connection):
        add("half done")(connection)
        raise ZeroDivisionError("after the insert")

    with pytest.raises(ZeroDivisionError, match="after the insert"):
        await db.write(half)
    results = await asyncio.gather(
        db.write(add("a")), db.write(half), db.write(add("b")), return_exceptions=True
    )

    assert isinstance(results[1], ZeroDivisionError)
    assert sorted(await db.read(texts)) == ["a", "b"]


async def test_what_was_to_follow_a_commit_is_undone_with_its_work(db):
    """Of works in one transaction, only those that are kept are followed by what they asked for."""
    followed = []

    def work(name, fails=False):
        def asks(connection):
            after_commit(connection, lambda: followed.append(name))
            if fails:
                raise ZeroDivisionError(name)

        return asks

    def partly(connection):
        after_commit(connection, lambda: followed.append("before"))
        with suppress(ZeroDivisionError), connection.begin_nested():
            work("in a savepoint", fails=True)(connection)
        with connection.begin_nested():
            after_commit(connection, lambda: followed.append("after"))

    works = [work("a"), work("undone", fails=True), work("b"), partly, work("undone as well", fails=True)]
    await asyncio.gather(*(db.write(one) for one in works), return_exceptions=True)
    await db.write(lambda _: None)  # what follows a commit has run before the next is on disk

    assert sorted(followed) == ["a", "after", "b", "before"]


async def test_a_cancelled_caller_does_not_undo_the_work(db, url, open_database):
    """A work once handed in is carried out, even where nobody waits for it any more."""
    gate = threading.Event()
    slow = asyncio.ensure_future(db.write(lambda _c: gate.wait(5)))
    waiting = asyncio.ensure_future(db.write(add("kept")))
    await asyncio.sleep(0)
    waiting.cancel()
    gate.set()
    await slow
    await db.aclose()

    assert open_database(url).read_now(texts) == ["kept"]


async def test_appended_rows_are_there_after_a_flush_in_their_order(db):
    """Rows of one table keep their order, whatever their number and shape."""
    for number in range(1000):
        db.append(lines, {"number": number, "data": {"n": number}} if number % 3 else {"number": number})
    await db.flush()

    found = await db.read(lambda c: [(n, d) for n, d in c.execute(select(lines.c.number, lines.c.data))])
    assert dict(found) == {n: {"n": n} if n % 3 else None for n in range(1000)}


async def test_appended_rows_reach_the_disk_by_themselves(db):
    """Nobody has to ask: a row appended is readable well within a second."""
    db.append(lines, {"number": 1})
    async with asyncio.timeout(2):
        while not await db.read(numbers):
            await asyncio.sleep(0.02)


async def test_a_bad_appended_row_is_dropped_alone(db):
    """A row the database refuses, or of a column that is not there, takes no other row with it."""
    for number in range(70):
        db.append(lines, {"number": None if number == 30 else number})
    db.append(lines, {"number": 1, "nonsense": 2})
    db.append(lines, {"number": 70, "data": {"not JSON": object()}})
    db.append(lines, {"number": 71})
    await db.flush()

    assert await db.read(numbers) == [*range(30), *range(31, 70), 71]


async def test_readers_can_change_nothing(db):
    """A work handed to `read` that writes is refused by the database itself."""
    with pytest.raises(DBAPIError):
        await db.read(add("sneaked in"))

    assert await db.read(texts) == []


async def test_writes_from_many_tasks_are_all_kept(db):
    """A thousand writes at once arrive exactly once each."""
    await asyncio.gather(*(db.write(add(f"note {number}")) for number in range(1000)))

    assert await db.read(lambda c: c.execute(select(func.count()).select_from(notes)).scalar_one()) == 1000


async def test_closing_finishes_what_was_handed_in(url, open_database):
    """Works queued and rows appended before `aclose` are on disk; what comes later is refused."""
    database = open_database(url)
    await database.write(tables.create_all)
    works = [asyncio.ensure_future(database.write(add(f"note {number}"))) for number in range(50)]
    await asyncio.sleep(0)
    database.append(lines, {"number": 5})
    await database.aclose()
    await asyncio.gather(*works)

    with pytest.raises(NotStored, match="stopping"):
        await database.write(add("too late"))
    again = open_database(url)
    assert len(again.read_now(texts)) == 50
    assert again.read_now(numbers) == [5]


def test_commands_may_use_it_without_an_event_loop(url, open_database):
    """`write_now` and `read_now` do the same, blocking."""
    database = open_database(url)
    database.write_now(tables.create_all)

    assert database.write_now(add("from a command")) == 1
    assert database.read_now(texts) == ["from a command"]
    with pytest.raises(IntegrityError):
        database.write_now(add("from a command"))


async def test_a_gateway_that_stands_still_holds_no_rows_for_long(db, url):
    """PostgreSQL ends a transaction in which nothing happens, so that another gateway can go on."""
    if url.startswith("sqlite"):
        pytest.skip("a file belongs to one gateway")
    shown = await db.read(
        lambda c: c.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar_one()
    )
    assert shown == "30s"


async def test_an_error_of_the_database_does_not_show_what_was_to_be_kept(db):
    """It is logged where nobody expected it, and rows hold telephone numbers, texts and notes."""
    await db.write(add("+46701740605 the key is under the mat"))
    with pytest.raises(IntegrityError) as caught:
        await db.write(add("+46701740605 the key is under the mat"))
    assert "try_note" in str(caught.value)
    statement = str(caught.value).partition("[SQL:")[2]
    assert "under the mat" not in statement

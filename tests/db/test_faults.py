"""Storage that fails says so in one sentence, keeps nothing half, and comes back by itself."""

import asyncio
import json
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Column, MetaData, Table, Text, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

from tocsin.clock import VirtualClock
from tocsin.db import BigKey, NotStored, after_commit, writer
from tocsin.db.engines import UnusableAddress
from tocsin.db.faults import storage_fault

HERE = Path(__file__).parent
tables = MetaData()
notes = Table("try_note", tables, Column("id", BigKey, primary_key=True), Column("text", Text))


def add(text):
    return lambda connection: connection.execute(insert(notes).values(text=text))


def texts(connection):
    return list(connection.execute(select(notes.c.text).order_by(notes.c.id)).scalars())


@pytest.fixture
def impatient(monkeypatch):
    """Waits that are seconds in service are hundredths here."""
    monkeypatch.setattr("tocsin.db.engines.BUSY_MS", 40)
    monkeypatch.setattr(writer, "PROBE_S", 0.02)
    monkeypatch.setattr(writer, "APPEND_S", 0.02)


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_locked_file_refuses_and_recovers_by_itself(file_url, tmp_path, open_database, impatient):
    """Another program's lock gives NotStored and a health that says since when; both end with the lock."""
    clock = VirtualClock()
    db = open_database(file_url, clock)
    await db.write(tables.create_all)
    other = sqlite3.connect(tmp_path / "tocsin.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = clock.now_ms() + 60_000
    await clock.advance(60)

    results = await asyncio.gather(*(db.write(add(f"n{n}")) for n in range(5)), return_exceptions=True)
    db.append(notes, {"text": "kept for later"})
    await clock.advance(10)
    with pytest.raises(NotStored):
        await db.write(add("again"))

    assert {type(result) for result in results} == {NotStored}
    assert "another program keeps the database" in str(results[0])
    assert (db.health.ok, db.health.since_ms) == (False, began)
    assert db.health.error in str(results[0])

    other.execute("ROLLBACK")
    await until(lambda: db.health.ok)

    assert db.health.error == ""
    assert db.health.since_ms == clock.now_ms()
    await until(lambda: db.read_now(texts) == ["kept for later"])
    other.close()


async def test_a_log_that_cannot_be_written_ends_no_thread(
    file_url, tmp_path, open_database, impatient, monkeypatch
):
    """What is refused is answered so, what was kept is not taken for refused, and health tells both."""

    def fails(*_, **__):
        raise OSError("No space left on device")

    db = open_database(file_url)
    await db.write(tables.create_all)
    for level in ("debug", "info", "error", "exception"):
        monkeypatch.setattr(writer.log, level, fails, raising=False)
    other = sqlite3.connect(tmp_path / "tocsin.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async with asyncio.timeout(5):
        with pytest.raises(NotStored, match="locked"):
            await db.write(add("refused"))
        assert not db.health.ok
        other.execute("ROLLBACK")
        await db.write(lambda connection: (add("kept")(connection), after_commit(connection, fails)))

    assert db.health.ok
    assert db.read_now(texts) == ["kept"]
    other.close()


async def test_reading_goes_on_while_the_file_is_locked(file_url, tmp_path, open_database, impatient):
    """A lock stops writers only."""
    db = open_database(file_url)
    await db.write(tables.create_all)
    await db.write(add("before"))
    other = sqlite3.connect(tmp_path / "tocsin.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    assert await db.read(texts) == ["before"]
    other.close()


async def test_a_file_taken_away_is_noticed(file_url, tmp_path, open_database, impatient):
    """Writing into a deleted file would be lost in silence; it is refused until the file is back."""
    db = open_database(file_url)
    await db.write(tables.create_all)
    await db.write(add("one"))
    await db.write(lambda c: None)
    for file in tmp_path.glob("tocsin.db*"):
        file.rename(tmp_path / f"away-{file.name}")

    with pytest.raises(NotStored, match="has disappeared"):
        await db.write(add("into nowhere"))
    for file in tmp_path.glob("away-*"):
        file.rename(tmp_path / file.name.removeprefix("away-"))
    await until(lambda: db.health.ok)
    await db.write(add("two"))

    assert await db.read(texts) == ["one", "two"]


async def test_a_file_without_the_tables_is_no_replacement(file_url, tmp_path, open_database, impatient):
    """An empty file under the same name is refused, for as long as it stands there, and so is its health."""
    db = open_database(file_url)
    db.migrate()
    await db.write(lambda c: None)
    for file in tmp_path.glob("tocsin.db*"):
        file.rename(tmp_path / f"away-{file.name}")
    sqlite3.connect(tmp_path / "tocsin.db").close()
    (tmp_path / "tocsin.db").touch()

    with pytest.raises(NotStored, match="does not hold its tables; put it back"):
        await db.write(lambda c: c.exec_driver_sql("DELETE FROM ts_timer"))
    since_ms = db.health.since_ms
    await asyncio.sleep(0.1)  # it is tried again several times
    assert (db.health.ok, db.health.since_ms) == (False, since_ms)

    for file in tmp_path.glob("away-*"):
        file.rename(tmp_path / file.name.removeprefix("away-"))
    await until(lambda: db.health.ok)
    await db.write(lambda c: c.exec_driver_sql("DELETE FROM ts_timer"))


@pytest.mark.parametrize(
    ("error", "stored"),
    [
        (psycopg.errors.IdleInTransactionSessionTimeout, False),
        (psycopg.errors.DeadlockDetected, False),
        (psycopg.errors.LockNotAvailable, False),
        (psycopg.errors.InsufficientPrivilege, False),
        (psycopg.errors.UndefinedTable, False),
        (psycopg.errors.QueryCanceled, False),
        (psycopg.errors.UniqueViolation, True),
        (psycopg.errors.StringDataRightTruncation, True),
        (psycopg.errors.ProgramLimitExceeded, True),  # too long for an index: it is so at every attempt
        (psycopg.errors.InFailedSqlTransaction, True),  # the work went on behind its own mistake
        (psycopg.errors.SyntaxError, True),
    ],
)
def test_whose_fault_an_error_of_postgresql_is(error, stored):
    """What a work did wrong is its own; whatever else keeps a change from being stored is the storage's."""
    told = DBAPIError.instance("UPDATE", {}, error("x"), psycopg.Error, dialect=postgresql.dialect())
    sentence = storage_fault(told, "the database plant on here")

    assert (sentence is None) is stored
    assert stored or (sentence.startswith("the database plant") or "the database plant" in sentence)


async def test_a_table_that_is_missing_is_no_mistake_of_a_work(url, open_database, impatient):
    """Reports are refused for later, not as wrong, where a table was dropped."""
    db = open_database(url)
    with pytest.raises(NotStored, match=r"a table of the database .* is missing; restore a copy"):
        await db.write(add("into nowhere"))


async def test_a_reader_leaves_no_empty_file_behind(file_url, tmp_path, open_database, impatient):
    """While the file is away, reading fails as plainly as writing and makes nothing of its own."""
    db = open_database(file_url)
    await db.write(tables.create_all)
    await db.read(texts)
    for file in tmp_path.glob("tocsin.db*"):
        file.unlink()

    for _ in range(4):
        with pytest.raises(NotStored, match="cannot be opened"):
            await db.read(texts)
    assert list(tmp_path.iterdir()) == []


async def test_the_file_is_its_owners_alone(file_url, tmp_path, open_database):
    """The database names people and their numbers, whatever the umask."""
    db = open_database(file_url)
    await db.write(tables.create_all)

    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob("tocsin.db*")} == {0o600}


async def test_a_restored_file_is_its_owners_alone_again(file_url, tmp_path, open_database):
    """A copy comes with the modes of whoever copied it, and so would what is written beside it."""
    db = open_database(file_url)
    await db.write(tables.create_all)
    for file in tmp_path.glob("tocsin.db*"):
        file.chmod(0o644)

    await open_database(file_url).write(add("n"))

    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.glob("tocsin.db*")} == {0o600}


async def test_an_unreachable_place_is_said_at_every_work(tmp_path, open_database):
    """Opening never fails; each work does, with the place and the remedy."""
    db = open_database(f"sqlite:///{tmp_path}/no/such/folder/tocsin.db")

    with pytest.raises(
        NotStored, match=r"/no/such/folder/tocsin.db cannot be opened; check that its folder exists"
    ):
        await db.write(add("x"))
    with pytest.raises(NotStored, match="cannot be opened"):
        db.migrate()
    away = open_database("postgresql://nobody:secret@127.0.0.1:9/none")
    with pytest.raises(NotStored, match=r"the database none on 127.0.0.1 cannot be reached") as refused:
        await away.write(add("x"))
    assert "secret" not in str(refused.value)


async def test_a_file_that_is_no_database(tmp_path, open_database):
    """A wrong file is named as such and left alone."""
    (tmp_path / "tocsin.db").write_bytes(b"this is not a database at all, but it is long enough" * 100)
    db = open_database(f"sqlite:///{tmp_path}/tocsin.db")

    with pytest.raises(NotStored, match="is not a SQLite database"):
        await db.write(add("x"))


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite://", "in memory"),
        ("mysql://host/db", "use sqlite or postgresql"),
        ("tocsin.db", "is not a URL"),
        ("postgresql://me:hunter2@host:/tocsin", "is not a URL"),
        ("postgresql://me:hunter2@host:${PGPORT}/tocsin", "is not a URL"),
        ("postgresql://me:hun:ter2@c@host/tocsin", "is not a URL"),
        ("postgresql://me:hunter2@[::1/tocsin", "is not a URL"),
    ],
)
def test_addresses_that_cannot_work(url, sentence, open_database):
    """A wrong address is told at once, in a sentence that shows nothing of a password."""
    with pytest.raises(UnusableAddress, match=sentence) as refused:
        open_database(url)
    assert "ter2" not in str(refused.value)


def test_without_the_library_for_postgresql_one_is_told_how_to_install_it(monkeypatch, open_database):
    """The wheel alone has none; a sentence says so, where a traceback would come again at every restart."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UnusableAddress, match=r"needs psycopg.*pip install 'tocsin-.*\[postgresql\]'"):
        open_database("postgresql://tocsin@127.0.0.1:1/tocsin")


def test_a_full_disk_refuses_and_goes_on_once_there_is_room(tmp_path):
    """On a disk that is really full nothing is acknowledged that is not stored, and nothing needs a restart."""
    unshare, mount = shutil.which("unshare"), shutil.which("mount")
    if not unshare or not mount:
        pytest.skip("unshare and mount are needed for a disk of one's own")
    inside = 'mount -t tmpfs -o size=1m none "$1" && shift && exec "$@"'
    words = [tmp_path, sys.executable, f"{HERE}/fill_disk.py", tmp_path]
    done = subprocess.run(
        [unshare, "--user", "--map-root-user", "--mount", "sh", "-c", inside, "sh", *words],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if done.stderr.startswith(("mount:", "unshare:")):
        pytest.skip(f"no disk of one's own here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])

    assert "is full; free some space" in told["sentence"]
    assert told["health_while_full"] is False
    assert told["recovered"] is True
    assert set(told["acknowledged"]) <= set(told["stored"])
    assert told["extra"] == []
    assert "cannot be written" in told["read_only"] or "cannot be opened" in told["read_only"]

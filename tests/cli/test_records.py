"""`tocsin audit`, `tocsin db` and `tocsin user forget`: the records, out of the database and in good order."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sqlite3
import stat
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from tests.plant import MARIA, TOML, write_project

from tocsin.clock import SystemClock
from tocsin.gateway import checks
from tocsin.gateway.lock import FolderLock
from tocsin.gateway.storage import open_beside
from tocsin.journal import audit, entries, record
from tocsin.journal.chain import AuditRow
from tocsin.journal.tables import audit as table

DAY_MS = 86_400_000
AUDITED = TOML + "[audit_profiles.plant]\nretention_days = 365\n"


@pytest.fixture
def opened(tmp_path):
    """Give a function that works on the project's database, as a gateway would."""
    folder = write_project(tmp_path / "plant")
    (folder / "tocsin.toml").write_text(AUDITED)

    def work(function):
        db = open_beside(checks.read(folder)[0].value, folder / ".tocsin", SystemClock())
        try:
            return db.write_now(function)
        finally:
            db.close()

    (folder / ".tocsin").mkdir()
    return work


@pytest.fixture
def plant(tmp_path, opened):
    """Give a project in whose database Maria and Jon have acknowledged, and one row is two years old."""
    now_ms = SystemClock().now_ms()

    def work(conn):
        rows = [
            AuditRow(
                now_ms - 730 * DAY_MS, "call", "voicemail", person="maria", number="+4670…67", via="voice"
            ),
            AuditRow(
                now_ms - 1000, "acknowledge", "ok", person="maria", note="=1+1", episode_id="e1", via="voice"
            ),
            AuditRow(now_ms, "acknowledge", "ok", person="jon", note="on my way", episode_id="e2", via="sms"),
        ]
        audit.append_in(conn, "plant", rows)
        record(conn, kind="alarm.acknowledged", at_ms=now_ms, subject="e1", person="maria")

    opened(work)
    return tmp_path / "plant"


def changed(opened, number, **news):
    opened(lambda conn: conn.execute(update(table).where(table.c.number == number).values(**news)))


# --- audit -----------------------------------------------------------------------------------------------


def test_the_audit_is_exported_as_json_lines(tocsin, plant):
    """One object per row with its hashes; a pipe gets nothing else."""
    done = tocsin("audit", "export", "--project", plant)

    rows = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 0
    assert [(row["number"], row["person"], row["action"]) for row in rows] == [
        (1, "maria", "call"), (2, "maria", "acknowledge"), (3, "jon", "acknowledge"),
    ]  # fmt: skip
    assert rows[1]["previous"] == rows[0]["hash"]
    assert done.err == ""


def test_the_audit_is_exported_for_a_spreadsheet(tocsin, plant):
    """Moments as ISO 8601; what somebody wrote is no formula."""
    rows = list(
        csv.DictReader(io.StringIO(tocsin("audit", "export", "--format", "csv", "--project", plant).out))
    )

    assert [row["note"] for row in rows] == ["", "'=1+1", "on my way"]
    assert rows[0]["phone"] == "+4670…67"
    assert rows[0]["at"].endswith("+00:00")


def test_an_export_can_be_limited_and_written_to_a_file(tocsin, plant, tmp_path):
    """Only its owner can read the file."""
    file = tmp_path / "audit.jsonl"
    lately = f"{datetime.now(UTC) - timedelta(days=300):%Y-%m-%d}"

    done = tocsin("audit", "export", "--profile", "plant", "--since", lately, "-o", file, "--project", plant)

    assert done.code == 0
    assert "2 rows are in" in done.out
    assert len(file.read_text().splitlines()) == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["export", "--since", "yesterday"], "is no moment; write 2026-03-01 or 2026-03-01T14:30"),
        (["export", "--profile", "dam"], 'there are no audit rows of a profile "dam"; there are of: plant'),
        (["export", "-o", "no/such/folder/x"], "cannot be written"),
        (["verify", "--known", "7"], "write NUMBER:HASH"),
        (["verify", "--known", f"7:{'0' * 64}"], "name it with --profile"),
    ],
)
def test_what_cannot_be_is_usage_with_a_sentence(tocsin, plant, arguments, says):
    """Exit 2, and what to write instead."""
    done = tocsin("audit", *arguments, "--project", plant)

    assert done.code == 2
    assert says in done.err


def test_an_unchanged_audit_is_verified(tocsin, plant):
    """The end is printed, and the next verification can hold the chain against it."""
    done = tocsin("audit", "verify", "--project", plant)
    assert done.code == 0
    assert "plant: rows 1 to 3 are as they were written" in done.out
    end = done.out.split("its end is ")[1].split()[0]

    again = tocsin("audit", "verify", "--profile", "plant", "--known", end, "--json", "--project", plant)

    (verdict,) = json.loads(again.out)
    assert (verdict["whole"], verdict["rows"], f"3:{verdict['head']}") == (True, 3, end)


def test_a_changed_row_is_named_and_is_a_finding(tocsin, plant, opened):
    """Exit 1, in words or as JSON."""
    changed(opened, 2, result="failed")

    done = tocsin("audit", "verify", "--project", plant)

    assert done.code == 1
    assert done.out == "audit profile plant: row 2 is not as it was written\n"
    data = tocsin("audit", "verify", "--json", "--project", plant)
    assert data.code == 1
    assert json.loads(data.out)[0]["findings"] == [done.out.strip()]


def test_an_exported_file_is_verified_without_a_database(tocsin, plant, tmp_path):
    """Whoever holds a copy can tell whether it was changed."""
    file = tmp_path / "audit.jsonl"
    tocsin("audit", "export", "-o", file, "--project", plant)
    assert tocsin("audit", "verify", "--file", file).code == 0

    file.write_text(file.read_text().replace('"jon"', '"joe"'))
    done = tocsin("audit", "verify", "--file", file)
    assert (done.code, "row 3 names somebody else" in done.out) == (1, True)
    file.write_text("{}\n")
    assert "audit.jsonl:1: is no row of an audit" in tocsin("audit", "verify", "--file", file).err


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"number":2', b'"number":"2"'),
        (b'"profile":"plant"', b'"profile":["plant"]'),
        (b'"data":{', b'"data":{"x":Infinity,'),
        (b'"data":{', b'"data":{"x":"\\ud800",'),
        (b'"maria"', b'"mari\xe5"'),
        (b'"personal":{', b'"personal":[{'),
    ],
)
def test_whatever_was_done_to_a_file_its_line_is_named(tocsin, plant, tmp_path, before, after):
    """This is what verifying is for: no change to a file may end it in a traceback."""
    file = tmp_path / "audit.jsonl"
    tocsin("audit", "export", "-o", file, "--project", plant)
    whole = file.read_bytes().replace(b'": ', b'":').replace(b'":  ', b'":')
    assert before in whole
    file.write_bytes(whole.replace(before, after))

    done = tocsin("audit", "verify", "--file", file)

    assert done.code != 0
    assert "is no row of an audit" in done.err


def test_a_copy_leaves_nothing_beside_itself(tocsin, plant, tmp_path):
    """Night after night, for years."""
    (tmp_path / "copies").mkdir()
    assert tocsin("db", "backup", tmp_path / "copies" / "night.db", "--project", plant).code == 0
    assert [one.name for one in (tmp_path / "copies").iterdir()] == ["night.db"]


def test_a_project_that_was_never_started_has_no_database_yet(tocsin, tmp_path):
    """That is said in so many words, and nothing is made."""
    folder = write_project(tmp_path / "fresh")
    for command in (["check"], ["backup", tmp_path / "copy.db"]):
        done = tocsin("db", *command, "--project", folder)
        assert done.code == 2
        assert "the first start of the gateway makes it" in done.err
    assert not (tmp_path / "copy.db").exists()


def test_an_empty_audit_is_whole(tocsin, opened, tmp_path):
    """A project that has audited nothing yet has no findings."""
    done = tocsin("audit", "verify", "--project", tmp_path / "plant")

    assert (done.code, "there are no audit rows" in done.out) == (0, True)


# --- user forget -----------------------------------------------------------------------------------------


def test_a_person_is_forgotten_after_a_question(tocsin, plant, opened):
    """Afterwards the chain is whole and names nobody; the files still do, which is said."""
    assert tocsin("user", "forget", "maria", "--project", plant, typed="n\n").code == 130
    done = tocsin("user", "forget", "maria", "--project", plant, typed="y\n")

    assert done.code == 0
    assert "maria is forgotten-" in done.out
    assert "remove [users.maria] there" in done.err
    assert "maria" not in tocsin("audit", "export", "--project", plant).out
    assert tocsin("audit", "verify", "--project", plant).code == 0
    assert opened(lambda conn: [one.person for one in entries(conn, "e1")])[0].startswith("forgotten-")


def test_forgetting_can_be_scripted(tocsin, plant):
    """--yes asks nothing, --json says how many rows there were."""
    done = tocsin("user", "forget", "maria", "--yes", "--json", "--number", MARIA, "--project", plant)

    told = json.loads(done.out)
    assert (done.code, told["journal"], told["calls"]) == (0, 3, 0)


# --- db --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("running", [False, True], ids=["at rest", "in use"])
def test_a_copy_is_whole_and_private(tocsin, plant, tmp_path, running):
    """Also while a gateway holds the folder."""
    lock = FolderLock(plant / ".tocsin") if running else None

    done = tocsin("db", "backup", tmp_path / "copy.db", "--project", plant)

    if lock is not None:
        lock.close()
    assert done.code == 0, done.err
    assert "pin.key" in done.err
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    with contextlib.closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM ts_audit").fetchone() == (3,)


def test_a_copy_never_takes_anothers_place(tocsin, plant, tmp_path):
    """A file that is there stays; nothing half is left behind either."""
    (tmp_path / "copy.db").write_text("mine")

    done = tocsin("db", "backup", tmp_path / "copy.db", "--project", plant)

    assert (done.code, "exists; name a new file" in done.err) == (2, True)
    assert (tmp_path / "copy.db").read_text() == "mine"
    nowhere = tocsin("db", "backup", tmp_path / "no" / "copy.db", "--project", plant)
    assert (nowhere.code, "cannot be written" in nowhere.err) == (2, True)
    assert not list(tmp_path.glob(".*.part"))


def test_a_database_on_a_server_is_copied_by_its_own_tool(tocsin, plant):
    """The remedy is in the sentence."""
    (plant / "tocsin.toml").write_text(
        AUDITED.replace("[gateway]", '[gateway]\ndatabase = "postgresql://nowhere/x"')
    )

    done = tocsin("db", "backup", "copy.db", "--project", plant)

    assert (done.code, "pg_dump" in done.err) == (2, True)


def test_a_sound_database_has_no_findings(tocsin, plant):
    """In words, and for a program."""
    assert "the database is sound" in tocsin("db", "check", "--project", plant).out
    assert json.loads(tocsin("db", "check", "--json", "--project", plant).out) == {"findings": []}


def test_a_changed_audit_and_a_damaged_file_are_findings(tocsin, plant, opened):
    """Exit 1 and what is wrong."""
    changed(opened, 3, result="failed")
    done = tocsin("db", "check", "--project", plant)
    assert (done.code, "row 3 is not as it was written" in done.out) == (1, True)

    file = plant / ".tocsin" / "tocsin.db"
    damaged = bytearray(file.read_bytes())
    damaged[8192:12288] = bytes(4096)
    file.write_bytes(damaged)
    done = tocsin("db", "check", "--project", plant)
    assert done.code == 1
    assert done.out.strip()


def test_what_is_old_is_removed(tocsin, plant):
    """By the configured days, and told; a second time there is nothing left."""
    done = tocsin("db", "prune", "--project", plant)
    assert (done.code, "removed 1 audit" in done.out) == (0, True)
    assert "plant: rows 2 to 3" in tocsin("audit", "verify", "--project", plant).out

    assert "nothing is old enough" in tocsin("db", "prune", "--project", plant).out
    assert json.loads(tocsin("db", "prune", "--json", "--project", plant).out)["audit"] == 0

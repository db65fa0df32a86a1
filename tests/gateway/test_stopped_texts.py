"""Whoever stopped texts and has no other contact is found where one looks: `tocsin doctor` and `tocsin check`."""

from __future__ import annotations

import pytest
from tests.plant import MARIA, write_project

from tocsin.channels.contacts import opted_in_in, opted_out_in
from tocsin.clock import SystemClock
from tocsin.gateway import checks
from tocsin.gateway.checking import findings
from tocsin.gateway.doctor import examined
from tocsin.gateway.storage import open_database

NOTHING = "maria has stopped texts and has no other contact that works; have maria text START, or add a phone"
TEXTS_ONLY = f"""
[[users.maria.contacts]]
type = "sms"
value = "{MARIA}"
"""


@pytest.fixture
def folder(tmp_path):
    """A plant in which nobody may be called, Maria can be texted, and she has texted STOP."""
    folder = write_project(tmp_path / "plant", more=TEXTS_ONLY)
    file = folder / "tocsin.toml"
    file.write_text(file.read_text().replace("[users.maria]", '[users.maria]\nopt_out = ["phone"]'))
    (folder / ".tocsin").mkdir()
    change(folder, lambda conn: opted_out_in(conn, MARIA, why="texted STOP", now_ms=1))
    return folder


def change(folder, work):
    """Write into the plant's database."""
    db = open_database(checks.read(folder)[0].value, folder / ".tocsin", SystemClock())
    db.write_now(work)
    db.close()


async def bad(folder):
    return [one.message for one in await examined(folder) if (one.check, one.verdict) == ("contacts", "bad")]


async def test_the_doctor_finds_them(folder):
    """What to do stands beside it; START ends it."""
    assert NOTHING in await bad(folder)
    change(folder, lambda conn: opted_in_in(conn, MARIA))
    assert await bad(folder) == []


async def test_check_finds_them_at_the_line_of_the_contacts(folder):
    """The files are right, and still nobody is told: a warning."""
    (found,) = [one for one in await findings(folder) if "has stopped" in one.message]
    assert (found.file, found.severity, found.message) == (
        "tocsin.toml", "warning", f"users.maria.contacts: {NOTHING}",
    )  # fmt: skip
    assert found.line is not None


async def test_check_without_a_database_looks_at_files_only(folder):
    """And makes none."""
    for one in (folder / ".tocsin").iterdir():
        one.unlink()
    assert not any("has stopped" in one.message for one in await findings(folder))
    assert not (folder / ".tocsin" / "tocsin.db").exists()

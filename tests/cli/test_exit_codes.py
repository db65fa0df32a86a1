"""What a command's exit code means: 1 is something to mend in the project, 2 wrong usage or no gateway."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys

import pytest
from tests.plant import TOML, write_project

from tocsin.gateway.lock import FolderLock


@pytest.fixture
def folder(tmp_path):
    return write_project(tmp_path / "plant")


def tocsin(*arguments, at):
    """Run one command of the program in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "tocsin", *arguments],
        cwd=at,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "command",
    [
        ["check"],
        ["serve"],
        ["doctor"],
        ["demo", ".", "--script"],
        ["call", "answer"],
        ["replay", "CA1"],
        ["user", "list"],
        ["token", "list"],
        ["pin", "unlock", "maria"],
    ],
    ids=" ".join,
)
def test_a_refused_configuration_is_a_finding_whatever_was_asked(folder, command):
    """Every command that reads the configuration shows file, line and sentence, and exits with 1."""
    (folder / "tocsin.toml").write_text(TOML.replace('project = "."', 'project = "nowhere"'))

    done = tocsin(*command, at=folder)

    assert done.returncode == 1
    assert "tocsin.toml:15: voice_profiles.phone.project" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_command_leaves_the_tables_of_a_running_gateway_of_another_version_alone(folder):
    """It says which tables there are and what to do; nothing is migrated, nothing written."""
    assert tocsin("token", "create", "hmi", at=folder).returncode == 0
    with contextlib.closing(sqlite3.connect(folder / ".tocsin" / "tocsin.db")) as db, db:
        db.execute("update ts_schema_version set version_num = '9998'")
    lock = FolderLock(folder / ".tocsin")
    try:
        for command in (["token", "create", "other"], ["token", "revoke", "hmi"], ["pin", "unlock", "maria"]):
            done = tocsin(*command, at=folder)
            assert done.returncode == 2
            assert "another version" in done.stderr
            assert "9998" in done.stderr
    finally:
        lock.close()
    with contextlib.closing(sqlite3.connect(folder / ".tocsin" / "tocsin.db")) as db:
        assert db.execute("select version_num from ts_schema_version").fetchall() == [("9998",)]
        assert db.execute("select name from ts_token").fetchall() == [("hmi",)]


def test_a_command_works_beside_a_running_gateway_of_its_own_version(folder):
    """The usual case: tokens are made while the gateway serves."""
    assert tocsin("token", "list", at=folder).returncode == 0
    lock = FolderLock(folder / ".tocsin")
    try:
        done = tocsin("token", "create", "hmi", "--scope", "raise", "--json", at=folder)
    finally:
        lock.close()
    assert done.returncode == 0
    made = json.loads(done.stdout)
    assert made["scopes"] == ["raise"]
    assert made["token"].startswith("tocsin_")

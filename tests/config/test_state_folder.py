"""`.tocsin/` of a project: for its owner alone, and never in a repository."""

from __future__ import annotations

import shutil
import stat
import subprocess

import pytest
from structlog.testing import capture_logs

from tocsin.gateway.lock import FolderLock
from tocsin.people import PinKey


@pytest.mark.parametrize("first", ["a gateway", "a PIN"])
def test_nothing_of_it_goes_into_the_plants_repository(tmp_path, first):
    """A plant keeps its project under version control; `git add .` must not take the keys along."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is needed to see what it would take")
    subprocess.run([git, "init", "-q", tmp_path], check=True)
    state = tmp_path / ".tocsin"
    if first == "a gateway":
        FolderLock(state).close()
    PinKey.load(state)

    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert (state / "pin.key").exists()
    said = subprocess.run(
        [git, "-C", tmp_path, "status", "--porcelain"], check=True, capture_output=True, text=True
    )
    assert said.stdout == ""


def test_a_folder_that_others_could_read_is_its_owners_alone_again(tmp_path):
    """Made by hand, or restored with another umask; it holds everybody's numbers, and that is told once."""
    state = tmp_path / ".tocsin"
    state.mkdir()
    state.chmod(0o775)
    with capture_logs() as told:
        FolderLock(state).close()
        FolderLock(state).close()
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert [(one["event"], one["mode"], one["still"]) for one in told] == [("state-was-open", "775", False)]


def test_what_is_in_it_already_stays(tmp_path):
    """Somebody who has decided otherwise is not overruled at every start."""
    state = tmp_path / ".tocsin"
    state.mkdir()
    FolderLock(state).close()
    assert not (state / ".gitignore").exists()

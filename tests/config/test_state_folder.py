"""`.tocsin/` of a project: for its owner alone, and never in a repository."""

from __future__ import annotations

import shutil
import stat
import subprocess

import pytest

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


def test_what_is_in_it_already_stays(tmp_path):
    """Somebody who has decided otherwise is not overruled at every start."""
    state = tmp_path / ".tocsin"
    state.mkdir()
    FolderLock(state).close()
    assert not (state / ".gitignore").exists()

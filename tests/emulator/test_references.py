"""Programs from npm are installed once, and where they cannot be, that is a reason and no error."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.emulator import references


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put a node and an npm of a few words on the path, and all folders below tmp_path."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def written(words: str) -> None:
        for name, script in (("node", "true"), ("npm", words)):
            (programs / name).write_text(f"#!/bin/sh\n{script}\n")
            (programs / name).chmod(0o755)

    return written


def installed(monkeypatch: pytest.MonkeyPatch, cache: str) -> tuple[Path | None, str]:
    monkeypatch.setenv("XDG_CACHE_HOME", cache)
    return references._installed.__wrapped__()


@pytest.mark.parametrize("cache", ["/proc/nowhere", "/dev/null/cache", ""])
def test_without_a_cache_of_ones_own_the_folder_for_temporary_files_serves(npm, tmp_path, monkeypatch, cache):
    """One that is missing, is a file, or a user without a home: installed all the same."""
    npm("mkdir node_modules")

    def home():
        raise RuntimeError("could not determine home directory")

    monkeypatch.setattr(Path, "home", home)

    found, why = installed(monkeypatch, cache)

    assert why == ""
    assert found.is_dir()
    assert found.is_relative_to(tmp_path)


def test_what_npm_cannot_install_is_told(npm, tmp_path, monkeypatch):
    """In npm's own first line; nothing half made stays."""
    npm("mkdir node_modules; echo npm error network >&2; exit 1")

    assert installed(monkeypatch, str(tmp_path)) == (
        None,
        "npm could not install the pinned packages: npm error network",
    )
    assert list((tmp_path / "tocsin-tests").iterdir()) == []


def test_of_two_processes_that_install_the_quicker_one_counts(npm, tmp_path, monkeypatch):
    """The other finds the folder filled, and takes that."""
    npm('mkdir node_modules; made="../../$(basename "$PWD")"; mkdir "$made"; cp -r . "$made"')

    found, why = installed(monkeypatch, str(tmp_path))

    assert why == ""
    assert found.is_dir()
    assert len(list((tmp_path / "tocsin-tests").iterdir())) == 1

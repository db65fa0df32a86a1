"""The corpus of hostile scripts once more: as root and as nobody in particular, on each interpreter at hand.

`tests/escapes/run_corpus.py` does the work. 3.11 and the newest CPython are looked for on PATH and where
pyenv keeps them; each gets an environment of its own for the run, made with `pip` from the lock.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from tests.soak.reporting import ROOT, tell

pytestmark = pytest.mark.soak

NOBODY = 61_234
"""A user id that no account has."""
MOST_S = 1_200
OLDEST, NEWEST = (3, 11), (3, 15)


def version_of(python: str) -> tuple[int, int] | None:
    """Return (major, minor) of a released CPython; None for anything else."""
    ask = "import sys, platform as p; print(p.python_implementation(), *sys.version_info[:4])"
    try:
        said = subprocess.run(
            [python, "-I", "-c", ask], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    name, major, minor, _, level = said.stdout.split()
    return (int(major), int(minor)) if name == "CPython" and level == "final" else None


def interpreters() -> dict[tuple[int, int], str]:
    """Return an interpreter for each version from 3.11 on."""
    places = [*os.environ.get("PATH", "").split(os.pathsep), *(Path.home() / ".pyenv/versions").glob("*/bin")]
    found: dict[tuple[int, int], str] = {}
    for place in map(Path, places):
        for file in sorted(place.glob("python3.[0-9][0-9]")):
            version = version_of(str(file))
            if version is not None and OLDEST <= version <= NEWEST:
                found.setdefault(version, str(file))
    return found


def environment(python: str, folder: Path) -> Path:
    """Make an environment with what the product needs, outside of anybody's home.

    Another user may not enter root's home, where the interpreter may be: it is copied first. Skips with the
    reason where that cannot be had.
    """
    ask = "import sys; print(sys.base_prefix)"
    prefix = Path(subprocess.check_output([python, "-I", "-c", ask], text=True).strip())
    if Path.home() in prefix.parents:
        leave_out = shutil.ignore_patterns(
            "__pycache__", "site-packages", "test", "idlelib", "tkinter", "*.a"
        )
        shutil.copytree(prefix, folder / "cpython", symlinks=True, ignore=leave_out)
        python = str(folder / "cpython/bin" / Path(python).name)
        look_beside(Path(python).resolve(), prefix)
    made = folder / "environment"
    lock = str(ROOT / "requirements.lock")
    steps = [
        [python, "-m", "venv", str(made)],
        [str(made / "bin/python"), "-m", "pip", "install", "-q", "--require-hashes", "-r", lock],
    ]
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, timeout=900, check=False)
        if done.returncode:
            pytest.skip(
                f"no environment for {python}: {(done.stderr or done.stdout).strip().splitlines()[-1]}"
            )
    return made / "bin/python"


def look_beside(executable: Path, prefix: Path) -> None:
    """Have a copied interpreter find the shared library that was copied with it, not the one it was built with."""
    built, beside = str(prefix / "lib").encode() + b"\0", b"$ORIGIN/../lib\0"
    if len(beside) <= len(built):
        executable.write_bytes(executable.read_bytes().replace(built, beside.ljust(len(built), b"\0")))


def readable_copy(folder: Path) -> Path:
    """Return a copy of the sources that any user may read."""
    tree = folder / "tree"
    for part in ("runtime", "tests", "user_scripts", "sample_project"):
        shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__", ".tocsin"))
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
    return tree


def run_corpus(python: Path, tree: Path, user: int | None, scratch: Path) -> subprocess.CompletedProcess[str]:
    scratch.mkdir()
    if user is not None:
        os.chown(scratch, user, user)
    who = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    return subprocess.run(
        [str(python), "-B", str(tree / "tests/escapes/run_corpus.py")],
        cwd=tree,
        env={"PATH": os.environ["PATH"], "HOME": str(scratch), "TMPDIR": str(scratch), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=MOST_S,
        check=False,
        **who,
    )


@pytest.fixture(scope="module", params=["oldest", "newest"])
def place(request):
    """Give an interpreter and a copy of the sources, both for every user to read, in a folder of their own."""
    every = interpreters()
    version = OLDEST if request.param == "oldest" else max(every, default=OLDEST)
    if version not in every:
        pytest.skip("there is no CPython 3.11")
    if request.param == "newest" and version == OLDEST:
        pytest.skip("there is no CPython newer than 3.11")
    folder = Path(tempfile.mkdtemp(prefix="tocsin-corpus-", dir="/tmp"))  # pytest's own folders are private
    try:
        yield environment(every[version], folder), readable_copy(folder), folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("who", ["as-root", "unprivileged"])
def test_every_attack_ends_as_it_says(place, who, capsys):
    """The locks and the language hold on the oldest and the newest interpreter, with and without privileges."""
    python, tree, folder = place
    is_root = os.getuid() == 0
    if who == "as-root" and not is_root:
        pytest.skip("not run as root")
    user = NOBODY if is_root and who == "unprivileged" else None
    if user is not None:
        assert user not in {each.pw_uid for each in pwd.getpwall()}
    done = run_corpus(python, tree, user, folder / who)

    last = done.stdout.strip().splitlines()[-1:] or [done.stderr.strip()[-500:]]
    tell(capsys, f"{folder.name}-{who}", f"corpus {who}: {last[0]}")
    counted = re.fullmatch(r"(\d+) attacks, 0 wrong, .*", last[0])
    assert counted, done.stdout[-4_000:] + done.stderr[-2_000:]
    assert int(counted[1]) >= 200
    assert f"uid {os.getuid() if user is None else user}" in last[0]
    assert done.returncode == 0

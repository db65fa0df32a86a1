"""The references that come from npm: installed once from the lock file beside this, kept in the user's cache.

A test that needs one is skipped, with the reason, where Node, the network or a place to write is absent.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

_LOCKED = Path(__file__).with_name("node")
_FILES = ("package.json", "package-lock.json")
_PATIENCE_S = 240


def _base() -> Path:
    """Return the user's cache, or where that cannot be written the folder for temporary files."""
    with contextlib.suppress(OSError, RuntimeError):  # RuntimeError: a user without a home
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        base.mkdir(parents=True, exist_ok=True)
        if os.access(base, os.W_OK | os.X_OK):
            return base
    base = Path(tempfile.gettempdir(), f"tocsin-cache-{os.getuid()}")
    base.mkdir(mode=0o700, exist_ok=True)
    if base.stat().st_uid != os.getuid():  # what lies there is run
        raise PermissionError(f"{base} belongs to somebody else")
    return base


def _cache() -> Path:
    content = b"".join((_LOCKED / name).read_bytes() for name in _FILES)
    return _base() / "tocsin-tests" / f"npm-{hashlib.sha256(content).hexdigest()[:16]}"


@functools.cache
def _installed() -> tuple[Path | None, str]:
    """Return the folder of the packages, or None and why there is none. Asked once per test run."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None, "Node and npm are not installed: this check runs programs that only npm has"
    try:
        cache = _cache()
        if not cache.exists():
            _install(npm, cache)
    except (subprocess.SubprocessError, OSError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        return None, f"npm could not install the pinned packages: {said[0] if said else error}"
    return cache / "node_modules", ""


def _install(npm: str, cache: Path) -> None:
    """Make the folder `cache`, whole or not at all."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache.parent) as made:
        folder = Path(made, cache.name)
        folder.mkdir()
        for name in _FILES:
            shutil.copy(_LOCKED / name, folder)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=_PATIENCE_S)
        try:
            folder.rename(cache)
        except OSError:
            if not cache.exists():  # another process of this run may have been quicker
                raise


def packages() -> Path:
    """Return the folder `node_modules` with all of package.json in it, or skip."""
    found, why = _installed()
    if found is None:
        pytest.skip(why)
    return found


def prism() -> str:
    """Return the command of Prism: the one PRISM names, the one on the path, else the pinned one."""
    return os.environ.get("PRISM") or shutil.which("prism") or str(packages() / ".bin" / "prism")

"""The references that come from npm: installed once from the lock file beside this, kept in the user's cache.

A test that needs one is skipped, with the reason, where Node or the network is absent.
"""

from __future__ import annotations

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


def _cache() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    content = b"".join((_LOCKED / name).read_bytes() for name in _FILES)
    return base / "tocsin-tests" / f"npm-{hashlib.sha256(content).hexdigest()[:16]}"


@functools.cache
def _installed() -> tuple[Path | None, str]:
    """Return the folder of the packages, or None and why there is none. Asked once per test run."""
    node, npm, cache = shutil.which("node"), shutil.which("npm"), _cache()
    if node is None or npm is None:
        return None, "Node and npm are not installed: this check runs programs that only npm has"
    if not cache.exists():
        cache.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache.parent) as made:
            for name in _FILES:
                shutil.copy(_LOCKED / name, made)
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            try:
                subprocess.run(
                    command, cwd=made, check=True, capture_output=True, text=True, timeout=_PATIENCE_S
                )
            except (subprocess.SubprocessError, OSError) as error:
                said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
                return None, f"npm could not install the pinned packages: {said[0] if said else error}"
            if not cache.exists():  # another test run may have been quicker
                Path(made).rename(cache)
                Path(made).mkdir()
    return cache / "node_modules", ""


def packages() -> Path:
    """Return the folder `node_modules` with all of package.json in it, or skip."""
    found, why = _installed()
    if found is None:
        pytest.skip(why)
    return found


def prism() -> str:
    """Return the command of Prism: the one PRISM names, the one on the path, else the pinned one."""
    return os.environ.get("PRISM") or shutil.which("prism") or str(packages() / ".bin" / "prism")

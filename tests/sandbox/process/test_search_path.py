"""Where a zygote looks for what it imports: its own interpreter, wherever that was moved to."""

from __future__ import annotations

import importlib.util
import sysconfig
from pathlib import Path

import pytest
from tests.sandbox.stage import PLAIN

from tocsin.sandbox import nursery


@pytest.mark.parametrize(
    "name", ["select", "_socket", "asyncio", "json", "msgspec", "RestrictedPython", "tocsin"]
)
def test_a_moved_interpreter_finds_its_own_modules(monkeypatch, name):
    """Portable builds of Python remember the folder they were built in, which is nowhere on this machine."""
    plain = sysconfig.get_config_var
    monkeypatch.setattr(
        sysconfig,
        "get_config_var",
        lambda asked: "/nowhere/lib-dynload" if asked == "DESTSHARED" else plain(asked),
    )
    spec = importlib.util.find_spec(name)
    assert spec is not None
    if spec.origin in (None, "built-in", "frozen"):
        pytest.skip(f"{name} is part of the interpreter")
    place = Path(spec.origin).parent.parent if spec.submodule_search_locations else Path(spec.origin).parent

    assert str(place) in nursery._search_path(PLAIN)

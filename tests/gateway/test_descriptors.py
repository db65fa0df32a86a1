"""Files that may be open: as many as the machine allows, and it is told before none is left."""

import contextlib
import resource
from pathlib import Path

import pytest
from tests.plant import open_line, write_project

from tocsin.gateway import descriptors, readiness
from tocsin.gateway.health_watch import ALARMS

NO_LIMIT = resource.RLIM_INFINITY


@contextlib.contextmanager
def allowed(number):
    """Let this process have so many files open within."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (number, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def are_open():
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((1024, 524_288), (65_536, 524_288)),
        ((1024, 4096), (4096, 4096)),
        ((256, NO_LIMIT), (65_536, NO_LIMIT)),
        ((100_000, 524_288), (100_000, 524_288)),
        ((NO_LIMIT, NO_LIMIT), (NO_LIMIT, NO_LIMIT)),
    ],
)
def test_a_low_limit_is_lifted(monkeypatch, before, after):
    """To what the machine allows, and no further than a sandbox that starts again can close."""
    limit = [before]
    monkeypatch.setattr(resource, "getrlimit", lambda _: limit[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, wanted: limit.append(wanted))
    descriptors.allow_more()
    assert limit[-1] == after


async def test_it_is_told_before_none_is_left(tmp_path):
    """`/readyz` says so, and so does an alarm of the gateway's own, which can still be told then."""
    async with open_line(write_project(tmp_path / "plant", {"10.py": ""}), watch=False) as line:
        assert "descriptors" not in dict(readiness.reasons(line.gateway))
        with allowed(are_open() + 4):
            assert "files are open" in dict(readiness.reasons(line.gateway))["descriptors"]
    assert "descriptors" in ALARMS


def test_where_none_is_left_it_is_known_without_opening_one():
    """To count them takes a descriptor, too."""
    with allowed(0):
        told = descriptors.nearly_out()
    assert told == "none of 0 open files is left"

"""`tocsin emulator` as it is typed: its port, its clock, its credentials, its end."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests.emulator.conftest import ACCOUNT, TOKEN

ENVIRON = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "runtime")}
CALL = {"To": "+46701234567", "From": "+15005550006", "Twiml": "<Response/>"}


def typed(*options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tocsin", "emulator", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRON)


@contextlib.contextmanager
def started(*options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run it on a free port; yield its base URL."""
    with typed("--port", "0", *options) as program:
        assert program.stdout is not None
        try:
            said = program.stdout.readline()
            found = re.search(r"at (http://127\.0\.0\.1:\d+);", said)
            assert found, said
            yield found[1], program
        finally:
            program.kill()


def placed(url: str, token: str = TOKEN) -> httpx2.Response:
    """Place a call with a token."""
    path = f"{url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    with httpx2.Client(trust_env=False) as client:
        return client.post(path, data=CALL, auth=(ACCOUNT, token))


def test_it_serves_until_it_is_told_to_stop() -> None:
    """On loopback, on a virtual clock that stands still, and ends cleanly on SIGTERM."""
    with started("--clock", "virtual") as (url, program):
        assert placed(url).status_code == 201
        with httpx2.Client(trust_env=False, base_url=url) as client:
            assert client.get("/clock").json()["live_calls"] == 1
            client.post("/clock/advance", json={"seconds": 120})
            assert client.get("/clock").json()["live_calls"] == 0
        program.send_signal(signal.SIGTERM)
        assert program.wait(10) == 0


def test_it_is_found_on_loopback_only() -> None:
    """Not even at another address of this very machine."""
    with started() as (url, _):
        port = int(url.rpartition(":")[2])
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.2", port), timeout=5)


def test_the_token_is_the_one_that_was_given() -> None:
    """The documented token of a fake account opens nothing once another was chosen."""
    with started("--auth-token", "another") as (url, _):
        assert placed(url).status_code == 401
        assert placed(url, "another").status_code == 201


def test_two_runs_share_no_sid_unless_they_share_a_seed() -> None:
    """A gateway that keeps its database must not meet a CallSid again because the emulator was restarted."""
    sids = []
    for options in ((), (), ("--seed", "3"), ("--seed", "3")):
        with started(*options) as (url, _):
            sids.append(placed(url).json()["sid"])
    assert sids[0] != sids[1]
    assert sids[2] == sids[3]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--clock", "sundial"), "'sundial' is no clock; use real, scaled:F or virtual"),
        (("--clock", "scaled:0"), "needs a factor above 0"),
        (("--port", "70000"), "--port"),
    ],
)
def test_what_cannot_be_is_usage(options: tuple[str, ...], sentence: str) -> None:
    """Exit code 2 and a sentence that names the option."""
    program = typed(*options)
    _, said = program.communicate(timeout=20)
    assert program.returncode == 2
    assert sentence in said


def test_a_port_that_is_taken_is_named() -> None:
    """With the remedy."""
    with started() as (url, _):
        program = typed("--port", url.rpartition(":")[2])
        _, said = program.communicate(timeout=20)
    assert program.returncode == 2
    assert "choose another --port" in said

"""What becomes of `tocsin serve` when its log cannot be written, and what strangers can make it write."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest
from tests.plant import BASE, MARIA, Caller, signed, write_project
from tests.serving import ROOT, served

INBOUND = "/main/system/twilio-voice/inbound/0"


def full_disk() -> int:
    return os.open("/dev/full", os.O_WRONLY)


def reader_that_is_gone() -> int:
    reads, writes = os.pipe()
    os.close(reads)
    return writes


@contextlib.contextmanager
def serving(folder: Path, stderr: int) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run a gateway whose log goes to this descriptor."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tocsin", "serve", str(folder), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'runtime'}:{ROOT}"},
    )
    os.close(stderr)
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        assert " at http" in said, said
        yield said.rsplit(" at ", 1)[1].strip(), process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def codes(url: str) -> list[str]:
    """Return why the gateway is not ready."""
    return list(httpx2.get(f"{url}/readyz").json()["codes"])


def comes(what: Callable[[], bool]) -> bool:
    """Wait until something is so, ten seconds at most."""
    until = time.monotonic() + 10
    while not (there := what()) and time.monotonic() < until:
        time.sleep(0.05)
    return there


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("log", [full_disk, reader_that_is_gone])
def test_a_log_that_cannot_be_written_stops_nothing(tmp_path, log):
    """It starts, answers a call whose script fails, takes saved files over, and ends as it should."""
    folder = write_project(tmp_path / "plant", {"10.py": "raise ValueError('no')\n"})
    with serving(folder, log()) as (url, process):
        fields = Caller(None, MARIA, "CA" + "0" * 32).fields()
        answer = httpx2.post(url + INBOUND, content=urlencode(fields), headers=signed(BASE + INBOUND, fields))
        assert answer.status_code == 200
        assert "<Say" in answer.text

        good = (folder / "tocsin.toml").read_text()
        for _ in range(2):
            (folder / "tocsin.toml").write_text("x")
            assert comes(lambda: "config-refused" in codes(url))
            (folder / "tocsin.toml").write_text(good)
            assert comes(lambda: "config-refused" not in codes(url))

        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_strangers_cannot_fill_the_log(tmp_path):
    """Requests that are none, and ones for what is not spoken here, leave no line each."""
    folder = write_project(tmp_path / "plant")
    with served(folder, dev=False) as (url, _):
        port = int(url.rpartition(":")[2])
        upgrade = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
        for request in [b"\0\r\n\r\n"] * 50 + [upgrade] * 5:
            with socket.create_connection(("127.0.0.1", port)) as stranger:
                stranger.sendall(request)
                assert stranger.recv(1000).startswith(b"HTTP/1.1 4")
    lines = [json.loads(line) for line in (folder / "serve.log").read_text().splitlines()]

    assert [line for line in lines if line["event"] == "library"] == []
    assert len(lines) < 20, lines

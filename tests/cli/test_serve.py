"""`tocsin serve` as a service manager sees it: one at a time, found by its address, gone within two seconds."""

from __future__ import annotations

import gc
import signal
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import urlencode

import httpx2
import pytest
from tests.plant import BASE, MARIA, Caller, signed, write_project
from tests.serving import served

LOOP = "while True:\n    pass\n"


def post(url: str, path: str, fields: dict[str, str]) -> httpx2.Response:
    return httpx2.post(url + path, content=urlencode(fields), headers=signed(BASE + path, fields), timeout=10)


def test_a_taken_port_and_a_second_gateway(tocsin, tmp_path):
    """One sentence each, with the remedy; exit code 2; the one that serves is not disturbed."""
    folder = write_project(tmp_path / "plant")
    with served(folder, dev=False) as (url, process):
        port = url.rpartition(":")[2]
        assert (folder / ".tocsin" / "address").read_text() == f"127.0.0.1:{port}\n"

        second = tocsin("serve", folder, "--port", "0")
        assert second.code == 2
        assert f"another gateway (process {process.pid}) serves {folder}" in second.err
        other = tocsin("serve", write_project(tmp_path / "other"), "--port", port)
        assert other.code == 2
        assert (
            f"cannot listen on 127.0.0.1:{port}: Address already in use; choose another with --port"
            in other.err
        )

        assert gc.isenabled(), "a start that failed leaves its process without a garbage collector"
        assert httpx2.get(f"{url}/healthz").text == "ok\n"
    assert not (folder / ".tocsin" / "address").exists()
    assert process.returncode == 0


@pytest.mark.parametrize("host", ["127.0.0.1:80", "å" * 70, "203.0.113.7"])
def test_a_host_that_is_not_this_one_is_named_with_the_option_that_names_it(tocsin, tmp_path, host):
    """Another port would not help."""
    done = tocsin("serve", write_project(tmp_path / "plant"), "--host", host, "--port", "0")
    assert done.code == 2
    assert done.err.startswith("cannot listen on ")
    assert done.err.endswith("; choose another with --host\n")


@pytest.mark.alone
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_within_two_seconds_whatever_its_calls_do(tmp_path, number):
    """A script that loops, an idle connection and a call in progress hold nothing up."""
    folder = write_project(tmp_path / "plant", {"10.py": LOOP})
    with served(folder, dev=False) as (url, process):
        idle = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))
        answers: list[int] = []

        def call() -> None:
            caller = Caller(None, MARIA, f"CA{time.monotonic_ns():032x}")
            answers.append(post(url, "/main/system/twilio-voice/inbound/0", caller.fields()).status_code)

        calls = [threading.Thread(target=call) for _ in range(3)]
        for one in calls:
            one.start()
        time.sleep(0.5)  # until the loops turn
        began = time.monotonic()
        process.send_signal(number)
        code = process.wait(10)
        took = time.monotonic() - began
        for one in calls:
            one.join()
        idle.close()

    assert code == 0
    assert took < 2, f"{took:.1f} s"
    assert answers == [200] * 3
    assert "Traceback" not in (folder / "serve.log").read_text()


def test_killed_and_started_again_at_once(tmp_path):
    """Nothing a killed process leaves behind keeps the next one from starting."""
    folder = write_project(tmp_path / "plant")
    with served(folder, dev=False) as (_, process):
        process.kill()
        process.wait()
    assert (folder / ".tocsin" / "address").exists()
    with served(folder, dev=False) as (url, _):
        assert httpx2.get(f"{url}/healthz").status_code == 200


STARTS = """
import sys
from tocsin.cli import serving
with serving._absent("rich"):
    from tocsin.gateway import logs
import tocsin.gateway.gateway, tocsin.gateway.serving
assert not {"rich", "twilio", "alembic"} & set(sys.modules), "imported before the port is open"
import rich.text
logs.configure(plain=True)
"""


def test_a_start_imports_nothing_that_it_does_not_need():
    """A traceback printer, Twilio's client and the migrations take a third of a second; whoever needs them has them."""
    done = subprocess.run([sys.executable, "-c", STARTS], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")

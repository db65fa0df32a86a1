"""The same promises as root and as nobody in particular."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
STORY = """
import asyncio, os, sys
from tests.sandbox.stage import RAW, Host, program
from tocsin.sandbox.sandbox import Sandbox
from tocsin.sandbox.script import Limits, ScriptFailed

ATTEMPTS = [
    "open('/etc/passwd')", "os.stat('/')", "socket.socket()", "os.fork()", "os.kill(os.getppid(), 9)",
    "mmap.mmap(-1, 4096, prot=7)", "os.memfd_create('x')", "threading.Thread(target=print).start()",
    "bytearray(200 << 20)", "os.setuid(0)",
]

async def main():
    sandbox = Sandbox(limits=Limits(), vocabulary=RAW, workers=2)
    report = await sandbox.start()
    attack, good = program("raw(given['code'])\\nresponse = 'ESCAPED'"), program("response = 'good'")
    assert await sandbox.publish("plant", attack) == []
    assert await sandbox.publish("plant", good) == []
    contained = 0
    for code in ATTEMPTS:
        try:
            await sandbox.run("plant", attack.key, {"code": code}, Host(), wall_s=3)
        except ScriptFailed:
            contained += 1
        outcome = await sandbox.run("plant", good.key, {}, Host(), wall_s=3)
        assert outcome.result["response"] == "good"
    own = [each.held for each in report.measures if each.name == "own-user"]
    await sandbox.aclose()
    print("locked" if report.locked else report.reasons, contained == len(ATTEMPTS), own, os.geteuid() == 0)

asyncio.run(main())
"""

linux = pytest.mark.skipif(sys.platform != "linux", reason="seccomp and Landlock are Linux's")


async def tell(*prefix: str) -> str:
    server = await asyncio.create_subprocess_exec(
        *prefix,
        sys.executable,
        "-c",
        STORY,
        cwd="/",
        env={"PYTHONPATH": f"{ROOT / 'runtime'}:{ROOT}", "PATH": os.environ["PATH"]},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await server.communicate()
    return said.decode().splitlines()[-1]


@linux
async def test_everything_holds_for_whoever_runs_the_tests():
    """As whoever we are now."""
    assert (await tell()).startswith("locked True")


@linux
async def test_everything_holds_without_privileges():
    """As a user that nobody is, with no capability: only the change of user id is left out."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root and setpriv to become somebody else")
    somebody = ["setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups"]
    if await finished(*somebody, "env", sys.executable, "-c", "") != 0:
        # This interpreter lies in a folder of root's: let it be read, and nothing else.
        somebody += ["--inh-caps", "-all,+dac_read_search", "--ambient-caps", "+dac_read_search"]
    said = await tell(*somebody)

    assert said == "locked True [False] False"


async def finished(*command: str) -> int:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    return await process.wait()

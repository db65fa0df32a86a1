"""kill -9 at any moment: what was acknowledged is there afterwards."""

import asyncio
import random
import signal
import sys
from pathlib import Path

from sqlalchemy import select
from tests.db.write_until_killed import notes, tables

WRITES = Path(__file__).parent / "write_until_killed.py"


async def test_nothing_acknowledged_is_lost(file_url, open_database):
    """A process that writes is killed again and again; every number it announced can be read."""
    open_database(file_url).write_now(tables.create_all)
    chance = random.Random(7)
    announced: set[int] = set()
    for round_number in range(6):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(WRITES),
            file_url,
            str(round_number * 1_000_000),
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(chance.randrange(20, 400)):
            announced.add(int(await process.stdout.readline()))
        process.send_signal(signal.SIGKILL)
        # Lines already in the pipe were acknowledged too.
        announced.update(int(line) for line in (await process.stdout.read()).split(b"\n") if line)
        await process.wait()

    stored = open_database(file_url).read_now(lambda c: set(c.execute(select(notes.c.number)).scalars()))
    assert announced <= stored
    # What was stored but not announced can only be what was under way at the moment of the kill.
    assert len(stored - announced) <= 6 * 64

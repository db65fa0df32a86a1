"""Takes one call over the project at argv[1], whose .tocsin is a small disk that is full when 1 is pressed."""

import asyncio
import contextlib
import json
import logging
import sys
from pathlib import Path

from tests.plant import MARIA, open_line

from tocsin.db import writer
from tocsin.gateway import logs

writer.PROBE_S = 0.02


async def main(folder: Path) -> None:
    logs.configure(plain=True, least=logging.WARNING)
    async with open_line(folder) as line:
        services = line.gateway.services
        episode = await line.raise_alarm()
        maria = await line.call_from(MARIA).dials()
        await maria.presses("4711#")
        await maria.stays_silent()
        ballast = folder / ".tocsin" / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        await maria.presses("1")
        told = {
            "while_full": maria.hears,
            "acknowledged_while_full": services.board.open()[0].acked,
            "health": services.db.health.ok,
        }
        ballast.unlink()
        async with asyncio.timeout(10):
            while not services.db.health.ok:
                await asyncio.sleep(0.02)
        await maria.presses("1")
        found = await services.board.find(episode)
        records = await services.db.read(
            lambda conn: conn.exec_driver_sql(
                "select count(*) from ts_journal where kind = 'alarm.acknowledged'"
            ).scalar_one()
        )
        told |= {"afterwards": maria.hears, "acknowledged": found.acked_by, "records": records}
    print(json.dumps(told))


asyncio.run(main(Path(sys.argv[1])))

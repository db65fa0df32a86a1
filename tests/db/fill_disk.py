"""Fills the small disk at argv[1] with a database, frees it again, tells as JSON what the database did."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from sqlalchemy import Column, MetaData, Table, Text, insert, select

from tocsin.clock import SystemClock
from tocsin.db import BigKey, Database, NotStored, writer

writer.PROBE_S = 0.02
tables = MetaData()
notes = Table("try_note", tables, Column("id", BigKey, primary_key=True), Column("text", Text))


def add(text):
    return lambda connection: connection.execute(insert(notes).values(text=text))


async def main(folder):
    ballast = folder / "ballast"
    ballast.write_bytes(b"x" * 300_000)
    url = f"sqlite:///{folder}/tocsin.db"
    db = Database.open(url, clock=SystemClock())
    await db.write(tables.create_all)
    acknowledged, refused, sentence = [], [], ""
    for number in range(10_000):
        text = f"{number} " + "x" * 5000
        try:
            await db.write(add(text))
            acknowledged.append(number)
        except NotStored as error:
            refused.append(number)
            sentence = str(error)
            if len(refused) == 5:
                break
    told = {"sentence": sentence, "health_while_full": db.health.ok, "acknowledged": acknowledged}
    ballast.unlink()
    async with asyncio.timeout(10):
        while not db.health.ok:
            await asyncio.sleep(0.02)
    await db.write(add("recovered"))
    stored = await db.read(lambda c: list(c.execute(select(notes.c.text)).scalars()))
    told["recovered"] = "recovered" in stored
    told["stored"] = [int(text.split()[0]) for text in stored if text != "recovered"]
    told["extra"] = sorted(set(told["stored"]) - set(acknowledged))
    await db.aclose()
    subprocess.run(  # noqa: ASYNC221 nothing else runs here
        ["mount", "-o", "remount,ro", str(folder)], check=True
    )
    db = Database.open(url, clock=SystemClock())
    try:
        await db.write(add("on a read-only disk"))
        told["read_only"] = "written"
    except NotStored as error:
        told["read_only"] = str(error)
    await db.aclose()
    print(json.dumps(told))


asyncio.run(main(Path(sys.argv[1])))

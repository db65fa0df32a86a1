"""Writes numbers from argv[2] on into the database argv[1], 16 at a time, announcing each once it is kept."""

import asyncio
import itertools
import os
import sys

from sqlalchemy import Column, Integer, MetaData, Table, insert

from tocsin.clock import SystemClock
from tocsin.db import BigKey, Database

tables = MetaData()
notes = Table(
    "try_note", tables, Column("id", BigKey, primary_key=True), Column("number", Integer, unique=True)
)


async def write(db, numbers):
    for number in numbers:
        await db.write(lambda c, n=number: c.execute(insert(notes).values(number=n)))
        os.write(1, f"{number}\n".encode())


async def main(url, first):
    db = Database.open(url, clock=SystemClock())
    numbers = itertools.count(first)
    await asyncio.gather(*(write(db, numbers) for _ in range(16)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))

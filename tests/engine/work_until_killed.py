"""Works on the jobs of the database argv[1] as the owner argv[2] until it is killed.

Each job leaves a row of its effect, in the transaction that completes it. A job whose key ends in 7 fails
at its first try. Lines on standard output tell what is begun and what is done.
"""

import asyncio
import logging
import os
import sys

import structlog
from sqlalchemy import Column, Integer, MetaData, Table, Text, insert

from tocsin.clock import SystemClock
from tocsin.db import BigKey, Database
from tocsin.engine import EmbeddedEngine

tables = MetaData()
effects = Table(
    "try_effect",
    tables,
    Column("id", BigKey, primary_key=True),
    Column("key", Text),
    Column("serial", Integer),
    Column("owner", Text),
)


def say(word, jobs):
    os.write(1, "".join(f"{word} {job.key}\n" for job in jobs).encode())


async def main(url, owner):
    clock = SystemClock()
    db = Database.open(url, clock=clock)
    engine = EmbeddedEngine(db, clock, owner=owner, look_s=0.05, watch_s=0.2)

    async def work(jobs):
        say("begun", jobs)
        if any(job.key.endswith("7") and job.tries == 1 for job in jobs):
            raise ValueError("fails at first")
        await asyncio.sleep(0.002)

        def done(connection):
            connection.execute(
                insert(effects), [{"key": job.key, "serial": job.serial, "owner": owner} for job in jobs]
            )
            engine.complete_in(connection, jobs)

        await db.write(done)
        say("done", jobs)

    engine.handle("work", work, batch=8, lease_s=1, at_once=2)
    await engine.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(main(*sys.argv[1:]))

"""`tocsin serve`, with a witness inside: python observed.py serve FOLDER ... writes what it holds to a file.

Nothing of the product is changed but its clock, which may run faster than the machine's, so that what is
kept for a minute or half an hour is let go within a run. TOCSIN_SOAK_SAMPLES names the file,
TOCSIN_SOAK_EVERY_S how often a line is added, TOCSIN_SOAK_SPEED how many seconds pass in one. With
TOCSIN_SOAK_TRACE a line more at the end tells which lines of code hold the memory that grew.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import sys
import threading
import time
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

from tests.soak import processes

from tocsin.clock import ScaledClock
from tocsin.gateway import gateway as gateway_module
from tocsin.gateway import serving

SPEED = float(os.environ.get("TOCSIN_SOAK_SPEED", "1"))
EVERY_S = float(os.environ.get("TOCSIN_SOAK_EVERY_S", "5"))
SAMPLES = Path(os.environ["TOCSIN_SOAK_SAMPLES"])
TRACES = bool(os.environ.get("TOCSIN_SOAK_TRACE"))


def held(gateway: gateway_module.Gateway) -> dict[str, float]:
    """Return how much of everything a gateway holds."""
    services, ledger, sandbox = gateway.services, gateway.ledger, gateway.services.sandbox
    calls = ledger.at_hand()
    shelf, pool, db = services.library._shelf, sandbox._pool, services.db
    crews = list(pool.crews.values())
    members = [member for crew in crews for member in crew._members]
    folder = gateway.state
    return {
        "calls": len(calls),
        "calls open": sum(not call.finished for call in calls),
        "legs": len(ledger._legs),
        "answers": sum(len(call.answers) for call in calls),
        "turns running": sum(len(call.running) for call in calls),
        "turns waiting": sum(len(call.waiting) for call in calls),
        "releases": len(shelf._held),
        "pins": len(shelf._pins),
        "versions": len(sandbox._versions),
        "versions of crews": sum(len(crew.versions) for crew in crews),
        "versions of a member": max((len(member.held) for member in members), default=0),
        "digests of a member": max((len(member._digests) for member in members), default=0),
        "turns of members": sum(len(member.jobs) for member in members),
        "parts remembered": sum(len(one._known) for one in sandbox._compilers.values()),
        "members": len(members),
        "children": len(pool._nursery._children) if pool._nursery is not None else 0,
        "host calls": sum(len(crew._tasks) for crew in crews),
        "episodes": len(services.board._open),
        "closed episodes": len(services.board._closed),
        "trace rows": len(db._buffer),
        "readers": len(db._reader._connections),
        "tasks": len(asyncio.all_tasks()),
        "threads": threading.active_count(),
        "blocks": sys.getallocatedblocks(),  # to list the objects beside running threads could break them
        "database MiB": size(folder / "tocsin.db"),
        "wal MiB": size(folder / "tocsin.db-wal"),
    }


def size(file: Path) -> float:
    with contextlib.suppress(OSError):
        return file.stat().st_size / (1 << 20)
    return 0.0


async def witness(gateway: gateway_module.Gateway) -> None:
    """Add a line to the file every few real seconds."""
    began = time.monotonic()
    first: tracemalloc.Snapshot | None = None
    while True:
        await asyncio.sleep(EVERY_S)
        if not hasattr(gateway, "services"):
            continue  # it is starting
        pool = gateway.services.sandbox._pool
        zygote = pool._nursery.pid if pool._nursery is not None else 0
        row = {"s": time.monotonic() - began, **processes.seen(os.getpid(), zygote), **held(gateway)}
        write(json.dumps(row))
        if TRACES:
            now = tracemalloc.take_snapshot()
            if first is None and row["s"] > 60:
                first = now
            elif first is not None:
                tell_growth(first, now)


def write(line: str) -> None:
    with SAMPLES.open("a") as file:
        file.write(f"{line}\n")


def tell_growth(first: tracemalloc.Snapshot, now: tracemalloc.Snapshot) -> None:
    lines = [str(one) for one in now.compare_to(first, "lineno")[:25]]
    kinds = Counter(type(one).__name__ for one in gc.get_objects()).most_common(15)
    SAMPLES.with_suffix(".trace").write_text("\n".join([*lines, str(kinds)]))


def main() -> None:
    """Start the witness beside the server, then be `tocsin`."""
    plain = serving.serve

    async def observed(gateway: gateway_module.Gateway, *arguments: Any, **options: Any) -> None:
        task = asyncio.ensure_future(witness(gateway))
        try:
            await plain(gateway, *arguments, **options)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    serving.serve = observed  # type: ignore[assignment] # `tocsin serve` looks it up when it runs
    if SPEED != 1:
        gateway_module.SystemClock = lambda: ScaledClock(1 / SPEED)  # type: ignore[assignment,misc] # a clock all the same
    if TRACES:
        tracemalloc.start(5)
    from tocsin.cli import main as tocsin

    tocsin()


if __name__ == "__main__":
    sys.exit(main())

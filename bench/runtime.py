"""Measures the call path from signed webhook to TwiML, in ratios from alternating bursts of one run.

`make bench` runs all of it and prints each figure beside its target; `--short` runs everything briefly, to
see that it runs. Absolute times belong to the machine, so nothing here ever fails because of one.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "runtime"))

import default_script  # noqa: E402  the path has to be there first
import latency  # noqa: E402
import neighbours  # noqa: E402
import throughput  # noqa: E402
import upkeep  # noqa: E402
import what_if  # noqa: E402
from figures import Figure, header  # noqa: E402
from processes import Others  # noqa: E402
from throughput import Effort  # noqa: E402

Case = Callable[[Path, bool], Iterator[Figure]]


def _throughput(folder: Path, short: bool) -> Iterator[Figure]:
    if short:
        yield from throughput.measure(folder, Effort(1, 1), connections=(16,))
    else:
        yield from throughput.measure(folder, Effort(12, 1))


def _latency(folder: Path, short: bool) -> Iterator[Figure]:
    yield from latency.measure(folder, Effort(1, 1) if short else Effort(8, 5))


def _hostile(folder: Path, short: bool) -> Iterator[Figure]:
    for same in (False, True):
        effort = Effort(1, 2) if short else Effort(3, 5)
        yield from neighbours.one_a_second(folder / str(same), effort, same=same)


def _loops(folder: Path, short: bool) -> Iterator[Figure]:
    for same in (False, True):
        for count in (1,) if short else (1, 5, 50):
            yield from neighbours.loops(folder / f"{same}{count}", count, same=same)


def _upkeep(folder: Path, short: bool) -> Iterator[Figure]:
    for name, case, times in (
        ("respawn", upkeep.respawn, 50),
        ("save", upkeep.save_to_live, 60),
        ("start", upkeep.memory_and_start, 9),
        ("many", upkeep.many_scripts, 60),
    ):
        (folder / name).mkdir()
        yield from case(folder / name, 2 if short else times)


def _default(folder: Path, short: bool) -> Iterator[Figure]:
    yield from default_script.measure(folder, Effort(1, 1) if short else Effort(8, 1), 5 if short else 60)


CASES: dict[str, Case] = {
    "throughput": _throughput,
    "latency": _latency,
    "hostile": _hostile,
    "loops": _loops,
    "upkeep": _upkeep,
    "default": _default,
    "what-if": lambda folder, short: what_if.measure(folder, short=short),
}


def main() -> None:
    """Run the cases asked for and print their figures as they come."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="run every case briefly")
    parser.add_argument("--only", choices=CASES, action="append", help="run this case (repeatable)")
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and folders are cleared away
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}, Python {sys.version.split()[0]}"
    print(f"{time.strftime('%Y-%m-%d %H:%M')}, {machine}")
    print(header(), flush=True)
    missed = 0
    for name in asked.only or CASES:
        watch = Others(os.getpid())
        with tempfile.TemporaryDirectory(prefix=f"tocsin-bench-{name}-") as folder:
            for figure in CASES[name](Path(folder), asked.short):
                print(figure.line(), flush=True)
                missed += figure.met is False
        print(f"{name}: other programs kept {watch.cores():.2f} cores busy meanwhile", flush=True)
    print(f"\n{missed} targets missed; load now {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()

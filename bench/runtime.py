"""Measures the call path from signed webhook to TwiML, in ratios from alternating bursts of one run.

`make bench` runs all of it and prints each figure beside its target; `--short` runs everything briefly, to
see that it runs. Absolute times belong to the machine, so nothing here ever fails because of one.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "runtime"))

import throughput  # noqa: E402  the path has to be there first
from figures import Figure, header  # noqa: E402
from throughput import Effort  # noqa: E402

Case = Callable[[Path, bool], Iterator[Figure]]


def _throughput(folder: Path, short: bool) -> Iterator[Figure]:
    yield from throughput.measure(folder, Effort(1, 1) if short else Effort(6, 1))


CASES: dict[str, Case] = {"throughput": _throughput}


def main() -> None:
    """Run the cases asked for and print their figures as they come."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="run every case briefly")
    parser.add_argument("--only", choices=CASES, action="append", help="run this case (repeatable)")
    asked = parser.parse_args()
    print(
        f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}, {sys.version.split()[0]}"
    )
    print(header(), flush=True)
    missed = 0
    for name in asked.only or CASES:
        with tempfile.TemporaryDirectory(prefix=f"tocsin-bench-{name}-") as folder:
            for figure in CASES[name](Path(folder), asked.short):
                print(figure.line(), flush=True)
                missed += figure.met is False
    print(f"\n{missed} targets missed; load now {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()

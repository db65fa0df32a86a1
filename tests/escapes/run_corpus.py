"""Runs the corpus of hostile scripts and prints how each ended; exit status 1 if one did not end as it says.

    python tests/escapes/run_corpus.py [--group GROUP] [NAME ...]

Needs no test runner, so that it runs as any user and on any interpreter that has the package's
dependencies. `-v` prints the message of every attack as well.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "runtime")]

import structlog  # noqa: E402  the paths above come first
from tests.escapes.attacks import Attack, all_attacks  # noqa: E402
from tests.escapes.judging import faults  # noqa: E402
from tests.escapes.siege import Verdict, besiege  # noqa: E402


async def run(attacks: list[Attack], *, verbose: bool) -> int:
    """Run them and print; return how many did not end as they should."""
    wrong = 0
    counts: Counter[tuple[str, str]] = Counter()

    def tell(verdict: Verdict) -> None:
        nonlocal wrong
        counts[verdict.attack.group, verdict.outcome] += 1
        found = faults(verdict)
        wrong += bool(found)
        if found or verbose:
            file, line = verdict.place
            place = f"{verdict.attack.name:45} {verdict.outcome:10} {verdict.seconds:5.2f} s"
            print(f"{'WRONG' if found else 'ok':5} {place}  {file}:{line}: {verdict.message}")
        for sentence in found:
            print(f"      {sentence}")

    with tempfile.TemporaryDirectory() as folder:
        await besiege(attacks, Path(folder), tell)
    for (group, outcome), count in sorted(counts.items()):
        print(f"{group:12} {outcome:12} {count:4}")
    return wrong


def main() -> None:
    """Read the arguments, run, and say on what and as whom."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="attacks by name, such as given/call_eval")
    parser.add_argument("--group", action="append", help="a folder of the corpus")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    attacks = [
        one
        for one in all_attacks()
        if (not options.group or one.group in options.group)
        and (not options.names or one.name in options.names)
    ]
    began = time.monotonic()
    wrong = asyncio.run(run(attacks, verbose=options.verbose))
    print(
        f"{len(attacks)} attacks, {wrong} wrong, {time.monotonic() - began:.1f} s; "
        f"Python {platform.python_version()}, uid {os.getuid()}"
    )
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()

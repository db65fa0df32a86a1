"""What the sandbox adds to one call at a steady rate: open loop, counted from the planned moment."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from burst import write_requests
from figures import Figure, quantile
from paced import Answered, every, paced
from plants import MENU
from processes import Others
from throughput import Effort, Rounds, all_running, warmed_up
from webhooks import Webhook, menu_calls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from hosts import Host

PER_S = 200


def steady(host: Host, webhooks: Sequence[Webhook], seconds: float, per_s: float = PER_S) -> list[Answered]:
    """Make calls at a steady rate, each webhook in its turn."""
    turn = iter(webhooks * (1 + int(seconds * per_s) // len(webhooks)))
    return paced(host.port, every(seconds, per_s, lambda: next(turn).fresh()))


def milliseconds(answers: Sequence[Answered]) -> list[float]:
    """Return the latencies of all that was answered with 200."""
    return [one.latency_s * 1000 for one in answers if one.status == 200]


def measure(folder: Path, effort: Effort) -> Iterator[Figure]:
    """Yield by how much the median and the 99th percentile at 200 calls a second grow."""
    webhooks = menu_calls(400)
    requests = write_requests(folder / "menu.requests", webhooks)
    with all_running(folder, ["unsandboxed", "tocsin"], {"20_menu.py": MENU}) as (plain, product):
        for host in (plain, product):
            warmed_up(host, requests, len(webhooks))
        pairs, disturbed = [], []
        while effort.goes_on(disturbed):
            order = (plain, product) if len(pairs) % 2 == 0 else (product, plain)
            took, others = {}, 0.0
            for host in order:
                watch = Others(host.pid)
                took[host.kind] = milliseconds(steady(host, webhooks, effort.seconds))
                others = max(others, watch.cores())
            pairs.append((took["unsandboxed"], took["tocsin"]))
            disturbed.append(others)
    rounds = Rounds([], [], disturbed)
    pairs = [pairs[number] for number in rounds.kept()]
    medians = [statistics.median(product) - statistics.median(plain) for plain, product in pairs]
    tails = [quantile(product, 0.99) - quantile(plain, 0.99) for plain, product in pairs]
    base = [one for plain, _ in pairs for one in plain]
    note = (
        f"{min(medians):.2f} to {max(medians):.2f}; plain p50 {statistics.median(base):.2f} ms{rounds.note}"
    )
    what = f"added to the median at {PER_S} calls/s"
    yield Figure("latency", what, statistics.median(medians), "ms", most=0.25, note=note)
    note = f"plain p99 {quantile(base, 0.99):.2f} ms"
    yield Figure("latency", f"added to p99 at {PER_S} calls/s", statistics.median(tails), "ms", note=note)

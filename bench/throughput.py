"""Requests per second, in ratios: alternating bursts against the product and what it is held against."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from burst import MAKER, Burst, burst, write_requests
from figures import Figure, ratio
from hosts import Host, Kind, running
from paced import ask
from plants import MENU, write_plant
from webhooks import Webhook, menu_calls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Effort:
    """How long a case takes: rounds of bursts, and seconds of each."""

    rounds: int
    seconds: float


def compared(hosts: Sequence[Host], requests: Path, *, connections: int, effort: Effort) -> list[list[Burst]]:
    """Return the bursts of each host; the order turns around every round, so that drift hits all alike."""
    found: list[list[Burst]] = [[] for _ in hosts]
    for number in range(effort.rounds):
        order = list(zip(hosts, found, strict=True))
        for host, bursts in order if number % 2 == 0 else reversed(order):
            bursts.append(burst(host.port, requests, connections=connections, seconds=effort.seconds))
    return found


@contextlib.contextmanager
def all_running(folder: Path, kinds: Sequence[Kind], scripts: dict[str, str] | None) -> Iterator[list[Host]]:
    """Start one host of each kind, each over a plant of its own."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(running(kind, write_plant(folder / kind, scripts))) for kind in kinds]


def checked(hosts: Sequence[Host], webhooks: Sequence[Webhook], says: str) -> None:
    """Make sure that every host answers as the script says, before any load."""
    bodies = [[ask(host.port, one.fresh()).body for one in webhooks] for host in hosts]
    if any(body != bodies[0] for body in bodies) or any(says not in body for body in bodies[0]):
        raise SystemExit(f"the hosts do not answer alike: {bodies}")


def warmed_up(host: Host, requests: Path, calls: int) -> None:
    """Take every call's first turn, which is on disk before its answer: not what is compared here."""
    for _ in range(20):
        burst(host.port, requests, connections=64, seconds=1)
        if host.kind == "textbook" or host.calls() >= calls:
            return


def measure(folder: Path, effort: Effort, *, connections: Sequence[int] = (16, 64, 4)) -> Iterator[Figure]:
    """Yield the ratios to the plain function per number of connections; to the textbook for the first."""
    kinds: list[Kind] = ["unsandboxed", "tocsin"]
    if find_spec("python_multipart"):
        kinds.append("textbook")
    else:
        print("note: no textbook handler, as python-multipart is not installed", file=sys.stderr)
    webhooks = menu_calls(3000 if effort.rounds > 1 else 500)
    requests = write_requests(folder / "menu.requests", webhooks)
    with all_running(folder, kinds, {"20_menu.py": MENU}) as hosts:
        checked(hosts, webhooks[:3], 'numDigits="1"')
        for host in hosts:
            warmed_up(host, requests, len(webhooks))
        for count in connections:
            with_textbook = hosts if count == connections[0] else hosts[:2]
            yield from _figures(compared(with_textbook, requests, connections=count, effort=effort), count)
        _nobody_else_answered(hosts[1])


def _figures(bursts: list[list[Burst]], connections: int) -> Iterator[Figure]:
    targets = {16: 0.95, 64: 0.90, 4: 0.85}
    plain, product = bursts[:2]
    for one in (one for several in bursts for one in several):
        if one.wrong:
            raise SystemExit(f"{one.wrong} requests went wrong in a burst at {connections} connections")
    rates = f"{_median_rate(product):.0f}/s of {_median_rate(plain):.0f}/s, {MAKER}"
    yield ratio(
        "throughput",
        f"of a plain function's requests/s, {connections} connections",
        [one.rate / base.rate for base, one in zip(plain, product, strict=True)],
        least=targets.get(connections),
        note=rates,
    )
    if len(bursts) > 2:
        yield ratio(
            "throughput",
            f"of the textbook handler's requests/s, {connections} connections",
            [one.rate / base.rate for base, one in zip(bursts[2], product, strict=True)],
            least=1.2,
            note=f"textbook {_median_rate(bursts[2]):.0f}/s",
        )


def _median_rate(bursts: Sequence[Burst]) -> float:
    return sorted(one.rate for one in bursts)[len(bursts) // 2]


def _nobody_else_answered(host: Host) -> None:
    answered = host.answered()
    if set(answered) != {"scripts"}:
        print(f"note: not every turn was answered by the script: {answered}", file=sys.stderr)

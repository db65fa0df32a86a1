"""Requests per second, in ratios: alternating bursts against the product and what it is held against."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from burst import MAKER, Burst, burst, write_requests
from figures import Figure, quantile, ratio
from hosts import Host, Kind, running
from paced import ask
from plants import MENU, write_plant
from processes import Others, cpu_s
from webhooks import Webhook, menu_calls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


QUIET: Final = 0.2
"""Cores that other programs may keep busy during a round that counts as quiet."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long a case takes: rounds, and seconds of each burst or window.

    On a busy machine rounds go on, up to three times as many, until so many were quiet.
    """

    rounds: int
    seconds: float

    def goes_on(self, others: Sequence[float]) -> bool:
        """Tell whether another round is wanted after those in which others kept so many cores busy."""
        most = 3 * self.rounds if self.rounds > 1 else 1
        return sum(cores <= QUIET for cores in others) < self.rounds and len(others) < most


@dataclass(frozen=True, slots=True)
class Rounds:
    """Bursts by host, one list for each host, and what others did meanwhile.

    `cpu_us` is processor time per request of a host with its workers, which a busy machine changes least.
    """

    bursts: list[list[Burst]]
    cpu_us: list[list[float]]
    others: list[float]

    def of(self, host: int) -> list[Burst]:
        """Return a host's bursts of the quiet rounds; of all of them where hardly any was quiet."""
        kept = self.kept()
        return [self.bursts[host][number] for number in kept]

    def kept(self) -> list[int]:
        """Return which rounds count."""
        quiet = [number for number, cores in enumerate(self.others) if cores <= QUIET]
        return quiet if len(quiet) >= 3 else list(range(len(self.others)))

    def ratios(self, host: int, base: int) -> list[float]:
        """Return the requests/s of one host to another's, round by round."""
        return [one.rate / other.rate for one, other in zip(self.of(host), self.of(base), strict=True)]

    def rate(self, host: int) -> float:
        """Return a host's median requests/s."""
        return quantile([one.rate for one in self.of(host)], 0.5)

    @property
    def note(self) -> str:
        """How much others disturbed, where they did."""
        quiet = sum(cores <= QUIET for cores in self.others)
        if quiet == len(self.others):
            return ""
        busy = f"{quantile(self.others, 0.5):.1f} cores busy with other work"
        return f"; {quiet} of {len(self.others)} rounds quiet ({busy})"


def compared(hosts: Sequence[Host], requests: Path, *, connections: int, effort: Effort) -> Rounds:
    """Return bursts of each host; the order turns around every round, so that drift hits all alike."""
    found = Rounds([[] for _ in hosts], [[] for _ in hosts], [])
    while effort.goes_on(found.others):
        order = list(zip(hosts, found.bursts, found.cpu_us, strict=True))
        others = 0.0
        for host, bursts, cpu_us in order if len(found.others) % 2 == 0 else reversed(order):
            watch, used_s = Others(host.pid), cpu_s(host.pid)
            made = burst(host.port, requests, connections=connections, seconds=effort.seconds)
            bursts.append(made)
            cpu_us.append((cpu_s(host.pid) - used_s) * 1e6 / made.requests)
            others = max(others, watch.cores())
        found.others.append(others)
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


def _figures(rounds: Rounds, connections: int) -> Iterator[Figure]:
    targets = {16: 0.95, 64: 0.90, 4: 0.85}
    for one in (one for bursts in rounds.bursts for one in bursts):
        if one.wrong:
            raise SystemExit(f"{one.wrong} requests went wrong in a burst at {connections} connections")
    yield ratio(
        "throughput",
        f"of a plain function's requests/s, {connections} connections",
        rounds.ratios(1, 0),
        least=targets.get(connections),
        note=f"{rounds.rate(1):.0f}/s of {rounds.rate(0):.0f}/s, {MAKER}{rounds.note}",
    )
    plain, product, *more = (quantile(cpu_us, 0.5) for cpu_us in rounds.cpu_us)
    note = f"plain function {plain:.0f} us" + "".join(f", textbook {cpu_us:.0f} us" for cpu_us in more)
    what = f"processor time a request, {connections} connections"
    yield Figure("throughput", what, product, "us", note=note)
    if more:
        yield ratio(
            "throughput",
            f"of the textbook handler's requests/s, {connections} connections",
            rounds.ratios(1, 2),
            least=1.2,
            note=f"textbook {rounds.rate(2):.0f}/s",
        )


def _nobody_else_answered(host: Host) -> None:
    answered = host.answered()
    if set(answered) != {"scripts"}:
        print(f"note: not every turn was answered by the script: {answered}", file=sys.stderr)

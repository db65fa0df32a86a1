"""What hostile scripts do to other calls: one a second of each class, then many endless loops at once.

Twice each: with the hostile script in a project of its own in the same gateway, and in the very project
whose good calls are measured.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from figures import Figure, quantile
from hosts import Host, running
from latency import milliseconds
from paced import Answered, Planned, every, paced
from plants import ACCOUNT, CLASSES, HOSTILE, MENU, NEIGHBOUR, NEIGHBOURS_NUMBER, NUMBER, write_plant
from processes import cpu_s
from webhooks import Webhook, menu_calls, webhook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from throughput import Effort

GOOD_PER_S = 200
DEFAULT_SAYS = "This is the alarm system of"
WORKS = 'numDigits="1" timeout="8"'


def _plant(folder: Path, *, same: bool) -> Path:
    if same:
        return write_plant(folder, {"20_menu.py": MENU, "90_hostile.py": HOSTILE})
    return write_plant(folder, {"20_menu.py": MENU}, {"90_hostile.py": HOSTILE})


def _hostile(action: str, *, same: bool) -> bytes:
    account, number = (ACCOUNT, NUMBER) if same else (NEIGHBOUR, NEIGHBOURS_NUMBER)
    return webhook(action, account=account, number=number).fresh()


def _window(
    host: Host, good: Sequence[Webhook], actions: Sequence[str], seconds: float, *, same: bool
) -> list[Answered]:
    turn = iter(good * (1 + int(seconds * GOOD_PER_S) // len(good)))
    plan = every(seconds, GOOD_PER_S, lambda: next(turn).fresh())
    for number, action in enumerate(actions):
        phase = 0.1 + number / (len(actions) + 1)
        plan += every(seconds, 1, lambda action=action: _hostile(action, same=same), "hostile", phase)  # type: ignore[misc]
    return paced(host.port, plan)


def one_a_second(folder: Path, effort: Effort, *, same: bool) -> Iterator[Figure]:
    """Yield good calls' p50 and p99 beside each class of hostile call, as ratios to windows without any."""
    good = menu_calls(400)
    with running("tocsin", _plant(folder, same=same)) as host:
        _window(host, good, [], 2.5, same=same)
        windows: list[tuple[str, ...]] = [*((name,) for name in CLASSES), CLASSES]
        quiet: list[Answered] = []
        loud: dict[tuple[str, ...], list[Answered]] = {window: [] for window in windows}
        for _ in range(effort.rounds):
            quiet += _window(host, good, [], effort.seconds, same=same)
            for window in windows:
                loud[window] += _window(host, good, window, effort.seconds, same=same)
    case = "same project" if same else "hostile"
    base = [quantile(milliseconds(quiet), share) for share in (0.5, 0.99)]
    for window, answers in loud.items():
        mine = [one for one in answers if one.kind == "good"]
        failed = sum(WORKS not in one.body for one in mine)
        theirs = [one.latency_s * 1000 for one in answers if one.kind == "hostile"]
        silent = sum(one.status != 200 for one in answers if one.kind == "hostile")
        name = window[0] if len(window) == 1 else "all six"
        for share, told, most in ((0.5, "p50", 1.25), (0.99, "p99", 2.0)):
            value = quantile(milliseconds(mine), share)
            quiet_value = base[0] if share == 0.5 else base[1]
            note = f"{value:.2f} ms of {quiet_value:.2f}"
            if share == 0.5:
                note += (
                    f"; hostile answered in {statistics.median(theirs):.0f} ms, {silent} of {len(theirs)} not"
                )
            target = None if same else most
            yield Figure(
                case, f"good calls' {told} beside {name}", value / quiet_value, "", most=target, note=note
            )
        yield Figure(
            case,
            f"good calls not answered by their script, {name}",
            failed,
            "",
            most=None if same else 0,
            note=f"of {len(mine)}, {sum(one.status != 200 for one in mine)} not answered at all",
        )


def loops(folder: Path, count: int, *, same: bool, seconds: float = 4.0) -> Iterator[Figure]:
    """Yield what happens to others, to the loops and to the processor with so many endless loops at once."""
    good = menu_calls(400)
    with running("tocsin", _plant(folder, same=same)) as host:
        quiet = _window(host, good, [], 2.5, same=same)
        quiet = _window(host, good, [], 2.5, same=same)
        turn = iter(good * 10)
        plan = every(seconds, 100, lambda: next(turn).fresh())
        plan += [Planned(0.5, _hostile("endless", same=same), "loop") for _ in range(count)]
        answers = paced(host.port, plan, wires=8 + count)
        last = max((one.done_s for one in answers if one.kind == "loop"), default=0.0)
        time.sleep(max(0.0, 1.0 - (seconds - last)))
        before = cpu_s(host.pid)
        time.sleep(1.0)
        busy = cpu_s(host.pid) - before
    mine = [one for one in answers if one.kind == "good"]
    theirs = [one for one in answers if one.kind == "loop"]
    beside = [one for one in mine if 0.5 <= one.done_s <= last + 0.05] or mine
    served = sum(WORKS in one.body for one in mine)
    by_default = [one for one in theirs if one.status == 200 and DEFAULT_SAYS in one.body]
    slowest = max((one.latency_s for one in theirs), default=0.0)
    base = quantile(milliseconds(quiet), 0.5)
    case, loud = ("same project" if same else "loops"), f"{count} endless loops"
    strict = not same
    yield Figure(
        case, f"good calls served beside {loud}", 100 * served / len(mine), "%", least=100 if strict else None
    )
    note = f"of {base:.2f} ms quiet; p99 {quantile(milliseconds(beside), 0.99):.1f} ms"
    yield Figure(case, f"good calls' p50 beside {loud}", quantile(milliseconds(beside), 0.5), "ms", note=note)
    yield Figure(case, f"{loud}: answered by the default", 100 * len(by_default) / count, "%", least=100)
    median = quantile([one.latency_s for one in theirs], 0.5)
    yield Figure(case, f"{loud}: the last answer", slowest, "s", most=2.3, note=f"median {median:.2f} s")
    yield Figure(case, f"{loud}: processor in the 2nd second after", 100 * busy, "%", most=5)

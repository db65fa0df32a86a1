"""What hostile scripts do to other calls: one a second of each class, then many endless loops at once.

Twice each: with the hostile script in a project of its own in the same gateway, and in the very project
whose good calls are measured.
"""

from __future__ import annotations

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
    quiet: list[Answered] = []
    loud: dict[tuple[str, ...], list[Answered]] = {(name,): [] for name in CLASSES} | {CLASSES: []}
    with running("tocsin", _plant(folder, same=same)) as host:
        _window(host, good, [], 2.5, same=same)
        for _ in range(effort.rounds):
            quiet += _window(host, good, [], effort.seconds, same=same)
            for actions, answers in loud.items():
                answers.extend(_window(host, good, actions, effort.seconds, same=same))
    base = milliseconds(quiet)
    for actions, answers in loud.items():
        name = actions[0] if len(actions) == 1 else "all six"
        # The targets are for one hostile call a second; six of them are told without any.
        strict = len(actions) == 1 and not same
        yield from _beside("same project" if same else "hostile", name, answers, base, strict=strict)


def _beside(
    case: str, name: str, answers: Sequence[Answered], base: Sequence[float], *, strict: bool
) -> Iterator[Figure]:
    mine, theirs = _by_kind(answers, "good"), _by_kind(answers, "hostile")
    took = milliseconds(mine)
    unanswered = sum(one.status != 200 for one in theirs)
    hostile = f"hostile answered in {quantile([one.latency_s for one in theirs], 0.5) * 1000:.0f} ms"
    notes = {0.5: f"; {hostile}, {unanswered} of {len(theirs)} not at all", 0.99: ""}
    for share, told, most in ((0.5, "p50", 1.25), (0.99, "p99", 2.0)):
        value, quiet = quantile(took, share), quantile(base, share)
        note = f"{value:.2f} ms of {quiet:.2f}{notes[share]}"
        target = most if strict else None
        yield Figure(case, f"good calls' {told} beside {name}", value / quiet, "", most=target, note=note)
    missed = sum(WORKS not in one.body for one in mine)
    note = f"of {len(mine)}, {sum(one.status != 200 for one in mine)} not answered at all"
    what = f"good calls not answered by their script, {name}"
    yield Figure(case, what, missed, "", most=0 if strict else None, note=note)


def _by_kind(answers: Sequence[Answered], kind: str) -> list[Answered]:
    return [one for one in answers if one.kind == kind]


def loops(folder: Path, count: int, *, same: bool, seconds: float = 4.0) -> Iterator[Figure]:
    """Yield what happens to others, to the loops and to the processor with so many endless loops at once."""
    good = menu_calls(400)
    with running("tocsin", _plant(folder, same=same)) as host:
        _window(host, good, [], 2.5, same=same)
        quiet = _window(host, good, [], 2.5, same=same)
        turn = iter(good * 10)
        plan = every(seconds, 100, lambda: next(turn).fresh())
        plan += [Planned(0.5, _hostile("endless", same=same), "loop") for _ in range(count)]
        answers = paced(host.port, plan, wires=8 + count)
        last = max(one.done_s for one in _by_kind(answers, "loop"))
        time.sleep(max(0.0, 1.0 - (seconds - last)))
        before = cpu_s(host.pid)
        time.sleep(1.0)
        busy = cpu_s(host.pid) - before
    case, loud = ("same project" if same else "loops"), f"{count} endless loops"
    mine = _by_kind(answers, "good")
    beside = milliseconds([one for one in mine if 0.5 <= one.done_s <= last + 0.05] or mine)
    served = 100 * sum(WORKS in one.body for one in mine) / len(mine)
    note = f"{sum(one.status != 200 for one in mine)} of {len(mine)} not answered at all"
    what = f"good calls answered by their script, {loud}"
    yield Figure(case, what, served, "%", least=None if same else 100, note=note)
    note = f"of {quantile(milliseconds(quiet), 0.5):.2f} ms quiet; p99 {quantile(beside, 0.99):.1f} ms"
    yield Figure(case, f"good calls' p50 beside {loud}", quantile(beside, 0.5), "ms", note=note)
    yield from _looping(case, loud, _by_kind(answers, "loop"))
    yield Figure(case, f"{loud}: processor in the 2nd second after", 100 * busy, "%", most=5)


def _looping(case: str, loud: str, theirs: Sequence[Answered]) -> Iterator[Figure]:
    by_default = sum(one.status == 200 and DEFAULT_SAYS in one.body for one in theirs)
    yield Figure(case, f"{loud}: answered by the default", 100 * by_default / len(theirs), "%", least=100)
    took = [one.latency_s for one in theirs]
    note = f"median {quantile(took, 0.5):.2f} s"
    yield Figure(case, f"{loud}: the last answer", max(took), "s", most=2.3, note=note)

"""Runs tocsin as `python -m tocsin` does, and kills itself with SIGKILL at a named moment.

The file named by TOCSIN_TEST_KILL says when, a death in each line, the first one next: "moment nth times",
such as "after-booking 2 1". At the nth time that moment is reached the process is gone, without any tidying;
`times` counts down, so that the processes that follow die as well until it is 0. The moments are those of
`commit_points`, and before and after an answer. Nothing of tocsin is changed but what reports them.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import FrameType
from typing import Any

from tests.calls.commit_points import POINTS

from tocsin.alarms import Board
from tocsin.db import Database
from tocsin.gateway import binding
from tocsin.web import webhooks

_seen: dict[str, int] = {}
_guard = threading.Lock()


def reached(moment: str) -> None:
    """Die here if this is what the orders name next."""
    orders = Path(os.environ["TOCSIN_TEST_KILL"])
    with _guard:
        try:
            first, *rest = orders.read_text().splitlines()
            named, nth, times = first.split()
        except (OSError, ValueError):
            return
        if named != moment:
            return
        _seen[moment] = _seen.get(moment, 0) + 1
        if _seen[moment] == int(nth):
            again = [f"{moment} 1 {int(times) - 1}"] if times != "1" else []
            orders.write_text("\n".join([*again, *rest]))
            os.kill(os.getpid(), signal.SIGKILL)


def point_of(caller: FrameType, work: Callable[..., Any]) -> str:
    """Give the name of the transaction that a function hands in; "" where it has none.

    Of two in one function, one has the name of its work.
    """
    module = caller.f_globals["__name__"].removeprefix("tocsin.")
    place = f"{module}.{caller.f_code.co_qualname}"
    names = [name for name, where in POINTS.items() if where == place]
    own = getattr(work, "__name__", "")
    return own if own in names else next(iter(names), "")


def watch_transactions() -> None:
    """Report when a transaction begins, when its work is done, and when it is committed."""
    plain_write, plain_transact = Database.write, Board.transact

    def write(self: Database, work: Callable[..., Any]) -> Coroutine[Any, Any, Any]:
        point = getattr(work, "point", None) or point_of(sys._getframe(1), work)
        return reporting(self, work, point) if point else plain_write(self, work)

    async def reporting(self: Database, work: Callable[..., Any], point: str) -> Any:
        def whole(connection: Any) -> Any:
            result = work(connection)
            if not idle(result):
                reached(f"inside-{point}")
            return result

        def idle(result: Any) -> bool:
            # What has no turn yet gives what it waits for, and has written nothing.
            return point == "intent" and result is not None

        reached(f"before-{point}")
        result = await plain_write(self, whole)
        if not idle(result):
            reached(f"after-{point}")
        return result

    def transact(self: Board, work: Callable[..., Any]) -> Coroutine[Any, Any, Any]:
        def marked(connection: Any) -> Any:
            return work(connection)

        marked.point = point_of(sys._getframe(1), work)  # type: ignore[attr-defined] # for `write` to find
        return plain_transact(self, marked)

    Database.write, Board.transact = write, transact  # type: ignore[method-assign,assignment]


def watch_answers() -> None:
    """Report when a webhook is about to be answered, and when it has been."""
    plain = webhooks._send

    @functools.wraps(plain)
    async def send(*args: Any) -> None:
        reached("before-answer")
        await plain(*args)
        reached("after-answer")

    webhooks._send = send


def main() -> None:
    """Be `tocsin`, as the environment says."""
    watch_transactions()
    watch_answers()
    twilio = os.environ["TOCSIN_TEST_TWILIO"]
    binding.api_base = lambda *_: twilio  # type: ignore[assignment]
    from tocsin.cli import main as be_tocsin

    sys.argv[0] = "tocsin"
    be_tocsin()

"""`tocsin` with a clock of the tests, a provider of the tests, and a moment at which it kills itself.

Nothing of the product is changed but its clock, the address of the provider, and what reports the moments.
The file named by TOCSIN_FAULTS_KILL says when: "moment times most". The process dies by SIGKILL when it has
passed that moment a random number of times from 1 to `most`; `times` counts down, so that the processes
that follow die as well until it is 0.
"""

from __future__ import annotations

import functools
import http.client
import inspect
import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults.told_clock import CLOCK, ToldClock

from tocsin.alarms import Accepted, Acknowledged, Board
from tocsin.calls import store
from tocsin.channels import reconcile
from tocsin.channels.seeking import Verdict
from tocsin.engine import claiming
from tocsin.engine.embedded import EmbeddedEngine
from tocsin.gateway import binding, retention, upkeep
from tocsin.gateway import gateway as gateway_module
from tocsin.pipelines import Runs
from tocsin.telephony.client import TwilioClient

MOMENTS = {
    "K1": "an alarm is reported, not committed",
    "K2": "an alarm is committed, its reporter not answered",
    "K3": "a run is advanced, not committed",
    "K4": "a run's step is committed",
    "K5": "an attempt is on record, the provider not asked",
    "K6": "the provider is asked, its answer not read",
    "K7": "the provider has answered, the answer not on record",
    "K8": "a callback is taken, not committed",
    "K9": "an acknowledgement is committed, the caller not answered",
    "K10": "what an earlier process left is taken up or helped on, not committed",
    "K12": "old rows are removed, not committed",
}


class Orders:
    """When to die, as the file says; read anew at every pass, for it is changed while the process lives."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._passes: dict[str, int] = {}
        self._fatal: dict[str, int] = {}
        self._guard = threading.Lock()

    def reached(self, moment: str) -> None:
        """Die here if this is what the orders name."""
        with self._guard:
            try:
                named, times, most = self._file.read_text().split()
            except (OSError, ValueError):
                return
            if named != moment or times == "0":
                return
            fatal = self._fatal.setdefault(moment, random.randint(1, int(most)))
            self._passes[moment] = self._passes.get(moment, 0) + 1
            if self._passes[moment] >= fatal:
                self._file.write_text(f"{moment} {int(times) - 1} {most}")
                os.kill(os.getpid(), signal.SIGKILL)


def around(owner: Any, name: str, *, before: Callable[..., None] | None = None, after: Any = None) -> None:
    """Call `before` with the arguments of a function of `owner`, and `after` with none once it returned."""
    plain = getattr(owner, name)
    if inspect.iscoroutinefunction(plain):

        @functools.wraps(plain)
        async def watched(*args: Any, **options: Any) -> Any:
            if before is not None:
                before(*args)
            result = await plain(*args, **options)
            if after is not None:
                after()
            return result
    else:

        @functools.wraps(plain)
        def watched(*args: Any, **options: Any) -> Any:
            if before is not None:
                before(*args)
            result = plain(*args, **options)
            if after is not None:
                after()
            return result

    setattr(owner, name, watched)


def watch(orders: Orders) -> None:
    """Report every moment."""

    def at(moment: str) -> Callable[..., None]:
        return lambda *_: orders.reached(moment)

    def applied(_: Board, results: Any) -> None:
        found = list(results)
        if any(isinstance(one, Accepted) and one.change is not None for one in found):
            orders.reached("K2")
        if any(isinstance(one, Acknowledged) and one.outcome == "ok" for one in found):
            orders.reached("K9")

    def asked(connection: http.client.HTTPConnection, *_: Any) -> None:
        if connection.__dict__.pop("creates", False):
            orders.reached("K6")

    def requested(connection: http.client.HTTPConnection, method: str, url: str, *_: Any) -> None:
        connection.__dict__["creates"] = method == "POST" and url.endswith(("/Calls.json", "/Messages.json"))

    around(Board, "report_in", after=at("K1"))
    around(Board, "applied", before=applied)
    around(Runs, "_advance", after=at("K3"))
    around(Runs, "handle", after=at("K4"))
    for name in ("place_call", "send_message"):
        around(TwilioClient, name, before=at("K5"), after=at("K7"))
    around(http.client.HTTPConnection, "putrequest", before=requested)
    around(http.client.HTTPConnection, "getresponse", before=asked)
    around(store, "add_status", after=at("K8"))
    around(store, "add_message_status", after=at("K8"))
    around(Runs, "rescue_in", after=at("K10"))
    around(claiming, "take_back_own", after=at("K10"))
    for owner, name in (
        (retention.calls, "prune_calls_in"),
        (retention.calls, "prune_texts_in"),
        (retention.calls, "prune_traces_in"),
        (retention.pipelines, "prune_in"),
        (retention, "prune_notices_in"),
        (retention.audit, "prune_in"),
        (EmbeddedEngine, "purge"),
    ):
        around(owner, name, after=at("K12"))


def _blind() -> None:
    """Look for nothing in the provider's list, and flag nothing."""
    reconcile.judge = lambda *_, **__: Verdict(None, None, "not looked for")  # type: ignore[assignment]
    reconcile.DUPLICATE = ""  # type: ignore[misc]


def _forgetful() -> None:
    """Start no run for every other alarm, and let nobody notice."""
    plain = Runs._begin

    def begin(self: Runs, connection: Any, alarms: Any, now_ms: int) -> int:
        return plain(self, connection, alarms[::2], now_ms)

    Runs._begin = begin  # type: ignore[method-assign]
    Runs.rescue_in = lambda *_: None  # type: ignore[assignment]


SABOTAGE = {"blind": _blind, "forgetful": _forgetful}
"""Products that are broken on purpose, to see whether anybody would notice."""


def main() -> None:
    """Be `tocsin`, as the environment says."""
    if os.environ.get(CLOCK):
        gateway_module.SystemClock = ToldClock  # type: ignore[assignment,misc] # a clock all the same
    twilio = os.environ.get("TOCSIN_FAULTS_PROVIDER")
    if twilio:
        binding.api_base = lambda *_: twilio  # type: ignore[assignment]
    prune = os.environ.get("TOCSIN_FAULTS_PRUNE_MS")
    if prune:
        upkeep._FIRST_MS = int(prune)  # type: ignore[misc] # an hour is long for a process that is killed
    sabotage = os.environ.get("TOCSIN_FAULTS_SABOTAGE")
    if sabotage:
        SABOTAGE[sabotage]()
    orders = os.environ.get("TOCSIN_FAULTS_KILL")
    if orders:
        watch(Orders(Path(orders)))
    from tocsin.cli import main as tocsin

    sys.argv[0] = "tocsin"
    tocsin()


if __name__ == "__main__":
    main()

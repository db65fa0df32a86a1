"""Begins gateways without importing everything anew: a process that has done so, and forks for each.

`python -m tests.faults.nursery MODULE` reads lines of JSON, {"arguments", "environ", "log"}, starts a process
for each, which runs that module's `main`, and says so: {"born": pid}, and {"dead": pid, "status": n} when it
has ended. What a process prints itself stands between. A process never outlives its nursery.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import signal
import sys
from types import ModuleType
from typing import Any

_PR_SET_PDEATHSIG = 1


def live(program: ModuleType, order: dict[str, Any]) -> None:
    """Be the process that was asked for; does not return."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(order["environ"])
    sys.argv = ["tocsin", *order["arguments"]]
    status = 1
    try:
        program.main()
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException:  # whatever it is belongs into the log of that process
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def say(**told: Any) -> None:
    os.write(1, json.dumps(told).encode() + b"\n")


def bury() -> None:
    """Say who has ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        say(dead=pid, status=os.waitstatus_to_exitcode(status))


def main() -> None:
    import selectors

    import twilio.rest  # noqa: F401
    import uvloop  # noqa: F401  imported here so that no child does

    import tocsin.cli.serving
    import tocsin.emulator.serve
    import tocsin.gateway.serving  # noqa: F401

    program = importlib.import_module(sys.argv[1])
    gc.collect()
    gc.freeze()
    ended, wake = os.pipe()
    os.set_blocking(ended, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    waiting = selectors.DefaultSelector()
    waiting.register(0, selectors.EVENT_READ)
    waiting.register(ended, selectors.EVENT_READ)
    pending = b""
    while True:
        ready = {key.fd for key, _ in waiting.select()}
        if ended in ready:
            os.read(ended, 4096)
            bury()
        if 0 in ready:
            more = os.read(0, 65536)
            if not more:
                return
            *lines, pending = (pending + more).split(b"\n")
            for line in lines:
                pid = os.fork()
                if not pid:
                    live(program, json.loads(line))
                say(born=pid)


if __name__ == "__main__":
    main()

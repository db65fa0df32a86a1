"""Runs tocsin as `python -m tocsin` does, and kills itself with SIGKILL at a named moment.

The file named by TOCSIN_TEST_KILL says when: "moment nth times", such as "after-booking 2 1". At the nth
time that moment is reached the process is gone, without any tidying; `times` counts down, so that the
processes that follow die as well until it is 0. Nothing of tocsin is changed but what reports the moments.
"""

from __future__ import annotations

import functools
import inspect
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from tocsin.alarms import Board
from tocsin.calls import conversation, requests, store, texting
from tocsin.gateway import binding
from tocsin.people import PinCheck, PinKey, tries
from tocsin.web import webhooks

ORDERS = Path(os.environ["TOCSIN_TEST_KILL"])
_seen: dict[str, int] = {}
_guard = threading.Lock()


def reached(moment: str) -> None:
    """Die here if this is what the orders name."""
    with _guard:
        try:
            named, nth, times = ORDERS.read_text().split()
        except (OSError, ValueError):
            return
        if named != moment or times == "0":
            return
        _seen[moment] = _seen.get(moment, 0) + 1
        if _seen[moment] == int(nth):
            ORDERS.write_text(f"{moment} 1 {int(times) - 1}")
            os.kill(os.getpid(), signal.SIGKILL)


def around(owner: Any, name: str, *, before: str = "", after: str = "") -> None:
    """Report a moment when a function of `owner` begins, or when it has returned."""
    plain = getattr(owner, name)
    if inspect.iscoroutinefunction(plain):

        @functools.wraps(plain)
        async def watched(*args: Any, **options: Any) -> Any:
            reached(before)
            result = await plain(*args, **options)
            reached(after)
            return result
    else:

        @functools.wraps(plain)
        def watched(*args: Any, **options: Any) -> Any:
            reached(before)
            result = plain(*args, **options)
            reached(after)
            return result

    setattr(owner, name, watched)


def watch() -> None:
    """Report every moment at which something is, or has just been, committed or answered."""
    around(tries, "book", before="before-booking", after="inside-booking")
    around(PinKey, "hash_pin", before="after-booking")
    around(tries, "settle", before="before-settle", after="inside-settle")
    around(PinCheck, "match", after="after-settle")
    around(Board, "acknowledge_in", before="before-acknowledge", after="inside-acknowledge")
    around(Board, "applied", before="after-acknowledge")
    around(conversation.Conversation, "_commit", before="before-end-of-turn", after="after-end-of-turn")
    around(store, "add_turn", after="inside-end-of-turn")
    around(webhooks, "_send", before="before-answer", after="after-answer")
    around(store, "add_message", before="before-intent", after="inside-intent")
    around(binding.TwilioWaysOut, "send", before="after-intent", after="after-twilio")
    around(store, "settle_message", after="inside-message-settle")
    around(texting, "send_message", after="after-message-settle")
    message = requests.REQUESTS["twilio.sendMessage"]
    requests.REQUESTS["twilio.sendMessage"] = requests.Request(message.read, texting.send_message)


if __name__ == "__main__":
    watch()
    twilio = os.environ.get("TOCSIN_TEST_TWILIO")
    if twilio:
        binding.api_base = lambda *_: twilio  # type: ignore[assignment]
    from tocsin.cli import main

    sys.argv[0] = "tocsin"
    main()

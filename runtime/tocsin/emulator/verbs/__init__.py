"""The verbs of TwiML, one small module for each or for a family, executed for real.

A verb is a coroutine of the session and its element. It returns where to go on, that the document is
finished, or None for the next verb. It may raise what ends or moves a call (see `leg`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tocsin.emulator.leg import Finish, Goto
from tocsin.emulator.verbs import dial, flow, gather, messages, queue, record, speak

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tocsin.emulator.session import Session

Verb = Callable[["Session", "Element"], Awaitable[Goto | Finish | None]]

VERBS: dict[str, Verb] = {
    "Say": speak.run,
    "Play": speak.run,
    "Pause": speak.run,
    "Gather": gather.gather,
    "Record": record.record,
    "Dial": dial.dial,
    "Redirect": flow.redirect,
    "Hangup": flow.hangup,
    "Reject": flow.reject,
    "Leave": flow.leave,
    "Enqueue": queue.enqueue,
    "Sms": messages.sms,
    "Message": messages.sms,
}
# Verbs that do not answer an incoming call by themselves.
SILENT = frozenset({"Reject", "Redirect", "Pause", "Dial"})

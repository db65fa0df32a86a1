"""Which verbs a document may use where it is heard beside a call: on hold, or before two are connected.

Pure facts, so that the runner of documents need not know the verbs that ask for them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowed:
    """The verbs of one kind of document, what it is called, and how Twilio logs any other verb in it."""

    where: str
    verbs: frozenset[str]
    code: int = 12200
    log: int = 1


# https://www.twilio.com/docs/api/errors/13238
MUSIC = Allowed(
    "the waitUrl of a conference", frozenset({"Say", "Play", "Pause", "Redirect"}), code=13238, log=0
)
# https://www.twilio.com/docs/voice/twiml/enqueue
HOLD = Allowed(
    "the waitUrl of a queue", frozenset({"Say", "Play", "Pause", "Gather", "Redirect", "Hangup", "Leave"})
)
# https://www.twilio.com/docs/voice/twiml/number
ACCEPT = Allowed(
    "a document heard before two are connected",
    frozenset({"Say", "Play", "Pause", "Gather", "Redirect", "Hangup"}),
)

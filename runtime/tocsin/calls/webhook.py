"""One voice webhook as values: which action, which call, which parameters, and what makes it a repeat.

HTTP, signatures and body parsing have been dealt with before a VoiceWebhook is made; nothing here does I/O.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tocsin.telephony.addresses import EVENTS

__all__ = ["EVENTS", "MACHINE", "OWN_QUERY", "Answer", "VoiceWebhook", "own_query"]

MACHINE = ("machine_", "fax")
"""Beginnings of Twilio's AnsweredBy values that mean nobody is listening."""

OWN_QUERY = frozenset({"turn", "wait", "step"})
"""Query parameters tocsin adds to its own URLs; scripts never see them, and `call.url` takes none of them."""


_BESIDE = frozenset({
    "RecordingStatus", "TranscriptionStatus", "CallbackSource", "StableSpeechResult", "UnstableSpeechResult",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class VoiceWebhook:
    """A signed voice webhook, checked and parsed.

    `action` and `ref` are the last two parts of the path, decoded. `params` holds the form's fields and
    those query values the form does not name. `token` is Twilio's idempotency token or "", `turn` the
    number in the URL or None, `wait` how often this turn has already answered "one moment", `step` the key
    it had when it did so first, `path` the raw path as received.
    """

    action: str
    ref: str
    params: dict[str, str]
    account: str
    token: str = ""
    turn: int | None = None
    wait: int = 0
    step: str = ""
    path: str = ""
    query: dict[str, str] = field(default_factory=dict)

    @property
    def sid(self) -> str:
        """The leg this webhook is about."""
        return self.params.get("CallSid", "")

    @property
    def inbound(self) -> bool:
        """Whether somebody called us."""
        return self.params.get("Direction", "inbound").startswith("inbound")

    @property
    def numbers(self) -> tuple[str, str]:
        """The caller's or callee's number, and ours."""
        ends = self.params.get("From", ""), self.params.get("To", "")
        return ends if self.inbound else (ends[1], ends[0])

    @property
    def beside(self) -> bool:
        """Whether Twilio tells this beside the call: its phone waits for no answer, and has not come back.

        So it is with the progress of recordings, transcriptions, dialled numbers, conferences and speech.
        Whoever asks for TwiML says CallStatus (https://www.twilio.com/docs/voice/twiml#request-parameters).
        """
        if "CallStatus" not in self.params:
            return True
        # What stands in a URL is a script's word, not Twilio's.
        return not _BESIDE.isdisjoint(self.params) and bool(_BESIDE & self.params.keys() - self.query.keys())

    @property
    def key(self) -> str:
        """What two deliveries of the same webhook share, or "" where nothing tells them from two webhooks."""
        if self.token:
            return f"token:{self.token}"
        if self.turn is not None and self.sid and not self.beside:
            return f"turn:{self.sid}:{self.turn}:{self.wait}"
        return ""

    @property
    def machine(self) -> bool:
        """Whether Twilio says a machine answered."""
        return self.params.get("AnsweredBy", "").startswith(MACHINE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to Twilio: TwiML, or no content (204) where `twiml` is None."""

    twiml: str | None
    status: int = 200


def own_query(query: dict[str, str]) -> tuple[int | None, int]:
    """Read `turn` and `wait` from a query; nonsense counts as absent."""
    turn, wait = query.get("turn", ""), query.get("wait", "")
    number = int(turn) if turn.isascii() and turn.isdigit() and len(turn) <= 6 else None
    return number, int(wait) if wait.isascii() and wait.isdigit() and len(wait) <= 2 else 0

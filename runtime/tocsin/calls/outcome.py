"""How a call ended: exactly one word out of what happened in it, with the reason. Pure.

The facts are gathered in `ending`; what follows from an outcome is decided by whoever asked for the call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, get_args

from tocsin.telephony.refusals import REFUSALS

if TYPE_CHECKING:
    from collections.abc import Callable

Outcome: TypeAlias = Literal[
    "acked", "partly-acked", "notified-no-ack", "passed", "answered-silent", "hung-up", "pin-failed",
    "locked", "voicemail", "fax", "busy", "no-answer", "failed-number", "failed-provider",
    "cancelled-by-ack", "cancelled-by-clear",
]  # fmt: skip
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)

_TOLD: Final[frozenset[Outcome]] = frozenset({"acked", "partly-acked", "notified-no-ack", "passed"})


def told(outcome: Outcome) -> bool:
    """Tell whether a person knows of the alarms after a call that ended so; a machine is no person."""
    return outcome in _TOLD


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What happened in a call.

    `status` is Twilio's last CallStatus; "refused" where Twilio did not take the call, "unknown" where
    nobody can say. `code` is Twilio's error code, `sip_code` the carrier's answer. `pressed`: a key was
    pressed, which no answering machine does. `right`, `wrong` and `locked` count PIN entries. `heard` and
    `acked` count alarms told and acknowledged in this call, `open` those of its alarms that still wait.
    `cancelled` says why nothing was left to tell. `turns` counts answered webhooks; `ended_by_us`: the last
    of them ended the call; `gave_up`: its script took nobody to be there; `over_budget`: it took more turns
    or minutes than a call may.
    """

    status: str
    code: int | None = None
    sip_code: int | None = None
    answered_by: str = ""
    pressed: bool = False
    right: int = 0
    wrong: int = 0
    locked: int = 0
    passed: bool = False
    heard: int = 0
    acked: int = 0
    open: int = 0
    cancelled: Literal["", "ack", "clear"] = ""
    turns: int = 0
    ended_by_us: bool = False
    gave_up: bool = False
    over_budget: bool = False


_NO_SUCH_NUMBER: Final = frozenset({404, 410, 416, 484, 485, 604})
"""SIP answers that blame the number (RFC 3261 section 21); every other one blames the way to it."""


def _bad_number(facts: CallFacts) -> bool:
    """Tell whether nobody is reached at this number, whoever calls.

    "failed" without a code is "most likely because the provided number was invalid":
    https://www.twilio.com/docs/voice/api/call-resource#call-status-values
    """
    if facts.code is not None:
        return REFUSALS.get(facts.code) == "number"
    return facts.status == "failed" and (facts.sip_code is None or facts.sip_code in _NO_SUCH_NUMBER)


def _machine(facts: CallFacts, kind: str) -> bool:
    return facts.answered_by.startswith(kind) and not facts.pressed


class _Row(NamedTuple):
    """One way to end: whatever the status, or with this one; `why` may name any fact, and the cause."""

    outcome: Outcome
    status: str
    holds: Callable[[CallFacts], bool]
    why: str


def _always(_: CallFacts) -> bool:
    return True


# The first row that holds is the outcome. What was committed comes first: nothing that went wrong later
# takes an acknowledgement back. Then whether anybody answered, then what, then who, then how it went.
_TABLE: Final = (
    _Row(
        "acked",
        "",
        lambda f: f.acked > 0 and f.open == 0,
        "acknowledged {acked} and left nothing to acknowledge",
    ),
    _Row("passed", "", lambda f: f.passed, "asked for the next person to be told, {open} still open"),
    _Row("partly-acked", "", lambda f: f.acked > 0, "acknowledged {acked}, {open} still open"),
    _Row("failed-number", "refused", _bad_number, "Twilio refused it{cause}"),
    _Row("failed-provider", "refused", _always, "Twilio refused it{cause}"),
    _Row("failed-provider", "unknown", _always, "nobody can say whether Twilio took it"),
    _Row("failed-number", "failed", _bad_number, "it could not be put through to this number{cause}"),
    _Row("failed-provider", "failed", _always, "it could not be put through{cause}"),
    _Row("busy", "busy", _always, "the phone was busy"),
    _Row("no-answer", "no-answer", _always, "nobody answered"),
    _Row("cancelled-by-ack", "canceled", lambda f: f.cancelled == "ack", "acknowledged while it rang"),
    _Row("cancelled-by-clear", "canceled", lambda f: f.cancelled == "clear", "nothing left to tell"),
    _Row("no-answer", "canceled", _always, "cancelled at Twilio before anybody answered"),
    _Row("answered-silent", "", lambda f: f.over_budget, "it took more turns or minutes than a call may"),
    _Row("fax", "", lambda f: _machine(f, "fax"), "a fax answered"),
    _Row("voicemail", "", lambda f: _machine(f, "machine"), "a machine answered: {answered_by}"),
    _Row("locked", "", lambda f: f.locked > 0 and not f.right, "PIN entry is locked on this phone"),
    _Row("pin-failed", "", lambda f: f.wrong > 0 and not f.right, "no right PIN, wrong ones: {wrong}"),
    _Row("notified-no-ack", "", lambda f: f.right > 0, "the right PIN, heard {heard}, acknowledged none"),
    _Row("answered-silent", "", lambda f: f.gave_up, "keys without meaning, and nobody said who it was"),
    _Row("notified-no-ack", "", lambda f: f.pressed and f.heard > 0, "heard {heard}, acknowledged none"),
    _Row("cancelled-by-ack", "", lambda f: f.cancelled == "ack", "acknowledged before the person was told"),
    _Row("cancelled-by-clear", "", lambda f: f.cancelled == "clear", "nothing was left to tell"),
    _Row("answered-silent", "", lambda f: f.turns == 0, "answered, but no conversation took place"),
    _Row("answered-silent", "", lambda f: f.ended_by_us and f.pressed, "a key, but no alarm was heard"),
    _Row("answered-silent", "", lambda f: f.ended_by_us, "answered, but nobody pressed a key"),
    _Row("hung-up", "", _always, "hung up before it was certain that a person heard an alarm"),
)


def outcome_of(facts: CallFacts) -> tuple[Outcome, str]:
    """Give the one outcome of a call that is over, and why it is that one.

    Hearing without a key or a PIN tells nobody: it may have been a machine or an empty room.
    """
    row = next(row for row in _TABLE if row.status in ("", facts.status) and row.holds(facts))
    named = {name: getattr(facts, name) for name in CallFacts.__slots__}
    return row.outcome, row.why.format_map(named | {"cause": _cause(facts)})


def _cause(facts: CallFacts) -> str:
    if facts.code is not None:
        return f" (error {facts.code})"
    return "" if facts.sip_code is None else f" (SIP {facts.sip_code})"

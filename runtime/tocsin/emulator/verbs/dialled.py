"""How a Dial ended, as its action URL is told, and what all its kinds share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tocsin.emulator.verbs import attributes

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tocsin.emulator.session import Session


@dataclass(slots=True)
class Result:
    """How the dialled call ended; `more` is what only some kinds of Dial tell."""

    status: str = "failed"
    sid: str = ""
    seconds: int = 0
    bridged: bool = False
    more: dict[str, str] = field(default_factory=dict)

    def params(self) -> dict[str, str]:
        """Give what the action URL is told."""
        told = {"DialCallStatus": self.status, "DialBridged": str(self.bridged).lower()}
        if self.sid:
            told["DialCallSid"] = self.sid
        if self.status == "completed":
            told["DialCallDuration"] = str(self.seconds)
        return told | self.more


@dataclass(frozen=True, slots=True)
class Talk:
    """How long two people may talk, and whether the caller's `*` ends it."""

    seconds: int
    star: bool


def talk(session: Session, element: Element) -> Talk:
    """Read `timeLimit` and `hangupOnStar` of a Dial."""
    seconds = attributes.integer(session, element, "timeLimit", 14_400, code=13212, low=1)
    star = attributes.flag(session, element, "hangupOnStar", default=False, code=13213)
    return Talk(seconds, star)

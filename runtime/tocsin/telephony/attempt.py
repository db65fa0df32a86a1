"""How a request to Twilio that cannot be repeated ended: taken, refused, or nobody knows.

Creating a call or a message is not idempotent, so "unknown" must never be treated as "refused": the phone
may ring all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tocsin.telephony.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Attempt:
    """`sid` is set where Twilio took it; `why` says what went wrong otherwise.

    `code` is Twilio's error code where it gave one, `refusal` what a refusal is about.
    """

    state: Literal["placed", "refused", "unknown"]
    sid: str | None = None
    why: str = ""
    code: int | None = None
    refusal: Refusal | None = None

    @property
    def transient(self) -> bool:
        """Whether it was refused for a reason that passes, and was surely not processed."""
        return self.state == "refused" and self.refusal == "transient"


def placed(sid: str) -> Attempt:
    """Twilio took it and named it."""
    return Attempt("placed", sid)

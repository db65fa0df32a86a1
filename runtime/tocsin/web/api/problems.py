"""Every way in which the API says no, with its status, title and the sentence for the one who asked."""

from __future__ import annotations

from typing import Final

from tocsin.errors import TocsinError
from tocsin.web.api.models import Problem

RETRY_AFTER_S: Final = 5

_TITLES: Final = {
    "bad-json": (400, "The body is not JSON"),
    "no-token": (401, "A bearer token is needed"),
    "scope-missing": (403, "The token is not good for this"),
    "not-found": (404, "There is no such thing"),
    "no-such-method": (405, "The method is not possible here"),
    "closed": (409, "The alarm is over"),
    "not-allowed": (409, "The alarm's rule does not allow it"),
    "note-required": (409, "A note is needed"),
    "nobody-on-call": (409, "Nobody is on call"),
    "against-it": (409, "Something speaks against it; send `anyway` to have it all the same"),
    "impossible": (409, "It cannot be done"),
    "in-call": (409, "The phone is in a call"),
    "ended": (409, "It is over"),
    "end-unknown": (409, "Nobody knows how the request ended"),
    "key-reused": (409, "The Idempotency-Key was used for another request"),
    "too-large": (413, "The body is too large"),
    "invalid": (422, "The request cannot be understood"),
    "fault": (500, "Something went wrong inside"),
    "no-turn": (503, "No line was free in time"),
    "not-stored": (503, "Not stored"),
}


class Refused(TocsinError):  # noqa: N818 it names what happened, as its siblings do
    """A request is answered with a problem document; `kind` is a key of the table above."""

    def __init__(self, kind: str, detail: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.status, self.title = _TITLES[kind]
        self.headers = headers or {}

    def problem(self) -> Problem:
        """Give the document."""
        return Problem(
            type=f"urn:tocsin:problem:{self.kind}", title=self.title, status=self.status, detail=str(self)
        )


def not_stored(detail: str) -> Refused:
    """Say that nothing was kept and when to try again."""
    return Refused("not-stored", detail, headers={"retry-after": str(RETRY_AFTER_S)})

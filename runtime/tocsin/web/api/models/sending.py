"""The shapes of sending a text and of calls: asking for one, listing them, tracing one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from tocsin.web.api.models.words import Masked, Millis, Number, Username  # noqa: TC001  msgspec reads annotations

LONGEST_TEXT = 1600  # Twilio refuses longer messages: error 21617
LONGEST_SPOKEN = 1000  # said twice, it still fits a document given with the request

By = Annotated[str, Meta(max_length=100, description="a username; absent: the token itself")]


class MessageBody(Struct, kw_only=True, omit_defaults=True):
    """A text for one number, or for everybody of a roster who is on call now."""

    message: Annotated[
        str,
        Meta(
            min_length=1, max_length=LONGEST_TEXT, pattern=r"\S", examples=["Pump 2 runs dry, please look."]
        ),
    ]
    number: Number | UnsetType = UNSET
    roster: Annotated[str, Meta(min_length=1, max_length=100, examples=["operations"])] | UnsetType = UNSET
    profile: Annotated[str, Meta(max_length=100, description="message profile; absent: the first")] | None = (
        None
    )
    by: By | None = None


class SentTo(Struct, kw_only=True):
    """What became of the text for one person."""

    person: str
    number: Masked
    sent: bool
    sid: str | None
    error: str | None


class Sent(Struct, kw_only=True):
    """Whether Twilio took the text in time; an end nobody knows counts as not sent, and nothing is repeated.

    For a roster `sent` is true where everybody's was taken, and `results` tells each.
    """

    sent: bool
    sid: str | None = None
    error: str | None = None
    results: list[SentTo] | None = None


class CallBody(Struct, kw_only=True, omit_defaults=True):
    """Whom to call, and what happens when it is answered.

    The scripts answer with the call action `action`; a `message` is spoken instead, twice, without them.
    """

    user: Username | UnsetType = UNSET
    number: Number | UnsetType = UNSET
    profile: Annotated[str, Meta(max_length=100, description="voice profile; absent: the first")] | None = (
        None
    )
    message: Annotated[str, Meta(min_length=1, max_length=LONGEST_SPOKEN, pattern=r"\S")] | UnsetType = UNSET
    action: (
        Annotated[
            str,
            Meta(
                pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$",
                description="which the scripts see first; status, amd and fallback reach none",
                examples=["answer"],
            ),
        ]
        | UnsetType
    ) = UNSET
    by: By | None = None


class CallPlaced(Struct, kw_only=True):
    """The call's record; `placed` tells whether Twilio took it in time."""

    call: str
    placed: bool
    sid: str | None
    error: str | None


class CallShown(Struct, kw_only=True):
    """One call; numbers are masked. `outcome` is null while it lasts."""

    id: str
    sid: str
    direction: Literal["inbound", "outbound"]
    number: Masked
    person: str | None
    identified: str | None
    profile: str
    project: str
    release: str
    attempt: int
    language: str
    answered_by: str
    state: Annotated[str, Meta(description="of the request to Twilio")]
    why: str
    possible_duplicate: bool
    outcome: str | None
    outcome_why: str
    started_ms: Millis
    ended_ms: int | None
    duration_s: int | None
    billed_minutes: int | None


class CallPage(Struct, kw_only=True):
    """Some calls, newest first; give `next` as `before` to read on, null at the end."""

    calls: list[CallShown]
    next: str | None


class TurnShown(Struct, kw_only=True):
    """One turn: what was asked, what answered, in how many milliseconds. PINs read `PIN#1`."""

    number: int
    action: str
    at_ms: Millis
    text: str
    params: dict[str, Any]
    answered: str
    release: str
    twiml: str
    log: list[Any]
    failure: dict[str, Any]
    took_ms: float


class CallTrace(Struct, kw_only=True):
    """One call with its turns, oldest first."""

    call: CallShown
    turns: list[TurnShown]

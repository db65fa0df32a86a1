"""The operation that sends a text, to one number or to everybody of a roster who is on call now."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from tocsin.alarms import plain
from tocsin.calls.on_request import CannotAsk
from tocsin.telephony.numbers import masked
from tocsin.web.api import models
from tocsin.web.api.once import once_beyond
from tocsin.web.api.operations import NUMBER, Asked, Operation, Reply, e164
from tocsin.web.api.problems import Refused

if TYPE_CHECKING:
    from tocsin.people import User
    from tocsin.telephony.attempt import Attempt


async def send(asked: Asked) -> Reply:
    """Send a text; it is on record before Twilio is asked, and Twilio is asked once."""
    body: models.MessageBody = asked.read(models.MessageBody)
    by = asked.by(body.by)
    number, roster = body.number, body.roster
    if isinstance(number, str) == isinstance(roster, str):
        raise Refused("invalid", "name either a number or a roster to send the message to")
    if isinstance(number, str):
        to = e164(number)
        return await once_beyond(asked, lambda: _to_number(asked, body, to, by))
    return await once_beyond(asked, lambda: _to_roster(asked, body, str(roster), by))


async def _to_number(asked: Asked, body: models.MessageBody, number: str, by: str) -> Reply:
    owner = asked.services.directory().owner(number)
    ended = await _sent(asked, body, number, owner.username if owner else None, by)
    return Reply(200, models.Sent(sent=ended.sid is not None, sid=ended.sid, error=_error(ended)))


async def _to_roster(asked: Asked, body: models.MessageBody, roster: str, by: str) -> Reply:
    people = _on_call(asked, roster)
    ends = await asyncio.gather(
        *(_sent(asked, body, number, user.username, by) for user, number in people), return_exceptions=True
    )
    faults = [end for end in ends if isinstance(end, BaseException)]
    if len(faults) == len(ends):
        raise faults[0]
    # Where some were sent, saying that nothing was would have them sent again: each has its own result.
    results = [
        models.SentTo(
            person=user.username,
            number=masked(number),
            sent=not isinstance(end, BaseException) and end.sid is not None,
            sid=None if isinstance(end, BaseException) else end.sid,
            error=str(end) if isinstance(end, BaseException) else _error(end),
        )
        for (user, number), end in zip(people, ends, strict=True)
    ]
    missed = [result.person for result in results if not result.sent]
    error = f"not sent to {', '.join(missed)}" if missed else None
    return Reply(200, models.Sent(sent=not missed, error=error, results=results))


async def _sent(asked: Asked, body: models.MessageBody, number: str, person: str | None, by: str) -> Attempt:
    messages = asked.services.messages
    try:
        return await messages.send(number, body.message, by=by, person=person, profile=body.profile)
    except CannotAsk as error:
        raise Refused("not-found", str(error)) from None


def _error(ended: Attempt) -> str | None:
    if ended.sid is not None:
        return None
    if ended.state == "unknown":
        return f"nobody knows whether Twilio took it, and it is not sent again: {ended.why}"
    return ended.why or "Twilio did not take it"


def _on_call(asked: Asked, name: str) -> list[tuple[User, str]]:
    """Give who of a roster is on call now and can be texted, each with the number. Raises Refused."""
    directory = asked.services.directory()
    roster = directory.roster(name)
    if roster is None:
        known = ", ".join(directory.rosters) or "none"
        raise Refused("not-found", f"there is no roster {plain(name)!r}; configured are: {known}")
    shift = directory.on_call(name, asked.services.clock.now_ms())
    people = [directory.users[one] for one in shift.people]
    reached = [(user, number) for user in people if (number := first_contact(user, "sms")) is not None]
    if not reached:
        no_contact = f"nobody on call now has a contact of type sms in the roster {name!r}"
        raise Refused("nobody-on-call", f"nobody is on call now: {shift.why}" if shift.why else no_contact)
    return reached


def first_contact(user: User, kind: str) -> str | None:
    """Give the value of a user's first contact of a type, or None."""
    return next((one.value for one in user.contacts if one.type == kind), None)


OPERATIONS: Final = (
    Operation(
        "POST", "/api/v1/messages", "send", "sendMessage",
        "Send a text to a number, or to everybody of a roster who is on call now. It is never repeated.",
        send, {200: (models.Sent, "What became of it; `error` says why it was not sent.")},
        body=models.MessageBody,
        rules={**NUMBER, "oneOf": [{"required": ["number"]}, {"required": ["roster"]}]},
        asks={"roster": "operations", "message": "Pump 2 runs dry, please look."},
        gives={
            "sent": True, "sid": None, "error": None,
            "results": [
                {
                    "person": "maria", "number": "+4670…67", "sent": True,
                    "sid": "SM00000000000000000000000000000001", "error": None,
                }
            ],
        },
    ),
)  # fmt: skip

"""The operations on calls: place one, list them, trace one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tocsin.alarms import plain
from tocsin.calls.on_request import CannotAsk, InCall
from tocsin.calls.services import NoTurn
from tocsin.calls.webhook import EVENTS
from tocsin.telephony.numbers import masked
from tocsin.web.api import history, models
from tocsin.web.api.call_words import turn_in_words
from tocsin.web.api.messages import first_contact
from tocsin.web.api.once import once_beyond
from tocsin.web.api.operations import (
    BEFORE,
    NUMBER,
    Asked,
    Operation,
    QueryParameter,
    Reply,
    choice_of,
    e164,
    limit_of,
)
from tocsin.web.api.people import user_of
from tocsin.web.api.problems import RETRY_AFTER_S, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.people import User

_STATES: Final = ("all", "live", "ended")
_DIRECTIONS: Final = ("any", "inbound", "outbound")
_MOST: Final = 1000
_USUALLY: Final = 100


# --- placing ---------------------------------------------------------------------------------------------


async def place(asked: Asked) -> Reply:
    """Place a call; it is on record before Twilio is asked, and Twilio is asked once."""
    body: models.CallBody = asked.read(models.CallBody)
    by = asked.by(body.by)
    if isinstance(body.user, str) == isinstance(body.number, str):
        raise Refused("invalid", "name either a user or a number to call")
    if isinstance(body.message, str) and isinstance(body.action, str):
        raise Refused("invalid", "name either a message to be spoken or an action for the scripts, not both")
    if body.action in EVENTS:
        raise Refused("invalid", f"no script is reached by the action {body.action!r}; choose another name")
    calls = asked.services.calls

    async def act() -> Reply:
        # Looked up here, so that a repeat gets its answer even where the user is gone meanwhile.
        person, number = _callee(asked, body)
        try:
            made = await calls.place(
                number,
                by=by,
                person=person,
                profile=body.profile,
                action=body.action if isinstance(body.action, str) else "answer",
                message=body.message if isinstance(body.message, str) else "",
            )
        except InCall as error:
            raise Refused("in-call", str(error)) from None
        except NoTurn as error:
            raise Refused("no-turn", str(error), headers={"retry-after": str(RETRY_AFTER_S)}) from None
        except CannotAsk as error:
            raise Refused("not-found", str(error)) from None
        placed = models.CallPlaced(
            call=made.id, placed=made.sid is not None, sid=made.sid, error=made.why or None
        )
        return Reply(200, placed)

    return await once_beyond(asked, act)


def _callee(asked: Asked, body: models.CallBody) -> tuple[User | None, str]:
    """Give whom to call and at which number. Raises Refused."""
    directory = asked.services.directory()
    if isinstance(body.number, str):
        return directory.owner(body.number), e164(body.number)
    user = user_of(directory, str(body.user))
    number = first_contact(user, "phone")
    if number is None:
        raise Refused("invalid", f"{user.username} has no contact of type phone; add one, or name a number")
    return user, number


# --- reading ---------------------------------------------------------------------------------------------


async def listing(asked: Asked) -> Reply:
    """List calls, newest first, a page at a time."""
    state, direction = asked.choice("state", _STATES), asked.choice("direction", _DIRECTIONS)
    limit, before = asked.limit(_USUALLY, _MOST), asked.before()
    person = None
    if "user" in asked.query:
        person = user_of(asked.services.directory(), asked.query["user"]).username
    found = await asked.services.db.read(
        lambda connection: history.calls_listed(
            connection,
            state=state,
            person=person,
            direction=None if direction == "any" else direction,
            limit=limit + 1,
            before=before,
        )
    )
    page = found[:limit]
    more = f"{page[-1]['started_ms']}.{page[-1]['id']}" if len(found) > limit else None
    return Reply(200, models.CallPage(calls=[_call(row) for row in page], next=more))


async def trace(asked: Asked) -> Reply:
    """Show a call with its turns."""
    call_id = asked.parts["call"]
    found = await asked.services.trace(plain(call_id)) if call_id else None
    if found is None:
        raise Refused("not-found", f"there is no call {plain(call_id)[:80]!r}")
    return Reply(
        200,
        models.CallTrace(call=_call(found["call"]), turns=[_turn(row) for row in found["turns"]]),
    )


def _call(row: Mapping[str, Any]) -> models.CallShown:
    facts = {name: row[name] for name in models.CallShown.__struct_fields__ if name in row}
    return models.CallShown(**{**facts, "number": masked(row["number"]), "release": row["release_id"]})


def _turn(row: Mapping[str, Any]) -> models.TurnShown:
    params: dict[str, str] = msgspec.json.decode(row["params"])
    failure: dict[str, Any] = msgspec.json.decode(row["failure"])
    return models.TurnShown(
        number=row["number"],
        action=row["action"],
        at_ms=row["at_ms"],
        text=turn_in_words("The caller", row["action"], params, failure),
        params={name: masked(value) if name in _NUMBERS else value for name, value in params.items()},
        answered=row["answered"],
        release=row["release_id"],
        twiml=row["twiml"],
        log=msgspec.json.decode(row["log"]),
        failure=failure,
        took_ms=round(row["took_us"] / 1000, 2),
    )


_NUMBERS: Final = frozenset({"From", "To", "Caller", "Called", "ForwardedFrom", "DialCallTo"})
"""Parameters of a voice webhook that hold a telephone number."""

_SHOWN: Final = {
    "id": "c4Jr0_xQ", "sid": "CA00000000000000000000000000000001", "direction": "outbound",
    "number": "+4670…67", "person": "maria", "identified": "maria", "profile": "phone", "project": ".",
    "release": "62b2d175ee81378e08065a45cdba7123", "attempt": 1, "language": "en-US",
    "answered_by": "human", "state": "placed", "why": "", "possible_duplicate": False, "outcome": "acked",
    "outcome_why": "", "started_ms": 1774744200000, "ended_ms": 1774744241000, "duration_s": 38,
    "billed_minutes": 1,
}  # fmt: skip

OPERATIONS: Final = (
    Operation(
        "POST", "/api/v1/calls", "send", "placeCall",
        "Call a user or a number; scripts answer, or a message is spoken. It is never repeated.",
        place, {200: (models.CallPlaced, "What became of it; `error` says why it was not placed.")},
        body=models.CallBody,
        rules={
            **NUMBER,
            "oneOf": [{"required": ["user"]}, {"required": ["number"]}],
            "not": {
                "anyOf": [
                    {"required": ["message", "action"]},
                    {"required": ["action"], "properties": {"action": {"enum": sorted(EVENTS)}}},
                ]
            },
        },
        asks={"user": "maria", "message": "The dam gate is stuck. Please come to the control room."},
        gives={
            "call": "c4Jr0_xQ", "placed": True, "sid": "CA00000000000000000000000000000001", "error": None,
        },
    ),
    Operation(
        "GET", "/api/v1/calls", "read", "listCalls", "List calls, newest first.",
        listing, {200: (models.CallPage, "One page.")},
        query=(
            choice_of("state", "Which calls.", _STATES),
            choice_of("direction", "Who rang whom.", _DIRECTIONS),
            QueryParameter("user", "Those of one user: id or username.", {"type": "string"}),
            limit_of(_USUALLY, _MOST), BEFORE,
        ),
        gives={"calls": [_SHOWN], "next": None},
    ),
    Operation(
        "GET", "/api/v1/calls/{call}", "read", "traceCall", "Show a call with its turns.",
        trace, {200: (models.CallTrace, "The call.")},
        gives={
            "call": _SHOWN,
            "turns": [
                {
                    "number": 1, "action": "menu", "at_ms": 1774744212000, "text": "The caller pressed 1",
                    "params": {"Digits": "1", "From": "+1500…06"}, "answered": "default",
                    "release": "62b2d175ee81378e08065a45cdba7123",
                    "twiml": "<Response><Say>Enter your PIN, then hash.</Say></Response>",
                    "log": [], "failure": {}, "took_ms": 3.1,
                }
            ],
        },
    ),
)  # fmt: skip

"""The operation that plays an alarm through without telling anybody: who would be told, how and when."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import msgspec

from tocsin.alarms import plain
from tocsin.channels.contacts import unreachable_in
from tocsin.pipelines.simulating.answering import BlockUnknown
from tocsin.pipelines.simulating.endings import CALL_OUTCOMES, TEXT_OUTCOMES, OutcomeUnknown, PersonUnknown
from tocsin.pipelines.simulating.what_if import Asked as Question
from tocsin.web.api import models
from tocsin.web.api.instants import AT, LONGEST_PATH, instant
from tocsin.web.api.operations import Asked, Operation, QueryParameter, Reply
from tocsin.web.api.problems import Refused

if TYPE_CHECKING:
    from tocsin.pipelines.simulating.what_if import WhatIf

_MOST_OUTCOMES: Final = 100
_OUTCOME: Final = "|".join((*CALL_OUTCOMES, *TEXT_OUTCOMES))
_CHOICE: Final = rf"^[A-Za-z0-9_.-]{{1,80}}=({_OUTCOME})(,({_OUTCOME}))*$"
_ANSWER: Final = r"^[A-Za-z0-9_-]{1,80}\.[a-z][a-z0-9_]{0,39}=[ -~]{1,200}$"
"""What the document promises to understand; a little more is understood."""


async def what_if(asked: Asked) -> Reply:
    """Play an alarm through that would go active now or at an instant."""
    if asked.services.what_if is None:
        raise Refused("not-stored", "this gateway has no pipelines to ask")
    simulator: WhatIf = asked.services.what_if()
    path = plain(asked.query.get("alarm", ""))
    if not path or len(path) > LONGEST_PATH:
        raise Refused("invalid", "name the alarm by its path: alarm=Plant/Pump 2/High level")
    now_ms = asked.services.clock.now_ms()
    at_ms = instant(asked.query["at"], asked.services.timezone()) if "at" in asked.query else now_ms
    outcomes = asked.all("outcome")
    if len(outcomes) > _MOST_OUTCOMES:
        raise Refused("invalid", f"at most {_MOST_OUTCOMES} outcomes can be chosen")
    answers = asked.all("answer")
    if len(answers) > _MOST_OUTCOMES:
        raise Refused("invalid", f"at most {_MOST_OUTCOMES} answers can be stated")
    unusable = await asked.services.db.read(lambda connection: unreachable_in(connection, at_ms))
    question = Question(path, at_ms, tuple(outcomes), unusable=unusable, answers=tuple(answers))
    try:
        found = await asyncio.to_thread(simulator.answer, question)
    except (PersonUnknown, BlockUnknown) as error:
        raise Refused("not-found", plain(str(error))) from None
    except OutcomeUnknown as error:
        raise Refused("invalid", plain(str(error))) from None
    return Reply(200, msgspec.convert(found, models.WhatIf))


OPERATIONS: Final = (
    Operation(
        "GET", "/api/v1/what-if", "read", "whatIf",
        "Show who would be told of an alarm, how and when, without telling anybody.",
        what_if, {200: (models.WhatIf, "Everything that would happen, in order, each with its reason.")},
        query=(
            QueryParameter(
                "alarm", "The path of the alarm that goes active; it need not be configured.",
                {
                    "type": "string", "maxLength": LONGEST_PATH, "pattern": "[0-9A-Za-z]",
                    "examples": ["Plant/Pump 2/High level"],
                },
                required=True,
            ),
            AT,
            QueryParameter(
                "outcome",
                "How telling a person ends: maria=no-answer, or jon=busy,acked for the first call and those"
                " after it. May be repeated. Whoever is not named misses every call; texts are delivered.",
                {
                    "type": "array", "maxItems": _MOST_OUTCOMES,
                    "items": {"type": "string", "pattern": _CHOICE, "examples": ["maria=no-answer"]},
                },
            ),
            QueryParameter(
                "answer",
                "What the script of a block answers, as block.property=value: choose.crew=electric. May be"
                " repeated. A script of which nothing is stated is run as things are now.",
                {
                    "type": "array", "maxItems": _MOST_OUTCOMES,
                    "items": {"type": "string", "pattern": _ANSWER, "examples": ["choose.crew=electric"]},
                },
            ),
        ),
        gives={
            "alarm": "Plant/Pump 2/High level", "priority": "High", "pipeline": "default",
            "at_ms": 1774744200000, "at": "2026-03-29T01:30:00+01:00", "timezone": "Europe/Stockholm",
            "outcomes": ["maria=acked"], "warnings": [], "ended": "acknowledged by maria",
            "last_resort_ms": None,
            "steps": [
                {
                    "at_ms": 1774744200000, "at": "2026-03-29T01:30:00+01:00", "after_ms": 0, "kind": "call",
                    "text": "call Maria Lind", "why": "first in turn", "person": "maria", "channel": "voice",
                    "profile": "phone", "number": "+4670…67", "outcome": "", "block": "",
                }
            ],
        },
    ),
)  # fmt: skip

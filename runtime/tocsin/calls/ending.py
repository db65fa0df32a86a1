"""The end of a call: what happened in it is summed up, its one outcome recorded, and what follows is begun.

All of that is one transaction, and happens once per call: whichever of the final status event, a look at
Twilio's list, a refusal or a spent budget comes first ends the call, on whatever replica and after any
restart. What memory has forgotten is read back from the rows of the call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import structlog
from sqlalchemy import func, select, update

from tocsin.alarms import notices
from tocsin.calls import auditing, store
from tocsin.calls.call import has_keys
from tocsin.calls.outcome import CallFacts, outcome_of
from tocsin.calls.tables import calls, effects, turns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from tocsin.calls.call import Call
    from tocsin.calls.outcome import Outcome
    from tocsin.calls.services import Services

log = structlog.get_logger("tocsin.calls")

OVER_BUDGET: Final = "over-budget"

BY_A_MACHINE: Final = frozenset({"voicemail", "fax"})
"""Outcomes of calls in which nobody heard anything, whatever was read out before that was known."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What is known of a call's end.

    `status` is a final CallStatus of Twilio; "refused" or "unknown" where Twilio did not take the call or
    nobody can say; "over-budget" where we end it ourselves and Twilio has yet to tell. `code` is Twilio's
    error code, `sip_code` the carrier's answer.
    """

    status: str
    code: int | None = None
    sip_code: int | None = None
    duration_s: int | None = None
    billed_minutes: int | None = None


async def end(services: Services, call: Call, ended: Ended) -> Outcome | None:
    """End a call in a transaction of its own; see `end_in`. Raises NotStored."""
    now_ms = services.clock.now_ms()
    outcome = await services.db.write(lambda conn: end_in(conn, services, call, ended, now_ms))
    remember(services, call, ended, outcome, now_ms)
    return outcome


def end_in(conn: Connection, services: Services, call: Call, ended: Ended, now_ms: int) -> Outcome | None:
    """Record a call's end and, if it is the first word of it, its outcome; None where that was known.

    The caller brings memory up to date with `remember` once this is committed.
    """
    store.save_call(conn, call)
    mine = calls.c.id == call.id
    told = {
        "ended_ms": None if ended.status == OVER_BUDGET else now_ms,
        "duration_s": ended.duration_s,
        "billed_minutes": ended.billed_minutes,
    }
    # A later word may fill in what the first one did not know, and changes nothing else.
    conn.execute(
        update(calls).where(mine).values({name: func.coalesce(calls.c[name], told[name]) for name in told})
    )
    outcome, why = outcome_of(facts_in(conn, services, call, ended, now_ms))
    first = update(calls).where(mine, calls.c.outcome.is_(None)).values(outcome=outcome, outcome_why=why)
    if not conn.execute(first).rowcount:
        return None
    if outcome in BY_A_MACHINE:
        conn.execute(update(calls).where(mine).values(heard="{}"))
        notices.unheard_in(conn, call.id)
    carried = notices.of_call(conn, call.id)
    services.ended_in(conn, call, outcome, now_ms)
    auditing.call_ended_in(conn, services, call, carried, outcome=outcome, now_ms=now_ms)
    return outcome


def remember(services: Services, call: Call, ended: Ended, outcome: Outcome | None, now_ms: int) -> None:
    """Bring a call in memory up to date with its committed end; `outcome` is what `end_in` gave."""
    call.stored = True
    if outcome is not None:
        call.outcome = outcome
        if outcome in BY_A_MACHINE:
            call.heard = {}
        log.info("call-ended", call=call.id, status=ended.status, outcome=outcome)
    if ended.status != OVER_BUDGET and call.ended_ms is None:
        call.ended_ms = now_ms
        services.library.unpin(call.id)


def facts_in(conn: Connection, services: Services, call: Call, ended: Ended, now_ms: int) -> CallFacts:
    """Sum up what happened in a call, from its rows and from what memory knows beyond them."""
    row = conn.execute(select(calls).where(calls.c.id == call.id)).mappings().one()
    steps = _steps(conn, call)
    asked = [result for (_, ordinal), result in steps.items() if ordinal % 2]
    pins = [result.get("reason") for (_, ordinal), result in steps.items() if not ordinal % 2]
    over_budget = call.over_budget or ended.status == OVER_BUDGET
    people = {user.username for user in (call.person, call.identified) if user is not None}
    return CallFacts(
        status=ended.status,
        code=ended.code,
        sip_code=ended.sip_code,
        answered_by=call.answered_by or row["answered_by"],
        pressed=call.pressed or row["pressed"] or _pressed(conn, call),
        right=pins.count("ok"),
        wrong=pins.count("wrong_pin"),
        locked=pins.count("locked"),
        passed=call.passed or row["passed"],
        gave_up=any(result.get("gave_up") for result in asked),
        heard=len({*call.heard, *store.from_json(row["heard"])}),
        acked=len({episode for result in asked for episode in result.get("alarms", ())}),
        open=len(notices.waiting_of_call(conn, call.id, now_ms, people=people)),
        cancelled=_cancelled(notices.of_call(conn, call.id)),
        turns=call.turns,
        ended_by_us=call.said_goodbye,
        over_budget=over_budget or call.turns > services.limits.turns_per_call,
    )


def _steps(conn: Connection, call: Call) -> dict[tuple[str, int], dict[str, Any]]:
    """Return the results of everything asked for in a call; even ordinals are PINs, odd ones actions."""
    rows = conn.execute(
        select(effects.c.key, effects.c.ordinal, effects.c.result).where(effects.c.call_id == call.id)
    )
    return {**call.effects, **{(key, ordinal): store.from_json(result) for key, ordinal, result in rows}}


def _pressed(conn: Connection, call: Call) -> bool:
    """Tell whether any recorded turn brought keys; not every turn saves its call."""
    told = select(turns.c.params).where(turns.c.call_id == call.id, turns.c.params.contains('"Digits":"'))
    return any(has_keys(store.from_json(params)["Digits"]) for params in conn.execute(told).scalars())


def _cancelled(carried: Iterable[notices.Notice]) -> Literal["", "ack", "clear"]:
    """Tell why nothing is left of what the call was placed for; "" where something is, or nothing was."""
    words = [one.outcome or one.why for one in carried if one.due_ms is not None]
    if not words or not all(word.startswith("cancelled-by-") for word in words):
        return ""
    return "ack" if "cancelled-by-ack" in words else "clear"

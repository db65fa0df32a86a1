"""What a script may look up about its own call: how the alarms it told of stand now, and who leads.

Nothing here changes anything. Each is asked for only where a script needs it, so that no other turn pays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tocsin.alarms import store as alarm_store
from tocsin.alarms.changing import part_ms
from tocsin.calls import policy
from tocsin.calls.given import name_of, speakable
from tocsin.calls.reading import scheduled
from tocsin.calls.step import Request, Step
from tocsin.sandbox.host import HostRefused

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.alarms import Episode
    from tocsin.calls.services import Services

How: TypeAlias = tuple[str, str | None, int | None, int | None]

LEAD: Final = "lead"
"""The role of whoever a caller may be connected to."""

MOST_LOOKED_UP: Final = 50
"""Alarms of one look; nobody listens to more."""


def _read_ids(args: list[Any]) -> list[str]:
    (ids,) = args
    fit = type(ids) is list and all(type(one) is str and len(one) <= 100 for one in ids)
    if not fit or len(ids) > MOST_LOOKED_UP:
        raise HostRefused(f"standing takes a list of up to {MOST_LOOKED_UP} alarms")
    return list(ids)


async def _standing(step: Step, ids: list[str]) -> list[dict[str, Any]]:
    """Tell how alarms stand, those of the caller's areas that the PIN rule lets this call hear."""
    services, user = step.services, step.call.user
    if user is None or not ids:
        return []
    me = user.username

    def read(conn: Connection) -> tuple[dict[str, Episode], dict[str, int | None]]:
        found = alarm_store.by_ids(conn, ids)
        mine = [one for one in found.values() if not one.acked and me in one.ackers]
        return found, {one.id: part_ms(conn, one.id, me) for one in mine}

    found, done_ms = await services.db.read(read)
    told = policy.audible(
        [found[one] for one in ids if one in found],
        step.line.pin,
        identified=step.call.identified is not None,
    )
    return [
        _stands(services, one, _how(one, services.clock.now_ms(), me, done_ms.get(one.id)))
        for one in told
        if services.directory.may(user, one.path)
    ]


def _stands(services: Services, one: Episode, how: How) -> dict[str, Any]:
    state, by, at_ms, until_ms = how
    return {
        "id": one.id,
        "label": speakable(one.label or one.name),
        "state": state,
        "by": name_of(services, by),
        "at": services.local(at_ms),
        "until": services.local(until_ms),
    }


def _how(one: Episode, now_ms: int, me: str, mine_ms: int | None) -> How:
    """Return (state, by whom, since when, until when): what a listener most needs to know comes first.

    To whoever has acknowledged (at `mine_ms`) an alarm that waits for others it is acknowledged.
    """
    if one.acked_via in ("auto", "unused"):
        return ("normal" if one.state == "cleared" else "open"), None, one.cleared_ms, None
    if one.acked or me in one.ackers:
        return "acknowledged", one.acked_by or me, one.acked_ms or mine_ms, None
    if one.out_of_service(now_ms):
        return "out of service", one.out_of_service_by, one.out_of_service_ms, one.out_of_service_until_ms
    if one.suppressed:
        return "suppressed", one.suppressed_by, one.suppressed_ms, None
    if one.shelved(now_ms):
        return "shelved", one.shelved_by, None, one.shelved_until_ms
    return "open", None, None, None


async def _lead(step: Step, _: None) -> dict[str, Any] | None:
    """Return the first lead on call whom this call may be connected to, the caller excepted."""
    services, call = step.services, step.call
    for person in scheduled(services, None):
        if LEAD not in person.roles or person == call.user:
            continue
        for contact in person.contacts:
            number = contact.value
            usable = contact.type == "phone" and number != call.number
            if usable and step.line.egress.number_fault(number) is None:
                return {"name": person.name, "number": number}
    return None


CALL_READING: dict[str, Request] = {
    "call.standing": Request(_read_ids, _standing, lasting=False),
    "call.lead": Request(lambda _: None, _lead, lasting=False),
}
"""By the names under which the vocabulary asks."""

"""What scripts may ask the gateway for, request by request: argument check, decision, effect.

Each act runs at most once per step. Decisions about alarms and PINs are in `policy` and in people; here
they are carried out and stored with the step's row in the same transaction.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from tocsin.alarms.changing import part_ms
from tocsin.calls import auditing, policy, statistics, store
from tocsin.calls.call import pin_in
from tocsin.calls.call_reading import CALL_READING
from tocsin.calls.given import name_of, open_episodes, own_episodes
from tocsin.calls.raising import raise_alarm
from tocsin.calls.reading import READING
from tocsin.calls.step import Request, Step
from tocsin.calls.texting import send_message
from tocsin.db import NotStored
from tocsin.sandbox.host import HostRefused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from tocsin.alarms.episode import Episode
    from tocsin.people import User

log = structlog.get_logger("tocsin.calls")


MOST_PINS = 100
"""Different PINs in one call: as many as a call has turns. Records are searched for every one of them."""

LONGEST_TEXT = 1600
"""Characters of a message; Twilio refuses longer ones (error 21617)."""

MOST_LOOKED_UP = 20
"""Alarms that are no longer open and are looked up, to say who was first."""


LONGEST_USER_ID = 10
"""Digits of the longest user id anybody types."""


def _read_identify(args: list[Any]) -> tuple[str, str | None]:
    pin, *user = args
    return str(pin)[:64], str(user[0])[:64] if user else None


def _read_acknowledge(args: list[Any]) -> tuple[str | None, list[str] | None, str, bool]:
    pin, alarms, note, hears = args
    if alarms is not None and not _are_ids(alarms):
        raise HostRefused("acknowledge takes a list of this call's alarms")
    return (None if pin is None else str(pin)[:64]), alarms, str(note)[:500], bool(hears)


def _are_ids(alarms: Any) -> bool:
    """Tell whether these can be ids; the vocabulary has looked, but its worker need not be honest."""
    return (
        type(alarms) is list
        and len(alarms) <= 1000
        and all(type(one) is str and len(one) <= 100 for one in alarms)
    )


def _read_shelve(args: list[Any]) -> tuple[float, bool, list[str] | None]:
    minutes, hears, *named = args
    alarms = named[0] if named else None
    if alarms is not None and not _are_ids(alarms):
        raise HostRefused("shelve takes a list of this call's alarms")
    if type(minutes) not in (int, float) or not 0 < minutes <= 24 * 60:
        raise HostRefused(f"shelve takes minutes above 0 and up to 1440, not {minutes!r}")
    return float(minutes), bool(hears), alarms


def _read_message(args: list[Any]) -> tuple[str, str]:
    number, message = str(args[0]), str(args[1])
    if len(message) > LONGEST_TEXT:
        raise HostRefused(f"Twilio sends up to {LONGEST_TEXT} characters; this message has {len(message)}")
    return number[:32], message


def _read_user_id(args: list[Any]) -> int:
    (user_id,) = args
    if type(user_id) is not int:
        raise HostRefused("getUser takes a user's id, a whole number")
    return user_id


async def _who(step: Step, pin: str, claimed: str | None = None) -> tuple[str, User | None]:
    """Check a PIN once per turn, of the user whose id is `claimed` where one is; return (reason, person)."""
    call = step.call
    if len(call.pins) >= MOST_PINS:
        raise HostRefused(f"a call may offer up to {MOST_PINS} different PINs, and this is one more")
    pin = pin_in(pin)
    call.pins.add(pin)
    # A script and the default after it may both look at what was typed once.
    found = step.entered.get((pin, claimed)) or await _checked(step, pin, claimed)
    if found[0] != "not_recorded":
        step.entered[pin, claimed] = found
    return found


async def _checked(step: Step, pin: str, claimed: str | None) -> tuple[str, User | None]:
    call, services = step.call, step.services
    known = call.effects.get((step.key, step.ordinal * 2))
    if known is not None:
        step.recall(known)
        return known["reason"], services.directory.users.get(known.get("identified") or "")
    user_id = None if claimed is None else _user_id(claimed)
    if user_id is None:
        # Whose PIN may be typed on this phone: its owners and the crew that shares it, nobody else.
        among = services.directory.by_number(call.number)
        if not among:
            return "not_allowed", None
    else:
        # From any other phone the id says who; an id of nobody is answered as a wrong PIN is.
        person = services.directory.by_id(user_id)
        among = () if person is None else (person,)

    def note(conn: Connection, reason: str, person: User | None) -> None:
        step.note(conn, {"reason": reason, "identified": person.username if person else None}, part=0)

    # By the leg, not by our id: a crash may forget a call of which nothing was stored yet.
    name = f"{call.sid or call.id}/{step.key}/{step.ordinal}"
    verdict = await services.pins.match(
        pin, among, number=call.number, via="voice", step=name, also=note, claimed=user_id
    )
    found = {"reason": verdict.reason, "identified": verdict.user.username if verdict.user else None}
    if verdict.reason == "locked":
        await _note_locked(step, found)
    if verdict.reason in ("ok", "wrong_pin"):
        call.stored = True
    if verdict.reason != "not_recorded":
        call.effects[step.key, step.ordinal * 2] = found
    if verdict.user is not None:
        call.identified = verdict.user
    return verdict.reason, verdict.user


def _user_id(claimed: str) -> int:
    """Return a typed user id as a number, -1 for what can be nobody's."""
    digits = claimed.isascii() and claimed.isdigit() and len(claimed) <= LONGEST_USER_ID
    return int(claimed) if digits else -1


async def _note_locked(step: Step, found: Mapping[str, Any]) -> None:
    """Keep for the call's outcome that no PIN was taken; nothing else depends on it."""
    try:
        await step.services.db.write(lambda conn: step.note(conn, found, part=0))
    except NotStored as error:
        log.error("locked-entry-not-recorded", call=step.call.id, why=str(error))
        return
    step.call.stored = True


async def _identify(step: Step, arguments: tuple[str, str | None]) -> dict[str, Any]:
    reason, person = await _who(step, *arguments)
    return {"reason": reason, "identified": person.username if person else None}


def _meant(step: Step, asked: list[str] | None, *, hears: bool) -> policy.Target | dict[str, Any]:
    """Choose the alarms that an acknowledgement or a shelving is about, or answer why not."""
    call, services = step.call, step.services
    chosen = policy.target(
        open_episodes(services, step.line, call),
        asked=asked,
        heard=call.heard,
        uses_heard=hears or call.heard_next is not None,
    )
    if chosen.changed and not chosen.episodes:
        return {"reason": "nothing_open", "changed": list(chosen.changed)}
    about = chosen.episodes or own_episodes(services, call)
    needed = policy.strictest(step.line.pin, [one.priority for one in about])
    if call.identified is None and needed != "none":
        return {"reason": "pin_required"}
    return chosen


async def _acknowledge(
    step: Step, arguments: tuple[str | None, list[str] | None, str, bool]
) -> dict[str, Any]:
    pin, asked, note, hears = arguments
    if pin is not None:
        reason, _ = await _who(step, pin)
        if reason != "ok":
            return {"reason": reason}
    chosen = _meant(step, asked, hears=hears)
    if isinstance(chosen, dict):
        return chosen
    if chosen.reason != "ok":
        return await _why_nothing(step, list(step.call.heard) if asked is None else asked)
    return await _commit(step, chosen, step.call.pins.hide(note))


async def _why_nothing(step: Step, wanted: Sequence[str]) -> dict[str, Any]:
    """Tell an alarm out of the person's areas, and one somebody else has closed, from nothing at all."""
    user, services = step.call.user, step.services
    for one in services.board.open():
        if one.id in wanted and user and not services.directory.may(user, one.path):
            return {"reason": "not_allowed"}
    for episode_id in wanted[:MOST_LOOKED_UP]:
        found = await services.board.find(episode_id)
        if found is not None and found.acked_by is not None:
            return _already(step, found.acked_by, found.acked_ms)
        if found is not None and user is not None and user.username in found.ackers:
            mine_ms = await services.db.read(partial(part_ms, episode_id=found.id, person=user.username))
            return _already(step, user.username, mine_ms)
    return {"reason": "nothing_open"}


async def _commit(step: Step, chosen: policy.Target, note: str) -> dict[str, Any]:
    """Acknowledge in one transaction with the step; only what is committed is reported as ok."""
    call, services = step.call, step.services
    user = call.user
    by = user.username if user else call.number
    now_ms = services.clock.now_ms()
    ids = [one.id for one in chosen.episodes]

    def work(conn: Connection) -> tuple[dict[str, Any], list[Any]]:
        done = services.board.acknowledge_in(
            conn, ids, by=by, via="voice", note=note, now_ms=now_ms, told=call.heard
        )
        auditing.acknowledged_in(conn, services, call, done, note=note, now_ms=now_ms)
        changed = [*chosen.changed, *(one.episode_id for one in done if one.outcome == "changed")]
        result = _result_of(step, done) | ({"changed": changed} if changed else {})
        step.note(conn, result)
        return result, done

    return await step.committed(services.board.transact(work), failed="acknowledgement-not-recorded")


def _result_of(step: Step, done: Sequence[Any]) -> dict[str, Any]:
    """Return ok if any alarm was acknowledged by this step, else who was first and when."""
    identified = step.call.identified.username if step.call.identified else None
    if any(one.outcome == "ok" for one in done):
        mine = [one for one in done if one.outcome == "ok"]
        result = {"reason": "ok", "identified": identified, "alarms": [one.episode_id for one in mine]}
        more = max(_more_needed(one.change.episode) if one.change else 0 for one in mine)
        return result | ({"more_needed": more} if more else {})
    # One that needs no acknowledgement counts as acknowledged, by nobody.
    first = next((one for one in done if one.outcome == "already_acknowledged" and one.by), None)
    if first is None or first.by is None:
        return {"reason": "nothing_open", "identified": identified}
    return {**_already(step, first.by, first.at_ms), "identified": identified}


def _more_needed(episode: Episode) -> int:
    """Return how many more people have to acknowledge."""
    return 0 if episode.acked else max(0, episode.ackers_needed - len(episode.ackers))


def _already(step: Step, by: str, at_ms: int | None) -> dict[str, Any]:
    """Say who was first, and when."""
    return {
        "reason": "already_acknowledged",
        "by": name_of(step.services, by),
        "at": step.services.local(at_ms),
    }


async def _shelve(step: Step, arguments: tuple[float, bool, list[str] | None]) -> dict[str, Any]:
    minutes, hears, asked = arguments
    call, services = step.call, step.services
    chosen = _meant(step, asked, hears=hears)
    if isinstance(chosen, dict):
        return chosen
    if chosen.reason != "ok":
        return {"reason": chosen.reason}
    by = call.user.username if call.user else call.number
    now_ms = services.clock.now_ms()

    def work(conn: Connection) -> tuple[dict[str, Any], list[Any]]:
        ids = [one.id for one in chosen.episodes]
        done = services.board.shelve_in(conn, ids, by=by, via="voice", minutes=minutes, now_ms=now_ms)
        shelved = [one.episode_id for one in done if one.outcome == "ok"]
        result: dict[str, Any] = (
            {"reason": "ok", "shelved": shelved} if shelved else {"reason": "not_allowed"}
        )
        step.note(conn, result)
        return result, done

    return await step.committed(services.board.transact(work), failed="shelving-not-recorded")


async def _pass_on(step: Step, _: None) -> dict[str, Any]:
    call, services = step.call, step.services
    episodes = own_episodes(services, call)
    if call.user is None or not episodes:
        return {"reason": "nothing_open"}
    passing, person, now_ms = services.pass_on_in, call.user.username, services.clock.now_ms()
    if passing is None and not await services.pass_on(call):
        return {"reason": "not_recorded"}
    ids = [one.id for one in episodes]

    def work(conn: Connection) -> dict[str, Any]:
        if passing is not None and not passing(conn, person, ids, now_ms):
            # Only what somebody else is told of was passed on. Of some of the alarms somebody may be, so this
            # stands as well: a repeat of the webhook must not escalate them once more.
            refused = {"reason": "not_recorded", "final": True}
            step.note(conn, refused)
            return refused
        result = {"reason": "ok"}
        step.note(conn, result)
        store.pass_on(conn, call)
        return result

    result = await step.committed(services.db.write(work), failed="pass-on-not-recorded")
    call.passed = call.passed or result["reason"] == "ok"
    return result


async def _give_up(step: Step, _: None) -> dict[str, Any]:
    """Note for the call's outcome that its script takes nobody to be there."""
    result = {"reason": "ok", "gave_up": True}

    def work(conn: Connection) -> dict[str, Any]:
        step.note(conn, result)
        return result

    return await step.committed(step.services.db.write(work), failed="giving-up-not-recorded")


async def _get_user(step: Step, user_id: int) -> dict[str, Any] | None:
    user = step.services.directory.by_id(user_id)
    if user is None:
        return None
    found = await step.services.db.read(lambda conn: statistics.user_counts(conn, user))
    return {
        "username": user.username,
        "phoneNumber": found.phone_number,
        **statistics.by_getter(found.counts),
    }


REQUESTS: dict[str, Request] = {
    "call.identify": Request(_read_identify, _identify, open=lambda arguments: arguments[1]),
    "call.acknowledge": Request(_read_acknowledge, _acknowledge, open=lambda arguments: arguments[1:]),
    "call.shelve": Request(_read_shelve, _shelve),
    "call.passOn": Request(lambda args: None, _pass_on),  # noqa: ARG005  passOn takes nothing
    "call.raiseAlarm": Request(lambda args: None, raise_alarm),  # noqa: ARG005  raiseAlarm takes nothing
    "call.giveUp": Request(lambda args: None, _give_up),  # noqa: ARG005  giveUp takes nothing
    "twilio.sendMessage": Request(_read_message, send_message),
    "twilio.getUser": Request(_read_user_id, _get_user, lasting=False),
    **CALL_READING,
    **READING,
}

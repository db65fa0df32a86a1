"""Suppressing alarms, taking them out of service, and ending that: the alarm's row and its open episodes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, cast

from tocsin.alarms import changing, standing, store
from tocsin.alarms.aside import (
    MaintenanceOver,
    OutOfService,
    ReturnToService,
    Standing,
    Suppress,
    Unsuppress,
    news_of,
)
from tocsin.alarms.episode import AlarmChanged, PutAside
from tocsin.journal import record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from tocsin.alarms.aside import Aside
    from tocsin.alarms.episode import ChangeKind, Episode

KINDS: Final[dict[type[Any], ChangeKind]] = {
    Suppress: "suppressed",
    Unsuppress: "unsuppressed",
    OutOfService: "out-of-service",
    ReturnToService: "returned-to-service",
    MaintenanceOver: "returned-to-service",
}


def put_aside(
    connection: Connection,
    episode_ids: Iterable[str],
    event: Aside,
    *,
    alarms: Iterable[tuple[str, str]] = (),
    by: str,
    via: str,
    now_ms: int,
) -> list[PutAside]:
    """Change the standing of the alarms that these episodes belong to, and of `alarms` (path, name) as well.

    One result for each of them, in this order; an alarm named twice is changed once.
    """
    wanted = list(dict.fromkeys(episode_ids))
    found = store.by_ids(connection, wanted)
    named = [(one, found.get(one)) for one in wanted]
    results: list[PutAside] = []
    done: dict[tuple[str, str], PutAside] = {}
    for episode_id, episode in named:
        if episode is None:
            results.append(PutAside(episode_id, "unknown"))
            continue
        alarm = episode.path, episode.name
        if alarm not in done:
            done[alarm] = _one(connection, alarm, episode_id, event, by, via, now_ms)
            results.append(done[alarm])
        else:
            results.append(_again(done[alarm], episode_id))
    results += [
        _one(connection, alarm, "", event, by, via, now_ms)
        for alarm in dict.fromkeys(alarms)
        if alarm not in done
    ]
    return results


def _again(result: PutAside, episode_id: str) -> PutAside:
    return PutAside(episode_id, result.outcome, result.path, result.name, result.until_ms)


def _one(
    connection: Connection,
    alarm: tuple[str, str],
    episode_id: str,
    event: Aside,
    by: str,
    via: str,
    now_ms: int,
) -> PutAside:
    path, name = alarm
    before = standing.on_paths(connection, [path]).get(alarm, Standing()).now(now_ms)
    news, reason = news_of(before, event, now_ms)
    if reason != "ok":
        return PutAside(episode_id, cast("Any", reason), path, name, before.out_of_service_until_ms)
    after = Standing(**asdict(before) | news)
    standing.save(connection, path, name, after)
    facts = _facts(event, via)
    open_ids = [one.id for one in store.open_on(connection, [alarm])]
    changes = changed_by(connection, open_ids, event, by=by, facts=facts, now_ms=now_ms)
    if not changes:
        # Nothing of it is open, and yet somebody did something: it stands with the alarm, or what was named.
        subject = episode_id or path
        data = {**facts, "path": path, "name": name}
        record(
            connection,
            kind=f"alarm.{KINDS[type(event)]}",
            at_ms=now_ms,
            subject=subject,
            person=by,
            data=data,
        )
    return PutAside(episode_id, "ok", path, name, after.out_of_service_until_ms, tuple(changes))


def changed_by(
    connection: Connection,
    episode_ids: Iterable[str],
    event: Aside,
    *,
    by: str | None,
    facts: dict[str, Any],
    now_ms: int,
) -> list[AlarmChanged]:
    """Apply an event to episodes, each with its record; one that it does not change is passed over."""
    kind = KINDS[type(event)]
    made: list[AlarmChanged] = []
    for before, decision, _, episode_id in changing.each(connection, episode_ids, lambda _: event, now_ms):
        after: Episode | None = decision.change
        if after is None:
            continue
        data = {**facts, "path": after.path}
        record(connection, kind=f"alarm.{kind}", at_ms=now_ms, subject=episode_id, person=by, data=data)
        made.append(AlarmChanged(kind, before, after, by))
    return made


def _facts(event: Aside, via: str) -> dict[str, Any]:
    facts: dict[str, Any] = {"via": via}
    if isinstance(event, Suppress):
        facts |= {"reason": event.reason, "rule": event.rule}
    if isinstance(event, OutOfService):
        facts |= {"reason": event.reason, "until_ms": event.until_ms}
    return facts

"""What time does to episodes, applied and recorded: see `timing` for what comes due when."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from tocsin.alarms import changing, setting_aside, standing, store
from tocsin.alarms.aside import MaintenanceOver
from tocsin.alarms.episode import AlarmChanged, TimePassed
from tocsin.alarms.timing import AckTimeout, ReAlarm, ShelvingOver, timed_out
from tocsin.journal import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from tocsin.alarms.episode import ChangeKind, Episode
    from tocsin.alarms.rules import Rules

_KINDS: Final[dict[type[Any], ChangeKind]] = {
    ShelvingOver: "unshelved",
    AckTimeout: "unacknowledged",
    ReAlarm: "re-alarmed",
}
_AT_MOST: Final = 8  # things that can come due for one episode at one moment, and to spare
_BY_TIME: Final = {"via": "timer"}


def pass_time(connection: Connection, due: Mapping[str, int], rules: Rules, now_ms: int) -> list[TimePassed]:
    """Do what has come due for episodes, each by the moment (ms UTC) that `due` gives for it.

    Where that lies ahead of the clock it stands for one thing; whatever follows goes by the clock.
    """
    done: list[TimePassed] = []
    found = store.by_ids(connection, due)
    for episode_id, due_ms in due.items():
        at_ms = due_ms
        episode = found.get(episode_id)
        changes: list[AlarmChanged] = []
        for _ in range(_AT_MOST):
            news = _one(connection, episode, rules, at_ms, now_ms) if episode is not None else []
            if not news:
                break
            at_ms = now_ms
            changes += news
            episode = next((one.episode for one in reversed(news) if one.episode.id == episode_id), episode)
        done.append(TimePassed(episode_id, tuple(changes)))
    return done


def _one(
    connection: Connection, episode: Episode, rules: Rules, at_ms: int, now_ms: int
) -> list[AlarmChanged]:
    reached_ms = max(at_ms, now_ms)
    event = timed_out(episode, rules.rule(episode.path, episode.name), reached_ms)
    if event is None:
        return []
    if isinstance(event, MaintenanceOver):
        return _back_in_service(connection, episode, event, reached_ms)
    made: list[AlarmChanged] = []
    # What ends is over at the moment it was to end; what people are told anew is told now.
    moment_ms = reached_ms if isinstance(event, ShelvingOver) else now_ms
    for before, decision, _, episode_id in changing.each(
        connection, [episode.id], lambda _: event, moment_ms
    ):
        after = decision.change
        if before is None or after is None:
            continue
        kind = _KINDS[type(event)]
        data: dict[str, Any] = {**_BY_TIME, "path": after.path}
        if before.acked and not after.acked:
            data |= {"acked_by": before.acked_by, "acked_ms": before.acked_ms, "note": before.note}
        record(connection, kind=f"alarm.{kind}", at_ms=now_ms, subject=episode_id, data=data)
        made.append(AlarmChanged(kind, before, after))
    return made


def move_shelvings(connection: Connection, until: Mapping[str, int], now_ms: int) -> list[TimePassed]:
    """Have shelvings end at other moments (ms UTC, by episode), because the clock was set."""
    moved: list[TimePassed] = []
    for before in store.by_ids(connection, until).values():
        after = replace(before, shelved_until_ms=until[before.id], version=before.version + 1)
        if before.shelved_until_ms is None or not store.change(connection, before, after):
            continue  # somebody has just ended the shelving or shelved it anew, by the clock as it is
        data = {"via": "clock", "until_ms": after.shelved_until_ms, "path": after.path}
        record(connection, kind="alarm.shelved", at_ms=now_ms, subject=after.id, data=data)
        change = AlarmChanged("shelved", before, after, after.shelved_by)
        moved.append(TimePassed(after.id, (change,)))
    return moved


def _back_in_service(
    connection: Connection, episode: Episode, event: MaintenanceOver, now_ms: int
) -> list[AlarmChanged]:
    """Return an alarm whose maintenance is over to service, with all of its open episodes."""
    alarm = episode.path, episode.name
    kept = standing.on_paths(connection, [episode.path]).get(alarm)
    if kept is not None and kept != kept.now(now_ms):
        standing.save(connection, *alarm, type(kept)(**asdict(kept.now(now_ms))))
    ids = [one.id for one in store.open_on(connection, [alarm])]
    return setting_aside.changed_by(connection, ids, event, by=None, facts=_BY_TIME, now_ms=now_ms)

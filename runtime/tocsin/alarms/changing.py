"""What people do to episodes: acknowledge, shelve, unshelve, each by compare-and-set with its record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from tocsin.alarms import store
from tocsin.alarms.decision import Decision
from tocsin.alarms.episode import Acknowledged, AlarmChanged, Shelved
from tocsin.alarms.lifecycle import Acknowledge, Shelve, decide
from tocsin.errors import TocsinError
from tocsin.journal import entries, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from tocsin.alarms.episode import Episode
    from tocsin.alarms.lifecycle import Event

_TRIES: Final = 5


class Raced(TocsinError):  # noqa: N818 it names what happened, as its siblings do
    """Somebody else changed the episode at every attempt."""

    def __init__(self, episode_id: str) -> None:
        super().__init__(f"alarm episode {episode_id} is being changed by others; try again")


def acknowledge(
    connection: Connection,
    episode_ids: Iterable[str],
    event: Callable[[Episode], Acknowledge],
    now_ms: int,
) -> list[Acknowledged]:
    """Acknowledge each episode unless it is acknowledged; see `Board.acknowledge_in`."""
    done: list[Acknowledged] = []
    for before, decision, act, episode_id in each(connection, episode_ids, event, now_ms):
        if before is None:
            done.append(Acknowledged(episode_id, "unknown"))
        elif decision.change is None:
            outcome = cast("Any", decision.reason)
            by, at_ms = before.acked_by, before.acked_ms
            if not before.acked and act.by in before.ackers:
                by, at_ms = act.by, part_ms(connection, episode_id, act.by)
            done.append(Acknowledged(episode_id, outcome, by, at_ms))
        else:
            after = decision.change
            by, note, via = act.by, act.note, act.via
            kind: Any = "acknowledged" if after.acked else "partly-acknowledged"
            record(
                connection,
                kind=f"alarm.{kind}",
                at_ms=now_ms,
                subject=episode_id,
                person=by,
                data={"via": via, "note": note, "path": after.path} | _so_far(after),
            )
            change = AlarmChanged(kind, before, after, by)
            done.append(Acknowledged(episode_id, "ok", by, after.acked_ms or now_ms, change))
    return done


def _so_far(episode: Episode) -> dict[str, Any]:
    """Give how many have acknowledged, and how many have to, where it is more than one."""
    needed = episode.ackers_needed
    return {"acknowledged": len(episode.ackers), "needed": needed} if needed > 1 else {}


def part_ms(connection: Connection, episode_id: str, person: str) -> int | None:
    """Give when a person acknowledged an episode that waits for others to do so as well, ms UTC."""
    told = entries(connection, episode_id, "alarm.partly-acknowledged")
    return next((one.at_ms for one in reversed(told) if one.person == person), None)


def shelve(
    connection: Connection,
    episode_ids: Iterable[str],
    event: Callable[[Episode], Event],
    *,
    by: str,
    via: str,
    now_ms: int,
) -> list[Shelved]:
    """Shelve or unshelve each episode; see `Board.shelve_in` and `Board.unshelve_in`."""
    done: list[Shelved] = []
    for before, decision, act, episode_id in each(connection, episode_ids, event, now_ms):
        if before is None:
            done.append(Shelved(episode_id, "unknown"))
        elif decision.change is None:
            outcome = cast("Any", decision.reason)
            done.append(Shelved(episode_id, outcome, before.shelved_until_ms))
        else:
            after = decision.change
            kind: Any = "shelved" if isinstance(act, Shelve) else "unshelved"
            record(
                connection,
                kind=f"alarm.{kind}",
                at_ms=now_ms,
                subject=episode_id,
                person=by,
                data={"via": via, "until_ms": after.shelved_until_ms, "path": after.path},
            )
            change = AlarmChanged(kind, before, after, by)
            done.append(Shelved(episode_id, "ok", after.shelved_until_ms, change))
    return done


def each(
    connection: Connection,
    episode_ids: Iterable[str],
    event: Callable[[Episode], Any],
    now_ms: int,
) -> Iterable[tuple[Episode | None, Decision, Any, str]]:
    """Decide on each episode and write the change; look again where somebody was faster."""
    wanted = list(dict.fromkeys(episode_ids))
    found = store.by_ids(connection, wanted, alone=True)
    for episode_id in wanted:
        before = found.get(episode_id)
        if before is None:
            yield None, Decision(None, "unknown"), None, episode_id
            continue
        for _ in range(_TRIES):
            act = event(before)
            decision = decide(before, act, now_ms)
            if decision.change is None or store.change(connection, before, decision.change):
                break
            before = store.by_ids(connection, [episode_id], alone=True)[episode_id]
        else:
            raise Raced(episode_id)
        yield before, decision, act, episode_id

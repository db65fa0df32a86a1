"""Notices whose profile cannot carry them go out through the next one, or have failed where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.alarms import notices
from tocsin.channels import store
from tocsin.channels.settling import DUPLICATE
from tocsin.channels.station import VOICE

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.channels.station import Station


def chain(station: Station, channel: str, profile: str) -> list[str]:
    """Give the profiles to try after this one, in order, as the configuration is now."""
    profiles = station.services.profiles
    if channel == VOICE:
        found = [one.name for one in profiles.failovers(profile)[1:]]
        return [name for name in found if name in station.services.lines]
    return [one.name for one in profiles.message_failovers(profile)[1:]]


def fail_over_in(
    station: Station,
    conn: Connection,
    channel: str,
    ids: list[int],
    profile: str,
    *,
    why: str,
    now_ms: int,
    outcome: str = "failed-provider",
    doubtful: bool = False,
) -> None:
    """Let notices go out through the profile after this one; where there is none, they have failed.

    `doubtful`: an earlier attempt may have reached the person after all; what is marked so stays marked.
    """
    after = next(iter(chain(station, channel, profile)), None)
    if after is None:
        done = notices.settle_in(conn, ids, outcome=outcome, why=why, now_ms=now_ms)
        station.events_in(conn, (one.run_id for one in done), now_ms)
        return
    marked = set(ids) if doubtful else store.with_why(conn, ids, DUPLICATE)
    for some, said in ((marked, DUPLICATE), (set(ids) - marked, f"{profile}: {why}")):
        freed = notices.requeue_in(conn, sorted(some), due_ms=now_ms, why=said) if some else []
        move_in(station, conn, channel, [one.id for one in freed], after)


def move_in(station: Station, conn: Connection, channel: str, ids: list[int], profile: str) -> None:
    """Let queued notices go out through another profile, and wake its account."""
    store.change_profile(conn, ids, profile)
    account = station.account_of(channel, profile)
    if account is not None:
        station.wake_in(conn, channel, [account])

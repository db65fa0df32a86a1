"""What runs need others to do, as functions inside a run's own transaction; the gateway binds them.

What stands here as a default is what happens where nobody has been bound: notices are stored, and that
nobody was reached is logged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog

from tocsin.alarms import notices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from tocsin.pipelines.run import AdminNotice, AskScript, RunState
    from tocsin.pipelines.world import Unusable

log = structlog.get_logger("tocsin.pipelines")


class NotifyIn(Protocol):
    """Queues notices, and wakes whoever tells people."""

    def __call__(self, connection: Connection, news: Sequence[notices.NewNotice], now_ms: int, /) -> None:
        """Queue `news`."""


class HastenIn(Protocol):
    """Lets notices that are queued be as urgent as their alarms have become."""

    def __call__(self, connection: Connection, runs: Mapping[str, int], now_ms: int, /) -> None:
        """Give what each of these runs has queued its new priority, and have it looked at again."""


class WithdrawIn(Protocol):
    """Takes back what nobody has acted on yet: queued notices, and calls that still ring."""

    def __call__(self, connection: Connection, episode_ids: Sequence[str], why: str, now_ms: int, /) -> None:
        """Take back what is on its way for these episodes; `why` is the outcome it gets."""


class TakeBackIn(Protocol):
    """Takes back single notices, as `WithdrawIn` does those of whole episodes."""

    def __call__(self, connection: Connection, ids: Sequence[int], now_ms: int, /) -> None:
        """Take back these notices, whose people have acknowledged."""


class NobodyReachedIn(Protocol):
    """Does what is left to do where a run has told nobody."""

    def __call__(self, connection: Connection, run: RunState, now_ms: int, /) -> None:
        """Call the last resort for the episode of `run`; `run.waiting` says what happened."""


class AdminNoticeIn(Protocol):
    """Tells whoever looks after the system."""

    def __call__(self, connection: Connection, run: RunState, notice: AdminNotice, now_ms: int, /) -> None:
        """Pass on what `notice` says."""


class UnusableIn(Protocol):
    """Knows the numbers that are not to be used for now."""

    def __call__(self, connection: Connection, now_ms: int, /) -> Unusable:
        """Give them by (channel, number)."""


class RunScript(Protocol):
    """Runs scripts of pipelines, outside the transaction that asks for them."""

    def __call__(self, connection: Connection, run: RunState, asked: AskScript, now_ms: int, /) -> None:
        """Have `asked.script` run once this is committed.

        Its answer goes to `Runs.answer_in` with `asked.asked_ms`, in a transaction of its own.
        """


def hasten_queued_in(connection: Connection, runs: Mapping[str, int], _: int, /) -> None:
    """Give what each of these runs has queued its new priority."""
    notices.hasten_in(connection, runs)


def withdraw_queued_in(connection: Connection, episode_ids: Sequence[str], why: str, now_ms: int, /) -> None:
    """Settle the queued notices of these episodes; a call under way comes to its own end."""
    queued = [one.id for one in notices.of_episodes(connection, episode_ids) if one.state == "queued"]
    notices.settle_in(connection, queued, outcome=why, now_ms=now_ms)


def take_back_queued_in(connection: Connection, ids: Sequence[int], now_ms: int, /) -> None:
    """Settle those of these notices that are queued; a call under way comes to its own end."""
    queued = [one.id for one in notices.by_ids(connection, ids) if one.state == "queued"]
    notices.settle_in(connection, queued, outcome="cancelled-by-ack", now_ms=now_ms)


def only_log_nobody_reached_in(_: Connection, run: RunState, now_ms: int, /) -> None:
    """Say in the log that nobody was reached."""
    log.error("nobody-reached", episode=run.episode_id, run=run.id, why=run.waiting, at_ms=now_ms)


def only_log_admin_notice_in(_: Connection, run: RunState, notice: AdminNotice, now_ms: int, /) -> None:
    """Say in the log what is to be known."""
    log.warning(
        "contact-needs-attention",
        episode=run.episode_id,
        person=notice.person,
        outcome=notice.outcome,
        at_ms=now_ms,
    )


def all_usable_in(_: Connection, __: int, /) -> Unusable:
    """Know of no number that is not to be used."""
    return {}


@dataclass(frozen=True, slots=True)
class Bindings:
    """Everything a run needs of others."""

    notify_in: NotifyIn = notices.add_in
    hasten_in: HastenIn = hasten_queued_in
    withdraw_in: WithdrawIn = withdraw_queued_in
    take_back_in: TakeBackIn = take_back_queued_in
    nobody_reached_in: NobodyReachedIn = only_log_nobody_reached_in
    admin_notice_in: AdminNoticeIn = only_log_admin_notice_in
    unusable_in: UnusableIn = all_usable_in
    run_script: RunScript | None = None

"""What an engine is: jobs that are due at a time, and handlers that are called with them until they are done.

Only the interface stands here. An engine keeps its jobs where everything else is kept, so that asking for
a job, and having done it, is part of the caller's own transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from tocsin.clock import USUAL
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to be done, as a handler gets it.

    `due_ms` is when it came due (ms UTC); after a failure, when it was to be tried again. `serial` tells
    one request under a key from the next. `tries` counts the times it was handed out, this one included.
    """

    queue: str
    key: str
    due_ms: int
    priority: int
    serial: int
    tries: int


Handler: TypeAlias = Callable[[Sequence[Job]], Awaitable[None]]
"""Does the jobs and completes each with `complete_in`, in the transaction that holds what it did."""


class LeaseLost(TocsinError):  # noqa: N818 named for what happened, as all of our errors
    """Another engine has taken the job over meanwhile; whatever was to be committed with it must not be."""


class Engine(Protocol):
    """Durable timers and queues.

    A job is handed out again until it is completed or cancelled: at least once, whatever crashes, and
    never at the same time twice. It is due when the engine says so. A handler does not hold the due time
    of its job against the clock again, because the clock may have been set since.
    """

    def handle(
        self,
        queue: str,
        handler: Handler,
        *,
        batch: int = 64,
        lease_s: float = 30,
        at_once: int = 1,
        rank: int = USUAL,
    ) -> None:
        """Have `handler` called with at most `batch` jobs of `queue`, in `at_once` tasks; before `start`.

        A call that lasts longer than `lease_s` seconds is cancelled. One that raises, or leaves jobs
        uncompleted, gets those again: each by itself, after 1 s, 2 s, 4 s ... 60 s. A handler never waits
        for the clock; it enqueues itself for later instead. `rank` is the clock's: of queues in which
        something is due at the same moment the lowest begins.
        """

    def enqueue_in(
        self, connection: Connection, queue: str, key: str, *, due_ms: int, priority: int = 0
    ) -> None:
        """Ask for a job at `due_ms` (ms UTC) if the transaction is committed; lower priority goes first.

        A job of the same queue and key is moved there instead. If it is being done at the moment, it is
        done once more afterwards.
        """

    def enqueue_all_in(
        self, connection: Connection, queue: str, items: Sequence[tuple[str, int, int]]
    ) -> None:
        """Do `enqueue_in` for many: (key, due_ms, priority) each."""

    def cancel_in(self, connection: Connection, queue: str, keys: Sequence[str]) -> None:
        """Drop jobs, if the transaction is committed; one being done is not interrupted."""

    def complete_in(self, connection: Connection, jobs: Sequence[Job]) -> None:
        """Drop what is done, in the transaction that holds its result; what was enqueued anew stays.

        Raises LeaseLost where another engine has taken over one of the jobs.
        """

    def moved_in(self, callback: Callable[[Connection, int], None]) -> None:
        """Have `callback(connection, delta_ms)` called when due times are moved because the clock was set.

        It runs in the same transaction and moves due times kept elsewhere by as much. Before `start`.
        """

    async def start(self) -> None:
        """Begin to hand out jobs; those that an earlier process of this owner left are free at once."""

    async def aclose(self) -> None:
        """Stop handing out, let handlers end for a moment, give back what they did not complete."""

    async def purge(self) -> int:
        """Drop what was due long ago in queues that nobody handles; returns how many."""

    def stats(self) -> dict[str, int | float]:
        """Tell `waiting`, `due`, `claimed`, `failing` (counts) and `late_ms`; and each as `<queue>.<name>`.

        `claimed` and `late_ms` (how long the longest has been due without being handed out) are of this
        moment, the counts of the whole table at most 10 s old.
        """

"""The queues of one domain: which turns wait, in which lane, and which have waited in vain.

No worker is known here: turns go in, batches come out, and what cannot be served in time is failed with
the reason.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tocsin.sandbox.job import Job

BATCH: Final = 8
"""Most turns in one frame."""
BATCH_US: Final = 400
"""Processor time that the turns of one frame are expected to take together."""
FAST_QUEUE, SLOW_QUEUE = 1_024, 64
"""Most turns that wait in a lane; one more is failed at once, and its caller answers by other means."""


class Lanes:
    """A fast queue, served in batches; a slow one, served one by one; and turns to be run in solitude.

    The last are those that shared a worker with whatever made it die or lie. Each is run again in a fresh
    worker of its own, which then shows whether it was to blame.
    """

    def __init__(self) -> None:
        self.fast: deque[Job] = deque()
        self.slow: deque[Job] = deque()
        self.solo: deque[Job] = deque()

    def __len__(self) -> int:
        return len(self.fast) + len(self.slow) + len(self.solo)

    def add(self, job: Job, now: float) -> None:
        """Queue a turn, or fail it where there is no room."""
        if job.record.suspects or now < job.record.until:
            self._add_slow(job)
        elif len(self.fast) < FAST_QUEUE:
            self.fast.append(job)
        else:
            job.fail("overloaded", f"{FAST_QUEUE} turns wait already")

    def _add_slow(self, job: Job) -> None:
        if len(self.slow) < SLOW_QUEUE:
            self.slow.append(job)
        else:
            job.fail("overloaded", "this program has been slow lately and too many of its turns wait already")

    def put_back(self, jobs: Iterable[Job], now: float) -> None:
        """Queue turns that were taken but not run, before all others and in their order."""
        for job in reversed(list(jobs)):
            slow = job.record.suspects or now < job.record.until
            (self.slow if slow else self.fast).appendleft(job)

    def take_batch(self, now: float) -> list[Job]:
        """Take turns for one idle worker, as many as will take about BATCH_US, BATCH at most.

        Waking a worker costs the server more than all else it does for a turn, so that short turns are
        better run one after the other than side by side.
        """
        fast = self.fast
        batch: list[Job] = []
        expected_us = 0
        while fast and len(batch) < BATCH and expected_us < BATCH_US:
            job = fast.popleft()
            if job.future.done():
                job.abandon()
            elif job.record.suspects or now < job.record.until:
                self._add_slow(job)
            else:
                batch.append(job)
                expected_us += job.record.cpu_us
        return batch

    @staticmethod
    def take_one(queue: deque[Job]) -> Job | None:
        """Take the next turn of the slow or the solitary queue that anybody still waits for."""
        while queue:
            job = queue.popleft()
            if not job.future.done():
                return job
            job.abandon()
        return None

    def expire(self, now: float) -> None:
        """Fail what nobody has taken by its deadline."""
        for queue in (self.fast, self.slow, self.solo):
            if any(job.deadline <= now for job in queue):
                for job in queue:
                    if job.deadline <= now:
                        job.fail("no-worker", "no worker took this turn before its deadline")
                kept = [job for job in queue if not job.closed]
                queue.clear()
                queue.extend(kept)

    def shed(self, free_at: float) -> None:
        """Fail the turns of the slow lane that cannot be done in time, if it is free at `free_at`.

        Told early, their callers still have the time to answer by other means. How long a turn takes is
        what its program took lately; a program that is not known yet is given the benefit of the doubt.
        """
        kept: deque[Job] = deque()
        for job in self.slow:
            if job.future.done():
                job.abandon()
            elif free_at + job.record.cost_s > job.deadline:
                job.fail("overloaded", "this program has been slow lately; its turn would come too late")
            else:
                free_at += job.record.cost_s
                kept.append(job)
        self.slow = kept

    def fail_all(self, message: str) -> None:
        """Fail everything that waits."""
        for queue in (self.fast, self.slow, self.solo):
            for job in queue:
                job.fail("no-worker", message)
            queue.clear()

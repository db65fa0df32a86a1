"""The threads that write: pieces of work are taken from one queue, many to a transaction where that helps.

On SQLite one thread owns the only writing connection and puts whatever waits into one transaction, each
work in a savepoint of its own, so that one fsync serves them all. On PostgreSQL a few threads take one
work per transaction, because works of one batch would hold each other's row locks.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from typing import TYPE_CHECKING, Any, Final

import structlog
from sqlalchemy import event

from tocsin.db.engines import file_mark
from tocsin.db.faults import DbHealth, NotStored, storage_fault, worth_another_try
from tocsin.db.schema import VERSION_TABLE

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from tocsin.clock import Clock
    from tocsin.db.appended import AppendBuffer

log = structlog.get_logger("tocsin.db")

APPEND_S: Final = 0.2  # an appended row waits at most about this long
PROBE_S: Final = 1.0  # how often a database that refused is tried again while nobody writes
_TRIES: Final = 3  # of a work that PostgreSQL undid because of a neighbour


def _tell(log_line: Callable[..., Any], event: str, **facts: Any) -> None:
    """Log, if that can be done: a thread that ends of it would leave every caller waiting."""
    with contextlib.suppress(Exception):
        log_line(event, **facts)


class Job:
    """One piece of work, or a mere flush (`work` None), and the future of its caller."""

    __slots__ = ("error", "future", "loop", "result", "work")

    def __init__(
        self,
        work: Callable[[Connection], Any] | None,
        future: asyncio.Future[Any] | Future[Any],
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        self.work = work
        self.future = future
        self.loop = loop
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self, connection: Connection, *, place: str, alone: bool) -> None:
        """Do the work; its own mistake is undone and kept in `error`, a fault of the storage is raised."""
        if self.work is None:
            return
        if not alone:
            connection.exec_driver_sql("SAVEPOINT one_work")
        mark = len(connection.info.get(_AFTER, ()))
        try:
            self.result = self.work(connection)
        except BaseException as error:
            if storage_fault(error, place) is not None or alone:
                raise
            self.error = error
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT one_work")
            del connection.info.get(_AFTER, [])[mark:]
        if not alone:
            connection.exec_driver_sql("RELEASE SAVEPOINT one_work")

    def deliver(self) -> None:
        """Wake the caller; on an event loop this runs in the loop's own thread."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


_AFTER: Final = "tocsin.after_commit"
_MARKS: Final = "tocsin.savepoints"


def after_commit(connection: Connection, callback: Callable[[], None]) -> None:
    """Have `callback` called in the writer's thread once the transaction of `connection` is on disk.

    Where the transaction comes to nothing it is not called, nor where only the caller's own work is undone,
    or the savepoint in which it was asked for.
    """
    connection.info.setdefault(_AFTER, []).append(callback)


def _forget_with_savepoints(engine: Engine) -> None:
    """Drop what was asked for after the commit within a `begin_nested` that is undone."""

    # The first of these events does not know the savepoint's name; but they are nested, so a list will do.
    @event.listens_for(engine, "savepoint")
    def begun(connection: Connection, _name: str | None) -> None:
        connection.info.setdefault(_MARKS, []).append(len(connection.info.get(_AFTER, ())))

    @event.listens_for(engine, "release_savepoint")
    def kept(connection: Connection, _name: str, _context: object) -> None:
        if connection.info.get(_MARKS):
            connection.info[_MARKS].pop()

    @event.listens_for(engine, "rollback_savepoint")
    def undone(connection: Connection, _name: str, _context: object) -> None:
        if connection.info.get(_MARKS):
            del connection.info.get(_AFTER, [])[connection.info[_MARKS].pop() :]


_HAS_TABLES: Final = "SELECT 1 FROM sqlite_master WHERE name = ?"
_WAKE: Final = object()
_STOP: Final = object()


class Writer:
    """One queue of jobs and the threads that serve it."""

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Clock,
        place: str,
        file: Path | None,
        threads: int,
        batch: int,
        buffer: AppendBuffer,
    ) -> None:
        self.engine = engine
        self.place = place
        self.file = file
        self.batch = batch
        self.buffer = buffer
        self.queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.health = DbHealth(ok=True, since_ms=clock.now_ms())
        self._clock = clock
        self._closed = False
        self._guard = threading.Lock()
        _forget_with_savepoints(engine)
        self._threads = [
            threading.Thread(target=_Hand(self).serve, name=f"tocsin-db-write-{number}", daemon=True)
            for number in range(threads)
        ]

    def start(self) -> None:
        """Begin to serve."""
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> None:
        """Queue a job; raises NotStored once the writer is closed."""
        with self._guard:  # so that no job can slip in behind the sign that ends the threads
            if self._closed:
                raise NotStored("not stored: the database is closed, because tocsin is stopping")
            self.queue.put(job)

    def wake(self) -> None:
        """Ask for the appended rows to be written soon."""
        self.queue.put(_WAKE)

    def close(self) -> None:
        """Finish everything queued, write the appended rows and end the threads; blocks."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
            for _ in self._threads:
                self.queue.put(_STOP)
        for thread in self._threads:
            thread.join()

    def well(self) -> None:
        """Note that a commit succeeded."""
        if not self.health.ok:
            now_ms, refused_ms = self._clock.now_ms(), self.health.since_ms
            self.health = DbHealth(ok=True, since_ms=now_ms)
            _tell(log.info, "database-recovered", after_ms=now_ms - refused_ms)

    def refused(self, sentence: str) -> None:
        """Note that the storage refused a transaction; the moment of the first refusal is kept."""
        since_ms = self._clock.now_ms() if self.health.ok else self.health.since_ms
        before, self.health = self.health, DbHealth(ok=False, since_ms=since_ms, error=sentence)
        if before.error != sentence:
            _tell(log.error, "database-refuses", reason=sentence, since_ms=since_ms)


class _Hand:
    """One writing thread with its connection."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._connection: Connection | None = None
        self._mark: tuple[int, int] | None = None
        self._tables: str | None = None  # the revision of the file's tables, once it has some

    def serve(self) -> None:
        """Take jobs until told to stop."""
        append_due: float | None = None
        stop = False
        while not stop:
            jobs, woken, stop = self._take(append_due)
            if woken and append_due is None:
                append_due = time.monotonic() + APPEND_S
            if jobs:
                self._transact(jobs)
            elif not self._writer.health.ok and not stop:
                self._transact([])
            if stop or (append_due is not None and time.monotonic() >= append_due):
                append_due = None if self._write_appended() else time.monotonic() + PROBE_S
        self._drop_connection()

    def _take(self, append_due: float | None) -> tuple[list[Job], bool, bool]:
        """Wait for something to do, then take whatever else waits, up to a batch."""
        waiting = self._writer.queue
        jobs: list[Job] = []
        woken = False
        timeout = None if append_due is None else max(0.0, append_due - time.monotonic())
        if not self._writer.health.ok:
            timeout = PROBE_S if timeout is None else min(timeout, PROBE_S)
        try:
            item = waiting.get(timeout=timeout)
            while True:
                if item is _STOP:
                    return jobs, woken, True
                if item is _WAKE:
                    woken = True
                else:
                    jobs.append(item)
                    if len(jobs) >= self._writer.batch:
                        break
                item = waiting.get_nowait()
        except queue.Empty:
            pass
        return jobs, woken, False

    def _transact(self, jobs: Sequence[Job]) -> None:
        """Run the jobs in one transaction and answer every one of them, whatever happens."""
        for turn in range(_TRIES):
            try:
                if any(job.work is None for job in jobs):
                    self._flush_and_run(jobs)
                else:
                    self._run(jobs, ())
            except BaseException as error:  # noqa: BLE001 a thread that dies would leave every caller waiting
                if worth_another_try(error) and turn + 1 < _TRIES:
                    continue
                sentence = self._noted(error)
                if sentence is None and len(jobs) > 1:
                    # The commit itself met one work's mistake: alone, each work answers for itself.
                    for job in jobs:
                        self._transact([job])
                    return
                for job in jobs:
                    job.error = error if sentence is None else NotStored(f"not stored: {sentence}")
            break
        _answer(jobs)

    def _flush_and_run(self, jobs: Sequence[Job]) -> None:
        buffer = self._writer.buffer
        with buffer.lock:
            rows = buffer.take()
            try:
                self._run(jobs, rows)
            except BaseException:
                buffer.put_back(rows)
                self._writer.wake()
                raise

    def _write_appended(self) -> bool:
        buffer = self._writer.buffer
        with buffer.lock:
            rows = buffer.take()
            if not rows:
                return True
            try:
                self._run((), rows)
            except Exception as error:  # noqa: BLE001 it is logged
                if self._noted(error) is None:
                    _tell(log.exception, "trace-rows-failed", rows=len(rows))
                buffer.put_back(rows)
                return False
            return True

    def _run(self, jobs: Sequence[Job], rows: Sequence[Any]) -> None:
        """Do everything in one transaction; raises where the transaction as a whole came to nothing."""
        connection = self._open()
        alone = len(jobs) == 1 and not rows
        for job in jobs:
            job.result = job.error = None
        connection.info.pop(_AFTER, None)
        connection.info.pop(_MARKS, None)
        with connection.begin():
            if not jobs and not rows:
                _probe(connection)
            if rows:
                self._writer.buffer.write(connection, rows)
            for job in jobs:
                job.run(connection, place=self._writer.place, alone=alone)
        callbacks = connection.info.pop(_AFTER, ())
        if self._writer.file is None:
            self._drop_connection()  # back to the pool, which notices when the server was restarted
        self._writer.well()
        for callback in callbacks:
            try:
                callback()
            except Exception:  # noqa: BLE001 it is logged
                # What is on disk stays; whoever wanted to hear of it at once finds it later.
                _tell(log.exception, "after-commit-failed")

    def _noted(self, error: BaseException) -> str | None:
        """Put a fault of the storage on record and give its sentence; None where a work is to blame."""
        sentence = storage_fault(error, self._writer.place)
        if sentence is not None:
            self._writer.refused(sentence)
        if sentence is not None or self._writer.file is None:
            self._drop_connection()
        return sentence

    def _open(self) -> Connection:
        """Give this thread's connection, opened anew if the file under it was replaced."""
        file = self._writer.file
        mark = file_mark(file) if file is not None else None
        if self._connection is not None and mark != self._mark:
            # What is written to a file without a name is gone at the next start, however well it was synced.
            _tell(log.error, "database-file-replaced", file=str(file))
            self._drop_connection()
        if self._connection is None:
            if file is not None and mark is None and self._mark is not None:
                raise NotStored(f"{self._writer.place} has disappeared; put it back or restart tocsin")
            connection = self._writer.engine.connect()
            try:
                self._tables = self._as_before(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
            self._mark = file_mark(file) if file is not None else None
        return self._connection

    def _as_before(self, connection: Connection) -> str | None:
        """Give the revision of a file's tables; raises NotStored where they are not those of before."""
        if self._writer.file is None:
            return None
        with connection.begin():
            found = None
            if connection.exec_driver_sql(_HAS_TABLES, (VERSION_TABLE,)).scalar():
                found = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar()  # noqa: S608 our own name
        if self._tables is not None and found != self._tables:
            raise NotStored(
                f"{self._writer.place} was replaced by a file that does not hold its tables; "
                "put it back, or restore a copy, and restart tocsin"
            )
        return found

    def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except Exception as error:  # noqa: BLE001 closing what is broken may fail; nothing is lost by it
                _tell(log.debug, "database-close-failed", error=str(error))


def _probe(connection: Connection) -> None:
    """Write something that changes nothing, to learn whether the storage takes writes again."""
    if connection.dialect.name == "sqlite":
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        connection.exec_driver_sql(f"PRAGMA user_version={int(version)}")
    else:
        connection.exec_driver_sql("SELECT pg_current_xact_id()")


def _answer(jobs: Sequence[Job]) -> None:
    """Wake all callers: one call into each event loop for the whole batch."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in jobs:
        if job.loop is None:
            job.deliver()
        else:
            by_loop.setdefault(job.loop, []).append(job)
    for loop, members in by_loop.items():
        try:
            loop.call_soon_threadsafe(_deliver_all, members)
        except RuntimeError:
            _tell(log.debug, "database-caller-gone", jobs=len(members))


def _deliver_all(jobs: Sequence[Job]) -> None:
    for job in jobs:
        job.deliver()

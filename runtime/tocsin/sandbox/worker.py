"""The loop of a worker process: takes batches of turns, runs them in order, reports.

Runs locked down. It keeps three promises to the server: results go out strictly in order, everything
finished is told before a host call is made, and a process that met a hard limit leaves. The server relies
on none of them.

Two timers run over a batch. SIGALRM (wall clock) hands back the turns that have not begun, so that one
slow turn holds up no other. SIGPROF (processor time) ends a turn that used up its budget, and with it the
process: nothing is raised into the script, which could catch it.
"""

from __future__ import annotations

import gc
import mmap
import os
import signal
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from tocsin.sandbox import failures, frames
from tocsin.sandbox.execution import Execution, Stop
from tocsin.sandbox.host import HostRefused
from tocsin.sandbox.litter import Litter, tracked
from tocsin.sandbox.scriptlog import ScriptLog, clean
from tocsin.sandbox.shelf import Shelf

if TYPE_CHECKING:
    from types import FrameType

    from tocsin.sandbox.language import Language
    from tocsin.sandbox.link import Link
    from tocsin.sandbox.script import FailureKind, Limits
    from tocsin.sandbox.vocabulary import Vocabulary

HAND_BACK_S = 0.005
"""How long a batch may take before the turns that have not begun are handed back."""

SLOW_US = 4_000
"""Processor time after which a turn is reported as slow while it still runs."""

_AGAIN_S = 0.01  # a time-out that could not speak (recursion at its limit) is tried again after this
_RESERVE = 1 << 20  # of address space, given back when memory runs out so that this can still be said


_ROOM = 40  # frames: more than a report to the server needs, and whatever it calls
_HALF_WAY = 4  # exit status of a worker that cannot know any more what it has said


def _make_sure_of_room(frames_left: int = _ROOM) -> None:
    """Raise RecursionError here, where nothing has begun, rather than half way through a message."""
    if frames_left:
        _make_sure_of_room(frames_left - 1)


class _Current:
    """The turn that runs now and what it has used."""

    __slots__ = ("began_ns", "call", "execution", "host_calls", "log")

    def __init__(self, call: frames.Call, execution: Execution, log_bytes: int) -> None:
        self.call = call
        self.execution = execution
        self.log = ScriptLog(log_bytes, execution.here)
        self.host_calls = 0
        self.began_ns = time.thread_time_ns()

    def cpu_us(self) -> int:
        return (time.thread_time_ns() - self.began_ns) // 1000

    def failed(self, kind: FailureKind, message: str, place: tuple[str, int]) -> msgspec.Raw:
        name, line = place
        failed = frames.Failed(
            self.call.cid, kind, clean(message, 4_000), name, line, self.log.entries, self.cpu_us()
        )
        return msgspec.Raw(frames.encode_report(failed))


class Worker:
    """One worker's programs and the batch it is at."""

    def __init__(self, link: Link, language: Language, vocabulary: Vocabulary, limits: Limits) -> None:
        self._link = link
        self._language = language
        self._vocabulary = vocabulary
        self._limits = limits
        self._largest = (limits.response_kb + limits.log_kb + 32) * 1024
        self._shelf = Shelf()
        self._later: deque[frames.Order] = deque()
        self._rest: deque[frames.Call] = deque()
        self._done: list[msgspec.Raw] = []
        self._current: _Current | None = None
        self._litter = Litter()
        self._reserve = mmap.mmap(-1, _RESERVE)
        self._interruptible = False
        """Set only while user code may run: a timer's handler does nothing at any other moment."""

    def handle_timers(self) -> None:
        """Install the handlers of both timers; before the lockdown, after which nobody can change them."""
        signal.signal(signal.SIGPROF, self._out_of_time)
        signal.signal(signal.SIGALRM, self._takes_long)

    def serve(self) -> None:
        """Obey the server until it closes the link."""
        while (order := self._next_order()) is not None:
            if isinstance(order, frames.Batch):
                self._run_batch(order.calls)
                del order
                self._litter.clear()  # nobody waits for it: all has been told
            elif isinstance(order, frames.Code):
                self._shelf.keep(order)
            elif isinstance(order, frames.Load):
                self._say(frames.Loaded(order.key, self._shelf.load(order)))
            elif isinstance(order, frames.Drop):
                self._shelf.drop(order.key)

    def _next_order(self) -> frames.Order | None:
        if self._later:
            return self._later.popleft()
        message = self._link.receive()
        # A copy: what turns are given is read when their time has come, and the buffer is used again.
        return None if message is None else frames.decode_order(bytes(message))

    def _say(self, message: frames.Report | frames.Loaded) -> None:
        self._link.send(frames.encode_report(message))

    def _report(self, **what_next: Any) -> None:
        done, self._done = self._done, []
        self._say(frames.Report(done, **what_next))  # type: ignore[arg-type] # Raw is an encoded Finished or Failed

    def _leave(self) -> NoReturn:
        self._report(leaving=True)
        os._exit(0)

    def _run_batch(self, calls: list[frames.Call]) -> None:
        self._rest.extend(calls)
        signal.setitimer(signal.ITIMER_REAL, HAND_BACK_S, HAND_BACK_S)
        while self._rest:
            self._run_clean(self._rest.popleft())
        signal.setitimer(signal.ITIMER_REAL, 0)
        if self._done:
            self._report()

    def _run_clean(self, call: frames.Call) -> None:
        """Run a turn, and leave nothing of it in the memory of those after it in the batch."""
        before = tracked() if self._rest else 0
        self._run(call)
        self._current = None
        if self._rest and tracked() > before:
            gc.collect()

    def _run(self, call: frames.Call) -> None:
        execution = Execution(self._shelf[call.key], self._language, self._vocabulary)
        self._current = current = _Current(call, execution, self._limits.log_kb * 1024)
        signal.setitimer(signal.ITIMER_PROF, call.cpu_ms / 1000, _AGAIN_S)
        leaves = False
        try:
            self._interruptible = True
            outcome = self._finish(current)
        except BaseException as error:  # noqa: BLE001 - whatever user code raises ends here
            leaves = isinstance(error, MemoryError)
            outcome = self._fail(current, error)
        self._interruptible = False
        self._done.append(outcome)
        if leaves:
            self._leave()
        if current.host_calls:
            # What may have had effects is told at once, so that a later crash in this batch blurs nothing.
            self._report()

    def _finish(self, current: _Current) -> msgspec.Raw:
        call, execution = current.call, current.execution
        given = frames.decode_given(call.given)
        result = execution.run(given, self._ask, current.log.log, fallback_only=call.fallback_only)
        finished = frames.Finished(
            call.cid,
            result,
            current.log.entries,
            current.cpu_us(),
            current.host_calls,
            execution.stage,
            execution.ran,
        )
        try:
            encoded = frames.encode_report(finished)
        except (TypeError, ValueError, RecursionError) as error:
            raise Stop("output", f"the result cannot be passed on: {error}") from None
        if len(encoded) > self._largest:
            raise Stop("output", f"the result is larger than {self._limits.response_kb} KiB")
        return msgspec.Raw(encoded)

    def _fail(self, current: _Current, error: BaseException) -> msgspec.Raw:
        place = current.execution.place(error)
        error.__traceback__ = None  # frees what the script's functions still hold
        if isinstance(error, Stop):
            return current.failed(error.kind, error.message, place)
        if isinstance(error, MemoryError):
            self._reserve.close()
            allowed = f"this turn may use {self._limits.memory_mb} MiB of memory and asked for more"
            return current.failed("memory", allowed, place)
        return current.failed("exception", failures.sentence(error), place)

    # ------------------------------------------------------------ host calls

    def _ask(self, name: str, args: list[Any]) -> Any:
        """Have the server carry out a host call; the vocabulary's way out."""
        current = self._current
        assert current is not None
        if current.host_calls >= self._limits.host_calls:
            raise Stop(
                "host-calls", f"a turn may make {self._limits.host_calls} host calls and this is one more"
            )
        message = frames.encode_report(frames.Ask(current.call.cid, name, args))
        _make_sure_of_room()
        current.host_calls += 1
        self._interruptible = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            self._report(ask=msgspec.Raw(message))
            answer = self._await_answer()
        except BaseException:  # noqa: BLE001 - an answer nobody waits for would be taken for the next one
            os._exit(_HALF_WAY)
        signal.setitimer(signal.ITIMER_REAL, HAND_BACK_S, HAND_BACK_S)
        self._interruptible = True
        if isinstance(answer, frames.Refusal):
            raise HostRefused(answer.text)
        return answer.value

    def _await_answer(self) -> frames.Answer | frames.Refusal:
        while (message := self._link.receive()) is not None:
            order = frames.decode_order(message)
            if isinstance(order, frames.Answer | frames.Refusal):
                return order
            if isinstance(order, frames.Release):
                self._rest.clear()
            else:
                self._later.append(order)
        os._exit(0)  # the server has gone

    # ------------------------------------------------------------ timers

    def _takes_long(self, _signal: int, _frame: FrameType | None) -> None:
        current = self._current
        if not self._interruptible or current is None:
            return
        cpu_us = current.cpu_us()
        if cpu_us < SLOW_US and not self._rest:
            return  # only waited for a processor: look again at the next tick
        try:
            _make_sure_of_room()
        except RecursionError:
            return  # the script is at its deepest: look again at the next tick
        self._interruptible = False
        self._rest.clear()
        if cpu_us >= SLOW_US:
            signal.setitimer(signal.ITIMER_REAL, 0)
        self._report(released=True, cpu_us=cpu_us)
        self._interruptible = True

    def _out_of_time(self, _signal: int, frame: FrameType | None) -> None:
        current = self._current
        if not self._interruptible or current is None:
            return
        self._interruptible = False
        try:
            sys.setrecursionlimit(100_000)  # the script may have left no room to speak
            place = current.execution.here(frame)
            used = f"this turn used up its {current.call.cpu_ms} ms of processor time"
            self._done.append(current.failed("cpu", used, place))
            self._leave()
        except BaseException:  # noqa: BLE001 - nothing may be raised into the script
            os._exit(3)

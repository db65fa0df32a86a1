"""Starts a coroutine at once instead of in the next turn of the event loop.

While the server answers a host call, a worker waits. Most answers need no waiting at all, and a busy loop
makes its turns long, so the first step is taken where the question is heard.

From Python 3.12 on this is what `Task(eager_start=True)` does. Before, it is put together from what
asyncio offers to those who extend it (documentation: "Extending", task lifetime support): the first step
runs as the task that will go on with the rest, so `asyncio.timeout` and the like see one and the same task.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator


def start(work: Coroutine[Any, Any, Any], loop: asyncio.AbstractEventLoop) -> asyncio.Future[Any]:
    """Take the first step of `work`; return a future that is done if that was all, else its task.

    To be called from a callback of the running loop.
    """
    if asyncio.current_task(loop) is not None:
        return loop.create_task(work)
    if sys.version_info >= (3, 12):
        return asyncio.Task(work, loop=loop, eager_start=True)
    return _start(work, loop)


def _start(work: Coroutine[Any, Any, Any], loop: asyncio.AbstractEventLoop) -> asyncio.Future[Any]:
    context = contextvars.copy_context()
    rest = _Rest(work)
    task = loop.create_task(rest.go_on(), context=context)
    asyncio.tasks._enter_task(loop, task)  # noqa: SLF001 - public by its documentation
    try:
        rest.awaited = context.run(work.send, None)
    except StopIteration as end:
        rest.is_over = True
        done = loop.create_future()
        done.set_result(end.value)
        return done
    except Exception as error:  # noqa: BLE001 - carried to whoever asks for the result, as a task does
        rest.is_over = True
        done = loop.create_future()
        done.set_exception(error)
        return done
    finally:
        asyncio.tasks._leave_task(loop, task)  # noqa: SLF001 - public by its documentation
    return task


class _Rest:
    """What is left of a coroutine after its first step."""

    def __init__(self, work: Coroutine[Any, Any, Any]) -> None:
        self._work = work
        self.awaited: Any = None
        """The future that the first step has come to wait for, ready for a task to take over."""
        self.is_over = False

    async def go_on(self) -> Any:
        return None if self.is_over else await self._resume()

    @types.coroutine
    def _resume(self) -> Generator[Any, Any, Any]:
        awaited = self.awaited
        failure: BaseException | None = None
        sent: Any = None
        while True:
            try:
                sent = yield awaited
            except BaseException as error:  # noqa: BLE001 - a cancellation, say: the coroutine's to handle
                failure = error
            try:
                awaited = self._work.send(sent) if failure is None else self._work.throw(failure)
            except StopIteration as end:
                return end.value
            failure = None

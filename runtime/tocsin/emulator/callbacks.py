"""Status callbacks: which are sent, in which order, and how faults lose, double, delay or swap them.

Callbacks of one call leave one after the other, each after the answer to the one before, and never hold
up the call itself.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tocsin.emulator import parameters
from tocsin.emulator.faults import CALLBACK_KINDS
from tocsin.emulator.webhook import Ask, Failure

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from tocsin.emulator.call import Step
    from tocsin.emulator.records import Call, Message
    from tocsin.emulator.world import World


class Callbacks:
    """Sends status callbacks in the background."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._last: dict[str, asyncio.Task[None]] = {}
        self._held: dict[str, list[Ask]] = {}
        """Callbacks that a fault keeps back until the next one of the same call has gone."""
        self._tasks: set[asyncio.Task[None]] = set()

    def call(self, call: Call, step: Step) -> None:
        """Tell that `step` happened to `call`, if anybody asked to be told."""
        options = call.options
        if not options.status_url or step.subscription not in options.events:
            return
        params = parameters.status(call, step, call.sequence, self._world.clock.now())
        call.sequence += 1
        ask = Ask(
            options.status_url, params, step.subscription, call.account_sid, call.sid,
            options.status_method, call.to, call.from_, call.requests,
        )  # fmt: skip
        self._send(ask, last=step.subscription == "completed")

    def message(self, message: Message) -> None:
        """Tell the new status of `message`, if anybody asked to be told."""
        if not message.status_url:
            return
        params = parameters.message_status(message, self._world.clock.now())
        kind = f"message-{message.status}"
        if self._world.faults.take(
            ("dlr-invalid",),
            to=message.to,
            sid=message.sid,
            event=kind,
            path=f"{parameters.ACCOUNTS}/{message.account_sid}/Messages.json",
            **{"from": message.from_},
        ):
            params["RawDlrDoneDate"] = "not a date"
            params["MessageStatus"] = params["SmsStatus"] = "unknown"
        ask = Ask(
            message.status_url,
            params,
            kind,
            message.account_sid,
            message.sid,
            to=message.to,
            from_=message.from_,
        )
        self._send(ask, last=message.status != "sent")

    def detection(self, call: Call) -> None:
        """Tell what asynchronous machine detection found."""
        if call.options.amd_url:
            ask = Ask(
                call.options.amd_url, parameters.detection(call), "amd", call.account_sid, call.sid,
                call.options.amd_method, call.to, call.from_, call.requests,
            )  # fmt: skip
            self.other(ask)

    def other(self, ask: Ask) -> None:
        """Send any other request whose answer does not matter."""
        self._keep(self._deliver([ask], None))

    def _send(self, ask: Ask, *, last: bool) -> None:
        fault = self._world.faults.take(
            CALLBACK_KINDS,
            url=ask.url,
            sid=ask.sid,
            to=ask.to,
            event=ask.kind,
            path=f"callback{urlsplit(ask.url).path}",
            **{"from": ask.from_},
        )
        kind = fault.kind if fault is not None else ""
        if kind == "callback-out-of-order" and not last:
            self._held.setdefault(ask.sid, []).append(ask)
            return
        asks = [] if kind in ("callback-lost", "callback-late") else [ask]
        if kind == "callback-duplicate":
            asks = [ask, ask]
        if fault is not None and kind == "callback-late":
            self._keep(self._late(ask, fault.value))
        if asks or last:
            asks += self._held.pop(ask.sid, [])
        task = asyncio.create_task(self._deliver(asks, self._last.get(ask.sid)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._last[ask.sid] = task
        task.add_done_callback(lambda done: self._forget(ask.sid, done))

    def _forget(self, sid: str, done: asyncio.Task[None]) -> None:
        if self._last.get(sid) is done:
            del self._last[sid]

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _late(self, ask: Ask, seconds: float) -> None:
        await self._world.timers.sleep(seconds)
        await self._deliver([ask], None)

    async def _deliver(self, asks: list[Ask], before: asyncio.Task[None] | None) -> None:
        if before is not None and not before.done():
            await asyncio.wait({before})
        for ask in asks:
            answer = await self._world.webhooks.send(ask)
            if isinstance(answer, Failure):
                self._world.accounts.complain(
                    ask.account_sid, ask.sid, log=1, code=15003, url=ask.url,
                    text=f"status callback: {answer.message}",
                )  # fmt: skip

    async def aclose(self) -> None:
        """Drop what was not sent yet."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

"""The telephone exchange: places calls, lets phones ring, joins, detects machines, ends, and keeps the books.

One task runs one call from its first moment to its last callback. What a call goes through is decided
in `call`, what it says in `session`; here the two meet the phones and the clock.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

from tocsin.emulator import parameters, persona, speech
from tocsin.emulator.call import FINAL, Event, ImpossibleStep, step
from tocsin.emulator.callbacks import Callbacks
from tocsin.emulator.conference import Conferences
from tocsin.emulator.faults import CALL_KINDS
from tocsin.emulator.leg import Ended, Finish, Goto, HungUp, Leg, Moved
from tocsin.emulator.limits import Slots
from tocsin.emulator.phone import Line, NotPossible, Phone
from tocsin.emulator.queue import Queues
from tocsin.emulator.recordings import Recordings
from tocsin.emulator.records import Call, CallOptions
from tocsin.emulator.session import Session
from tocsin.emulator.verbs.allowed import ACCEPT

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tocsin.emulator.account import Account
    from tocsin.emulator.messaging import Messaging
    from tocsin.emulator.world import World

# Seconds between the network taking a call and the far end ringing, and until it says that it is busy.
_SET_UP = 0.5
_BUSY = 1.0
# Seconds asynchronous and synchronous detection take to be sure, in its quick mode.
_DETECTION = {
    "auto": ("human", 2.4),
    "manual": ("human", 2.4),
    "machine": ("machine_start", 3.2),
    "fax": ("fax", 2.0),
}


class Exchange:
    """Every call of one emulator."""

    def __init__(self, world: World, phone: Callable[[str], Phone]) -> None:
        self.world = world
        self.callbacks = Callbacks(world)
        self.recordings = Recordings(world, self.callbacks, lambda: self.public_url)
        self.queues = Queues(world.sids)
        self.conferences = Conferences(world, self.callbacks)
        self.messaging: Messaging
        self.legs: dict[str, Leg] = {}
        self.public_url = ""
        self._phone = phone
        self._slots = Slots()
        self._tasks: set[asyncio.Task[None]] = set()

    async def aclose(self) -> None:
        """Drop every call in progress."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.callbacks.aclose()

    # Placing calls.

    def place(self, account: Account, to: str, from_: str, options: CallOptions) -> Call:
        """Queue a call from a Twilio number; it proceeds by itself."""
        leg = self._open(account.sid, to, from_, "outbound-api", options)
        self._spawn(self._run(leg, self._outbound(leg)))
        return leg.call

    def dial_in(self, phone: Phone, to: str) -> Call:
        """Let a phone call a Twilio number; raises NotPossible where nobody owns that number."""
        number = self.world.accounts.owner(to)
        if number is None:
            raise NotPossible(f"{to or 'no number'} is no Twilio number of any account here")
        options = CallOptions(
            url=number.setting("voice_url"),
            method=number.setting("voice_method") or "POST",
            fallback_url=number.setting("voice_fallback_url"),
            fallback_method=number.setting("voice_fallback_method") or "POST",
            status_url=number.setting("status_callback"),
            status_method=number.setting("status_callback_method") or "POST",
        )
        leg = self._open(number.account_sid, to, phone.number, "inbound", options)
        leg.call.status = "ringing"
        plan = persona.plan(phone.persona, self.world.chance)
        line = Line(phone, leg, plan)
        phone.peer = to
        line.ring(f"calls {to}")
        self._spawn(self._run(leg, self._inbound(leg)))
        return leg.call

    def child(self, parent: Call, to: str, from_: str, options: CallOptions) -> Leg:
        """Open the leg that Dial rings; the caller connects it."""
        leg = self._open(parent.account_sid, to, from_, "outbound-dial", options)
        leg.call.parent_sid = parent.sid
        return leg

    def _open(self, account_sid: str, to: str, from_: str, direction: str, options: CallOptions) -> Leg:
        world = self.world
        now = world.clock.now()
        call = Call(
            world.sids.new("CA"), account_sid, to, from_, direction, now, updated=now, options=options
        )
        world.accounts.get(account_sid).calls[call.sid] = call
        leg = Leg(call, world.clock, world.timers)
        self.legs[call.sid] = leg
        return leg

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # The run of one call.

    async def _run(self, leg: Leg, work: Coroutine[Any, Any, Finish | None]) -> None:
        """Run a call to its end, whatever ends it."""
        event: Event = "hangup"
        try:
            outcome = await work
            if outcome is not None and outcome.verb == "reject":
                event = "busy" if outcome.event == "busy" else "no-answer"
        except HungUp:
            # A declined call is busy; a caller who gives up before the answer gives no answer.
            event = (
                "hangup" if leg.picked_up else ("no-answer" if leg.call.direction == "inbound" else "busy")
            )
        except Ended as why:
            event = "cancel" if why.event == "cancel" else "hangup"
        except Exception as error:  # noqa: BLE001  # boundary: one broken call must not stop the exchange
            self.world.errors.append(error)
            leg.note("internal-error", repr(error))
            event = "fail"
        self.finish(leg, event)

    async def _outbound(self, leg: Leg) -> Finish | None:
        await self._queue(leg)
        if not await self.connect(leg):
            return None
        options = leg.call.options
        goto = (
            Goto(twiml=options.twiml)
            if options.twiml and not options.url
            else Goto(options.url, options.method)
        )
        try:
            await self._send_digits(leg)
            await self._detect(leg)
        except Moved as moved:
            goto = moved.goto
        return await Session(self, leg).run(goto)

    async def _inbound(self, leg: Leg) -> Finish | None:
        options = leg.call.options
        if not options.url:
            leg.note("error", f"{leg.call.to} has no voice_url; set one on the number")
            return Finish("reject", "no-answer")
        return await Session(self, leg).run(Goto(options.url, options.method))

    async def _queue(self, leg: Leg) -> None:
        """Wait for the account's next slot, where calls per second are limited."""
        rate = self.world.limits.calls_per_second
        wait = self._slots.take(leg.call.account_sid, self.world.clock.now(), rate)
        leg.call.queue_ms = round(wait * 1000)
        if wait:
            await leg.pause(wait)

    def _plan(self, leg: Leg, phone: Phone) -> persona.Plan:
        call = leg.call
        plan = persona.plan(phone.persona, self.world.chance)
        path = f"{parameters.ACCOUNTS}/{call.account_sid}/Calls.json"
        fault = self.world.faults.take(
            CALL_KINDS, to=call.to, sid=call.sid, path=path, **{"from": call.from_}
        )
        if fault is not None:
            plan = persona.Plan(fault.kind, plan.after, (), plan.greeting, plan.reaction)
            call.sip_code = int(fault.value) or None
        return plan

    async def connect(self, leg: Leg) -> bool:
        """Ring the phone of a leg until it is answered (True), or end the call (False)."""
        call = leg.call
        phone = self._phone(call.to)
        plan = self._plan(leg, phone)
        try:
            self.happen(leg, "initiate")
            await leg.pause(_SET_UP)
            # A person has one ear; a scripted phone takes any number of calls.
            if plan.kind in ("busy", "failed") or (plan.kind == "manual" and phone.lines):
                await leg.pause(_BUSY)
                self.finish(leg, "fail" if plan.kind == "failed" else "busy")
                return False
            line = Line(phone, leg, plan)
            phone.peer = call.from_
            self.happen(leg, "ring")
            line.ring(call.from_)
            if plan.kind in ("auto", "machine", "fax"):
                self.world.timers.after(plan.after, line.pick_up)
            if not await leg.until_picked_up(call.options.ring_seconds):
                self.finish(leg, "no-answer")
                return False
        except HungUp:
            self.finish(leg, "busy")
            return False
        except Ended as why:
            self.finish(leg, "cancel" if why.event == "cancel" else "no-answer")
            return False
        self.happen(leg, "answer")
        return True

    async def _send_digits(self, leg: Leg) -> None:
        """Let the phone that answered hear the digits the call was placed with, `w` being half a second."""
        tones = leg.call.options.send_digits
        if not tones:
            return
        if leg.line is not None:
            leg.line.hears(f"(tones {tones})")
        await leg.pause(0.5 * len(tones))
        if leg.line is not None:
            leg.line.heard(f"(tones {tones})")

    async def whisper(self, leg: Leg) -> bool:
        """Send a dialled phone its digits and run what it hears first; tell whether it is to be joined."""
        options = leg.call.options
        goto = Goto(options.url, options.method) if options.url else None
        try:
            try:
                await self._send_digits(leg)
            except Moved as moved:
                goto = moved.goto
            if goto is None:
                return True
            outcome = await Session(self, leg).run(goto, allowed=ACCEPT)
        except (HungUp, Ended):
            return False
        return outcome.verb == "end"

    def part(self, leg: Leg, goto: Goto) -> None:
        """Let a dialled leg that REST moved out of its talk go its own way."""
        self._spawn(self._run(leg, Session(self, leg).run(goto)))

    async def _detect(self, leg: Leg) -> None:
        """Find out who answered: before the first document, or beside it where that was asked for."""
        call, options = leg.call, leg.call.options
        assert leg.line is not None
        if not options.machine_detection:
            return
        # A phone that would not answer by itself and does is answered by a person.
        verdict, seconds = _DETECTION.get(leg.line.plan.kind, _DETECTION["manual"])
        if verdict == "machine_start" and options.machine_detection == "DetectMessageEnd":
            verdict, seconds = "machine_end_beep", speech.seconds(leg.line.plan.greeting) + 1.0
        if seconds > options.machine_timeout:
            verdict, seconds = "unknown", options.machine_timeout

        def found() -> None:
            if call.status == "in-progress":
                call.answered_by, call.detection_ms = verdict, round(seconds * 1000)
                leg.note("machine-detection", verdict)

        if not options.async_amd:
            await leg.pause(seconds)
            found()
            return

        def tell() -> None:
            found()
            if call.answered_by:
                self.callbacks.detection(call)

        self.world.timers.after(seconds, tell)

    # What happens to a call.

    def happen(self, leg: Leg, event: Event) -> None:
        """Take one step of the call's life and tell it."""
        call, now = leg.call, self.world.clock.now()
        taken = step(call.status, event)
        call.status, call.updated = taken.status, now
        if event == "initiate":
            call.started = now
        elif event == "answer":
            leg.picked_up = True
            call.started = call.answered = now
            if leg.line is not None:
                leg.line.connected()
            leg.limit = self.world.timers.after(
                call.options.time_limit, lambda: leg.interrupt(Ended("hangup"))
            )
            options = call.options
            if options.record:
                self.recordings.begin(
                    call, "OutboundAPI", told=options.recording_told,
                    channels=options.recording_channels, track=options.recording_track,
                )  # fmt: skip
        elif call.status in FINAL:
            call.ended = now
            if call.answered is not None:
                call.duration = max(0, math.ceil(now - call.answered - 1e-3))
        leg.note("status", taken.told)
        self.world.events.publish(
            "call", now, sid=call.sid, to=call.to, status=taken.told, **{"from": call.from_}
        )
        self.callbacks.call(call, taken)

    def limit(self, leg: Leg, seconds: float) -> None:
        """Let a call end `seconds` after its answer (now, if it is being answered)."""
        leg.call.options.time_limit = seconds
        if leg.limit is not None:
            self.world.timers.cancel(leg.limit)
        if leg.call.answered is not None:
            left = leg.call.answered + seconds - self.world.clock.now()
            leg.limit = self.world.timers.after(left, lambda: leg.interrupt(Ended("hangup")))

    def finish(self, leg: Leg, event: Event) -> None:
        """End a call, if it has not ended; `hangup` of a call never answered is no answer."""
        call = leg.call
        if leg.over:
            return
        leg.over = True
        # Whoever still runs documents on the leg (press-to-accept, say) has nobody left to run them for.
        leg.interrupt(Ended("hangup"))
        if event == "hangup" and call.status != "in-progress":
            event = "no-answer"
        elif event not in ("hangup", "fail") and call.status == "in-progress":
            event = "hangup"
        try:
            self.happen(leg, event)
        except ImpossibleStep as error:
            self.world.errors.append(error)
        if leg.limit is not None:
            self.world.timers.cancel(leg.limit)
        if leg.line is not None:
            leg.line.over()
        self.legs.pop(call.sid, None)
        self.recordings.end_all(call)

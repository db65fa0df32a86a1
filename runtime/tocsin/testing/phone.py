"""A telephone in a story, and the person who holds it: answers, listens, presses keys, reads texts.

Every step returns the phone, so that a conversation reads as one sentence, or fails the test with the
whole story. Time moves within a step only as far as the step needs.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from tocsin.emulator import speech
from tocsin.emulator.persona import BadPersona
from tocsin.emulator.phone import NotPossible
from tocsin.testing import difference
from tocsin.testing.hearing import LONGEST_SILENCE_S, PATIENCE_S, Hearing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.emulator.phone import Phone as Telephone
    from tocsin.emulator.records import Call
    from tocsin.testing.plant import Plant
    from tocsin.testing.running import RunningPlant

# What a call that nobody tells of was to the person: one that never reached the phone was nothing.
_MEETINGS = {"ringing": "rang", "busy": "was called and was busy"}


def _statuses(call: Call) -> set[str]:
    return {text for _, kind, text in call.timeline if kind == "status"}


class Phone:
    """One telephone. A sentence counts as heard once it was spoken to its end."""

    def __init__(self, plant: Plant, number: str) -> None:
        self._plant = plant
        self.number = number
        self._ear = Hearing(plant.running)
        self._met: set[str] = set()
        """The SIDs of the calls that the story tells of."""
        self._read: set[int] = set()
        """The places of the texts that were expected, among all that came."""
        self._any_call = False
        self._since = 0

    def __repr__(self) -> str:
        """Show whose phone it is."""
        return f"<Phone {self._who}>"

    # Before it rings.

    def is_busy(self) -> Phone:
        """Let every call to this phone find it busy."""
        return self._becomes({"answer": "busy"})

    def is_unreachable(self) -> Phone:
        """Let every call to this phone fail: switched off, or no such number."""
        return self._becomes({"answer": "failed"})

    def has_voicemail(self, greeting: str | None = None) -> Phone:
        """Let a machine answer every call to this phone."""
        return self._becomes({"answer": "machine"} | ({"greeting": greeting} if greeting is not None else {}))

    def _becomes(self, persona: dict[str, Any]) -> Phone:
        self._any_call = True
        self._running.emulator.put_phone(self.number, persona)
        return self

    # Beginning and ending a call.

    def answers(self, *, within: float = 60.0) -> Phone:
        """Answer the call that rings, or that rings within so many seconds."""
        __tracebackhide__ = True
        self._rings(within)
        self._act(self._telephone.answer)
        return self._in_call()

    def rings(self, *, within: float = 60.0) -> Phone:
        """Expect a call within so many seconds, and let it ring."""
        __tracebackhide__ = True
        self._rings(within)
        return self

    def declines(self, *, within: float = 60.0) -> Phone:
        """Decline the call that rings."""
        __tracebackhide__ = True
        self._rings(within)
        self._act(self._telephone.hangup)
        return self

    def does_not_answer(self, *, within: float = 60.0) -> Phone:
        """Let the call ring until the network gives up."""
        __tracebackhide__ = True
        self._rings(within)
        self._plant.do(
            self._running.emulator.run_until(lambda: self._telephone.state != "ringing", limit_s=3600)
        )
        return self

    def dials(self, number: str | None = None) -> Phone:
        """Call the plant, at the number of its first Twilio profile where none is given."""
        __tracebackhide__ = True
        profiles = list(self._running.gateway.profiles.twilio.values())
        called = number or profiles[0].phone_number
        self._act(lambda: self._telephone.dial(called))
        return self._in_call()

    def hangs_up(self) -> Phone:
        """Put the phone down."""
        __tracebackhide__ = True
        self._act(self._telephone.hangup)
        return self

    def is_hung_up(self, *, patience: float = PATIENCE_S) -> Phone:
        """Listen to the rest, and expect that the other side then ends the call, or stops ringing."""
        __tracebackhide__ = True
        if self._ear.line is None or self._telephone.state == "ringing":
            return self._stops_ringing(patience)
        self._plant.do(self._ear.listen(lambda: False, patience))
        if self._ear.in_call:
            self._fail("was expected to be hung up on, and the gateway still waits for this phone")
        return self

    def _stops_ringing(self, patience: float) -> Phone:
        __tracebackhide__ = True
        emulator = self._running.emulator
        rang = [call for call in self._calls if "ringing" in _statuses(call)]
        if not rang:
            self._fail("was expected to be hung up on, and it has been in no call")
        self._met.add(rang[-1].sid)
        quiet = emulator.run_until(lambda: self._telephone.state != "ringing", limit_s=patience)
        if not self._plant.do(quiet):
            self._fail("was expected to be hung up on, and it still rings")
        return self

    def _rings(self, within: float) -> None:
        __tracebackhide__ = True
        emulator = self._running.emulator
        rings = self._plant.do(emulator.run_until(lambda: self._telephone.state == "ringing", limit_s=within))
        if not rings:
            self._fail(f"was expected to ring within {within:g} s, and it is {self._telephone.state}")
        self._met.add(self._telephone.line("ringing").leg.call.sid)

    def _in_call(self) -> Phone:
        """Take the call that has just begun."""
        line = self._ear.line = self._telephone.lines[-1] if self._telephone.lines else None
        if line is not None:
            # A gateway that begins with a pause lets a caller hear it ring for so long.
            running = self._running.emulator.run_until(
                lambda: line.state != "ringing", limit_s=LONGEST_SILENCE_S
            )
            self._plant.do(running)
        return self

    # Listening.

    def hears(self, *texts: str, patience: float = PATIENCE_S) -> Phone:
        """Listen until each of these texts was said, in this order; case and white space do not matter.

        Fails once the line has been silent for `patience` seconds, and when the call ends.
        """
        __tracebackhide__ = True
        for text in texts:
            if not self._plant.do(self._ear.listen(partial(self._ear.recall, text), patience)):
                self._did_not_hear(text, patience)
        return self

    def does_not_hear(self, *texts: str) -> Phone:
        """Listen until nothing more is said, and expect that none of these texts was among it.

        What counts is all that was said since this phone last did something.
        """
        __tracebackhide__ = True
        self._was_in_call(f'not to hear "{texts[0] if texts else ""}"')
        self._plant.do(self._ear.listen(lambda: False, self._ear.end_of_speech))
        for text in texts:
            if difference.contains(self._ear.sentences, text):
                self._fail(f'was expected not to hear "{text}"', self._ear.nearest(text))
        return self

    def _was_in_call(self, expected: str) -> None:
        __tracebackhide__ = True
        if self._ear.line is None:
            self._fail(f"was expected {expected}, and it has been in no call")

    def _did_not_hear(self, text: str, patience: float) -> NoReturn:
        __tracebackhide__ = True
        line = self._ear.line
        if line is None:
            why = "it is in no call"
        elif not self._ear.in_call:
            why = "the call ended first"
        else:
            waits = "; the gateway waits for keys" if line.leg.collecting else ""
            why = f"the line has been silent for {patience:g} s{waits}"
        self._fail(f'was expected to hear "{text}", and {why}', self._ear.nearest(text))

    # Acting in a call.

    def presses(self, keys: str) -> Phone:
        """Press keys, once the gateway listens for any: at any earlier moment they would be lost."""
        __tracebackhide__ = True
        self._is_listened_to(f"cannot press {keys}")
        self._act(lambda: self._telephone.press(keys))
        return self

    def says(self, text: str) -> Phone:
        """Speak, once the gateway listens."""
        __tracebackhide__ = True
        self._is_listened_to(f'cannot say "{text}"')
        self._act(lambda: self._telephone.say(text))
        self._plant.do(self._running.wait(speech.seconds(text)))
        return self

    def stays_silent(self, seconds: float | None = None) -> Phone:
        """Do nothing for so many seconds; without a number, until the gateway is tired of waiting."""
        __tracebackhide__ = True
        if seconds is not None:
            self._plant.do(self._running.wait(seconds))
            return self
        line = self._ear.line
        if line is None or not self._ear.in_call:
            self._fail("cannot stay silent: it is in no call")
        leg = line.leg
        before, limit_s = leg.timeouts, LONGEST_SILENCE_S
        done = self._plant.do(
            self._running.emulator.run_until(lambda: leg.over or leg.timeouts > before, limit_s=limit_s)
        )
        if not done:
            self._fail(f"stayed silent for {limit_s:g} s, and the gateway never waited for a key or a word")
        # What is being said now belongs to the turn that the silence brought about.
        self._ear.forget(silently=True)
        self._since = len(self._running.story) - bool(line.speaking)
        return self

    def _is_listened_to(self, cannot: str) -> None:
        __tracebackhide__ = True
        line = self._ear.line
        if line is None or not self._ear.in_call:
            self._fail(f"{cannot}: it is in no call")
        leg = line.leg
        # Whoever was put through to somebody is listened to by that person.
        if not self._plant.do(
            self._ear.listen(lambda: leg.collecting or leg.meeting is not None, PATIENCE_S)
        ):
            over = "" if self._ear.in_call else ", and the call has ended"
            self._fail(f"{cannot}: the gateway does not listen for keys or words{over}")

    # Texts.

    def gets_sms(self, text: str = "", *, within: float = 60.0) -> Phone:
        """Expect an SMS that holds `text`, already here or within so many seconds. Each is expected once."""
        __tracebackhide__ = True
        came = self._plant.do(
            self._running.emulator.run_until(lambda: self._next_sms(text) is not None, limit_s=within)
        )
        index = self._next_sms(text) if came else None
        if index is None:
            self._fail(
                f'was expected to get an SMS with "{text}" within {within:g} s',
                difference.nearest(self._unread, text),
            )
        self._read.add(index)
        return self

    def sends_sms(self, text: str, *, to: str | None = None) -> Phone:
        """Send an SMS to the plant, at the number of its first Twilio profile where none is given."""
        __tracebackhide__ = True
        profiles = list(self._running.gateway.profiles.twilio.values())
        self._act(lambda: self._telephone.sms(text, to or profiles[0].phone_number))
        return self

    def _next_sms(self, text: str) -> int | None:
        bodies = enumerate(self._texts)
        return next(
            (at for at, body in bodies if at not in self._read and difference.contains([body], text)), None
        )

    # What the plant asks at the end of a story.

    def put_down(self) -> None:
        """End a conversation that the story left open."""
        if self._ear.in_call:
            self._act(self._telephone.hangup)

    def unexpected(self) -> list[str]:
        """Return a sentence for each call and each SMS that the story did not expect."""
        found = []
        for call in [] if self._any_call else self._calls:
            met = next((words for status, words in _MEETINGS.items() if status in _statuses(call)), None)
            if met and call.sid not in self._met:
                found.append(f"{self._who} {met}, and the story does not say what becomes of that call")
        found += [f'{self._who} got the SMS "{body}"' for body in self._unread]
        return found

    # Within.

    @property
    def _running(self) -> RunningPlant:
        return self._plant.running

    @property
    def _telephone(self) -> Telephone:
        return self._running.emulator.phone(self.number)

    @property
    def _who(self) -> str:
        name = self._running.name_of(self.number)
        return self.number if name == self.number else f"{name} ({self.number})"

    @property
    def _texts(self) -> list[str]:
        return [one["text"] for one in self._telephone.transcript if one["kind"] == "sms-in"]

    @property
    def _calls(self) -> list[Call]:
        """The calls to this phone, oldest first."""
        calls = self._running.emulator.calls
        return [call for call in calls if call.to == self.number and call.direction != "inbound"]

    @property
    def _unread(self) -> list[str]:
        return [body for at, body in enumerate(self._texts) if at not in self._read]

    def _act(self, deed: Callable[[], object]) -> None:
        """Do something with the phone and let the gateway react; it may begin a turn of its own."""
        __tracebackhide__ = True

        async def act() -> None:
            deed()
            await self._running.emulator.quiet()

        self._since = len(self._running.story)
        self._ear.forget()
        try:
            self._plant.do(act())
        except (NotPossible, BadPersona) as error:
            self._fail(f"cannot do that: {error}")

    def _fail(self, sentence: str, shown: list[str] | None = None) -> NoReturn:
        __tracebackhide__ = True
        sentence = f"{self._who} {sentence}"
        self._plant.fail(sentence, marked=[sentence, *(shown or ())], since=self._since)

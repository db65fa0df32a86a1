"""The phones: each E.164 number has one, with a state, a transcript, and hands of its own or yours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.emulator import speech
from tocsin.emulator.leg import HungUp, Key, Said
from tocsin.emulator.persona import Persona, Plan, Step, keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.emulator.leg import Leg
    from tocsin.emulator.records import Call, Message
    from tocsin.emulator.world import World


class NotPossible(RuntimeError):  # noqa: N818  # reads as a sentence at the place of use
    """Something a phone cannot do now, such as answering while nothing rings; `str()` is one sentence."""


class Line:
    """One phone in one call, following the steps of its plan."""

    def __init__(self, phone: Phone, leg: Leg, plan: Plan) -> None:
        self.phone = phone
        self.leg = leg
        self.plan = plan
        self.state = "ringing"
        self._steps = plan.steps
        self._at = 0
        self._ready = False
        self._waiting = False
        self._heard: list[str] = []
        self.speaking = ""
        """The sentence being spoken, "" while the line is silent."""
        leg.line = self
        phone.lines.append(self)
        if plan.kind == "manual":
            # A person may act at any moment, so virtual time waits for what the person does.
            phone.world.pace.holds.add(self)
        phone.world.pace.touch()

    @property
    def since_last_act(self) -> tuple[str, ...]:
        """What was spoken to its end since this person last pressed or said something."""
        return tuple(self._heard)

    # What the network does.

    def ring(self, text: str) -> None:
        """Let the phone ring, or note that it dials; `text` is the other number."""
        self.phone.write("ring", text)

    def pick_up(self) -> None:
        """Answer, if the phone still rings."""
        if self.state == "ringing":
            self.leg.pick_up()
            self.phone.world.pace.touch()

    def connected(self) -> None:
        """Note that both sides are joined; from here on the steps run."""
        self.state = "in-call"
        if self._steps:
            self.phone.world.pace.holds.discard(self)
        self.phone.write("answer", self.leg.call.sid)
        self._progress()

    def hears(self, text: str) -> None:
        """Note that a sentence begins; a person reads it in the transcript from here."""
        self.speaking = text
        self.phone.write("hear", text)

    def heard(self, text: str) -> None:
        """Note that a sentence was spoken to its end; a scripted person now knows it."""
        if self.state == "over":
            return
        self.speaking = ""
        self._heard.append(text)
        self._progress()

    def over(self) -> None:
        """Note that the call ended, whoever ended it; steps not reached become failures."""
        if self.state == "over":
            return
        answered, self.state = self.state == "in-call", "over"
        self.speaking = ""
        self.phone.lines.remove(self)
        self.phone.world.pace.holds.discard(self)
        self.phone.world.pace.touch()
        self.phone.write("hangup", self.leg.call.status)
        left = [step for step in self._steps[self._at :] if step.kind not in ("wait", "hangup")]
        # A call that was cancelled while it rang needed nobody any more: no failure.
        if left and (answered or self.leg.call.status == "no-answer"):
            where = f"step {self._at + 1} of call {self.leg.call.sid}"
            done = "done" if answered else "answered"
            self.phone.failures.append(f"{where}, {left[0]}: the call ended before it was {done}")

    # What the person does.

    def press(self, pressed: str) -> None:
        """Press keys one after the other."""
        self.phone.write("press", pressed)
        for key in keys(pressed):
            self.leg.deliver(Key(key))
        self._acted()

    def say(self, text: str) -> None:
        """Speak."""
        self.phone.write("say", text)
        self.leg.deliver(Said(text, speech.seconds(text)))
        self._acted()

    def hang_up(self) -> None:
        """Put the phone down, or decline while it rings."""
        self.leg.note("hung-up", f"by {self.phone.number}")
        self.leg.interrupt(HungUp())
        self.phone.world.pace.touch()

    def _acted(self) -> None:
        self.speaking = ""
        self._heard.clear()
        self.phone.world.pace.touch()

    # The steps.

    def _progress(self) -> None:
        """Do as many steps as can be done now; come back for the rest when a sentence or a delay is over."""
        while self._at < len(self._steps) and self.state == "in-call" and not self._waiting:
            step = self._steps[self._at]
            if step.kind == "hear":
                if not self._recall(step.text):
                    return
                self._at += 1
            elif step.kind == "wait":
                self._at += 1
                self._delay(step.seconds)
            elif self._ready:
                self._ready = False
                self._at += 1
                self._do(step)
            else:
                self._delay(self.plan.reaction)

    def _recall(self, wanted: str) -> bool:
        folded = " ".join(wanted.lower().split())
        for index in range(len(self._heard)):
            if folded in self._heard[index].lower():
                del self._heard[:index]
                return True
        return folded in " ".join(self._heard).lower()

    def _delay(self, seconds: float) -> None:
        self._waiting = True

        def resume() -> None:
            self._waiting = False
            self._ready = True
            self._progress()

        self.phone.world.timers.after(seconds, resume)

    def _do(self, step: Step) -> None:
        if step.kind == "press":
            self.press(step.text)
        elif step.kind == "say":
            self.say(step.text)
        else:
            self.hang_up()


class Phone:
    """One telephone. All methods return at once; what follows happens as time moves."""

    def __init__(self, number: str, world: World) -> None:
        self.number = number
        self.world = world
        self.persona = Persona()
        self.transcript: list[dict[str, Any]] = []
        self.failures: list[str] = []
        self.lines: list[Line] = []
        self.peer = ""
        """The number this phone last rang, was rung by, texted or was texted by."""
        self.texts = 0
        """How many SMS arrived since the persona was set."""
        self.dialler: Callable[[Phone, str], Call] | None = None
        self.texter: Callable[[Phone, str, str], Message] | None = None

    @property
    def state(self) -> str:
        """Give "idle", "ringing" or "in-call"."""
        return self.lines[-1].state if self.lines else "idle"

    def write(self, kind: str, text: str) -> None:
        """Add one entry to the transcript and tell whoever listens."""
        now = self.world.clock.now()
        self.transcript.append({"at": round(now, 3), "kind": kind, "text": text})
        self.world.events.publish("phone", now, number=self.number, kind=kind, text=text, state=self.state)

    def shown(self) -> dict[str, Any]:
        """Give state, failures and transcript as the control API shows them."""
        return {"state": self.state, "failures": list(self.failures), "transcript": list(self.transcript)}

    def line(self, state: str) -> Line:
        """Give the newest line in `state`; raises NotPossible where there is none."""
        for line in reversed(self.lines):
            if line.state == state:
                return line
        wanted = "rings" if state == "ringing" else "is in a call"
        raise NotPossible(f"{self.number} is {self.state}; this can be done only while it {wanted}")

    def answer(self) -> None:
        """Answer the ringing call; raises NotPossible where nothing rings."""
        self.line("ringing").pick_up()

    def press(self, pressed: str) -> None:
        """Press keys in the call; raises NotPossible outside one, BadPersona for what is no key."""
        self.line("in-call").press(keys(pressed))

    def say(self, text: str) -> None:
        """Speak in the call; raises NotPossible outside one."""
        self.line("in-call").say(text)

    def hangup(self) -> None:
        """Put the phone down, or decline the ringing call; raises NotPossible where there is no call."""
        if not self.lines:
            raise NotPossible(f"{self.number} is idle; there is no call to hang up")
        self.lines[-1].hang_up()

    def dial(self, to: str = "") -> Call:
        """Call a Twilio number (by default the one last heard from); raises NotPossible."""
        assert self.dialler is not None
        return self.dialler(self, to or self.peer)

    def sms(self, body: str, to: str = "") -> Message:
        """Text a Twilio number (by default the one last heard from); raises NotPossible."""
        assert self.texter is not None
        return self.texter(self, to or self.peer, body)

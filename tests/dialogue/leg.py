"""One call as Twilio carries it: runs the verbs of each answer, and sends what the person does as webhooks.

Follows https://www.twilio.com/docs/voice/twiml: a Gather that gets nothing falls through to the verb
behind it, a Redirect leaves the rest of its document, and behind the last verb the call is cut off.
Every answer is handed to `watch`, which judges it.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from tests.plant import ACCOUNT, BASE

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

    from tests.dialogue.stage import Stage

VOICE = "/main/system/twilio-voice"
GOES_ON = "#rc=2&rp=all"
MOST_REDIRECTS = 12


class Broken(AssertionError):  # noqa: N818  it says what is the case
    """A promise of the dialogue was broken; `str()` holds the whole conversation."""


@dataclass
class Sent:
    """One webhook and what it was answered."""

    url: str
    fields: dict[str, str]
    token: str
    twiml: str = ""

    @property
    def action(self) -> str:
        """The call action, the part before the id."""
        return urlsplit(self.url).path.rsplit("/", 2)[1]


@dataclass
class Leg:
    """The person's end of one call. `heard` is what was said in answers that a later webhook followed."""

    stage: Stage
    number: str
    own: str
    sid: str
    direction: str
    watch: Callable[[Leg, Sent, bool], None]
    sent: list[Sent] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    waits: Element | None = None
    rest: list[Element] = field(default_factory=list)
    over: bool = False
    told_of_end: bool = False
    outcome: str = ""
    machine: str = ""
    pressed: bool = False

    # What the person does.

    def begin(self, action: str, ref: str) -> None:
        """Fetch the first document."""
        self.note(f"--- {self.direction} call, {self.number} and {self.own}")
        self.fetch(f"{BASE}{VOICE}/{action}/{ref}{GOES_ON}")

    def press(self, keys: str) -> None:
        """Press keys one after the other while a Gather listens, as many as it takes."""
        gather = self._waiting("Gather")
        self.note(f"presses {keys}")
        finish = gather.get("finishOnKey", "#")
        most = int(gather.get("numDigits", "1000"))
        taken = ""
        for key in keys:
            if key in finish or len(taken) == most:
                break
            taken += key
        if taken or gather.get("actionOnEmptyResult") == "true":
            self.pressed = self.pressed or bool(taken)
            self.fetch(gather.get("action", ""), Digits=taken, msg="Gather End")
        else:
            self._go_on()

    def stay_silent(self) -> None:
        """Let what waits for the person come to nothing."""
        assert self.waits is not None
        self.note(f"stays silent at {self.waits.tag}")
        if (
            self.waits.tag == "Gather" and self.waits.get("actionOnEmptyResult") != "true"
        ) or self.waits.tag == "Record":
            self._go_on()
        elif self.waits.tag == "Dial":
            self.dialled("no-answer")
        else:
            self.fetch(self.waits.get("action", ""), Digits="", msg="Gather End")

    def dialled(self, how: str) -> None:
        """End a Dial as the other side let it: busy, no-answer, failed, or completed after a talk."""
        dial = self._waiting("Dial")
        self.note(f"the other side: {how}")
        if dial.get("action"):
            fields = {"DialCallStatus": how, "DialCallSid": f"CA{secrets.token_hex(16)}"}
            self.fetch(dial.get("action", ""), **fields)
        else:
            self._go_on()

    def asked_to_accept(self, keys: str) -> bool:
        """Let the other side of a Dial answer and press keys; return whether the two are joined."""
        number = self._waiting("Dial").find("Number")
        url = "" if number is None else number.get("url", "")
        if not url:
            return True
        other = Leg(
            self.stage, "+46707654321", self.own, f"CA{secrets.token_hex(16)}", "outbound-dial", self.watch
        )
        other.transcript = self.transcript
        other.parent = self.sid
        other.fetch(url)
        while not other.over and other.waits is not None:
            other.press(keys) if keys else other.stay_silent()
        return not other.hung_up

    parent: str = ""
    hung_up: bool = False

    def hang_up(self) -> None:
        """Put the phone down."""
        self.note("hangs up")
        self._end()

    def machine_answers(self, what: str) -> None:
        """Have machine detection say who answered; a machine may be sent to the voicemail step."""
        self.note(f"machine detection: {what}")
        self.machine = what
        if what.startswith(("machine", "fax")) and not self.pressed:  # a key has proved a person
            self.pending.clear()
        self.event("amd", AnsweredBy=what)
        for sid, url in self.stage.dialler.redirected:
            if sid == self.sid and not self.over:
                self.stage.dialler.redirected.remove((sid, url))
                self.fetch(url)
                return

    def repeat(self) -> None:
        """Deliver the last webhook once more, as Twilio does when an answer gets lost."""
        last = self.sent[-1]
        self.note(f"the webhook {last.action} comes again")
        again = Sent(last.url, last.fields, last.token, self._post(last))
        if again.twiml != last.twiml:
            self.fail(f"a repeated webhook was answered otherwise:\n{last.twiml}\n{again.twiml}")
        self.watch(self, again, True)

    # What Twilio does.

    def fields(self, **more: str) -> dict[str, str]:
        """Return the parameters of a webhook of this leg."""
        near, far = (self.number, self.own) if self.direction == "inbound" else (self.own, self.number)
        found = {
            "CallSid": self.sid,
            "AccountSid": ACCOUNT,
            "From": near,
            "To": far,
            "CallStatus": "in-progress",
            "Direction": self.direction,
            "ApiVersion": "2010-04-01",
        }
        if self.parent:
            found["ParentCallSid"] = self.parent
        if self.machine:
            found["AnsweredBy"] = self.machine
        return {**found, **more}

    def fetch(self, url: str, **more: str) -> None:
        """Fetch a document and run it until something waits for the person, or the call ends."""
        for _ in range(MOST_REDIRECTS):
            url = url or self.sent[-1].url
            sent = Sent(url, self.fields(**more), secrets.token_hex(16))
            if not self.machine.startswith(("machine", "fax")) or self.pressed:
                self.heard += self.pending
            self.pending = []
            self.sent.append(sent)
            sent.twiml = self._post(sent)
            self.pending = said(sent.twiml)
            self.note(f"    {sent.action}: {' | '.join(self.pending)}")
            self.watch(self, sent, False)
            self.rest = list(ElementTree.fromstring(sent.twiml))
            following = self._run()
            if following is None:
                return
            url, more = following, {}
        self.fail(f"redirected {MOST_REDIRECTS} times without a question")

    def _post(self, sent: Sent) -> str:
        answer = self.stage.run(self.stage.line.post(sent.url, sent.fields, token=sent.token))
        if answer.status_code != 200 or not answer.headers["content-type"].startswith("application/xml"):
            self.fail(
                f"answered {answer.status_code} {answer.headers.get('content-type')}: {answer.text[:200]}"
            )
        self.stage.passes_time(2)
        text: str = answer.text
        return text

    def _run(self) -> str | None:
        """Run verbs up to the next one that waits; return the URL to fetch next, if any."""
        self.waits = None
        while self.rest:
            verb = self.rest.pop(0)
            if verb.tag in ("Gather", "Record", "Dial"):
                self.waits = verb
                return None
            if verb.tag == "Redirect":
                return verb.text or ""
            if verb.tag in ("Hangup", "Reject"):
                self.hung_up = True
                self._end()
                return None
            if verb.tag not in ("Say", "Play", "Pause", "Sms"):
                self.fail(f"<{verb.tag}> is no verb of the default script")
        if self.parent:  # at the end of what a called person hears, the two are joined
            self.over = True
            return None
        return self.fail("a dead end: the document is over, and the call is cut off without a word")

    def _go_on(self) -> None:
        following = self._run()
        if following is not None:
            self.fetch(following)

    def _waiting(self, tag: str) -> Element:
        assert self.waits is not None, self.story()
        assert self.waits.tag == tag, self.story()
        return self.waits

    def _end(self) -> None:
        self.over, self.waits, self.rest = True, None, []

    def event(self, action: str, **more: str) -> None:
        """Send an event until it is taken: 503 asks for it once more."""
        for _ in range(3):
            url = f"{BASE}{VOICE}/{action}/0"
            answer = self.stage.run(self.stage.line.post(url, self.fields(**more)))
            if answer.status_code == 204:
                return
            if answer.status_code != 503 or not self.stage.refuses:
                self.fail(f"the event {action} was answered {answer.status_code}")
            self.stage.recover()
        self.fail(f"the event {action} was never taken")

    # The record.

    def note(self, line: str) -> None:
        """Add a line to the transcript."""
        self.transcript.append(line)

    def story(self) -> str:
        """Return the conversation so far."""
        return "\n".join(self.transcript)

    def fail(self, sentence: str) -> Any:
        """Fail with a sentence, the conversation, and the last document."""
        last = self.sent[-1].twiml if self.sent else ""
        raise Broken(f"{sentence}\n\n{self.story()}\n\n{last}")


def said(twiml: str) -> list[str]:
    """Return what a document says, one text per Say."""
    root = ElementTree.fromstring(twiml)
    return [re.sub(r"\s+", " ", "".join(say.itertext())).strip() for say in root.iter("Say")]

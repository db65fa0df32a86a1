"""What holds for every answer of every conversation, and what holds when it is over. Judges, does nothing.

- Every answer is TwiML that ends the call or leads on, within this call.
- Nothing is called acknowledged that is not on record; nothing is acknowledged that was not heard.
- A call has exactly one outcome, and it fits what happened. No PIN is in any record or log line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from tests.dialogue import claims
from tests.dialogue.leg import VOICE, said
from tests.dialogue.stage import RAISED
from tests.plant import BASE

from tocsin.calls.outcome import OUTCOMES
from tocsin.calls.phrases import PHRASES, texts_of
from tocsin.calls.sentences import HANGUP

if TYPE_CHECKING:
    from tests.dialogue.leg import Leg, Sent
    from tests.dialogue.stage import Stage

ENDS = frozenset({"Hangup", "Redirect", "Reject", "Dial", "Record"})
NOTHING_LEFT = [text for table in PHRASES.values() for text in texts_of(table["not-now"])]
_BAD_LOG = frozenset({"turn-failed", "call-not-found", "status-not-taken", "alarm-subscriber-failed"})
_URL = re.compile(re.escape(f"{BASE}{VOICE}/") + r"[^/?]+/([^/?#]+)(\?[^#]*)?#rc=2&rp=all")


class Promises:
    """Watches one call; `names` are what the alarms are called, by episode."""

    def __init__(self, stage: Stage, names: dict[str, str], phrases: dict[str, dict[str, Any]]) -> None:
        self._stage = stage
        self._names = names
        english = phrases["en"].items()
        self._claiming = {key for key, text in english if claims.claims(text)}
        self._already = {key for key, text in english if claims.says_already(text)}
        self._last = 0
        self._done: set[str] = set()
        self._said_before: dict[str, int] = {}
        self.elsewhere()
        self._unclaimed = 0
        self._listed: set[str] = set()
        self._listing: set[str] = set()
        self.call_id = ""
        self.acknowledged: set[str] = set()
        self.typed: set[str] = set()

    def elsewhere(self) -> None:
        """Take note of acknowledgements that were not made in this call."""
        self._new()

    def changes(self, leg: Leg, episode: str) -> None:
        """Take note that what was said of an alarm up to now, is being said even, holds no longer."""
        self._said_before[episode] = len(leg.heard) + len(leg.pending)
        self._listed.discard(episode)
        self._listing.discard(episode)

    def _new(self) -> set[str]:
        """Return the alarms acknowledged since this was asked last."""
        found = self._stage.acknowledged(self._last)
        self._last = max([self._last, *(at for at, _ in found)])
        new = {episode for _, episode in found}
        self._done |= new
        return new

    def answer(self, leg: Leg, sent: Sent, repeated: bool) -> None:
        """Judge one answer."""
        self._leads_on(leg, sent)
        self._nothing_broke(leg)
        if not repeated:
            # Told by area, alarms are listed without their names; that counts once a webhook has followed.
            self._listed |= self._listing
        self._only_what_was_heard(leg, repeated=repeated)
        if not repeated:
            self._listing = (
                set(self._names) if "area" in claims.keys_in(" ".join(said(sent.twiml))) else set()
            )
            self._only_what_is_on_record(leg, sent)

    def _leads_on(self, leg: Leg, sent: Sent) -> None:
        try:
            root = ElementTree.fromstring(sent.twiml)
        except ElementTree.ParseError as error:
            leg.fail(f"the answer is no XML: {error}")
        # Somebody called in between is joined by an answer that says nothing more.
        if root.tag != "Response" or not (len(root) or leg.parent):
            leg.fail("the answer says nothing at all")
        if not leg.parent and root[-1].tag not in ENDS:
            leg.fail(f"the answer ends in <{root[-1].tag}>: a dead end")
        if any(said in sent.twiml for said in NOTHING_LEFT) and not self._stage.refuses:
            leg.fail("only the fixed sentence was left, and the database takes writes")
        if leg.over and sent.twiml != HANGUP and leg.told_of_end:
            leg.fail("a call that has ended got more than <Hangup/>")
        urls = [verb.get("action") for verb in root.iter() if verb.get("action")]
        urls += [verb.text for verb in root.iter("Redirect")]
        for url in urls:
            fits = _URL.fullmatch(url or "")
            if fits is None:
                leg.fail(f"the answer leads elsewhere: {url}")
            if self.call_id and fits[1] not in (self.call_id, "0"):
                leg.fail(f"the answer leads into another call: {url}")

    def _nothing_broke(self, leg: Leg) -> None:
        broken = [one for one in self._stage.log if one.get("event") in _BAD_LOG]
        broken += [
            one
            for one in self._stage.log
            if "script-failed" in str(one.get("event")) and "10_own.py" not in repr(one)
        ]
        if broken:
            leg.fail(f"something broke: {broken[-1]}")

    def _only_what_was_heard(self, leg: Leg, *, repeated: bool) -> None:
        new = self._new()
        if new and repeated:
            leg.fail(f"a repeated webhook acknowledged {sorted(new)}")
        if new & self.acknowledged:
            leg.fail(f"acknowledged twice: {sorted(new & self.acknowledged)}")
        for episode in new:
            since = leg.heard[self._said_before.get(episode, 0) :]
            name = self._names.get(episode, RAISED)
            if episode not in self._listed and not any(name in text for text in since):
                leg.fail(f"{name} was acknowledged, and nobody has heard of it as it is")
        self.acknowledged |= new
        self._unclaimed += len(new)

    def _only_what_is_on_record(self, leg: Leg, sent: Sent) -> None:
        text = " ".join(said(sent.twiml))
        claimed, already = self._claims(text)
        if claimed and not self._unclaimed and not self._counts(text):
            leg.fail(f'"{text}" is said, and nothing was acknowledged')
        if claimed:
            self._unclaimed = 0
        if already and not self._done & self._names.keys():
            leg.fail(f'"{text}" is said, and nobody has acknowledged anything')

    def _claims(self, text: str) -> tuple[bool, bool]:
        keys = set(claims.keys_in(text))
        if not keys:  # one of the fixed sentences, which are English
            return claims.claims(text), claims.says_already(text)
        return bool(self._claiming & keys), bool(self._already & keys)

    def _counts(self, text: str) -> bool:
        """Tell whether a sentence only counts what was acknowledged before in this call, and counts right."""
        numbers = [int(one) for one in re.findall(r"\b\d+\b", claims.without_keys(text))]
        return bool(self.acknowledged) and len(self.acknowledged) in numbers

    # The end.

    def end(self, leg: Leg, *, twice: bool) -> None:
        """Tell the gateway of the end as Twilio does, and judge the call as a whole."""
        self._stage.recover()
        fields = {"CallStatus": "completed", "SequenceNumber": "3", "CallDuration": "40", "Duration": "1"}
        leg.event("status", **fields)
        if twice:
            leg.event("status", **fields)
            leg.event("status", **{**fields, "CallStatus": "in-progress", "SequenceNumber": "2"})
            leg.event("status", **{**fields, "SequenceNumber": "4"})
        leg.told_of_end = True
        leg.note("--- the call is over")
        known = set(self.acknowledged)
        leg.fetch(leg.sent[-1].url, Digits="1")
        if self.acknowledged != known:
            leg.fail("a webhook behind the end acknowledged something")
        self._one_outcome(leg)
        self._no_pin(leg)

    def _one_outcome(self, leg: Leg) -> None:
        record = self._stage.call(self.call_id, leg.sid)
        if record is None:
            leg.fail("the call is on no record")
            return
        outcome, ends = record["outcome"], [one for one in self._stage.ends if one.startswith(record["id"])]
        if outcome not in OUTCOMES or ends != [f"{record['id']} {outcome}"]:
            leg.fail(f"the call's outcome is {outcome}, and what followed was {ends}")
        if self.acknowledged and outcome not in ("acked", "partly-acked", "passed"):
            leg.fail(f"{len(self.acknowledged)} acknowledged, and the outcome is {outcome}: {record['why']}")
        if not self.acknowledged and outcome in ("acked", "partly-acked"):
            leg.fail(f"nothing acknowledged, and the outcome is {outcome}")
        leg.outcome = outcome
        leg.note(f"outcome: {outcome} ({record['why']})")

    def _no_pin(self, leg: Leg) -> None:
        # Shorter ones could stand in a record by chance.
        pins = [one for one in self.typed if len(one) >= 6]
        if not pins:
            return
        shape = re.compile(r"(?<!\d)(?:" + "|".join(r"[\s,.\-]*".join(one) for one in pins) + r")(?!\d)")
        for place, text in [*self._stage.new_records(), *(("log", repr(one)) for one in self._stage.log)]:
            if found := shape.search(text):
                leg.fail(f"the PIN {found[0]} stands in {place}: {text[:400]}")

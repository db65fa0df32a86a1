"""Every turn of every conversation, with anything that may happen in between: what the dialogue promises holds.

A person presses any key, says nothing, hangs up or enters any PIN, while alarms come, clear, are
acknowledged or shelved by others, the database refuses for a moment, scripts are saved and webhooks come
twice. After each step whoever is left on the line and stays silent still reaches the end of the call.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.dialogue import claims
from tests.dialogue.leg import Leg
from tests.dialogue.promises import Promises
from tests.dialogue.stage import (
    CREW,
    INBOUND,
    JON,
    JONS_PIN,
    MARIA,
    MARIAS_PIN,
    NAMES,
    PROFILES,
    SCRIPTS,
    STRANGER,
    Stage,
    opened,
)
from tests.soak.reporting import scale

MOST_SILENT_TURNS = 40
"""A caller who only listens has heard everything, and was asked everything often enough, by then."""

SHRINKS = "TOCSIN_DIALOGUE_SHRINKS" in os.environ
"""Whether a broken promise is told by the shortest conversation that breaks it; finding it takes minutes."""

KEYS = "1122334455667789900**##"
PRIORITIES = ("Low", "High", "Critical")


class Walk(RuleBasedStateMachine):
    """One call, in which anything happens in any order."""

    stage: Stage
    phrases: dict[str, dict[str, Any]]

    @initialize(
        data=st.data(),
        script=st.sampled_from(["none of its own"] * 3 + list(SCRIPTS)),
        alarms=st.lists(
            st.tuples(st.sampled_from(PRIORITIES), st.sampled_from([False] * 5 + [True])), max_size=3
        ),
        outbound=st.sampled_from([True, True, True, False]),
    )
    def begins(self, data, script, alarms, outbound):
        """Some alarms are active; somebody is called, or calls."""
        self.names: dict[str, str] = {}
        self.open: list[str] = []
        self.ended = False
        self.stage.settle()
        self.stage.save_script(script)
        for priority, outside in alarms:
            self._raise(priority, outside=outside)
        self.promises = Promises(self.stage, self.names, self.phrases)
        if outbound:
            person, number = data.draw(st.sampled_from([("maria", MARIA), ("jon", JON), ("maria", CREW)]))
            profile = data.draw(st.sampled_from(PROFILES))
            call = self.stage.place(person, number, profile)
            own = self.stage.gateway.services.lines[profile].phone_number
            self.leg = Leg(self.stage, number, own, call.sid, "outbound-api", self.promises.answer)
            self.leg.note(f"--- {profile}, script: {script}, alarms: {sorted(self.names.values())}")
            self.promises.call_id = call.id
            self.leg.begin("answer", call.id)
        else:
            number = data.draw(st.sampled_from([MARIA, JON, CREW, STRANGER]))
            own = data.draw(st.sampled_from(sorted(INBOUND)))
            sid = f"CA{self.stage.clock.now_ms():032x}"
            self.leg = Leg(self.stage, number, own, sid, "inbound", self.promises.answer)
            self.leg.note(f"--- {INBOUND[own]}, script: {script}, alarms: {sorted(self.names.values())}")
            self.leg.begin("inbound", "0")

    def _raise(self, priority: str, *, outside: bool = False) -> None:
        name = next((one for one in NAMES if one not in self.names.values()), None)
        if name is not None:
            episode = self.stage.raise_alarm(name, priority=priority, outside=outside)
            self.names[episode] = name
            self.open.append(episode)

    @property
    def waits(self) -> str:
        """What waits for the person: "Gather", "Dial", "Record" or ""."""
        return self.leg.waits.tag if getattr(self, "leg", None) and self.leg.waits is not None else ""

    @property
    def takes_one(self) -> bool:
        """Whether the question takes one key."""
        return self.waits == "Gather" and self.leg.waits.get("numDigits") == "1"

    # What the person does.

    @precondition(lambda self: self.takes_one)
    @rule(key=st.sampled_from(KEYS))
    def presses(self, key):
        self.leg.press(key)

    @precondition(lambda self: self.waits == "Gather" and not self.takes_one)
    @rule(
        pin=st.sampled_from(
            [MARIAS_PIN] * 4 + [JONS_PIN] * 2 + ["70719283", "1234", "12*" + MARIAS_PIN, "1", "2"]
        ),
    )
    def enters(self, pin):
        if self.leg.waits.get("action", "").rsplit("/", 2)[1] == "pin":
            self.promises.typed.add(pin.rsplit("*", maxsplit=1)[-1])
        self.leg.press(f"{pin}#")

    @precondition(lambda self: self.waits == "Gather" and not self.takes_one)
    @rule(keys=st.text("0123456789*#", min_size=1, max_size=9))
    def presses_anything(self, keys):
        self.leg.press(keys)

    @precondition(lambda self: self.waits)
    @rule()
    def stays_silent(self):
        self.leg.stay_silent()

    @precondition(lambda self: self.waits)
    @rule()
    def hangs_up(self):
        self.leg.hang_up()

    @precondition(lambda self: self.waits == "Dial")
    @rule(how=st.sampled_from(["completed", "busy", "failed", "canceled"]))
    def is_put_through(self, how):
        self.leg.dialled(how)

    @precondition(lambda self: self.waits == "Dial")
    @rule(keys=st.sampled_from(["1", "", "5", "#"]))
    def the_other_side_answers(self, keys):
        joined = self.leg.asked_to_accept(keys)
        self.leg.dialled("completed" if joined else "no-answer")

    # What Twilio does.

    @precondition(lambda self: self.waits)
    @rule()
    def the_webhook_comes_again(self):
        self.leg.repeat()

    @precondition(lambda self: self.waits and self.leg.direction == "outbound-api" and not self.leg.machine)
    @rule(what=st.sampled_from(["human", "unknown", "machine_end_beep", "machine_end_silence", "fax"]))
    def who_answered_is_found_out(self, what):
        self.leg.machine_answers(what)

    # What happens meanwhile.

    @precondition(lambda self: self.waits)
    @rule(priority=st.sampled_from(["High", "Critical"]))
    def another_alarm(self, priority):
        if not self.stage.refuses:
            self._raise(priority)
            self.leg.note(f"another alarm, {priority}: {list(self.names.values())[-1]}")

    @precondition(lambda self: self.waits and self.open and not self.stage.refuses)
    @rule(
        at=st.integers(0, 7), what=st.sampled_from(["clears", "is acknowledged by jon", "is shelved by jon"])
    )
    def an_alarm_goes(self, at, what):
        episode = self.open[at % len(self.open)]
        self.leg.note(f"{self.names[episode]} {what}")
        if what == "clears":
            self.stage.clear(episode)
        elif what == "is shelved by jon":
            self.stage.shelve(episode)
        else:
            self.stage.colleague_acknowledges(episode)
        self.promises.elsewhere()

    @precondition(lambda self: self.waits and not self.stage.refuses)
    @rule(passes=st.booleans())
    def the_database_refuses(self, passes):
        self.leg.note("the database refuses")
        self.stage.passes = passes
        self.stage.refuse()

    @precondition(lambda self: self.waits and self.stage.refuses)
    @rule()
    def the_database_recovers(self):
        self.leg.note("the database recovers")
        self.stage.recover()

    @precondition(lambda self: self.waits and not self.stage.refuses)
    @rule(script=st.sampled_from(sorted(SCRIPTS)), whole=st.sampled_from([False, False, True]))
    def scripts_are_saved(self, script, whole):
        self.leg.note(f"saved: {script}{', and the configuration is read anew' if whole else ''}")
        self.stage.save_script(script)
        if whole:
            self.stage.reload()

    @precondition(lambda self: self.waits)
    @rule(seconds=st.sampled_from([3, 30, 120]))
    def time_goes_by(self, seconds):
        self.stage.passes_time(seconds)

    @precondition(lambda self: not self.waits)
    @rule()
    def nothing_more_happens(self):
        """The call is over; the machine may always take a step."""

    # The end.

    def teardown(self):
        """Whoever is still on the line says nothing more; then the call is judged as a whole."""
        if not getattr(self, "leg", None):
            return
        self.stage.recover()
        self.leg.note("--- from here on silence")
        for _ in range(MOST_SILENT_TURNS):
            if self.leg.over:
                break
            self.leg.stay_silent()
        else:
            self.leg.fail(f"after {MOST_SILENT_TURNS} silent turns the call still goes on")
        self.promises.end(self.leg, twice=len(self.leg.sent) % 2 == 0)


@pytest.mark.parametrize("examples", scale("TOCSIN_DIALOGUE_WALKS", short=30, long=3000))
def test_whatever_happens_in_a_call(tmp_path, monkeypatch, examples):
    """No dead end, no claim without a record, nothing acknowledged unheard, one outcome, no PIN kept."""
    phrases = claims.tables()
    with opened(tmp_path / "plant", monkeypatch, claims.marked(phrases)) as stage:
        walk = type("Walk", (Walk,), {"stage": stage, "phrases": phrases})
        run_state_machine_as_test(
            walk,
            settings=settings(
                max_examples=examples,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                derandomize=examples < 1000,
                database=None,
                phases=(Phase.generate, Phase.shrink) if SHRINKS else (Phase.generate,),
            ),
        )

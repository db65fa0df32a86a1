"""The decisions, driven through every order of events: nothing unacknowledged is ever closed.

Nor does anything that puts an alarm aside, or takes time, change whether it is active.
"""

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tocsin.alarms.aside import OutOfService, ReturnToService, Suppress, Unsuppress
from tocsin.alarms.episode import Episode, Telling
from tocsin.alarms.lifecycle import Acknowledge, Active, Clear, Shelve, Unshelve, decide
from tocsin.alarms.sections import AlarmSection
from tocsin.alarms.timing import AckTimeout, MaintenanceOver, ReAlarm, ShelvingOver, next_due, timed_out

RULE = AlarmSection.model_validate({"ackTimeoutSeconds": 600, "reAlarmSeconds": 3600})

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(allow_nan=False), st.text(max_size=3)
)
people = st.sampled_from(["maria", "jon"])


class OneAlarm(RuleBasedStateMachine):
    """One alarm raised, cleared and handled in any order; the model is a handful of plain facts."""

    def __init__(self):
        super().__init__()
        self.now_ms = 1_000_000
        self.episodes = []  # every episode there ever was, in its latest form
        self.first_acknowledged = {}  # id -> (by, at)
        self.number = 0

    def apply(self, event):
        before = self.episodes[-1] if self.episodes else None
        decision = decide(before, event, self.now_ms)
        after = decision.change
        assert (after is not None) == (decision.reason == "ok")
        if after is None:
            return before, None, decision.reason
        if before is None or before.id != after.id:
            assert isinstance(event, Active)
            assert after.version == 1
            self.episodes.append(after)
            if after.acked:
                self.first_acknowledged[after.id] = (after.acked_by, after.acked_ms)
            return before, after, decision.reason
        assert after.version == before.version + 1
        assert (after.id, after.path, after.active_ms) == (before.id, before.path, before.active_ms)
        self.episodes[-1] = after
        return before, after, decision.reason

    @rule(seconds=st.integers(-5, 2000))
    def time_passes(self, seconds):
        """Even a clock that is set back must not make an episode end before it began."""
        self.now_ms += seconds * 1000

    @rule(value=scalars, mode=st.sampled_from(["Manual", "Auto", "Unused"]))
    def goes_active(self, value, mode):
        self.number += 1
        fresh = Episode(
            id=str(self.number),
            path="p",
            name="n",
            priority="High",
            active_ms=self.now_ms,
            value=value,
            ack_mode=mode,
        )
        before, after, reason = self.apply(Active(fresh, value=value))
        if before is None or before.state == "cleared":
            assert after == replace(fresh, acked_ms=after.acked_ms, acked_via=after.acked_via)
            assert after.acked == (mode == "Unused")
        else:
            assert reason in {"ok", "unchanged"}
            shown = after or before
            assert repr(shown.value) == repr(before.value if value is None else value)
            assert shown.acked_ms == before.acked_ms

    @rule(value=scalars)
    def clears(self, value):
        before, after, reason = self.apply(Clear(value))
        if before is None or before.state == "cleared":
            assert reason == "not_active"
        else:
            assert after.state == "cleared"
            assert after.cleared_ms >= after.active_ms
            if before.ack_mode == "Auto" and not before.acked:
                assert after.acked_via == "auto"
                self.first_acknowledged[after.id] = (None, after.acked_ms)

    @rule(by=people, note=st.sampled_from(["", "on my way"]), needed=st.booleans())
    def somebody_acknowledges(self, by, note, needed):
        before, after, reason = self.apply(Acknowledge(by=by, via="voice", note=note, note_required=needed))
        if before is None:
            assert reason == "unknown"
        elif before.acked:
            assert reason == "already_acknowledged"
        elif needed and not note:
            assert reason == "note_required"
        else:
            assert (after.acked_by, after.note, after.state) == (by, note, before.state)
            self.first_acknowledged[after.id] = (by, after.acked_ms)

    @rule(by=people, minutes=st.integers(-1, 20_000), allowed=st.booleans())
    def somebody_shelves(self, by, minutes, allowed):
        before, after, reason = self.apply(Shelve(by=by, lasting_ms=minutes * 60_000, allowed=allowed))
        if before is None:
            assert reason == "unknown"
        elif not before.is_open:
            assert reason == "closed"
        elif not allowed or not 0 < minutes <= 7 * 24 * 60:
            assert reason == "not_allowed"
        else:
            assert after.shelved(self.now_ms)
            assert not after.shelved(self.now_ms + minutes * 60_000)

    @rule()
    def somebody_unshelves(self):
        before, after, reason = self.apply(Unshelve())
        if before is not None and before.shelved(self.now_ms):
            assert not after.shelved(self.now_ms)
        else:
            assert reason in {"unknown", "not_shelved"}

    def puts_aside(self, event, refused):
        before, after, reason = self.apply(event)
        if before is None:
            assert reason == "unknown"
        elif not before.is_open:
            assert reason == "closed"
        elif reason != "ok":
            assert reason == refused
        else:
            assert (after.state, after.acked_ms) == (before.state, before.acked_ms)
            return before, after
        return before, None

    @rule(by=people, reason=st.sampled_from(["", " ", "the pump is stopped"]))
    def logic_suppresses(self, by, reason):
        """With a reason only; whatever else is true of the alarm stays true."""
        before, after = self.puts_aside(
            Suppress(by=by, reason=reason, rule="pump stopped"), "reason_required"
        )
        if after is not None:
            assert reason.strip()
            assert (after.suppressed_by, after.suppressed_reason) == (by, reason)
            assert after.suppressed_or_shelved(self.now_ms)
            assert (after.out_of_service_ms, after.shelved_until_ms) == (
                before.out_of_service_ms, before.shelved_until_ms,
            )  # fmt: skip

    @rule()
    def logic_ends_its_suppression(self):
        before, after = self.puts_aside(Unsuppress(), "not_suppressed")
        if before is not None and before.is_open:
            assert before.suppressed == (after is not None)
            assert after is None or not after.suppressed

    @rule(by=people, minutes=st.one_of(st.none(), st.integers(-1, 20_000)))
    def somebody_takes_it_out_of_service(self, by, minutes):
        until_ms = None if minutes is None else self.now_ms + minutes * 60_000
        _, after = self.puts_aside(OutOfService(by=by, reason="new probe", until_ms=until_ms), "not_allowed")
        if after is not None:
            assert after.out_of_service(self.now_ms)
            assert until_ms is None or not after.out_of_service(until_ms)

    @rule()
    def somebody_returns_it_to_service(self):
        before, after = self.puts_aside(ReturnToService(), "in_service")
        if after is not None:
            assert before.out_of_service_ms is not None
            assert after.out_of_service_ms is after.out_of_service_until_ms is None

    @rule()
    def what_is_due_happens(self):
        """Never before its time, at once when it is due, and then it is not due any more."""
        before = self.episodes[-1] if self.episodes else None
        if before is None:
            return
        due_ms, event = next_due(before, RULE), timed_out(before, RULE, self.now_ms)
        assert (event is not None) == (due_ms is not None and due_ms <= self.now_ms)
        if event is None:
            return
        _, after, reason = self.apply(event)
        assert reason == "ok"
        assert after.state == before.state
        later = next_due(after, RULE)
        if isinstance(event, ShelvingOver):
            assert after.shelved_until_ms is None
        elif isinstance(event, MaintenanceOver):
            assert after.out_of_service_ms is None
        else:
            assert not before.suppressed_or_shelved(self.now_ms)
            assert later is None or later > self.now_ms
            assert after.ack_version == before.ack_version + 1
            assert after.acked == (before.ack_mode == "Unused")
            if not after.acked:
                self.first_acknowledged.pop(after.id, None)

    @rule(event=st.sampled_from([AckTimeout(), ReAlarm(), ShelvingOver(), MaintenanceOver()]))
    def a_timer_fires_late(self, event):
        """What a timer brings that is not due (any more) changes nothing that it must not."""
        before = self.episodes[-1] if self.episodes else None
        if before is not None and isinstance(event, (AckTimeout, ReAlarm)) and before.state == "active":
            return  # with these only the due time tells, see above
        decision = decide(before, event, self.now_ms)
        if decision.change is not None:
            after = decision.change
            assert (after.state, after.acked_ms) == (before.state, before.acked_ms)

    @invariant()
    def at_most_one_is_active(self):
        assert sum(episode.state == "active" for episode in self.episodes) <= 1

    @invariant()
    def the_first_acknowledgement_stands(self):
        for episode in self.episodes:
            expected = self.first_acknowledged.get(episode.id, (None, None))
            assert (episode.acked_by, episode.acked_ms) == expected

    @invariant()
    def nothing_unacknowledged_is_closed(self):
        for episode in self.episodes:
            if episode.id not in self.first_acknowledged:
                assert episode.is_open


OneAlarm.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestOneAlarm = OneAlarm.TestCase


ACTIVE = Episode(id="1", path="p", name="n", priority="High", active_ms=0)
ACKNOWLEDGED = Acknowledge(by="jon", via="api")


@pytest.mark.parametrize(
    "events",
    [
        [Clear()],
        [ReAlarm()],
        [ACKNOWLEDGED, AckTimeout()],
        [Active(ACTIVE, priority="Critical")],
        [Active(ACTIVE, priority="Low"), Active(ACTIVE, priority="Critical")],
    ],
)
def test_an_acknowledgement_does_not_count_for_what_the_person_was_not_told(events):
    """Returned to normal, told anew, lapsed or more urgent: whoever heard it before has to hear that first."""
    now = ACTIVE
    for event in events:
        now = decide(now, event, 1_000).change

    assert decide(now, Acknowledge("maria", "voice", told=Telling.of(ACTIVE)), 2_000).reason == "changed"
    assert decide(now, Acknowledge("maria", "voice", told=Telling.of(now)), 2_000).reason == "ok"


@pytest.mark.parametrize(
    "event", [Active(ACTIVE, priority="Low"), Active(ACTIVE, value=97), Active(ACTIVE, label="x"), Unshelve()]
)
def test_an_acknowledgement_counts_although_something_that_is_no_news_has_changed(event):
    """Another value, a lower priority: that is the alarm the person was told of."""
    now = decide(replace(ACTIVE, shelved_until_ms=9_000), event, 1_000).change

    assert decide(now, Acknowledge("maria", "voice", told=Telling.of(ACTIVE)), 2_000).reason == "ok"


def test_who_was_first_comes_before_what_has_changed():
    """An alarm that somebody has acknowledged needs no second acknowledgement, however it has changed."""
    taken = decide(decide(ACTIVE, ACKNOWLEDGED, 1_000).change, Clear(), 1_500).change

    told = Telling.of(ACTIVE)
    assert decide(taken, Acknowledge("maria", "voice", told=told), 2_000).reason == "already_acknowledged"

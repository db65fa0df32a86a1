"""Whatever the plant and whatever happens to calls: no run ever stands still, and nothing is left to chance."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plant import ACCOUNT, BASE, NUMBER, TOKEN
from tests.whatif.lived import PATH
from tests.whatif.worlds import worlds

from tocsin.alarms.episode import AlarmEvent
from tocsin.alarms.rules import raised
from tocsin.gateway.binding import directory_of
from tocsin.gateway.configuration import Configuration
from tocsin.gateway.what_if import what_if_of
from tocsin.pipelines.run import Alarm
from tocsin.pipelines.simulating.endings import CALL_OUTCOMES, TEXT_OUTCOMES, ending_of
from tocsin.pipelines.simulating.simulation import simulate

PLANT = {
    "gateway": {"name": "Riverside", "timezone": "Europe/Stockholm"},
    "twilio_profiles": {
        "plant": {
            "account_sid": ACCOUNT, "auth_token": TOKEN, "external_hostname": BASE, "phone_number": NUMBER,
            "api_base": "emulator",
        }
    },
    "voice_profiles": {"phone": {"twilio_profile": "plant"}},
    "message_profiles": {"text": {"twilio_profile": "plant"}},
}  # fmt: skip
HOURS = 6


def play(world, doings):
    """Play the alarm of a random plant through; calls and texts end as `doings` say, one after the other."""
    plant, _, at, priority, zone = world
    gateway = PLANT["gateway"] | {"timezone": zone}
    value = Configuration.model_validate(PLANT | plant | {"gateway": gateway})
    asked = what_if_of(value, directory_of(value))
    moment = datetime.fromisoformat(at)
    start_ms = round((moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).timestamp())
    start_ms *= 1000
    event = AlarmEvent(path=PATH, state="active", priority=priority)
    fresh = raised(event, asked.rules, episode_id="one", now_ms=start_ms)[0].fresh
    alarm = Alarm(*(getattr(fresh, name) for name in Alarm._fields))
    named = asked.routing.named(alarm.pipeline)

    def outcome(attempt):
        known = TEXT_OUTCOMES if attempt.channel == "sms" else CALL_OUTCOMES
        return ending_of(known[doings[attempt.at_ms // 1000 % len(doings)] % len(known)])

    until_ms = start_ms + HOURS * 3_600_000
    return until_ms, simulate(
        named.plan, alarm, asked.routing.reach.at, outcome, start_ms, until_ms, lines=asked.lines,
        pipeline=named.pipeline,
    )  # fmt: skip


@settings(max_examples=40, deadline=None, database=None)
@given(worlds(), st.lists(st.integers(min_value=0, max_value=20), min_size=1, max_size=7))
def test_every_run_has_ended_or_waits_with_a_due_time(world, doings):
    """The first and its branches, hours later; and who is told by nobody is what the last resort is for."""
    until_ms, played = play(world, doings)

    for run in played.runs:
        assert run.state == "ended" or (run.due_ms is not None and run.due_ms >= until_ms - 1), run
        assert run.waiting or run.ended_why
    told = any(one.kind in {"call", "text"} for one in played.steps)
    assert told or played.last_resort_ms is not None


@settings(max_examples=15, deadline=None, database=None)
@given(worlds(), st.lists(st.integers(min_value=0, max_value=20), min_size=1, max_size=7))
def test_the_same_question_has_the_same_answer(world, doings):
    """Nothing is left to chance or to the order in which things are looked at."""
    assert play(world, doings) == play(world, doings)

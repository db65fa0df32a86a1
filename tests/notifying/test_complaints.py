"""What users of other systems complain of most, as stories that end well."""

from __future__ import annotations

import pytest
from tests.notifying.test_blocks import acknowledges, pipelines_folder  # noqa: F401  a fixture is found by name


@pytest.fixture
def project(pipelines_folder):  # noqa: F811
    return pipelines_folder


def runs(told):
    return told.running.gateway.notifying.runs


def test_call_and_text_at_once_with_escalation_by_time(told, phone):
    """Each is called and texted in the same moment; two minutes later the next, then the supervisor."""
    alarm = told.raises("Stories/at once")
    maria, jon, eva = phone("maria"), phone("jon"), phone("eva")
    maria.gets_sms("at once", within=5)
    maria.answers(within=5).hears("at once", "Press 1").presses("3").hears("at once").hangs_up()

    told.waits(seconds=90)
    jon.gets_sms("at once", within=60)
    jon.answers(within=60).hears("Press 1").presses("3").hears("at once").hangs_up()

    told.waits(seconds=90)
    eva.gets_sms("at once", within=60)
    acknowledges(eva.answers(within=60), 2846)
    assert alarm.is_acknowledged(by="eva")
    told.waits(minutes=20)


def test_a_rate_limit_that_still_tells(told, phone):
    """Of four alarms two are called about in one call; the other two are texted, not swallowed."""
    names = ["pump 1", "pump 2", "pump 3", "pump 4"]
    maria = phone("maria")
    alarms = [told.raises(f"Gate/{name}", label=name) for name in names[:3]]
    maria.gets_sms("pump 3", within=10)  # the fourth comes behind it: one text may tell of two
    alarms.append(told.raises("Gate/pump 4", label="pump 4"))
    maria.gets_sms("pump 4", within=60)
    maria.answers(within=10).hears("alarms").hangs_up()
    assert all(alarm.is_not_acknowledged() for alarm in alarms)
    for name in names:
        told.clears(f"Gate/{name}")


def test_what_is_held_up_can_be_seen_and_cancelled_at_once(told, phone):
    """Twenty alarms wait for their turn; each says why and until when, and a cancelled one is gone."""
    alarms = [told.raises(f"Stuck/{number}") for number in range(20)]
    phone("maria").answers(within=10).hears("alarm").hangs_up()

    waiting = [one for alarm in alarms for one in told.do(runs(told).waiting(alarm.episode.id))]
    held = [one for one in waiting if "rate gate" in one["why"]]
    assert len(held) == 19
    assert all(one["due"] > told.now_ms for one in held)
    assert held[0]["why"].startswith("the rate gate lets 1 in 1 h through; it is this alarm's turn in 1 h")

    for one in held:
        assert told.do(runs(told).cancel(one["run"], "jon"))
    still = [one for alarm in alarms for one in told.do(runs(told).waiting(alarm.episode.id))]
    assert [one for one in still if "rate gate" in one["why"]] == []
    for alarm in alarms:
        told.clears(alarm.path)
    told.waits(minutes=70)


def test_branches_are_cancelled_with_their_run(told, phone):
    """A text is out and a call rings; cancelling the run ends both branches, and the telephone stops."""
    alarm = told.raises("Stories/splitter")
    phone("jon").gets_sms("splitter", within=5)
    phone("maria").rings(within=5)
    found = told.do(runs(told).waiting(alarm.episode.id))
    assert len(found) == 3
    assert found[0]["why"] == "waiting for 2 branches that go on side by side (runs 1 and 2)"

    assert told.do(runs(told).cancel(found[0]["run"], "eva"))
    assert told.do(runs(told).waiting(alarm.episode.id)) == []
    phone("maria").is_hung_up()
    told.waits(minutes=30)


def test_one_branch_can_be_cancelled_by_itself(told, phone):
    """Jon needs no text any more; Maria is called all the same, and the alarm stays looked after."""
    alarm = told.raises("Stories/splitter")
    found = told.do(runs(told).waiting(alarm.episode.id))
    texts = next((one for one in found if one["run"].endswith(".2")), None)
    if texts is None:
        phone("jon").gets_sms("splitter", within=5)
        found = told.do(runs(told).waiting(alarm.episode.id))
        texts = next(one for one in found if one["run"].endswith(".2"))
    assert told.do(runs(told).cancel(texts["run"], "eva"))
    acknowledges(phone("maria").answers(within=5), 4711)
    assert alarm.is_acknowledged(by="maria")

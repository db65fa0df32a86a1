"""A year looked through for times at which nobody would be told: nights, contacts, areas, circles."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from tests.pipelines.tale import crew, person
from tests.plant import JON, MARIA, write_project

from tocsin.alarms.rules import Rules
from tocsin.alarms.sections import AlarmSection
from tocsin.gateway import checks, what_if
from tocsin.gateway.binding import directory_of
from tocsin.pipelines.outcomes import Outcomes
from tocsin.pipelines.plan import Delay, Jump, Notification, Plan, fingerprint
from tocsin.pipelines.routing import Named, Routing
from tocsin.pipelines.simulating.gaps import gaps
from tocsin.pipelines.simulating.lines import Lines
from tocsin.pipelines.simulating.what_if import WhatIf
from tocsin.pipelines.world import Reach

PATH = "Plant/Pump 2/High level"
NOW = round(datetime(2026, 3, 1, 11, tzinfo=UTC).timestamp() * 1000)
YEAR = 365 * 24 * 3_600_000

PIPELINE = """
[message_profiles.text]
twilio_profile = "plant"
[pipelines.crew]
[[pipelines.crew.blocks]]
type = "notification"
roster = "crew"
[alarms."Plant/Dam/Level"]
pipeline = "crew"
"""


def found(tmp_path, more):
    """Give the gaps of the small plant with something more in its configuration."""
    folder = write_project(tmp_path / "riverside", more=PIPELINE + more)
    value = checks.read(folder)[0].value
    return gaps(what_if.what_if_of(value, directory_of(value)), NOW, NOW + YEAR)


def told(tmp_path, more):
    """Give what the check of that plant says of people who could not be told."""
    folder = write_project(tmp_path / "riverside", more=PIPELINE + more)
    return [str(one) for one in what_if.findings(checks.read(folder)[0], NOW)]


CREW = """
[users.eva]
id = 9
[[users.eva.contacts]]
type = "phone"
value = "+46701740603"
[rosters.crew]
users = ["eva"]
"""


def test_a_plant_without_gaps(tmp_path):
    """Somebody with a telephone is on call at all times, and may have every alarm."""
    assert found(tmp_path, CREW) == []
    assert told(tmp_path, CREW) == []


def test_nights_without_anybody(tmp_path):
    """Every stretch is found, on the plant's wall clock, over the night when the clocks go forward."""
    schedule = '[schedules.all_but_nights]\ndays = ["mon-sun"]\nfrom = "04:00"\nto = "24:00"\n'
    roster, pipeline = found(tmp_path, schedule + CREW + 'schedule = "all_but_nights"\n')

    assert (roster.kind, roster.name, len(roster.spans)) == ("roster", "crew", 365)
    lengths = {(end - begin) // 3_600_000 for begin, end in roster.spans}
    assert lengths == {3, 4, 5}
    begin, _ = next(one for one in roster.spans if one[1] - one[0] == 3 * 3_600_000 and one[0] > NOW)
    at = datetime.fromtimestamp(begin / 1000, ZoneInfo("Europe/Stockholm"))
    assert f"{at:%Y-%m-%d %H:%M}" == "2026-03-29 00:00"
    assert (pipeline.kind, pipeline.spans) == ("pipeline", roster.spans)


def test_a_roster_that_may_be_empty_leaves_a_gap_all_the_same_where_nobody_else_is_told(tmp_path):
    """The roster is meant so; that the alarm is told to nobody at night is still said, at its pipeline."""
    more = '[schedules.days]\ndays = ["mon-fri"]\nfrom = "06:00"\nto = "18:00"\n' + CREW
    (said,) = told(tmp_path, more + 'schedule = "days"\nmay_be_empty = true\n')

    assert said.startswith("tocsin.toml:")
    assert "pipelines.crew: tells nobody from now to Mon 2026-03-02 06:00, and 261 times more" in said


def test_a_person_whom_nothing_reaches(tmp_path):
    """Named with the remedy, at the contacts; the pipeline that has nobody else is named as well."""
    more = CREW.replace('"phone"', '"email"').replace("+46701740603", "eva@example.com")
    pipeline, person_ = sorted(told(tmp_path, more), key=lambda one: "users.eva" in one)

    assert "users.eva.contacts: cannot be told of anything: has no contact that these profiles" in person_
    assert 'add a contact of type "phone" or "sms" to users.eva' in person_
    assert "pipelines.crew: tells nobody from now on (Plant/Dam/Level: eva: has no contact" in pipeline


def test_a_contact_that_no_profile_reaches(tmp_path):
    """Whoever can be told otherwise keeps it as a doubt at its line."""
    more = CREW.replace("[rosters", '[[users.eva.contacts]]\ntype = "push"\nvalue = "eva"\n[rosters')
    (said,) = told(tmp_path, more)

    assert 'users.eva.contacts[1].type: no profile reaches contacts of type "push"' in said


def test_an_alarm_in_nobodys_area(tmp_path):
    """Nobody would be told of it, and nobody could acknowledge it."""
    (said,) = told(tmp_path, CREW.replace("id = 9", 'id = 9\nareas = ["Plant/Pump 2"]'))

    assert 'alarms."Plant/Dam/Level": nobody is told of it or may acknowledge it' in said
    assert "in the areas of nobody on roster crew" in said


@pytest.mark.parametrize(("times", "endless"), [(3, False), (1000, True)])
def test_circles_without_an_end(times, endless):
    """A pipeline that waits and jumps for days, and tells nobody, neither people nor the last resort."""
    blocks = (Notification("nobody", id="first"), Delay(600_000), Jump(0, times))
    plan = Plan((Delay(600_000), Jump(0, times)) if endless else blocks)
    directory = crew(person("maria", MARIA), person("jon", JON))
    routing = Routing(
        Reach(directory, "UTC", ("phone",), ("text",), Outcomes()),
        {"round": Named("round", fingerprint(plan), plan)},
    )
    rules = Rules({PATH: AlarmSection.model_validate({"pipeline": "round"})}, {"round"})

    kinds = [one.kind for one in gaps(WhatIf(routing, Lines(), rules), NOW, NOW + YEAR)]
    assert ("circles" in kinds) is endless


def test_where_nobody_exists_nobody_is_told(tmp_path):
    """A configuration without people accepts every alarm, and there is nothing wrong with any roster of it."""
    (tmp_path / "tocsin.toml").write_text('[gateway]\nname = "x"\n')
    loaded, _ = checks.read(tmp_path)

    (gap,) = gaps(what_if.what_if_of(loaded.value, directory_of(loaded.value)), NOW, NOW + YEAR)

    assert (gap.kind, gap.name, gap.why) == ("pipeline", "built-in", "nobody is on a roster")
    assert gap.spans == ((NOW, NOW + YEAR),)
    (said,) = map(str, what_if.findings(loaded, NOW))
    assert "no alarm is told to anybody: nobody is on a roster; add users" in said

"""What can be wrong with rosters, schedules, holidays and wishes: each is one line with its place and remedy."""

from pathlib import Path

import pytest
from pydantic import Field
from tests.people.plans import directory

from tocsin.config import ConfigRefused, Section, in_order, load
from tocsin.people.crosschecks import crosscheck
from tocsin.people.gap_checks import empty_rosters
from tocsin.people.sections import HolidaysSection, RosterSection, ScheduleSection, UserSection
from tocsin.people.wall_clock import read_moment


class Plant(Section):
    """What these tests need of a configuration."""

    users: dict[str, UserSection] = Field(default_factory=dict)
    schedules: dict[str, ScheduleSection] = Field(default_factory=dict)
    holidays: dict[str, HolidaysSection] = Field(default_factory=dict)
    rosters: dict[str, RosterSection] = Field(default_factory=dict)


GOOD = """\
[users.maria]
id = 1
opt_out = ["email"]
[[users.maria.contacts]]
type = "phone"
value = "+46701234567"
[[users.maria.tell]]
profiles = ["phone"]
after = "2m"
[[users.maria.away]]
from = 2026-07-06T08:00:00
to = "2026-07-20"
instead = "jon"

[users.jon]
id = 2
[[users.jon.contacts]]
type = "sms"
value = "+46707654321"

[holidays.plant]
country = "SE"
dates = [2026-12-24, "12-31"]

[schedules.days]
days = ["mon-fri"]
from = "06:00"
to = "18:00"
holidays = ["plant"]
[schedules.saturdays]
rule = "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA"
since = "2026-01-03"
[schedules.rest]
none_of = ["days", "saturdays"]

[rosters.crew]
users = ["jon"]
schedule = "rest"
[[rosters.crew.rotations]]
users = ["maria", ["jon", "maria"]]
every = "1w"
start = "2026-01-05T08:00"
[[rosters.crew.overrides]]
from = "2026-12-24T08:00"
to = "2026-12-25T08:00"
replace = { maria = "jon" }
[[rosters.crew.swaps]]
from = "2026-03-02"
to = "2026-03-16"
users = ["maria", "jon"]
"""


def told(folder: Path, text: str) -> list[str]:
    (folder / "tocsin.toml").write_text(text)
    try:
        loaded = load(folder, Plant)
    except ConfigRefused as error:
        return [f"e {one}" for one in error.findings]
    value = loaded.value
    faults = crosscheck(value.users, value.rosters, value.schedules, holidays=value.holidays)
    return [f"{one.severity[0]} {one}" for one in in_order(loaded.places, faults)]


def test_all_that_a_roster_can_say_is_understood(tmp_path):
    """Without a word; dates and times also as TOML's own."""
    assert told(tmp_path, GOOD) == []


NAMES = [
    ('users = ["jon"]', 'users = ["jonn"]', 'e tocsin.toml:37: rosters.crew.users[0]: there is no user "jonn"; did you mean "jon"?'),
    ('["jon", "maria"]]', '["jon", "eva"]]', 'e tocsin.toml:40: rosters.crew.rotations[0].users[1][1]: there is no user "eva"; defined are: jon, maria'),
    ('["jon", "maria"]]', '["jon", "jon"]]', 'e tocsin.toml:40: rosters.crew.rotations[0].users[1][1]: "jon" stands here twice; remove one'),
    ('["jon", "maria"]]', "[]]", "e tocsin.toml:40: rosters.crew.rotations[0].users[1]: is a turn of nobody; name somebody, or take it out"),
    ('instead = "jon"', 'instead = "jo"', 'e tocsin.toml:13: users.maria.away[0].instead: there is no user "jo"; did you mean "jon"?'),
    ('{ maria = "jon" }', '{ maria = "eva" }', 'e tocsin.toml:46: rosters.crew.overrides[0].replace.maria: there is no user "eva"; defined are: jon, maria'),
    ('none_of = ["days"', 'none_of = ["day"', 'e tocsin.toml:34: schedules.rest.none_of[0]: there is no schedule "day"; did you mean "days"?'),
    ('none_of = ["days"', 'none_of = ["rest"', "e tocsin.toml:33: schedules.rest: is made of itself (rest of rest); take one of them out"),
    ('holidays = ["plant"]', 'holidays = ["plants"]', 'e tocsin.toml:29: schedules.days.holidays[0]: there is no table [holidays] of the name "plants"; did you mean "plant"?'),
    ('profiles = ["phone"]', 'profiles = ["fone"]', 'e tocsin.toml:8: users.maria.tell[0].profiles[0]: there is no profile or type of contact "fone"; did you mean "phone"?'),
    ('opt_out = ["email"]', 'opt_out = ["mail"]', 'e tocsin.toml:3: users.maria.opt_out[0]: there is no way to reach people called "mail"; did you mean "email"?'),
]  # fmt: skip

VALUES = [
    ('every = "1w"', 'every = "weekly"', 'e tocsin.toml:41: rosters.crew.rotations[0].every: "weekly" is no length of a turn; write it like "12h", "1d", "1w" or "1mo"'),
    ('start = "2026-01-05T08:00"', 'start = "2026-02-30T08:00"', 'e tocsin.toml:42: rosters.crew.rotations[0].start: "2026-02-30T08:00" is in no calendar; check the day and the hour'),
    ('start = "2026-01-05T08:00"', 'start = "2026-01-05T08:00Z"', 'e tocsin.toml:42: rosters.crew.rotations[0].start: "2026-01-05T08:00Z" is no time; write it like "2026-03-02T08:00", on the plant\'s clock'),
    ('to = "2026-12-25T08:00"', 'to = "2026-12-24T08:00"', "e tocsin.toml:45: rosters.crew.overrides[0].to: is not after from = 2026-12-24T08:00; give a later moment"),
    ('to = "2026-12-25T08:00"', 'to = "tomorrow"', 'e tocsin.toml:45: rosters.crew.overrides[0].to: "tomorrow" is no time; write it like "2026-03-02T08:00", on the plant\'s clock and to the minute, or with an offset like "2026-03-02T07:00Z"'),
    ('replace = { maria = "jon" }', 'why = "?"', "e tocsin.toml:43: rosters.crew.overrides[0]: changes nothing; say who is on call with users, add, remove or replace"),
    ('none_of = ["days", "saturdays"]', 'none_of = ["days"]\nfrom = "08:00"', "e tocsin.toml:33: schedules.rest: is made of other schedules, so has no hours of its own; remove from"),
    ('since = "2026-01-03"\n', "", 'e tocsin.toml:30: schedules.saturdays: has a rule that counts; say from when, such as since = "2026-01-03"'),
    ("BYDAY=SA", "BYDAY=XX", 'e tocsin.toml:31: schedules.saturdays.rule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=XX" is no recurrence rule of iCalendar; write it like "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA"'),
    ("BYDAY=SA", "BYHOUR=7", "e tocsin.toml:31: schedules.saturdays.rule: BYHOUR has no place in a rule of days; the keys from, to and since say that"),
    ('country = "SE"', 'country = "QQ"', 'e tocsin.toml:22: holidays.plant.country: there is no country "QQ" whose holidays are known; write its two letters, such as SE or US'),
    ('country = "SE"', 'country = "DE"\nsubdivision = "ZZ"', 'e tocsin.toml:23: holidays.plant.subdivision: "ZZ" is no part of DE with holidays of its own; there are: Augsburg, BB, BE, BW, BY, HB, HE, HH, MV, NI, NW, RP, SH, SL, SN, ST, TH'),
    ('"12-31"', '"31.12."', 'e tocsin.toml:23: holidays.plant.dates[1]: "31.12." is no date; write it like "2026-12-24", or "12-24" for every year'),
    ('country = "SE"', 'file = "none.ics"', 'e tocsin.toml:22: holidays.plant.file: "none.ics" cannot be read (No such file or directory); check path and rights'),
    ('country = "SE"', 'file = "tocsin.toml"', 'e tocsin.toml:22: holidays.plant.file: "tocsin.toml" is no calendar that can be read (ValueError); save it as an iCalendar file (.ics) with the holidays as events'),
    ('after = "2m"', 'after = "2 minutes"', 'e tocsin.toml:9: users.maria.tell[0].after: "2 minutes" is no delay; write it like "0s", "90s" or "2m", up to "24h"'),
]  # fmt: skip

DOUBTS = [
    ('opt_out = ["email"]', 'opt_out = ["sms"]\nroles = []', []),
    ('opt_out = ["email"]', 'opt_out = ["phone"]', ["w tocsin.toml:3: users.maria.opt_out: leaves no contact, though roster crew calls this person; take one type out", 'w tocsin.toml:8: users.maria.tell[0].profiles[0]: "phone" is in opt_out, so nothing goes over it; take it out of one of the two']),
    ('replace = { maria = "jon" }', 'remove = ["jon"]', []),
    ('users = ["jon"]', 'script = "crew.py"', ["w tocsin.toml:36: rosters.crew.users: is missing; name who is called while crew.py names nobody"]),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), [*NAMES, *VALUES])
def test_each_fault_is_one_line(tmp_path, old, new, said):
    """One change to a good project, one line that says where and what to do."""
    assert old in GOOD
    assert told(tmp_path, GOOD.replace(old, new, 1)) == [said]


@pytest.mark.parametrize(("old", "new", "said"), DOUBTS)
def test_each_doubt_is_a_warning(tmp_path, old, new, said):
    """What may be meant so is not refused."""
    assert old in GOOD
    assert told(tmp_path, GOOD.replace(old, new, 1)) == said


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-23T09:42", "from Mon 2026-11-23 18:00 to Tue 2026-11-24 06:00, and 365 times more"),
        ("2026-11-23T18:42", "from now to Tue 2026-11-24 06:00, and 366 times more"),
        ("2026-11-24T01:42", "from now to Tue 2026-11-24 06:00, and 366 times more"),
    ],
)
def test_empty_nights_are_told_from_any_hour(moment, words):
    """By day with the evening it begins; in the night itself from now, as it has begun."""
    plan = {
        "timezone": "Europe/Stockholm",
        "users": {"eva": {"id": 1}},
        "schedules": {"days": {"days": ["mon-sun"], "from": "06:00", "to": "18:00"}},
        "rosters": {"crew": {"users": ["eva"], "schedule": "days"}},
    }
    (found,) = empty_rosters(directory(plan), read_moment(moment, plan["timezone"]))

    assert f"nobody is on call {words} within a year" in found.message

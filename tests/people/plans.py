"""Random projects for property tests, as the files would say them, around nights in which clocks are odd."""

from datetime import datetime, timedelta

from hypothesis import strategies as st

from tocsin.people import Directory
from tocsin.people.sections import HolidaysSection, RosterSection, ScheduleSection, UserSection

NIGHTS = [
    ("Europe/Stockholm", "2026-03-29T02:30"),  # forward
    ("Europe/Stockholm", "2026-10-25T02:30"),  # back
    ("America/New_York", "2026-03-08T02:30"),
    ("America/New_York", "2026-11-01T01:30"),
    ("Australia/Lord_Howe", "2026-04-05T01:45"),  # back by half an hour
    ("Australia/Lord_Howe", "2026-10-04T02:15"),
    ("America/Havana", "2026-03-08T00:30"),  # over midnight
    ("America/Havana", "2026-11-01T00:30"),
    ("America/Nuuk", "2026-10-24T23:30"),  # back over midnight, into the day before
    ("Africa/Casablanca", "2026-02-15T02:30"),  # back for Ramadan
    ("Pacific/Apia", "2011-12-30T12:00"),  # a day that never was
    ("Pacific/Kwajalein", "1993-08-21T12:00"),
    ("Europe/Volgograd", "2020-12-27T02:00"),  # another zone from now on
    ("America/Caracas", "2016-05-01T02:30"),
    ("Asia/Pyongyang", "2018-05-04T23:30"),
    ("Antarctica/Troll", "2026-03-29T02:00"),  # two hours at once
    ("Europe/Stockholm", "2028-02-29T00:00"),  # a leap day
    ("UTC", "2026-12-31T23:59"),
]
USERS = ["maria", "jon", "eva", "ola"]
OTHER_ZONES = ["Asia/Kolkata", "America/New_York", "Europe/London"]
DAYS = ["mon", "tue-thu", "fri", "sat-sun", "mon-fri", "mon-sun", "sat-mon"]


@st.composite
def local_times(draw, around, *, days=2):
    """A minute near the odd one, often exactly there or on a whole hour."""
    offset = draw(st.one_of(st.sampled_from([0, 30, 60, -30, 90]), st.integers(-days * 1440, days * 1440)))
    return datetime.fromisoformat(around) + timedelta(minutes=offset)


@st.composite
def stretches(draw, around):
    """A `from` and a `to` near the odd minute, on the wall clock or with an offset."""
    begin, end = sorted([draw(local_times(around)), draw(local_times(around))])
    if begin == end:
        end += timedelta(minutes=draw(st.integers(1, 3000)))
    suffix = draw(st.sampled_from(["", "", "Z", "+05:30"]))
    return {"from": f"{begin:%Y-%m-%dT%H:%M}{suffix}", "to": f"{end:%Y-%m-%dT%H:%M}{suffix}"}


def times_of_day(around):
    odd = datetime.fromisoformat(around)
    near = st.integers(-90, 90).map(lambda minutes: f"{odd + timedelta(minutes=minutes):%H:%M}")
    return st.one_of(near, st.sampled_from(["00:00", "06:00", "12:00", "18:00", "23:59"]))


@st.composite
def schedules(draw, around):
    section = {"days": draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=2))}
    section["from"] = draw(times_of_day(around))
    section["to"] = draw(st.one_of(times_of_day(around), st.just("24:00")))
    if draw(st.booleans()):
        section["holidays"] = ["plant"]
        section["on_holidays"] = draw(st.sampled_from(["off", "also", "only"]))
    if draw(st.integers(0, 4)) == 0:
        section["timezone"] = draw(st.sampled_from(OTHER_ZONES))
    return section


people = st.lists(st.sampled_from(USERS), unique=True, max_size=3)
SCHEDULE = st.sampled_from([None, "one", "two", "both", "either"])


@st.composite
def rotations(draw, around):
    turn = st.one_of(
        st.sampled_from(USERS), st.lists(st.sampled_from(USERS), unique=True, min_size=1, max_size=2)
    )
    every = draw(st.sampled_from(["1h", "3h", "12h", "1d", "2d", "1w", "1mo"]))
    back = {"h": 3, "d": 20, "w": 40, "mo": 800}[every.lstrip("0123456789")]
    start = datetime.fromisoformat(around) - timedelta(
        days=draw(st.integers(-1, back)), minutes=draw(st.sampled_from([0, 15, 30, 60, 720]))
    )
    section = {
        "users": draw(st.lists(turn, min_size=1, max_size=4)),
        "every": every,
        "start": f"{start:%Y-%m-%dT%H:%M}",
    }
    if (schedule := draw(SCHEDULE)) is not None:
        section["schedule"] = schedule
    if draw(st.integers(0, 3)) == 0:
        section["level"] = draw(st.integers(0, 2))
    if draw(st.integers(0, 3)) == 0:
        until = max(draw(local_times(around)), start + timedelta(minutes=1))
        section["until"] = f"{until:%Y-%m-%dT%H:%M}"
    return section


@st.composite
def overrides(draw, around):
    section = draw(stretches(around))
    if draw(st.booleans()):
        return {**section, "users": draw(people)}
    section["add"] = draw(people)
    section["remove"] = draw(people)
    section["replace"] = draw(st.dictionaries(st.sampled_from(USERS), st.sampled_from(USERS), max_size=2))
    if not (section["add"] or section["remove"] or section["replace"]):
        section["add"] = ["ola"]
    return section


@st.composite
def plans(draw):
    """A whole project around an odd night, with the roster "crew": (plan, zone, the odd minute)."""
    zone, around = draw(st.sampled_from(NIGHTS))
    day = datetime.fromisoformat(around).date()
    crew = {
        "users": draw(people),
        "rotations": draw(st.lists(rotations(around), max_size=2)),
        "overrides": draw(st.lists(overrides(around), max_size=2)),
        "swaps": [
            {**draw(stretches(around)), "users": draw(st.permutations(USERS))[:2]}
            for _ in range(draw(st.integers(0, 1)))
        ],
    }
    if (schedule := draw(SCHEDULE)) is not None:
        crew["schedule"] = schedule
    if draw(st.integers(0, 4)) == 0:
        crew["timezone"] = draw(st.sampled_from(OTHER_ZONES))
    users = {name: {"id": number} for number, name in enumerate(USERS)}
    for name in draw(st.lists(st.sampled_from(USERS), unique=True, max_size=2)):
        users[name]["away"] = [{**draw(stretches(around)), **draw(st.sampled_from([{}, {"instead": "ola"}]))}]
    holiday = draw(
        st.sampled_from([day.isoformat(), f"{day:%m-%d}", (day + timedelta(days=1)).isoformat(), "01-01"])
    )
    plan = {
        "timezone": zone,
        "users": users,
        "rosters": {"crew": crew},
        "holidays": {"plant": {"dates": [holiday]}},
        "schedules": {
            "one": draw(schedules(around)),
            "two": draw(schedules(around)),
            "both": {"all_of": ["one", "two"]},
            "either": {"any_of": ["one", "two"], "none_of": draw(st.sampled_from([[], ["both"]]))},
        },
    }
    return plan, zone, around


def directory(plan):
    """Make the product's own answerer of a plan."""
    models = {
        "users": UserSection, "rosters": RosterSection, "schedules": ScheduleSection,
        "holidays": HolidaysSection,
    }  # fmt: skip
    made = {
        key: {name: model.model_validate(one) for name, one in plan.get(key, {}).items()}
        for key, model in models.items()
    }
    return Directory.of(**made, timezone=plan["timezone"])

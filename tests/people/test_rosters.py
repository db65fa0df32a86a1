"""What a roster can say, one story each; the odd nights are in test_on_call."""

from tests.people.plans import directory

from tocsin.people import Shift
from tocsin.people.user import Telling
from tocsin.people.wall_clock import read_moment

ZONE = "Europe/Stockholm"
USERS = {name: {"id": number} for number, name in enumerate(["maria", "jon", "eva", "ola"])}
WEEKLY = {"users": ["maria", "jon", "eva"], "every": "1w", "start": "2026-01-05T08:00"}


def crew(roster, *, users=USERS, **tables):
    return directory({"timezone": ZONE, "users": users, "rosters": {"crew": roster}, **tables})


def at(written):
    return read_moment(written, ZONE)


def on(people, written, **more):
    return people.on_call("crew", at(written), **more).people


def test_people_take_turns_and_hand_over_at_the_same_hour_all_year():
    """Eight o'clock is eight o'clock in summer too; ahead of the first turn it is nobody's."""
    people = crew({"rotations": [WEEKLY]})
    assert on(people, "2026-03-30T07:59") == ("eva",)  # the first Monday of summer time
    assert on(people, "2026-03-30T08:00") == ("maria",)
    assert people.on_call("crew", at("2026-01-05T07:59")).why == "it is nobody's turn in roster crew"
    assert people.shift("crew", at("2026-03-28T12:00")) == Shift(("eva",), "", at("2026-03-30T08:00"))


def test_who_has_the_turn_is_called_first_then_the_second_line():
    """A second rotation with an offset of one is the usual back-up; the standing people come last."""
    second = {**WEEKLY, "users": ["jon", "eva", "maria"]}
    people = crew({"users": ["ola"], "rotations": [WEEKLY, second]})
    assert on(people, "2026-01-06T12:00") == ("maria", "jon", "ola")
    assert on(people, "2026-01-13T12:00") == ("jon", "eva", "ola")


def test_a_higher_level_stands_in_front_while_it_has_somebody():
    """As layers do that lie on one another."""
    holiday_cover = {
        "users": ["ola"], "start": "2026-07-06T08:00", "until": "2026-07-20T08:00", "level": 1,
    }  # fmt: skip
    people = crew({"rotations": [WEEKLY, holiday_cover]})
    assert on(people, "2026-07-07T12:00") == ("ola",)
    assert on(people, "2026-07-21T12:00") == ("jon",)


def test_an_override_a_swap_and_an_absence_each_say_who_instead():
    """The override has the last word; an absence holds on every roster."""
    users = {
        **USERS,
        "eva": {"id": 2, "away": [{"from": "2026-01-19", "to": "2026-01-26", "instead": "ola"}]},
    }
    people = crew(
        {
            "rotations": [WEEKLY],
            "swaps": [{"from": "2026-01-05T08:00", "to": "2026-01-19T08:00", "users": ["maria", "jon"]}],
            "overrides": [
                {"from": "2026-01-20", "to": "2026-01-21", "users": ["maria"]},
                {"from": "2026-01-22", "to": "2026-01-23", "remove": ["ola"], "why": "nobody needed"},
            ],
        },
        users=users,
    )
    assert on(people, "2026-01-06T12:00") == ("jon",)
    assert on(people, "2026-01-13T12:00") == ("maria",)
    assert on(people, "2026-01-19T12:00") == ("ola",)
    assert on(people, "2026-01-20T12:00") == ("maria",)
    gone = people.on_call("crew", at("2026-01-22T12:00"))
    assert gone.why == "an override of roster crew leaves nobody (nobody needed)"


def test_a_script_names_the_people_and_others_stand_in_while_it_does_not():
    """Whom nobody knows is left out; that nobody at all is left is not believed."""
    people = crew({"script": "who.py", "users": ["ola"]})
    assert on(people, "2026-01-06T12:00") == ("ola",)
    assert on(people, "2026-01-06T12:00", calculated={"crew": ("jon", "nobody", "maria")}) == ("jon", "maria")
    assert on(people, "2026-01-06T12:00", calculated={"crew": ()}) == ("ola",)
    alone = crew({"script": "who.py"})
    assert alone.on_call("crew", 0).why == "who.py names nobody for roster crew"


def test_a_roster_that_never_changes_says_so():
    """Then nobody has to ask again."""
    assert crew({"users": ["jon"]}).on_call("crew", 0) == Shift(("jon",), "", None)
    assert crew({"users": []}).on_call("crew", 0) == Shift((), "roster crew has no people", None)


def test_everybody_has_their_own_order_by_priority():
    """The soonest first; where no step fits, the usual order counts."""
    tell = [
        {"priority": ["High", "Critical"], "profiles": ["text", "sms"], "after": "2m"},
        {"priority": ["High", "Critical"], "profiles": ["phone"]},
        {"priority": ["Critical"], "profiles": ["email"], "after": "1h"},
    ]
    people = crew({"users": ["maria"]}, users={"maria": {"id": 1, "tell": tell, "opt_out": ["push"]}})
    phone, text = Telling(("phone",)), Telling(("text", "sms"), 120_000)
    assert people.order("maria", "High") == (phone, text)
    assert people.order("maria", "Critical") == (phone, text, Telling(("email",), 3_600_000))
    assert people.order("maria", "Low") == people.order("nobody", "High") == ()
    assert people.users["maria"].opt_out == {"push"}


def test_instants_at_both_ends_of_the_calendar_have_an_answer():
    """Whatever a caller asks for."""
    people = crew({"rotations": [WEEKLY]})
    assert on(people, "1970-01-01T01:00") == ()
    assert people.on_call("crew", 253_402_300_799_000).people
    assert people.shift("crew", 253_402_300_799_000).people

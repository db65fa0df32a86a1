"""An override or a swap that is asked for: how it is read, and what speaks against it."""

import re

import pytest
from tests.people.plans import directory

from tocsin.people.roster_changes import changes_of, effect, in_words, mark_of, objections, with_change
from tocsin.people.roster_wishes import RosterChangeRefused, Wanted, checked, keys_of
from tocsin.people.wall_clock import read_moment, written_moment

ZONE = "Europe/Stockholm"
PHONE = [{"type": "phone", "value": "+46701234567"}]
PLANT = {
    "timezone": ZONE,
    "users": {
        "maria": {"id": 1, "contacts": PHONE},
        "jon": {"id": 2, "contacts": PHONE, "away": [{"from": "2026-07-06", "to": "2026-08-03"}]},
        "eva": {"id": 3, "contacts": PHONE, "opt_out": ["phone"]},
        "ola": {"id": 4},
    },
    "rosters": {
        "evenings": {
            "shared_phone": "+46700000000",  # for ringing in; it is nobody's contact
            "rotations": [{"users": ["maria", "jon"], "start": "2026-01-05T08:00"}],
            "overrides": [
                {"from": "2026-12-23T16:00", "to": "2026-12-27", "users": ["jon"], "why": "Christmas"}
            ],
            "swaps": [{"from": "2026-03-09T08:00", "to": "2026-03-23T08:00", "users": ["maria", "jon"]}],
        }
    },
}
NOW = read_moment("2026-03-01T12:00", ZONE)


def change(wanted, now_ms=NOW, zone=ZONE):
    people = directory(PLANT)
    return checked(wanted.kind, keys_of(wanted, zone, now_ms), zone, people.users)


def against(wanted, now_ms=NOW):
    people = directory(PLANT)
    return [one.why for one in objections(people, people.rosters["evenings"], change(wanted, now_ms), now_ms)]


def override(begins, ends, **more):
    return Wanted("override", begins=begins, ends=ends, **more)


def test_what_changes_something_and_leaves_somebody_is_made():
    """Nothing speaks against it, and it has the last word."""
    wanted = override("2026-03-03T08:00", "2026-03-04T08:00", replace={"maria": "jon"})
    people = directory(PLANT)
    roster = with_change(people.rosters["evenings"], change(wanted))

    assert against(wanted) == against(override("2026-03-03", "2026-03-04", add=("jon",))) == []
    around = effect(people, roster, NOW, read_moment("2026-03-09T08:00", ZONE))
    assert [one.people for one in around] == [("jon",), ("maria",), ("jon",), ("maria",)]


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (override("2026-02-01", "2026-02-02", users=("jon",)), "it would be over already, on Mon 2026-02-02 00:00"),
        (
            override("2026-12-24", "2026-12-25", users=("maria",)),
            "it overlaps override … (jon, from Wed 2026-12-23 16:00 to Sun 2026-12-27 00:00); remove that one first",
        ),
        (
            Wanted("swap", ("jon", "maria"), "2026-03-20", "2026-03-30"),
            "it overlaps swap … (maria and jon swap, from Mon 2026-03-09 08:00 to Mon 2026-03-23 08:00); remove that one first",
        ),
        (override("2026-03-02T08:00", "2026-03-03", users=("ola",)), "ola has no contact, so cannot be reached"),
        (override("2026-03-02T08:00", "2026-03-03", users=("eva",)), "eva has no contact, so cannot be reached"),
        (
            override("2026-07-12", "2026-07-14", users=("jon",)),
            "jon is away from Mon 2026-07-06 00:00 to Mon 2026-08-03 00:00",
        ),
        (
            override("2026-03-02T08:00", "2026-03-03", remove=("maria",)),
            "nobody would be on call from Mon 2026-03-02 08:00 to Tue 2026-03-03 00:00 (an override of roster evenings leaves nobody)",
        ),
        (override("2026-03-02T08:00", "2026-03-03", users=("maria",)), "nothing would change: maria is on call all that time anyway"),
        (Wanted("swap", ("eva", "jon"), "2026-03-02T08:00", "2026-03-03"), "nothing would change: maria is on call all that time anyway"),
    ],
)  # fmt: skip
def test_what_speaks_against_it(wanted, why):
    """One sentence, with the times of the plant's clock and what to do."""
    said = against(wanted)
    assert why in [re.sub(r"(override|swap) [0-9a-f]{6}", r"\1 …", one) for one in said]


def test_marks_follow_the_change_and_not_its_place():
    """Two that differ in anything have different marks; a name in the file or on the wire is six digits."""
    roster = directory(PLANT).rosters["evenings"]
    marks = {mark_of(one) for one in changes_of(roster)}
    assert len(marks) == 2
    assert all(len(one) == 6 and int(one, 16) >= 0 for one in marks)
    assert [in_words(one) for one in changes_of(roster)] == ["maria and jon swap", "jon"]


def test_times_are_written_as_they_are_read():
    """Now begins with this minute; a day is a day on the wall; the hour that comes twice has its offset."""
    night = read_moment("2026-10-25T00:30Z", ZONE)  # half past two, before the clocks go back
    assert written_moment(night, ZONE) == "2026-10-25T02:30"
    assert written_moment(night + 3_600_000, ZONE) == "2026-10-25T02:30+01:00"
    assert keys_of(Wanted("override", lasting="1d"), ZONE, night - 86_400_000 + 59_000) == {
        "from": "2026-10-24T02:30", "to": "2026-10-25T02:30",
    }  # fmt: skip
    assert (
        keys_of(Wanted("override", lasting="25h"), ZONE, night - 86_400_000)["to"] == "2026-10-25T02:30+01:00"
    )
    assert keys_of(Wanted("override", begins="2026-10-25T01:00Z", ends="2026-10-26"), ZONE, NOW)["from"] == (
        "2026-10-25T02:00+01:00"
    )


@pytest.mark.parametrize(
    ("wanted", "kind", "why"),
    [
        (Wanted("override", users=("jon",)), "conflict", "say until when, or for how long: one of the two"),
        (Wanted("override", ends="2026-04-01", lasting="1d"), "conflict", "one of the two"),
        (Wanted("override", lasting="soon"), "invalid", '"soon" is no length of time; write it like "90m"'),
        (Wanted("override", begins="tomorrow", ends="2026-04-01"), "invalid", '"tomorrow" is no time; write it like'),
        (override("2026-04-02", "2026-04-01", users=("jon",)), "conflict", "the end is not after the beginning"),
        (override("2026-04-01", "2026-04-02"), "conflict", "the override changes nothing; say who is on call"),
        (override("2026-04-01", "2026-04-02", users=("joN",)), "unknown", 'there is no user "joN"; did you mean'),
        (override("2026-04-01", "2026-04-02", users=("jon", "jon")), "conflict", "somebody is named twice"),
        (override("2026-04-01", "2026-04-02", users=("jon",), add=("eva",)), "conflict", "names all people in users"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for(wanted, kind, why):
    """It is said what to write instead."""
    with pytest.raises(RosterChangeRefused) as refused:
        change(wanted)
    assert refused.value.kind == kind
    assert why in str(refused.value)

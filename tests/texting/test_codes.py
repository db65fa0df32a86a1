"""A code names one telling of one alarm to one telephone, and nothing else for a day."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.alarms import Episode
from tocsin.alarms import store as alarm_store
from tocsin.calls.replying.codes import KEPT_MS, bound_in, fresh, keep_in, naming_in

MARIA, JON = "+46701234567", "+46707654321"
NOW = 1_800_000_000_000


@pytest.fixture
def told(db):
    """Tell a telephone of episodes by name; give the codes of the text."""

    def tell(*names, number=MARIA, now_ms=NOW, ack_version=1):
        def work(conn):
            known = alarm_store.by_ids(conn, names)
            news = [Episode(one, f"Plant/{one}", one, "High", NOW) for one in names if one not in known]
            if news:
                alarm_store.add(conn, news)
            found = alarm_store.by_ids(conn, names)
            episodes = [replace(found[one], ack_version=ack_version) for one in names]
            naming = naming_in(conn, number, episodes, now_ms)
            keep_in(conn, number, naming, episodes, person="maria", profile="text", now_ms=now_ms)
            return naming

        return db.write_now(work)

    return tell


def over(db, name):
    """Let an alarm be cleared and acknowledged."""

    def work(conn):
        one = alarm_store.by_ids(conn, [name])[name]
        ended = {"state": "cleared", "cleared_ms": NOW, "acked_ms": NOW, "acked_by": "jon"}
        assert alarm_store.change(conn, one, replace(one, version=one.version + 1, **ended))

    db.write_now(work)


def test_each_telephone_has_codes_of_its_own(told, db):
    """The same alarm may be 47 for Maria and for Jon; each stands for what that telephone was told."""
    assert told("A", "B").codes == ("47", "84")
    assert told("B", number=JON).codes == ("47",)
    bound = db.read_now(lambda conn: bound_in(conn, MARIA))
    assert [one.episode_id for one in bound["47"]] == ["A"]


def test_a_text_about_several_has_one_code_for_all_of_them(told, db):
    """It stands for those that were named, and for nothing that comes later."""
    naming = told("A", "B")
    told("C")
    bound = db.read_now(lambda conn: bound_in(conn, MARIA))
    assert [one.episode_id for one in bound[naming.all_code]] == ["A", "B"]
    assert told("A").all_code == ""


def test_an_alarm_told_again_keeps_its_code_until_it_is_told_anew(told):
    """A second text about the same is the same; after an acknowledgement that lapsed it is not."""
    first = told("A").codes
    assert told("A", now_ms=NOW + 60_000).codes == first
    assert told("A", now_ms=NOW + 120_000, ack_version=2).codes != first


def test_a_code_is_not_given_away_for_a_day_even_where_its_alarm_is_over(told, db):
    """An answer that comes late must not meet another alarm."""
    told("A")
    over(db, "A")
    assert "47" not in told("B", now_ms=NOW + KEPT_MS - 1).codes
    assert told("C", now_ms=NOW + KEPT_MS).codes == ("47",)


def test_a_code_stays_with_an_alarm_that_is_still_open_however_old(told):
    """Two days later 47 is still that alarm."""
    told("A")
    assert "47" not in told("B", now_ms=NOW + 2 * KEPT_MS).codes
    assert told("A", now_ms=NOW + 2 * KEPT_MS).codes == ("47",)


@given(taken=st.sets(st.integers(10, 9999).map(str), max_size=300), count=st.integers(0, 50))
def test_codes_are_new_each_and_as_short_as_can_be(taken, count):
    """Two digits while there are any; two in a row differ by more than one digit."""
    found = fresh(taken, count)
    assert len(found) == len(set(found)) == count
    assert not set(found) & taken
    if len(taken) < 90 - count:
        assert all(len(one) == 2 for one in found)
    free = fresh((), 90)
    assert all(
        sum(a != b for a, b in zip(one, two, strict=True)) == 2 for one, two in itertools.pairwise(free)
    )


def test_when_every_code_is_taken_there_is_none():
    """Then a text goes out without: the alarm is what matters."""
    assert fresh({str(number) for number in range(10, 10_000)}, 1) == []

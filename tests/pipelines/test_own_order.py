"""How each person wants to be told: their own order, with delays by priority, and what they want nothing over."""

from dataclasses import replace

from tests.pipelines.tale import JON, MARIA, Tale, crew, person

from tocsin.people.user import Telling, Wish
from tocsin.pipelines.plan import Notification, Plan


def maria_who_wishes(*wishes, **more):
    made = [Wish(priorities, Telling(profiles, after_ms)) for priorities, profiles, after_ms in wishes]
    return replace(person("maria", MARIA), wishes=tuple(made), **more)


def test_a_text_first_and_a_call_two_minutes_later():
    """As she has chosen; who is next waits for the step timer as ever."""
    maria = maria_who_wishes((None, ("sms",), 0), (None, ("phone",), 120_000))
    tale = Tale(crew(maria, person("jon", JON)))
    assert tale.go() == ["sms maria", "voice maria in 120 s"]
    assert tale.after(300) == ["voice jon"]


def test_it_may_depend_on_the_priority():
    """What is critical rings at once."""
    urgent, other = frozenset({"Critical"}), frozenset({"Low", "Medium", "High"})
    maria = maria_who_wishes((urgent, ("phone", "sms"), 0), (other, ("sms",), 0))
    assert Tale(crew(maria), priority="Critical").go() == ["voice maria", "sms maria"]
    assert Tale(crew(maria), priority="High").go() == ["sms maria"]


def test_over_what_a_person_has_opted_out_of_nothing_comes():
    """No text after a missed call, and none side by side."""
    maria = maria_who_wishes(opt_out=frozenset({"sms"}))
    tale = Tale(crew(maria, person("jon", JON)))
    assert tale.go() == ["voice maria"]
    assert "sms maria" not in tale.then("maria", "hung-up")


def test_whoever_wants_nothing_that_is_asked_for_is_passed_over_with_a_reason():
    """The next person is told at once."""
    maria = maria_who_wishes(opt_out=frozenset({"sms", "phone"}))
    tale = Tale(crew(maria, person("jon", JON)))
    assert tale.go() == ["voice jon"]
    assert tale.records[-1].data["left_out"] == {
        "maria": "does not want to be told over what these profiles use"
    }


def test_an_order_that_leads_nowhere_gives_way_to_the_usual_one():
    """A profile that is gone must not be the reason that nobody rings."""
    assert Tale(crew(maria_who_wishes((None, ("gone",), 0)))).go() == ["voice maria"]


def test_a_number_just_found_bad_is_no_reason_to_forget_the_other():
    """Her mobile is out of order; at home she may be reached."""
    home = "+4687654321"
    maria = person("maria", MARIA, ("phone", MARIA), ("phone", home))
    tale = Tale(crew(maria, person("jon", JON)))
    tale.go()

    class Bad:
        state, why = "bad", "the call failed"

    tale.unusable = {("voice", MARIA): Bad()}
    assert f"voice maria at {home}" in tale.then("maria", "failed-number")


def by(*profiles):
    return Plan((Notification("operations", profiles),))


def test_a_profile_that_was_renamed_while_an_alarm_is_open_silences_nobody():
    """The run keeps its blocks; where none of its profiles is left, everybody is told as they usually are."""
    tale = Tale(plan=by("phone"))
    assert tale.go() == ["voice maria"]
    tale.voice = ("line",)
    assert tale.after(300) == ["voice jon through line"]
    assert tale.records[-1].data["gone"] == ["phone"]


def test_of_several_profiles_those_that_are_left_are_used():
    """What was chosen stays chosen as far as it can."""
    tale = Tale(plan=by("phone", "text"), voice=("line",))
    assert tale.go() == ["sms maria"]


def test_what_only_informs_rings_nobody_because_its_profile_is_gone():
    """Somebody has acknowledged: no reason to call a whole roster."""
    tale = Tale(plan=by("texts"))
    tale.run = replace(tale.run, hook="ack")
    assert tale.go() == []


def test_of_two_texts_side_by_side_the_second_may_still_arrive():
    """Whose turn it is keeps it until both have failed."""
    other = "+46701112233"
    maria = person("maria", MARIA, ("text", MARIA), ("other", other))
    tale = Tale(crew(maria, person("jon", JON)), plan=by("text", "other"), messages=("text", "other"))
    assert [one.split()[1] for one in tale.go()] == ["maria", "maria"]
    first, second = tale.notices
    tale.notices = [first._replace(state="done", outcome="undelivered"), second]
    assert tale.go() == []
    tale.notices = [tale.notices[0], second._replace(state="done", outcome="undelivered")]
    assert {one.split()[1] for one in tale.go()} == {"jon"}

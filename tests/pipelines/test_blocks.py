"""A run's way through its blocks: rosters, delays, jumps, the end, and what stops it before."""

import pytest
from tests.pipelines.tale import EVA, JON, MARIA, PATH, START, Tale, crew, person

from tocsin.people import Directory, Roster, Schedule, User
from tocsin.pipelines.compiling import plan_of
from tocsin.pipelines.plan import BUILT_IN, Plan, fingerprint, from_stored, to_stored
from tocsin.pipelines.run import Position
from tocsin.pipelines.section import PipelineSection


def plan(*blocks, **more):
    return plan_of(PipelineSection.model_validate({"blocks": blocks, **more}))


SAMPLE = plan(
    {"type": "notification", "id": "first", "roster": "operations", "profiles": ["phone", "text"]},
    {"type": "delay", "for": "5m"},
    {"type": "jump", "to": "first", "times": 2},
)


def missed(tale, *people):
    """Everybody named lets it ring, twice each; give all that was asked for meanwhile."""
    asked = []
    for one in people:
        asked += tale.then(one, "no-answer")
        asked += tale.after(60)
        asked += tale.then(one, "no-answer")
    return asked


def rounds_until_nobody(tale, *people, pause):
    """Count the rounds in which everybody misses their calls until nobody is left to ask."""
    rounds = 0
    while not tale.nobody:
        rounds += 1
        missed(tale, *people)
        if not tale.nobody:
            assert tale.due_in == pause
            tale.after(pause)
    return rounds


# --- the built-in pipeline --------------------------------------------------------------------------------


def test_three_rounds_ten_minutes_apart_then_nobody_was_reached_and_an_hour_later_anew():
    """Nobody answers: the last resort after the third round, and it is not the end of it."""
    tale = Tale()
    tale.go()
    assert rounds_until_nobody(tale, "maria", "jon", pause=600) == 3
    assert tale.nobody[0].told == ()
    assert tale.run.waiting == (
        "nobody could be reached; the last resort is called, and the pipeline begins anew in 1 h"
    )
    assert tale.due_in == 3600
    assert tale.after(3600) == ["voice maria"]


def test_everybody_knew_and_nobody_acknowledged():
    """Who was told is named with the cry for help."""
    tale = Tale(crew(person("maria", MARIA)))
    tale.go()
    for _ in range(3):
        tale.then("maria", "notified-no-ack")
        tale.after(300)
        if not tale.nobody:
            tale.after(600)
    assert [one.told for one in tale.nobody] == [("maria",)]
    assert tale.nobody[0].why == "nobody of those who know of it has acknowledged"


def test_every_roster_in_order_and_nobody_twice_in_a_round():
    """Maria is on both rosters; she is asked once."""
    maria, jon, eva = person("maria", MARIA), person("jon", JON), person("eva", EVA)
    tale = Tale(Directory([maria, jon, eva], [Roster("day", (maria, jon)), Roster("night", (maria, eva))]))
    asked = tale.go()
    asked += tale.then("maria", "hung-up")
    asked += tale.then("jon", "hung-up")
    asked += tale.then("eva", "hung-up")
    assert [one for one in asked if one.startswith("voice")] == ["voice maria", "voice jon", "voice eva"]


def test_people_are_told_one_at_a_time():
    """While Maria's phone rings nobody else's does, until her five minutes are over."""
    tale = Tale()
    assert tale.go() == ["voice maria"]
    assert tale.after(299) == []
    assert tale.after(1) == ["voice jon"]
    assert (tale.records[-1].data["of"], tale.records[-1].data["because"]) == (
        "maria",
        "was not reached within 5 min",
    )


def test_a_call_still_under_way_is_not_asked_for_twice():
    """The queue is long: Maria's call of the first round still waits when the second begins."""
    tale = Tale(crew(person("maria", MARIA)))
    tale.go()
    tale.after(300)
    assert tale.after(600) == []
    assert tale.run.position.step.person == "maria"


# --- configured pipelines ---------------------------------------------------------------------------------


def test_profiles_are_told_side_by_side():
    """The crew of the sample project: call and text at once, person by person."""
    tale = Tale(plan=SAMPLE)
    assert tale.go() == ["voice maria", "sms maria"]
    assert tale.run.waiting == (
        "telling maria by voice and text; the next person is told in 5 min at the latest"
    )
    assert tale.then("maria", "voicemail") == ["voice maria in 180 s", "voice jon", "sms jon"]


def test_a_delay_waits_and_a_jump_goes_back_as_often_as_it_says():
    """Two jumps, so three rounds."""
    tale = Tale(plan=SAMPLE)
    tale.go()
    assert rounds_until_nobody(tale, "maria", "jon", pause=300) == 3


def test_a_delay_before_anybody_is_told_is_kept():
    """Some alarms are over by themselves."""
    tale = Tale(plan=plan({"type": "delay", "for": "30s"}, {"type": "notification", "roster": "operations"}))
    assert tale.go() == []
    assert tale.run.waiting == "waiting 30 s, then on to block 2"
    assert tale.after(29) == []
    assert tale.after(1) == ["voice maria"]


def test_the_step_timer_is_the_blocks_own():
    """Two minutes here."""
    tale = Tale(plan=plan({"type": "notification", "roster": "operations", "step": "2m"}))
    tale.go()
    assert tale.due_in == 120
    tale.then("maria", "notified-no-ack")
    assert tale.after(120) == ["voice jon"]


def test_a_plan_without_a_pause_does_not_spin():
    """Jumps in a circle with nobody to tell: a breath every minute instead of a busy gateway."""
    tale = Tale(
        crew(),
        plan=plan(
            {"type": "notification", "id": "a", "roster": "operations"},
            {"type": "jump", "to": "a", "times": 10**6},
        ),
    )
    tale.go()
    assert tale.due_in == 60
    assert len(tale.nobody) == 1


def test_a_pipeline_without_blocks_tells_nobody_and_says_so():
    """An alarm that nobody would hear of calls the last resort."""
    tale = Tale(plan=Plan(()))
    tale.go()
    assert len(tale.nobody) == 1
    assert tale.due_in == 3600


# --- whoever is not there ---------------------------------------------------------------------------------


def test_an_empty_roster_moves_on_at_once_with_a_record():
    """Nobody of the night crew by day; the next roster is asked without a wait."""
    jon = person("jon", JON)
    night = Schedule("night", frozenset(range(7)), 22 * 60, 23 * 60)
    directory = Directory([jon], [Roster("night", (person("eva", EVA),), night), Roster("all", (jon,))])
    blocks = [{"type": "notification", "roster": name} for name in ("night", "all")]
    tale = Tale(directory, plan=plan(*blocks))
    assert tale.go() == ["voice jon"]
    assert tale.records[0].kind == "run.roster-empty"
    assert tale.records[0].data["why"] == "roster night is off by its schedule night"
    assert tale.nobody == []


def test_nobody_on_call_at_all_is_said_at_once_and_the_run_waits_for_the_next_round():
    """Not silence until the third round: the last resort now, once, and a due time."""
    maria = person("maria", MARIA)
    directory = Directory([maria], [Roster("empty", ())])
    tale = Tale(directory)
    assert tale.go() == []
    assert [one.why for one in tale.nobody] == ["nobody is on call on any roster"]
    assert tale.due_in == 600
    tale.after(600)
    assert len(tale.nobody) == 1
    tale.directory = Directory([maria], [Roster("now", (maria,))])
    assert tale.after(600) == ["voice maria"]


class Gone:
    def __init__(self, state, why):
        self.state, self.why = state, why


def test_opted_out_numbers_are_left_out_with_the_reason():
    """Maria wrote STOP: her texts are not sent, her telephone still rings."""
    unusable = {("sms", MARIA): Gone("opted-out", "STOP")}
    tale = Tale(plan=SAMPLE, unusable=unusable)
    assert tale.go() == ["voice maria"]
    unusable[("voice", MARIA)] = Gone("bad", "error 21217")
    fresh = Tale(plan=SAMPLE, unusable=unusable)
    assert fresh.go() == ["voice jon", "sms jon"]
    assert fresh.records[-1].data["left_out"] == {"maria": "bad: error 21217"}


def test_a_bad_number_is_better_than_none():
    """Nobody else is left: Maria's number, bad lately, is called; what she opted out of stays out."""
    unusable = {("voice", MARIA): Gone("bad", "error 21217"), ("sms", MARIA): Gone("opted-out", "STOP")}
    tale = Tale(crew(person("maria", MARIA)), plan=SAMPLE, unusable=unusable)
    assert tale.go() == ["voice maria"]


def test_who_may_not_hear_an_alarm_is_not_called_for_it():
    """Jon's areas lie elsewhere; he is left out with that reason."""
    tale = Tale(crew(person("jon", JON, areas=("Plant/Power",)), person("maria", MARIA)))
    assert tale.go() == ["voice maria"]
    assert tale.records[-1].data["left_out"] == {"jon": f"{PATH} is in none of their areas"}


def test_somebody_without_a_usable_contact_is_left_out():
    """A pager number nobody can reach from here."""
    tale = Tale(crew(User("eva", 3, "Eva"), person("maria", MARIA)))
    assert tale.go() == ["voice maria"]
    assert "eva" in tale.records[-1].data["left_out"]


def test_people_are_read_live():
    """Jon left the crew while Maria was called; the next is whoever is next now."""
    tale = Tale()
    tale.go()
    tale.directory = crew(person("maria", MARIA), person("eva", EVA))
    assert tale.then("maria", "hung-up") == ["sms maria", "voice eva"]


def test_a_contact_that_names_a_profile_goes_through_that():
    """Eva is called through the backup account only."""
    tale = Tale(crew(person("eva", EVA, ("backup", EVA))), voice=("phone", "backup"))
    assert tale.go() == ["voice eva through backup"]


# --- what ends or pauses a run --------------------------------------------------------------------------


def test_cleared_ends_it():
    """Returned to normal: what is on its way is taken back."""
    tale = Tale()
    tale.go()
    tale.becomes(state="cleared")
    assert (tale.run.state, tale.run.ended_why) == ("ended", "the alarm has cleared")
    assert tale.decision.withdraw == "cancelled-by-clear"
    assert tale.run.due_ms is None


def test_a_pipeline_that_does_not_drop_out_at_clear_goes_on_until_acknowledged():
    """Some alarms want a person even after they are over."""
    tale = Tale(plan=plan({"type": "notification", "roster": "operations"}, drop_out=["acknowledged"]))
    tale.go()
    tale.becomes(state="cleared")
    assert tale.run.state == "running"
    tale.becomes(acked_ms=tale.now, acked_by="jon", acked_via="sms")
    assert tale.run.ended_why == "acknowledged by jon"


def test_a_pipeline_that_does_not_drop_out_at_acknowledge_ends_with_its_blocks():
    """Everybody is told although Maria has it; that nobody was reached is then no question."""
    tale = Tale(plan=plan({"type": "notification", "roster": "operations"}, drop_out=["cleared"]))
    tale.go()
    assert tale.then("maria", "acked") == []
    tale.becomes(acked_ms=tale.now, acked_by="maria", acked_via="voice")
    assert tale.after(300) == ["voice jon"]
    tale.after(300)
    assert (tale.run.state, tale.nobody) == ("ended", [])


def test_shelving_pauses_and_the_end_of_it_resumes_with_the_round_anew():
    """Maria shelves while Jon is called: his call is taken back, and an hour later it begins with Maria."""
    tale = Tale()
    tale.go()
    tale.then("maria", "hung-up")
    until = tale.now + 3_600_000
    assert tale.becomes(shelved_until_ms=until, shelved_by="maria") == []
    assert (tale.run.state, tale.run.due_ms) == ("running", until)
    assert tale.decision.withdraw == "cancelled-by-clear"
    assert tale.run.waiting == "shelved by maria; goes on when that is over"
    assert tale.after(1800) == []
    assert tale.after(1800) == ["voice maria"]
    assert tale.kinds()[-2:] == ["run.resumed", "run.step"]


def test_unshelved_early_resumes_at_once():
    """It does not wait for the end of a shelving that is over."""
    tale = Tale()
    tale.go()
    tale.becomes(shelved_until_ms=tale.now + 3_600_000, shelved_by="maria")
    tale.now += 60_000
    assert tale.becomes(shelved_until_ms=None, shelved_by=None) == ["voice maria"]


def test_shelved_for_longer_waits_for_longer():
    """The later end counts."""
    tale = Tale()
    tale.go()
    tale.becomes(shelved_until_ms=tale.now + 60_000, shelved_by="maria")
    tale.becomes(shelved_until_ms=tale.now + 600_000, shelved_by="jon")
    assert tale.due_in == 600


def test_an_alarm_out_of_service_or_suppressed_waits_until_that_is_over():
    """Maintenance without an end, then logic of the plant: nobody is told, and somebody looks every hour."""
    tale = Tale()
    tale.alarm = tale.alarm._replace(out_of_service_ms=START, out_of_service_by="jon")
    assert tale.go() == []
    assert tale.run.waiting == "taken out of service by jon; goes on when that is over"
    assert tale.due_in == 3600
    assert tale.after(3600) == []
    assert tale.kinds() == ["run.paused"]
    tale.becomes(
        suppressed_ms=tale.now, suppressed_by="", suppressed_rule="pump stopped", out_of_service_ms=None
    )
    assert tale.run.waiting == "suppressed by pump stopped; goes on when that is over"
    assert tale.becomes(suppressed_ms=None) == ["voice maria"]


def test_out_of_service_for_a_time_ends_by_itself():
    """The pause is as long as the maintenance."""
    tale = Tale()
    tale.go()
    tale.becomes(
        out_of_service_ms=tale.now, out_of_service_until_ms=tale.now + 600_000, out_of_service_by="jon"
    )
    assert tale.due_in == 600
    assert tale.after(600) == ["voice maria"]


@pytest.mark.parametrize(
    "put_aside",
    [
        {"shelved_until_ms": START + 3_600_000, "shelved_by": "maria"},
        {"out_of_service_ms": START, "out_of_service_by": "jon"},
        {"suppressed_ms": START, "suppressed_by": "jon"},
    ],
)
def test_nobody_is_told_of_what_is_put_aside_whatever_the_pipeline_drops_out_for(put_aside):
    """A call would have nothing to say: no call hears of an alarm that is put aside."""
    tale = Tale(plan=plan({"type": "notification", "roster": "operations"}, drop_out=["acknowledged"]))
    tale.go()
    assert tale.becomes(**put_aside) == []
    assert tale.run.position.waiting == "aside"
    assert tale.decision.withdraw == "cancelled-by-clear"


def test_an_alarm_that_needs_no_acknowledgement_ends_when_somebody_was_told():
    """There is nothing more to wait for."""
    tale = Tale()
    tale.alarm = tale.alarm._replace(ack_mode="Unused", acked_ms=START, acked_via="unused")
    assert tale.go() == ["voice maria"]
    assert tale.then("maria", "voicemail") != []
    tale.then("jon", "notified-no-ack")
    assert tale.run.ended_why == "needs no acknowledgement, and was heard by jon"


def test_passing_on_in_the_call_tells_the_next_person_while_it_lasts():
    """Maria is still on the line."""
    tale = Tale()
    tale.go()
    assert tale.go(passed_on_by="maria") == ["voice jon"]
    assert tale.then("maria", "passed") == []
    assert tale.run.position.step.person == "jon"


def test_a_stray_timer_changes_nothing():
    """Woken too early, it decides the same as before and waits on."""
    tale = Tale()
    tale.go()
    due, version = tale.run.due_ms, tale.run.version
    tale.now += 1000
    tale.go()
    assert (tale.decision.changed, tale.run.due_ms, version) == (False, due, version)


# --- plans ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", [BUILT_IN, SAMPLE, Plan(())])
def test_a_stored_plan_reads_as_it_was(one):
    """And has the same name."""
    assert from_stored(to_stored(one)) == one
    assert fingerprint(from_stored(to_stored(one))) == fingerprint(one)


def test_a_position_survives_storing():
    """JSON there and back."""
    tale = Tale()
    tale.go()
    tale.then("maria", "busy")
    import msgspec

    stored = msgspec.json.decode(msgspec.json.encode(tale.run.position))
    assert msgspec.convert(stored, Position) == tale.run.position

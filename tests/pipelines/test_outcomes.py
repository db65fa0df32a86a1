"""What follows each way in which telling somebody can end: one story per row of the table."""

import pytest
from tests.pipelines.tale import JON, MARIA, MARIA_HOME, Tale, configured, crew, person

from tocsin.calls.outcome import OUTCOMES, told
from tocsin.pipelines.outcomes import DEFAULTS, Outcomes
from tocsin.pipelines.plan import Notification, Plan
from tocsin.pipelines.run import TakeBack
from tocsin.pipelines.section import OutcomeSection

START = 5 * 60


@pytest.fixture
def tale():
    """Maria is being called about an alarm of priority High; Jon is next."""
    begun = Tale()
    assert begun.go() == ["voice maria"]
    return begun


def test_acknowledged_by_whoever_was_called_ends_the_run(tale):
    """The acknowledgement itself is what ends it, whatever the call's outcome says before."""
    assert tale.then("maria", "acked") == []
    assert tale.run.state == "running"
    tale.becomes(acked_ms=tale.now, acked_by="maria", acked_via="voice")
    assert (tale.run.state, tale.run.ended_why) == ("ended", "acknowledged by maria")
    assert tale.decision.withdraw == "cancelled-by-ack"


@pytest.mark.parametrize("outcome", ["notified-no-ack", "partly-acked"])
def test_whoever_was_told_has_the_step_timer(tale, outcome):
    """Maria heard it and acknowledged nothing, or not this: Jon is told five minutes later."""
    tale.after(40)
    assert tale.then("maria", outcome) == []
    assert tale.due_in == 5 * 60
    assert tale.run.waiting == "maria was told and has 5 min to acknowledge; then the next person is told"
    assert tale.after(299) == []
    assert tale.after(1) == ["voice jon"]
    assert tale.records[-1].data["because"] == "did not acknowledge within 5 min"


def test_a_critical_alarm_rings_again_at_half_time():
    """Maria heard a Critical one: she is called once more after half the step timer, Jon after all of it."""
    tale = Tale(priority="Critical")
    tale.go()
    assert tale.then("maria", "notified-no-ack") == ["voice maria in 150 s"]
    tale.after(200)
    assert tale.then("maria", "notified-no-ack") == []
    assert tale.after(100) == ["voice jon"]


def test_whoever_knows_of_it_is_not_chased():
    """The call at half time is not answered: no redial, no text, and Jon is still told at his time."""
    tale = Tale(priority="Critical")
    tale.go()
    tale.then("maria", "notified-no-ack")
    tale.after(170)
    assert tale.then("maria", "no-answer") == []
    assert tale.due_in == 130


def several():
    """A Critical alarm that two people have to acknowledge; Maria does while she is being called."""
    tale = Tale(priority="Critical")
    tale.becomes(ackers_needed=2)
    tale.after(30)
    tale.becomes(ackers=("maria",))
    return tale


def test_whoever_has_acknowledged_as_one_of_several_is_not_called_again():
    """Maria has done her part in the call: Jon is told now, and she gets no call at half time."""
    tale = several()
    assert [one.person for one in tale.notices] == ["maria", "jon"]
    assert tale.run.position.step.person == "jon"
    assert tale.then("maria", "acked") == []
    assert tale.after(150) == []


@pytest.mark.parametrize("outcome", ["no-answer", "busy", "answered-silent"])
def test_whoever_has_acknowledged_another_way_meanwhile_is_not_followed_up(outcome):
    """By text, say, while the phone rang: no redial and no text to Maria, and Jon keeps his time."""
    tale = several()
    assert tale.then("maria", outcome) == []
    assert (tale.run.state, tale.run.position.step.person) == ("running", "jon")


def test_what_is_on_its_way_to_whoever_has_acknowledged_is_taken_back_once():
    """The call that rings for Maria, and later what has come back into the queue; Jon's is not touched."""
    tale = Tale()
    tale.becomes(ackers_needed=2)
    tale.notices[0] = tale.notices[0]._replace(state="placed")
    tale.becomes(ackers=("maria",))
    assert [one.ids for one in tale.all_effects if isinstance(one, TakeBack)] == [(1,)]
    tale.after(1)
    assert [one.ids for one in tale.all_effects if isinstance(one, TakeBack)] == [(1,)]
    tale.notices[0] = tale.notices[0]._replace(state="queued")
    tale.after(1)
    assert [one.ids for one in tale.all_effects if isinstance(one, TakeBack)] == [(1,), (1,)]


def test_when_the_pipeline_starts_over_only_the_others_are_told():
    """Maria has done her part for good: nothing is sent to her, and she is not counted as told anew."""
    tale = Tale(plan=Plan((Notification("operations"),), start_over_ms=600_000))
    tale.becomes(ackers_needed=2)
    tale.becomes(ackers=("maria",))
    tale.then("jon", "failed-number")
    assert len(tale.nobody) == 1
    assert tale.after(600) == ["voice jon"]
    assert tale.run.position.told == []
    tale.becomes(ackers=())
    assert tale.run.position.spared == []


def test_where_nobody_is_left_to_be_next_those_who_were_told_keep_their_time():
    """Maria was told first and drives home; Jon, the last, acknowledges: nobody calls the last resort yet."""
    tale = Tale()
    tale.becomes(ackers_needed=2)
    tale.then("maria", "notified-no-ack")
    tale.after(300)
    tale.then("jon", "acked")
    tale.becomes(ackers=("jon",))
    assert (tale.due_in, tale.nobody) == (300, [])
    assert tale.decision.reason == "jon has acknowledged, 1 more must; waiting for maria, 5 min at most"
    tale.after(300)
    assert "jon: has acknowledged, nobody else did within 5 min" in tale.decision.reason


def test_passed_on_tells_the_next_person_now(tale):
    """Five on the keypad: Jon is called at once, and Maria counts as told."""
    assert tale.then("maria", "passed") == ["voice jon"]
    assert tale.run.position.told == ["maria"]
    assert (tale.records[-1].data["of"], tale.records[-1].data["because"]) == ("maria", "passed")


@pytest.mark.parametrize("outcome", ["answered-silent", "hung-up"])
def test_silence_gets_a_text_and_the_next_person_now(tale, outcome):
    """Nobody can say who that was: a text to Maria, a call to Jon."""
    assert tale.then("maria", outcome) == ["sms maria", "voice jon"]


@pytest.mark.parametrize("outcome", ["pin-failed", "locked"])
def test_a_wrong_pin_is_told_to_the_admin_and_the_next_person_is_called(tale, outcome):
    """Escalation does not wait for somebody who cannot prove who they are."""
    assert tale.then("maria", outcome) == ["voice jon"]
    assert tale.admin == [(outcome, "maria")]


@pytest.mark.parametrize("outcome", ["voicemail", "fax"])
def test_a_machine_gets_a_text_the_next_person_now_and_one_more_call(tale, outcome):
    """A machine is nobody: text to Maria, Jon now, Maria once more after three minutes, and only once."""
    assert tale.then("maria", outcome) == ["sms maria", "voice maria in 180 s", "voice jon"]
    tale.after(200)
    assert tale.then("maria", outcome) == []


def test_a_second_call_that_reaches_her_is_taken_account_of(tale):
    """Maria answers the call after three minutes while it is Jon's turn: she counts as told, he goes on."""
    tale.then("maria", "voicemail")
    tale.after(200)
    assert tale.then("maria", "notified-no-ack") == []
    assert (tale.run.position.told, tale.run.position.step.person) == (["maria"], "jon")


def test_busy_is_called_again_twice_then_the_next_person(tale):
    """Forty-five seconds apart, twice; no text."""
    assert tale.then("maria", "busy") == ["voice maria in 45 s"]
    assert tale.run.waiting == "maria: busy; called again in 45 s"
    tale.after(50)
    assert tale.then("maria", "busy") == ["voice maria in 45 s"]
    tale.after(50)
    assert tale.then("maria", "busy") == ["voice jon"]


def test_no_answer_gets_a_text_at_the_first_miss_one_redial_then_the_next_person(tale):
    """Thirty seconds later once more, then Jon; the text is sent once."""
    assert tale.then("maria", "no-answer") == ["sms maria", "voice maria in 30 s"]
    tale.after(60)
    assert tale.then("maria", "no-answer") == ["voice jon"]


def test_a_number_that_is_none_is_flagged_and_the_next_person_called(tale):
    """A text to the same number would reach nobody either."""
    assert tale.then("maria", "failed-number") == ["voice jon"]
    assert tale.admin == [("failed-number", "maria")]


def test_a_bad_number_does_not_keep_a_text_from_another():
    """Maria's telephone is gone, her pager takes texts."""
    tale = Tale(crew(person("maria", MARIA, ("phone", MARIA), ("sms", MARIA_HOME)), person("jon", JON)))
    tale.go()
    assert tale.then("maria", "failed-number") == [f"sms maria at {MARIA_HOME}", "voice jon"]


def test_no_provider_took_it_so_the_next_person_is_tried_and_she_once_more(tale):
    """Other accounts were tried before this outcome comes; they may be back in two minutes."""
    assert tale.then("maria", "failed-provider") == ["sms maria", "voice maria in 120 s", "voice jon"]


@pytest.mark.parametrize("outcome", ["busy", "no-answer", "failed-number", "failed-provider"])
def test_a_second_telephone_is_tried_before_the_next_person(outcome):
    """Maria has one at home: it rings before Jon's does."""
    contacts = [("phone", MARIA), ("phone", MARIA_HOME), ("sms", MARIA)]
    tale = Tale(crew(person("maria", MARIA, *contacts), person("jon", JON)))
    tale.go()
    for _ in range(3):
        asked = tale.then("maria", outcome)
        if f"voice maria at {MARIA_HOME}" in asked:
            break
        tale.after(60)
    else:
        pytest.fail("her other telephone never rang")
    assert "voice jon" not in asked


@pytest.mark.parametrize("outcome", ["cancelled-by-ack", "cancelled-by-clear"])
def test_what_was_cancelled_asks_for_nothing(tale, outcome):
    """Only the step timer is left, should the run go on at all."""
    assert tale.then("maria", outcome) == []
    assert tale.due_in == 5 * 60


def test_an_outcome_nobody_has_a_row_for_is_a_miss(tale):
    """Rather one person too many."""
    assert tale.then("maria", "something-new") == ["sms maria", "voice jon"]


# --- people without a telephone -------------------------------------------------------------------------


@pytest.fixture
def texted():
    """Maria has only texts."""
    begun = Tale(crew(person("maria", MARIA, ("sms", MARIA), ("sms", MARIA_HOME)), person("jon", JON)))
    assert begun.go() == ["sms maria"]
    return begun


def test_a_delivered_text_is_given_the_step_timer(texted):
    """Delivered is not read: it waits, and moves nobody on."""
    assert texted.then("maria", "delivered", "sms") == []
    assert texted.run.position.told == []
    assert texted.after(5 * 60) == ["voice jon"]


@pytest.mark.parametrize("outcome", ["undelivered", "no-receipt", "failed-provider"])
def test_a_text_that_did_not_arrive_goes_to_the_next_number_then_to_the_next_person(texted, outcome):
    """Never the same text to the same number."""
    assert texted.then("maria", outcome, "sms") == [f"sms maria at {MARIA_HOME}"]
    assert texted.then("maria", outcome, "sms") == ["voice jon"]


def test_a_text_beside_a_call_decides_nothing(tale):
    """The call is what counts; its text may fail as it likes."""
    tale.then("maria", "no-answer")
    assert tale.then("maria", "undelivered", "sms") == []
    assert tale.run.position.step.person == "maria"


# --- the table ------------------------------------------------------------------------------------------


def test_every_outcome_of_a_call_has_its_row_and_says_the_same_of_told():
    """The rows are those of the words calls use; cancelled calls have none."""
    rows = {one for one in OUTCOMES if not one.startswith("cancelled-")}
    assert rows <= set(DEFAULTS)
    assert {one for one in rows if DEFAULTS[one].told} == {one for one in rows if told(one)}


def test_a_project_changes_a_row_and_keeps_the_rest():
    """Three redials instead of one; the text stays."""
    table = Outcomes(configured(no_answer={"redial_times": 3, "redial_after": "20s"}))
    rule = table.rule("High", "no-answer")
    assert (rule.redial_times, rule.redial_ms, rule.text) == (3, 20_000, True)
    assert table.rule("High", "busy") == DEFAULTS["busy"]


def test_a_priority_goes_before_default_and_both_before_what_is_built_in():
    """Key by key: what one table leaves out comes from the next."""
    table = Outcomes(
        {
            "default": {"notified-no-ack": OutcomeSection(again_after="1m", admin=True)},
            "Critical": {"notified-no-ack": OutcomeSection(next="now")},
            "Low": {"voicemail": OutcomeSection(again_after="never", text=False)},
        }
    )
    critical = table.rule("Critical", "notified-no-ack")
    assert (critical.again_ms, critical.next, critical.admin) == (60_000, "now", True)
    assert table.rule("High", "notified-no-ack").next == "after-step"
    low = table.rule("Low", "voicemail")
    assert (low.again_ms, low.text) == (None, False)
    assert table.rule("Medium", "voicemail") == DEFAULTS["voicemail"]


def test_a_configured_row_is_what_the_run_goes_by():
    """No patience with answering machines: no text, no second call."""
    tale = Tale(outcomes=configured(voicemail={"text": False, "again_after": "never"}))
    tale.go()
    assert tale.then("maria", "voicemail") == ["voice jon"]

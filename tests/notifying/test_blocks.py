"""Each kind of block, as phones live through it: a pipeline in a file, an alarm, and what rings."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.notifying.conftest import with_texts
from tests.plant import write_project

WHOSE = 'result = {"whose": "jon" if alarm.data["area"] == "dam" else "maria"}\n'


@pytest.fixture(scope="session")
def pipelines_folder(tmp_path_factory):
    """One folder with all pipelines, so that its workers are made once."""
    folder = write_project(tmp_path_factory.mktemp("blocks") / "riverside")
    file = folder / "tocsin.toml"
    file.write_text(with_texts(file.read_text()))
    (folder / "pipelines.toml").write_text((Path(__file__).parent / "pipelines.toml").read_text())
    (folder / "pipeline_scripts").mkdir()
    (folder / "pipeline_scripts" / "whose.py").write_text(WHOSE)
    return folder


@pytest.fixture
def project(pipelines_folder):
    return pipelines_folder


def acknowledges(phone, pin):
    return phone.hears("Press 1").presses("1").hears("PIN").presses(f"{pin}#").hears("Acknowledged")


# --- side by side -----------------------------------------------------------------------------------------


def test_a_splitter_tells_two_ways_at_once(told, phone):
    """Maria is called and Jon texted at the same moment; one acknowledgement ends both branches."""
    alarm = told.raises("Stories/splitter")
    phone("jon").gets_sms("splitter", within=5)
    acknowledges(phone("maria").answers(within=5), 4711)
    assert alarm.is_acknowledged(by="maria")
    told.waits(minutes=20)


def test_parallel_branches_are_waited_for(told, phone):
    """Behind them the supervisor is called once both have had their time, not before."""
    alarm = told.raises("Stories/parallel")
    phone("maria").gets_sms("parallel", within=5)
    phone("jon").gets_sms("parallel", within=5)
    told.waits(minutes=2.5)
    acknowledges(phone("eva").answers(within=60), 2846)
    assert alarm.is_acknowledged(by="eva")


def test_the_first_of_parallel_branches_can_be_enough(told, phone):
    """Two minutes are over before Maria's hour is: the supervisor is called, and nobody else after that."""
    alarm = told.raises("Stories/race")
    phone("maria").gets_sms("race", within=5)
    told.waits(seconds=110)
    acknowledges(phone("eva").answers(within=20), 2846)
    assert alarm.is_acknowledged(by="eva")
    told.waits(minutes=20)


# --- choosing ---------------------------------------------------------------------------------------------


def test_a_switch_chooses_by_priority(told, phone):
    """What is critical is called about, anything else is texted."""
    told.raises("Stories/switch", priority="Low")
    phone("maria").gets_sms("switch", within=5)
    told.clears("Stories/switch")
    alarm = told.raises("Stories/switch", priority="Critical")
    acknowledges(phone("maria").answers(within=90), 4711)
    assert alarm.is_acknowledged(by="maria")


def test_at_night_an_expression_sends_a_text_instead(told, phone):
    """At ten past three by the plant's wall clock a text to Maria will do."""
    told.at("03:10")
    told.raises("Stories/expression", data={"area": "intake"})
    phone("maria").gets_sms("expression", within=5)
    told.clears("Stories/expression")


def test_by_day_it_does_not(told, phone):
    """The same alarm in the afternoon is called about."""
    alarm = told.raises("Stories/expression", data={"area": "intake"})
    acknowledges(phone("jon").answers(within=5), 9163)
    assert alarm.is_acknowledged(by="jon")


def test_nor_for_what_its_data_tells(told, phone):
    """The boiler is called about at night as well."""
    told.at("03:10")
    alarm = told.raises("Stories/expression", data={"area": "boiler"})
    acknowledges(phone("jon").answers(within=5), 9163)
    assert alarm.is_acknowledged(by="jon")


def test_what_a_block_sets_another_can_ask_for(told, phone):
    """Two texts, a minute apart; the third time it is a call."""
    alarm = told.raises("Stories/set-property")
    phone("maria").gets_sms("set-property", within=5)
    phone("maria").gets_sms("set-property", within=70)
    acknowledges(phone("maria").answers(within=150), 4711)
    assert alarm.is_acknowledged(by="maria")


# --- time and circles -------------------------------------------------------------------------------------


def test_what_is_over_within_the_delay_is_told_to_nobody(told, phone):
    """Two minutes' grace; the second time it lasts."""
    told.raises("Stories/delay")
    told.waits(seconds=100)
    told.clears("Stories/delay")
    told.waits(minutes=10)
    told.raises("Stories/delay")
    phone("maria").answers(within=125).hears("delay").hangs_up()


def test_jumps_go_back_so_many_times_and_then_into_another_pipeline(told, phone):
    """Three texts; then the other pipeline waits its two minutes and calls."""
    alarm = told.raises("Stories/jump")
    for _ in range(3):
        phone("maria").gets_sms("jump", within=70)
    told.waits(minutes=2)
    acknowledges(phone("maria").answers(within=150), 4711)
    assert alarm.is_acknowledged(by="maria")


def test_a_retry_ends_when_somebody_was_told(told, phone):
    """Maria misses the first calls; at the second try she hears it, and so the supervisor is next."""
    alarm = told.raises("Stories/retry")
    phone("maria").does_not_answer(within=5)
    phone("maria").does_not_answer(within=90)
    phone("maria").answers(within=300).hears("retry", "Press 1").presses("3").hears("retry").hangs_up()
    acknowledges(phone("eva").answers(within=120), 2846)
    assert alarm.is_acknowledged(by="eva")


def test_waiting_for_an_outcome_ends_with_it(told, phone):
    """As soon as the text is delivered Jon is called as well, not after an hour."""
    alarm = told.raises("Stories/outcome")
    phone("maria").gets_sms("outcome", within=5)
    acknowledges(phone("jon").answers(within=60), 9163)
    assert alarm.is_acknowledged(by="jon")


def test_a_script_says_who_is_called(told, phone):
    """It looks at the alarm: what concerns the dam is Jon's, and Maria hears nothing of it."""
    alarm = told.raises("Stories/asking", data={"area": "dam"})
    acknowledges(phone("jon").answers(within=10), 9163)
    assert alarm.is_acknowledged(by="jon")


def test_a_script_that_cannot_run_is_no_reason_to_be_silent(told, phone):
    """The block's failed branch tells everybody at once."""
    told.raises("Stories/script")
    for one in ("maria", "jon", "eva"):
        phone(one).gets_sms("script", within=10)
    told.clears("Stories/script")


# --- many alarms ------------------------------------------------------------------------------------------


def test_what_goes_out_together_is_one_text_and_the_next_keeps_its_distance(told, phone):
    """Half a minute is waited for more; then ten minutes pass before the next text; Critical waits for none."""
    told.raises("Stories/collect", label="one")
    told.waits(seconds=20)
    told.raises("Stories/collect", label="one again")
    told.waits(seconds=5)
    phone("maria").gets_sms("one", within=10)
    told.clears("Stories/collect")
    told.raises("Stories/collect", label="two")
    told.waits(minutes=9)
    phone("maria").gets_sms("two", within=70)
    told.clears("Stories/collect")
    told.raises("Stories/collect", label="three", priority="Critical")
    phone("maria").gets_sms("three", within=5)


# --- several people ---------------------------------------------------------------------------------------


def test_several_people_have_to_acknowledge(told, phone):
    """Both phones ring in the same moment, and one acknowledgement is not enough."""
    alarm = told.raises("Stories/several")
    jon = phone("jon").rings(within=5)
    acknowledges(phone("maria").answers(within=5), 4711).is_hung_up()
    assert alarm.is_not_acknowledged()
    acknowledges(jon.answers(), 9163)
    assert alarm.is_acknowledged(by="jon")


def test_whoever_has_acknowledged_is_left_alone_while_others_are_awaited(told, phone):
    """Jon misses his calls; Maria has done her part, and the last resort hears that one of two is not enough."""
    alarm = told.raises("Stories/several")
    acknowledges(phone("maria").answers(within=5), 4711).is_hung_up()
    phone("jon").does_not_answer(within=30).does_not_answer(within=90)
    told.waits(minutes=10)
    (waiting,) = told.do(told.running.gateway.notifying.runs.waiting(alarm.episode.id))
    assert waiting["why"].startswith("1 of 2 people has acknowledged (maria has, jon has not)")


# --- drop-outs and what follows ---------------------------------------------------------------------------


def test_an_alarm_that_is_over_is_told_all_the_same_where_the_pipeline_says_so(told, phone):
    """Clearing is no drop-out here: it must be acknowledged."""
    told.raises("Stories/stays")
    told.clears("Stories/stays")
    phone("maria").gets_sms("stays", within=70)


def test_shelving_lets_it_rest_and_then_it_goes_on(told, phone):
    """The phone that rings stops; a quarter of an hour later it rings again."""
    alarm = told.raises("Stories/at once")
    phone("maria").gets_sms("at once", within=5).rings(within=5)
    told.do(told.running.gateway.services.board.shelve([alarm.episode.id], by="jon", via="api", minutes=15))
    phone("maria").is_hung_up()
    told.waits(minutes=14)
    phone("maria").gets_sms("at once", within=120)
    acknowledges(phone("maria").answers(within=60), 4711)
    assert alarm.is_acknowledged(by="maria")


def test_taken_over_and_over_are_told_by_text(told, phone):
    """The supervisor hears that somebody has it, everybody that it is over; nobody is asked for anything."""
    alarm = told.raises("Stories/hooks")
    acknowledges(phone("maria").answers(within=130), 4711)
    assert alarm.is_acknowledged(by="maria")
    phone("eva").gets_sms("hooks acknowledged by Maria Lind", within=10)
    told.clears("Stories/hooks")
    for one in ("maria", "jon", "eva"):
        phone(one).gets_sms("hooks back to normal", within=90)
    told.waits(minutes=20)

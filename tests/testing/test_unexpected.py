"""Whatever a story does not tell fails its test, whether a line of the test notices or not."""

from __future__ import annotations

import pytest

CONFTEST = """
import pathlib
import pytest

pytest_plugins = ["tocsin.testing"]
"""

STORIES = """
HIGH = "Plant/Pump 2/High level"
FAILS = "total = 1 / 0"


def test_told_to_its_end(plant, phone):
    plant.raises(HIGH)
    plant.calls("maria").answers().hears("Pump 2").hangs_up()


def test_left_in_mid_call(plant):
    plant.raises(HIGH)
    plant.calls("maria").answers()


def test_a_phone_rings(plant):
    plant.calls("jon")


def test_a_phone_rings_again(plant, phone):
    plant.calls("jon").answers().hangs_up()
    plant.calls("jon")


def test_a_text_comes(plant, phone):
    plant.saves("10_talk.py", 'system.twilio.sendMessage("+46707654321", "Pump 2 is high")')
    phone("maria").dials().hangs_up()


def test_a_script_fails(plant, phone):
    plant.saves("10_talk.py", FAILS)
    phone("maria").dials().hears("PIN").hangs_up()


def test_a_script_fails_as_told(plant, phone):
    plant.saves("10_talk.py", FAILS)
    phone("maria").dials().hears("PIN").hangs_up()
    assert plant.script_fails("10_talk.py:1")


def test_an_assertion_of_its_own(plant, phone):
    phone("maria").dials().hears("PIN")
    assert 1 + 1 == 3


def test_nothing_of_a_plant_at_all(plant):
    pass


def test_wrong_words(plant, phone):
    phone("maria").dials().hears("Pump 3")


async def test_turned_by_somebody_else(plant):
    plant.raises(HIGH)


def test_called_twice_at_once(plant):
    plant.calls("maria")
    plant.calls("maria").answers().hangs_up()


def test_called_while_talking(plant):
    maria = plant.calls("maria").answers()
    plant.calls("maria")
    plant.waits(seconds=3)
    maria.hangs_up()


def test_rang_out_before(plant):
    plant.calls("jon")
    plant.waits(minutes=2)
    plant.calls("jon").answers().hangs_up()


def test_a_text_comes_before_another(plant, phone):
    texts = [f'system.twilio.sendMessage("+46707654321", "{text}")' for text in ("one", "two")]
    plant.saves("10_talk.py", "\\n".join(texts))
    phone("maria").dials().hangs_up()
    phone("jon").gets_sms("two")


def test_a_plant_by_another_way(request):
    request.getfixturevalue("plant").calls("jon")


def test_a_gateway_that_fails(plant, phone):
    network = plant.running.network
    gateway = network._gateway.app

    async def broken(scope, receive, send):
        if "/status/" in scope["path"]:
            raise RuntimeError("a fault of the gateway")
        await gateway(scope, receive, send)

    network._gateway.app = broken
    phone("maria").dials().hears("PIN").hangs_up()


def test_a_gateway_that_answers_nonsense(plant, phone):
    async def nonsense(scope, receive, send):
        headers = [(b"content-type", b"application/xml")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"<Response><Say></Response>"})

    plant.running.network._gateway.app = nonsense
    phone("maria").dials().hears("application error").is_hung_up()
"""


@pytest.fixture(scope="module")
def results(riverside, tmp_path_factory):
    """Run all of them once, in a process of their own, and return what pytest printed."""
    import subprocess
    import sys
    from pathlib import Path

    folder = tmp_path_factory.mktemp("stories")
    (folder / "pytest.ini").write_text("[pytest]\nanyio_mode = auto\n")
    (folder / "conftest.py").write_text(
        f"{CONFTEST}\n@pytest.fixture\ndef project():\n    return pathlib.Path({str(riverside)!r})\n"
    )
    (folder / "test_stories.py").write_text(STORIES)
    runtime = Path(__file__).parents[2] / "runtime"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "--color=no", str(folder)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PYTHONPATH": str(runtime), "PATH": "/usr/bin:/bin"},
    )
    return done.stdout


def part(results, name):
    """Return what was printed about one story."""
    return results.partition(f" {name} _")[2].partition("\n____")[0].partition("\n====")[0]


def test_stories_that_tell_everything_pass(results):
    """A call left open is hung up; a failure that was expected is one thing less to fail for."""
    passed = {line.rpartition("::")[2] for line in results.splitlines() if line.startswith("PASSED")}
    assert passed == {
        "test_told_to_its_end",
        "test_left_in_mid_call",
        "test_a_script_fails_as_told",
        "test_nothing_of_a_plant_at_all",
    }
    assert "\nERROR" not in results, results


@pytest.mark.parametrize(
    ("story", "sentence"),
    [
        (
            "test_a_phone_rings",
            "jon (+46707654321) rang, and the story does not say what becomes of that call",
        ),
        ("test_a_phone_rings_again", "jon (+46707654321) rang, and the story does not say what becomes"),
        ("test_a_text_comes", 'jon (+46707654321) got the SMS "Pump 2 is high"'),
        ("test_a_script_fails", "a script failed: 10_talk.py:1: ZeroDivisionError: division by zero"),
        (
            "test_called_twice_at_once",
            "maria (+46701234567) was called and was busy, and the story does not say what becomes of that call",
        ),
        ("test_called_while_talking", "maria (+46701234567) was called and was busy"),
        ("test_rang_out_before", "jon (+46707654321) rang, and the story does not say what becomes of"),
        ("test_a_text_comes_before_another", 'jon (+46707654321) got the SMS "one"'),
        ("test_a_plant_by_another_way", "jon (+46707654321) rang, and the story does not say"),
        (
            "test_a_gateway_that_fails",
            "the gateway answered completed at /main/system/twilio-voice/status/0 with 500",
        ),
        ("test_a_gateway_that_answers_nonsense", "Twilio cannot use what the gateway answered: 12100 "),
    ],
)
def test_what_is_not_told_fails(results, story, sentence):
    """In one sentence, at the end of the whole story, and without a trace of the kit."""
    shown = part(results, story)
    assert shown.count(f"unexpected: {sentence}") >= 2, shown
    assert f"\n> unexpected: {sentence}" in shown
    assert "tocsin/testing" not in shown


def test_a_failing_line_is_shown_without_the_insides_of_the_kit(results):
    """The traceback ends where the author wrote."""
    shown = part(results, "test_wrong_words")
    assert '>       phone("maria").dials().hears("Pump 3")' in shown
    assert "test_stories.py:51: StoryFailed" in shown
    assert "def hears" not in shown


def test_an_assertion_of_the_author_gets_the_story_below(results):
    """Whatever fails, the conversation is there to look at."""
    shown = part(results, "test_an_assertion_of_its_own")
    assert "The story" in shown
    assert 'hears     "This is the alarm system of Riverside.' in shown


def test_an_asynchronous_test_is_told_to_be_a_plain_one(results):
    """Two loops cannot turn in one thread."""
    assert "write `def test_...`, not `async def`" in part(results, "test_turned_by_somebody_else[asyncio]")

"""Who would be told of an alarm, how and when: by HTTP, and nobody is told by asking."""

import pytest

PATH = "/api/v1/what-if"
PUMP = "Plant/Pump 2/High level"


async def test_the_whole_escalation_is_told(api):
    """In order, on the plant's wall clock, with masked numbers; up to the last resort if everybody misses."""
    answer = await api.get(PATH, params={"alarm": PUMP, "at": "2026-03-25T12:00"})

    assert answer.status_code == 200
    found = answer.json()
    assert (found["priority"], found["pipeline"], found["at"]) == (
        "Critical", "built-in", "2026-03-25T12:00:00+01:00",
    )  # fmt: skip
    call = next(one for one in found["steps"] if one["kind"] == "call")
    assert (call["text"], call["number"], call["why"]) == ("call Maria Lind", "+4670…67", "first in turn")
    assert found["steps"][-1]["kind"] == "last-resort"
    assert found["last_resort_ms"] == found["steps"][-1]["at_ms"]
    assert "+46701234567" not in answer.text


async def test_outcomes_are_chosen_and_may_be_repeated(api):
    """One for each person, in one parameter or in several."""
    answer = await api.get(
        f"{PATH}?alarm=Plant/Pump 2/High level&outcome=maria=busy,acked&outcome=jon=delivered"
    )

    found = answer.json()
    assert found["outcomes"] == ["maria=busy,acked", "jon=delivered"]
    assert found["ended"] == "acknowledged by maria"
    assert [one["at"][11:19] for one in found["steps"] if one["kind"] == "acknowledged"] != []


async def test_nobody_is_told_by_asking(api, services):
    """No episode is opened and no notice is queued."""
    await api.get(PATH, params={"alarm": PUMP})

    assert services.board.open() == ()


async def test_an_alarm_without_a_rule_is_taken_as_one_raised_by_api(api):
    """It says so, and which priority was taken."""
    found = (await api.get(PATH, params={"alarm": "Plant/Unheard of"})).json()

    assert found["warnings"] == ["no rule is configured for Plant/Unheard of; priority Medium was taken"]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"alarm": PUMP, "at": "noon"},
        {"alarm": PUMP, "outcome": "maria"},
    ],
)
async def test_what_cannot_be_asked_is_refused(api, params):
    """422 with the remedy."""
    answer = await api.get(PATH, params=params)

    assert answer.status_code == 422
    assert answer.json()["detail"]


async def test_an_outcome_for_nobody(api):
    """404: there is no such user."""
    answer = await api.get(PATH, params={"alarm": PUMP, "outcome": "nobody=acked"})

    assert (answer.status_code, 'there is no user "nobody"' in answer.json()["detail"]) == (404, True)

"""Pipelines for when an alarm clears or is taken over: who is told, and what they are not."""

import pytest
from tests.pipelines.plant import PATH, Plant

from tocsin.alarms.sections import AlarmSection
from tocsin.pipelines import Routing
from tocsin.pipelines.section import PipelineSection

BY_TEXT = {"type": "notification", "roster": "operations", "profiles": ["text"]}
RULES = {
    PATH: AlarmSection.model_validate({"ackPipeline": "taken", "clearPipeline": "over"}),
    "Plant/Lapsing": AlarmSection.model_validate({"ackPipeline": "taken", "ackTimeoutSeconds": 600}),
    "Plant/Auto": AlarmSection.model_validate({"ackPipeline": "taken", "ackMode": "Auto"}),
}


@pytest.fixture
async def plant(db, clock):
    made = Plant(db, clock)
    sections = {name: PipelineSection.model_validate({"blocks": [BY_TEXT]}) for name in ("taken", "over")}
    made.board.configure(RULES, pipelines=set(sections))
    made.runs.configure(
        Routing.of(
            pipelines=sections, outcomes={}, directory=made.crew, timezone="UTC", voice=("phone",),
            messages=("text",), alarms=RULES,
        )
    )  # fmt: skip
    async with made.open() as opened:
        yield opened


async def test_everybody_is_texted_at_once_and_the_run_is_over(plant):
    """Nothing is expected of them: no step timer, no second round, no last resort."""
    episode = await plant.alarm()
    await plant.board.acknowledge([episode], by="maria", via="api", note="")
    await plant.settled()
    assert await plant.open_notices() == [("maria", "sms", 0), ("jon", "sms", 0)]
    assert await plant.runs.waiting(episode) == []
    await plant.after(7200)
    assert plant.nobody == []


async def test_clearing_is_told_whether_or_not_anybody_had_taken_over(plant):
    """Each time anew."""
    first = await plant.alarm()
    await plant.clears()
    assert [one for one in await plant.open_notices() if one[1] == "sms"] == [
        ("maria", "sms", 0), ("jon", "sms", 0)
    ]  # fmt: skip
    second = await plant.alarm()
    assert first != second
    await plant.clears()
    assert len([one for one in await plant.open_notices() if one[1] == "sms"]) == 4


async def test_what_acknowledges_itself_is_no_news(plant):
    """Nobody has taken it over."""
    await plant.alarm("Plant/Auto")
    await plant.clears("Plant/Auto")
    assert await plant.open_notices() == []


async def test_an_alarm_put_aside_is_not_told_of(plant):
    """Somebody acknowledges what is out of service: no text about it."""
    episode = await plant.alarm()
    await plant.board.out_of_service([episode], by="jon", via="api", reason="repair")
    await plant.board.acknowledge([episode], by="maria", via="api", note="")
    await plant.settled()
    assert await plant.open_notices() == []


async def test_taken_over_again_after_it_lapsed_is_told_again(plant):
    """The run of the hook begins anew."""
    episode = await plant.alarm("Plant/Lapsing")
    for _ in range(2):
        await plant.board.acknowledge([episode], by="maria", via="api", note="")
        await plant.settled()
        for person in ("maria", "jon"):
            await plant.ends(person, "delivered", "sms")
        await plant.after(601)
    assert [one for one in await plant.outcomes() if one[1] == "sms"] == 2 * [
        ("maria", "sms", "delivered"),
        ("jon", "sms", "delivered"),
    ]

"""system.tag in call scripts: reading, looking whether something is there, browsing."""

from __future__ import annotations

import pytest
from tests.calls.asking import MARIA, HostRefused, asking

from tocsin.calls import reading, statistics


@pytest.fixture
def plant(db, clock):
    """Give a plant that has called Maria twice, four minutes together."""
    made = asking(db, clock)
    facts = {"account": "AC1", "direction": "outbound", "number": MARIA, "minutes": 2}
    for sid in ("CA1", "CA2"):
        db.write_now(lambda conn, sid=sid: statistics.counted_in(conn, "call", sid=sid, **facts))
    return made


async def test_system_tag_readBlocking(plant):
    """Qualified values in the order asked for: value, quality and timestamp, as attributes or by getters."""
    found = await plant.script(
        "values = system.tag.readBlocking(['[System]Gateway/Twilio/CallsSent',"
        " 'System/Gateway/Twilio/CallMinutesSent'], 45000)\n"
        "sent = values[0]\n"
        "found = [sent.value, sent.getValue(), str(sent.quality), sent.getQuality().isGood(),"
        " sent.timestamp.timestamp() == sent.getTimestamp().timestamp(), values[1].value,"
        " sent.timestamp.timestamp()]"
    )

    assert found == [2, 2, "Good", True, True, 4, plant.services.clock.now_ms() / 1000]


async def test_an_unknown_tag_is_bad_not_found(plant):
    """No error: its quality says so, and the others are read."""
    found = await plant.script(
        "values = system.tag.readBlocking(['Plant/Nothing', 'System/Gateway/Twilio/CallsSent'])\n"
        "quality = values[0].quality\n"
        "found = [values[0].value, quality.getName(), quality.isGood(), quality.isNotGood(), quality.isBad(),"
        " quality.isUncertain(), values[1].value]"
    )

    assert found == [None, "Bad_NotFound", False, True, True, False, 2]


async def test_one_path_needs_no_list(plant):
    """A text alone is read like a list of one."""
    assert await plant.script(
        "found = [one.value for one in system.tag.readBlocking('System/Gateway/Twilio/CallsSent')]"
    ) == [2]


async def test_UserStatistics_is_a_dataset(plant):
    """Read by Ignition's methods, gone through row by row."""
    found = await plant.script(
        "table = system.tag.readBlocking(['[System]Gateway/Twilio/UserStatistics'])[0].value\n"
        "maria = table[0]\n"
        "found = [table.getRowCount(), table.getColumnNames()[:3], table.getValueAt(0, 'callsSent'),"
        " table.getValueAt(0, 4), [row['username'] for row in table], maria['CallMinutesSent'],"
        " table.getColumnAsList('id'), list(maria)[:3], str(table)]"
    )

    assert found == [
        3, ["id", "username", "phoneNumber"], 2, 4, ["maria", "jon", "guest"], 4, [1, 2, 7],
        [1, "maria", MARIA], "Dataset [3R x 9C]",
    ]  # fmt: skip


async def test_a_dataset_gives_nothing_but_its_getters(plant):
    """Neither its insides nor a way to change it."""
    table = "table = system.tag.readBlocking('System/Gateway/Twilio/UserStatistics')[0].value\n"
    for line in ("table.as_data()", "table._rows", "table.of_data({})", "getattr(table, 'place_of')(0)"):
        with pytest.raises((AttributeError, TypeError, NameError)):
            await plant.script(table + line)
    with pytest.raises(TypeError, match="cannot be changed"):
        await plant.script(table + "table[0] = [1]")


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("[System]Gateway/Twilio/CallsSent", True),
        ("System/Gateway", True),
        ("System/Gateway/Twilio/CallsLost", False),
        ("[default]Plant", False),
    ],
)
async def test_system_tag_exists(plant, path, there):
    """A tag or a folder."""
    assert await plant.script(f"found = system.tag.exists('{path}')") is there


async def test_system_tag_browse(plant):
    """Folders step by step, tags with their types, filtered by name or type."""
    found = await plant.script(
        "results = system.tag.browse('[System]Gateway')\n"
        "sent = system.tag.browse('System/Gateway/Twilio', {'name': '*Sent', 'tagType': 'AtomicTag'})\n"
        "found = [results.getResults(), results.getReturnedSize(), sent.getTotalAvailableSize(),"
        " [one['name'] for one in sent], len(sent)]"
    )

    folder = {"fullPath": "System/Gateway/Twilio", "name": "Twilio", "tagType": "Folder"}
    assert found[0] == [{**folder, "dataType": None, "hasChildren": True}]
    assert found[1:] == [1, 3, ["CallMinutesSent", "CallsSent", "MessagesSent"], 3]
    assert await plant.script("found = system.tag.browse().getResults()[0]['fullPath']") == "System"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("system.tag.readBlocking([1])", "a tag path is a text"),
        ("system.tag.readBlocking(['x'] * 201)", "up to 200 tag paths"),
        ("system.tag.exists(None)", "a tag path is a text"),
        ("system.tag.browse('', {'recursive': 'yes'})", "browse filters by name, tagType and dataType"),
        ("system.tag.browse('', {'name': 1})", "a tag path is a text"),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_a_sentence(plant, line, says):
    """The sentence says what the function takes."""
    with pytest.raises(HostRefused, match=says):
        await plant.script(line)


async def test_values_are_weighed_as_often_as_they_are_sent(plant, monkeypatch):
    """The same large tag read many times over is many times as large."""
    monkeypatch.setattr(reading, "MOST_BYTES", 64 * 1024)
    read = "system.tag.readBlocking(['System/Gateway/Twilio/UserStatistics'] * {})"

    await plant.script(read.format(50))
    with pytest.raises(HostRefused, match="readBlocking found more than 64 KiB; ask for fewer"):
        await plant.script(read.format(200))


@pytest.mark.parametrize("wrong", ["lambda: 1", "system", "[[[['x']]]]", "{'a': 1}"])
async def test_questions_are_texts_and_numbers(plant, wrong):
    """What no answer could be about is refused before it is asked, in words a plant's engineer uses."""
    with pytest.raises(TypeError, match="system functions are asked with texts and numbers, not with a"):
        await plant.script(f"system.alarm.queryStatus(path=[{wrong}])")

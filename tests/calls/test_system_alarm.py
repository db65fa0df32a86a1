"""system.alarm in call scripts: what is open, what was, what is shelved; by Ignition's names and arguments."""

from __future__ import annotations

import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.calls.asking import PEOPLE, HostRefused, asking

from tocsin.alarms import AlarmEvent
from tocsin.calls import reading
from tocsin.calls.alarm_query import like

HIGH, STOPPED, DOOR = "Plant/Pump 2/High level", "Plant/Pump 1/Stopped", "Plant/Door"


@pytest.fixture
async def plant(db, clock):
    """Give a plant with three alarms, raised a minute apart: the pump's level, the other pump, the door."""
    made = asking(db, clock)
    for path, value in ((HIGH, 93.5), (STOPPED, None), (DOOR, True)):
        await made.raise_alarm(path, value=value)
        await clock.advance(60)
    return made


async def paths(plant, arguments=""):
    return await plant.script(f"found = [one.getSource() for one in system.alarm.queryStatus({arguments})]")


# --- queryStatus -------------------------------------------------------------------------------------------


async def test_system_alarm_queryStatus(plant):
    """Every open alarm, the most urgent first."""
    assert await paths(plant) == [STOPPED, HIGH, DOOR]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("priority=['High', 'critical']", [STOPPED, HIGH]),
        ("priority=[4]", [STOPPED]),
        ("['Low']", [DOOR]),
        ("state=['ActiveUnacked']", [STOPPED, HIGH, DOOR]),
        ("state=['ActiveAcked', 0]", []),
        ("path='plant/pump*'", [STOPPED, HIGH]),
        ("path=['*Door', '*Stopped']", [STOPPED, DOOR]),
        ("source='*level', path='*Door'", []),
        ("displaypath='Riverside/*'", [HIGH]),
        ("all_properties=[('area', '=', 'north'), ('limit', '>', 80)]", [HIGH]),
        ("all_properties=[('area', '=', 'north'), ('limit', '>', 90)]", []),
        ("any_properties=[('priority', '=', 'Low'), ('limit', '>=', 90)]", [HIGH, DOOR]),
        ("any_properties=[('value', '<', 'a')]", []),
        ("defined=['area']", [HIGH]),
        ("defined=('notes',)", [STOPPED]),
        ("provider=['default']", [STOPPED, HIGH, DOOR]),
    ],
)
async def test_a_condition_leaves_out_what_does_not_fit(plant, arguments, expected):
    """Words and numbers as in Ignition, in any letter case, as lists or alone."""
    assert await paths(plant, arguments) == expected


async def test_an_alarm_event_tells_what_is_known(plant):
    """Ignition's getters, with times in the plant's zone."""
    found = await plant.script(
        "event = system.alarm.queryStatus(path='*High level')[0]\n"
        "active = event.getActiveData()\n"
        "found = [event.getName(), event.getLabel(), event.getDisplayPath(), event.getPriority(),"
        " event.getState(), event.getLastEventState(), event.isAcked(), event.isCleared(), event.isShelved(),"
        " event.get('area'), event.get('value'), event.get('colour'), event.getOrDefault('colour'),"
        " active.get('eventValue'), active.get('eventTime').hour - active.getTimestamp() // 3600000 % 24,"
        " event.getAckData(), event.getClearedData(), event.getNotes(), event.getDisplayPathOrSource()]"
    )

    assert found[:9] == [
        "High level", "Pump 2 high level", "Riverside/Pump 2", "High",
        "Active, Unacknowledged", "Active", False, False, False,
    ]  # fmt: skip
    assert found[9:13] == ["north", 93.5, None, ""]
    assert found[13:] == [93.5, found[14], None, None, "", "Riverside/Pump 2"]
    assert found[14] in (1, 2, -22, -23)  # Stockholm is one hour east of UTC, two in summer


async def test_who_acknowledged_and_when_it_cleared_is_told(plant):
    """An acknowledged alarm stays until it clears; ClearAcked finds the closed ones too."""
    (event,) = [one for one in plant.services.board.open() if one.path == HIGH]
    await plant.services.board.acknowledge([event.id], by="jon", via="voice", note="on my way")
    tell = (
        "event = system.alarm.queryStatus(state=['{}'])[0]\n"
        "ack = event.getAckData()\n"
        "found = [ack.get('ackUser'), ack.get('ackNotes'), event.get('ackUser'), event.isAcked(),"
        " event.isCleared(), event.getLastEventState()]"
    )
    assert await plant.script(tell.format("ActiveAcked")) == [
        "jon", "on my way", "jon", True, False, "Ack",
    ]  # fmt: skip

    await plant.services.clock.advance(1)
    await plant.clear(HIGH)

    assert HIGH not in await paths(plant)
    assert (await plant.script(tell.format("ClearAcked")))[3:] == [True, True, "Clear"]


async def test_a_shelved_alarm_is_found_only_when_asked_for(plant):
    """As in Ignition, includeShelved is False by itself."""
    (event,) = [one for one in plant.services.board.open() if one.path == HIGH]
    await plant.services.board.shelve([event.id], by="maria", via="api", minutes=15)

    assert await paths(plant) == [STOPPED, DOOR]
    assert await paths(plant, "includeShelved=True") == [STOPPED, HIGH, DOOR]
    assert await plant.script(
        "found = [one.isShelved() for one in system.alarm.queryStatus(includeShelved=True)]"
    ) == [False, True, False]


async def test_a_result_can_be_read_as_a_dataset(plant):
    """getDataset has Ignition's columns."""
    found = await plant.script(
        "table = system.alarm.queryStatus().getDataset()\n"
        "found = [table.getColumnNames(), table.getRowCount(), table.getValueAt(0, 'Source'),"
        " [row['Priority'] for row in table], len(system.alarm.queryStatus())]"
    )

    assert found == [
        ["EventId", "Source", "DisplayPath", "EventTime", "State", "Priority"], 3, STOPPED,
        ["Critical", "High", "Low"], 3,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            "priority=['Urgent']",
            "priority is one of Diagnostic, Low, Medium, High, Critical or 0 to 4, not 'Urgent'",
        ),
        ("priority=[5]", "0 to 4"),
        ("state=['Active']", "ClearUnacked, ClearAcked, ActiveUnacked, ActiveAcked"),
        ("path=[1]", "path takes texts"),
        ("path='x' * 501", "up to 500 characters"),
        ("path=['x'] * 101", "a list of up to 100"),
        ("all_properties=['label']", "with a sign of"),
        ("all_properties=[('label', '~', 'x')]", "with a sign of"),
        ("any_properties=[('label', '=', [1])]", "a text or a number"),
    ],
)
async def test_a_condition_that_cannot_be_is_refused_with_its_name(plant, arguments, says):
    """The sentence names the argument and what it takes."""
    with pytest.raises(HostRefused, match=re.escape(says)):
        await paths(plant, arguments)


async def test_a_flood_is_more_than_a_script_is_given(plant):
    """Beyond 200 alarms the error says how many there are and how to ask for fewer."""
    events = [AlarmEvent(f"Plant/Flood/{number}", "active") for number in range(reading.MOST_ROWS)]
    await plant.services.board.report(events)

    with pytest.raises(HostRefused, match=r"queryStatus found 203, and a script is given up to 200; ask for"):
        await paths(plant)
    assert len(await paths(plant, "path='Plant/Flood/*'")) == 200


async def test_large_alarms_are_cut_off_by_size(plant):
    """An answer is sent to a worker and kept with the turn: it stays below 128 KiB."""
    data = {f"name{number}": "x" * 500 for number in range(40)}
    await plant.services.board.report(
        [AlarmEvent(f"Plant/Large/{number}", "active", data=data) for number in range(8)]
    )

    with pytest.raises(HostRefused, match="more than 128 KiB"):
        await paths(plant, "path='Plant/Large/*'")


async def test_who_has_not_identified_learns_nothing_that_needs_a_pin_to_hear(db, clock):
    """The rule "to-hear" holds for every way in which a script may ask; a PIN opens them."""
    plant = asking(db, clock, pin="to-hear")
    await plant.raise_alarm(HIGH)
    await plant.raise_alarm(DOOR)
    (door,) = [one for one in plant.services.board.open() if one.path == DOOR]
    await plant.services.board.shelve([door.id], by="maria", via="api", minutes=15)
    ask = (
        "found = [len(system.alarm.queryStatus(includeShelved=True)), len(system.alarm.queryJournal()),"
        " len(system.alarm.getShelvedPaths())]"
    )

    assert await plant.script(ask) == [0, 0, 0]
    plant.call.identified = PEOPLE[0]
    assert await plant.script(ask) == [2, 2, 1]


# --- queryJournal ------------------------------------------------------------------------------------------


async def test_system_alarm_queryJournal(plant):
    """Each alarm going active, being acknowledged and clearing is an event of its own, oldest first."""
    (event,) = [one for one in plant.services.board.open() if one.path == HIGH]
    await plant.services.board.acknowledge([event.id], by="jon", via="voice")
    await plant.services.clock.advance(5)
    await plant.clear(HIGH)

    found = await plant.script(
        "found = [(one.getName(), one.getLastEventState()) for one in system.alarm.queryJournal()]"
    )

    assert found == [
        ("High level", "Active"), ("Stopped", "Active"), ("Door", "Active"), ("High level", "Ack"),
        ("High level", "Clear"),
    ]  # fmt: skip


async def test_the_journal_is_asked_for_a_time(plant):
    """Dates are datetimes or milliseconds; without them it is today until now."""
    count = "found = len(system.alarm.queryJournal({}))"
    now = "import datetime\nnow = datetime.datetime.now()\n"

    assert await plant.script(now + count.format("now - datetime.timedelta(seconds=90), now")) == 1
    assert await plant.script(now + count.format("startDate=now - datetime.timedelta(hours=1)")) == 3
    ms = plant.services.clock.now_ms()
    assert await plant.script(count.format(f"{ms - 200_000}, {ms - 100_000}")) == 2
    await plant.services.clock.advance(24 * 3600)
    assert await plant.script(count.format("")) == 0


async def test_the_journal_heeds_conditions(plant):
    """The same as those of queryStatus."""
    found = await plant.script(
        "found = [one.getSource() for one in system.alarm.queryJournal(priority=['Low'], journalName='main',"
        " includeData=True, includeSystem=False, isSystem=False)]"
    )

    assert found == [DOOR]


@pytest.mark.parametrize("date", ["'today'", "-1", "[1]", "1e15"])
async def test_a_date_that_is_none_is_refused(plant, date):
    """A datetime or milliseconds, nothing else."""
    with pytest.raises(HostRefused, match="a date is a datetime, or milliseconds since 1970"):
        await plant.script(f"found = system.alarm.queryJournal({date})")


async def test_a_journal_too_long_to_look_through_asks_for_a_shorter_time(plant, monkeypatch):
    """A query costs a bounded time, however long the plant has run."""
    monkeypatch.setattr(reading, "MOST_ENTRIES", 2)

    with pytest.raises(HostRefused, match="more than 2 entries in that time; ask for a shorter one"):
        await plant.script("found = system.alarm.queryJournal()")


# --- the others ----------------------------------------------------------------------------------------------


async def test_system_alarm_getShelvedPaths(plant):
    """Who put what aside, until when."""
    assert await plant.script("found = system.alarm.getShelvedPaths()") == []
    (event,) = [one for one in plant.services.board.open() if one.path == HIGH]
    await plant.services.board.shelve([event.id], by="maria", via="api", minutes=15)
    until_ms = plant.services.clock.now_ms() + 15 * 60_000

    found = await plant.script(
        "one = system.alarm.getShelvedPaths()[0]\n"
        "found = [one.getPath(), one.getUser(), one.isExpired(), one.getExpiration().timestamp()]"
    )

    assert found == [HIGH, "maria", False, until_ms / 1000]


async def test_system_alarm_listPipelines(plant):
    """By name; there is one project's worth, so the argument makes no difference."""
    assert await plant.script("found = system.alarm.listPipelines()") == ["default", "night"]
    assert await plant.script("found = system.alarm.listPipelines('alarm-pipelines')") == ["default", "night"]


async def test_system_alarm_getRosters(plant):
    """Usernames in calling order; a roster may be empty."""
    assert await plant.script("found = system.alarm.getRosters()") == {
        "operations": ["maria", "jon"], "office": ["guest"], "empty": [],
    }  # fmt: skip


async def test_functions_that_change_something_are_not_there(plant):
    """A call acknowledges and shelves through `call`, where PIN and areas are checked."""
    for name in ("acknowledge", "shelve", "unshelve", "cancel", "createRoster"):
        with pytest.raises(AttributeError, match=name):
            await plant.script(f"system.alarm.{name}([], 'note', 'maria')")


TEXT = st.text("aAb*", max_size=8)


@given(TEXT, TEXT.map(lambda text: text.replace("*", "c")))
def test_a_star_stands_for_any_text(pattern, text):
    """The same as the shell's patterns, in time that grows with the text alone."""
    assert like(pattern, text) == fnmatch.fnmatchcase(text.lower(), pattern.lower())


async def test_a_query_costs_a_bounded_time(plant):
    """Many alarms against many patterns would keep every other call waiting."""
    events = [AlarmEvent(f"Plant/Flood/{'a' * 200}{number}", "active") for number in range(150)]
    await plant.services.board.report(events)

    with pytest.raises(HostRefused, match="too many patterns to hold 153 alarms against"):
        await paths(plant, "path=['*a' * 249] * 50")

"""An alarm from active to acknowledged and cleared, as a source, an operator and a restart see it."""

import asyncio

import pytest
from sqlalchemy import select

from tocsin.alarms import AlarmEvent, Board
from tocsin.alarms.tables import notices
from tocsin.clock import SystemClock
from tocsin.db import Database, NotStored
from tocsin.journal import entries

LEVEL = "Plant/Pump 2/High level"


def active(path=LEVEL, **more):
    return AlarmEvent(path=path, state="active", **more)


def clear(path=LEVEL, **more):
    return AlarmEvent(path=path, state="clear", **more)


def paths(board):
    return [episode.path for episode in board.open()]


async def kinds(db, subject):
    found = await db.read(lambda c: entries(c, subject))
    return [(entry.kind, entry.person) for entry in found]


async def test_an_alarm_takes_from_its_rule_what_the_event_leaves_out(board):
    """A bare event on a path with a rule becomes an episode with everything the rule says."""
    (accepted,) = await board.report([active(value=93.5, source="api:plc")])

    (episode,) = board.open()
    assert accepted.episode == episode.id
    assert (accepted.state, accepted.warnings) == ("active", ())
    assert (episode.priority, episode.label, episode.pipeline) == ("Critical", "Pump 2 high level", "night")
    assert (episode.name, episode.display_path, episode.notes) == (
        "High level", "Riverside / Pump 2", "Start the spare pump.",
    )  # fmt: skip
    assert (episode.value, episode.data, episode.source) == (93.5, {"area": "north"}, "api:plc")


async def test_what_the_event_says_wins_over_the_rule(board):
    """Priority, label, pipeline and data of the event come before those of the rule."""
    await board.report(
        [active(priority="low", label="Test", pipeline="default", data={"area": "south", "n": 1})]
    )

    (episode,) = board.open()
    assert (episode.priority, episode.label, episode.pipeline) == ("Low", "Test", "default")
    assert episode.data == {"area": "south", "n": 1}


async def test_an_alarm_nobody_configured_is_taken(board):
    """A path without a rule gets the middle priority and the built-in pipeline."""
    await board.report([active("Somewhere/New/Smoke")])

    (episode,) = board.open()
    assert (episode.name, episode.priority, episode.pipeline) == ("Smoke", "Medium", None)


async def test_unknown_words_are_taken_with_a_warning(board):
    """A priority or pipeline nobody knows never costs an alarm; the answer says what was taken instead."""
    first, second, third = await board.report(
        [active("A", priority="Urgent"), active(priority="Urgent", pipeline="nihgt"), active("C", priority=4)]
    )

    by_path = {episode.path: episode for episode in board.open()}
    assert (by_path["A"].priority, by_path[LEVEL].priority, by_path["C"].priority) == (
        "High",
        "Critical",
        "Critical",
    )
    assert by_path[LEVEL].pipeline == "night"
    assert first.warnings[0].startswith("priority 'Urgent' is not known, High was taken")
    assert second.warnings[1] == "there is no pipeline 'nihgt'; night was taken"
    assert third.warnings == ()


async def test_active_again_updates_the_value_and_opens_nothing(board, db, heard):
    """A source that repeats itself moves the value of the episode; one that says the same does nothing."""
    (first,) = await board.report([active(value=91)])
    (second,) = await board.report([active(value=95, data={"trend": "up"})])
    (third,) = await board.report([active(value=95)])

    (episode,) = board.open()
    assert first.episode == second.episode == third.episode == episode.id
    assert (episode.value, episode.version) == (95, 2)
    assert episode.data == {"area": "north", "trend": "up"}
    assert heard == [("active", LEVEL), ("updated", LEVEL)]
    assert await kinds(db, episode.id) == [("alarm.active", None)]


async def test_true_one_and_one_point_zero_are_three_values(board):
    """A value keeps its kind, in memory and on disk."""
    (accepted,) = await board.report([active(value=1)])
    for value in (True, 1.0, "1", False):
        await board.report([active(value=value)])
        found = await board.find(accepted.episode)
        assert (type(found.value), found.value) == (type(value), value)


async def test_a_rise_in_priority_is_recorded(board, db):
    """An event that makes an alarm more urgent changes the episode under way and is on record."""
    (accepted,) = await board.report([active("A", priority="Low")])
    await board.report([active("A", priority="Critical")])

    (episode,) = board.open()
    assert episode.priority == "Critical"
    assert await kinds(db, accepted.episode) == [("alarm.active", None), ("alarm.updated", None)]


async def test_cleared_and_acknowledged_closes_in_either_order(board, db, heard):
    """An episode stays open until it is both back to normal and acknowledged."""
    one, two = await board.report([active("A"), active("B")])
    await board.report([clear("A")])
    await board.acknowledge([two.episode], by="maria", via="voice")
    assert sorted(paths(board)) == ["A", "B"]

    await board.acknowledge([one.episode], by="jon", via="sms", note="on my way")
    await board.report([clear("B", value=3)])

    assert board.open() == ()
    found = await board.find(one.episode)
    assert (found.state, found.acked_by, found.acked_via, found.note) == (
        "cleared",
        "jon",
        "sms",
        "on my way",
    )
    assert (await board.find(two.episode)).value == 3
    assert heard[2:] == [("cleared", "A"), ("acknowledged", "B"), ("acknowledged", "A"), ("cleared", "B")]
    assert await kinds(db, one.episode) == [
        ("alarm.active", None), ("alarm.cleared", None), ("alarm.acknowledged", "jon"),
    ]  # fmt: skip


async def test_active_after_cleared_is_a_new_episode(board):
    """What came back is a new event; the one nobody acknowledged stays open beside it."""
    first, cleared, second = await board.report([active(value=1), clear(), active(value=2)])

    assert first.episode == cleared.episode != second.episode
    assert [(e.id, e.state) for e in board.open()] == [(first.episode, "cleared"), (second.episode, "active")]


async def test_clearing_what_is_not_active_is_accepted(board):
    """A source may say that all is well as often as it likes."""
    (accepted,) = await board.report([clear()])

    assert (accepted.episode, accepted.state) == (None, "cleared")
    assert accepted.warnings == ("nothing was active on this path",)


async def test_two_names_on_one_path_are_two_alarms(board):
    """A second alarm on a path never disappears into the first; a clear without a name is not guessed."""
    await board.report([active("Plant/Tank", name="High"), active("Plant/Tank", name="Low")])
    (unclear,) = await board.report([clear("Plant/Tank")])
    assert len(board.open()) == 2
    assert unclear.warnings[0] == "several alarms are active on this path; name one of High, Low"

    await board.report([clear("Plant/Tank", name="High")])
    (meant,) = await board.report([clear("Plant/Tank")])
    assert meant.warnings == ("Low was cleared, which alone was active on this path; give its name",)
    assert [episode.state for episode in board.open()] == ["cleared", "cleared"]


async def test_a_repeated_clear_never_clears_another_alarm(board):
    """The same request again, its answer was lost: what else is active on the path stays active."""
    await board.report([active("Plant/Level", name="HighHigh"), active("Plant/Level")])
    first, again = await board.report([clear("Plant/Level"), clear("Plant/Level")])
    (later,) = await board.report([clear("Plant/Level")])

    assert first.warnings == ()
    assert (again.episode, later.episode) == (None, None)
    assert again.warnings == later.warnings == ("Level was not active; name HighHigh to clear that",)
    assert [(one.name, one.state) for one in board.open()] == [("HighHigh", "active"), ("Level", "cleared")]


async def test_a_clear_without_a_name_is_about_the_alarm_of_the_rule(board):
    """Although it never was active: the other one on the path has another name."""
    await board.report([active("Plant/Chlorine", name="Gas")])
    (unclear,) = await board.report([clear("Plant/Chlorine")])

    assert unclear.warnings == ("Chlorine was not active; name Gas to clear that",)
    assert [one.state for one in board.open()] == ["active"]


async def test_acknowledge_modes(board):
    """Auto is acknowledged by clearing, Unused needs no acknowledgement at all."""
    door, test = await board.report([active("Plant/Door"), active("Plant/Test")])
    assert [episode.acked for episode in board.open()] == [False, True]
    await board.report([clear("Plant/Door"), clear("Plant/Test")])

    assert board.open() == ()
    assert (await board.find(door.episode)).acked_via == "auto"
    assert (await board.find(test.episode)).acked_via == "unused"


async def test_open_alarms_are_told_most_urgent_first_then_oldest(board, clock):
    """The order of the board is the order in which a person hears alarms."""
    for path, priority in (("a", "Low"), ("b", "Critical"), ("c", "Low"), ("d", "Critical")):
        await board.report([active(path, priority=priority)])
        await clock.advance(1)

    assert paths(board) == ["b", "d", "a", "c"]


async def test_what_is_too_large_is_cut_and_never_refused(board):
    """Data that grows with every report stays within 64 KiB: the latest, and what was there from the first."""
    await board.report([active(data={"line": "north"})])
    for n in range(20):
        (accepted,) = await board.report([active(value="x" * 5_000, data={"now": n, f"t{n}": "y" * 60_000})])

    (episode,) = board.open()
    assert len(str(episode.data)) < 64 * 1024
    assert {name: value for name, value in episode.data.items() if name[0] != "t"} == {
        "area": "north", "line": "north", "now": 19,
    }  # fmt: skip
    assert "t19" in episode.data
    assert len(episode.value) == 4_000
    assert accepted.warnings == (
        "the value was cut to 4,000 characters",
        "data is kept up to 64 KiB; left out were 't18'",
    )
    (alone,) = await board.report([active("Other", data={"small": 1, "large": "z" * 70_000})])
    assert alone.warnings == ("data is kept up to 64 KiB; left out were 'large'",)


async def test_a_chattering_alarm_is_never_refused(board):
    """Two hundred requests about two alarms at once: each waits for its turn, none is told to try again."""
    events = [active(f"F/{n % 2}", value=n) if n % 5 else clear(f"F/{n % 2}") for n in range(200)]
    await asyncio.gather(*(board.report([one]) for one in events))

    assert {one.path for one in board.open()} == {"F/0", "F/1"}


async def test_of_two_who_acknowledge_exactly_one_wins(board, db):
    """The loser learns by whom and when; the journal knows one acknowledgement."""
    (accepted,) = await board.report([active()])

    results = await asyncio.gather(
        *(board.acknowledge([accepted.episode], by=who, via="voice") for who in ("maria", "jon") * 10)
    )

    outcomes = [result.outcome for (result,) in results]
    assert sorted(outcomes) == ["already_acknowledged"] * 19 + ["ok"]
    (winner,) = {result.by for (result,) in results}
    assert {result.at_ms for (result,) in results} == {board.open()[0].acked_ms}
    assert board.open()[0].acked_by == winner
    assert await kinds(db, accepted.episode) == [("alarm.active", None), ("alarm.acknowledged", winner)]


async def test_a_note_cannot_steer_the_terminal_it_is_read_on(board, db):
    """By text, phone, script or interface: control characters are no part of a note, nor is NUL kept."""
    (accepted,) = await board.report([active()])
    note = "pump \x1b[2J\x1b]0;owned\x07 dry\x00"
    await board.acknowledge([accepted.episode], by="maria", via="sms", note=note)

    (episode,) = board.open()
    assert episode.note == "pump  [2J ]0;owned  dry"
    (entry,) = await db.read(lambda c: entries(c, accepted.episode, kind="alarm.acknowledged"))
    assert entry.data["note"] == episode.note


async def test_a_late_word_about_an_older_version_changes_nothing(board):
    """Results applied out of order never bring back what is already closed."""
    (raised,) = await board.report([active()])
    (cleared,) = await board.report([clear()])
    (acked,) = await board.acknowledge([raised.episode], by="jon", via="api")
    board.applied([cleared, raised, acked])

    assert board.open() == ()


async def test_unknown_episodes_are_said_to_be_unknown(board):
    """Nothing happens to what does not exist."""
    (one,) = await board.acknowledge(["no-such"], by="jon", via="api")
    (two,) = await board.shelve(["no-such"], by="jon", via="api")
    (three,) = await board.unshelve(["no-such"], by="jon", via="api")

    assert (one.outcome, two.outcome, three.outcome) == ("unknown", "unknown", "unknown")


async def test_a_shelved_alarm_is_silent_until_its_time_is_over(board, clock, db):
    """Shelving hides an open alarm for its minutes; unshelving and time bring it back."""
    (accepted,) = await board.report([active()])
    (shelved,) = await board.shelve([accepted.episode], by="jon", via="api", minutes=15)
    assert shelved.until_ms == clock.now_ms() + 15 * 60_000
    assert board.open() == ()
    assert [e.id for e in await board.listing("shelved")] == [accepted.episode]

    await clock.advance(15 * 60)
    assert paths(board) == [LEVEL]
    assert await board.listing("shelved") == []

    await board.shelve([accepted.episode], by="jon", via="api", minutes=1)
    (back,) = await board.unshelve([accepted.episode], by="maria", via="api")
    (again,) = await board.unshelve([accepted.episode], by="maria", via="api")
    assert (back.outcome, again.outcome) == ("ok", "not_shelved")
    assert paths(board) == [LEVEL]
    assert await kinds(db, accepted.episode) == [
        ("alarm.active", None), ("alarm.shelved", "jon"), ("alarm.shelved", "jon"), ("alarm.unshelved", "maria"),
    ]  # fmt: skip


@pytest.mark.parametrize("minutes", [0, -1, 7 * 24 * 60 + 1, float("nan"), float("inf")])
async def test_shelving_has_limits(board, minutes):
    """No shelving for ever, none into the past."""
    (accepted,) = await board.report([active()])

    (result,) = await board.shelve([accepted.episode], by="jon", via="api", minutes=minutes)
    assert result.outcome == "not_allowed"
    assert paths(board) == [LEVEL]


async def test_a_rule_may_forbid_shelving(board):
    """shelvingAllowed = false holds for everybody."""
    (accepted,) = await board.report([active("Plant/Door")])

    (result,) = await board.shelve([accepted.episode], by="jon", via="voice", minutes=5)
    assert result.outcome == "not_allowed"


async def test_a_note_is_insisted_upon_only_where_one_can_type(board):
    """ackNotesReqd: by API a note is needed; on the phone an acknowledgement counts without."""
    one, two = await board.report([active("Plant/Chlorine"), active("Plant/Chlorine", name="Low")])

    (refused,) = await board.acknowledge([one.episode], by="jon", via="api", note="  ")
    (taken,) = await board.acknowledge([one.episode], by="jon", via="api", note="valve closed")
    assert (refused.outcome, taken.outcome) == ("note_required", "ok")
    assert two.episode != one.episode


async def test_a_restart_knows_every_open_alarm(board, db, clock, rules):
    """What the board has in memory is what a fresh one reads from the database."""
    accepted = await board.report([active(), active("A", value="x"), active("B"), active("Plant/Door")])
    await board.acknowledge([accepted[1].episode], by="jon", via="api", note="seen")
    await board.report([clear("B"), clear("Plant/Door")])
    await board.shelve([accepted[0].episode], by="jon", via="api")
    fresh = Board(db, clock, rules)
    await fresh.start()

    assert fresh.open() == board.open()
    await clock.advance(3600)
    assert fresh.open() == board.open()
    assert len(fresh.open()) == 3


async def test_a_subscriber_that_fails_does_not_silence_the_others(board, heard):
    """Everybody else still hears of the alarm."""

    def broken(_change):
        raise RuntimeError("a bug in a subscriber")

    other = []
    board.subscribe(broken)
    board.subscribe(other.append)
    await board.report([active()])

    assert [change.kind for change in other] == ["active"]


async def test_other_rules_apply_to_the_next_alarm_only(board):
    """A reload changes nothing about an episode under way."""
    await board.report([active()])
    board.configure({}, pipelines=set())
    await board.report([active(value=5), active("Plant/New")])

    by_path = {episode.path: episode for episode in board.open()}
    assert by_path[LEVEL].priority == "Critical"
    assert by_path["Plant/New"].priority == "Medium"


async def test_lists_come_in_pages(board, clock):
    """Newest first, a page at a time, without gaps or repeats."""
    await board.report([active(f"p{number}") for number in range(7)])
    await clock.advance(1)
    await board.report([active(f"q{number}") for number in range(3)])

    seen, before = [], None
    while page := await board.listing("all", limit=4, before=before):
        seen += page
        before = (page[-1].active_ms, page[-1].id)
    assert len({episode.id for episode in seen}) == 10
    assert {episode.path[0] for episode in seen[:3]} == {"q"}


async def test_hearing_an_alarm_is_on_record_once(board, db, clock):
    """The first time a person heard it in a call counts, however often it is reported."""
    one, two = await board.report([active(), active("A")])
    for _ in range(3):
        now_ms = clock.now_ms()
        await db.write(
            lambda c, at=now_ms: board.heard_in(
                c, [one.episode, two.episode, "no-such"], "maria", "call-1", at
            )
        )
        await clock.advance(10)
    await db.write(lambda c: board.heard_in(c, [one.episode], "maria", "call-2", clock.now_ms()))

    rows = await db.read(
        lambda c: c.execute(
            select(notices.c.episode_id, notices.c.attempt, notices.c.call_id, notices.c.heard_ms).order_by(
                notices.c.id
            )
        ).all()
    )
    began = clock.now_ms() - 30_000
    assert [tuple(row) for row in rows] == [
        (one.episode, 1, "call-1", began), (two.episode, 1, "call-1", began), (one.episode, 2, "call-2", began + 30_000),
    ]  # fmt: skip


async def test_one_transaction_for_an_array(board, db, clock, rules, heard):
    """Either the whole array is on disk or nothing of it, and nobody hears of what is not."""
    db.close()

    with pytest.raises(NotStored):
        await board.report([active(), active("A")])
    assert heard == []
    assert board.open() == ()


async def test_two_gateways_on_one_database_open_one_episode(url, rules):
    """Whoever takes the event, an alarm is active once; an acknowledgement is won once."""
    clock = SystemClock()
    first, second = Database.open(url, clock=clock), Database.open(url, clock=clock)
    first.migrate()
    boards = [Board(first, clock, rules), Board(second, clock, rules)]
    for number in range(25):
        results = await asyncio.gather(
            *(board.report([active(f"P{number}", value=n)]) for n, board in enumerate(boards))
        )
        (episode,) = {accepted.episode for (accepted,) in results}
        acks = await asyncio.gather(*(board.acknowledge([episode], by="x", via="api") for board in boards))
        assert sorted(ack.outcome for (ack,) in acks) == ["already_acknowledged", "ok"]
    assert len(await boards[0].listing("all")) == 25
    first.close()
    second.close()

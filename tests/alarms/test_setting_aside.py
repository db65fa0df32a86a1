"""Alarms suppressed by design or out of service: taken and recorded as ever, and told to nobody."""

import pytest

from tocsin.alarms import AlarmEvent, Board
from tocsin.alarms.notices import NewNotice, add_in, place_in, queued_in, waiting_of_call
from tocsin.journal import entries

LEVEL = "Plant/Pump 2/High level"
HOUR = 3_600_000
WHY = {"by": "maria", "via": "api", "reason": "new probe"}
LOGIC = {"by": "pump-2", "via": "rule", "reason": "the pump is stopped", "rule": "Plant/Pump 2/Stopped"}


def active(path=LEVEL, **more):
    return AlarmEvent(path=path, state="active", **more)


def clear(path=LEVEL):
    return AlarmEvent(path=path, state="clear")


async def is_active(board, path=LEVEL):
    (accepted,) = await board.report([active(path)])
    return accepted.episode


async def kinds(db, subject):
    found = await db.read(lambda c: entries(c, subject))
    return sorted((entry.kind, entry.person) for entry in found)


async def test_out_of_service_is_not_told_and_comes_back_as_it_is(board, db, heard):
    """Maintenance begins and ends on record; what is still active is told from then on."""
    episode = await is_active(board)

    (taken,) = await board.out_of_service([episode], **WHY)
    assert (taken.outcome, taken.until_ms, board.open()) == ("ok", None, ())
    (shown,) = await board.listing("out-of-service")
    assert (shown.out_of_service_by, shown.out_of_service_reason) == ("maria", "new probe")
    assert (shown.state, shown.acked, shown.shelved_by) == ("active", False, None)

    (back,) = await board.return_to_service([episode], by="jon", via="api")
    assert back.outcome == "ok"
    assert [one.id for one in board.open()] == [episode]
    assert heard == [("active", LEVEL), ("out-of-service", LEVEL), ("returned-to-service", LEVEL)]
    assert await kinds(db, episode) == [
        ("alarm.active", None), ("alarm.out-of-service", "maria"), ("alarm.returned-to-service", "jon"),
    ]  # fmt: skip


async def test_suppressed_by_design_says_by_which_logic(board, db):
    """Suppression names its rule and reason, stands apart from shelving, and ends by itself only on request."""
    episode = await is_active(board)

    (done,) = await board.suppress([episode], **LOGIC)
    assert (done.outcome, board.open()) == ("ok", ())
    (shown,) = await board.listing("suppressed")
    assert (shown.suppressed_by, shown.suppressed_rule) == ("pump-2", "Plant/Pump 2/Stopped")
    assert await board.listing("shelved") == await board.listing("out-of-service") == []

    (entry,) = await db.read(lambda c: entries(c, episode, "alarm.suppressed"))
    assert entry.data == {
        "via": "rule", "reason": "the pump is stopped", "rule": "Plant/Pump 2/Stopped", "path": LEVEL,
    }  # fmt: skip
    (ended,) = await board.unsuppress([episode], by="pump-2", via="rule")
    assert ended.outcome == "ok"
    assert [one.id for one in board.open()] == [episode]


@pytest.mark.parametrize("way", ["suppress", "out_of_service"])
async def test_it_holds_for_the_next_activation(board, db, clock, rules, way):
    """A new episode is accepted and kept, and told to nobody, even by a gateway started meanwhile."""
    first = await is_active(board)
    await getattr(board, way)([first], **WHY)
    await board.report([clear()])
    await board.acknowledge([first], by="maria", via="api")
    again = Board(db, clock, rules)
    await again.start()

    (accepted,) = await again.report([active()])

    assert accepted.episode not in (None, first)
    assert (accepted.state, again.open()) == ("active", ())
    found = await again.find(accepted.episode)
    assert found.suppressed_or_shelved(clock.now_ms())
    assert list(await again.standings()) == [(LEVEL, "High level")]


async def test_an_alarm_that_is_not_active_can_be_put_aside(board):
    """By its path and name, before there is any episode; other alarms on the path are not concerned."""
    (done,) = await board.suppress(alarms=[(LEVEL, "High level")], **LOGIC)
    assert (done.outcome, done.episode_id) == ("ok", "")

    await is_active(board)
    assert board.open() == ()
    await board.report([active(name="Very high level")])
    assert [one.name for one in board.open()] == ["Very high level"]

    await board.unsuppress(alarms=[(LEVEL, "High level")], by="pump-2", via="rule")
    assert len(board.open()) == 2
    assert await board.standings() == {}


async def test_every_open_episode_of_the_alarm_is_concerned(board, heard):
    """One that cleared without an acknowledgement, and the one that is active now."""
    first = await is_active(board)
    await board.report([clear()])
    second = await is_active(board)
    del heard[:]

    done = await board.out_of_service([first, second], **WHY)

    assert [one.outcome for one in done] == ["ok", "ok"]
    assert heard == [("out-of-service", LEVEL)] * 2
    assert board.open() == ()


async def test_maintenance_with_an_end_is_over_by_itself(board, clock):
    """From that moment on nothing keeps the alarm from being told, even if no timer ran."""
    episode = await is_active(board)
    until_ms = clock.now_ms() + HOUR
    await board.out_of_service([episode], until_ms=until_ms, **WHY)

    await clock.advance(3599)
    assert board.open() == ()
    await clock.advance(1)
    assert [one.id for one in board.open()] == [episode]
    assert await board.standings() == {}
    assert await board.listing("out-of-service") == []


async def test_what_cannot_be_done_says_why(board, clock):
    """A reason is needed, an end must lie ahead, and what is not put aside cannot be taken back."""
    episode = await is_active(board)
    nameless = {"by": "maria", "via": "api", "reason": "  "}

    async def outcome(doing):
        (result,) = await doing
        return result.outcome

    assert await outcome(board.suppress([episode], **nameless)) == "reason_required"
    assert await outcome(board.out_of_service([episode], **nameless)) == "reason_required"
    past = clock.now_ms()
    assert await outcome(board.out_of_service([episode], until_ms=past, **WHY)) == "not_allowed"
    assert await outcome(board.unsuppress([episode], by="maria", via="api")) == "not_suppressed"
    assert await outcome(board.return_to_service([episode], by="maria", via="api")) == "in_service"
    assert await outcome(board.suppress(["no-such"], **WHY)) == "unknown"
    assert [one.id for one in board.open()] == [episode]


async def test_the_two_are_independent(board):
    """Returned to service, an alarm that logic suppresses stays suppressed; acknowledging works all the while."""
    episode = await is_active(board)
    await board.suppress([episode], **LOGIC)
    await board.out_of_service([episode], **WHY)
    await board.return_to_service([episode], by="maria", via="api")

    assert board.open() == ()
    (acknowledged,) = await board.acknowledge([episode], by="maria", via="api")
    assert acknowledged.outcome == "ok"
    assert [one.id for one in await board.listing("suppressed")] == [episode]


async def test_whoever_takes_part_does_so_in_the_same_transaction(board, db):
    """What they raise undoes the change, in memory and on disk."""
    episode = await is_active(board)
    seen = []
    board.also_in(lambda connection, changes, now_ms: seen.extend(one.kind for one in changes))
    await board.suppress([episode], **LOGIC)
    assert seen == ["suppressed"]

    def refuses(connection, changes, now_ms):
        raise RuntimeError("no")

    board.also_in(refuses)
    with pytest.raises(RuntimeError):
        await board.unsuppress([episode], by="pump-2", via="rule")
    assert board.open() == ()
    assert len(await board.standings()) == 1


async def test_what_is_put_aside_does_not_wait_for_an_acknowledgement(board, db):
    """A call that told of it has nothing left that anybody must take note of now."""
    episode = await is_active(board)

    def carry(connection):
        add_in(connection, [NewNotice(None, episode, "maria", "voice", "phone", "+46701234567", 4, 0)], 0)
        ids = [one.id for one in queued_in(connection, channel="voice", limit=1)]
        place_in(connection, ids, call_id="call-1", now_ms=0)

    await db.write(carry)
    assert await db.read(lambda c: waiting_of_call(c, "call-1", 0)) == [episode]
    await board.suppress([episode], **LOGIC)
    assert await db.read(lambda c: waiting_of_call(c, "call-1", 0)) == []

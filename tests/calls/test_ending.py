"""A call's end: one outcome, recorded once, told once, whatever is repeated, late, or forgotten."""

from __future__ import annotations

import asyncio
import time

import pytest
from sqlalchemy import delete, select
from tests.plant import MARIA, NUMBER, open_line, write_project

from tocsin.alarms.notices import NewNotice, add_in, of_call, place_in, queued_in, settle_in
from tocsin.calls import placing, store
from tocsin.calls.tables import calls, turns
from tocsin.telephony.attempt import Attempt

STATUS = "/main/system/twilio-voice/status/0"
SHORT = "\n[scripts]\nturns_per_call = 3\n"
PASSES = """
if callAction == "pass on":
    response = f"<Response><Say>{call.passOn().reason}</Say><Hangup/></Response>"
"""


@pytest.fixture
def folder(tmp_path):
    return write_project(tmp_path / "plant")


@pytest.fixture
async def line(folder):
    async with open_line(folder) as line:
        yield line


def watched(line):
    """Have the ends of calls noted as they are told."""
    ends = []
    line.gateway.services.ended_in = lambda conn, call, outcome, now_ms: ends.append((call.id, outcome))
    return ends


async def row_of(line, sid):
    query = select(calls).where(calls.c.sid == sid)
    return await line.gateway.services.db.read(lambda c: c.execute(query).mappings().one())


async def acknowledges(caller):
    """Hear the one alarm there is and acknowledge it."""
    await caller.dials()
    await caller.presses("4711#")
    while "Press 1" not in caller.hears:
        await caller.stays_silent()
    return await caller.presses("1")


async def over(caller, **more):
    """Have Twilio tell of a call's end."""
    fields = {"CallStatus": "completed", "CallDuration": "20", "Duration": "1", "SequenceNumber": "3"} | more
    return await caller.line.post(STATUS, caller.fields(**fields))


async def test_an_acknowledging_call_ends_acked(line):
    """Outcome, reason, end and length stand with the call, and whoever planned it is told."""
    ends = watched(line)
    await line.raise_alarm()
    maria = await acknowledges(line.call_from(MARIA))

    await maria.hangs_up()

    row = await row_of(line, maria.sid)
    assert ends == [(row["id"], "acked")]
    assert (row["outcome"], row["duration_s"], row["billed_minutes"]) == ("acked", 20, 1)
    assert row["outcome_why"] == "acknowledged 1 and left nothing to acknowledge"
    assert row["ended_ms"]


async def test_repeated_late_and_reordered_events_end_a_call_once(line):
    """Twilio may tell of an end more than once, and of the ringing after it."""
    ends = watched(line)
    maria = await line.call_from(MARIA).dials()

    await over(maria)
    await over(maria)
    await over(maria, CallStatus="busy", SequenceNumber="9")
    await over(maria, CallStatus="ringing", SequenceNumber="1")

    assert [outcome for _, outcome in ends] == ["hung-up"]
    assert (await row_of(line, maria.sid))["outcome"] == "hung-up"


async def test_two_last_events_at_once_end_a_call_once(line):
    """What follows a call's end happens once, even where events overtake each other."""
    ends = watched(line)
    maria = await line.call_from(MARIA).dials()

    await asyncio.gather(*(over(maria, SequenceNumber=str(number)) for number in range(8)))

    assert len(ends) == 1


async def test_a_call_that_ends_beside_its_first_turn_is_ended(line, monkeypatch):
    """Twilio's last event is not known to belong to a call yet, and is not on disk when the call looks for it."""
    maria = line.call_from(MARIA)
    ledger, looks = line.gateway.ledger, asyncio.Event()
    found = ledger.find

    async def finds(services, hook, *, begin):
        call = await found(services, hook, begin=begin)
        if not begin:
            looks.set()
            await turn  # the whole first turn passes between looking for the call and writing its end
        return call

    async def first_turn():
        await looks.wait()
        await maria.dials()

    turn = asyncio.ensure_future(first_turn())
    monkeypatch.setattr(ledger, "find", finds)
    assert (await over(maria)).status_code == 204

    assert (await row_of(line, maria.sid))["outcome"] == "hung-up"
    await maria.stays_silent()
    assert maria.is_over


async def test_what_a_process_has_forgotten_is_read_from_the_database(folder):
    """A restart between the acknowledgement and the call's end does not change how it ended."""
    async with open_line(folder) as line:
        await line.raise_alarm()
        await line.raise_alarm("Plant/Door")
        maria = line.call_from(MARIA)
        await maria.dials()
        await maria.presses("0000#")
        await maria.presses("4711#")
        while "for all that you have heard" not in maria.hears:
            await maria.stays_silent()
        await maria.presses("1")
    async with open_line(folder) as line:
        ends = watched(line)
        maria.line = line
        await maria.hangs_up()
        assert [outcome for _, outcome in ends] == ["partly-acked"]
    async with open_line(folder) as line:
        ends = watched(line)
        maria.line = line
        await maria.hangs_up()
        assert ends == []
        assert (await row_of(line, maria.sid))["outcome"] == "partly-acked"


@pytest.mark.parametrize("forgets", [False, True])
async def test_wrong_pins_are_remembered(folder, forgets):
    """No restart makes a call in which PINs were guessed look like a silent one."""
    async with open_line(folder) as line:
        await line.raise_alarm()
        maria = await line.call_from(MARIA).dials()
        await maria.presses("1234#")
        await maria.presses("4321#")
        if not forgets:
            await maria.hangs_up()
    if forgets:
        async with open_line(folder) as line:
            maria.line = line
            await maria.hangs_up()
    async with open_line(folder) as line:
        row = await row_of(line, maria.sid)
    assert (row["outcome"], row["outcome_why"]) == ("pin-failed", "no right PIN, wrong ones: 2")


async def test_a_locked_phone_ends_its_call_locked(folder):
    """Also where the process that refused the PIN is gone when the call ends."""
    async with open_line(folder) as line:
        await line.raise_alarm()
        for _ in range(2):
            maria = await line.call_from(MARIA).dials()
            for pin in ("1234#", "4321#", "2143#"):
                await maria.presses(pin)
                if maria.is_over or "locked" in maria.hears:
                    break
    async with open_line(folder) as line:
        maria.line = line
        await maria.hangs_up()
        assert (await row_of(line, maria.sid))["outcome"] == "locked"


async def test_a_machine_is_nobody_until_a_key_is_pressed(line):
    """Machine detection errs; a key never does."""
    mailbox = await line.call_from(MARIA).dials()
    person = line.call_from(MARIA)
    await line.raise_alarm()
    await person.dials()
    await person.presses("4711#")

    await over(mailbox, AnsweredBy="machine_end_beep")
    await over(person, AnsweredBy="machine_start")

    assert (await row_of(line, mailbox.sid))["outcome"] == "voicemail"
    assert (await row_of(line, person.sid))["outcome"] == "notified-no-ack"


async def test_a_call_beyond_its_budget_ends_when_we_end_it(tmp_path):
    """What follows does not wait for Twilio's event, and that event does not end the call again."""
    async with open_line(write_project(tmp_path / "plant", more=SHORT)) as line:
        ends = watched(line)
        await line.raise_alarm()
        maria = await line.call_from(MARIA).dials()
        for _ in range(4):
            await maria.turn("/main/system/twilio-voice/answer/0")

        assert [outcome for _, outcome in ends] == ["answered-silent"]
        assert (await row_of(line, maria.sid))["ended_ms"] is None

        await maria.hangs_up()
        row = await row_of(line, maria.sid)
        assert len(ends) == 1
        assert (row["outcome"], row["duration_s"]) == ("answered-silent", 20)
        assert row["ended_ms"]


async def test_what_follows_is_in_the_same_transaction(line):
    """Where it fails nothing of the end is kept, and Twilio is asked to tell again."""
    maria = await line.call_from(MARIA).dials()

    def fails(conn, call, outcome, now_ms):
        raise RuntimeError("a fault of ours")

    line.gateway.services.ended_in = fails
    assert (await over(maria)).status_code == 503

    ends = watched(line)
    assert (await over(maria)).status_code == 204
    assert [outcome for _, outcome in ends] == ["hung-up"]


class Refusing:
    """A way out that takes no call."""

    async def place(self, number, *, profile, **request):
        return Attempt("refused", why="not a telephone number", code=21211)


async def test_a_call_twilio_refuses_ends_at_once(line):
    """No event will ever tell of it, so the refusal itself is the end."""
    ends = watched(line)
    services = line.gateway.services
    services.dialler = Refusing()

    call, why = await placing.place(
        services, line.gateway.ledger, services.lines["phone"], None, "+46700000000"
    )

    row = await services.db.read(
        lambda c: c.execute(select(calls).where(calls.c.id == call.id)).mappings().one()
    )
    assert why == "not a telephone number"
    assert ends == [(call.id, "failed-number")]
    assert (row["outcome"], row["state"], row["code"]) == ("failed-number", "refused", 21211)
    assert row["ended_ms"]


def carried(maria, line, episodes):
    """Have a call of Maria's carry notices, as whoever places it does."""

    async def bind():
        row = await row_of(line, maria.sid)

        def work(conn):
            news = [NewNotice("run", one, "maria", "voice", "phone", MARIA, 3, 0) for one in episodes]
            add_in(conn, news, 0)
            ids = [one.id for one in queued_in(conn, channel="voice", limit=9)]
            place_in(conn, ids, call_id=row["id"], now_ms=0)
            return ids

        return await line.gateway.services.db.write(work)

    return bind()


async def test_whom_somebody_else_spared_ends_cancelled(line):
    """The phone rang for an alarm that was acknowledged elsewhere before anybody was told."""
    episode = await line.raise_alarm()
    maria = await line.call_from(MARIA).dials()
    ids = await carried(maria, line, [episode])
    await line.gateway.services.db.write(lambda c: settle_in(c, ids, outcome="cancelled-by-ack", now_ms=1))

    await over(maria, CallStatus="canceled")

    assert (await row_of(line, maria.sid))["outcome"] == "cancelled-by-ack"


async def test_alarms_of_the_call_that_still_wait_make_it_partly(line):
    """Two alarms were carried, one was heard and acknowledged: the other one goes on."""
    first = await line.raise_alarm()
    maria = await acknowledges(line.call_from(MARIA))
    second = await line.raise_alarm("Plant/Door")
    await carried(maria, line, [first, second])
    heard = await line.gateway.services.db.read(
        lambda c: of_call(c, c.execute(select(calls.c.id)).scalar_one())
    )

    await maria.hangs_up()

    assert {one.episode_id for one in heard} == {first, second}
    assert (await row_of(line, maria.sid))["outcome"] == "partly-acked"


async def test_passing_on_is_one_transaction_with_what_it_does(tmp_path):
    """It is said to be done only where somebody else is told; a second try is a new one."""
    async with open_line(write_project(tmp_path / "plant", {"pass.py": PASSES})) as line:
        asked = []
        episode = await line.raise_alarm()
        services = line.gateway.services

        def nobody_left(conn, person, episode_ids, now_ms):
            asked.append((person, episode_ids))
            return len(asked) > 1

        services.pass_on_in = nobody_left
        maria = line.call_from(MARIA)
        path = "/main/system/twilio-voice/pass%20on/0"

        assert "not_recorded" in await maria.turn(path)
        assert not (await row_of(line, maria.sid))["passed"]
        assert "ok" in await maria.turn(path)
        assert asked == [("maria", [episode])] * 2

        await maria.hangs_up()
        row = await row_of(line, maria.sid)
        assert (row["passed"], row["outcome"]) == (True, "passed")


async def test_what_could_not_be_passed_on_is_not_asked_for_again_by_a_repeat(tmp_path):
    """Of two alarms one may have gone to somebody else: after a crash, Twilio's repeat escalates it no further."""
    folder, asked = write_project(tmp_path / "plant", {"pass.py": PASSES}), []
    path = "/main/system/twilio-voice/pass%20on/0"
    for _ in range(2):
        async with open_line(folder) as line:
            services = line.gateway.services
            services.pass_on_in = lambda *about: bool(asked.append(about))
            if not asked:
                await line.raise_alarm()
            answer = await line.post(path, line.call_from(MARIA).fields(CallSid="CA" + "7" * 32), token="one")
            assert "not_recorded" in answer.text
            await services.db.write(lambda conn: conn.execute(delete(turns)))  # as if it died before this

    assert len(asked) == 1


async def test_the_number_called_is_kept(line):
    """A call somebody else placed has no state of placing."""
    maria = await line.call_from(MARIA).dials()
    row = await row_of(line, maria.sid)
    assert (row["own_number"], row["state"], row["possible_duplicate"]) == (NUMBER, "", False)


async def test_who_hangs_up_in_the_first_turn_has_hung_up(line, monkeypatch):
    """Twilio tells of the end while the first turn is still on its way: it belongs to the outcome."""
    looked = store.ended_ms

    def slowly(conn, **leg):
        time.sleep(0.3)  # in the thread that reads
        return looked(conn, **leg)

    monkeypatch.setattr(store, "ended_ms", slowly)
    await line.raise_alarm()
    maria = line.call_from(MARIA)
    first = asyncio.ensure_future(line.post("/main/system/twilio-voice/inbound/0", maria.fields()))
    while not line.gateway.ledger.of_leg(maria.fields()["AccountSid"], maria.sid):
        await asyncio.sleep(0.01)
    assert (await over(maria)).status_code == 204
    await first

    row = await row_of(line, maria.sid)
    assert (row["outcome"], row["outcome_why"]) == (
        "hung-up", "hung up before it was certain that a person heard an alarm",
    )  # fmt: skip

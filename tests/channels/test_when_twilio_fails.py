"""Twilio refuses, hangs, loses answers and callbacks: nobody is forgotten, and rung twice only where unavoidable."""

from __future__ import annotations

import pytest
from tests.channels.stage import BACKUP_ACCOUNT, LISTENS_AND_ACKNOWLEDGES, open_stage
from tests.plant import ACCOUNT, JON, MARIA, TOKEN

pytestmark = pytest.mark.anyio


def with_failover(toml):
    return toml.replace("[voice_profiles.phone]", '[voice_profiles.phone]\nfailover = "backup"')


@pytest.fixture
async def doubled(tmp_path):
    """A stage with a second account to fall back on."""
    async with open_stage(tmp_path, edit=with_failover) as stage:
        yield stage


async def test_an_answer_lost_after_placing_rings_once(stage):
    """Twilio took the call and said 500. The phone rings, its webhooks name the call, nobody is rung again."""
    stage.emulator.put_phone(MARIA, {"answer": "auto", "steps": LISTENS_AND_ACKNOWLEDGES})
    stage.emulator.faults.add("500 after placing", match={"path": "/Calls.json", "method": "POST"})
    await stage.notify("maria", await stage.alarm())
    await stage.waits(180)
    assert stage.rings(MARIA) == 1
    (call,) = await stage.calls()
    assert (call["state"], call["outcome"], call["possible_duplicate"]) == ("placed", "acked", False)
    assert await stage.outcomes() == ["acked"]


@pytest.mark.parametrize("lag_s", [0, 3, 8])
async def test_a_call_is_found_in_the_list_although_no_callback_tells_of_it(stage, lag_s):
    """The answer is lost, and every callback too; Twilio's list shows the call some seconds late."""
    stage.emulator.put_phone(MARIA, {"answer": "no-answer"})
    stage.emulator.faults.add("500 after placing", match={"path": "/Calls.json", "method": "POST"})
    stage.emulator.faults.add("callback lost", times=None)
    if lag_s:
        stage.emulator.faults.add(f"list lags {lag_s} s")
    await stage.notify("maria", await stage.alarm())
    await stage.waits(180)
    assert stage.rings(MARIA) == 1
    assert await stage.outcomes() == ["no-answer"]
    kinds = [row["kind"] for row in await stage.journal() if row["kind"].startswith("call.")]
    assert kinds == ["call.intended", "call.unknown", "call.found"]


async def test_a_request_that_never_arrived_is_repeated_and_flagged(stage):
    """A 500 before anything was placed: after two looks at the list the person is called, marked as doubtful."""
    stage.emulator.put_phone(MARIA, {"answer": "no-answer"})
    stage.emulator.faults.add("500", match={"path": "/Calls.json", "method": "POST"})
    await stage.notify("maria", await stage.alarm())
    await stage.waits(120)
    first, second = await stage.calls()
    assert (first["state"], first["outcome"]) == ("unknown", "failed-provider")
    assert second["possible_duplicate"]
    assert 5_000 <= second["started_ms"] - first["started_ms"] <= 20_000
    assert stage.rings(MARIA) == 1
    assert await stage.outcomes() == ["no-answer"]


@pytest.mark.parametrize("fault", ["reset after placing", "hang after 1 s", "truncated response"])
async def test_other_ways_to_lose_an_answer(stage, fault):
    """Whatever becomes of the answer, a call that was placed is not placed again."""
    stage.emulator.put_phone(MARIA, {"answer": "no-answer"})
    stage.emulator.faults.add(fault, match={"path": "/Calls.json", "method": "POST"})
    await stage.notify("maria", await stage.alarm())
    await stage.waits(120)
    assert stage.rings(MARIA) == 1
    assert await stage.outcomes() == ["no-answer"]


@pytest.mark.parametrize("fault", ["429", "503"])
async def test_not_now_is_asked_again_soon_and_is_no_attempt(stage, fault):
    """Twilio is busy twice; the third request places the call, for the same notice."""
    stage.emulator.put_phone(MARIA, {"answer": "no-answer"})
    stage.emulator.faults.add(fault, match={"path": "/Calls.json", "method": "POST"}, times=2)
    await stage.notify("maria", await stage.alarm())
    await stage.waits(20)
    assert [row["state"] for row in await stage.calls()] == ["refused", "refused", "placed"]
    await stage.waits(60)
    (notice,) = await stage.notices()
    assert (notice["attempt"], notice["outcome"]) == (1, "no-answer")


async def test_an_account_that_takes_nothing_is_left_at_once_for_the_next(tmp_path):
    """Wrong credentials on the first account: the same notice goes out through the second, at once."""

    def wrong_token(toml):
        return with_failover(toml).replace(f'auth_token = "{TOKEN}"', f'auth_token = "{TOKEN[::-1]}"', 1)

    async with open_stage(tmp_path, edit=wrong_token) as stage:
        stage.emulator.put_phone(MARIA, {"answer": "no-answer"})
        await stage.notify("maria", await stage.alarm())
        await stage.waits(60)
        first, second = await stage.calls()
        assert (first["state"], first["account"], first["refusal"]) == ("refused", ACCOUNT, "account")
        assert (second["state"], second["account"]) == ("placed", BACKUP_ACCOUNT)
        assert second["started_ms"] - first["started_ms"] <= 1000
        (notice,) = await stage.notices()
        assert (notice["profile"], notice["outcome"]) == ("backup", "no-answer")


async def test_an_account_busy_for_long_is_not_waited_for(doubled):
    """429 for half a minute: then the second account calls, and the first is tried again by itself later."""
    stage = doubled
    stage.emulator.put_phone(MARIA, {"answer": "no-answer"})
    stage.emulator.faults.add("429", match={"path": f"/Accounts/{ACCOUNT}/Calls.json"}, times=None)
    await stage.notify("maria", await stage.alarm())
    await stage.waits(90)
    tried = await stage.calls()
    assert tried[-1]["account"] == BACKUP_ACCOUNT
    assert tried[-1]["started_ms"] - tried[0]["started_ms"] <= 65_000
    await stage.waits(60)
    assert await stage.outcomes() == ["no-answer"]


async def test_without_a_second_account_the_run_hears_that_nobody_can_be_called(stage):
    """After half a minute of refusals, so that another way is taken."""
    stage.emulator.faults.add("429", match={"path": "/Calls.json"}, times=None)
    await stage.notify("maria", await stage.alarm())
    await stage.waits(120)
    assert await stage.outcomes() == ["failed-provider"]
    assert len(stage.heard.runs) == 1


async def test_a_number_that_does_not_exist_is_not_called_again(tmp_path):
    """Twilio says there is no such number: the contact is left out, and the run hears it at once."""
    nobody = "+15005550001"

    def moved(toml):
        return toml.replace(f'"{MARIA}"', f'"{nobody}"')

    async with open_stage(tmp_path, edit=moved) as stage:
        await stage.notify("maria", await stage.alarm(), number=nobody)
        await stage.waits(5)
        assert await stage.outcomes() == ["failed-number"]
        found = await stage.unreachable()
        assert found["voice", nobody].state == "bad"
        assert await stage.unreachable(in_s=25 * 3600) == {}


async def test_a_person_who_is_gone_from_the_configuration_is_not_called(stage):
    """Contacts are read when the call is placed, not when it was planned."""
    await stage.notify("maria", await stage.alarm(), number="+46700000000")
    await stage.waits(5)
    (notice,) = await stage.notices()
    assert (notice["outcome"], notice["why"]) == (
        "failed-number", "the number is no contact of theirs any more",
    )  # fmt: skip
    assert await stage.calls() == []


async def test_a_lost_final_callback_is_looked_up(stage):
    """The phone rings out; Twilio's word of it never comes. The call is looked up and the line is free again."""
    stage.emulator.put_phone(MARIA, {"answer": "no-answer"})
    stage.emulator.faults.add("callback lost", match={"event": "completed"}, times=None)
    await stage.notify("maria", await stage.alarm())
    await stage.waits(40)
    assert await stage.outcomes() == [None]
    await stage.waits(90)
    assert await stage.outcomes() == ["no-answer"]
    (call,) = await stage.calls()
    assert call["ended_ms"] is not None


async def test_a_late_and_doubled_callback_changes_nothing(stage):
    """The end of the call is told late and twice; it was looked up before, and counts once."""
    stage.emulator.put_phone(MARIA, {"answer": "no-answer"})
    stage.emulator.faults.add("callback late 200 s", match={"event": "completed"})
    await stage.notify("maria", await stage.alarm())
    await stage.waits(400)
    assert await stage.outcomes() == ["no-answer"]
    assert stage.heard.runs == [f"run-{(await stage.notices())[0]['episode_id']}"]


async def test_a_crash_between_the_intent_and_the_answer_is_cleared_up_at_the_next_start(stage):
    """The process dies after Twilio took the call: the next one finds it, and rings nobody again."""
    stage.emulator.put_phone(MARIA, {"answer": "no-answer"})
    stage.emulator.faults.add("callback lost", times=None)
    died = []

    async def dies(written):
        await stage.channels.voice._requested(written)
        died.append(written)

    stage.channels.voice._ask = dies
    await stage.notify("maria", await stage.alarm())
    await stage.waits(1)
    assert [row["state"] for row in await stage.calls()] == ["intent"]
    stage.channels.voice.asking.clear()
    await stage.channels.start()
    await stage.waits(120)
    assert stage.rings(MARIA) == 1
    assert await stage.outcomes() == ["no-answer"]


async def test_what_a_call_told_while_no_process_was_there_is_looked_up_at_the_next_start(stage):
    """Its end was missed: the next process asks at once, so that nobody waits for a timer to try again."""
    stage.emulator.put_phone(MARIA, {"answer": "busy"})
    stage.emulator.faults.add("callback lost", match={"event": "completed"}, times=None)
    await stage.notify("maria", await stage.alarm())
    await stage.waits(8)
    assert await stage.outcomes() == [None]
    await stage.channels.start()
    await stage.waits(5)
    assert await stage.outcomes() == ["busy"]


async def test_two_lost_answers_to_one_number_are_each_bound_to_their_own_call(stage):
    """Twice in a row the answer is lost: each record ends with a SID of its own."""
    stage.emulator.put_phone(MARIA, {"answer": "busy"})
    stage.emulator.faults.add("500 after placing", match={"path": "/Calls.json", "method": "POST"}, times=2)
    stage.emulator.faults.add("callback lost", times=None)
    await stage.notify("maria", await stage.alarm("A"))
    await stage.waits(40)
    await stage.notify("maria", await stage.alarm("B"))
    await stage.waits(60)
    calls = await stage.calls()
    assert len({row["sid"] for row in calls}) == len(calls) == 2
    assert await stage.outcomes() == ["busy", "busy"]


async def test_a_list_that_cannot_be_read_does_not_hold_people_up(stage):
    """Neither the answer nor the list comes: after half a minute the run hears it and can go another way."""
    stage.emulator.faults.add("500", match={"path": "/Calls.json"}, times=None)
    await stage.notify("maria", await stage.alarm())
    await stage.waits(60)
    assert await stage.outcomes() == ["failed-provider"]


async def test_two_accounts_never_ring_one_person_at_once(doubled):
    """Notices through both accounts at the same moment: one call carries them all."""
    stage = doubled
    stage.emulator.put_phone(MARIA, {"answer": "no-answer"})
    await stage.notify("maria", await stage.alarm("A"))
    await stage.notify("maria", await stage.alarm("B"), profile="backup")
    await stage.notify("jon", await stage.alarm("C"), profile="backup", number=JON)
    await stage.waits(10)
    assert stage.rings(MARIA) == 1
    assert stage.rings(JON) == 1


async def test_a_process_that_stood_still_does_not_carry_out_an_old_decision(stage):
    """Stopped between the decision and the request, while another gateway may have gone on: it asks anew."""
    stage.emulator.put_phone(MARIA, {"answer": "no-answer"})
    stage.channels.station.alone = False
    voice, held = stage.channels.voice, []
    begin, voice.begin = voice.begin, held.append
    await stage.notify("maria", await stage.alarm())
    await stage.waits(1)
    voice.begin = begin
    await stage.waits(12)
    begin(held.pop())
    await stage.waits(60)
    first, second = await stage.calls()
    assert (first["state"], first["refusal"]) == ("refused", "transient")
    assert second["state"] == "placed"
    assert stage.rings(MARIA) == 1


async def test_a_call_found_after_it_was_given_up_for_lost_is_taken_back(stage):
    """The list lags longer than anybody waits: the person is rung anew, and the first call is cancelled."""
    stage.emulator.faults.add("500 after placing", match={"path": "/Calls.json", "method": "POST"})
    stage.emulator.faults.add("callback lost", times=None)
    stage.emulator.faults.add("500", match={"path": "/Calls.json", "method": "GET"}, times=7)
    await stage.notify("maria", await stage.alarm())
    await stage.waits(150)
    first, *_ = await stage.calls()
    assert (first["state"], first["outcome"]) == ("placed", "failed-provider")
    assert await stage.outcomes() == ["failed-provider"]
    assert stage.emulator.live == 0


async def test_a_call_somebody_asked_for_is_found_and_left_alone(stage):
    """The answer to a call placed on request is lost; it is found, and nobody takes it back."""
    from tocsin.calls.placing import place

    stage.emulator.faults.add("500 after placing", match={"path": "/Calls.json", "method": "POST"})
    stage.emulator.faults.add("callback lost", times=None)
    services = stage.gateway.services
    with stage.clock.hold():
        await place(services, stage.gateway.ledger, services.lines["phone"], None, JON)
    await stage.waits(120)
    (call,) = await stage.calls()
    assert (call["state"], call["outcome"]) == ("placed", "no-answer")
    assert [one.status for one in stage.emulator.calls] == ["no-answer"]


async def test_a_call_that_the_list_shows_too_late_is_on_record_as_it_was(stage):
    """Nobody waits so long: the person is rung anew, marked; later the record learns of the first call."""
    stage.emulator.faults.add("500 after placing", match={"path": "/Calls.json", "method": "POST"})
    stage.emulator.faults.add("callback lost", times=None)
    stage.emulator.faults.add("list lags 40 s", times=None)
    await stage.notify("maria", await stage.alarm())
    await stage.waits(180)
    first, second, *_ = await stage.calls()
    assert (first["state"], first["outcome"]) == ("placed", "failed-provider")
    assert first["sid"] == stage.emulator.calls[0].sid
    assert second["possible_duplicate"]


async def test_other_credentials_are_judged_by_what_comes_of_them(stage):
    """Whoever mends the token need not wait for an alarm: what was refused before says nothing any more."""
    station = stage.channels.station
    stage.emulator.world.accounts.auth_token = "another"
    for path in ("A", "B"):
        await stage.notify("maria", await stage.alarm(path))
        await stage.waits(30)
    assert await stage.outcomes() == ["failed-provider"] * 2
    await stage.waits(3600)
    assert [way[:2] for way in station.troubles(stage.clock.now_ms())] == [("voice", ACCOUNT)]

    file = stage.folder / "tocsin.toml"
    file.write_text(file.read_text().replace(f'auth_token = "{TOKEN}"', 'auth_token = "another"', 1))
    assert await stage.gateway.reload() == []
    await stage.waits(60)
    assert station.troubles(stage.clock.now_ms()) == []

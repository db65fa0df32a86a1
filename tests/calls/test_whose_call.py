"""A webhook always finds a call: by the id in its URL, else by its leg, else a new one begins."""

from __future__ import annotations

import pytest
import structlog
from tests.plant import ACCOUNT, JON, MARIA, STRANGER, open_line, write_project

from tocsin.calls.webhook import OWN_QUERY

TELLING = """
session["seen"] = session.get("seen", "") + callAction + " "
response = f"<Response><Say>{call.id} {call.direction} {user.name if user else 'nobody'}: {session['seen']}</Say></Response>"
"""


@pytest.fixture
async def line(tmp_path):
    """A gateway whose script says which call and whom it sees."""
    async with open_line(write_project(tmp_path / "plant", {"tell.py": TELLING})) as line:
        yield line


async def test_a_known_number_is_its_owner_and_an_unknown_one_nobody(line):
    """Who calls is known by the number alone; what they may do still needs the PIN."""
    maria = await line.call_from(MARIA).dials()
    stranger = await line.call_from(STRANGER).dials()

    assert "inbound Maria Lind" in maria.hears
    assert "inbound nobody" in stranger.hears


async def test_turns_of_one_leg_are_one_call(line):
    """Without an id in the URL, the CallSid keeps a conversation together."""
    maria = await line.call_from(MARIA).dials()

    await maria.turn("/main/system/twilio-voice/menu/0")

    assert maria.hears.endswith("inbound menu")


async def test_an_unknown_id_counts_as_0(line):
    """Nothing is answered 404: a call with an id nobody knows is found by its leg."""
    maria = await line.call_from(MARIA).dials()

    await maria.turn("/main/system/twilio-voice/menu/no-such-call")

    assert maria.hears.endswith("inbound menu")


async def test_an_id_that_does_not_fit_the_leg_counts_as_0(line):
    """Jon's phone with the id of Maria's call does not get into Maria's call."""
    maria = await line.call_from(MARIA).dials()
    maria_id = maria.hears.split()[0]
    jon = line.call_from(JON)

    await jon.turn(f"/main/system/twilio-voice/menu/{maria_id}")

    assert "Jon Berg" in jon.hears
    assert maria_id not in jon.hears


async def test_a_child_leg_belongs_to_its_parents_call(line):
    """The callee of a Dial has a CallSid of its own and names its parent's."""
    maria = await line.call_from(MARIA).dials()
    child = line.call_from(JON)

    answer = await line.post("/main/system/twilio-voice/whisper/0", child.fields(ParentCallSid=maria.sid))

    assert maria.hears.split()[0] in answer.text
    assert "inbound whisper" in answer.text


async def test_both_slash_forms_and_get_answer(line):
    """A slash at the end never leads to a redirect, which would lose the form."""
    maria = line.call_from(MARIA)

    await maria.turn("/main/system/twilio-voice/answer/0/")

    assert "Maria Lind" in maria.hears


async def test_another_account_is_refused(line):
    """A webhook of an account no profile names is not ours, whatever its signature."""
    fields = {**line.call_from(MARIA).fields(), "AccountSid": ACCOUNT.replace("5e", "ff", 1)}

    answer = await line.post("/main/system/twilio-voice/answer/0", fields)

    assert answer.status_code == 403


async def test_the_callers_name_of_an_action_reaches_scripts_decoded(line):
    """An action may have any name; escapes in the path are decoded for scripts and signed as sent."""
    maria = line.call_from(MARIA)

    await maria.turn("/main/system/twilio-voice/anl%C3%A6gg%2Fto/0")

    assert "anlægg/to" in maria.hears


@pytest.mark.parametrize("name", sorted(OWN_QUERY))
async def test_a_query_of_a_scripts_own_never_passes_for_tocsins(tmp_path, name):
    """A turn that came with `wait` would not count what was read out as heard: the author is told instead."""
    script = f"response = f'<Response><Redirect>{{call.url(\"menu\", {name}=1)}}</Redirect></Response>'"
    async with open_line(write_project(tmp_path / "plant", {"10_menu.py": script})) as line:
        with structlog.testing.capture_logs() as logged:
            maria = await line.call_from(MARIA).dials()

        (failed,) = [one for one in logged if one["event"] == "script-failed"]
        assert "step, turn, wait are tocsin's own in a URL; use other names" in failed["message"]
        assert "alarm system of Riverside" in maria.hears


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ('"lang", msg="x"', "Twilio sends msg itself; choose another name, such as my_msg"),
        ('"lang", Language="sv"', "Twilio sends Language itself; choose another name, such as my_Language"),
        ('"lang", Digits=1', "Twilio sends Digits itself"),
        ('"lang", From="me"', "Twilio sends From itself"),
        ('"status"', "the action status reaches no script; choose another, such as my_status"),
        ('"amd"', "the action amd reaches no script"),
        ('"fallback"', "the action fallback reaches no script"),
    ],
)
async def test_a_url_that_would_not_come_back_fails_where_it_is_written(tmp_path, written, sentence):
    """Its webhook would be refused, or reach no script, and the call would end in the middle of it."""
    script = f"response = f'<Response><Redirect>{{call.url({written})}}</Redirect></Response>'"
    async with open_line(write_project(tmp_path / "plant", {"10_menu.py": script})) as line:
        with structlog.testing.capture_logs() as logged:
            maria = await line.call_from(MARIA).dials()

        (failed,) = [one for one in logged if one["event"] == "script-failed"]
        assert sentence in failed["message"]
        assert "alarm system of Riverside" in maria.hears


async def test_a_call_url_may_be_pasted_into_written_twiml(tmp_path):
    """An author who writes TwiML as text need not know that a URL's ampersand wants escaping."""
    script = 'response = f\'<Response><Gather action="{call.url("menu", a=1, b=2)}"/></Response>\''
    async with open_line(write_project(tmp_path / "plant", {"paste.py": script})) as line:
        maria = await line.call_from(MARIA).dials()

        assert "a=1&amp;b=2&amp;turn=2#rc=2&amp;rp=all" in maria.twiml
        await maria.presses("1")

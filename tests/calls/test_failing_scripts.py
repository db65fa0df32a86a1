"""Whatever a project's script does wrong, the default answers the same turn and the author is told where."""

from __future__ import annotations

import json

import pytest
import structlog
from tests.plant import BASE, MARIA, NUMBER, open_line, write_project

from tocsin.calls import placing, store

FAILURES = {
    "an exception": ("response = alarms[7].name", "exception", 1),
    "an endless loop": ("\n\nwhile True:\n    pass", "cpu", 3),
    "no TwiML": ("response = 'not xml'", "twiml", 0),
    "a wrong type": ("response = 42", "output", 0),
    "a verb nobody allowed": ("response = '<Response><Connect/></Response>'", "twiml", 0),
    "a redirect to a foreign host": (
        "response = '<Response><Redirect>https://evil.example.com/x</Redirect></Response>'",
        "twiml",
        0,
    ),
    "a call to a foreign number": ("response = '<Response><Dial>+15550001111</Dial></Response>'", "twiml", 0),
    "a session that is no JSON": ("session['x'] = {1, 2}\nresponse = '<Response/>'", "output", 0),
    "a session that is too large": ("session['x'] = 'x' * 9000", "output", 0),
    "too many host calls": ("for n in range(40):\n    system.twilio.getUser(n)", "host-calls", 2),
}


async def last_turn(line, sid):
    """Return the record of the newest turn of a call."""
    await line.gateway.services.db.flush()

    def read(conn):
        known = next(one["id"] for one in store.recent(conn, 50) if one["sid"] == sid)
        return store.trace(conn, known)["turns"][-1]

    return await line.gateway.services.db.read(read)


@pytest.mark.parametrize("what", FAILURES)
async def test_the_default_answers_the_same_turn(tmp_path, what):
    """The caller hears the default's greeting; the record says what failed, and in which line."""
    source, kind, at = FAILURES[what]
    async with open_line(write_project(tmp_path / "plant", {"10_wrong.py": source})) as line:
        await line.raise_alarm()
        maria = await line.call_from(MARIA).dials()

        assert "This is the alarm system of Riverside." in maria.hears
        turn = await last_turn(line, maria.sid)
        failure = json.loads(turn["failure"])
        assert turn["answered"] == "default-after-failure"
        assert failure["kind"] == kind, failure
        if at:
            assert (failure["file"], failure["line"]) == ("10_wrong.py", at)
        assert failure["message"]


@pytest.mark.parametrize(("end", "at"), [("", 2), ("    response = '<Response/>'\n", 0)])
async def test_refused_twiml_is_told_at_its_line_where_that_is_known(tmp_path, end, at):
    """Of several lines that assign a response nobody knows which ran; a wrong one is looked at in vain."""
    source = "if callAction == 'inbound':\n    response = '<Response><Connect/></Response>'\n"
    source += "elif callAction == 'menu':\n    pass\n" + end
    async with open_line(write_project(tmp_path / "plant", {"10_wrong.py": source})) as line:
        maria = await line.call_from(MARIA).dials()

        failure = json.loads((await last_turn(line, maria.sid))["failure"])
        assert (failure["kind"], failure["file"], failure["line"]) == ("twiml", "10_wrong.py", at)


async def test_what_an_earlier_script_answered_is_dropped(tmp_path):
    """A chain fails as a whole: half an answer is none."""
    scripts = {
        "10_right.py": "response = '<Response><Say>half</Say></Response>'",
        "20_wrong.py": "response = response + undefined_name",
    }
    async with open_line(write_project(tmp_path / "plant", scripts)) as line:
        maria = await line.call_from(MARIA).dials()

        assert "half" not in maria.twiml
        assert "alarm system" in maria.hears


async def test_effects_before_the_failure_stay(tmp_path):
    """An acknowledgement that is on disk is not undone by what the script does next."""
    script = "if callAction == 'ack':\n    call.acknowledge(pin='4711')\n    response = undefined_name"
    async with open_line(write_project(tmp_path / "plant", {"10.py": script})) as line:
        episode = await line.raise_alarm()
        maria = line.call_from(MARIA)

        await maria.turn("/main/system/twilio-voice/ack/0")

        found = await line.gateway.services.board.find(episode)
        assert found.acked_by == "maria"


async def test_a_script_answers_only_the_actions_it_cares_about(tmp_path):
    """A response left blank is the default's to give, and each script sees what the one before left."""
    scripts = {
        "10_greet.py": "if callAction == 'inbound':\n    response = '<Response><Say>Pump house</Say></Response>'",
        "20_wrap.py": "if response:\n    response = response.replace('house', 'station')",
        "30_blank.py": "if callAction == 'pin':\n    response = '  \\n '",
    }
    async with open_line(write_project(tmp_path / "plant", scripts)) as line:
        maria = await line.call_from(MARIA).dials()
        assert maria.hears == "Pump station"

        await maria.turn("/main/system/twilio-voice/pin/0")
        assert "PIN" in maria.hears


async def test_a_bad_caller_name_cannot_put_verbs_into_an_answer(tmp_path):
    """Markup in a parameter that a script forgot to escape is refused, not obeyed."""
    script = "response = '<Response><Say>Hello ' + params['CallerName'] + '</Say></Response>'"
    async with open_line(write_project(tmp_path / "plant", {"10.py": script})) as line:
        maria = line.call_from(MARIA)

        await maria.turn(
            "/main/system/twilio-voice/answer/0", CallerName="</Say><Redirect>/x</Redirect><Say>"
        )

        assert "alarm system" in maria.hears
        assert "<Redirect>/x" not in maria.twiml


async def test_calls_go_on_when_no_worker_is_left(tmp_path):
    """With the sandbox gone, the shipped default answers in the gateway itself and still acknowledges."""
    async with open_line(write_project(tmp_path / "plant", {"10.py": "response = ''"})) as line:
        episode = await line.raise_alarm()
        await line.gateway.services.sandbox.aclose()
        maria = await line.call_from(MARIA).dials()

        await maria.presses("4711#")
        await maria.stays_silent()
        await maria.presses("1")

        assert maria.hears == "Acknowledged. Goodbye.", maria.story()
        assert (await line.gateway.services.board.find(episode)).acked_by == "maria"
        assert (await last_turn(line, maria.sid))["answered"] == "default-in-process"


async def test_a_call_without_end_is_ended(tmp_path):
    """Beyond its budget of turns a call hears a sentence and is hung up."""
    more = "\n[scripts]\nturns_per_call = 3\n"
    folder = write_project(
        tmp_path / "plant",
        {
            "10.py": "response = '<Response><Gather action=\"' + call.url('x').replace('&', '&amp;') + '\"/></Response>'"
        },
        more=more,
    )
    async with open_line(folder) as line:
        maria = await line.call_from(MARIA).dials()
        for _ in range(3):
            await maria.presses("1")

        assert "too many turns" in maria.hears
        assert maria.is_over


async def test_how_long_it_rang_is_not_talked(tmp_path):
    """Whoever answers late hears the alarm, and has the call's minutes from then on."""
    folder = write_project(tmp_path / "plant", more="\n[scripts]\ncall_minutes = 1\n")
    toml = (folder / "tocsin.toml").read_text()
    (folder / "tocsin.toml").write_text(toml.replace('project = "."\n', 'project = "."\nring_seconds = 65\n'))
    async with open_line(folder) as line:
        await line.raise_alarm()
        services = line.gateway.services
        call = placing.outbound(services, services.lines["phone"], services.directory.owner(MARIA), MARIA)
        call.started_ms -= 62_000
        await services.db.write(lambda conn: placing.intend_in(conn, call))
        call.stored = True
        line.gateway.ledger.keep(services, call)
        maria = line.call_from(MARIA)
        told = {"From": NUMBER, "To": MARIA, "Direction": "outbound-api"}
        answer = await line.post(f"/main/system/twilio-voice/answer/{call.id}", maria.fields(**told))

        assert "<Gather" in answer.text, answer.text
        assert call.outcome is None


async def test_that_twilio_could_not_use_an_answer_is_told(tmp_path):
    """Somebody heard that it cannot take their answer; the log says which address failed, and how."""
    with structlog.testing.capture_logs() as said:
        async with open_line(write_project(tmp_path / "plant")) as line:
            maria = line.call_from(MARIA)
            why = {
                "ErrorCode": "11200",
                "ErrorUrl": f"{BASE}/main/system/twilio-voice/menu/xyz?turn=3&n=4711",
            }
            answer = await line.post("/main/system/twilio-voice/fallback/xyz", maria.fields(**why))

    assert "cannot take your answer" in answer.text
    (line,) = [one for one in said if one["event"] == "fallback-answered"]
    assert (line["call"], line["code"]) == ("xyz", "11200")
    assert line["url"] == "/main/system/twilio-voice/menu/xyz"


@pytest.mark.parametrize("ends", ["1 // 0", "pass"])
async def test_a_wrong_pin_counts_once_however_many_look_at_it(tmp_path, ends):
    """The script that asked fails or says nothing, and the default looks too: one try, of five."""
    folder = write_project(
        tmp_path / "plant", {"10.py": f"if callAction == 'pin':\n    call.acknowledge(Digits)\n    {ends}\n"}
    )
    async with open_line(folder) as line:
        await line.raise_alarm()
        maria = await line.call_from(MARIA).dials()
        for _ in range(3):
            await maria.presses("8264#")
        tries = await line.gateway.services.db.read(
            lambda conn: conn.exec_driver_sql(
                "select count(*) from ts_pin_failure where subject = 'user:maria'"
            ).scalar()
        )
        assert tries == 3, maria.story()

        again = await line.call_from(MARIA).dials()
        await again.presses("4711#")
        assert "locked" not in again.hears, again.story()
        assert "not recognised" not in again.hears, again.story()

"""Commands about people and what they are told, against a running gateway whose phones are emulated."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import threading

import pytest
from tests.cli.beside import beside
from tests.plant import JON, MARIA, TOKEN, write_project

from tocsin.clock import ScaledClock
from tocsin.emulator import Emulator
from tocsin.emulator.serve import served
from tocsin.gateway import checks
from tocsin.gateway.gateway import Gateway
from tocsin.gateway.serving import bound, running

PUMP = "Plant/Pump 2/High level"
MORE = f"""
[message_profiles.text]
twilio_profile = "plant"
[[users.maria.contacts]]
type = "sms"
value = "{MARIA}"
[users.eve]
id = 9
areas = ["Plant/Dam"]
[[users.eve.contacts]]
type = "sms"
value = "+46701112233"
[schedules.never]
days = ["mon"]
from = "03:00"
to = "03:01"
[rosters.night]
users = ["jon"]
schedule = "never"
[rosters.dam]
users = ["eve", "jon"]
"""


def phoned(folder, speed=50):
    """Run an emulator and a gateway over a folder beside the test; give both."""

    @contextlib.asynccontextmanager
    async def opened(stage):
        clock = ScaledClock(1 / speed)
        stage.emulator = Emulator(clock=clock, auth_token=TOKEN)
        sock = bound("127.0.0.1:0")
        address = f"127.0.0.1:{sock.getsockname()[1]}"
        async with served(stage.emulator, port=0) as url:
            stage.gateway = Gateway(
                folder, listen=address, dev=True, clock=clock, emulator_url=url, loaded=checks.read(folder)
            )
            async with running(stage.gateway, sock):
                yield

    return beside(opened)


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """Maria, Jon and Eve, with phones; external_hostname left out so that the emulator reaches the gateway."""
    folder = write_project(tmp_path_factory.mktemp("cli") / "plant", more=MORE)
    text = (folder / "tocsin.toml").read_text()
    (folder / "tocsin.toml").write_text(re.sub(r"external_hostname = .*\n", "", text))
    with phoned(folder) as stage:
        stage.folder = folder
        yield stage


@pytest.fixture
def typed(tocsin, plant, monkeypatch):
    """Run a command in the plant's folder."""
    monkeypatch.chdir(plant.folder)
    monkeypatch.setenv("COLUMNS", "80")
    return tocsin


def texts_at(plant, number):
    """Give the texts a phone has received."""
    asked = asyncio.run_coroutine_threadsafe(_read(plant, number), plant.loop)
    return [entry["text"] for entry in asked.result(10) if entry["kind"] == "sms-in"]


async def _read(plant, number):
    return plant.emulator.phone(number)["transcript"]


# ------------------------------------------------------------------ send


def test_send_texts_a_number(typed, plant):
    """Once; the phone has it, and a program reads the SID."""
    done = typed("send", MARIA, "Pump 2 runs dry.")

    assert (done.code, done.out) == (0, f"ok  sent to {MARIA}\n")
    sent = json.loads(typed("send", MARIA, "And again.", "--by", "jon", "--json").out)
    assert (sent["sent"], sent["sid"][:2], sent["error"]) == (True, "SM", None)


def test_send_texts_a_roster(typed, plant):
    """Whoever is on call and can be texted, a line each; MESSAGE - comes from the input."""
    done = typed("send", "operations", "-", typed="Come, please.\n")

    assert (done.code, done.out) == (0, "ok  maria  +4670…67\n")
    results = json.loads(typed("send", "dam", "x", "--json").out)["results"]
    assert [(one["person"], one["number"], one["sent"]) for one in results] == [("eve", "+4670…33", True)]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["nobody", "x"], 2, "there is no roster 'nobody'; configured are: operations, night, dam"),
        (["0701234567", "x"], 2, "'0701234567' is not an E.164 number; write it like +46701234567"),
        ([MARIA, ""], 2, "MESSAGE is empty"),
        (["night", "x"], 1, "nobody is on call now: roster night is off by its schedule never"),
        ([MARIA, "x", "--by", "nobody"], 2, "there is no user 'nobody'"),
        ([MARIA], 2, "Missing argument 'MESSAGE'"),
    ],
)
def test_send_says_why_not(typed, arguments, code, says):
    """One sentence on the error stream; 1 for what was found, 2 for wrong usage."""
    done = typed("send", *arguments)

    assert (done.code, done.out) == (code, "")
    assert says in done.err


def test_a_text_twilio_refuses_is_exit_code_1(typed, plant):
    """With Twilio's words."""
    put = asyncio.run_coroutine_threadsafe(_refuse_texts(plant), plant.loop)
    put.result(10)
    done = typed("send", JON, "x")

    assert done.code == 1
    assert re.match(rf"!!  {re.escape(JON)}: .*(20429|Too many)", done.out, re.IGNORECASE), done.out


async def _refuse_texts(plant):
    plant.emulator.faults.put([{"match": JON, "fault": "429"}])


# ------------------------------------------------------------------ who is on call


def test_oncall_lists_rosters_in_calling_order(typed):
    """On the plant's wall clock; what is off is dimmed, numbers are masked."""
    done = typed("oncall", "--at", "2026-03-25T12:00")

    assert done.code == 0
    assert done.out.splitlines() == [
        "Wednesday 2026-03-25 12:00  Europe/Stockholm",
        "",
        "operations",
        "  1  Maria Lind  phone +4670…67   sms +4670…67",
        "  2  Jon Berg    phone +4670…21",
        "",
        "night  never  until Mon 2026-03-30 03:00",
        "  nobody: roster night is off by its schedule never",
        "",
        "dam",
        "  1  eve         sms +4670…33",
        "  2  Jon Berg    phone +4670…21",
    ]


def test_oncall_about_an_alarm_marks_who_is_not_told(typed):
    """By the areas of each person; where nobody would be told it is a finding."""
    done = typed("oncall", "--alarm", PUMP)

    assert done.code == 0
    assert "alarm Plant/Pump 2/High level\n" in done.out
    assert "  1  eve         not told of this alarm\n" in done.out
    found = json.loads(typed("oncall", "--alarm", PUMP, "--json").out)
    assert found["rosters"][2]["people"][0]["told"] is False
    wrong = typed("oncall", "--at", "noon")
    assert (wrong.code, "write it like 2026-03-29T02:30" in wrong.err) == (2, True)


def test_oncall_about_an_alarm_shows_what_would_happen(typed):
    """Line by line with the reasons, under the outcomes chosen; nobody is told by asking."""
    done = typed(
        "oncall", "--at", "2026-03-25T12:00", "--alarm", PUMP,
        "--outcome", "maria=voicemail", "--outcome", "jon=acked",
    )  # fmt: skip

    assert done.code == 0
    told = done.out[done.out.index(f"{PUMP} goes active") :].splitlines()
    assert told[0] == f"{PUMP} goes active on Wednesday 2026-03-25 at 12:00:00  Europe/Stockholm"
    assert told[1] == (
        "High priority, pipeline built-in; chosen: maria=voicemail, jon=acked; all others miss"
    )
    assert "12:00:00  +0:00  call Maria Lind  +4670…67  phone  first in turn" in told
    assert re.search(r"^12:00:00  \+0:00  eve is not told  .*in none of their areas$", done.out, re.MULTILINE)
    assert "12:00:50  +0:50    Maria Lind: voicemail" in told
    assert told[-2] == "12:01:40  +1:40  the end: acknowledged by jon"
    assert "open" not in typed("alarm", "list").out
    wrong = typed("oncall", "--outcome", "maria=acked")
    assert (wrong.code, "name it with --alarm PATH" in wrong.err) == (2, True)


# ------------------------------------------------------------------ run


def test_run_prints_what_the_script_prints(typed, tmp_path):
    """To the output; what it warns of, with its place, to the error stream."""
    (tmp_path / "_names.py").write_text("CREW = ['maria', 'jon']\n")
    script = tmp_path / "crew.py"
    script.write_text(
        "import _names\n"
        "print(params['shift'], system.roster.getRosters()['operations'] == _names.CREW, user.username)\n"
        "system.util.getLogger('crew').warn('nobody at night')\n"
    )
    done = typed("run", script, "--as", "jon", "-p", "shift=day")

    assert (done.code, done.out) == (0, "day True jon\n")
    assert done.err == "crew.py:3: warning: crew: nobody at night\n"
    ran = json.loads(typed("run", script, "--as", "jon", "-p", "shift=day", "--json").out)
    assert (ran["ok"], ran["log"][0]["text"], ran["failure"]) == (True, "day True jon", None)


def test_run_writes_under_the_users_name(typed, tmp_path):
    """An acknowledgement by script stands in the alarm's story with who ran it."""
    episode = json.loads(typed("alarm", "raise", "Plant/Dam/Gate", "--json").out)["episode"]
    script = tmp_path / "take.py"
    script.write_text("system.alarm.acknowledge([params['id']], 'I am there')\n")

    assert typed("run", script, "--as", "eve", "-p", f"id={episode}").code == 0
    assert "eve acknowledged it by script: “I am there”" in typed("alarm", "show", episode).out


@pytest.mark.parametrize(
    ("source", "code", "says"),
    [
        ("x = 1\ny = x / 0\n", 1, "mine.py:2: ZeroDivisionError: division by zero\n    y = x / 0\n"),
        ("class X: pass\n", 1, "mine.py:1: Classes are not part of the script language"),
        ("call.identify('1')\n", 1, "mine.py:1: NameError"),
    ],
)
def test_run_shows_where_a_script_fails(typed, tmp_path, source, code, says):
    """File, line and source; exit code 1."""
    script = tmp_path / "mine.py"
    script.write_text(source)
    done = typed("run", script, "--as", "maria")

    assert (done.code, says in done.err) == (code, True), done.err
    nobody = typed("run", script, "--as", "nobody")
    assert (nobody.code, "there is no user 'nobody'" in nobody.err) == (2, True)


# ------------------------------------------------------------------ an alarm's story


def test_an_alarms_story(typed, plant):
    """Voicemail at Maria's, Jon acknowledges by PIN: told line by line, within the width of the terminal."""
    for number, phone in (
        (MARIA, {"answer": "machine", "after": 1}),
        (
            JON,
            {
                "answer": "auto", "after": 1,
                "steps": [{"hear": "to acknowledge"}, {"press": "1"}, {"hear": "PIN"}, {"press": "9163#"}],
            },
        ),
    ):  # fmt: skip
        plant.loop.call_soon_threadsafe(plant.emulator.put_phone, number, phone)
    done = threading.Event()
    plant.loop.call_soon_threadsafe(
        plant.gateway.services.board.subscribe,
        lambda change: done.set() if change.kind == "acknowledged" and change.episode.path == PUMP else None,
    )
    episode = json.loads(typed("alarm", "raise", PUMP, "--value", "93.4", "--json").out)["episode"]
    assert done.wait(60)

    shown = typed("alarm", "show", episode)

    lines = shown.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert re.fullmatch(r"Pump 2 high level +High · active · acknowledged by jon", lines[0])
    assert lines[1] == PUMP
    told = [line[14:] for line in lines if re.match(r"  \d\d:\d\d:\d\d  ", line)]
    in_order = [
        "The alarm went active, value 93.4",
        "Calling Maria Lind on +4670…67",
        "Maria Lind's phone was answered by a machine",
        "Voicemail answered for Maria Lind: not told",
        "Calling Jon Berg on +4670…21",
        "Jon Berg pressed 1",
        "Jon Berg typed a PIN",
        "The PIN was right: it is Jon Berg",
        "Jon Berg acknowledged it by telephone",
    ]
    places = [next(at for at, text in enumerate(told) if text.strip().startswith(one)) for one in in_order]
    assert places == sorted(places)
    assert "9163" not in shown.out
    assert MARIA not in shown.out
    program = json.loads(typed("alarm", "show", episode, "--json").out)
    assert program["timeline"][0]["text"] == "The alarm went active, value 93.4"
    typed("alarm", "clear", PUMP)


def test_what_waits_and_cancel(typed):
    """The pipeline says what it waits for; a cancel ends it at once, and a second one finds it over."""
    episode = json.loads(typed("alarm", "raise", "Plant/Fan", "--json").out)["episode"]
    (run,) = json.loads(typed("alarm", "waiting", episode, "--json").out)

    shown = typed("alarm", "waiting", episode).out
    assert shown.startswith("Plant/Fan  built-in pipeline, ")
    assert f"end it with: tocsin alarm cancel {run['id']}" in shown
    done = typed("alarm", "cancel", run["id"], "--by", "maria")
    assert (done.code, done.out) == (0, f"ok  {run['id']} has ended; nobody more is told by it\n")
    assert typed("alarm", "waiting", episode).out == "nothing is waiting: no pipeline runs\n"
    again = typed("alarm", "cancel", run["id"])
    assert (again.code, "over already" in again.err) == (1, True)
    assert typed("alarm", "cancel", "nothing").code == 2
    assert "Maria Lind cancelled the pipeline: nobody more is told" in typed("alarm", "show", episode).out


def test_oncall_prints_a_roster_as_a_calendar(typed):
    """The files alone say it, so that it may be asked for where no gateway runs."""
    done = typed("oncall", "--calendar", "night", "--at", "2026-03-29T00:00")
    assert (done.code, done.out.count("BEGIN:VEVENT")) == (0, 30)  # the Mondays of thirty weeks
    assert "DTSTART:20260330T010000Z" in done.out
    assert "SUMMARY:Jon Berg: night" in done.out

    missing = typed("oncall", "--calendar", "nobody")
    assert (missing.code, missing.out) == (2, "")
    assert 'there is no roster "nobody"; configured are: operations, night, dam' in missing.err

"""Every command as somebody types it: what is printed, where, and which exit code it means."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx2
import jsonschema_rs
import pytest
from tests import terminals
from tests.plant import MARIA, open_line, write_project
from tests.serving import served

from tocsin.cli import COMMANDS
from tocsin.config import shipped
from tocsin.config.loading import read_folder

PUMP = "Plant/Pump 2/High level"


@pytest.fixture
def plant(tmp_path, tocsin):
    """A new project, made by the command."""
    assert tocsin("new", tmp_path / "plant").code == 0
    return tmp_path / "plant"


# ------------------------------------------------------------------ help


@pytest.mark.parametrize(
    "command",
    ["", *COMMANDS, "alarm raise", "alarm waiting", "alarm cancel", "token create", "pin set", "user add"],
)
def test_every_command_explains_itself(tocsin, command):
    """With --help and -h it says in a sentence what it does, and what each option is for."""
    done = tocsin(*command.split(), "--help")

    assert done.code == 0
    assert done.out.startswith(f"Usage: tocsin {command}".rstrip())
    assert done.out == tocsin(*command.split(), "-h").out
    sentence = done.out.split("\n\n")[1].strip()
    assert sentence[0].isupper(), sentence
    assert sentence.split("\n\n")[0].rstrip().endswith("."), sentence
    options = done.out.partition("Options:")[2]
    assert not re.search(r"^  (?:-\w, )?--[\w-]+(?: [A-Z]+)?$(?!\n {6})", options, re.MULTILINE), options


def test_the_list_of_commands_is_theirs(tocsin):
    """Each is listed with its purpose, and the version can be asked for."""
    listed = tocsin("--help").out

    for name, (_, what) in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(what)}$", listed, re.MULTILINE)
    assert re.fullmatch(r"tocsin \d+\.\d+\.\d+\n", tocsin("--version").out)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["serv"], 'no command "serv"; did you mean "serve"?'),
        (["call"], "Missing argument 'ACTION'"),
        (["call", "answer", "-p", "Digits"], '"Digits" is not NAME=VALUE, such as Digits=1234'),
        (["check", "no/such/folder"], "does not exist"),
        (["new"], "name the FOLDER"),
        (["alarm", "raise", "x", "--priority", "Urgent"], "'Urgent' is not one of 'Diagnostic', 'Low'"),
        (["alarm", "list"], "no gateway serves"),
        (["alarm", "raise", ""], "PATH is empty; name the alarm"),
        (["send", "operations", ""], "MESSAGE is empty"),
        (["replay", "CA0", "--scripts", "nowhere"], "does not exist"),
    ],
)
def test_wrong_usage_is_2_and_a_sentence(tocsin, tmp_path, monkeypatch, arguments, says):
    """On the error stream, so that a pipe stays clean."""
    monkeypatch.chdir(write_project(tmp_path / "plant"))

    done = tocsin(*arguments)

    assert done.code == 2
    assert says in done.err
    assert done.out == ""


@pytest.mark.parametrize("group", ["", "alarm", "audit", "db", "pin", "roster", "token", "user"])
def test_lists_of_commands_fit_a_narrow_screen(tocsin, monkeypatch, group):
    """On 80 columns no purpose is cut off, and no line is longer."""
    monkeypatch.setenv("COLUMNS", "80")
    lines = tocsin(*group.split(), "--help").out.splitlines()

    assert [line for line in lines if len(line) > 80 or (line.endswith("...") and "ARGS" not in line)] == []


# ------------------------------------------------------------------ a project's files


def test_new_makes_a_project_that_is_fine(tocsin, plant):
    """It is the sample plant, it checks, and it is not made over another one."""
    assert (plant / "twilio_scripts" / "10_greeting.py").read_text() == (
        shipped("sample_project") / "twilio_scripts" / "10_greeting.py"
    ).read_text()
    checked = tocsin("check", plant)
    assert (checked.code, checked.out) == (0, "ok  configuration, scripts and their TwiML\n")

    again = tocsin("new", plant)
    assert again.code == 2
    assert "is not empty" in again.err


def test_recipes_are_listed_and_copied(tocsin, plant):
    """Once, to run before the project's own; what is there already is left alone."""
    listed = tocsin("new", "--recipe", "list")
    assert "text_me         Text me the details" in listed.out

    copied = tocsin("new", plant, "--recipe", "text_me")

    assert copied.code == 0
    assert (plant / "twilio_scripts" / "05_text_me.py").is_file()
    assert "is there already" in tocsin("new", plant, "--recipe", "text_me").err
    assert "there are: after_hours" in tocsin("new", plant, "--recipe", "nothing").err
    assert "there is no project in" in tocsin("new", plant / "typo", "--recipe", "text_me").err
    assert not (plant / "typo").exists()


BROKEN = {
    "an unknown key": (
        "alarms.toml", lambda text: text.replace("priority", "prioritty", 1), 1,
        r'^alarms\.toml:9: .*"Plant/Pump 2/High level"\.prioritty: unknown key; did you mean "priority"\?$',
    ),
    "no TOML": ("people.toml", lambda text: "[users.\n" + text, 1, r"^people\.toml:1: .+$"),
    "a number without country code": (
        "people.toml", lambda text: re.sub(r'"\+467\d+06"', '"0701234567"', text, count=1), 1,
        r'^people\.toml:\d+: users\.maria\.contacts\[0\]\.value: "0701234567" is not an E\.164 number; write it ',
    ),
    "a class in a script": (
        "twilio_scripts/40_mine.py", lambda _: "a = 1\nclass X: pass\n", 1,
        r"^twilio_scripts/40_mine\.py:2: Classes are not part of the script language.*\n    class X: pass$",
    ),
    "a syntax error": (
        "twilio_scripts/40_mine.py", lambda _: "response = (\n", 1, r"^twilio_scripts/40_mine\.py:1: .+never closed",
    ),
    "an exception": (
        "twilio_scripts/40_mine.py", lambda _: "if Digits:\n    x = alarms[99]\n", 1,
        r"^twilio_scripts/40_mine\.py:2: .*index out of range.*tocsin call menu -p Digits=0\)\n    x = alarms\[99\]$",
    ),
    "TwiML nobody allowed": (
        "twilio_scripts/40_mine.py", lambda _: 'response = "<Response><Connect/></Response>"', 1,
        r"^twilio_scripts/40_mine\.py:1: .*scripts may not use <Connect> unless \[scripts\]\.verbs lists it",
    ),
    "TwiML that is no XML": (
        "twilio_scripts/40_mine.py", lambda _: 'response = "<Response><Say>"', 1, r"^twilio_scripts/40_mine\.py:1: ",
    ),
    "a doubtful attribute": (
        "twilio_scripts/40_mine.py", lambda _: 'response = "<Response><Say vioce=\'x\'/></Response>"', 0,
        r"^twilio_scripts/40_mine\.py: TwiML 12200: <Say> has no attribute vioce",
    ),
    "a module nobody offers, in a line no rehearsal reaches": (
        "twilio_scripts/40_mine.py", lambda _: "if callAction == 'rare':\n    import os\n", 0,
        r"^twilio_scripts/40_mine\.py:2: There is no module 'os' for scripts; they may import .*\n    import os$",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_check_says_where_what_and_what_to_do(tocsin, plant, what):
    """`file:line: sentence`, the source line below, and exit code 1 where it must be mended."""
    file, change, code, says = BROKEN[what]
    path = plant / file
    path.write_text(change(path.read_text() if path.exists() else ""))

    done = tocsin("check", plant)

    assert re.search(says, done.out, re.MULTILINE), done.out
    assert done.code == code, done.all
    assert ("to mend" in done.out) == bool(code)
    (first, *_) = json.loads(tocsin("check", plant, "--json").out)
    assert first["severity"] == ("error" if code else "warning")
    assert first["file"] in (file, "twilio_scripts/")
    assert first["message"]


def test_the_schema_accepts_what_the_sample_says(tocsin, plant):
    """It is JSON Schema, every key of the sample stands in it, and an unknown one does not."""
    schema = json.loads(tocsin("schema").out)
    jsonschema_rs.meta.validate(schema)
    files, _ = read_folder(plant)
    whole: dict[str, object] = {}
    for file in files:
        whole |= file.data

    validator = jsonschema_rs.validator_for(schema)

    assert [error.message for error in validator.iter_errors(whole)] == []
    assert list(validator.iter_errors({**whole, "gatway": {}}))


# ------------------------------------------------------------------ turns


def test_call_runs_one_turn(tocsin, plant):
    """TwiML goes to the output, the script's log, time and who answered to the error stream."""
    (plant / "twilio_scripts" / "05_log.py").write_text('print("asked for", callAction, Digits)\n')

    done = tocsin("call", "menu", "-p", "Digits=0", "--project", plant)

    assert done.code == 0
    assert done.out.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n  <')
    assert "log   05_log.py:1: info: asked for menu 0" in done.err
    assert re.search(r"(scripts|default), [\d.]+ ms", done.err)
    step = json.loads(tocsin("call", "menu", "-p", "Digits=0", "--project", plant, "--json").out)
    assert step["params"]["Digits"] == "0"
    assert step["log"] == [["05_log.py", 1, "info", "asked for menu 0"]]


def test_call_shows_a_failing_script(tocsin, plant):
    """File, line, source line; that the default answered; exit code 1; the PIN is not shown."""
    (plant / "twilio_scripts" / "05_wrong.py").write_text("\nx = 1 / int(len(Digits) - 4)\n")

    done = tocsin("call", "pin", "-p", "Digits=4711", "--project", plant, "--as", "maria")

    assert done.code == 1
    assert "05_wrong.py:2: " in done.err
    assert "    x = 1 / int(len(Digits) - 4)" in done.err
    assert "The default script answered instead." in done.err
    assert "4711" not in done.all
    assert 'there is no user "nobody"' in tocsin("call", "answer", "--as", "nobody", "--project", plant).err


async def record_a_call(folder):
    """Let Maria mistype her PIN once and acknowledge; return her CallSid."""
    async with open_line(folder) as line:
        await line.raise_alarm()
        maria = await line.call_from(MARIA).dials()
        await maria.presses("0815#")
        await maria.presses("4711#")
        await maria.stays_silent()
        await maria.presses("1")
        assert maria.hears == "Acknowledged. Goodbye."
        await maria.hangs_up()
    return maria.sid


def test_replay_tells_what_a_change_would_have_changed(tocsin, tmp_path):
    """Nothing while the scripts are as they were, PIN entries answered as then; else the turn and its lines."""
    import asyncio

    folder = write_project(tmp_path / "plant", {"10.py": "# nothing yet\n"})
    sid = asyncio.run(record_a_call(folder))

    same = tocsin("replay", sid, "--project", folder)
    assert same.code == 0, same.all
    assert "differs" not in same.out
    assert len(same.out.splitlines()) >= 7

    (folder / "twilio_scripts" / "10.py").write_text(
        "if callAction == 'ack':\n    response = '<Response><Say>Well done.</Say></Response>'\n"
    )
    changed = tocsin("replay", sid, "--project", folder)
    assert changed.code == 1
    assert changed.out.count("differs") == 1
    assert re.search(r"^turn \d+  ack +differs", changed.out, re.MULTILINE)
    assert re.search(r"^ *\+ .*Well done\.", changed.out, re.MULTILINE)
    assert re.search(r"^ *- .*Acknowledged\. Goodbye\.", changed.out, re.MULTILINE)

    steps = json.loads(tocsin("replay", sid, "--project", folder, "--json").out)
    assert [step["action"] for step in steps if step["differs"]] == ["ack"]
    assert "4711" not in json.dumps(steps)
    unknown = tocsin("replay", "CA404", "--project", folder)
    assert (unknown.code, "no call CA404 is on record" in unknown.err) == (2, True)


# ------------------------------------------------------------------ people


def test_people_are_added_and_listed(tocsin, plant):
    """What the configuration would refuse is not kept, and numbers are masked."""
    before = (plant / "people.toml").read_text()

    wrong = tocsin("user", "add", "anna", "--name", "Anna Ek", "--phone", "0701112233", "--project", plant)
    assert wrong.code == 2
    assert (
        'anna was not added: users.anna.contacts[0].value: "0701112233" is not an E.164 number' in wrong.err
    )
    assert (plant / "people.toml").read_text().strip() == before.strip()

    added = tocsin("user", "add", "anna", "--name", "Anna Ek", "--phone", "+46701112233", "--project", plant)
    assert added.code == 0
    assert added.out == "ok  anna is in people.toml with id 3; set a PIN with: tocsin pin set anna\n"
    assert "users.anna exists" in tocsin("user", "add", "anna", "--name", "x", "--project", plant).err

    listed = tocsin("user", "list", "--project", plant)
    assert re.search(r"^3 +anna +Anna Ek +none +phone \+4670…33$", listed.out, re.MULTILINE)
    people = json.loads(tocsin("user", "list", "--json", "--project", plant).out)
    assert people["anna"]["id"] == 3
    assert "pin" not in people["maria"]


def typed_at_a_terminal(*arguments: object, keys: list[str]) -> tuple[int, str]:
    """Run a command on a terminal of its own, answer each of its questions, return code and screen."""
    ours, theirs = terminals.opened()
    process = subprocess.Popen(
        [sys.executable, "-m", "tocsin", *map(str, arguments)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    os.close(theirs)
    screen, waiting = "", list(keys)
    with contextlib.suppress(OSError):
        while read := os.read(ours, 1000):
            screen += read.decode()
            if waiting and screen.rstrip(" ").endswith(":"):
                os.write(ours, waiting.pop(0).encode())
    os.close(ours)
    return process.wait(20), screen


def test_a_pin_without_a_terminal_says_that_it_may_be_seen(plant):
    """`ssh HOST tocsin pin set` gives none; a warning with a line of source helps nobody."""
    done = subprocess.run(
        [sys.executable, "-m", "tocsin", "pin", "set", "maria", "--project", plant],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        input="8264\n8264\n",
        start_new_session=True,  # no terminal of ours either
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "GetPassWarning" not in done.stderr
    assert done.stderr.count("there is no terminal here, so what is typed may show") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_output_that_no_disk_takes_is_a_sentence(plant):
    """Who exports to a full disk reads why there is nothing."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tocsin", "schema"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (2, "what this prints cannot be written: no space left\n")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--gaps", "--alarm", "A"], "--alarm and --gaps ask for different things"),
        (["--gaps", "--calendar", "operations"], "--gaps and --calendar ask for different things"),
        (["--gaps", "--at", "2026-01-13T12:00"], "leave --at out"),
        (["--days", "7"], "add --gaps"),
    ],
)
def test_options_that_do_not_go_together_are_refused(tocsin, plant, asked, said):
    """One that is dropped without a word has been answered wrongly."""
    done = tocsin("oncall", *asked, "--project", plant)
    assert (done.code, said in done.err) == (2, True), done.all


def test_a_pin_is_asked_for_and_kept_as_a_hash(tocsin, plant):
    """Typed twice and never shown; easy ones and one that somebody has are refused."""
    tocsin("user", "add", "anna", "--name", "Anna Ek", "--phone", "+46701112233", "--project", plant)

    code, screen = typed_at_a_terminal("pin", "set", "anna", "--project", plant, keys=["8264\n", "8264\n"])

    assert code == 0, screen
    assert "New PIN (4 to 8 digits)" in screen
    assert "the PIN of anna is set in people.toml" in screen
    assert "8264" not in screen
    kept = (plant / "people.toml").read_text()
    assert 'pin = "hash:' in kept
    assert "8264" not in kept
    refused = [
        ("anna", ["1234\n", "1234\n"], "this PIN is not taken: its digits are in sequence; choose another"),
        ("jon", ["8264\n", "8264\n"], "somebody else has this PIN"),
    ]
    for name, keys, why in refused:
        code, screen = typed_at_a_terminal("pin", "set", name, "--project", plant, keys=keys)
        assert (code, why in screen) == (2, True), screen
    assert 'no user "nobody"' in tocsin("pin", "set", "nobody", "--project", plant).err
    assert (plant / "people.toml").read_text() == kept


def test_pin_entry_is_unlocked(tocsin, tmp_path):
    """Five wrong tries lock Maria out; after the command her PIN is looked at again."""
    import asyncio

    folder = write_project(tmp_path / "plant")

    async def wrong_tries(then=None):
        async with open_line(folder) as line:
            await line.raise_alarm()
            maria = await line.call_from(MARIA).dials()
            for _ in range(5):
                if maria.is_over:
                    await maria.dials()
                await maria.presses("0815#")
            maria = await line.call_from(MARIA).dials()
            await maria.presses("4711#")
            assert "locked" in maria.hears, maria.story()

    async def right_try():
        async with open_line(folder) as line:
            maria = await line.call_from(MARIA).dials()
            await maria.presses("4711#")
            return maria.hears

    asyncio.run(wrong_tries())
    assert 'no user "mari"' in tocsin("pin", "unlock", "mari", "--project", folder).err
    done = tocsin("pin", "unlock", "maria", "--project", folder)
    assert (done.code, done.out) == (0, "ok  maria may enter a PIN again\n")
    assert "locked" not in asyncio.run(right_try())


# ------------------------------------------------------------------ with a running gateway


def test_alarms_and_tokens_of_a_running_gateway(tocsin, plant, monkeypatch):
    """Raised, listed, shown and cleared; a token made beside it opens its API until it is taken back."""
    monkeypatch.chdir(plant)
    with served(plant, dev=False) as (url, _):
        raised = tocsin("alarm", "raise", PUMP, "--value", "93.4")
        assert raised.code == 0
        episode = re.fullmatch(rf"ok  {PUMP} is active, episode (\S+)\n", raised.out)[1]
        again = json.loads(tocsin("alarm", "raise", PUMP, "--value", "95", "--json").out)
        assert again["episode"] == episode

        listed = tocsin("alarm", "list")
        assert re.search(rf"High +active +{PUMP} +{episode}$", listed.out, re.MULTILINE)
        (one,) = json.loads(tocsin("alarm", "list", "--json").out)
        assert (one["id"], one["value"]) == (episode, 95)

        shown = tocsin("alarm", "show", episode)
        assert re.fullmatch(r"Pump 2 high level +High · active · unacknowledged", shown.out.splitlines()[0])
        assert re.search(r"  ●  The alarm went active, value 93\.4$", shown.out, re.MULTILINE)
        assert json.loads(tocsin("alarm", "show", episode, "--json").out)["id"] == episode
        assert tocsin("alarm", "show", "nothing").code == 2

        made = tocsin("token", "create", "hmi", "--scope", "read")
        assert made.out.startswith("tocsin_")
        assert made.err == "Keep it now; tocsin has only its hash.\n"
        bearer = {"authorization": f"Bearer {made.out.strip()}"}
        assert httpx2.get(f"{url}/api/v1/alarms", headers=bearer).status_code == 200
        (row,) = json.loads(tocsin("token", "list", "--json").out)
        assert (row["name"], row["scopes"]) == ("hmi", ["read"])
        assert re.search(r"^hmi +read +20", tocsin("token", "list").out, re.MULTILINE)
        assert tocsin("token", "revoke", "hmi").out == "ok  hmi opens nothing any more\n"
        assert 'no token "hmi"' in tocsin("token", "revoke", "hmi").err
        assert "scope 'wizard' is not known" in tocsin("token", "create", "x", "--scope", "wizard").err

        cleared = tocsin("alarm", "clear", PUMP)
        assert cleared.out == f"ok  {PUMP} is cleared, episode {episode}\n"
        never = tocsin("alarm", "clear", "Plant/Never")
        assert never.all == "Plant/Never was not active; nothing changed\n"
    assert tocsin("alarm", "list").code == 2


def test_doctor_looks_and_says(tocsin, plant):
    """A line for each examination; doubts leave exit code 0, what keeps calls from working is 1."""
    done = tocsin("doctor", plant)

    assert done.code == 0, done.out
    assert re.search(r"^ok +configuration +", done.out, re.MULTILINE)
    assert re.search(r"^\?\? +profiles +plant talks to the emulator", done.out, re.MULTILINE)
    assert re.search(r"^ok +sandbox +locked", done.out, re.MULTILINE)
    checks = json.loads(tocsin("doctor", plant, "--json").out)
    assert {one["verdict"] for one in checks} <= {"ok", "doubt"}

    text = (plant / "people.toml").read_text()
    (plant / "people.toml").write_text(text.replace('["maria", "jon"]', "[]", 1))
    empty = tocsin("doctor", plant)
    assert empty.code == 1
    assert re.search(r"^!! +people +roster \w+ is empty", empty.out, re.MULTILINE)


def test_a_turn_of_scripts_that_were_not_taken_says_so(tocsin, plant):
    """The default answers, and whoever tries a first script is told why theirs did not."""
    (plant / "twilio_scripts" / "05_first.py").write_text('if callAction == "inbound"\n')

    done = tocsin("call", "inbound", "--project", plant)
    as_json = json.loads(tocsin("call", "inbound", "--project", plant, "--json").out)

    assert done.code == 1
    assert "<Response>" in done.out
    assert "twilio_scripts/05_first.py:1: " in done.err
    assert as_json["findings"][0]["line"] == 1


def test_the_demo_acknowledges_by_itself(tmp_path):
    """Without a terminal it prints the conversation and ends with the alarm acknowledged."""
    done = subprocess.run(
        [sys.executable, "-m", "tocsin", "demo", "--script"],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(path for path in sys.path if path), "TMPDIR": str(tmp_path)},
        text=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Voicemail answered for Maria Lind: not told" in done.stdout
    assert "Jon Berg acknowledged it by telephone" in done.stdout
    assert "Pump 2" in done.stdout
    assert done.stderr == ""


# ------------------------------------------------------------------ times


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_times_are_those_of_the_plants_clock(tocsin, plant, zone):
    """Wherever the machine stands and whatever its clock shows: here and there it is never the same day."""
    file = plant / "tocsin.toml"
    file.write_text(file.read_text().replace("Europe/Stockholm", zone))
    tocsin("token", "create", "hmi", "--project", plant)

    (made,) = json.loads(tocsin("token", "list", "--project", plant, "--json").out)
    at = datetime.fromisoformat(made["created"]).replace(tzinfo=ZoneInfo(zone))
    assert abs(datetime.now(ZoneInfo(zone)) - at) < timedelta(minutes=5)


# ------------------------------------------------------------------ terminals


def test_what_would_happen_fits_a_terminal_and_is_a_line_each_in_a_pipe(tocsin, plant, monkeypatch):
    """On a narrow screen a reason goes below what it is about; a program that reads finds one line for each."""
    asked = (
        "oncall",
        "--alarm",
        "Plant/Intake/Screen blocked",
        "--at",
        "2026-11-23T10:00",
        "--project",
        plant,
    )
    piped = tocsin(*asked).out.splitlines()
    assert "10:35:55  +35:55  Maria Lind is not called yet      the phone rang less than 1 min ago" in piped

    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    shown = re.sub(r"\x1b\[\d+m", "", tocsin(*asked).out).splitlines()[3:]
    assert max(map(len, shown)) <= 80
    assert " ".join(" ".join(shown).split()) == " ".join(" ".join(piped[3:]).split())
